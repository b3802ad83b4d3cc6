-- purchasing: from the wish to buy (requisition) over asking and comparing (rfq, quotation) to order, receipt and the bill of the vendor.
-- orders decide price and quantity, receipts decide what came in, invoices decide what is owed: the three are matched line by line.

create table purchase_requisitions (
  id uuid primary key default gen_random_uuid(),
  requisition_number text not null unique,
  requisition_date date not null default current_date,
  required_by_date date not null,
  requisition_type text not null default 'stock' check (requisition_type in ('stock', 'consumable', 'service', 'capital', 'job_work', 'back_to_back')),
  source text not null default 'manual' check (source in ('manual', 'reorder_level', 'demand_plan', 'sales_order', 'maintenance')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  requested_by uuid references users (id) on delete set null,
  department_id uuid references departments (id) on delete set null,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  order_id uuid references orders (id) on delete set null,
  purpose text not null,
  delivery_instructions text,
  estimated_amount numeric(19,4) not null default 0 check (estimated_amount >= 0),
  budget_available_amount numeric(19,4),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  status text not null default 'draft' check (status in ('draft', 'submitted', 'approved', 'rejected', 'partially_ordered', 'ordered', 'closed', 'cancelled')),
  submitted_at timestamptz,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  rejection_reason text,
  closed_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint purchase_requisitions_dates_ck check (required_by_date >= requisition_date),
  constraint purchase_requisitions_approval_ck check (status not in ('approved', 'partially_ordered', 'ordered') or approved_at is not null),
  constraint purchase_requisitions_rejection_ck check (status <> 'rejected' or rejection_reason is not null)
);
create index purchase_requisitions_status_required_by_idx on purchase_requisitions (status, required_by_date);
create index purchase_requisitions_warehouse_id_status_idx on purchase_requisitions (warehouse_id, status);
create index purchase_requisitions_requested_by_idx on purchase_requisitions (requested_by) where requested_by is not null;
create index purchase_requisitions_department_id_idx on purchase_requisitions (department_id) where department_id is not null;
create index purchase_requisitions_cost_center_id_idx on purchase_requisitions (cost_center_id) where cost_center_id is not null;
create index purchase_requisitions_order_id_idx on purchase_requisitions (order_id) where order_id is not null;
create index purchase_requisitions_approved_by_idx on purchase_requisitions (approved_by) where approved_by is not null;
create index purchase_requisitions_created_by_idx on purchase_requisitions (created_by) where created_by is not null;
comment on table purchase_requisitions is 'An internal request to buy: what is needed, where, by when and why. It binds nobody outside; a purchase order does.';
comment on column purchase_requisitions.order_id is 'The customer order the goods are bought for, when buying back to back.';
comment on column purchase_requisitions.budget_available_amount is 'Budget left on the cost centre when submitted; negative when already overspent.';

create table purchase_requisition_items (
  id uuid primary key default gen_random_uuid(),
  purchase_requisition_id uuid constraint purchase_requisition_items_requisition_nn not null references purchase_requisitions (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  product_id uuid references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  suggested_vendor_id uuid references vendors (id) on delete set null,
  description text not null,
  specification text,
  hsn_code text check (hsn_code ~ '^[0-9]{4}([0-9]{2}){0,2}$'),
  quantity numeric(19,6) not null check (quantity > 0),
  ordered_quantity numeric(19,6) not null default 0 check (ordered_quantity >= 0),
  cancelled_quantity numeric(19,6) not null default 0 check (cancelled_quantity >= 0),
  available_quantity numeric(19,6),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{3}$'),
  estimated_price numeric(21,9) not null default 0 check (estimated_price >= 0),
  last_purchase_price numeric(21,9) check (last_purchase_price >= 0),
  estimated_amount numeric(19,4) not null default 0 check (estimated_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  required_by_date date,
  line_status text not null default 'open' check (line_status in ('open', 'sourcing', 'partially_ordered', 'ordered', 'cancelled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint purchase_requisition_items_line_key unique (purchase_requisition_id, line_number),
  constraint purchase_requisition_items_variant_ck check (product_variant_id is null or product_id is not null),
  constraint purchase_requisition_items_cancelled_ck check (cancelled_quantity <= quantity),
  constraint purchase_requisition_items_ordered_ck check (line_status not in ('ordered', 'partially_ordered') or ordered_quantity > 0)
);
create index purchase_requisition_items_product_id_idx on purchase_requisition_items (product_id, line_status) where product_id is not null;
create index purchase_requisition_items_product_variant_id_idx on purchase_requisition_items (product_variant_id) where product_variant_id is not null;
create index purchase_requisition_items_suggested_vendor_id_idx on purchase_requisition_items (suggested_vendor_id) where suggested_vendor_id is not null;
create index purchase_requisition_items_line_status_idx on purchase_requisition_items (line_status, required_by_date);
comment on table purchase_requisition_items is 'One thing asked for in a requisition, from the catalogue or in free words, with how much of it has been ordered since.';
comment on column purchase_requisition_items.available_quantity is 'Free stock in the warehouse when the line was written, for the approver; may be negative.';

create table request_for_quotations (
  id uuid primary key default gen_random_uuid(),
  rfq_number text not null unique,
  collective_number text not null,
  purchase_requisition_id uuid references purchase_requisitions (id) on delete restrict,
  vendor_id uuid not null references vendors (id) on delete restrict,
  issue_date date not null default current_date,
  response_due_at timestamptz not null,
  offer_valid_until date,
  delivery_required_by date,
  delivery_place text,
  subject text not null,
  scope_of_supply text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  incoterm text check (incoterm in ('EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP')),
  payment_terms_offered text,
  bid_type text not null default 'open' check (bid_type in ('open', 'sealed', 'two_envelope')),
  technical_share_percent numeric(7,4) not null default 0 check (technical_share_percent between 0 and 100),
  earnest_money_amount numeric(19,4) not null default 0 check (earnest_money_amount >= 0),
  contact_email text check (contact_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  sent_via text check (sent_via in ('email', 'portal', 'whatsapp', 'post', 'hand')),
  sent_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'sent', 'quoted', 'declined', 'no_response', 'awarded', 'closed', 'cancelled')),
  decline_reason text,
  reminder_count smallint not null default 0 check (reminder_count >= 0),
  buyer_id uuid references users (id) on delete set null,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (collective_number, vendor_id),
  constraint request_for_quotations_validity_ck check (offer_valid_until >= issue_date),
  constraint request_for_quotations_delivery_ck check (delivery_required_by >= issue_date),
  constraint request_for_quotations_sent_ck check (status in ('draft', 'cancelled') or sent_at is not null)
);
create index request_for_quotations_vendor_id_status_idx on request_for_quotations (vendor_id, status);
create index request_for_quotations_status_response_due_idx on request_for_quotations (status, response_due_at);
create index request_for_quotations_purchase_requisition_id_idx on request_for_quotations (purchase_requisition_id) where purchase_requisition_id is not null;
create index request_for_quotations_buyer_id_idx on request_for_quotations (buyer_id) where buyer_id is not null;
create index request_for_quotations_created_by_idx on request_for_quotations (created_by) where created_by is not null;
comment on table request_for_quotations is 'One invitation to one vendor to quote for the lines of a requisition. Invitations with the same collective number belong to one enquiry and are compared with each other.';
comment on column request_for_quotations.technical_share_percent is 'Share of the technical score in the comparison; the rest is price. 0 means lowest price wins.';

create table vendor_quotations (
  id uuid primary key default gen_random_uuid(),
  quotation_number text not null unique,
  vendor_reference text not null,
  revision smallint not null default 1 check (revision > 0),
  request_for_quotation_id uuid references request_for_quotations (id) on delete restrict,
  vendor_id uuid not null references vendors (id) on delete restrict,
  quotation_date date not null,
  valid_until date not null,
  currency_id uuid not null references currencies (id) on delete restrict,
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  quoted_lines jsonb not null default '[]',
  subtotal_amount numeric(19,4) not null check (subtotal_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  packing_amount numeric(19,4) not null default 0 check (packing_amount >= 0),
  freight_amount numeric(19,4) not null default 0 check (freight_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  total_amount numeric(19,4) not null check (total_amount >= 0),
  base_total_amount numeric(19,4) not null check (base_total_amount >= 0),
  delivery_days smallint check (delivery_days >= 0),
  warranty_months smallint not null default 0 check (warranty_months >= 0),
  credit_days smallint not null default 0 check (credit_days >= 0),
  advance_percent numeric(7,4) not null default 0 check (advance_percent between 0 and 100),
  incoterm text check (incoterm in ('EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP')),
  technical_score_percent numeric(7,4) check (technical_score_percent between 0 and 100),
  comparison_rank smallint check (comparison_rank > 0),
  deviations text,
  document_url text,
  status text not null default 'received' check (status in ('received', 'under_evaluation', 'shortlisted', 'accepted', 'rejected', 'superseded', 'expired', 'withdrawn')),
  decision_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_quotations_vendor_reference_key unique (vendor_id, vendor_reference, revision),
  constraint vendor_quotations_dates_ck check (valid_until >= quotation_date),
  constraint vendor_quotations_discount_ck check (discount_amount <= subtotal_amount),
  constraint vendor_quotations_total_ck check (total_amount = subtotal_amount - discount_amount + packing_amount + freight_amount + tax_amount),
  constraint vendor_quotations_lines_ck check (jsonb_typeof(quoted_lines) = 'array'),
  constraint vendor_quotations_decision_ck check (status <> 'rejected' or decision_reason is not null)
);
create index vendor_quotations_request_for_quotation_id_idx on vendor_quotations (request_for_quotation_id) where request_for_quotation_id is not null;
create unique index vendor_quotations_one_accepted_key on vendor_quotations (request_for_quotation_id) where status = 'accepted';
create index vendor_quotations_currency_id_idx on vendor_quotations (currency_id);
create index vendor_quotations_status_valid_until_idx on vendor_quotations (status, valid_until);
comment on table vendor_quotations is 'The offer of one vendor in one revision, asked for by an RFQ or sent unasked. It obliges us to nothing until a purchase order takes it up.';
comment on column vendor_quotations.quoted_lines is 'The lines as the vendor offered them (requisition line, make, quantity, unit, price, remarks); their form follows the vendor, the order lines are the binding ones.';
comment on column vendor_quotations.quotation_number is 'Our own number for the offer; vendor_reference is the one printed on it.';

create table purchase_orders (
  id uuid primary key default gen_random_uuid(),
  po_number text not null unique,
  amendment_number smallint not null default 0 check (amendment_number >= 0),
  po_type text not null default 'standard' check (po_type in ('standard', 'blanket', 'drop_ship', 'job_work', 'service', 'import', 'capital', 'consignment')),
  po_date date not null default current_date,
  vendor_id uuid not null references vendors (id) on delete restrict,
  purchase_requisition_id uuid references purchase_requisitions (id) on delete restrict,
  vendor_quotation_id uuid references vendor_quotations (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  payment_term_id uuid references payment_terms (id) on delete restrict,
  approval_request_id uuid references approval_requests (id) on delete set null,
  buyer_id uuid references users (id) on delete set null,
  vendor_gstin text check (vendor_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  place_of_supply text check (place_of_supply ~ '^[0-9]{2}$'),
  reverse_charge_applies boolean not null default false,
  incoterm text check (incoterm in ('EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP')),
  incoterm_place text,
  expected_delivery_date date,
  valid_until date,
  currency_id uuid not null references currencies (id) on delete restrict,
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  subtotal_amount numeric(19,4) not null default 0 check (subtotal_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  freight_amount numeric(19,4) not null default 0 check (freight_amount >= 0),
  other_charges numeric(19,4) not null default 0 check (other_charges >= 0),
  taxable_amount numeric(19,4) not null default 0 check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  round_off numeric(19,4) not null default 0 check (round_off between -1 and 1),
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  base_total_amount numeric(19,4) not null default 0 check (base_total_amount >= 0),
  advance_percent numeric(7,4) not null default 0 check (advance_percent between 0 and 100),
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'approved', 'sent', 'acknowledged', 'closed', 'short_closed', 'rejected', 'cancelled')),
  receipt_status text not null default 'none' check (receipt_status in ('none', 'partial', 'complete')),
  invoice_status text not null default 'none' check (invoice_status in ('none', 'partial', 'complete')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  sent_at timestamptz,
  acknowledged_at timestamptz,
  closing_reason text,
  terms_and_conditions text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint purchase_orders_taxable_ck check (taxable_amount = subtotal_amount - discount_amount + freight_amount + other_charges),
  constraint purchase_orders_tax_kind_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint purchase_orders_total_ck check (total_amount = taxable_amount + case when reverse_charge_applies then 0 else cgst_amount + sgst_amount + igst_amount + cess_amount end + round_off),
  constraint purchase_orders_delivery_ck check (expected_delivery_date >= po_date),
  constraint purchase_orders_validity_ck check (valid_until >= po_date and (po_type <> 'blanket' or valid_until is not null)),
  constraint purchase_orders_approval_ck check (status not in ('approved', 'sent', 'acknowledged', 'closed', 'short_closed') or approved_at is not null),
  constraint purchase_orders_closing_ck check (status not in ('short_closed', 'cancelled', 'rejected') or closing_reason is not null)
);
create index purchase_orders_vendor_id_po_date_idx on purchase_orders (vendor_id, po_date desc);
create index purchase_orders_status_po_date_idx on purchase_orders (status, po_date desc);
create index purchase_orders_warehouse_id_receipt_status_idx on purchase_orders (warehouse_id, receipt_status, expected_delivery_date);
create index purchase_orders_purchase_requisition_id_idx on purchase_orders (purchase_requisition_id) where purchase_requisition_id is not null;
create index purchase_orders_vendor_quotation_id_idx on purchase_orders (vendor_quotation_id) where vendor_quotation_id is not null;
create index purchase_orders_company_branch_id_idx on purchase_orders (company_branch_id) where company_branch_id is not null;
create index purchase_orders_cost_center_id_idx on purchase_orders (cost_center_id) where cost_center_id is not null;
create index purchase_orders_payment_term_id_idx on purchase_orders (payment_term_id) where payment_term_id is not null;
create index purchase_orders_approval_request_id_idx on purchase_orders (approval_request_id) where approval_request_id is not null;
create index purchase_orders_buyer_id_idx on purchase_orders (buyer_id) where buyer_id is not null;
create index purchase_orders_currency_id_idx on purchase_orders (currency_id);
create index purchase_orders_approved_by_idx on purchase_orders (approved_by) where approved_by is not null;
create index purchase_orders_created_by_idx on purchase_orders (created_by) where created_by is not null;
comment on table purchase_orders is 'A binding order to one vendor for delivery to one warehouse, with prices, taxes and terms. It moves neither stock nor books; goods receipts and vendor invoices do.';
comment on column purchase_orders.company_branch_id is 'The own GST registration that buys; with place_of_supply it decides between CGST/SGST and IGST.';
comment on column purchase_orders.subtotal_amount is 'Goods and service lines before discount; the charge lines are summed in freight_amount and other_charges.';
comment on column purchase_orders.total_amount is 'What the vendor will bill; under reverse charge the tax is ours to pay and not part of it.';

create table purchase_order_items (
  id uuid primary key default gen_random_uuid(),
  purchase_order_id uuid not null references purchase_orders (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  line_type text not null default 'goods' check (line_type in ('goods', 'service', 'charge')),
  product_id uuid references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  purchase_requisition_item_id uuid references purchase_requisition_items (id) on delete restrict,
  description text not null,
  vendor_item_code text,
  hsn_code text check (hsn_code ~ '^[0-9]{4}([0-9]{2}){0,2}$'),
  quantity numeric(19,6) not null check (quantity > 0),
  uom_id uuid not null references units_of_measure (id) on delete restrict,
  stock_conversion_factor numeric(21,9) not null default 1 check (stock_conversion_factor > 0),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  discount_percent numeric(9,6) not null default 0 check (discount_percent between 0 and 100),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_percent numeric(7,4) not null default 0 check (cgst_percent between 0 and 100),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_percent numeric(7,4) not null default 0 check (sgst_percent between 0 and 100),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_percent numeric(7,4) not null default 0 check (igst_percent between 0 and 100),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  line_total numeric(19,4) not null check (line_total >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  over_receipt_percent numeric(7,4) not null default 0 check (over_receipt_percent between 0 and 100),
  received_quantity numeric(19,6) not null default 0 check (received_quantity >= 0),
  rejected_quantity numeric(19,6) not null default 0 check (rejected_quantity >= 0),
  invoiced_quantity numeric(19,6) not null default 0 check (invoiced_quantity >= 0),
  cancelled_quantity numeric(19,6) not null default 0 check (cancelled_quantity >= 0),
  required_date date,
  line_status text not null default 'open' check (line_status in ('open', 'partially_received', 'received', 'short_closed', 'cancelled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (purchase_order_id, line_number),
  constraint purchase_order_items_goods_ck check (line_type <> 'goods' or product_id is not null),
  constraint purchase_order_items_variant_ck check (product_variant_id is null or product_id is not null),
  constraint purchase_order_items_tax_kind_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint purchase_order_items_total_ck check (line_total = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount),
  constraint purchase_order_items_taxable_ck check (abs(taxable_amount - (quantity * unit_price - discount_amount)) <= 0.01),
  constraint purchase_order_items_rejected_ck check (rejected_quantity <= received_quantity),
  constraint purchase_order_items_cancelled_ck check (cancelled_quantity <= quantity)
);
create index purchase_order_items_product_id_status_idx on purchase_order_items (product_id, line_status) where product_id is not null;
create index purchase_order_items_product_variant_id_idx on purchase_order_items (product_variant_id) where product_variant_id is not null;
create index purchase_order_items_purchase_requisition_item_id_idx on purchase_order_items (purchase_requisition_item_id) where purchase_requisition_item_id is not null;
create index purchase_order_items_uom_id_idx on purchase_order_items (uom_id);
create index purchase_order_items_line_status_required_date_idx on purchase_order_items (line_status, required_date);
comment on table purchase_order_items is 'One ordered product, service or charge with its price and tax, and how much of it has since been received, rejected, billed or cancelled.';
comment on column purchase_order_items.stock_conversion_factor is 'Stock units in one purchase unit, frozen when ordered (a carton of 12 gives 12).';
comment on column purchase_order_items.received_quantity is 'All that arrived, good or not; rejected_quantity is the part of it turned down at inspection.';
comment on column purchase_order_items.over_receipt_percent is 'How much more than ordered the gate may accept.';

create table goods_receipt_notes (
  id uuid primary key default gen_random_uuid(),
  grn_number text not null unique,
  receipt_date date not null default current_date,
  receipt_type text not null default 'purchase' check (receipt_type in ('purchase', 'import', 'job_work_return', 'replacement', 'free_sample', 'consignment')),
  purchase_order_id uuid references purchase_orders (id) on delete restrict,
  vendor_id uuid not null references vendors (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  gate_entry_number text,
  gate_entry_at timestamptz,
  challan_number text,
  challan_date date,
  vendor_invoice_number text,
  vendor_invoice_date date,
  eway_bill_number text check (eway_bill_number ~ '^[0-9]{12}$'),
  bill_of_entry_number text check (bill_of_entry_number ~ '^[0-9]{7}$'),
  bill_of_entry_date date,
  port_code text check (port_code ~ '^IN[A-Z0-9]{4}$'),
  transporter_id uuid references transporters (id) on delete set null,
  lr_number text,
  vehicle_number text check (vehicle_number ~ '^[A-Z0-9]{4,15}$'),
  package_count integer check (package_count > 0),
  gross_weight_kg numeric(14,4) check (gross_weight_kg > 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  goods_amount numeric(19,4) not null default 0 check (goods_amount >= 0),
  base_goods_amount numeric(19,4) not null default 0 check (base_goods_amount >= 0),
  base_freight_amount numeric(19,4) not null default 0 check (base_freight_amount >= 0),
  base_customs_duty_amount numeric(19,4) not null default 0 check (base_customs_duty_amount >= 0),
  base_other_charges numeric(19,4) not null default 0 check (base_other_charges >= 0),
  base_landed_amount numeric(19,4) not null default 0 check (base_landed_amount >= 0),
  status text not null default 'draft' check (status in ('draft', 'under_inspection', 'inspected', 'posted', 'cancelled')),
  quality_status text not null default 'pending' check (quality_status in ('not_required', 'pending', 'accepted', 'partially_accepted', 'rejected')),
  received_by uuid references users (id) on delete set null,
  inspected_by uuid references users (id) on delete set null,
  inspected_at timestamptz,
  posted_by uuid references users (id) on delete set null,
  posted_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint goods_receipt_notes_order_ck check (purchase_order_id is not null or receipt_type in ('replacement', 'free_sample', 'job_work_return')),
  constraint goods_receipt_notes_challan_ck check (challan_date <= receipt_date),
  constraint goods_receipt_notes_import_ck check (bill_of_entry_number is null or (bill_of_entry_date is not null and port_code is not null)),
  constraint goods_receipt_notes_landed_ck check (base_landed_amount = base_goods_amount + base_freight_amount + base_customs_duty_amount + base_other_charges),
  constraint goods_receipt_notes_posting_ck check (status <> 'posted' or (posted_at is not null and quality_status <> 'pending'))
);
create index goods_receipt_notes_purchase_order_id_idx on goods_receipt_notes (purchase_order_id) where purchase_order_id is not null;
create index goods_receipt_notes_vendor_id_receipt_date_idx on goods_receipt_notes (vendor_id, receipt_date desc);
create unique index goods_receipt_notes_vendor_challan_key on goods_receipt_notes (vendor_id, challan_number, challan_date, purchase_order_id) nulls not distinct where challan_number is not null and status <> 'cancelled';
create index goods_receipt_notes_warehouse_id_status_idx on goods_receipt_notes (warehouse_id, status, receipt_date desc);
create index goods_receipt_notes_status_receipt_date_idx on goods_receipt_notes (status, receipt_date desc);
create index goods_receipt_notes_transporter_id_idx on goods_receipt_notes (transporter_id) where transporter_id is not null;
create index goods_receipt_notes_received_by_idx on goods_receipt_notes (received_by) where received_by is not null;
create index goods_receipt_notes_inspected_by_idx on goods_receipt_notes (inspected_by) where inspected_by is not null;
create index goods_receipt_notes_posted_by_idx on goods_receipt_notes (posted_by) where posted_by is not null;
comment on table goods_receipt_notes is 'One arrival of goods from a vendor at one warehouse: gate entry, papers, inspection and the landed cost. Posting it puts the accepted goods into stock; it is not the bill.';
comment on column goods_receipt_notes.goods_amount is 'Value of the received goods at order prices in currency_code; every base_ amount is in the base currency of the company.';
comment on column goods_receipt_notes.base_customs_duty_amount is 'Basic customs duty and surcharges that cost us; creditable IGST on the bill of entry is left out.';

create table grn_items (
  id uuid primary key default gen_random_uuid(),
  goods_receipt_note_id uuid not null references goods_receipt_notes (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  purchase_order_item_id uuid references purchase_order_items (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  warehouse_bin_id uuid references warehouse_bins (id) on delete restrict,
  challan_quantity numeric(19,6) not null check (challan_quantity >= 0),
  received_quantity numeric(19,6) not null check (received_quantity >= 0),
  accepted_quantity numeric(19,6) not null default 0 check (accepted_quantity >= 0),
  rejected_quantity numeric(19,6) not null default 0 check (rejected_quantity >= 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{3}$'),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  landed_unit_cost numeric(21,9) not null check (landed_unit_cost >= 0),
  accepted_amount numeric(19,4) not null default 0 check (accepted_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  hsn_code text check (hsn_code ~ '^[0-9]{4}([0-9]{2}){0,2}$'),
  batch_number text,
  manufactured_on date,
  expires_on date,
  maximum_retail_price numeric(21,9) check (maximum_retail_price > 0),
  inspection_status text not null default 'pending' check (inspection_status in ('not_required', 'pending', 'accepted', 'partially_accepted', 'rejected', 'deviation_accepted')),
  rejection_reason text,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (goods_receipt_note_id, line_number),
  constraint grn_items_inspection_ck check (
    case
      when inspection_status = 'pending' then accepted_quantity + rejected_quantity <= received_quantity
      else accepted_quantity + rejected_quantity = received_quantity
    end
  ),
  constraint grn_items_rejection_ck check (rejected_quantity = 0 or rejection_reason is not null),
  constraint grn_items_expiry_ck check (expires_on > manufactured_on)
);
create index grn_items_purchase_order_item_id_idx on grn_items (purchase_order_item_id) where purchase_order_item_id is not null;
create index grn_items_product_id_batch_number_idx on grn_items (product_id, batch_number);
create index grn_items_product_variant_id_idx on grn_items (product_variant_id) where product_variant_id is not null;
create index grn_items_warehouse_bin_id_idx on grn_items (warehouse_bin_id) where warehouse_bin_id is not null;
comment on table grn_items is 'One product in one arrival: quantity on the challan, counted, accepted and rejected, with batch and bin. Only the accepted quantity becomes stock, at the landed cost.';
comment on column grn_items.landed_unit_cost is 'Cost of one unit in the base currency with its share of freight, duty and other charges; unit_price is the order price in currency_code.';
comment on column grn_items.rejected_quantity is 'Waits in quarantine for return to the vendor against a debit note.';

create table po_delivery_schedules (
  id uuid primary key default gen_random_uuid(),
  purchase_order_id uuid not null references purchase_orders (id) on delete cascade,
  purchase_order_item_id uuid not null references purchase_order_items (id) on delete cascade,
  schedule_number integer not null check (schedule_number > 0),
  warehouse_id uuid references warehouses (id) on delete restrict,
  scheduled_date date not null,
  promised_date date,
  scheduled_quantity numeric(19,6) not null check (scheduled_quantity > 0),
  dispatched_quantity numeric(19,6) not null default 0 check (dispatched_quantity >= 0),
  received_quantity numeric(19,6) not null default 0 check (received_quantity >= 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{3}$'),
  dispatch_advice_number text,
  dispatched_on date,
  expected_arrival_at timestamptz,
  dock_slot_at timestamptz,
  vehicle_number text check (vehicle_number ~ '^[A-Z0-9]{4,15}$'),
  goods_receipt_note_id uuid references goods_receipt_notes (id) on delete restrict,
  status text not null default 'planned' check (status in ('planned', 'confirmed', 'dispatched', 'partially_received', 'received', 'cancelled')),
  delay_reason text,
  reminded_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint po_delivery_schedules_item_key unique (purchase_order_item_id, schedule_number),
  constraint po_delivery_schedules_dispatch_ck check (status <> 'dispatched' or (dispatched_on is not null and dispatched_quantity > 0)),
  constraint po_delivery_schedules_receipt_ck check (status not in ('received', 'partially_received') or received_quantity > 0),
  constraint po_delivery_schedules_grn_ck check (goods_receipt_note_id is null or received_quantity > 0)
);
create index po_delivery_schedules_purchase_order_id_idx on po_delivery_schedules (purchase_order_id);
create index po_delivery_schedules_goods_receipt_note_id_idx on po_delivery_schedules (goods_receipt_note_id) where goods_receipt_note_id is not null;
create index po_delivery_schedules_warehouse_id_scheduled_date_idx on po_delivery_schedules (warehouse_id, scheduled_date);
create index po_delivery_schedules_status_scheduled_date_idx on po_delivery_schedules (status, scheduled_date);
comment on table po_delivery_schedules is 'One part delivery of an order line: how much is due when, what the vendor promised and dispatched, and the receipt that closed it.';
comment on column po_delivery_schedules.warehouse_id is 'Where this part goes, when it is not the warehouse of the order.';
comment on column po_delivery_schedules.goods_receipt_note_id is 'The last receipt booked against this part.';

create table po_serials (
  id uuid primary key default gen_random_uuid(),
  purchase_order_id uuid not null references purchase_orders (id) on delete restrict,
  purchase_order_item_id uuid not null references purchase_order_items (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  goods_receipt_note_id uuid references goods_receipt_notes (id) on delete restrict,
  stock_item_id uuid references stock_items (id) on delete set null,
  serial_number text not null check (serial_number = btrim(serial_number) and serial_number <> ''),
  manufacturer_serial_number text,
  imei text check (imei ~ '^[0-9]{15}$'),
  batch_number text,
  carton_number text,
  source text not null default 'vendor_list' check (source in ('vendor_list', 'scanned', 'generated')),
  manufactured_on date,
  warranty_starts_on date,
  warranty_ends_on date,
  unit_cost numeric(21,9) check (unit_cost >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  status text not null default 'announced' check (status in ('announced', 'received', 'accepted', 'rejected', 'missing', 'returned')),
  received_at timestamptz,
  rejection_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (purchase_order_item_id, serial_number),
  constraint po_serials_warranty_ck check (warranty_ends_on > warranty_starts_on),
  constraint po_serials_receipt_ck check (status in ('announced', 'missing') or (goods_receipt_note_id is not null and received_at is not null)),
  constraint po_serials_stock_ck check (stock_item_id is null or status in ('accepted', 'returned')),
  constraint po_serials_rejection_ck check (status <> 'rejected' or rejection_reason is not null)
);
create index po_serials_purchase_order_id_status_idx on po_serials (purchase_order_id, status);
create unique index po_serials_product_id_serial_number_key on po_serials (product_id, serial_number) where status in ('announced', 'received', 'accepted');
create index po_serials_product_id_status_idx on po_serials (product_id, status);
create index po_serials_goods_receipt_note_id_idx on po_serials (goods_receipt_note_id) where goods_receipt_note_id is not null;
create unique index po_serials_stock_item_id_key on po_serials (stock_item_id) where stock_item_id is not null;
create unique index po_serials_imei_key on po_serials (imei) where imei is not null and status in ('announced', 'received', 'accepted');
create index po_serials_serial_number_idx on po_serials (serial_number);
comment on table po_serials is 'One serial number bought on an order line: announced by the vendor, checked at receipt, then tied to the stock item it became. Where the piece is later is told by stock_items.';
comment on column po_serials.status is 'A serial number is live once for each product; a piece returned or rejected may be supplied again on another order.';
comment on column po_serials.warranty_ends_on is 'Warranty of the vendor towards us, not the one given to customers.';

create table vendor_proforma_invoices (
  id uuid primary key default gen_random_uuid(),
  internal_reference text not null unique,
  proforma_number text not null,
  proforma_date date not null,
  valid_until date,
  vendor_id uuid not null references vendors (id) on delete restrict,
  purchase_order_id uuid references purchase_orders (id) on delete restrict,
  purchase_requisition_id uuid references purchase_requisitions (id) on delete restrict,
  warehouse_id uuid references warehouses (id) on delete restrict,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  goods_amount numeric(19,4) not null check (goods_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  freight_amount numeric(19,4) not null default 0 check (freight_amount >= 0),
  insurance_amount numeric(19,4) not null default 0 check (insurance_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  total_amount numeric(19,4) not null check (total_amount >= 0),
  base_total_amount numeric(19,4) not null check (base_total_amount >= 0),
  advance_percent numeric(7,4) not null default 0 check (advance_percent between 0 and 100),
  advance_amount numeric(19,4) not null default 0 check (advance_amount >= 0),
  advance_due_date date,
  incoterm text check (incoterm in ('EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP')),
  country_of_origin char(2) check (country_of_origin ~ '^[A-Z]{2}$'),
  port_of_loading text check (port_of_loading ~ '^[A-Z]{2}[A-Z0-9]{3}$'),
  port_of_discharge text check (port_of_discharge ~ '^[A-Z]{2}[A-Z0-9]{3}$'),
  estimated_dispatch_date date,
  beneficiary_bank_name text,
  beneficiary_account_number text,
  beneficiary_swift_bic text check (beneficiary_swift_bic ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
  status text not null default 'received' check (status in ('received', 'under_review', 'accepted', 'advance_paid', 'invoiced', 'rejected', 'expired')),
  reviewed_by uuid references users (id) on delete set null,
  reviewed_at timestamptz,
  rejection_reason text,
  document_url text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_proforma_invoices_number_key unique (vendor_id, proforma_number, proforma_date),
  constraint vendor_proforma_invoices_validity_ck check (valid_until >= proforma_date),
  constraint vendor_proforma_invoices_total_ck check (total_amount = goods_amount - discount_amount + freight_amount + insurance_amount + tax_amount),
  constraint vendor_proforma_invoices_advance_ck check (advance_amount <= total_amount),
  constraint vendor_proforma_invoices_review_ck check (status not in ('accepted', 'advance_paid', 'invoiced', 'rejected') or reviewed_at is not null),
  constraint vendor_proforma_invoices_rejection_ck check (status <> 'rejected' or rejection_reason is not null)
);
create index vendor_proforma_invoices_purchase_order_id_idx on vendor_proforma_invoices (purchase_order_id) where purchase_order_id is not null;
create index vendor_proforma_invoices_requisition_idx on vendor_proforma_invoices (purchase_requisition_id) where purchase_requisition_id is not null;
create index vendor_proforma_invoices_warehouse_id_idx on vendor_proforma_invoices (warehouse_id) where warehouse_id is not null;
create index vendor_proforma_invoices_status_advance_due_idx on vendor_proforma_invoices (status, advance_due_date);
create index vendor_proforma_invoices_reviewed_by_idx on vendor_proforma_invoices (reviewed_by) where reviewed_by is not null;
create index vendor_proforma_invoices_created_by_idx on vendor_proforma_invoices (created_by) where created_by is not null;
comment on table vendor_proforma_invoices is 'A bill in advance from a vendor, used to pay a deposit, open a letter of credit or plan an import. It is no tax document and never posted; the vendor invoice is.';
comment on column vendor_proforma_invoices.port_of_loading is 'Five-character UN/LOCODE, for example CNSHA or INNSA.';

create table vendor_proforma_items (
  id uuid primary key default gen_random_uuid(),
  vendor_proforma_invoice_id uuid constraint vendor_proforma_items_invoice_nn not null references vendor_proforma_invoices (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  product_id uuid references products (id) on delete restrict,
  vendor_item_code text,
  description text not null,
  hs_code text check (hs_code ~ '^[0-9]{6,10}$'),
  country_of_origin char(2) check (country_of_origin ~ '^[A-Z]{2}$'),
  quantity numeric(19,6) not null check (quantity > 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{3}$'),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  discount_percent numeric(9,6) not null default 0 check (discount_percent between 0 and 100),
  tax_percent numeric(7,4) not null default 0 check (tax_percent between 0 and 100),
  line_amount numeric(19,4) not null check (line_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  carton_count integer check (carton_count > 0),
  net_weight_kg numeric(14,4) check (net_weight_kg > 0),
  gross_weight_kg numeric(14,4),
  volume_cubic_m numeric(12,4) check (volume_cubic_m > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_proforma_items_line_key unique (vendor_proforma_invoice_id, line_number),
  constraint vendor_proforma_items_weight_ck check (gross_weight_kg >= net_weight_kg),
  constraint vendor_proforma_items_amount_ck check (abs(line_amount - quantity * unit_price * (1 - discount_percent / 100)) <= 0.05)
);
create index vendor_proforma_items_product_id_idx on vendor_proforma_items (product_id) where product_id is not null;
comment on table vendor_proforma_items is 'One line of a proforma invoice with its packing data: cartons, weights and volume serve to book space and estimate duty before the goods leave.';
comment on column vendor_proforma_items.hs_code is 'Customs tariff code as the exporter gives it: six digits are common to all countries, more are national.';

create table vendor_invoices (
  id uuid primary key default gen_random_uuid(),
  bill_number text not null unique,
  vendor_invoice_number text not null,
  vendor_invoice_date date not null,
  posting_date date not null default current_date,
  due_date date not null,
  statutory_due_date date,
  invoice_type text not null default 'goods' check (invoice_type in ('goods', 'service', 'expense', 'import', 'capital', 'freight', 'job_work')),
  vendor_id uuid not null references vendors (id) on delete restrict,
  purchase_order_id uuid references purchase_orders (id) on delete restrict,
  goods_receipt_note_id uuid references goods_receipt_notes (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  vendor_gstin text check (vendor_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  place_of_supply text check (place_of_supply ~ '^[0-9]{2}$'),
  reverse_charge_applies boolean not null default false,
  irn text check (irn ~ '^[0-9a-f]{64}$'),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  subtotal_amount numeric(19,4) not null check (subtotal_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  tcs_amount numeric(19,4) not null default 0 check (tcs_amount >= 0),
  round_off numeric(19,4) not null default 0 check (round_off between -1 and 1),
  total_amount numeric(19,4) not null check (total_amount >= 0),
  base_total_amount numeric(19,4) not null check (base_total_amount >= 0),
  tds_section text check (tds_section ~ '^[0-9]{3}[A-Z]{0,3}(\([0-9A-Z]{1,4}\))*$'),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  settled_amount numeric(19,4) not null default 0 check (settled_amount >= 0),
  balance_amount numeric(19,4) not null check (balance_amount >= 0),
  match_status text not null default 'unmatched' check (match_status in ('not_required', 'unmatched', 'matched', 'price_variance', 'quantity_variance', 'accepted_with_variance')),
  itc_eligibility text not null default 'eligible' check (itc_eligibility in ('eligible', 'partly_eligible', 'blocked', 'deferred', 'not_applicable')),
  gstr2b_status text not null default 'not_checked' check (gstr2b_status in ('not_checked', 'matched', 'mismatched', 'missing', 'not_applicable')),
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'approved', 'posted', 'on_hold', 'partially_paid', 'paid', 'disputed', 'cancelled')),
  hold_reason text,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  document_url text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_invoices_dates_ck check (due_date >= vendor_invoice_date and posting_date >= vendor_invoice_date),
  constraint vendor_invoices_taxable_ck check (taxable_amount = subtotal_amount - discount_amount),
  constraint vendor_invoices_tax_kind_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint vendor_invoices_total_ck check (total_amount = taxable_amount + case when reverse_charge_applies then 0 else cgst_amount + sgst_amount + igst_amount + cess_amount end + tcs_amount + round_off),
  constraint vendor_invoices_balance_ck check (balance_amount = total_amount - tds_amount - settled_amount),
  constraint vendor_invoices_tds_ck check (tds_amount = 0 or tds_section is not null),
  constraint vendor_invoices_paid_ck check (status <> 'paid' or balance_amount = 0),
  constraint vendor_invoices_approval_ck check (status not in ('approved', 'posted', 'partially_paid', 'paid') or approved_at is not null),
  constraint vendor_invoices_hold_ck check (status not in ('on_hold', 'disputed') or hold_reason is not null)
);
create unique index vendor_invoices_vendor_number_year_key on vendor_invoices (vendor_id, upper(vendor_invoice_number), (extract(year from vendor_invoice_date - interval '3 months'))) where status <> 'cancelled';
create index vendor_invoices_vendor_id_due_date_idx on vendor_invoices (vendor_id, due_date);
create index vendor_invoices_status_due_date_idx on vendor_invoices (status, due_date);
create index vendor_invoices_gstr2b_status_date_idx on vendor_invoices (gstr2b_status, vendor_invoice_date);
create index vendor_invoices_purchase_order_id_idx on vendor_invoices (purchase_order_id) where purchase_order_id is not null;
create index vendor_invoices_goods_receipt_note_id_idx on vendor_invoices (goods_receipt_note_id) where goods_receipt_note_id is not null;
create index vendor_invoices_company_branch_id_idx on vendor_invoices (company_branch_id) where company_branch_id is not null;
create index vendor_invoices_journal_entry_id_idx on vendor_invoices (journal_entry_id) where journal_entry_id is not null;
create index vendor_invoices_approved_by_idx on vendor_invoices (approved_by) where approved_by is not null;
create index vendor_invoices_created_by_idx on vendor_invoices (created_by) where created_by is not null;
comment on table vendor_invoices is 'A bill from a vendor as booked by us, matched with order and receipt, with GST, tax deducted and what is still to pay. Posting it writes the vendor ledger and the journal.';
comment on column vendor_invoices.vendor_invoice_number is 'The number on the bill; booked once for each vendor and Indian financial year, so the same bill cannot be paid twice.';
comment on column vendor_invoices.statutory_due_date is 'Latest day to pay a micro or small enterprise: 45 days from acceptance with an agreement, 15 without.';
comment on column vendor_invoices.settled_amount is 'Payments, debit notes and advances set against this bill; tax deducted at source is counted apart.';
comment on column vendor_invoices.goods_receipt_note_id is 'The receipt when the bill covers one only; bills over several name them on their lines.';
comment on column vendor_invoices.itc_eligibility is 'Whether input tax credit may be taken; blocked means section 17(5) of the CGST Act.';

create table vendor_invoice_items (
  id uuid primary key default gen_random_uuid(),
  vendor_invoice_id uuid not null references vendor_invoices (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  purchase_order_item_id uuid references purchase_order_items (id) on delete restrict,
  goods_receipt_note_id uuid references goods_receipt_notes (id) on delete restrict,
  grn_item_id uuid references grn_items (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  expense_account_id uuid references chart_of_accounts (id) on delete restrict,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  description text not null,
  hsn_code text check (hsn_code ~ '^[0-9]{4}([0-9]{2}){0,2}$'),
  quantity numeric(19,6) not null default 1 check (quantity > 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{3}$'),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_percent numeric(7,4) not null default 0 check (cgst_percent between 0 and 100),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_percent numeric(7,4) not null default 0 check (sgst_percent between 0 and 100),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_percent numeric(7,4) not null default 0 check (igst_percent between 0 and 100),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  line_total numeric(19,4) not null check (line_total >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  price_variance_amount numeric(19,4) not null default 0,
  itc_claimable_percent numeric(7,4) not null default 100 check (itc_claimable_percent between 0 and 100),
  match_status text not null default 'unmatched' check (match_status in ('not_required', 'unmatched', 'matched', 'price_variance', 'quantity_variance', 'accepted_with_variance')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (vendor_invoice_id, line_number),
  constraint vendor_invoice_items_object_ck check (product_id is not null or expense_account_id is not null),
  constraint vendor_invoice_items_receipt_ck check (grn_item_id is null or goods_receipt_note_id is not null),
  constraint vendor_invoice_items_tax_kind_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint vendor_invoice_items_taxable_ck check (abs(taxable_amount - (quantity * unit_price - discount_amount)) <= 0.05),
  constraint vendor_invoice_items_total_ck check (line_total = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount)
);
create index vendor_invoice_items_purchase_order_item_id_idx on vendor_invoice_items (purchase_order_item_id) where purchase_order_item_id is not null;
create index vendor_invoice_items_goods_receipt_note_id_idx on vendor_invoice_items (goods_receipt_note_id) where goods_receipt_note_id is not null;
create index vendor_invoice_items_grn_item_id_idx on vendor_invoice_items (grn_item_id) where grn_item_id is not null;
create index vendor_invoice_items_product_id_idx on vendor_invoice_items (product_id) where product_id is not null;
create index vendor_invoice_items_expense_account_id_idx on vendor_invoice_items (expense_account_id) where expense_account_id is not null;
create index vendor_invoice_items_cost_center_id_idx on vendor_invoice_items (cost_center_id) where cost_center_id is not null;
create index vendor_invoice_items_open_match_idx on vendor_invoice_items (match_status) where match_status not in ('matched', 'not_required');
comment on table vendor_invoice_items is 'One billed line, tied to the order line and the receipt line it is matched with, or to an expense account when nothing was ordered.';
comment on column vendor_invoice_items.line_total is 'Taxable amount and tax; under reverse charge the tax is shown too, though the header leaves it out of what the vendor gets.';
comment on column vendor_invoice_items.price_variance_amount is 'Billed price less order price, times quantity; negative when billed cheaper.';
comment on column vendor_invoice_items.itc_claimable_percent is 'Share of the tax on this line that may be claimed as input credit.';

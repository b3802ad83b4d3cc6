-- offers to customers and prospects: priced, taxed, revised, approved, and turned into an order when accepted.

create table quotations (
  id uuid primary key default gen_random_uuid(),
  quotation_number text not null,
  revision_number smallint not null default 0 check (revision_number >= 0),
  previous_revision_id uuid references quotations (id) on delete restrict,
  branch_id uuid references company_branches (id) on delete restrict,
  customer_id uuid references customers (id) on delete restrict,
  lead_id uuid references leads (id) on delete set null,
  customer_name text not null,
  contact_name text,
  contact_email text check (contact_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  contact_phone text,
  billing_address_id uuid references customer_addresses (id) on delete restrict,
  shipping_address_id uuid references customer_addresses (id) on delete restrict,
  customer_gstin char(15) check (customer_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  place_of_supply char(2) check (place_of_supply ~ '^[0-9]{2}$'),
  supply_type text not null default 'domestic' check (
    supply_type in ('domestic', 'export_with_payment', 'export_under_lut', 'sez_with_payment', 'sez_under_lut', 'deemed_export')
  ),
  subject text,
  customer_reference text,
  quotation_date date not null default current_date,
  valid_until date not null,
  currency_id uuid not null references currencies (id) on delete restrict,
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  payment_terms_id uuid references payment_terms (id) on delete restrict,
  advance_percent numeric(7,4) not null default 0 check (advance_percent between 0 and 100),
  incoterm char(3) check (incoterm in ('EXW', 'FCA', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP', 'FAS', 'FOB', 'CFR', 'CIF')),
  incoterm_place text,
  delivery_lead_days integer check (delivery_lead_days >= 0),
  subtotal numeric(19,4) not null default 0 check (subtotal >= 0),
  line_discount_amount numeric(19,4) not null default 0 check (line_discount_amount >= 0),
  header_discount_percent numeric(7,4) not null default 0 check (header_discount_percent between 0 and 100),
  header_discount_amount numeric(19,4) not null default 0 check (header_discount_amount >= 0),
  freight_amount numeric(19,4) not null default 0 check (freight_amount >= 0),
  taxable_amount numeric(19,4) not null default 0 check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  vat_amount numeric(19,4) not null default 0 check (vat_amount >= 0),
  round_off_amount numeric(19,4) not null default 0 check (abs(round_off_amount) < 1000),
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  base_total_amount numeric(19,4) not null default 0 check (base_total_amount >= 0),
  margin_percent numeric(7,4) check (margin_percent <= 100),
  win_probability_percent numeric(7,4) check (win_probability_percent between 0 and 100),
  salesperson_id uuid references users (id) on delete set null,
  approval_request_id uuid references approval_requests (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  sent_at timestamptz,
  viewed_at timestamptz,
  status text not null default 'draft' check (
    status in ('draft', 'pending_approval', 'approved', 'sent', 'accepted', 'converted', 'rejected', 'expired', 'revised', 'cancelled')
  ),
  accepted_at timestamptz,
  accepted_by_name text,
  rejection_reason text,
  converted_order_id uuid references orders (id) on delete restrict,
  terms_and_conditions text,
  internal_notes text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (quotation_number, revision_number),
  constraint quotations_party_ck check (customer_id is not null or status <> 'converted'),
  constraint quotations_validity_ck check (valid_until >= quotation_date),
  constraint quotations_revision_ck check ((revision_number = 0) = (previous_revision_id is null)),
  constraint quotations_taxable_ck check (
    taxable_amount = subtotal - line_discount_amount - header_discount_amount + freight_amount
  ),
  constraint quotations_gst_sides_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint quotations_total_ck check (
    total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + vat_amount + round_off_amount
  ),
  constraint quotations_accepted_ck check (status not in ('accepted', 'converted') or accepted_at is not null),
  constraint quotations_converted_ck check ((status = 'converted') = (converted_order_id is not null))
);

create unique index quotations_previous_revision_id_key on quotations (previous_revision_id) where previous_revision_id is not null;
create index quotations_status_quotation_date_idx on quotations (status, quotation_date desc);
create index quotations_customer_id_quotation_date_idx on quotations (customer_id, quotation_date desc);
create index quotations_salesperson_id_status_idx on quotations (salesperson_id, status);
create index quotations_valid_until_idx on quotations (valid_until) where status = 'sent';
create index quotations_lead_id_idx on quotations (lead_id) where lead_id is not null;
create index quotations_branch_id_idx on quotations (branch_id);
create index quotations_billing_address_id_idx on quotations (billing_address_id);
create index quotations_shipping_address_id_idx on quotations (shipping_address_id);
create index quotations_currency_id_idx on quotations (currency_id);
create index quotations_payment_terms_id_idx on quotations (payment_terms_id);
create index quotations_approval_request_id_idx on quotations (approval_request_id) where approval_request_id is not null;
create index quotations_approved_by_idx on quotations (approved_by) where approved_by is not null;
create index quotations_converted_order_id_idx on quotations (converted_order_id) where converted_order_id is not null;
create index quotations_created_by_idx on quotations (created_by) where created_by is not null;

comment on table quotations is 'An offer to a customer or a lead, valid until a date; a changed offer is a new revision under the same number. It books nothing: stock and receivables begin with the order it is converted into.';
comment on column quotations.supply_type is 'Exports and supplies to SEZ are zero-rated: with IGST paid and refunded, or without under a letter of undertaking.';
comment on column quotations.vat_amount is 'VAT, sales tax or GST of other countries; the four Indian taxes stand in their own columns.';
comment on column quotations.margin_percent is 'Margin over the cost of the lines when the offer was last priced; a low one asks for approval.';

create table quotation_items (
  id uuid primary key default gen_random_uuid(),
  quotation_id uuid not null references quotations (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  line_type text not null default 'standard' check (line_type in ('standard', 'optional', 'alternative')),
  alternative_to_line integer check (alternative_to_line > 0),
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  description text not null,
  hsn_sac_code text check (hsn_sac_code ~ '^([0-9]{4}|[0-9]{6}|[0-9]{8})$'),
  quantity numeric(19,6) not null check (quantity > 0),
  uom_id uuid not null references units_of_measure (id) on delete restrict,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  list_price numeric(21,9) check (list_price >= 0),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  unit_cost numeric(21,9) check (unit_cost >= 0),
  discount_percent numeric(7,4) not null default 0 check (discount_percent between 0 and 100),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  header_discount_share numeric(19,4) not null default 0 check (header_discount_share >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  tax_percent numeric(7,4) not null default 0 check (tax_percent between 0 and 100),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  vat_amount numeric(19,4) not null default 0 check (vat_amount >= 0),
  line_total numeric(19,4) not null check (line_total >= 0),
  promised_lead_days integer check (promised_lead_days >= 0),
  warranty_months smallint check (warranty_months >= 0),
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (quotation_id, line_number),
  constraint quotation_items_alternative_ck check ((line_type = 'alternative') = (alternative_to_line is not null)),
  constraint quotation_items_alternative_line_ck check (alternative_to_line <> line_number),
  constraint quotation_items_gst_sides_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint quotation_items_taxable_ck check (
    abs(quantity * unit_price - discount_amount - header_discount_share - taxable_amount) <= 1
  ),
  constraint quotation_items_total_ck check (
    line_total = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + vat_amount
  )
);

create index quotation_items_product_id_idx on quotation_items (product_id);
create index quotation_items_product_variant_id_idx on quotation_items (product_variant_id) where product_variant_id is not null;
create index quotation_items_uom_id_idx on quotation_items (uom_id);

comment on table quotation_items is 'One priced line of a quotation. Optional and alternative lines are shown to the customer and stay out of the totals until chosen.';
comment on column quotation_items.unit_cost is 'Cost taken for the margin when the line was priced; never printed.';
comment on column quotation_items.header_discount_share is 'The line''s part of the discount given on the whole offer, so that tax is counted line by line.';

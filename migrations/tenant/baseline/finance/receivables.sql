-- what customers owe and how they pay. two layers: the order side (invoices ask the buyer for money, payments are tries at a gateway)
-- and the books (tax_invoices are the statutory supply documents, payment_receipts the money booked, allocations settle one with the other).

create table payment_terms (
  id uuid primary key default gen_random_uuid(),
  term_code text not null unique check (term_code ~ '^[A-Z0-9][A-Z0-9_]{0,29}$'),
  term_name text not null,
  description text,
  applies_to text not null default 'both' check (applies_to in ('sales', 'purchase', 'both')),
  due_basis text not null default 'invoice_date' check (
    due_basis in ('invoice_date', 'end_of_month', 'order_date', 'delivery_date', 'acceptance_date', 'shipment_date')
  ),
  net_days smallint not null default 0 check (net_days between 0 and 365),
  due_day_of_month smallint check (due_day_of_month between 1 and 31),
  advance_percent numeric(7,4) not null default 0 check (advance_percent between 0 and 100),
  on_dispatch_percent numeric(7,4) not null default 0 check (on_dispatch_percent between 0 and 100),
  on_due_date_percent numeric(7,4) not null default 100 check (on_due_date_percent between 0 and 100),
  retention_percent numeric(7,4) not null default 0 check (retention_percent between 0 and 100),
  retention_days smallint not null default 0 check (retention_days >= 0),
  early_discount_percent numeric(7,4) not null default 0 check (early_discount_percent between 0 and 100),
  early_discount_days smallint not null default 0 check (early_discount_days >= 0),
  late_interest_annual_percent numeric(7,4) not null default 0 check (late_interest_annual_percent between 0 and 100),
  grace_days smallint not null default 0 check (grace_days >= 0),
  instrument text not null default 'any' check (instrument in ('any', 'open_account', 'letter_of_credit', 'documents_against_payment', 'post_dated_cheque', 'cash_on_delivery')),
  is_msme_compliant boolean not null default false,
  is_default boolean not null default false,
  sort_order integer not null default 100,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payment_terms_parts_ck check (advance_percent + on_dispatch_percent + on_due_date_percent + retention_percent = 100),
  constraint payment_terms_retention_ck check ((retention_percent > 0) = (retention_days > 0)),
  constraint payment_terms_early_ck check ((early_discount_percent = 0) = (early_discount_days = 0)),
  constraint payment_terms_msme_ck check (not is_msme_compliant or (net_days <= 45 and due_basis <> 'end_of_month'))
);

create unique index payment_terms_default_key on payment_terms (is_default) where is_default;
create index payment_terms_active_sort_idx on payment_terms (is_active, sort_order);

comment on table payment_terms is 'When and in which parts a bill falls due, with early-payment discount and late interest. Given to customers and vendors as their default and copied as a pointer to each document.';
comment on column payment_terms.due_basis is 'Date the net days count from; with end_of_month they count from the last day of the month of the bill.';
comment on column payment_terms.is_msme_compliant is 'Within the 45 days the MSMED Act (section 15) allows for micro and small suppliers; later payment is disallowed by section 43B(h) until paid.';

create table invoices (
  id uuid primary key default gen_random_uuid(),
  invoice_number text not null unique,
  invoice_type text not null default 'commercial' check (invoice_type in ('commercial', 'proforma', 'advance_request', 'subscription', 'service')),
  customer_id uuid not null references customers (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  payment_term_id uuid references payment_terms (id) on delete restrict,
  invoice_date date not null,
  due_date date not null,
  buyer_name text not null,
  buyer_email text,
  buyer_reference text,
  bill_to_address text not null,
  ship_to_address text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  incoterm text check (incoterm in ('EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP')),
  incoterm_place text,
  country_of_origin char(2) check (country_of_origin ~ '^[A-Z]{2}$'),
  letter_of_credit_number text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  goods_amount numeric(19,4) not null default 0 check (goods_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  shipping_amount numeric(19,4) not null default 0 check (shipping_amount >= 0),
  cod_fee_amount numeric(19,4) not null default 0 check (cod_fee_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  round_off_amount numeric(19,4) not null default 0,
  total_amount numeric(19,4) not null check (total_amount >= 0),
  base_total_amount numeric(19,4) not null check (base_total_amount >= 0),
  wallet_applied_amount numeric(19,4) not null default 0 check (wallet_applied_amount >= 0),
  paid_amount numeric(19,4) not null default 0 check (paid_amount >= 0),
  refunded_amount numeric(19,4) not null default 0 check (refunded_amount >= 0),
  balance_due_amount numeric(19,4) not null,
  payment_link_url text,
  status text not null default 'draft' check (
    status in ('draft', 'sent', 'viewed', 'partially_paid', 'paid', 'overdue', 'refunded', 'void')
  ),
  sent_at timestamptz,
  paid_at timestamptz,
  reminder_count smallint not null default 0 check (reminder_count >= 0),
  last_reminded_at timestamptz,
  notes text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint invoices_due_ck check (due_date >= invoice_date),
  constraint invoices_total_ck check (
    total_amount = goods_amount - discount_amount + shipping_amount + cod_fee_amount + tax_amount + round_off_amount
  ),
  constraint invoices_balance_ck check (balance_due_amount = total_amount - wallet_applied_amount - paid_amount),
  constraint invoices_refund_ck check (refunded_amount <= paid_amount + wallet_applied_amount),
  constraint invoices_paid_ck check (status <> 'paid' or (paid_at is not null and balance_due_amount <= 0)),
  constraint invoices_incoterm_ck check ((incoterm is null) = (incoterm_place is null))
);

create index invoices_customer_date_idx on invoices (customer_id, invoice_date);
create index invoices_status_due_date_idx on invoices (status, due_date);
create index invoices_order_id_idx on invoices (order_id) where order_id is not null;
create index invoices_payment_term_id_idx on invoices (payment_term_id) where payment_term_id is not null;
create index invoices_created_by_idx on invoices (created_by) where created_by is not null;

comment on table invoices is 'The commercial bill of an order: what the buyer is asked to pay (proforma, advance request, commercial invoice for export), and how far it is paid. It carries tax as one figure and is no document under GST; the supply itself is invoiced by tax_invoices.';
comment on column invoices.buyer_reference is 'The buyer''s purchase order number.';
comment on column invoices.wallet_applied_amount is 'Part settled by gift card, store credit or loyalty points, never sent to a gateway.';

create table payments (
  id uuid primary key default gen_random_uuid(),
  payment_number text not null unique,
  customer_id uuid not null references customers (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  invoice_id uuid references invoices (id) on delete restrict,
  attempt_number smallint not null default 1 check (attempt_number > 0),
  gateway text not null check (
    gateway in ('razorpay', 'stripe', 'payu', 'cashfree', 'phonepe', 'paytm', 'ccavenue', 'billdesk', 'paypal', 'adyen', 'marketplace', 'cod_courier', 'offline')
  ),
  payment_method text not null check (
    payment_method in ('upi', 'card', 'netbanking', 'wallet', 'emi', 'pay_later', 'bank_transfer', 'cash_on_delivery', 'sepa_debit', 'other')
  ),
  gateway_order_id text,
  gateway_payment_id text,
  idempotency_key text unique,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  amount numeric(19,4) not null check (amount > 0),
  captured_amount numeric(19,4) not null default 0 check (captured_amount >= 0),
  refunded_amount numeric(19,4) not null default 0 check (refunded_amount >= 0),
  gateway_fee_amount numeric(19,4) not null default 0 check (gateway_fee_amount >= 0),
  gateway_tax_amount numeric(19,4) not null default 0 check (gateway_tax_amount >= 0),
  settled_amount numeric(19,4) check (settled_amount >= 0),
  settlement_reference text,
  settlement_utr text,
  settled_on date,
  card_network text check (card_network in ('visa', 'mastercard', 'rupay', 'amex', 'diners', 'discover', 'jcb')),
  card_last4 char(4) check (card_last4 ~ '^[0-9]{4}$'),
  payer_vpa text,
  payer_bank_code text,
  payer_ip inet,
  is_international boolean not null default false,
  status text not null default 'created' check (
    status in ('created', 'authorised', 'captured', 'failed', 'cancelled', 'partially_refunded', 'refunded', 'disputed', 'charged_back')
  ),
  authorised_at timestamptz,
  captured_at timestamptz,
  failed_at timestamptz,
  failure_code text,
  failure_reason text,
  gateway_payload jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payments_purpose_ck check (num_nonnulls(order_id, invoice_id) > 0),
  constraint payments_captured_ck check (captured_amount <= amount and refunded_amount <= captured_amount),
  constraint payments_capture_time_ck check (status not in ('captured', 'partially_refunded', 'refunded') or captured_at is not null),
  constraint payments_failure_ck check (status <> 'failed' or failed_at is not null),
  constraint payments_settled_ck check ((settled_on is null) = (settled_amount is null)),
  constraint payments_net_ck check (settled_amount <= captured_amount)
);

create unique index payments_gateway_payment_key on payments (gateway, gateway_payment_id) where gateway_payment_id is not null;
create index payments_customer_created_idx on payments (customer_id, created_at);
create index payments_status_created_idx on payments (status, created_at);
create index payments_gateway_order_id_idx on payments (gateway_order_id) where gateway_order_id is not null;
create index payments_settlement_idx on payments (settlement_reference) where settlement_reference is not null;
create index payments_order_id_idx on payments (order_id) where order_id is not null;
create index payments_invoice_id_idx on payments (invoice_id) where invoice_id is not null;

comment on table payments is 'One try at paying an order or commercial invoice through a gateway, courier or marketplace, failed ones included, with the gateway''s own ids, fee and settlement. It is not a book entry: money that really came in is booked by a payment_receipt.';
comment on column payments.settled_amount is 'What the gateway paid out to our bank for it: captured less fee and tax on the fee (and refunds netted).';

create table tax_invoices (
  id uuid primary key default gen_random_uuid(),
  company_branch_id uuid not null references company_branches (id) on delete restrict,
  warehouse_id uuid references warehouses (id) on delete restrict,
  invoice_number text not null,
  fiscal_year text not null check (fiscal_year ~ '^[0-9]{4}(-[0-9]{2})?$'),
  document_type text not null default 'tax_invoice' check (
    document_type in ('tax_invoice', 'bill_of_supply', 'invoice_cum_bill_of_supply', 'export_invoice', 'revised_invoice', 'stock_transfer_invoice')
  ),
  tax_regime text not null default 'gst' check (tax_regime in ('gst', 'vat', 'sales_tax', 'none')),
  supply_category text not null check (
    supply_category in ('b2b', 'b2c_large', 'b2c_small', 'export_with_payment', 'export_under_lut', 'sez_with_payment', 'sez_under_lut', 'deemed_export', 'nil_exempt', 'foreign')
  ),
  invoice_date date not null,
  due_date date not null,
  customer_id uuid not null references customers (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  invoice_id uuid references invoices (id) on delete restrict,
  shipment_id uuid references shipments (id) on delete restrict,
  payment_term_id uuid references payment_terms (id) on delete restrict,
  salesperson_id uuid references users (id) on delete set null,
  seller_gstin char(15) check (seller_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  buyer_name text not null,
  buyer_gstin char(15) check (buyer_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  buyer_vat_id text check (buyer_vat_id ~ '^[A-Z]{2}[A-Z0-9]{2,14}$'),
  bill_to_address text not null,
  ship_to_address text,
  place_of_supply char(2) check (place_of_supply ~ '^[0-9]{2}$'),
  is_inter_state boolean not null default false,
  reverse_charge_applies boolean not null default false,
  ecommerce_gstin char(15) check (ecommerce_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][CZ][0-9A-Z]$'),
  shipping_bill_number text check (shipping_bill_number ~ '^[0-9]{3,7}$'),
  shipping_bill_date date,
  port_code text check (port_code ~ '^IN[A-Z]{3}[0-9A-Z]$'),
  currency_id uuid not null references currencies (id) on delete restrict,
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  gross_amount numeric(19,4) not null check (gross_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  vat_amount numeric(19,4) not null default 0 check (vat_amount >= 0),
  tcs_amount numeric(19,4) not null default 0 check (tcs_amount >= 0),
  round_off_amount numeric(19,4) not null default 0 check (abs(round_off_amount) < 1),
  total_amount numeric(19,4) not null check (total_amount >= 0),
  base_total_amount numeric(19,4) not null check (base_total_amount >= 0),
  settled_amount numeric(19,4) not null default 0 check (settled_amount >= 0),
  outstanding_amount numeric(19,4) not null,
  einvoice_status text not null default 'not_applicable' check (
    einvoice_status in ('not_applicable', 'pending', 'generated', 'failed', 'cancelled')
  ),
  irn char(64) unique check (irn ~ '^[0-9a-f]{64}$'),
  irn_ack_number text check (irn_ack_number ~ '^[0-9]{15}$'),
  irn_acknowledged_at timestamptz,
  signed_qr_code text,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  gst_filing_id uuid references gst_filings (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'issued', 'partially_settled', 'settled', 'cancelled')),
  issued_at timestamptz,
  cancelled_at timestamptz,
  cancellation_reason text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tax_invoices_number_key unique (company_branch_id, fiscal_year, invoice_number),
  constraint tax_invoices_number_ck check (tax_regime <> 'gst' or invoice_number ~ '^[A-Za-z0-9/-]{1,16}$'),
  constraint tax_invoices_due_ck check (due_date >= invoice_date),
  constraint tax_invoices_gst_ck check (tax_regime <> 'gst' or (place_of_supply is not null and vat_amount = 0)),
  constraint tax_invoices_no_gst_ck check (tax_regime = 'gst' or cgst_amount + sgst_amount + igst_amount + cess_amount = 0),
  constraint tax_invoices_b2b_ck check (supply_category <> 'b2b' or buyer_gstin is not null),
  constraint tax_invoices_inter_state_ck check (
    (is_inter_state and cgst_amount = 0 and sgst_amount = 0) or (not is_inter_state and igst_amount = 0)
  ),
  constraint tax_invoices_halves_ck check (cgst_amount = sgst_amount),
  constraint tax_invoices_bill_of_supply_ck check (
    document_type <> 'bill_of_supply' or cgst_amount + sgst_amount + igst_amount + cess_amount + vat_amount = 0
  ),
  constraint tax_invoices_taxable_ck check (taxable_amount = gross_amount - discount_amount),
  constraint tax_invoices_total_ck check (
    total_amount = taxable_amount + tcs_amount + round_off_amount
      + case when reverse_charge_applies then 0 else cgst_amount + sgst_amount + igst_amount + cess_amount + vat_amount end
  ),
  constraint tax_invoices_outstanding_ck check (outstanding_amount = total_amount - settled_amount),
  constraint tax_invoices_irn_ck check (einvoice_status <> 'generated' or (irn is not null and irn_ack_number is not null)),
  constraint tax_invoices_issued_ck check (status not in ('issued', 'partially_settled', 'settled') or issued_at is not null),
  constraint tax_invoices_cancelled_ck check ((status = 'cancelled') = (cancelled_at is not null)),
  constraint tax_invoices_shipping_bill_ck check ((shipping_bill_number is null) = (shipping_bill_date is null))
);

create index tax_invoices_customer_date_idx on tax_invoices (customer_id, invoice_date);
create index tax_invoices_status_due_date_idx on tax_invoices (status, due_date);
create index tax_invoices_branch_date_idx on tax_invoices (company_branch_id, invoice_date);
create index tax_invoices_einvoice_idx on tax_invoices (einvoice_status, invoice_date) where einvoice_status in ('pending', 'failed');
create index tax_invoices_warehouse_id_idx on tax_invoices (warehouse_id) where warehouse_id is not null;
create index tax_invoices_order_id_idx on tax_invoices (order_id) where order_id is not null;
create index tax_invoices_invoice_id_idx on tax_invoices (invoice_id) where invoice_id is not null;
create index tax_invoices_shipment_id_idx on tax_invoices (shipment_id) where shipment_id is not null;
create index tax_invoices_payment_term_id_idx on tax_invoices (payment_term_id) where payment_term_id is not null;
create index tax_invoices_salesperson_id_idx on tax_invoices (salesperson_id) where salesperson_id is not null;
create index tax_invoices_currency_id_idx on tax_invoices (currency_id);
create index tax_invoices_journal_entry_id_idx on tax_invoices (journal_entry_id) where journal_entry_id is not null;
create index tax_invoices_gst_filing_id_idx on tax_invoices (gst_filing_id) where gst_filing_id is not null;
create index tax_invoices_created_by_idx on tax_invoices (created_by) where created_by is not null;

comment on table tax_invoices is 'The statutory document of a supply (GST rule 46, or VAT abroad): issued by one registration under its own number series, with place of supply, tax by component, IRN and the return it was reported in. It is what the customer owes in the books; the order-side bill is invoices.';
comment on column tax_invoices.seller_gstin is 'Copied at issue, like names and addresses, so that the document stays as issued when master data changes.';
comment on column tax_invoices.place_of_supply is 'Two-digit GST state code; 96 for other countries, 97 for other territory.';
comment on column tax_invoices.reverse_charge_applies is 'The recipient pays the tax: it is shown on the document but not part of the total.';
comment on column tax_invoices.settled_amount is 'Sum of payment_allocations on the invoice; outstanding_amount is what is left.';
comment on column tax_invoices.gst_filing_id is 'The GSTR-1 (or IFF) in which the invoice was reported; from then on it is corrected by credit_debit_notes only.';
comment on column tax_invoices.ecommerce_gstin is 'GSTIN of the marketplace through which the supply was made (tables 14 and 15 of GSTR-1).';

create table invoice_items (
  id uuid primary key default gen_random_uuid(),
  tax_invoice_id uuid not null references tax_invoices (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  line_type text not null default 'goods' check (line_type in ('goods', 'service', 'freight', 'packing', 'insurance', 'other_charge')),
  product_id uuid references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  order_item_id uuid references order_items (id) on delete restrict,
  description text not null,
  hsn_code text check (hsn_code ~ '^([0-9]{4}|[0-9]{6}|[0-9]{8})$'),
  batch_number text,
  serial_numbers text[],
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z0-9]{1,10}$'),
  quantity numeric(19,6) not null check (quantity > 0),
  free_quantity numeric(19,6) not null default 0 check (free_quantity >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  mrp_price numeric(21,9) check (mrp_price >= 0),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  gross_amount numeric(19,4) not null check (gross_amount >= 0),
  discount_percent numeric(7,4) not null default 0 check (discount_percent between 0 and 100),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  tax_configuration_id uuid references tax_configurations (id) on delete restrict,
  tax_rate_percent numeric(7,4) not null default 0 check (tax_rate_percent between 0 and 100),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  vat_amount numeric(19,4) not null default 0 check (vat_amount >= 0),
  line_total numeric(19,4) not null check (line_total >= 0),
  revenue_account_id uuid references chart_of_accounts (id) on delete restrict,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tax_invoice_id, line_number),
  constraint invoice_items_goods_ck check (line_type <> 'goods' or product_id is not null),
  constraint invoice_items_taxable_ck check (taxable_amount = gross_amount - discount_amount),
  constraint invoice_items_split_ck check (igst_amount = 0 or cgst_amount + sgst_amount = 0),
  constraint invoice_items_total_ck check (
    line_total = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + vat_amount
  )
);

create index invoice_items_hsn_code_idx on invoice_items (hsn_code);
create index invoice_items_product_id_idx on invoice_items (product_id) where product_id is not null;
create index invoice_items_product_variant_id_idx on invoice_items (product_variant_id) where product_variant_id is not null;
create index invoice_items_order_item_id_idx on invoice_items (order_item_id) where order_item_id is not null;
create index invoice_items_tax_configuration_id_idx on invoice_items (tax_configuration_id) where tax_configuration_id is not null;
create index invoice_items_revenue_account_id_idx on invoice_items (revenue_account_id) where revenue_account_id is not null;

comment on table invoice_items is 'One line of a tax invoice: the goods or service supplied, HSN or SAC, quantity, taxable value and tax by component, as reported in the HSN summary of GSTR-1. Lines of order-side invoices are the order_items.';
comment on column invoice_items.hsn_code is 'Copied at issue; SAC (six digits starting with 99) for services.';
comment on column invoice_items.free_quantity is 'Given with the line without charge (scheme goods); leaves stock but carries no value.';

create table credit_debit_notes (
  id uuid primary key default gen_random_uuid(),
  company_branch_id uuid not null references company_branches (id) on delete restrict,
  note_type text not null check (note_type in ('credit', 'debit')),
  note_number text not null,
  fiscal_year text not null check (fiscal_year ~ '^[0-9]{4}(-[0-9]{2})?$'),
  note_date date not null,
  customer_id uuid not null references customers (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  original_invoice_number text,
  original_invoice_date date,
  reason_code text not null check (
    reason_code in (
      'sales_return', 'post_sale_discount', 'deficiency_in_service', 'price_correction', 'quantity_correction', 'tax_correction',
      'change_in_place_of_supply', 'finalisation_of_provisional_assessment', 'late_payment_interest', 'other'
    )
  ),
  reason text,
  affects_gst boolean not null default true,
  affects_stock boolean not null default false,
  seller_gstin char(15) check (seller_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  buyer_gstin char(15) check (buyer_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  place_of_supply char(2) check (place_of_supply ~ '^[0-9]{2}$'),
  is_inter_state boolean not null default false,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  vat_amount numeric(19,4) not null default 0 check (vat_amount >= 0),
  round_off_amount numeric(19,4) not null default 0 check (abs(round_off_amount) < 1),
  total_amount numeric(19,4) not null check (total_amount > 0),
  base_total_amount numeric(19,4) not null check (base_total_amount > 0),
  applied_amount numeric(19,4) not null default 0 check (applied_amount >= 0),
  refunded_amount numeric(19,4) not null default 0 check (refunded_amount >= 0),
  open_amount numeric(19,4) not null check (open_amount >= 0),
  irn char(64) unique check (irn ~ '^[0-9a-f]{64}$'),
  irn_ack_number text check (irn_ack_number ~ '^[0-9]{15}$'),
  irn_acknowledged_at timestamptz,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  gst_filing_id uuid references gst_filings (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'issued', 'partially_applied', 'applied', 'cancelled')),
  issued_at timestamptz,
  created_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint credit_debit_notes_number_key unique (company_branch_id, fiscal_year, note_number),
  constraint credit_debit_notes_number_ck check (not affects_gst or note_number ~ '^[A-Za-z0-9/-]{1,16}$'),
  constraint credit_debit_notes_original_ck check (original_invoice_date <= note_date),
  constraint credit_debit_notes_no_gst_ck check (affects_gst or cgst_amount + sgst_amount + igst_amount + cess_amount = 0),
  constraint credit_debit_notes_inter_state_ck check (
    (is_inter_state and cgst_amount = 0 and sgst_amount = 0) or (not is_inter_state and igst_amount = 0)
  ),
  constraint credit_debit_notes_halves_ck check (cgst_amount = sgst_amount),
  constraint credit_debit_notes_total_ck check (
    total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + vat_amount + round_off_amount
  ),
  constraint credit_debit_notes_open_ck check (open_amount = total_amount - applied_amount - refunded_amount),
  constraint credit_debit_notes_debit_ck check (note_type = 'credit' or (refunded_amount = 0 and not affects_stock)),
  constraint credit_debit_notes_issued_ck check (status not in ('issued', 'partially_applied', 'applied') or issued_at is not null)
);

create index credit_debit_notes_customer_date_idx on credit_debit_notes (customer_id, note_date);
create index credit_debit_notes_status_date_idx on credit_debit_notes (status, note_date);
create index credit_debit_notes_tax_invoice_id_idx on credit_debit_notes (tax_invoice_id) where tax_invoice_id is not null;
create index credit_debit_notes_journal_entry_id_idx on credit_debit_notes (journal_entry_id) where journal_entry_id is not null;
create index credit_debit_notes_gst_filing_id_idx on credit_debit_notes (gst_filing_id) where gst_filing_id is not null;
create index credit_debit_notes_created_by_idx on credit_debit_notes (created_by) where created_by is not null;
create index credit_debit_notes_approved_by_idx on credit_debit_notes (approved_by) where approved_by is not null;

comment on table credit_debit_notes is 'A note to a customer that lowers (credit) or raises (debit) what a tax invoice charged, under section 34 of the CGST Act. The goods of a return are on sales_return_notes; notes exchanged with vendors belong to procurement.';
comment on column credit_debit_notes.tax_invoice_id is 'Null for a note that stands for several invoices, such as a yearly discount, or for one from before these books.';
comment on column credit_debit_notes.affects_gst is 'False for a commercial note without change of tax, e.g. after 30 November of the following year.';
comment on column credit_debit_notes.open_amount is 'Neither applied to an invoice nor refunded (credit), or not yet paid (debit).';

create table credit_debit_note_items (
  id uuid primary key default gen_random_uuid(),
  credit_debit_note_id uuid not null references credit_debit_notes (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  invoice_item_id uuid references invoice_items (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  description text not null,
  hsn_code text check (hsn_code ~ '^([0-9]{4}|[0-9]{6}|[0-9]{8})$'),
  adjustment_type text not null check (adjustment_type in ('quantity', 'price', 'discount', 'tax', 'charge')),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z0-9]{1,10}$'),
  quantity numeric(19,6) not null default 0 check (quantity >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  original_unit_price numeric(21,9) check (original_unit_price >= 0),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  tax_rate_percent numeric(7,4) not null default 0 check (tax_rate_percent between 0 and 100),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  vat_amount numeric(19,4) not null default 0 check (vat_amount >= 0),
  line_total numeric(19,4) not null check (line_total >= 0),
  account_id uuid references chart_of_accounts (id) on delete restrict,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint credit_debit_note_items_line_key unique (credit_debit_note_id, line_number),
  constraint credit_debit_note_items_quantity_ck check (adjustment_type <> 'quantity' or quantity > 0),
  constraint credit_debit_note_items_split_ck check (igst_amount = 0 or cgst_amount + sgst_amount = 0),
  constraint credit_debit_note_items_total_ck check (
    line_total = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + vat_amount
  )
);

create index credit_debit_note_items_invoice_item_id_idx on credit_debit_note_items (invoice_item_id) where invoice_item_id is not null;
create index credit_debit_note_items_product_id_idx on credit_debit_note_items (product_id) where product_id is not null;
create index credit_debit_note_items_product_variant_id_idx on credit_debit_note_items (product_variant_id) where product_variant_id is not null;
create index credit_debit_note_items_account_id_idx on credit_debit_note_items (account_id) where account_id is not null;

comment on table credit_debit_note_items is 'One line of a credit or debit note: which invoiced line is corrected, whether in quantity, price, discount or tax, and by how much. Amounts are the difference, not the new value.';
comment on column credit_debit_note_items.original_unit_price is 'Price on the invoice; unit_price is the difference per unit for price adjustments, the invoiced price for returned quantities.';

create table payment_receipts (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  receipt_number text not null,
  receipt_date date not null,
  receipt_type text not null default 'against_invoice' check (
    receipt_type in ('against_invoice', 'advance', 'on_account', 'security_deposit', 'gateway_settlement', 'cod_remittance')
  ),
  customer_id uuid not null references customers (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  payment_id uuid references payments (id) on delete restrict,
  bank_account_id uuid not null references bank_accounts (id) on delete restrict,
  payment_mode text not null check (
    payment_mode in ('neft', 'rtgs', 'imps', 'upi', 'nach', 'cheque', 'demand_draft', 'cash', 'card', 'gateway', 'swift', 'sepa', 'adjustment')
  ),
  instrument_number text,
  instrument_date date,
  drawee_bank text,
  utr_number text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  received_amount numeric(19,4) not null check (received_amount >= 0),
  bank_charges_amount numeric(19,4) not null default 0 check (bank_charges_amount >= 0),
  tds_withheld_amount numeric(19,4) not null default 0 check (tds_withheld_amount >= 0),
  tds_section text,
  settlement_amount numeric(19,4) not null check (settlement_amount > 0),
  base_settlement_amount numeric(19,4) not null check (base_settlement_amount > 0),
  allocated_amount numeric(19,4) not null default 0 check (allocated_amount >= 0),
  unallocated_amount numeric(19,4) not null check (unallocated_amount >= 0),
  advance_gst_amount numeric(19,4) not null default 0 check (advance_gst_amount >= 0),
  deposited_on date,
  cleared_on date,
  bounced_on date,
  bounce_reason text,
  firc_number text,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'post_dated', 'posted', 'bounced', 'cancelled')),
  remarks text,
  received_by uuid references users (id) on delete set null,
  posted_by uuid references users (id) on delete set null,
  posted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, receipt_number),
  constraint payment_receipts_settlement_ck check (settlement_amount = received_amount + bank_charges_amount + tds_withheld_amount),
  constraint payment_receipts_allocation_ck check (allocated_amount + unallocated_amount = settlement_amount),
  constraint payment_receipts_instrument_ck check (
    payment_mode not in ('cheque', 'demand_draft') or (instrument_number is not null and instrument_date is not null)
  ),
  constraint payment_receipts_advance_gst_ck check (advance_gst_amount = 0 or receipt_type = 'advance'),
  constraint payment_receipts_bounced_ck check ((status = 'bounced') = (bounced_on is not null)),
  constraint payment_receipts_posted_ck check (status <> 'posted' or posted_at is not null)
);

create index payment_receipts_customer_date_idx on payment_receipts (customer_id, receipt_date);
create index payment_receipts_status_date_idx on payment_receipts (status, receipt_date);
create index payment_receipts_unallocated_idx on payment_receipts (customer_id) where unallocated_amount > 0 and status = 'posted';
create index payment_receipts_utr_number_idx on payment_receipts (utr_number) where utr_number is not null;
create index payment_receipts_company_branch_id_idx on payment_receipts (company_branch_id) where company_branch_id is not null;
create index payment_receipts_tax_invoice_id_idx on payment_receipts (tax_invoice_id) where tax_invoice_id is not null;
create index payment_receipts_order_id_idx on payment_receipts (order_id) where order_id is not null;
create index payment_receipts_payment_id_idx on payment_receipts (payment_id) where payment_id is not null;
create index payment_receipts_bank_account_id_idx on payment_receipts (bank_account_id);
create index payment_receipts_journal_entry_id_idx on payment_receipts (journal_entry_id) where journal_entry_id is not null;
create index payment_receipts_received_by_idx on payment_receipts (received_by) where received_by is not null;
create index payment_receipts_posted_by_idx on payment_receipts (posted_by) where posted_by is not null;

comment on table payment_receipts is 'Money of a customer booked into a bank or cash account, with the tax withheld from it, posted to the ledger and waiting to be allocated. One row is money in the books; the try at a gateway that may lie behind it is payments.';
comment on column payment_receipts.tax_invoice_id is 'The one invoice it was paid for, if it names one; how it was really settled, over one or many, is in payment_allocations.';
comment on column payment_receipts.settlement_amount is 'What the customer''s debt falls by: received, plus charges the banks took on the way, plus the TDS the customer deducted.';
comment on column payment_receipts.advance_gst_amount is 'GST contained in an advance for services, due on receipt (receipt voucher, rule 50).';
comment on column payment_receipts.firc_number is 'Foreign inward remittance certificate or FIRA, proof of export proceeds.';

create table payment_allocations (
  id uuid primary key default gen_random_uuid(),
  payment_receipt_id uuid references payment_receipts (id) on delete restrict,
  credit_note_id uuid references credit_debit_notes (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  debit_note_id uuid references credit_debit_notes (id) on delete restrict,
  allocation_date date not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  allocated_amount numeric(19,4) not null check (allocated_amount > 0),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  early_discount_amount numeric(19,4) not null default 0 check (early_discount_amount >= 0),
  write_off_amount numeric(19,4) not null default 0 check (write_off_amount >= 0),
  settled_amount numeric(19,4) not null check (settled_amount > 0),
  invoice_exchange_rate numeric(21,9) not null default 1 check (invoice_exchange_rate > 0),
  receipt_exchange_rate numeric(21,9) not null default 1 check (receipt_exchange_rate > 0),
  exchange_difference_amount numeric(19,4) not null default 0,
  allocation_method text not null default 'manual' check (allocation_method in ('manual', 'oldest_first', 'reference', 'gateway')),
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  status text not null default 'active' check (status in ('active', 'reversed')),
  reversed_at timestamptz,
  reversal_reason text,
  allocated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payment_allocations_source_ck check (num_nonnulls(payment_receipt_id, credit_note_id) = 1),
  constraint payment_allocations_target_ck check (num_nonnulls(tax_invoice_id, debit_note_id) = 1),
  constraint payment_allocations_settled_ck check (settled_amount = allocated_amount + early_discount_amount + write_off_amount),
  constraint payment_allocations_tds_ck check (tds_amount <= allocated_amount and (tds_amount = 0 or payment_receipt_id is not null)),
  constraint payment_allocations_reversed_ck check ((status = 'reversed') = (reversed_at is not null))
);

create unique index payment_allocations_receipt_invoice_key on payment_allocations (payment_receipt_id, tax_invoice_id)
  where status = 'active' and tax_invoice_id is not null and payment_receipt_id is not null;
create index payment_allocations_invoice_date_idx on payment_allocations (tax_invoice_id, allocation_date);
create index payment_allocations_payment_receipt_id_idx on payment_allocations (payment_receipt_id) where payment_receipt_id is not null;
create index payment_allocations_credit_note_id_idx on payment_allocations (credit_note_id) where credit_note_id is not null;
create index payment_allocations_debit_note_id_idx on payment_allocations (debit_note_id) where debit_note_id is not null;
create index payment_allocations_journal_entry_id_idx on payment_allocations (journal_entry_id) where journal_entry_id is not null;
create index payment_allocations_allocated_by_idx on payment_allocations (allocated_by) where allocated_by is not null;

comment on table payment_allocations is 'How much of one receipt or credit note settles one tax invoice or debit note, with discount, write-off and exchange difference that close the rest. Undone by reversal, so that the history of a customer''s account stays.';
comment on column payment_allocations.allocated_amount is 'Taken from the receipt or note, withheld TDS included; settled_amount is what the invoice is reduced by.';
comment on column payment_allocations.exchange_difference_amount is 'Realised gain (positive) or loss in the company''s currency between the two rates.';

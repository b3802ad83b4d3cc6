-- dealers: the trade channel. Who may buy as a dealer, at which price, against which credit,
-- with which targets, and what trade schemes give back.

create table dealers (
  id uuid primary key default gen_random_uuid(),
  dealer_code text not null unique check (dealer_code ~ '^[A-Z0-9][A-Z0-9/-]{1,19}$'),
  legal_name text not null,
  trade_name text,
  dealer_type text not null default 'dealer' check (dealer_type in ('super_stockist', 'distributor', 'stockist', 'dealer', 'sub_dealer', 'retailer')),
  parent_dealer_id uuid references dealers (id) on delete restrict,
  customer_id uuid unique references customers (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  supply_warehouse_id uuid references warehouses (id) on delete restrict,
  sales_manager_id uuid references users (id) on delete set null,
  payment_term_id uuid references payment_terms (id) on delete restrict,
  contact_name text not null,
  email text check (email ~ '^[^@ ]+@[^@ ]+$'),
  phone text not null check (phone ~ '^\+?[0-9]{6,15}$'),
  gst_registration_type text not null default 'regular' check (gst_registration_type in ('regular', 'composition', 'unregistered', 'sez', 'overseas')),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  pan text check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  vat_number text check (vat_number ~ '^[A-Z]{2}[A-Z0-9+*]{2,13}$'),
  address_line1 text not null,
  address_line2 text,
  city text not null,
  state_code text,
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  credit_limit_amount numeric(19,4) not null default 0 check (credit_limit_amount >= 0),
  overdue_grace_days smallint not null default 0 check (overdue_grace_days between 0 and 180),
  is_credit_blocked boolean not null default false,
  security_deposit_amount numeric(19,4) not null default 0 check (security_deposit_amount >= 0),
  onboarded_on date,
  agreement_ends_on date,
  status text not null default 'prospect' check (status in ('prospect', 'active', 'suspended', 'terminated')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dealers_parent_ck check (parent_dealer_id <> id),
  constraint dealers_agreement_dates_ck check (agreement_ends_on >= onboarded_on),
  constraint dealers_india_address_ck check (country_code <> 'IN' or (state_code is not null and postal_code is not null and state_code ~ '^[0-9]{2}$' and postal_code ~ '^[1-9][0-9]{5}$')),
  constraint dealers_gstin_required_ck check (gst_registration_type not in ('regular', 'composition', 'sez') or gstin is not null or status = 'prospect'),
  constraint dealers_gstin_pan_ck check (gstin is null or pan is null or substr(gstin, 3, 10) = pan),
  constraint dealers_gstin_state_ck check (gstin is null or country_code <> 'IN' or left(gstin, 2) = state_code)
);
create index dealers_parent_dealer_id_idx on dealers (parent_dealer_id) where parent_dealer_id is not null;
create index dealers_region_id_status_idx on dealers (region_id, status);
create index dealers_supply_warehouse_id_idx on dealers (supply_warehouse_id);
create index dealers_sales_manager_id_idx on dealers (sales_manager_id);
create index dealers_payment_term_id_idx on dealers (payment_term_id);
create index dealers_created_by_idx on dealers (created_by);
create index dealers_status_dealer_type_idx on dealers (status, dealer_type);
create index dealers_gstin_idx on dealers (gstin) where gstin is not null;
comment on table dealers is 'One business that buys for resale, with its place in the channel, tax identity and credit terms. Books are kept on the customer it is linked to; a franchisee, who works under our brand, is another table.';
comment on column dealers.customer_id is 'The receivables account the dealer is invoiced through; empty only until the dealer is onboarded.';

create table dealer_pricing (
  id uuid primary key default gen_random_uuid(),
  dealer_id uuid not null references dealers (id) on delete cascade,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  price_method text not null default 'fixed_price' check (price_method in ('fixed_price', 'discount_on_list', 'markup_on_cost')),
  unit_price numeric(21,9) check (unit_price >= 0),
  discount_percent numeric(9,6) check (discount_percent between 0 and 100),
  markup_percent numeric(9,6) check (markup_percent between 0 and 1000),
  floor_unit_price numeric(21,9) check (floor_unit_price >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  minimum_quantity numeric(19,6) not null default 1 check (minimum_quantity > 0),
  uom_code text not null default 'NOS',
  is_tax_inclusive boolean not null default false,
  valid_from date not null,
  valid_to date,
  status text not null default 'draft' check (status in ('draft', 'approved', 'withdrawn')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dealer_pricing_method_ck check (
    (price_method = 'fixed_price' and unit_price is not null and discount_percent is null and markup_percent is null)
    or (price_method = 'discount_on_list' and discount_percent is not null and unit_price is null and markup_percent is null)
    or (price_method = 'markup_on_cost' and markup_percent is not null and unit_price is null and discount_percent is null)
  ),
  constraint dealer_pricing_validity_ck check (valid_to >= valid_from),
  constraint dealer_pricing_approval_ck check (status <> 'approved' or approved_at is not null),
  constraint dealer_pricing_slab_key unique nulls not distinct (dealer_id, product_id, product_variant_id, currency_code, uom_code, minimum_quantity, valid_from)
);
create index dealer_pricing_product_id_valid_from_idx on dealer_pricing (product_id, valid_from);
create index dealer_pricing_product_variant_id_idx on dealer_pricing (product_variant_id) where product_variant_id is not null;
create index dealer_pricing_approved_by_idx on dealer_pricing (approved_by);
create index dealer_pricing_status_valid_to_idx on dealer_pricing (status, valid_to);
comment on table dealer_pricing is 'One price agreed with one dealer for a product (or one variant of it) from a quantity upwards and for a time. Several rows with rising minimum quantities make a slab; without a row the price list applies.';

create table dealer_credit_ledger (
  id uuid primary key default gen_random_uuid(),
  dealer_id uuid not null references dealers (id) on delete restrict,
  entry_number bigint not null check (entry_number > 0),
  entry_date date not null,
  entry_type text not null check (entry_type in ('opening_balance', 'invoice', 'receipt', 'credit_note', 'debit_note', 'scheme_credit', 'interest', 'cheque_bounce', 'write_off', 'adjustment')),
  order_id uuid references orders (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  payment_receipt_id uuid references payment_receipts (id) on delete restrict,
  credit_debit_note_id uuid references credit_debit_notes (id) on delete restrict,
  document_number text not null,
  due_date date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  debit_amount numeric(19,4) not null default 0 check (debit_amount >= 0),
  credit_amount numeric(19,4) not null default 0 check (credit_amount >= 0),
  base_debit_amount numeric(19,4) not null default 0 check (base_debit_amount >= 0),
  base_credit_amount numeric(19,4) not null default 0 check (base_credit_amount >= 0),
  balance_after_amount numeric(19,4) not null,
  credit_limit_amount numeric(19,4) not null check (credit_limit_amount >= 0),
  limit_override_by uuid references users (id) on delete set null,
  reversal_of_id uuid unique references dealer_credit_ledger (id) on delete restrict,
  posted_by uuid references users (id) on delete set null,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dealer_credit_ledger_one_side_ck check ((debit_amount > 0 and credit_amount = 0) or (debit_amount = 0 and credit_amount > 0)),
  constraint dealer_credit_ledger_base_side_ck check ((debit_amount = 0) = (base_debit_amount = 0) and (credit_amount = 0) = (base_credit_amount = 0)),
  constraint dealer_credit_ledger_source_ck check (num_nonnulls(tax_invoice_id, payment_receipt_id, credit_debit_note_id) <= 1),
  constraint dealer_credit_ledger_due_ck check (due_date >= entry_date or entry_type = 'opening_balance'),
  constraint dealer_credit_ledger_reversal_ck check (reversal_of_id <> id),
  constraint dealer_credit_ledger_dealer_id_number_key unique (dealer_id, entry_number)
);
create index dealer_credit_ledger_dealer_id_entry_date_idx on dealer_credit_ledger (dealer_id, entry_date);
create index dealer_credit_ledger_order_id_idx on dealer_credit_ledger (order_id) where order_id is not null;
create index dealer_credit_ledger_tax_invoice_id_idx on dealer_credit_ledger (tax_invoice_id) where tax_invoice_id is not null;
create index dealer_credit_ledger_payment_receipt_id_idx on dealer_credit_ledger (payment_receipt_id) where payment_receipt_id is not null;
create index dealer_credit_ledger_credit_debit_note_id_idx on dealer_credit_ledger (credit_debit_note_id) where credit_debit_note_id is not null;
create index dealer_credit_ledger_limit_override_by_idx on dealer_credit_ledger (limit_override_by) where limit_override_by is not null;
create index dealer_credit_ledger_posted_by_idx on dealer_credit_ledger (posted_by);
create index dealer_credit_ledger_due_date_idx on dealer_credit_ledger (due_date) where debit_amount > 0;
comment on table dealer_credit_ledger is 'One movement on the credit a dealer has used: a debit uses credit, a credit frees it, numbered without gaps per dealer. It steers credit control; the books themselves are in general_ledger.';
comment on column dealer_credit_ledger.credit_limit_amount is 'The limit in force when the entry was posted, so that a later audit can tell whether it was exceeded.';

create table dealer_schemes (
  id uuid primary key default gen_random_uuid(),
  scheme_code text not null unique check (scheme_code ~ '^[A-Z0-9][A-Z0-9/-]{1,29}$'),
  name text not null,
  description text,
  scheme_type text not null check (scheme_type in ('quantity_discount', 'turnover_rebate', 'growth_bonus', 'free_goods', 'early_payment', 'display_support', 'price_protection')),
  dealer_type text check (dealer_type in ('super_stockist', 'distributor', 'stockist', 'dealer', 'sub_dealer', 'retailer')),
  region_id uuid references regions (id) on delete restrict,
  brand_id uuid references brands (id) on delete restrict,
  category_id uuid references categories (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  minimum_quantity numeric(19,6) check (minimum_quantity > 0),
  uom_code text not null default 'NOS',
  minimum_purchase_amount numeric(19,4) check (minimum_purchase_amount >= 0),
  benefit_type text not null check (benefit_type in ('percent', 'flat_amount', 'amount_per_unit', 'free_goods')),
  benefit_percent numeric(9,6) check (benefit_percent > 0 and benefit_percent <= 100),
  benefit_amount numeric(19,4) check (benefit_amount > 0),
  free_product_id uuid references products (id) on delete restrict,
  free_quantity numeric(19,6) check (free_quantity > 0),
  maximum_benefit_amount numeric(19,4) check (maximum_benefit_amount > 0),
  budget_amount numeric(19,4) check (budget_amount > 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  settlement_method text not null default 'credit_note' check (settlement_method in ('on_invoice', 'credit_note', 'free_supply', 'bank_transfer')),
  starts_on date not null,
  ends_on date not null,
  claim_by date,
  is_stackable boolean not null default false,
  status text not null default 'draft' check (status in ('draft', 'approved', 'running', 'closed', 'withdrawn')),
  approved_by uuid references users (id) on delete set null,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dealer_schemes_dates_ck check (ends_on >= starts_on and (claim_by is null or claim_by >= ends_on)),
  constraint dealer_schemes_scope_ck check (num_nonnulls(category_id, product_id) <= 1),
  constraint dealer_schemes_benefit_ck check (
    (benefit_type = 'percent' and benefit_percent is not null and benefit_amount is null and free_quantity is null)
    or (benefit_type in ('flat_amount', 'amount_per_unit') and benefit_amount is not null and benefit_percent is null and free_quantity is null)
    or (benefit_type = 'free_goods' and free_product_id is not null and free_quantity is not null and benefit_percent is null and benefit_amount is null)
  )
);
create index dealer_schemes_status_starts_on_ends_on_idx on dealer_schemes (status, starts_on, ends_on);
create index dealer_schemes_region_id_idx on dealer_schemes (region_id) where region_id is not null;
create index dealer_schemes_brand_id_idx on dealer_schemes (brand_id) where brand_id is not null;
create index dealer_schemes_category_id_idx on dealer_schemes (category_id) where category_id is not null;
create index dealer_schemes_product_id_idx on dealer_schemes (product_id) where product_id is not null;
create index dealer_schemes_free_product_id_idx on dealer_schemes (free_product_id) where free_product_id is not null;
create index dealer_schemes_approved_by_idx on dealer_schemes (approved_by);
create index dealer_schemes_created_by_idx on dealer_schemes (created_by);
comment on table dealer_schemes is 'One trade scheme offered to dealers: who and what qualifies, the benefit, its cap and budget. A scheme with slabs has a row, and a code, for each slab. Consumer offers are promotions; what a dealer has earned under a scheme is in dealer_scheme_applications.';
comment on column dealer_schemes.dealer_type is 'The kind of dealer the scheme is for; empty means every kind. Region, brand, category and product narrow it the same way.';

create table dealer_scheme_applications (
  id uuid primary key default gen_random_uuid(),
  application_number text not null unique,
  dealer_scheme_id uuid not null references dealer_schemes (id) on delete restrict,
  dealer_id uuid not null references dealers (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  applied_on date not null default current_date,
  period_from date,
  period_to date,
  qualifying_quantity numeric(19,6) not null default 0 check (qualifying_quantity >= 0),
  uom_code text not null default 'NOS',
  qualifying_amount numeric(19,4) not null default 0 check (qualifying_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  claimed_amount numeric(19,4) not null default 0 check (claimed_amount >= 0),
  approved_amount numeric(19,4) check (approved_amount >= 0),
  free_quantity numeric(19,6) not null default 0 check (free_quantity >= 0),
  settlement_method text not null default 'credit_note' check (settlement_method in ('on_invoice', 'credit_note', 'free_supply', 'bank_transfer')),
  credit_debit_note_id uuid references credit_debit_notes (id) on delete restrict,
  status text not null default 'claimed' check (status in ('claimed', 'approved', 'rejected', 'settled', 'reversed')),
  rejection_reason text,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  settled_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dealer_scheme_applications_basis_ck check (order_id is not null or (period_from is not null and period_to is not null)),
  constraint dealer_scheme_applications_period_ck check (period_to >= period_from),
  constraint dealer_scheme_applications_approved_ck check (approved_amount <= claimed_amount),
  constraint dealer_scheme_applications_reason_ck check (status <> 'rejected' or rejection_reason is not null),
  constraint dealer_scheme_applications_settled_ck check (status <> 'settled' or (approved_amount is not null and settled_on is not null))
);
create unique index dealer_scheme_applications_scheme_dealer_order_key on dealer_scheme_applications (dealer_scheme_id, dealer_id, order_id, period_from) nulls not distinct where status not in ('rejected', 'reversed');
create index dealer_scheme_applications_scheme_id_status_idx on dealer_scheme_applications (dealer_scheme_id, status);
create index dealer_scheme_applications_dealer_id_applied_on_idx on dealer_scheme_applications (dealer_id, applied_on);
create index dealer_scheme_applications_order_id_idx on dealer_scheme_applications (order_id) where order_id is not null;
create index dealer_scheme_applications_note_id_idx on dealer_scheme_applications (credit_debit_note_id) where credit_debit_note_id is not null;
create index dealer_scheme_applications_approved_by_idx on dealer_scheme_applications (approved_by);
create index dealer_scheme_applications_status_applied_on_idx on dealer_scheme_applications (status, applied_on);
comment on table dealer_scheme_applications is 'One benefit a dealer earned or claimed under a scheme, for one order or for the purchases of a period, up to its settlement. The rules are in dealer_schemes.';

create table dealer_targets (
  id uuid primary key default gen_random_uuid(),
  dealer_id uuid not null references dealers (id) on delete cascade,
  financial_year text not null check (financial_year ~ '^[0-9]{4}(-[0-9]{2})?$'),
  period_type text not null default 'month' check (period_type in ('month', 'quarter', 'half_year', 'year')),
  period_start date not null,
  period_end date not null,
  target_basis text not null default 'sales_value' check (target_basis in ('sales_value', 'sales_quantity', 'collection', 'new_outlets')),
  category_id uuid references categories (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  target_amount numeric(19,4) check (target_amount > 0),
  target_quantity numeric(19,6) check (target_quantity > 0),
  uom_code text not null default 'NOS',
  previous_period_amount numeric(19,4) check (previous_period_amount >= 0),
  achieved_amount numeric(19,4) not null default 0,
  achieved_quantity numeric(19,6) not null default 0,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  payout_threshold_percent numeric(9,6) not null default 100 check (payout_threshold_percent between 0 and 100),
  incentive_percent numeric(9,6) not null default 0 check (incentive_percent between 0 and 100),
  incentive_amount numeric(19,4) not null default 0 check (incentive_amount >= 0),
  status text not null default 'draft' check (status in ('draft', 'agreed', 'closed', 'cancelled')),
  agreed_on date,
  achievement_as_of timestamptz,
  set_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dealer_targets_period_ck check (period_end >= period_start),
  constraint dealer_targets_scope_ck check (num_nonnulls(category_id, product_id) <= 1),
  constraint dealer_targets_basis_ck check (
    (target_basis in ('sales_value', 'collection') and target_amount is not null)
    or (target_basis in ('sales_quantity', 'new_outlets') and target_quantity is not null)
  ),
  constraint dealer_targets_agreed_ck check (status not in ('agreed', 'closed') or agreed_on is not null),
  constraint dealer_targets_period_scope_key unique nulls not distinct (dealer_id, period_start, period_end, target_basis, category_id, product_id)
);
create index dealer_targets_category_id_idx on dealer_targets (category_id) where category_id is not null;
create index dealer_targets_product_id_idx on dealer_targets (product_id) where product_id is not null;
create index dealer_targets_set_by_idx on dealer_targets (set_by);
create index dealer_targets_status_period_start_idx on dealer_targets (status, period_start);
comment on table dealer_targets is 'One goal agreed with a dealer for a period: in value, quantity, collections or new outlets, for everything or one category or product. Achievement is recomputed from invoices; net returns may make it negative.';

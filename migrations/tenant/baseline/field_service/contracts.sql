-- contracts: what is installed where and what we owe for it. The installed base, annual
-- maintenance plans and contracts, and claims under warranty.

create table installations (
  id uuid primary key default gen_random_uuid(),
  installation_number text not null unique,
  customer_id uuid not null references customers (id) on delete restrict,
  customer_address_id uuid not null references customer_addresses (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  stock_item_id uuid references stock_items (id) on delete restrict,
  serial_number text,
  order_id uuid references orders (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  franchisee_id uuid references franchisees (id) on delete restrict,
  technician_id uuid references technicians (id) on delete restrict,
  replaces_installation_id uuid references installations (id) on delete restrict,
  installation_type text not null default 'new' check (installation_type in ('new', 'relocation', 'replacement', 'third_party')),
  requested_on date not null default current_date,
  scheduled_at timestamptz,
  installed_at timestamptz,
  site_contact_name text,
  site_contact_phone text check (site_contact_phone ~ '^\+?[0-9]{6,15}$'),
  site_ready boolean not null default false,
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  commissioning_readings jsonb check (jsonb_typeof(commissioning_readings) = 'object'),
  demo_given boolean not null default false,
  signed_off_by_name text,
  installation_charge numeric(19,4) not null default 0 check (installation_charge >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  warranty_starts_on date,
  warranty_ends_on date,
  extended_warranty_ends_on date,
  removed_on date,
  status text not null default 'requested' check (status in ('requested', 'scheduled', 'in_progress', 'installed', 'failed', 'cancelled', 'removed')),
  status_reason text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint installations_installed_ck check (status not in ('installed', 'removed') or installed_at is not null),
  constraint installations_removed_ck check ((status = 'removed') = (removed_on is not null)),
  constraint installations_warranty_ck check (warranty_ends_on >= warranty_starts_on and (extended_warranty_ends_on is null or extended_warranty_ends_on > warranty_ends_on)),
  constraint installations_replaces_ck check (replaces_installation_id <> id),
  constraint installations_position_ck check ((latitude is null) = (longitude is null)),
  constraint installations_reason_ck check (status not in ('failed', 'cancelled') or status_reason is not null)
);
create unique index installations_product_id_serial_number_key on installations (product_id, serial_number) where serial_number is not null and status = 'installed';
create index installations_product_id_installed_at_idx on installations (product_id, installed_at);
create index installations_customer_id_status_idx on installations (customer_id, status);
create index installations_customer_address_id_idx on installations (customer_address_id);
create index installations_product_variant_id_idx on installations (product_variant_id) where product_variant_id is not null;
create index installations_stock_item_id_idx on installations (stock_item_id) where stock_item_id is not null;
create index installations_serial_number_idx on installations (serial_number) where serial_number is not null;
create index installations_order_id_idx on installations (order_id) where order_id is not null;
create index installations_tax_invoice_id_idx on installations (tax_invoice_id) where tax_invoice_id is not null;
create index installations_region_id_status_idx on installations (region_id, status);
create index installations_franchisee_id_idx on installations (franchisee_id) where franchisee_id is not null;
create index installations_technician_id_scheduled_at_idx on installations (technician_id, scheduled_at);
create index installations_replaces_installation_id_idx on installations (replaces_installation_id) where replaces_installation_id is not null;
create index installations_status_scheduled_at_idx on installations (status, scheduled_at);
create index installations_warranty_ends_on_idx on installations (warranty_ends_on) where status = 'installed';
create index installations_created_by_idx on installations (created_by);
comment on table installations is 'One unit of a product at a site of a customer, from the request to install it until it is removed: our installed base. Warranty dates live here; later visits are service_requests.';
comment on column installations.installation_type is 'third_party: bought elsewhere, taken into our care for a maintenance contract.';

create table amc_plans (
  id uuid primary key default gen_random_uuid(),
  plan_code text not null unique check (plan_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  category_id uuid references categories (id) on delete restrict,
  coverage text not null check (coverage in ('comprehensive', 'labour_only', 'preventive_only', 'extended_warranty')),
  duration_months smallint not null default 12 check (duration_months between 1 and 120),
  preventive_visits_per_year smallint not null default 2 check (preventive_visits_per_year between 0 and 52),
  breakdown_visits_included smallint check (breakdown_visits_included >= 0),
  covers_parts boolean not null default false,
  covers_consumables boolean not null default false,
  parts_discount_percent numeric(9,6) not null default 0 check (parts_discount_percent between 0 and 100),
  exclusions text,
  response_hours smallint not null default 24 check (response_hours > 0),
  resolution_hours smallint not null default 72 check (resolution_hours > 0),
  plan_price numeric(21,9) not null check (plan_price >= 0),
  is_tax_inclusive boolean not null default false,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  sac_code text check (sac_code ~ '^99[0-9]{4}$'),
  gst_percent numeric(9,6) not null check (gst_percent between 0 and 100),
  maximum_product_age_months smallint check (maximum_product_age_months > 0),
  waiting_days smallint not null default 0 check (waiting_days between 0 and 180),
  renewal_grace_days smallint not null default 15 check (renewal_grace_days between 0 and 180),
  renewal_discount_percent numeric(9,6) not null default 0 check (renewal_discount_percent between 0 and 100),
  is_transferable boolean not null default false,
  effective_from date not null,
  effective_to date,
  status text not null default 'draft' check (status in ('draft', 'on_sale', 'withdrawn')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint amc_plans_dates_ck check (effective_to >= effective_from),
  constraint amc_plans_hours_ck check (resolution_hours >= response_hours),
  constraint amc_plans_coverage_ck check (coverage <> 'comprehensive' or covers_parts)
);
create index amc_plans_category_id_status_idx on amc_plans (category_id, status);
create index amc_plans_status_effective_from_idx on amc_plans (status, effective_from);
comment on table amc_plans is 'One maintenance plan on offer for a product category: visits, cover, response times and price for a term. What a customer bought is in amc_contracts, which keeps its own price.';
comment on column amc_plans.breakdown_visits_included is 'Empty means unlimited.';
comment on column amc_plans.waiting_days is 'Days after the start before breakdowns are covered, for units taken over without inspection.';

create table amc_contracts (
  id uuid primary key default gen_random_uuid(),
  contract_number text not null unique,
  amc_plan_id uuid not null references amc_plans (id) on delete restrict,
  customer_id uuid not null references customers (id) on delete restrict,
  customer_address_id uuid references customer_addresses (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  installation_id uuid not null references installations (id) on delete restrict,
  renews_contract_id uuid unique references amc_contracts (id) on delete restrict,
  starts_on date not null,
  ends_on date not null,
  billing_frequency text not null default 'upfront' check (billing_frequency in ('upfront', 'monthly', 'quarterly', 'half_yearly', 'yearly')),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  plan_amount numeric(19,4) not null check (plan_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  round_off_amount numeric(19,4) not null default 0 check (round_off_amount between -1 and 1),
  total_amount numeric(19,4) not null check (total_amount >= 0),
  base_total_amount numeric(19,4) not null check (base_total_amount >= 0),
  place_of_supply text check (place_of_supply ~ '^[0-9]{2}$'),
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  preventive_visits_due smallint not null default 0 check (preventive_visits_due >= 0),
  preventive_visits_done smallint not null default 0 check (preventive_visits_done >= 0),
  breakdown_visits_included smallint check (breakdown_visits_included >= 0),
  breakdown_visits_used smallint not null default 0 check (breakdown_visits_used >= 0),
  next_visit_due_on date,
  auto_renews boolean not null default false,
  status text not null default 'draft' check (status in ('draft', 'awaiting_payment', 'active', 'expired', 'renewed', 'cancelled')),
  cancelled_on date,
  cancellation_reason text,
  refund_amount numeric(19,4) not null default 0 check (refund_amount >= 0),
  sold_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint amc_contracts_dates_ck check (ends_on > starts_on),
  constraint amc_contracts_renews_ck check (renews_contract_id <> id),
  constraint amc_contracts_taxable_ck check (taxable_amount = plan_amount - discount_amount),
  constraint amc_contracts_total_ck check (total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + round_off_amount),
  constraint amc_contracts_gst_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint amc_contracts_cancelled_ck check ((status = 'cancelled') = (cancelled_on is not null) and (status <> 'cancelled' or cancellation_reason is not null)),
  constraint amc_contracts_refund_ck check (refund_amount <= total_amount and (refund_amount = 0 or status = 'cancelled'))
);
create unique index amc_contracts_active_installation_key on amc_contracts (installation_id, starts_on) where status in ('awaiting_payment', 'active');
create index amc_contracts_installation_id_ends_on_idx on amc_contracts (installation_id, ends_on);
create index amc_contracts_amc_plan_id_idx on amc_contracts (amc_plan_id);
create index amc_contracts_customer_id_status_idx on amc_contracts (customer_id, status);
create index amc_contracts_customer_address_id_idx on amc_contracts (customer_address_id);
create index amc_contracts_product_id_idx on amc_contracts (product_id);
create index amc_contracts_tax_invoice_id_idx on amc_contracts (tax_invoice_id) where tax_invoice_id is not null;
create index amc_contracts_sold_by_idx on amc_contracts (sold_by);
create index amc_contracts_status_ends_on_idx on amc_contracts (status, ends_on);
create index amc_contracts_next_visit_due_on_idx on amc_contracts (next_visit_due_on) where status = 'active';
comment on table amc_contracts is 'One annual maintenance contract of a customer for one installed unit: term, price with GST, visits owed and used. A renewal is a new row that points at the one it continues.';
comment on column amc_contracts.breakdown_visits_included is 'Taken over from the plan at signing; empty means unlimited.';

create table warranty_claims (
  id uuid primary key default gen_random_uuid(),
  claim_number text not null unique,
  customer_id uuid not null references customers (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  installation_id uuid references installations (id) on delete restrict,
  service_request_id uuid references service_requests (id) on delete restrict,
  serial_number text,
  claim_type text not null default 'repair' check (claim_type in ('repair', 'replacement', 'refund', 'dead_on_arrival')),
  warranty_type text not null default 'standard' check (warranty_type in ('standard', 'extended', 'part', 'goodwill')),
  purchased_on date,
  warranty_ends_on date,
  failed_on date not null,
  reported_on date not null default current_date,
  defect_code text not null,
  defect_description text not null,
  inspection_finding text check (inspection_finding in ('manufacturing_defect', 'transit_damage', 'installation_fault', 'misuse', 'wear_and_tear', 'no_fault_found')),
  inspected_by uuid references users (id) on delete set null,
  inspected_at timestamptz,
  product_amount numeric(19,4) not null default 0 check (product_amount >= 0),
  parts_amount numeric(19,4) not null default 0 check (parts_amount >= 0),
  labour_amount numeric(19,4) not null default 0 check (labour_amount >= 0),
  freight_amount numeric(19,4) not null default 0 check (freight_amount >= 0),
  claimed_amount numeric(19,4) not null default 0 check (claimed_amount >= 0),
  approved_amount numeric(19,4) check (approved_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  vendor_id uuid references vendors (id) on delete restrict,
  vendor_claim_reference text,
  vendor_recovered_amount numeric(19,4) not null default 0 check (vendor_recovered_amount >= 0),
  replacement_stock_item_id uuid references stock_items (id) on delete restrict,
  status text not null default 'submitted' check (status in ('submitted', 'under_inspection', 'approved', 'rejected', 'settled', 'withdrawn')),
  rejection_reason text,
  decided_by uuid references users (id) on delete set null,
  decided_at timestamptz,
  settled_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint warranty_claims_unit_ck check (installation_id is not null or serial_number is not null),
  constraint warranty_claims_dates_ck check (reported_on >= failed_on and (purchased_on is null or failed_on >= purchased_on)),
  constraint warranty_claims_in_term_ck check (warranty_type = 'goodwill' or warranty_ends_on is null or failed_on <= warranty_ends_on or status in ('submitted', 'under_inspection', 'rejected', 'withdrawn')),
  constraint warranty_claims_claimed_ck check (claimed_amount = product_amount + parts_amount + labour_amount + freight_amount),
  constraint warranty_claims_inspected_ck check ((inspection_finding is null) = (inspected_at is null)),
  constraint warranty_claims_decided_ck check (status not in ('approved', 'rejected', 'settled') or decided_at is not null),
  constraint warranty_claims_rejected_ck check (status <> 'rejected' or rejection_reason is not null),
  constraint warranty_claims_settled_ck check (status <> 'settled' or (approved_amount is not null and settled_on is not null)),
  constraint warranty_claims_vendor_ck check (vendor_id is not null or (vendor_claim_reference is null and vendor_recovered_amount = 0))
);
create index warranty_claims_customer_id_reported_on_idx on warranty_claims (customer_id, reported_on);
create index warranty_claims_product_id_defect_code_idx on warranty_claims (product_id, defect_code);
create index warranty_claims_installation_id_idx on warranty_claims (installation_id) where installation_id is not null;
create index warranty_claims_service_request_id_idx on warranty_claims (service_request_id) where service_request_id is not null;
create index warranty_claims_inspected_by_idx on warranty_claims (inspected_by);
create index warranty_claims_decided_by_idx on warranty_claims (decided_by);
create index warranty_claims_vendor_id_status_idx on warranty_claims (vendor_id, status);
create index warranty_claims_replacement_stock_item_id_idx on warranty_claims (replacement_stock_item_id) where replacement_stock_item_id is not null;
create index warranty_claims_status_reported_on_idx on warranty_claims (status, reported_on);
comment on table warranty_claims is 'One claim that a unit failed within its warranty: defect, inspection, decision, cost to us and what the maker gives back. The repair work itself is the service request.';
comment on column warranty_claims.product_amount is 'Value of the whole unit, where it is replaced or refunded rather than repaired.';
comment on column warranty_claims.vendor_id is 'The maker we pass the cost on to, if it is not ours to bear.';

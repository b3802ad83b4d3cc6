-- who the tenant is in law and in space: legal entities, their registered places of business, sales and service regions,
-- the currencies they trade in, how documents are numbered, and who has to approve what.

create table currencies (
  id uuid primary key default gen_random_uuid(),
  code char(3) not null unique check (code ~ '^[A-Z]{3}$'),
  numeric_code char(3) unique check (numeric_code ~ '^[0-9]{3}$'),
  name text not null,
  symbol text not null,
  symbol_position text not null default 'before' check (symbol_position in ('before', 'after')),
  decimal_places smallint not null default 2 check (decimal_places between 0 and 4),
  minor_unit_name text,
  cash_rounding_minor_units integer not null default 1 check (cash_rounding_minor_units > 0),
  digit_grouping text not null default '3' check (digit_grouping in ('3', '3;2', 'none')),
  decimal_separator text not null default '.' check (decimal_separator in ('.', ',')),
  group_separator text not null default ',' check (group_separator in (',', '.', '''', ' ', '')),
  is_active boolean not null default true,
  sort_order integer not null default 100,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint currencies_separators_ck check (decimal_separator <> group_separator)
);

create index currencies_is_active_sort_order_idx on currencies (is_active, sort_order);

comment on table currencies is 'One currency of ISO 4217 with how its amounts are rounded and printed. Which currency the books are kept in is said by the company; rates between currencies are in exchange_rates.';
comment on column currencies.decimal_places is 'Decimals of the minor unit: 2 for INR, 0 for JPY, 3 for KWD. Totals of a document are rounded to it.';
comment on column currencies.cash_rounding_minor_units is 'Smallest step payable in cash, in minor units: 100 for INR rounded to the rupee, 5 for CHF.';
comment on column currencies.digit_grouping is 'How the digits are grouped in print: 3 for 1,000,000 and 3;2 for 10,00,000 (lakh).';

create table regions (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  name text not null,
  region_type text not null default 'territory' check (region_type in ('country', 'zone', 'state', 'district', 'city', 'territory')),
  parent_region_id uuid references regions (id) on delete restrict,
  level smallint not null default 1 check (level between 1 and 9),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  gst_state_code char(2) check (gst_state_code ~ '^[0-9]{2}$'),
  postal_prefixes text[] not null default '{}',
  time_zone text not null default 'Asia/Kolkata',
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  is_sales_region boolean not null default true,
  is_service_region boolean not null default true,
  sort_order integer not null default 100,
  notes text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint regions_parent_ck check (parent_region_id <> id),
  constraint regions_position_ck check ((latitude is null) = (longitude is null))
);

create index regions_parent_region_id_idx on regions (parent_region_id);
create index regions_country_code_state_code_idx on regions (country_code, state_code);
create index regions_region_type_is_active_idx on regions (region_type, is_active);

comment on table regions is 'A node of the tree of areas by which the business sells, delivers and serves, e.g. South Zone, Karnataka, Bengaluru Urban. It is the tenant''s own cut of the map, not a list of addresses.';
comment on column regions.postal_prefixes is 'Leading digits of the postal codes that fall into the region, e.g. {560,561}; the longest match wins.';

create table companies (
  id uuid primary key default gen_random_uuid(),
  code text not null default 'MAIN' unique check (code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  name text not null,
  legal_name text not null,
  is_default boolean not null default true,
  parent_company_id uuid references companies (id) on delete restrict,
  constitution text check (
    constitution in (
      'proprietorship', 'partnership', 'llp', 'private_limited', 'public_limited', 'one_person_company', 'huf', 'trust',
      'society', 'cooperative', 'government', 'foreign_company', 'other'
    )
  ),
  industry text,
  company_size text check (company_size in ('1-10', '11-50', '51-200', '201-500', '501-1000', '1001-5000', '5001+')),
  incorporated_on date,
  country_code char(2) not null check (country_code ~ '^[A-Z]{2}$'),
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  gst_state_code char(2) check (gst_state_code ~ '^[0-9]{2}$'),
  gst_registration_type text check (
    gst_registration_type in ('regular', 'composition', 'sez_unit', 'sez_developer', 'casual', 'unregistered')
  ),
  gstin char(15) check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  pan char(10) check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  tan char(10) check (tan ~ '^[A-Z]{4}[0-9]{5}[A-Z]$'),
  cin char(21) check (cin ~ '^[LU][0-9]{5}[A-Z]{2}[0-9]{4}[A-Z]{3}[0-9]{6}$'),
  udyam_number text check (udyam_number ~ '^UDYAM-[A-Z]{2}-[0-9]{2}-[0-9]{7}$'),
  iec_code char(10) check (iec_code ~ '^[A-Z0-9]{10}$'),
  lut_number text,
  lut_valid_to date,
  vat_id text check (vat_id ~ '^[A-Z]{2}[A-Z0-9]{2,14}$'),
  registration_number text,
  einvoice_applicable_from date,
  billing_email text check (billing_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  support_email text check (support_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  phone text,
  website text,
  address_line1 text,
  address_line2 text,
  city text,
  district text,
  postal_code text,
  time_zone text not null default 'Asia/Kolkata',
  base_currency_code char(3) not null default 'INR' check (base_currency_code ~ '^[A-Z]{3}$'),
  language text not null default 'en' check (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  fiscal_year_start_month smallint not null default 4 check (fiscal_year_start_month between 1 and 12),
  books_start_on date,
  inventory_valuation_method text not null default 'weighted_average' check (
    inventory_valuation_method in ('weighted_average', 'fifo', 'standard')
  ),
  logo_url text,
  letterhead_url text,
  signatory_name text,
  signatory_designation text,
  invoice_footer text,
  status text not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint companies_parent_ck check (parent_company_id <> id),
  constraint companies_gst_state_ck check (gst_state_code = left(gstin, 2)),
  constraint companies_registered_ck check (gstin is null or gst_registration_type <> 'unregistered'),
  constraint companies_pan_of_gstin_ck check (pan = substr(gstin, 3, 10)),
  constraint companies_pincode_ck check (country_code <> 'IN' or postal_code ~ '^[1-9][0-9]{5}$')
);

create unique index companies_is_default_key on companies (is_default) where is_default;
create index companies_parent_company_id_idx on companies (parent_company_id) where parent_company_id is not null;
create unique index companies_gstin_key on companies (gstin) where gstin is not null;

comment on table companies is 'A legal entity of the tenant: the name, tax registrations and address that stand on its documents, and the currency and year its books are kept in. The first one takes every default; further ones say a code and is_default = false.';
comment on column companies.name is 'Trade name, as customers know the company; legal_name is the one in the register.';
comment on column companies.state_code is 'Second half of the ISO 3166-2 code: KA for IN-KA.';
comment on column companies.lut_number is 'Letter of undertaking under which exports leave without payment of IGST, renewed each financial year.';
comment on column companies.registration_number is 'Number in the company register where there is no CIN: LLPIN, EIN, Companies House number, UEN.';

create table company_branches (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  code text not null check (code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  name text not null,
  branch_type text not null default 'office' check (
    branch_type in ('head_office', 'office', 'factory', 'depot', 'warehouse', 'showroom', 'service_centre')
  ),
  is_head_office boolean not null default false,
  region_id uuid references regions (id) on delete set null,
  default_warehouse_id uuid references warehouses (id) on delete set null,
  gst_registration_type text not null default 'regular' check (
    gst_registration_type in ('regular', 'composition', 'sez_unit', 'sez_developer', 'input_service_distributor', 'casual', 'unregistered')
  ),
  gstin char(15) check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  gst_registered_on date,
  tan char(10) check (tan ~ '^[A-Z]{4}[0-9]{5}[A-Z]$'),
  vat_id text check (vat_id ~ '^[A-Z]{2}[A-Z0-9]{2,14}$'),
  shop_licence_number text,
  contact_name text,
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  phone text,
  address_line1 text not null,
  address_line2 text,
  city text not null,
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  gst_state_code char(2) check (gst_state_code ~ '^[0-9]{2}$'),
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  time_zone text not null default 'Asia/Kolkata',
  opened_on date,
  closed_on date,
  status text not null default 'active' check (status in ('active', 'inactive', 'closed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, code),
  constraint company_branches_gst_state_ck check (gst_state_code = left(gstin, 2)),
  constraint company_branches_registered_ck check (gstin is null or gst_registration_type <> 'unregistered'),
  constraint company_branches_pincode_ck check (country_code <> 'IN' or postal_code ~ '^[1-9][0-9]{5}$'),
  constraint company_branches_closed_ck check (closed_on >= opened_on)
);

create unique index company_branches_head_office_key on company_branches (company_id) where is_head_office;
create index company_branches_region_id_idx on company_branches (region_id);
create index company_branches_default_warehouse_id_idx on company_branches (default_warehouse_id);
create index company_branches_gstin_idx on company_branches (gstin);

comment on table company_branches is 'A place of business of a company: office, factory, depot or showroom, with the GST registration under which it bills. Several branches of one state may share a GSTIN; stock is kept in warehouses, not here.';
comment on column company_branches.default_warehouse_id is 'Where goods billed by this branch leave from unless the document says otherwise.';

create table document_sequences (
  id uuid primary key default gen_random_uuid(),
  document_type text not null check (document_type ~ '^[a-z][a-z0-9_]*$'),
  branch_id uuid references company_branches (id) on delete restrict,
  series_code text not null default 'STD' check (series_code ~ '^[A-Z0-9]{1,6}$'),
  name text not null,
  module_code text not null check (
    module_code in (
      'system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi'
    )
  ),
  prefix text not null default '' check (prefix ~ '^[A-Z0-9/-]{0,10}$'),
  suffix text not null default '' check (suffix ~ '^[A-Z0-9/-]{0,6}$'),
  separator text not null default '/' check (separator in ('/', '-', '')),
  period_format text not null default 'fiscal_year' check (period_format in ('none', 'fiscal_year', 'calendar_year', 'year_month')),
  padding smallint not null default 6 check (padding between 1 and 12),
  start_number bigint not null default 1 check (start_number > 0),
  next_number bigint not null default 1,
  reset_policy text not null default 'fiscal_year' check (reset_policy in ('never', 'fiscal_year', 'calendar_year', 'monthly')),
  current_period text check (current_period ~ '^[0-9]{4}$'),
  is_default boolean not null default true,
  is_gap_free boolean not null default false,
  is_gst_document boolean not null default false,
  last_number_issued text,
  last_issued_at timestamptz,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint document_sequences_series_key unique nulls not distinct (document_type, branch_id, series_code),
  constraint document_sequences_next_number_ck check (next_number >= start_number),
  constraint document_sequences_reset_ck check (
    reset_policy = 'never'
    or (reset_policy = 'fiscal_year' and period_format in ('fiscal_year', 'year_month'))
    or (reset_policy = 'calendar_year' and period_format in ('calendar_year', 'year_month'))
    or (reset_policy = 'monthly' and period_format = 'year_month')
  ),
  constraint document_sequences_gst_length_ck check (
    not is_gst_document
    or char_length(prefix) + char_length(suffix) + greatest(padding, char_length(next_number::text))
      + case period_format when 'none' then 0 else 4 + char_length(separator) end
      + case prefix when '' then 0 else char_length(separator) end <= 16
  )
);

create unique index document_sequences_default_key on document_sequences (document_type, branch_id) nulls not distinct where is_default;
create index document_sequences_branch_id_idx on document_sequences (branch_id);
create index document_sequences_module_code_is_active_idx on document_sequences (module_code, is_active);

comment on table document_sequences is 'The number series of one kind of document, for one branch or (branch empty) for all that have none of their own. A number reads prefix, separator, period, separator, padded number, suffix: INV/2526/000042.';
comment on column document_sequences.period_format is 'Four digits between prefix and number: fiscal_year 2526, calendar_year 2026, year_month 2604.';
comment on column document_sequences.current_period is 'The period next_number belongs to; when today''s period differs, next_number starts again at start_number.';
comment on column document_sequences.is_gap_free is 'The number is drawn in the transaction that posts the document, so that none is lost; drafts carry none.';
comment on column document_sequences.is_gst_document is 'Rule 46 of the CGST Rules: consecutive, unique in the financial year, at most 16 characters of A-Z, 0-9, hyphen and slash.';

create table approval_requests (
  id uuid primary key default gen_random_uuid(),
  request_number text not null unique,
  module_code text not null check (
    module_code in (
      'system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi'
    )
  ),
  document_type text not null check (document_type ~ '^[a-z][a-z0-9_]*$'),
  document_id uuid not null,
  document_number text,
  title text not null,
  justification text,
  branch_id uuid references company_branches (id) on delete set null,
  amount numeric(19,4) check (amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  base_amount numeric(19,4) check (base_amount >= 0),
  policy_code text,
  trigger_reason text not null default 'amount_limit' check (
    trigger_reason in ('always', 'amount_limit', 'discount_limit', 'credit_limit', 'budget', 'price_variance', 'backdated', 'master_change', 'other')
  ),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  current_level smallint not null default 1 check (current_level > 0),
  total_levels smallint not null default 1 check (total_levels > 0),
  requested_by uuid references users (id) on delete set null,
  current_approver_id uuid references users (id) on delete set null,
  current_approver_role_id uuid references roles (id) on delete set null,
  document_snapshot jsonb,
  requested_at timestamptz not null default now(),
  due_at timestamptz,
  escalated_at timestamptz,
  status text not null default 'pending' check (
    status in ('pending', 'approved', 'rejected', 'returned', 'withdrawn', 'expired')
  ),
  decided_by uuid references users (id) on delete set null,
  decided_at timestamptz,
  decision_note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint approval_requests_level_ck check (current_level <= total_levels),
  constraint approval_requests_decided_ck check ((status = 'pending') = (decided_at is null)),
  constraint approval_requests_due_ck check (due_at >= requested_at)
);

create unique index approval_requests_pending_key on approval_requests (document_type, document_id) where status = 'pending';
create index approval_requests_document_id_idx on approval_requests (document_id);
create index approval_requests_approver_status_idx on approval_requests (current_approver_id, status, due_at);
create index approval_requests_approver_role_status_idx on approval_requests (current_approver_role_id, status);
create index approval_requests_requested_by_idx on approval_requests (requested_by, requested_at desc);
create index approval_requests_status_requested_at_idx on approval_requests (status, requested_at desc);
create index approval_requests_branch_id_idx on approval_requests (branch_id) where branch_id is not null;
create index approval_requests_decided_by_idx on approval_requests (decided_by) where decided_by is not null;

comment on table approval_requests is 'One submission of a document (purchase order, discount, credit limit, journal...) for approval, with the level it waits at. At most one is pending for a document; a rejected document is submitted again as a new request.';
comment on column approval_requests.document_snapshot is 'The document as it was submitted, so that the approver and the auditor see what was approved.';

create table approval_history (
  id uuid primary key default gen_random_uuid(),
  approval_request_id uuid not null references approval_requests (id) on delete cascade,
  step_number integer not null check (step_number > 0),
  level smallint not null default 1 check (level > 0),
  action text not null check (
    action in ('submitted', 'approved', 'rejected', 'returned', 'delegated', 'escalated', 'reminded', 'commented', 'withdrawn', 'expired')
  ),
  acted_by uuid references users (id) on delete set null,
  on_behalf_of uuid references users (id) on delete set null,
  forwarded_to uuid references users (id) on delete set null,
  actor_role_code text,
  status_before text check (status_before in ('pending', 'approved', 'rejected', 'returned', 'withdrawn', 'expired')),
  status_after text not null check (status_after in ('pending', 'approved', 'rejected', 'returned', 'withdrawn', 'expired')),
  sanctioned_amount numeric(19,4) check (sanctioned_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  comments text,
  conditions text,
  attachment_url text,
  channel text not null default 'web' check (channel in ('web', 'mobile', 'email', 'api', 'system')),
  ip_address inet,
  acted_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (approval_request_id, step_number),
  constraint approval_history_comment_ck check (action not in ('rejected', 'returned', 'commented') or comments is not null)
);

create index approval_history_acted_by_idx on approval_history (acted_by, acted_at desc);
create index approval_history_on_behalf_of_idx on approval_history (on_behalf_of) where on_behalf_of is not null;
create index approval_history_forwarded_to_idx on approval_history (forwarded_to) where forwarded_to is not null;

comment on table approval_history is 'What was done to an approval request, step by step: submitted, delegated, escalated, approved. Rows are only added, never changed; the request itself holds where it stands now.';
comment on column approval_history.on_behalf_of is 'The absent approver for whom a deputy acted.';
comment on column approval_history.sanctioned_amount is 'What the approver agreed to when it is less than what was asked for.';

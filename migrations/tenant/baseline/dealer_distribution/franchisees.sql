-- franchisees: businesses that work under our brand. Who they are, what was contracted, which
-- area is theirs, which postal codes they serve, and how well they do.

create table franchisees (
  id uuid primary key default gen_random_uuid(),
  franchisee_code text not null unique check (franchisee_code ~ '^[A-Z0-9][A-Z0-9/-]{1,19}$'),
  legal_name text not null,
  outlet_name text not null,
  operating_model text not null default 'fofo' check (operating_model in ('fofo', 'foco', 'cofo', 'master')),
  parent_franchisee_id uuid references franchisees (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  customer_id uuid unique references customers (id) on delete restrict,
  vendor_id uuid unique references vendors (id) on delete restrict,
  relationship_manager_id uuid references users (id) on delete set null,
  owner_name text not null,
  email text check (email ~ '^[^@ ]+@[^@ ]+$'),
  phone text not null check (phone ~ '^\+?[0-9]{6,15}$'),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  pan text check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  address_line1 text not null,
  address_line2 text,
  city text not null,
  state_code text,
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  sells_products boolean not null default true,
  services_products boolean not null default true,
  commenced_on date,
  closed_on date,
  status text not null default 'applicant' check (status in ('applicant', 'onboarding', 'active', 'suspended', 'closed')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint franchisees_parent_ck check (parent_franchisee_id <> id),
  constraint franchisees_business_ck check (sells_products or services_products),
  constraint franchisees_dates_ck check (closed_on >= commenced_on),
  constraint franchisees_status_dates_ck check ((status not in ('active', 'suspended') or commenced_on is not null) and (status <> 'closed' or closed_on is not null)),
  constraint franchisees_gstin_pan_ck check (gstin is null or pan is null or substr(gstin, 3, 10) = pan),
  constraint franchisees_india_address_ck check (country_code <> 'IN' or (state_code is not null and postal_code is not null and state_code ~ '^[0-9]{2}$' and postal_code ~ '^[1-9][0-9]{5}$')),
  constraint franchisees_position_ck check ((latitude is null) = (longitude is null))
);
create index franchisees_parent_franchisee_id_idx on franchisees (parent_franchisee_id) where parent_franchisee_id is not null;
create index franchisees_region_id_status_idx on franchisees (region_id, status);
create index franchisees_relationship_manager_id_idx on franchisees (relationship_manager_id);
create index franchisees_created_by_idx on franchisees (created_by);
create index franchisees_status_city_idx on franchisees (status, city);
comment on table franchisees is 'One business that runs an outlet or service centre under our brand. We invoice it through its customer (fees, goods) and pay it through its vendor (service work); fees and terms are in franchisee_contracts.';
comment on column franchisees.operating_model is 'Who owns and who operates: fofo and foco are franchise owned, cofo is company owned and franchise operated, master may appoint sub-franchisees.';

create table franchisee_contracts (
  id uuid primary key default gen_random_uuid(),
  contract_number text not null unique,
  franchisee_id uuid not null references franchisees (id) on delete restrict,
  previous_contract_id uuid unique references franchisee_contracts (id) on delete restrict,
  contract_type text not null default 'new' check (contract_type in ('new', 'renewal', 'amendment')),
  signed_on date,
  starts_on date not null,
  ends_on date not null,
  lock_in_months smallint not null default 0 check (lock_in_months between 0 and 240),
  notice_days smallint not null default 90 check (notice_days between 0 and 730),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  franchise_fee numeric(19,4) not null default 0 check (franchise_fee >= 0),
  security_deposit_amount numeric(19,4) not null default 0 check (security_deposit_amount >= 0),
  royalty_basis text not null default 'net_sales' check (royalty_basis in ('gross_sales', 'net_sales', 'service_revenue', 'fixed')),
  royalty_percent numeric(9,6) not null default 0 check (royalty_percent between 0 and 100),
  royalty_fixed_amount numeric(19,4) not null default 0 check (royalty_fixed_amount >= 0),
  minimum_royalty_amount numeric(19,4) not null default 0 check (minimum_royalty_amount >= 0),
  marketing_fund_percent numeric(9,6) not null default 0 check (marketing_fund_percent between 0 and 100),
  service_share_percent numeric(9,6) not null default 0 check (service_share_percent between 0 and 100),
  billing_frequency text not null default 'monthly' check (billing_frequency in ('monthly', 'quarterly', 'half_yearly', 'yearly')),
  document_url text,
  status text not null default 'draft' check (status in ('draft', 'under_review', 'signed', 'active', 'expired', 'terminated')),
  terminated_on date,
  termination_reason text,
  signed_by uuid references users (id) on delete set null,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint franchisee_contracts_dates_ck check (ends_on > starts_on),
  constraint franchisee_contracts_renewal_ck check ((contract_type = 'new') = (previous_contract_id is null) and previous_contract_id <> id),
  constraint franchisee_contracts_royalty_ck check ((royalty_basis = 'fixed' and royalty_percent = 0) or (royalty_basis <> 'fixed' and royalty_fixed_amount = 0)),
  constraint franchisee_contracts_signed_ck check (status not in ('signed', 'active', 'expired', 'terminated') or signed_on is not null),
  constraint franchisee_contracts_terminated_ck check ((status = 'terminated') = (terminated_on is not null) and terminated_on >= starts_on)
);
create unique index franchisee_contracts_active_key on franchisee_contracts (franchisee_id) where status = 'active';
create index franchisee_contracts_franchisee_id_starts_on_idx on franchisee_contracts (franchisee_id, starts_on);
create index franchisee_contracts_status_ends_on_idx on franchisee_contracts (status, ends_on);
create index franchisee_contracts_signed_by_idx on franchisee_contracts (signed_by);
create index franchisee_contracts_created_by_idx on franchisee_contracts (created_by);
comment on table franchisee_contracts is 'One franchise agreement or its renewal or amendment: term, fees, royalty and our share of service income. A franchisee has at most one active contract; the rest is its history.';
comment on column franchisee_contracts.service_share_percent is 'Part of the income of a service job that is paid out to the franchisee.';

create table franchisee_territories (
  id uuid primary key default gen_random_uuid(),
  territory_code text not null check (territory_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  franchisee_id uuid not null references franchisees (id) on delete restrict,
  franchisee_contract_id uuid references franchisee_contracts (id) on delete restrict,
  territory_type text not null default 'city' check (territory_type in ('state', 'district', 'city', 'postal_cluster', 'custom')),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  state_code text,
  district text,
  city text,
  boundary_geojson jsonb check (jsonb_typeof(boundary_geojson) = 'object'),
  is_exclusive boolean not null default false,
  covers_sales boolean not null default true,
  covers_service boolean not null default true,
  yearly_target_amount numeric(19,4) not null default 0 check (yearly_target_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  assigned_on date not null,
  released_on date,
  release_reason text,
  status text not null default 'planned' check (status in ('planned', 'assigned', 'released')),
  assigned_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint franchisee_territories_dates_ck check (released_on >= assigned_on),
  constraint franchisee_territories_released_ck check ((status = 'released') = (released_on is not null)),
  constraint franchisee_territories_covers_ck check (covers_sales or covers_service),
  constraint franchisee_territories_state_ck check (country_code <> 'IN' or state_code ~ '^[0-9]{2}$'),
  constraint franchisee_territories_place_ck check ((territory_type <> 'state' or state_code is not null) and (territory_type <> 'city' or city is not null) and (territory_type <> 'district' or district is not null)),
  constraint franchisee_territories_code_key unique (territory_code, franchisee_id, assigned_on)
);
create unique index franchisee_territories_exclusive_key on franchisee_territories (territory_code) where is_exclusive and status = 'assigned';
create index franchisee_territories_franchisee_id_status_idx on franchisee_territories (franchisee_id, status);
create index franchisee_territories_franchisee_contract_id_idx on franchisee_territories (franchisee_contract_id) where franchisee_contract_id is not null;
create index franchisee_territories_assigned_by_idx on franchisee_territories (assigned_by);
create index franchisee_territories_place_idx on franchisee_territories (country_code, state_code, city);
comment on table franchisee_territories is 'One area given to one franchisee for a time, exclusively or shared, with the sales the franchisee commits to there. The postal codes served day to day are in franchisee_serviceability.';

create table franchisee_serviceability (
  id uuid primary key default gen_random_uuid(),
  franchisee_id uuid not null references franchisees (id) on delete cascade,
  franchisee_territory_id uuid references franchisee_territories (id) on delete set null,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  postal_code text not null check (postal_code ~ '^[A-Z0-9][A-Z0-9 -]{1,9}$'),
  locality text,
  service_kind text not null check (service_kind in ('installation', 'repair', 'maintenance', 'delivery', 'demo')),
  priority smallint not null default 1 check (priority between 1 and 99),
  response_hours smallint not null default 24 check (response_hours > 0),
  daily_job_capacity smallint check (daily_job_capacity > 0),
  distance_km numeric(12,3) check (distance_km >= 0),
  visit_charge numeric(19,4) not null default 0 check (visit_charge >= 0),
  remote_area_charge numeric(19,4) not null default 0 check (remote_area_charge >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  effective_from date not null,
  effective_to date,
  is_active boolean not null default true,
  pause_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint franchisee_serviceability_dates_ck check (effective_to >= effective_from),
  constraint franchisee_serviceability_pincode_ck check (country_code <> 'IN' or postal_code ~ '^[1-9][0-9]{5}$'),
  constraint franchisee_serviceability_place_key unique (franchisee_id, country_code, postal_code, service_kind, effective_from)
);
create index franchisee_serviceability_territory_id_idx on franchisee_serviceability (franchisee_territory_id) where franchisee_territory_id is not null;
create index franchisee_serviceability_postal_code_idx on franchisee_serviceability (country_code, postal_code, service_kind, priority) where is_active;
comment on table franchisee_serviceability is 'One kind of work a franchisee does in one postal code, with rank, response time and visit charges: the look-up that routes a job. It says what is served, not who owns the area.';

create table franchisee_performance (
  id uuid primary key default gen_random_uuid(),
  franchisee_id uuid not null references franchisees (id) on delete cascade,
  period_type text not null default 'month' check (period_type in ('month', 'quarter', 'year')),
  period_start date not null,
  period_end date not null,
  jobs_assigned_count integer not null default 0 check (jobs_assigned_count >= 0),
  jobs_completed_count integer not null default 0 check (jobs_completed_count >= 0),
  jobs_within_sla_count integer not null default 0 check (jobs_within_sla_count >= 0),
  first_visit_fix_count integer not null default 0 check (first_visit_fix_count >= 0),
  repeat_complaint_count integer not null default 0 check (repeat_complaint_count >= 0),
  escalation_count integer not null default 0 check (escalation_count >= 0),
  average_resolution_hours numeric(9,2) check (average_resolution_hours >= 0),
  rating_count integer not null default 0 check (rating_count >= 0),
  average_rating numeric(3,2) check (average_rating between 1 and 5),
  sales_amount numeric(19,4) not null default 0,
  service_revenue_amount numeric(19,4) not null default 0,
  royalty_due_amount numeric(19,4) not null default 0 check (royalty_due_amount >= 0),
  royalty_received_amount numeric(19,4) not null default 0 check (royalty_received_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  score numeric(7,4) check (score between 0 and 100),
  grade text check (grade in ('A', 'B', 'C', 'D')),
  status text not null default 'provisional' check (status in ('provisional', 'final', 'disputed')),
  computed_at timestamptz not null default now(),
  review_notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint franchisee_performance_period_ck check (period_end > period_start),
  constraint franchisee_performance_jobs_ck check (jobs_within_sla_count <= jobs_completed_count and first_visit_fix_count <= jobs_completed_count),
  constraint franchisee_performance_rating_ck check ((rating_count = 0) = (average_rating is null)),
  constraint franchisee_performance_period_key unique (franchisee_id, period_type, period_start)
);
create index franchisee_performance_period_start_score_idx on franchisee_performance (period_start, score);
create index franchisee_performance_status_period_start_idx on franchisee_performance (status, period_start);
comment on table franchisee_performance is 'The scorecard of one franchisee for one period, counted from service jobs, ratings, sales and royalties. Completed jobs may outnumber assigned ones, as work carries over from the period before.';

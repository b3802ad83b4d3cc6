-- fixed assets: how each kind is depreciated and posted, the register itself, each charge of depreciation,
-- and the upkeep that keeps an asset usable.

create table asset_categories (
  id uuid primary key default gen_random_uuid(),
  category_code text not null unique check (category_code ~ '^[A-Z0-9][A-Z0-9_-]{0,19}$'),
  category_name text not null,
  parent_category_id uuid references asset_categories (id) on delete restrict,
  asset_class text not null check (
    asset_class in (
      'land', 'building', 'plant_machinery', 'furniture', 'vehicle', 'office_equipment', 'computer', 'electrical', 'leasehold_improvement',
      'intangible', 'right_of_use', 'other'
    )
  ),
  asset_account_id uuid not null references chart_of_accounts (id) on delete restrict,
  accumulated_depreciation_account_id uuid constraint asset_categories_accumulated_fkey references chart_of_accounts (id) on delete restrict,
  depreciation_expense_account_id uuid references chart_of_accounts (id) on delete restrict,
  capital_wip_account_id uuid references chart_of_accounts (id) on delete restrict,
  disposal_account_id uuid references chart_of_accounts (id) on delete restrict,
  is_depreciable boolean not null default true,
  depreciation_method text not null default 'straight_line' check (
    depreciation_method in ('straight_line', 'written_down_value', 'units_of_production', 'none')
  ),
  useful_life_months integer check (useful_life_months > 0),
  depreciation_rate_percent numeric(9,6) check (depreciation_rate_percent between 0 and 100),
  residual_value_percent numeric(7,4) not null default 5 check (residual_value_percent between 0 and 100),
  income_tax_block text,
  income_tax_rate_percent numeric(7,4) check (income_tax_rate_percent between 0 and 100),
  posting_frequency text not null default 'monthly' check (posting_frequency in ('monthly', 'quarterly', 'half_yearly', 'yearly')),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  capitalise_from_amount numeric(19,4) not null default 5000 check (capitalise_from_amount >= 0),
  number_prefix text check (number_prefix ~ '^[A-Z0-9-]{1,10}$'),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint asset_categories_parent_ck check (parent_category_id <> id),
  constraint asset_categories_method_ck check (is_depreciable = (depreciation_method <> 'none')),
  constraint asset_categories_accounts_ck check (
    not is_depreciable or (accumulated_depreciation_account_id is not null and depreciation_expense_account_id is not null)
  ),
  constraint asset_categories_basis_ck check (
    depreciation_method in ('none', 'units_of_production') or num_nonnulls(useful_life_months, depreciation_rate_percent) > 0
  )
);

create index asset_categories_class_active_idx on asset_categories (asset_class, is_active);
create index asset_categories_parent_category_id_idx on asset_categories (parent_category_id) where parent_category_id is not null;
create index asset_categories_asset_account_id_idx on asset_categories (asset_account_id);
create index asset_categories_accumulated_idx on asset_categories (accumulated_depreciation_account_id) where accumulated_depreciation_account_id is not null;
create index asset_categories_depreciation_expense_account_id_idx on asset_categories (depreciation_expense_account_id) where depreciation_expense_account_id is not null;
create index asset_categories_capital_wip_account_id_idx on asset_categories (capital_wip_account_id) where capital_wip_account_id is not null;
create index asset_categories_disposal_account_id_idx on asset_categories (disposal_account_id) where disposal_account_id is not null;

comment on table asset_categories is 'A kind of fixed asset with the accounts it is posted to and the depreciation it takes unless the asset says otherwise, for the books (Companies Act Schedule II) and for income tax (block of assets).';
comment on column asset_categories.income_tax_block is 'Block under the Income-tax Act, e.g. plant and machinery 15 %: tax depreciation is computed over the block, not the asset.';
comment on column asset_categories.capitalise_from_amount is 'Purchases below it are expensed instead of capitalised.';
comment on column asset_categories.disposal_account_id is 'Gain or loss on sale and scrapping.';

create table assets (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  asset_category_id uuid not null references asset_categories (id) on delete restrict,
  parent_asset_id uuid references assets (id) on delete restrict,
  asset_number text not null,
  asset_name text not null,
  barcode text unique,
  serial_number text,
  manufacturer text,
  model text,
  acquisition_type text not null default 'purchase' check (
    acquisition_type in ('purchase', 'self_constructed', 'lease', 'gift', 'transfer', 'opening')
  ),
  vendor_id uuid references vendors (id) on delete restrict,
  vendor_invoice_id uuid references vendor_invoices (id) on delete restrict,
  acquired_on date not null,
  put_to_use_on date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  purchase_cost numeric(19,4) not null check (purchase_cost >= 0),
  capitalised_amount numeric(19,4) not null check (capitalised_amount >= 0),
  residual_value_amount numeric(19,4) not null default 0 check (residual_value_amount >= 0),
  accumulated_depreciation_amount numeric(19,4) not null default 0 check (accumulated_depreciation_amount >= 0),
  net_book_value_amount numeric(19,4) not null check (net_book_value_amount >= 0),
  depreciation_method text not null check (depreciation_method in ('straight_line', 'written_down_value', 'units_of_production', 'none')),
  useful_life_months integer check (useful_life_months > 0),
  depreciation_rate_percent numeric(9,6) check (depreciation_rate_percent between 0 and 100),
  cost_center_id uuid references cost_centers (id) on delete restrict,
  custodian_id uuid references employees (id) on delete set null,
  location text,
  warranty_until date,
  insurance_policy_number text,
  insured_amount numeric(19,4) check (insured_amount >= 0),
  insured_until date,
  last_verified_on date,
  status text not null default 'capital_wip' check (
    status in ('capital_wip', 'in_use', 'idle', 'under_maintenance', 'held_for_sale', 'sold', 'scrapped', 'lost')
  ),
  disposed_on date,
  disposal_proceeds_amount numeric(19,4) check (disposal_proceeds_amount >= 0),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, asset_number),
  constraint assets_parent_ck check (parent_asset_id <> id),
  constraint assets_use_ck check (put_to_use_on >= acquired_on),
  constraint assets_in_use_ck check (status <> 'in_use' or put_to_use_on is not null),
  constraint assets_value_ck check (net_book_value_amount = capitalised_amount - accumulated_depreciation_amount),
  constraint assets_residual_ck check (residual_value_amount <= capitalised_amount),
  constraint assets_disposed_ck check ((status in ('sold', 'scrapped', 'lost')) = (disposed_on is not null))
);

create index assets_status_category_idx on assets (status, asset_category_id);
create index assets_serial_number_idx on assets (serial_number) where serial_number is not null;
create index assets_company_branch_id_idx on assets (company_branch_id) where company_branch_id is not null;
create index assets_asset_category_id_idx on assets (asset_category_id);
create index assets_parent_asset_id_idx on assets (parent_asset_id) where parent_asset_id is not null;
create index assets_vendor_id_idx on assets (vendor_id) where vendor_id is not null;
create index assets_vendor_invoice_id_idx on assets (vendor_invoice_id) where vendor_invoice_id is not null;
create index assets_cost_center_id_idx on assets (cost_center_id) where cost_center_id is not null;
create index assets_custodian_id_idx on assets (custodian_id) where custodian_id is not null;
create index assets_created_by_idx on assets (created_by) where created_by is not null;

comment on table assets is 'One fixed asset in the register, from capital work in progress to disposal, with its cost, depreciation to date and who holds it. Goods held for sale are stock_items, not assets.';
comment on column assets.capitalised_amount is 'Gross block: purchase cost plus freight, duty and installation less recoverable tax, in the company''s currency.';
comment on column assets.put_to_use_on is 'Depreciation starts here; for income tax, less than 180 days in the first year gives half the rate.';
comment on column assets.parent_asset_id is 'The machine a component belongs to where components are depreciated apart.';

create table depreciation_entries (
  id uuid primary key default gen_random_uuid(),
  asset_id uuid not null references assets (id) on delete restrict,
  financial_period_id uuid references financial_periods (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  depreciation_book text not null default 'companies_act' check (depreciation_book in ('companies_act', 'income_tax', 'ifrs', 'management')),
  entry_type text not null default 'scheduled' check (entry_type in ('scheduled', 'catch_up', 'impairment', 'disposal', 'reversal')),
  sequence_number integer not null check (sequence_number > 0),
  period_from date not null,
  period_to date not null,
  depreciation_method text not null check (depreciation_method in ('straight_line', 'written_down_value', 'units_of_production', 'none')),
  rate_percent numeric(9,6) check (rate_percent between 0 and 100),
  days_in_use smallint not null check (days_in_use between 0 and 366),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  opening_value_amount numeric(19,4) not null check (opening_value_amount >= 0),
  depreciation_amount numeric(19,4) not null,
  closing_value_amount numeric(19,4) not null check (closing_value_amount >= 0),
  accumulated_amount numeric(19,4) not null check (accumulated_amount >= 0),
  status text not null default 'planned' check (status in ('planned', 'posted', 'reversed', 'skipped')),
  posted_by uuid references users (id) on delete set null,
  posted_at timestamptz,
  reverses_entry_id uuid references depreciation_entries (id) on delete restrict,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint depreciation_entries_sequence_key unique (asset_id, depreciation_book, sequence_number),
  constraint depreciation_entries_dates_ck check (period_to >= period_from),
  constraint depreciation_entries_value_ck check (closing_value_amount = opening_value_amount - depreciation_amount),
  constraint depreciation_entries_sign_ck check ((entry_type = 'reversal') = (depreciation_amount < 0)),
  constraint depreciation_entries_posted_ck check (status not in ('posted', 'reversed') or posted_at is not null),
  constraint depreciation_entries_reversal_ck check ((entry_type = 'reversal') = (reverses_entry_id is not null)),
  constraint depreciation_entries_journal_ck check (
    status <> 'posted' or depreciation_book <> 'companies_act' or journal_entry_id is not null
  )
);

create unique index depreciation_entries_scheduled_key on depreciation_entries (asset_id, depreciation_book, period_from)
  where entry_type = 'scheduled' and status in ('planned', 'posted');
create index depreciation_entries_status_period_idx on depreciation_entries (status, period_to);
create index depreciation_entries_financial_period_id_idx on depreciation_entries (financial_period_id) where financial_period_id is not null;
create index depreciation_entries_journal_entry_id_idx on depreciation_entries (journal_entry_id) where journal_entry_id is not null;
create index depreciation_entries_posted_by_idx on depreciation_entries (posted_by) where posted_by is not null;
create index depreciation_entries_reverses_entry_id_idx on depreciation_entries (reverses_entry_id) where reverses_entry_id is not null;

comment on table depreciation_entries is 'One charge of depreciation or impairment on one asset for one period in one book: first planned as the schedule, then posted. Only the companies_act book reaches the general ledger; the others serve tax and reporting.';

create table asset_maintenance (
  id uuid primary key default gen_random_uuid(),
  asset_id uuid not null references assets (id) on delete restrict,
  work_order_number text not null unique,
  maintenance_type text not null check (
    maintenance_type in ('preventive', 'breakdown', 'calibration', 'statutory_inspection', 'overhaul', 'upgrade', 'cleaning')
  ),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'critical')),
  problem_description text not null,
  reported_by uuid references users (id) on delete set null,
  assigned_to uuid references users (id) on delete set null,
  vendor_id uuid references vendors (id) on delete restrict,
  vendor_invoice_id uuid references vendor_invoices (id) on delete restrict,
  scheduled_on date not null,
  started_at timestamptz,
  completed_at timestamptz,
  downtime_hours numeric(9,2) not null default 0 check (downtime_hours >= 0),
  meter_reading numeric(14,2) check (meter_reading >= 0),
  work_done text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  labour_cost numeric(19,4) not null default 0 check (labour_cost >= 0),
  spares_cost numeric(19,4) not null default 0 check (spares_cost >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  total_cost numeric(19,4) not null default 0,
  is_capitalised boolean not null default false,
  is_under_warranty boolean not null default false,
  next_due_on date,
  certificate_number text,
  status text not null default 'planned' check (status in ('planned', 'in_progress', 'on_hold', 'completed', 'cancelled')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint asset_maintenance_total_ck check (total_cost = labour_cost + spares_cost + tax_amount),
  constraint asset_maintenance_times_ck check (completed_at >= started_at),
  constraint asset_maintenance_completed_ck check (status <> 'completed' or completed_at is not null),
  constraint asset_maintenance_next_due_ck check (next_due_on > scheduled_on)
);

create index asset_maintenance_asset_scheduled_idx on asset_maintenance (asset_id, scheduled_on);
create index asset_maintenance_status_scheduled_idx on asset_maintenance (status, scheduled_on);
create index asset_maintenance_next_due_on_idx on asset_maintenance (next_due_on) where next_due_on is not null;
create index asset_maintenance_reported_by_idx on asset_maintenance (reported_by) where reported_by is not null;
create index asset_maintenance_assigned_to_idx on asset_maintenance (assigned_to) where assigned_to is not null;
create index asset_maintenance_vendor_id_idx on asset_maintenance (vendor_id) where vendor_id is not null;
create index asset_maintenance_vendor_invoice_id_idx on asset_maintenance (vendor_invoice_id) where vendor_invoice_id is not null;
create index asset_maintenance_created_by_idx on asset_maintenance (created_by) where created_by is not null;

comment on table asset_maintenance is 'One job of upkeep on one of our own assets: planned, done, what it cost and when it is due again. Service on goods sold to customers is in service_requests.';
comment on column asset_maintenance.is_capitalised is 'True if the job lengthens life or raises capacity, so that its cost joins the gross block instead of expense.';
comment on column asset_maintenance.certificate_number is 'Calibration or statutory inspection certificate (lift, boiler, weighing scale).';

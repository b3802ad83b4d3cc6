-- the books themselves: which accounts exist, which periods are open, what was journalled, what was posted,
-- and the tax codes and exchange rates every document takes its figures from.

create table chart_of_accounts (
  id uuid primary key default gen_random_uuid(),
  account_code text not null unique check (account_code ~ '^[A-Z0-9][A-Z0-9.-]{0,19}$'),
  account_name text not null,
  parent_account_id uuid references chart_of_accounts (id) on delete restrict,
  level smallint not null default 1 check (level between 1 and 9),
  is_group boolean not null default false,
  account_class text not null check (account_class in ('asset', 'liability', 'equity', 'income', 'expense')),
  account_type text not null check (
    account_type in (
      'group', 'bank', 'cash', 'receivable', 'payable', 'inventory', 'goods_in_transit', 'grni', 'work_in_progress', 'fixed_asset',
      'accumulated_depreciation', 'capital_wip', 'investment', 'deposit', 'advance_paid', 'advance_received', 'prepaid', 'accrual',
      'gst_output', 'gst_input', 'gst_reverse_charge', 'gst_ledger', 'vat_output', 'vat_input', 'tds_payable', 'tds_receivable',
      'tcs_payable', 'tcs_receivable', 'statutory_due', 'provision', 'loan', 'capital', 'reserve', 'retained_earnings', 'clearing',
      'sales', 'sales_deduction', 'other_income', 'cost_of_goods_sold', 'stock_adjustment', 'direct_expense', 'employee_cost',
      'operating_expense', 'finance_cost', 'depreciation', 'exchange_difference', 'round_off', 'income_tax', 'opening_balance', 'other'
    )
  ),
  normal_side text not null check (normal_side in ('debit', 'credit')),
  party_type text check (party_type in ('customer', 'vendor', 'employee')),
  currency_code char(3) check (currency_code ~ '^[A-Z]{3}$'),
  tax_component text check (tax_component in ('cgst', 'sgst', 'igst', 'cess', 'vat', 'tds', 'tcs')),
  allows_manual_posting boolean not null default true,
  is_reconcilable boolean not null default false,
  requires_cost_center boolean not null default false,
  is_revalued boolean not null default false,
  cash_flow_section text check (cash_flow_section in ('operating', 'investing', 'financing', 'cash')),
  schedule_iii_head text,
  description text,
  is_system boolean not null default false,
  is_active boolean not null default true,
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chart_of_accounts_parent_ck check (parent_account_id <> id),
  constraint chart_of_accounts_root_ck check ((parent_account_id is null) = (level = 1)),
  constraint chart_of_accounts_group_ck check (is_group = (account_type = 'group')),
  constraint chart_of_accounts_party_ck check (party_type is null or not is_group)
);

create index chart_of_accounts_class_type_idx on chart_of_accounts (account_class, account_type);
create index chart_of_accounts_type_active_idx on chart_of_accounts (account_type) where is_active and not is_group;
create index chart_of_accounts_parent_account_id_idx on chart_of_accounts (parent_account_id) where parent_account_id is not null;
create index chart_of_accounts_created_by_idx on chart_of_accounts (created_by) where created_by is not null;
create index chart_of_accounts_updated_by_idx on chart_of_accounts (updated_by) where updated_by is not null;

comment on table chart_of_accounts is 'A node of the chart of accounts, shared by all companies of the tenant: either a group that only adds up its children, or a ledger account that can be posted to. It holds no balance; balances are sums over general_ledger.';
comment on column chart_of_accounts.party_type is 'Set on control accounts: each posting must then name a party of that kind.';
comment on column chart_of_accounts.allows_manual_posting is 'False for accounts only documents may post to (receivables, stock, GST), so that the sub-ledger always agrees with the account.';
comment on column chart_of_accounts.currency_code is 'Set if the account takes postings in one currency only, e.g. an EEFC bank account; null takes any.';
comment on column chart_of_accounts.is_revalued is 'Open balances in foreign currency are revalued at the closing rate at period end.';
comment on column chart_of_accounts.schedule_iii_head is 'Line of the Companies Act Schedule III balance sheet or statement of profit and loss under which the account is reported.';

create table cost_centers (
  id uuid primary key default gen_random_uuid(),
  company_id uuid references companies (id) on delete restrict,
  cost_center_code text not null check (cost_center_code ~ '^[A-Z0-9][A-Z0-9._-]{0,29}$'),
  cost_center_name text not null,
  parent_cost_center_id uuid references cost_centers (id) on delete restrict,
  level smallint not null default 1 check (level between 1 and 9),
  is_group boolean not null default false,
  center_type text not null default 'department' check (
    center_type in ('department', 'branch', 'warehouse', 'project', 'product_line', 'channel', 'vehicle', 'campaign', 'other')
  ),
  responsibility text not null default 'cost' check (responsibility in ('cost', 'revenue', 'profit', 'investment')),
  manager_id uuid references users (id) on delete set null,
  valid_from date not null default current_date,
  valid_to date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  annual_budget_amount numeric(19,4) check (annual_budget_amount >= 0),
  budget_control text not null default 'none' check (budget_control in ('none', 'warn', 'stop')),
  budget_tolerance_percent numeric(7,4) not null default 0 check (budget_tolerance_percent between 0 and 100),
  allocation_basis text not null default 'none' check (
    allocation_basis in ('none', 'headcount', 'floor_area', 'revenue', 'machine_hours', 'fixed_share')
  ),
  allocation_share_percent numeric(9,6) check (allocation_share_percent between 0 and 100),
  description text,
  is_active boolean not null default true,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (company_id, cost_center_code),
  constraint cost_centers_parent_ck check (parent_cost_center_id <> id),
  constraint cost_centers_valid_ck check (valid_to >= valid_from),
  constraint cost_centers_share_ck check (allocation_basis <> 'fixed_share' or allocation_share_percent is not null)
);

create index cost_centers_type_active_idx on cost_centers (center_type, is_active);
create index cost_centers_parent_cost_center_id_idx on cost_centers (parent_cost_center_id) where parent_cost_center_id is not null;
create index cost_centers_manager_id_idx on cost_centers (manager_id) where manager_id is not null;
create index cost_centers_created_by_idx on cost_centers (created_by) where created_by is not null;

comment on table cost_centers is 'A place in the business that costs or earnings are charged to: a department, branch, project or product line, in a tree. A second dimension beside the account; it is not an account and has no balance of its own.';
comment on column cost_centers.company_id is 'Null means that all companies of the tenant may charge to it.';
comment on column cost_centers.allocation_basis is 'Key by which the cost of this centre is spread over others at month end.';

create table financial_periods (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  fiscal_year text not null check (fiscal_year ~ '^[0-9]{4}(-[0-9]{2})?$'),
  period_number smallint not null check (period_number between 0 and 16),
  period_name text not null,
  period_type text not null default 'month' check (period_type in ('opening', 'month', 'quarter', 'adjustment', 'closing')),
  start_date date not null,
  end_date date not null,
  quarter smallint not null check (quarter between 1 and 4),
  status text not null default 'future' check (status in ('future', 'open', 'soft_closed', 'closed', 'locked')),
  is_sales_open boolean not null default true,
  is_purchase_open boolean not null default true,
  is_inventory_open boolean not null default true,
  is_banking_open boolean not null default true,
  is_journal_open boolean not null default true,
  depreciation_posted_at timestamptz,
  revaluation_posted_at timestamptz,
  closed_by uuid references users (id) on delete set null,
  closed_at timestamptz,
  reopened_by uuid references users (id) on delete set null,
  reopened_at timestamptz,
  reopen_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint financial_periods_number_key unique (company_id, fiscal_year, period_number),
  constraint financial_periods_dates_ck check (end_date >= start_date),
  constraint financial_periods_closed_ck check (status not in ('closed', 'locked') or closed_at is not null),
  constraint financial_periods_reopened_ck check (reopened_at is null or reopen_reason is not null)
);

create index financial_periods_company_dates_idx on financial_periods (company_id, start_date, end_date);
create index financial_periods_status_idx on financial_periods (status, end_date);
create index financial_periods_closed_by_idx on financial_periods (closed_by) where closed_by is not null;
create index financial_periods_reopened_by_idx on financial_periods (reopened_by) where reopened_by is not null;

comment on table financial_periods is 'One posting period of a company''s fiscal year, usually a month, with opening (0) and audit adjustment (13 and up) periods. It says what may still be posted; it holds no figures.';
comment on column financial_periods.fiscal_year is 'The year as people write it: 2025-26, or 2026 where it is the calendar year.';
comment on column financial_periods.status is 'soft_closed lets only finance post; closed can be reopened with a reason; locked (audited, returns filed) cannot.';

create table journal_entries (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  financial_period_id uuid not null references financial_periods (id) on delete restrict,
  entry_number text not null,
  entry_type text not null default 'general' check (
    entry_type in (
      'general', 'opening', 'sales', 'purchase', 'receipt', 'payment', 'contra', 'credit_note', 'debit_note', 'inventory', 'payroll',
      'depreciation', 'provision', 'revaluation', 'tax', 'intercompany', 'reversal', 'closing'
    )
  ),
  posting_date date not null,
  document_date date not null,
  source_document_type text,
  source_document_id uuid,
  source_document_number text,
  external_reference text,
  sales_channel_id uuid references sales_channels (id) on delete restrict,
  currency_id uuid not null references currencies (id) on delete restrict,
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  total_debit numeric(19,4) not null default 0 check (total_debit >= 0),
  total_credit numeric(19,4) not null default 0 check (total_credit >= 0),
  base_total_amount numeric(19,4) not null default 0 check (base_total_amount >= 0),
  narration text not null,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'posted', 'reversed', 'cancelled')),
  reverses_entry_id uuid references journal_entries (id) on delete restrict,
  auto_reverse_on date,
  attachment_url text,
  created_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  posted_by uuid references users (id) on delete set null,
  posted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, entry_number),
  constraint journal_entries_balanced_ck check (status not in ('posted', 'reversed') or total_debit = total_credit),
  constraint journal_entries_posted_ck check (status not in ('posted', 'reversed') or posted_at is not null),
  constraint journal_entries_source_ck check (source_document_id is null or source_document_type is not null),
  constraint journal_entries_reversal_ck check (entry_type <> 'reversal' or reverses_entry_id is not null),
  constraint journal_entries_reverses_ck check (reverses_entry_id <> id),
  constraint journal_entries_auto_reverse_ck check (auto_reverse_on > posting_date)
);

create unique index journal_entries_reverses_entry_id_key on journal_entries (reverses_entry_id) where reverses_entry_id is not null;
create index journal_entries_status_posting_date_idx on journal_entries (status, posting_date);
create index journal_entries_company_posting_date_idx on journal_entries (company_id, posting_date);
create index journal_entries_source_idx on journal_entries (source_document_type, source_document_id) where source_document_id is not null;
create index journal_entries_auto_reverse_on_idx on journal_entries (auto_reverse_on) where auto_reverse_on is not null;
create index journal_entries_company_branch_id_idx on journal_entries (company_branch_id) where company_branch_id is not null;
create index journal_entries_financial_period_id_idx on journal_entries (financial_period_id);
create index journal_entries_sales_channel_id_idx on journal_entries (sales_channel_id) where sales_channel_id is not null;
create index journal_entries_currency_id_idx on journal_entries (currency_id);
create index journal_entries_created_by_idx on journal_entries (created_by) where created_by is not null;
create index journal_entries_approved_by_idx on journal_entries (approved_by) where approved_by is not null;
create index journal_entries_posted_by_idx on journal_entries (posted_by) where posted_by is not null;

comment on table journal_entries is 'The head of one balanced voucher, typed by an accountant or written by a document (invoice, receipt, goods receipt, payroll). While a draft it changes nothing; posting it writes general_ledger. It is corrected by reversal, never by edit.';
comment on column journal_entries.source_document_type is 'Table of the document that wrote the entry, e.g. tax_invoices; with source_document_id the way back to it. No foreign key, since the document points here.';
comment on column journal_entries.total_debit is 'In the currency of the entry; base_total_amount is the same in the company''s currency.';
comment on column journal_entries.auto_reverse_on is 'Date on which an accrual or provision is to be reversed by itself.';

create table tax_configurations (
  id uuid primary key default gen_random_uuid(),
  tax_code text not null unique check (tax_code ~ '^[A-Z0-9][A-Z0-9._-]{0,39}$'),
  tax_name text not null,
  tax_regime text not null default 'gst' check (tax_regime in ('gst', 'vat', 'sales_tax', 'none')),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  direction text not null check (direction in ('sales', 'purchase')),
  supply_scope text not null check (supply_scope in ('intra_state', 'inter_state', 'export', 'import', 'sez', 'domestic', 'any')),
  treatment text not null default 'taxable' check (
    treatment in ('taxable', 'zero_rated', 'nil_rated', 'exempt', 'non_gst', 'out_of_scope', 'composition')
  ),
  hsn_code_id uuid references hsn_codes (id) on delete restrict,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  min_unit_price numeric(21,9) check (min_unit_price >= 0),
  max_unit_price numeric(21,9) check (max_unit_price > 0),
  rate_percent numeric(7,4) not null default 0 check (rate_percent between 0 and 100),
  cgst_percent numeric(7,4) not null default 0 check (cgst_percent between 0 and 100),
  sgst_percent numeric(7,4) not null default 0 check (sgst_percent between 0 and 100),
  igst_percent numeric(7,4) not null default 0 check (igst_percent between 0 and 100),
  vat_percent numeric(7,4) not null default 0 check (vat_percent between 0 and 100),
  cess_percent numeric(9,4) not null default 0 check (cess_percent >= 0),
  reverse_charge_applies boolean not null default false,
  is_price_inclusive boolean not null default false,
  is_itc_eligible boolean not null default true,
  cgst_account_id uuid references chart_of_accounts (id) on delete restrict,
  sgst_account_id uuid references chart_of_accounts (id) on delete restrict,
  igst_account_id uuid references chart_of_accounts (id) on delete restrict,
  cess_account_id uuid references chart_of_accounts (id) on delete restrict,
  vat_account_id uuid references chart_of_accounts (id) on delete restrict,
  reverse_charge_account_id uuid references chart_of_accounts (id) on delete restrict,
  legal_note text,
  effective_from date not null,
  effective_to date,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tax_configurations_rate_ck check (rate_percent = cgst_percent + sgst_percent + igst_percent + vat_percent),
  constraint tax_configurations_halves_ck check (cgst_percent = sgst_percent),
  constraint tax_configurations_scope_ck check (
    (igst_percent = 0 or supply_scope in ('inter_state', 'export', 'import', 'sez', 'any'))
    and (cgst_percent = 0 or (supply_scope in ('intra_state', 'any') and igst_percent = 0))
  ),
  constraint tax_configurations_regime_ck check (
    (tax_regime = 'gst' and vat_percent = 0) or (tax_regime <> 'gst' and cgst_percent + igst_percent + cess_percent = 0)
  ),
  constraint tax_configurations_untaxed_ck check (treatment in ('taxable', 'zero_rated', 'composition') or rate_percent = 0),
  constraint tax_configurations_price_band_ck check (max_unit_price > min_unit_price),
  constraint tax_configurations_effective_ck check (effective_to >= effective_from)
);

create index tax_configurations_hsn_effective_idx on tax_configurations (hsn_code_id, effective_from) where hsn_code_id is not null;
create index tax_configurations_choice_idx on tax_configurations (direction, supply_scope, rate_percent, effective_from) where is_active;
create index tax_configurations_cgst_account_id_idx on tax_configurations (cgst_account_id) where cgst_account_id is not null;
create index tax_configurations_sgst_account_id_idx on tax_configurations (sgst_account_id) where sgst_account_id is not null;
create index tax_configurations_igst_account_id_idx on tax_configurations (igst_account_id) where igst_account_id is not null;
create index tax_configurations_cess_account_id_idx on tax_configurations (cess_account_id) where cess_account_id is not null;
create index tax_configurations_vat_account_id_idx on tax_configurations (vat_account_id) where vat_account_id is not null;
create index tax_configurations_reverse_charge_account_id_idx on tax_configurations (reverse_charge_account_id) where reverse_charge_account_id is not null;

comment on table tax_configurations is 'A tax code, as chosen on a document line: one rate for one direction and kind of supply, split into its components, with the accounts each is posted to. The rate a product usually bears is on hsn_codes; a row here with an hsn_code_id overrides it (for a price band or a period).';
comment on column tax_configurations.min_unit_price is 'Price band of codes whose rate depends on the price of the piece: the rate applies above min_unit_price and up to max_unit_price, e.g. apparel up to 2,500 rupees.';
comment on column tax_configurations.sgst_percent is 'SGST, or UTGST in a union territory without legislature.';
comment on column tax_configurations.cgst_account_id is 'Output account on sales codes, input credit account on purchase codes; likewise for the other components.';
comment on column tax_configurations.reverse_charge_account_id is 'Liability the recipient books under section 9(3) or 9(4) beside the input credit.';
comment on column tax_configurations.is_itc_eligible is 'False if the credit is blocked (section 17(5)) or the rate is conditional on taking none: the tax then adds to the cost.';

create table journal_entry_lines (
  id uuid primary key default gen_random_uuid(),
  journal_entry_id uuid not null references journal_entries (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  account_id uuid not null references chart_of_accounts (id) on delete restrict,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  customer_id uuid references customers (id) on delete restrict,
  vendor_id uuid references vendors (id) on delete restrict,
  employee_id uuid references employees (id) on delete restrict,
  description text,
  bill_reference text,
  due_date date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  debit_amount numeric(19,4) not null default 0 check (debit_amount >= 0),
  credit_amount numeric(19,4) not null default 0 check (credit_amount >= 0),
  base_debit_amount numeric(19,4) not null default 0 check (base_debit_amount >= 0),
  base_credit_amount numeric(19,4) not null default 0 check (base_credit_amount >= 0),
  tax_configuration_id uuid references tax_configurations (id) on delete restrict,
  tax_component text check (tax_component in ('cgst', 'sgst', 'igst', 'cess', 'vat', 'tds', 'tcs')),
  tax_base_amount numeric(19,4),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (journal_entry_id, line_number),
  constraint journal_entry_lines_side_ck check (
    (base_debit_amount > 0 and base_credit_amount = 0 and credit_amount = 0)
    or (base_credit_amount > 0 and base_debit_amount = 0 and debit_amount = 0)
  ),
  constraint journal_entry_lines_party_ck check (num_nonnulls(customer_id, vendor_id, employee_id) <= 1),
  constraint journal_entry_lines_tax_ck check (tax_component is null or tax_base_amount is not null)
);

create index journal_entry_lines_account_entry_idx on journal_entry_lines (account_id, journal_entry_id);
create index journal_entry_lines_cost_center_id_idx on journal_entry_lines (cost_center_id) where cost_center_id is not null;
create index journal_entry_lines_company_branch_id_idx on journal_entry_lines (company_branch_id) where company_branch_id is not null;
create index journal_entry_lines_customer_id_idx on journal_entry_lines (customer_id) where customer_id is not null;
create index journal_entry_lines_vendor_id_idx on journal_entry_lines (vendor_id) where vendor_id is not null;
create index journal_entry_lines_employee_id_idx on journal_entry_lines (employee_id) where employee_id is not null;
create index journal_entry_lines_tax_configuration_id_idx on journal_entry_lines (tax_configuration_id) where tax_configuration_id is not null;

comment on table journal_entry_lines is 'One debit or credit of a journal entry as entered, with its party, cost centre and tax component. It counts for balances only once the entry is posted, as a row of general_ledger.';
comment on column journal_entry_lines.debit_amount is 'In the currency of the line. Zero with a base amount beside it for exchange differences, which move only the company''s currency.';
comment on column journal_entry_lines.bill_reference is 'Number of the bill the amount belongs to, for bill-wise ageing of receivables and payables.';
comment on column journal_entry_lines.tax_base_amount is 'Value the tax on this line was computed on.';

create table general_ledger (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  financial_period_id uuid not null references financial_periods (id) on delete restrict,
  journal_entry_id uuid not null references journal_entries (id) on delete restrict,
  journal_entry_line_id uuid not null unique references journal_entry_lines (id) on delete restrict,
  account_id uuid not null references chart_of_accounts (id) on delete restrict,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete restrict,
  customer_id uuid references customers (id) on delete restrict,
  vendor_id uuid references vendors (id) on delete restrict,
  employee_id uuid references employees (id) on delete restrict,
  posting_date date not null,
  document_date date not null,
  voucher_type text not null check (
    voucher_type in (
      'general', 'opening', 'sales', 'purchase', 'receipt', 'payment', 'contra', 'credit_note', 'debit_note', 'inventory', 'payroll',
      'depreciation', 'provision', 'revaluation', 'tax', 'intercompany', 'reversal', 'closing'
    )
  ),
  voucher_number text not null,
  bill_reference text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  document_debit_amount numeric(19,4) not null default 0 check (document_debit_amount >= 0),
  document_credit_amount numeric(19,4) not null default 0 check (document_credit_amount >= 0),
  base_currency_code char(3) not null default 'INR' check (base_currency_code ~ '^[A-Z]{3}$'),
  debit_amount numeric(19,4) not null default 0 check (debit_amount >= 0),
  credit_amount numeric(19,4) not null default 0 check (credit_amount >= 0),
  narration text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint general_ledger_side_ck check ((debit_amount > 0) <> (credit_amount > 0)),
  constraint general_ledger_document_side_ck check (
    (debit_amount = 0 or document_credit_amount = 0) and (credit_amount = 0 or document_debit_amount = 0)
  ),
  constraint general_ledger_party_ck check (num_nonnulls(customer_id, vendor_id, employee_id) <= 1)
);

create index general_ledger_account_posting_date_idx on general_ledger (account_id, posting_date);
create index general_ledger_company_posting_date_idx on general_ledger (company_id, posting_date);
create index general_ledger_period_account_idx on general_ledger (financial_period_id, account_id);
create index general_ledger_customer_posting_date_idx on general_ledger (customer_id, posting_date);
create index general_ledger_vendor_posting_date_idx on general_ledger (vendor_id, posting_date);
create index general_ledger_voucher_idx on general_ledger (voucher_type, voucher_number);
create index general_ledger_company_branch_id_idx on general_ledger (company_branch_id) where company_branch_id is not null;
create index general_ledger_journal_entry_id_idx on general_ledger (journal_entry_id);
create index general_ledger_cost_center_id_idx on general_ledger (cost_center_id) where cost_center_id is not null;
create index general_ledger_sales_channel_id_idx on general_ledger (sales_channel_id) where sales_channel_id is not null;
create index general_ledger_employee_id_idx on general_ledger (employee_id) where employee_id is not null;

comment on table general_ledger is 'One posted debit or credit, written once when a journal entry is posted and never changed: the only source of trial balance, profit and loss and balance sheet. A mistake is undone by further rows from a reversal entry.';
comment on column general_ledger.debit_amount is 'In the company''s own currency (base_currency_code); the document_ amounts are in the currency of the voucher.';

create table exchange_rates (
  id uuid primary key default gen_random_uuid(),
  from_currency_id uuid not null references currencies (id) on delete restrict,
  to_currency_id uuid not null references currencies (id) on delete restrict,
  rate_type text not null default 'spot' check (
    rate_type in ('spot', 'buying', 'selling', 'customs_import', 'customs_export', 'average', 'closing', 'budget')
  ),
  rate_date date not null,
  valid_to date,
  quoted_units integer not null default 1 check (quoted_units in (1, 10, 100, 1000)),
  exchange_rate numeric(21,9) not null check (exchange_rate > 0),
  previous_exchange_rate numeric(21,9) check (previous_exchange_rate > 0),
  source text not null default 'manual' check (source in ('fbil', 'rbi', 'cbic', 'ecb', 'bank', 'provider', 'manual')),
  source_reference text,
  fetched_at timestamptz,
  is_locked boolean not null default false,
  entered_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint exchange_rates_pair_date_key unique (from_currency_id, to_currency_id, rate_type, rate_date),
  constraint exchange_rates_pair_ck check (from_currency_id <> to_currency_id),
  constraint exchange_rates_valid_ck check (valid_to >= rate_date)
);

create index exchange_rates_rate_date_idx on exchange_rates (rate_date, rate_type);
create index exchange_rates_to_currency_id_idx on exchange_rates (to_currency_id);
create index exchange_rates_entered_by_idx on exchange_rates (entered_by) where entered_by is not null;
create index exchange_rates_approved_by_idx on exchange_rates (approved_by) where approved_by is not null;

comment on table exchange_rates is 'What one currency was worth in another on a day, by kind of rate. Documents copy the rate they used, so a later correction here changes no posted amount.';
comment on column exchange_rates.quoted_units is 'How many units of the from-currency the rate buys: 100 where JPY is quoted per hundred.';
comment on column exchange_rates.source_reference is 'E.g. the CBIC notification that fixes the customs rates for a fortnight.';

-- people: who works for the company and where, when they worked or were away, what they are paid, and how they did.
-- Indian statutory pay (pf, esi, professional tax, tds) has columns of its own; other countries' pay uses the social-security columns and other_components.
-- Leave is counted in days, numeric(7,3). Measured performance values are numeric(24,6): their unit is named beside them and need not be money.

create table departments (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{1,19}$'),
  name text not null check (length(btrim(name)) > 0),
  description text,
  parent_department_id uuid references departments (id) on delete restrict,
  company_id uuid references companies (id) on delete restrict,
  business_function text not null default 'administration' check (business_function in ('management', 'administration', 'finance', 'human_resources', 'sales', 'marketing', 'procurement', 'warehouse', 'logistics', 'production', 'field_service', 'customer_support', 'technology', 'quality', 'legal')),
  labour_cost_class text not null default 'indirect' check (labour_cost_class in ('direct', 'indirect')),
  cost_center_id uuid references cost_centers (id) on delete restrict,
  salary_expense_account_id uuid references chart_of_accounts (id) on delete restrict,
  head_user_id uuid references users (id) on delete set null,
  hr_partner_user_id uuid references users (id) on delete set null,
  team_email text check (team_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  approved_headcount integer check (approved_headcount >= 0),
  annual_budget_amount numeric(19,4) check (annual_budget_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  effective_from date not null default current_date,
  effective_to date,
  status text not null default 'active' check (status in ('active', 'inactive')),
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (parent_department_id, name),
  constraint departments_own_parent_ck check (parent_department_id <> id),
  constraint departments_effective_ck check (effective_to >= effective_from)
);

create index departments_company_id_status_idx on departments (company_id, status);
create index departments_cost_center_id_idx on departments (cost_center_id);
create index departments_salary_expense_account_id_idx on departments (salary_expense_account_id);
create index departments_head_user_id_idx on departments (head_user_id);
create index departments_hr_partner_user_id_idx on departments (hr_partner_user_id);
create index departments_created_by_idx on departments (created_by) where created_by is not null;
create index departments_updated_by_idx on departments (updated_by) where updated_by is not null;

comment on table departments is 'One row is a unit of the organisation chart, with its head and the cost centre and account its salaries are booked to. A department without a company is shared by all companies of the tenant.';
comment on column departments.labour_cost_class is 'Direct labour goes into the cost of goods or services sold, indirect labour into overheads.';

create table shifts (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{0,19}$'),
  name text not null,
  shift_type text not null default 'general' check (shift_type in ('general', 'morning', 'evening', 'night', 'rotational', 'split', 'flexible')),
  department_id uuid references departments (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  start_time time not null,
  end_time time not null,
  crosses_midnight boolean not null default false,
  time_zone text not null default 'Asia/Kolkata' check (time_zone ~ '^[A-Za-z0-9_+/-]+$'),
  break_minutes smallint not null default 30 check (break_minutes between 0 and 240),
  is_break_paid boolean not null default false,
  late_grace_minutes smallint not null default 10 check (late_grace_minutes >= 0),
  early_exit_grace_minutes smallint not null default 0 check (early_exit_grace_minutes >= 0),
  half_day_minutes smallint not null default 240 check (half_day_minutes > 0),
  full_day_minutes smallint not null default 480 check (full_day_minutes <= 1440),
  overtime_after_minutes smallint check (overtime_after_minutes > 0),
  overtime_pay_multiplier numeric(7,4) not null default 2 check (overtime_pay_multiplier >= 1),
  weekly_off_days text[] not null default '{sunday}' check (weekly_off_days <@ array['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
  saturday_off_rule text not null default 'none' check (saturday_off_rule in ('none', 'second_fourth', 'first_third', 'alternate', 'all')),
  shift_allowance_amount numeric(19,4) not null default 0 check (shift_allowance_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  is_default boolean not null default false,
  status text not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint shifts_midnight_ck check (crosses_midnight = (end_time <= start_time)),
  constraint shifts_day_minutes_ck check (half_day_minutes <= full_day_minutes),
  constraint shifts_overtime_ck check (overtime_after_minutes >= full_day_minutes)
);

create index shifts_department_id_idx on shifts (department_id);
create index shifts_company_branch_id_status_idx on shifts (company_branch_id, status);
create unique index shifts_one_default_key on shifts (company_branch_id) nulls not distinct where is_default;

comment on table shifts is 'One row is a pattern of working hours with its breaks, grace minutes, weekly offs and overtime rule. It is the rule, not a roster: the days actually worked are in attendance.';
comment on column shifts.start_time is 'Clock time in time_zone; with crosses_midnight the shift ends on the next calendar day.';
comment on column shifts.overtime_pay_multiplier is 'Indian factory and shop law asks twice the ordinary wage.';

create table employees (
  id uuid primary key default gen_random_uuid(),
  employee_code text not null unique check (employee_code ~ '^[A-Z0-9][A-Z0-9/_-]{0,29}$'),
  user_id uuid unique references users (id) on delete set null,
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  department_id uuid not null references departments (id) on delete restrict,
  manager_id uuid references employees (id) on delete set null,
  shift_id uuid references shifts (id) on delete set null,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  first_name text not null check (length(btrim(first_name)) > 0),
  middle_name text,
  last_name text,
  display_name text not null,
  father_or_spouse_name text,
  gender text check (gender in ('female', 'male', 'other', 'undisclosed')),
  date_of_birth date,
  marital_status text check (marital_status in ('single', 'married', 'divorced', 'widowed', 'undisclosed')),
  blood_group text check (blood_group in ('A+', 'A-', 'B+', 'B-', 'AB+', 'AB-', 'O+', 'O-')),
  nationality_country_code char(2) not null default 'IN' check (nationality_country_code ~ '^[A-Z]{2}$'),
  is_differently_abled boolean not null default false,
  work_email text check (work_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  personal_email text check (personal_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  mobile_number text check (mobile_number ~ '^\+?[0-9]{7,15}$'),
  current_address text,
  current_city text,
  current_postal_code text,
  permanent_address text,
  emergency_contact_name text,
  emergency_contact_relation text,
  emergency_contact_phone text check (emergency_contact_phone ~ '^\+?[0-9]{7,15}$'),
  designation text not null,
  grade text,
  employment_type text not null default 'permanent' check (employment_type in ('permanent', 'fixed_term', 'contract', 'part_time', 'apprentice', 'intern', 'consultant')),
  work_mode text not null default 'on_site' check (work_mode in ('on_site', 'hybrid', 'remote', 'field')),
  work_country_code char(2) not null default 'IN' check (work_country_code ~ '^[A-Z]{2}$'),
  work_state_code text,
  payroll_country_code char(2) not null default 'IN' check (payroll_country_code ~ '^[A-Z]{2}$'),
  joined_on date not null,
  probation_ends_on date,
  confirmed_on date,
  contract_ends_on date,
  gratuity_service_from date,
  notice_period_days smallint not null default 30 check (notice_period_days between 0 and 365),
  resigned_on date,
  last_working_on date,
  exit_type text check (exit_type in ('resignation', 'retirement', 'end_of_contract', 'termination', 'redundancy', 'absconding', 'death')),
  exit_reason text,
  is_rehire_eligible boolean,
  pan text check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  aadhaar_last4 text check (aadhaar_last4 ~ '^[0-9]{4}$'),
  income_tax_regime text not null default 'new' check (income_tax_regime in ('old', 'new', 'not_applicable')),
  is_pf_applicable boolean not null default false,
  uan text check (uan ~ '^[0-9]{12}$'),
  pf_member_id text check (pf_member_id ~ '^[A-Z]{5}[0-9]{17}$'),
  is_eps_member boolean not null default false,
  is_international_worker boolean not null default false,
  is_esi_applicable boolean not null default false,
  esi_insurance_number text check (esi_insurance_number ~ '^[0-9]{10}$'),
  is_professional_tax_applicable boolean not null default false,
  is_labour_welfare_fund_applicable boolean not null default false,
  nps_pran text check (nps_pran ~ '^[0-9]{12}$'),
  foreign_tax_id text,
  foreign_social_security_number text,
  passport_number text check (passport_number ~ '^[A-Z0-9]{6,12}$'),
  passport_expires_on date,
  work_permit_type text,
  work_permit_number text,
  work_permit_expires_on date,
  salary_payment_mode text not null default 'bank_transfer' check (salary_payment_mode in ('bank_transfer', 'cheque', 'cash')),
  bank_name text,
  bank_account_holder_name text,
  bank_account_number text check (bank_account_number ~ '^[A-Z0-9]{4,34}$'),
  bank_ifsc text check (bank_ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  bank_iban text check (bank_iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
  bank_swift_bic text check (bank_swift_bic ~ '^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
  bank_routing_code text,
  status text not null default 'active' check (status in ('onboarding', 'active', 'on_notice', 'long_leave', 'suspended', 'exited')),
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint employees_own_manager_ck check (manager_id <> id),
  constraint employees_birth_ck check (date_of_birth < joined_on),
  constraint employees_probation_ck check (probation_ends_on >= joined_on and confirmed_on >= joined_on),
  constraint employees_contract_ck check (contract_ends_on >= joined_on),
  constraint employees_exit_dates_ck check (last_working_on >= joined_on and resigned_on >= joined_on),
  constraint employees_exited_ck check (status <> 'exited' or (last_working_on is not null and exit_type is not null)),
  constraint employees_work_state_ck check (work_country_code <> 'IN' or (work_state_code is not null and work_state_code ~ '^[0-9]{2}$')),
  constraint employees_state_levies_ck check (work_state_code is not null or not (is_professional_tax_applicable or is_labour_welfare_fund_applicable)),
  constraint employees_eps_needs_pf_ck check (is_pf_applicable or not is_eps_member),
  constraint employees_tax_regime_ck check ((payroll_country_code = 'IN') = (income_tax_regime <> 'not_applicable'))
);

create index employees_company_id_status_idx on employees (company_id, status);
create index employees_company_branch_id_status_idx on employees (company_branch_id, status);
create index employees_department_id_status_idx on employees (department_id, status);
create index employees_manager_id_idx on employees (manager_id);
create index employees_shift_id_idx on employees (shift_id);
create index employees_cost_center_id_idx on employees (cost_center_id);
create index employees_display_name_idx on employees (display_name);
create index employees_work_permit_expires_on_idx on employees (work_permit_expires_on) where work_permit_expires_on is not null;
create index employees_created_by_idx on employees (created_by) where created_by is not null;
create index employees_updated_by_idx on employees (updated_by) where updated_by is not null;
create unique index employees_work_email_key on employees (lower(work_email)) where work_email is not null;
create unique index employees_company_id_pan_key on employees (company_id, pan) where pan is not null and status <> 'exited';
create unique index employees_company_id_uan_key on employees (company_id, uan) where uan is not null and status <> 'exited';

comment on table employees is 'One row is one person''s employment with one company of the tenant: where they work, who they report to, and their identity for tax, social security and payment. It is not a login: user_id points to one where the employee has it. Pay itself is in salary_structures.';
comment on column employees.aadhaar_last4 is 'Only the last four digits are kept; the full number must not be stored.';
comment on column employees.work_state_code is 'GST state code for India (it decides professional tax and labour welfare fund); elsewhere the local state or province code.';
comment on column employees.payroll_country_code is 'The country whose law governs pay; differs from work_country_code for people posted abroad.';
comment on column employees.gratuity_service_from is 'Start of continuous service for gratuity, earlier than joined_on after a transfer within the group.';
comment on column employees.is_international_worker is 'EPF international worker: contributes on full wages, without the wage ceiling.';

create table holidays (
  id uuid primary key default gen_random_uuid(),
  holiday_date date not null,
  calendar_year smallint not null check (calendar_year between 2000 and 2199),
  name text not null,
  local_name text,
  holiday_type text not null default 'festival' check (holiday_type in ('national', 'state', 'festival', 'bank', 'election', 'company')),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  region_id uuid references regions (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete cascade,
  is_optional boolean not null default false,
  day_part text not null default 'full' check (day_part in ('full', 'first_half', 'second_half')),
  is_paid boolean not null default true,
  worked_pay_multiplier numeric(7,4) not null default 1 check (worked_pay_multiplier >= 1),
  grants_comp_off boolean not null default true,
  closes_warehouses boolean not null default false,
  pauses_service_sla boolean not null default true,
  gazette_reference text,
  published_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'published', 'cancelled')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint holidays_day_key unique nulls not distinct (holiday_date, country_code, region_id, company_branch_id, name),
  constraint holidays_year_ck check (calendar_year = extract(year from holiday_date)),
  constraint holidays_published_ck check (status <> 'published' or published_at is not null)
);

create index holidays_region_id_holiday_date_idx on holidays (region_id, holiday_date);
create index holidays_company_branch_id_holiday_date_idx on holidays (company_branch_id, holiday_date);
create index holidays_calendar_year_country_code_idx on holidays (calendar_year, country_code);
create index holidays_created_by_idx on holidays (created_by) where created_by is not null;

comment on table holidays is 'One row is one day off in the holiday calendar, for a whole country, a region or a single branch. Weekly offs are not holidays: they belong to the shift.';
comment on column holidays.is_optional is 'A restricted holiday: the employee picks a few of these and takes them as leave.';

create table leave_types (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z][A-Z0-9_]{0,11}$'),
  name text not null,
  description text,
  category text not null check (category in ('earned', 'casual', 'sick', 'maternity', 'paternity', 'parental', 'adoption', 'bereavement', 'marriage', 'compensatory', 'restricted_holiday', 'injury', 'sabbatical', 'unpaid', 'other')),
  country_code char(2) check (country_code ~ '^[A-Z]{2}$'),
  is_statutory boolean not null default false,
  statutory_reference text,
  pay_percent numeric(7,4) not null default 100 check (pay_percent between 0 and 100),
  accrual_method text not null default 'none' check (accrual_method in ('none', 'yearly', 'quarterly', 'monthly', 'days_worked', 'on_event')),
  annual_entitlement_days numeric(7,3) check (annual_entitlement_days >= 0),
  work_days_per_leave_day smallint check (work_days_per_leave_day > 0),
  max_days_per_event numeric(7,3) check (max_days_per_event > 0),
  max_consecutive_days numeric(7,3) check (max_consecutive_days > 0),
  max_carry_forward_days numeric(7,3) not null default 0 check (max_carry_forward_days >= 0),
  max_balance_days numeric(7,3) check (max_balance_days > 0),
  expires_after_days smallint check (expires_after_days > 0),
  is_encashable boolean not null default false,
  encashment_basis text check (encashment_basis in ('basic', 'basic_and_da', 'gross')),
  counts_intervening_days_off boolean not null default false,
  allows_half_day boolean not null default true,
  may_go_negative boolean not null default false,
  is_allowed_in_probation boolean not null default true,
  notice_days smallint not null default 0 check (notice_days >= 0),
  min_service_days smallint not null default 0 check (min_service_days >= 0),
  document_required_after_days smallint check (document_required_after_days >= 0),
  applicable_gender text not null default 'any' check (applicable_gender in ('any', 'female', 'male')),
  display_order smallint not null default 100 check (display_order >= 0),
  status text not null default 'active' check (status in ('active', 'inactive')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint leave_types_accrual_ck check ((accrual_method = 'days_worked') = (work_days_per_leave_day is not null)),
  constraint leave_types_encashment_ck check (is_encashable = (encashment_basis is not null)),
  constraint leave_types_carry_ck check (max_carry_forward_days <= max_balance_days),
  constraint leave_types_unpaid_ck check (category <> 'unpaid' or pay_percent = 0)
);

create index leave_types_status_country_code_idx on leave_types (status, country_code);

comment on table leave_types is 'One row is a kind of leave and its rules: how it accrues, what it pays, what carries over and who may take it. It holds no one''s balance: those are in leave_balances.';
comment on column leave_types.country_code is 'Set where the rule is the law or custom of one country; null where it applies to everyone.';
comment on column leave_types.pay_percent is 'Share of pay the employer pays: 100 for paid leave, 0 for loss of pay or where a state scheme pays the benefit.';
comment on column leave_types.min_service_days is 'Days of work before the leave can first be taken.';
comment on column leave_types.counts_intervening_days_off is 'The sandwich rule: holidays and weekly offs inside the leave count as leave.';

create table leave_balances (
  id uuid primary key default gen_random_uuid(),
  employee_id uuid not null references employees (id) on delete restrict,
  leave_type_id uuid not null references leave_types (id) on delete restrict,
  period_start date not null,
  period_end date not null,
  opening_days numeric(7,3) not null default 0,
  accrued_days numeric(7,3) not null default 0 check (accrued_days >= 0),
  adjusted_days numeric(7,3) not null default 0,
  taken_days numeric(7,3) not null default 0 check (taken_days >= 0),
  encashed_days numeric(7,3) not null default 0 check (encashed_days >= 0),
  lapsed_days numeric(7,3) not null default 0 check (lapsed_days >= 0),
  closing_days numeric(7,3) not null default 0,
  pending_days numeric(7,3) not null default 0 check (pending_days >= 0),
  available_days numeric(7,3) not null default 0,
  days_worked smallint not null default 0 check (days_worked between 0 and 366),
  last_accrued_on date,
  carry_forward_expires_on date,
  adjustment_reason text,
  status text not null default 'open' check (status in ('open', 'closed')),
  closed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint leave_balances_period_key unique (employee_id, leave_type_id, period_start),
  constraint leave_balances_period_ck check (period_end > period_start),
  constraint leave_balances_closing_ck check (closing_days = opening_days + accrued_days + adjusted_days - taken_days - encashed_days - lapsed_days),
  constraint leave_balances_available_ck check (available_days = closing_days - pending_days),
  constraint leave_balances_adjustment_ck check (adjusted_days = 0 or adjustment_reason is not null),
  constraint leave_balances_closed_ck check ((status = 'closed') = (closed_at is not null))
);

create index leave_balances_leave_type_id_period_start_idx on leave_balances (leave_type_id, period_start);
create index leave_balances_status_period_end_idx on leave_balances (status, period_end);

comment on table leave_balances is 'One row is one employee''s account of one leave type in one leave year: opening, accrued, taken, encashed, lapsed and closing days. The requests behind the days taken are in leave_requests.';
comment on column leave_balances.pending_days is 'Days asked for and not yet decided: still in the closing balance, no longer available.';

create table leave_requests (
  id uuid primary key default gen_random_uuid(),
  request_number text not null unique,
  employee_id uuid not null references employees (id) on delete restrict,
  leave_type_id uuid not null references leave_types (id) on delete restrict,
  starts_on date not null,
  ends_on date not null,
  start_day_part text not null default 'full' check (start_day_part in ('full', 'first_half', 'second_half')),
  end_day_part text not null default 'full' check (end_day_part in ('full', 'first_half')),
  leave_days numeric(7,3) not null check (leave_days > 0),
  paid_days numeric(7,3) not null default 0 check (paid_days >= 0),
  loss_of_pay_days numeric(7,3) not null default 0 check (loss_of_pay_days >= 0),
  reason text not null,
  contact_during_leave text,
  handover_employee_id uuid references employees (id) on delete set null,
  supporting_document_url text,
  expected_delivery_on date,
  comp_off_worked_on date,
  applied_at timestamptz not null default now(),
  approver_id uuid references users (id) on delete set null,
  decided_by uuid references users (id) on delete set null,
  decided_at timestamptz,
  decision_note text,
  cancelled_at timestamptz,
  cancellation_reason text,
  rejoined_on date,
  status text not null default 'pending' check (status in ('draft', 'pending', 'approved', 'rejected', 'cancelled')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint leave_requests_dates_ck check (ends_on >= starts_on),
  constraint leave_requests_span_ck check (leave_days <= ends_on - starts_on + 1),
  constraint leave_requests_days_ck check (leave_days = paid_days + loss_of_pay_days),
  constraint leave_requests_handover_ck check (handover_employee_id <> employee_id),
  constraint leave_requests_rejoined_ck check (rejoined_on > starts_on),
  constraint leave_requests_decided_ck check (status not in ('approved', 'rejected') or decided_at is not null),
  constraint leave_requests_cancelled_ck check ((status = 'cancelled') = (cancelled_at is not null))
);

create index leave_requests_employee_id_starts_on_idx on leave_requests (employee_id, starts_on desc);
create index leave_requests_leave_type_id_starts_on_idx on leave_requests (leave_type_id, starts_on);
create index leave_requests_approver_id_status_idx on leave_requests (approver_id, status);
create index leave_requests_status_starts_on_idx on leave_requests (status, starts_on);
create index leave_requests_handover_employee_id_idx on leave_requests (handover_employee_id);
create index leave_requests_decided_by_idx on leave_requests (decided_by) where decided_by is not null;
create index leave_requests_created_by_idx on leave_requests (created_by) where created_by is not null;

comment on table leave_requests is 'One row is one application for leave over consecutive days, split into paid and loss-of-pay days, with its decision. Only an approved request reduces a leave balance.';
comment on column leave_requests.comp_off_worked_on is 'For compensatory off: the holiday or weekly off that was worked.';

create table attendance (
  id uuid primary key default gen_random_uuid(),
  employee_id uuid not null references employees (id) on delete restrict,
  work_date date not null,
  shift_id uuid references shifts (id) on delete restrict,
  leave_request_id uuid references leave_requests (id) on delete set null,
  holiday_id uuid references holidays (id) on delete set null,
  check_in_at timestamptz,
  check_out_at timestamptz,
  capture_method text not null default 'biometric' check (capture_method in ('biometric', 'card', 'mobile', 'web', 'manual', 'import', 'system')),
  device_code text,
  check_in_ip inet,
  check_in_latitude numeric(9,6) check (check_in_latitude between -90 and 90),
  check_in_longitude numeric(9,6) check (check_in_longitude between -180 and 180),
  worked_minutes smallint not null default 0 check (worked_minutes between 0 and 2880),
  late_minutes smallint not null default 0 check (late_minutes >= 0),
  early_exit_minutes smallint not null default 0 check (early_exit_minutes >= 0),
  overtime_minutes smallint not null default 0 check (overtime_minutes >= 0),
  approved_overtime_minutes smallint not null default 0 check (approved_overtime_minutes >= 0),
  status text not null default 'absent' check (status in ('present', 'half_day', 'absent', 'on_leave', 'half_day_leave', 'holiday', 'weekly_off', 'on_duty', 'work_from_home')),
  payable_day_fraction numeric(7,4) not null default 0 check (payable_day_fraction between 0 and 1),
  regularisation_status text not null default 'none' check (regularisation_status in ('none', 'requested', 'approved', 'rejected')),
  regularisation_reason text,
  regularised_by uuid references users (id) on delete set null,
  regularised_at timestamptz,
  payroll_locked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint attendance_employee_id_work_date_key unique (employee_id, work_date),
  constraint attendance_times_ck check (check_out_at > check_in_at),
  constraint attendance_check_out_ck check (check_out_at is null or check_in_at is not null),
  constraint attendance_overtime_ck check (approved_overtime_minutes <= overtime_minutes and overtime_minutes <= worked_minutes),
  constraint attendance_regularisation_ck check (regularisation_status = 'none' or regularisation_reason is not null)
);

create index attendance_work_date_status_idx on attendance (work_date, status);
create index attendance_shift_id_work_date_idx on attendance (shift_id, work_date);
create index attendance_leave_request_id_idx on attendance (leave_request_id) where leave_request_id is not null;
create index attendance_holiday_id_idx on attendance (holiday_id) where holiday_id is not null;
create index attendance_regularised_by_idx on attendance (regularised_by) where regularised_by is not null;
create index attendance_regularisation_status_idx on attendance (regularisation_status, work_date) where regularisation_status = 'requested';

comment on table attendance is 'One row is one employee''s day as payroll sees it: first in, last out, minutes worked and the share of the day to be paid. Days off and leave have a row too, so that a month is complete.';
comment on column attendance.payroll_locked_at is 'Set when a payroll has counted the day; later corrections go through arrears.';

create table salary_structures (
  id uuid primary key default gen_random_uuid(),
  employee_id uuid not null references employees (id) on delete restrict,
  previous_structure_id uuid references salary_structures (id) on delete set null,
  effective_from date not null,
  effective_to date,
  revision_reason text not null default 'joining' check (revision_reason in ('joining', 'confirmation', 'annual_revision', 'promotion', 'transfer', 'correction', 'statutory_change')),
  revision_percent numeric(7,4) check (revision_percent >= -100),
  pay_frequency text not null default 'monthly' check (pay_frequency in ('weekly', 'biweekly', 'semi_monthly', 'monthly')),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  annual_ctc_amount numeric(19,4) not null check (annual_ctc_amount >= 0),
  hourly_rate numeric(21,9) check (hourly_rate > 0),
  basic_amount numeric(19,4) not null check (basic_amount >= 0),
  dearness_allowance_amount numeric(19,4) not null default 0 check (dearness_allowance_amount >= 0),
  house_rent_allowance_amount numeric(19,4) not null default 0 check (house_rent_allowance_amount >= 0),
  conveyance_allowance_amount numeric(19,4) not null default 0 check (conveyance_allowance_amount >= 0),
  leave_travel_amount numeric(19,4) not null default 0 check (leave_travel_amount >= 0),
  special_allowance_amount numeric(19,4) not null default 0 check (special_allowance_amount >= 0),
  other_allowance_amount numeric(19,4) not null default 0 check (other_allowance_amount >= 0),
  monthly_gross_amount numeric(19,4) not null check (monthly_gross_amount >= 0),
  reimbursement_limit_amount numeric(19,4) not null default 0 check (reimbursement_limit_amount >= 0),
  annual_bonus_amount numeric(19,4) not null default 0 check (annual_bonus_amount >= 0),
  annual_variable_pay_amount numeric(19,4) not null default 0 check (annual_variable_pay_amount >= 0),
  pf_wage_basis text not null default 'ceiling' check (pf_wage_basis in ('none', 'ceiling', 'full')),
  pf_employee_percent numeric(7,4) not null default 12 check (pf_employee_percent between 0 and 100),
  pf_employer_percent numeric(7,4) not null default 12 check (pf_employer_percent between 0 and 100),
  voluntary_pf_percent numeric(7,4) not null default 0 check (voluntary_pf_percent between 0 and 100),
  nps_employer_percent numeric(7,4) not null default 0 check (nps_employer_percent between 0 and 14),
  employer_pf_amount numeric(19,4) not null default 0 check (employer_pf_amount >= 0),
  employer_esi_amount numeric(19,4) not null default 0 check (employer_esi_amount >= 0),
  employer_social_security_amount numeric(19,4) constraint salary_structures_social_security_nn not null default 0 check (employer_social_security_amount >= 0),
  employer_insurance_amount numeric(19,4) not null default 0 check (employer_insurance_amount >= 0),
  gratuity_provision_amount numeric(19,4) not null default 0 check (gratuity_provision_amount >= 0),
  other_components jsonb not null default '{}' check (jsonb_typeof(other_components) = 'object'),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'active', 'superseded', 'cancelled')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint salary_structures_effective_ck check (effective_to >= effective_from),
  constraint salary_structures_gross_ck check (monthly_gross_amount = basic_amount + dearness_allowance_amount + house_rent_allowance_amount + conveyance_allowance_amount + leave_travel_amount + special_allowance_amount + other_allowance_amount),
  constraint salary_structures_approved_ck check (status not in ('active', 'superseded') or approved_at is not null),
  constraint salary_structures_previous_ck check (previous_structure_id <> id)
);

create unique index salary_structures_employee_id_from_key on salary_structures (employee_id, effective_from) where status <> 'cancelled';
create unique index salary_structures_employee_id_active_key on salary_structures (employee_id) where status = 'active';
create index salary_structures_employee_id_status_idx on salary_structures (employee_id, status);
create index salary_structures_previous_structure_id_idx on salary_structures (previous_structure_id) where previous_structure_id is not null;
create index salary_structures_status_effective_from_idx on salary_structures (status, effective_from);
create index salary_structures_approved_by_idx on salary_structures (approved_by) where approved_by is not null;
create index salary_structures_created_by_idx on salary_structures (created_by) where created_by is not null;

comment on table salary_structures is 'One row is what one employee is promised from a date on: monthly pay by component, employer contributions and the annual cost to company. What was actually paid is in payslips.';
comment on column salary_structures.other_components is 'Pay components of other countries by code, already counted in other_allowance_amount.';
comment on column salary_structures.hourly_rate is 'Set for people paid by the hour; the monthly amounts are then the expected ones.';
comment on column salary_structures.pf_wage_basis is 'Ceiling: provident fund on at most the statutory wage ceiling; full: on actual PF wages.';
comment on column salary_structures.employer_pf_amount is 'A month''s amount, as are all amounts here that do not begin with annual.';

create table payrolls (
  id uuid primary key default gen_random_uuid(),
  payroll_number text not null unique,
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  run_type text not null default 'regular' check (run_type in ('regular', 'off_cycle', 'bonus', 'arrears', 'full_and_final')),
  pay_group text not null default 'staff',
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  pay_frequency text not null default 'monthly' check (pay_frequency in ('weekly', 'biweekly', 'semi_monthly', 'monthly')),
  period_start date not null,
  period_end date not null,
  attendance_from date not null,
  attendance_to date not null,
  pay_date date not null,
  financial_year text not null check (financial_year ~ '^[0-9]{4}-[0-9]{2}$'),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  employee_count integer not null default 0 check (employee_count >= 0),
  gross_earnings_amount numeric(19,4) not null default 0 check (gross_earnings_amount >= 0),
  reimbursement_amount numeric(19,4) not null default 0 check (reimbursement_amount >= 0),
  income_tax_amount numeric(19,4) not null default 0,
  professional_tax_amount numeric(19,4) not null default 0 check (professional_tax_amount >= 0),
  employee_contribution_amount numeric(19,4) not null default 0 check (employee_contribution_amount >= 0),
  other_deduction_amount numeric(19,4) not null default 0 check (other_deduction_amount >= 0),
  total_deduction_amount numeric(19,4) not null default 0,
  round_off_amount numeric(19,4) not null default 0,
  net_pay_amount numeric(19,4) not null default 0,
  employer_contribution_amount numeric(19,4) not null default 0 check (employer_contribution_amount >= 0),
  gratuity_accrual_amount numeric(19,4) not null default 0 check (gratuity_accrual_amount >= 0),
  base_net_pay_amount numeric(19,4) not null default 0,
  base_employer_cost_amount numeric(19,4) not null default 0,
  pf_trrn text check (pf_trrn ~ '^[0-9]{13}$'),
  esi_challan_number text,
  tds_challan_number text,
  bank_account_id uuid references bank_accounts (id) on delete restrict,
  journal_entry_id uuid unique references journal_entries (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'calculated', 'approved', 'posted', 'paid', 'cancelled')),
  calculated_at timestamptz,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  paid_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payrolls_period_ck check (period_end >= period_start),
  constraint payrolls_attendance_ck check (attendance_to >= attendance_from),
  constraint payrolls_deductions_ck check (total_deduction_amount = income_tax_amount + professional_tax_amount + employee_contribution_amount + other_deduction_amount),
  constraint payrolls_net_ck check (net_pay_amount = gross_earnings_amount + reimbursement_amount - total_deduction_amount + round_off_amount),
  constraint payrolls_base_rate_ck check (exchange_rate <> 1 or base_net_pay_amount = net_pay_amount),
  constraint payrolls_approved_ck check (status not in ('approved', 'posted', 'paid') or approved_at is not null),
  constraint payrolls_paid_ck check ((status = 'paid') = (paid_at is not null))
);

create unique index payrolls_regular_period_key on payrolls (company_id, company_branch_id, pay_group, country_code, period_start) nulls not distinct where run_type = 'regular' and status <> 'cancelled';
create index payrolls_company_id_period_start_idx on payrolls (company_id, period_start desc);
create index payrolls_company_branch_id_period_start_idx on payrolls (company_branch_id, period_start desc);
create index payrolls_status_pay_date_idx on payrolls (status, pay_date);
create index payrolls_bank_account_id_idx on payrolls (bank_account_id);
create index payrolls_approved_by_idx on payrolls (approved_by) where approved_by is not null;
create index payrolls_created_by_idx on payrolls (created_by) where created_by is not null;

comment on table payrolls is 'One row is one payroll run: a company''s pay group for one pay period, with its totals, statutory challans, accounting entry and payment. Each employee''s share is a payslip.';
comment on column payrolls.employee_contribution_amount is 'Provident fund, ESI, labour welfare fund and foreign social security withheld from employees.';
comment on column payrolls.attendance_from is 'The cut-off window for attendance and overtime, often from the 26th to the 25th rather than the calendar month.';
comment on column payrolls.pf_trrn is 'Temporary return reference number of the EPF electronic challan.';

create table payslips (
  id uuid primary key default gen_random_uuid(),
  payslip_number text not null unique,
  payroll_id uuid not null references payrolls (id) on delete restrict,
  employee_id uuid not null references employees (id) on delete restrict,
  salary_structure_id uuid references salary_structures (id) on delete restrict,
  department_id uuid references departments (id) on delete restrict,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  designation text,
  period_days numeric(7,3) not null check (period_days > 0),
  paid_days numeric(7,3) not null check (paid_days >= 0),
  loss_of_pay_days numeric(7,3) not null default 0 check (loss_of_pay_days >= 0),
  arrear_days numeric(7,3) not null default 0,
  overtime_minutes integer not null default 0 check (overtime_minutes >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  basic_amount numeric(19,4) not null default 0,
  dearness_allowance_amount numeric(19,4) not null default 0,
  house_rent_allowance_amount numeric(19,4) not null default 0,
  conveyance_allowance_amount numeric(19,4) not null default 0,
  leave_travel_amount numeric(19,4) not null default 0,
  special_allowance_amount numeric(19,4) not null default 0,
  other_allowance_amount numeric(19,4) not null default 0,
  overtime_amount numeric(19,4) not null default 0 check (overtime_amount >= 0),
  bonus_amount numeric(19,4) not null default 0 check (bonus_amount >= 0),
  incentive_amount numeric(19,4) not null default 0,
  arrears_amount numeric(19,4) not null default 0,
  leave_encashment_amount numeric(19,4) not null default 0 check (leave_encashment_amount >= 0),
  gratuity_paid_amount numeric(19,4) not null default 0 check (gratuity_paid_amount >= 0),
  notice_pay_amount numeric(19,4) not null default 0 check (notice_pay_amount >= 0),
  gross_earnings_amount numeric(19,4) not null default 0,
  reimbursement_amount numeric(19,4) not null default 0 check (reimbursement_amount >= 0),
  pf_wages_amount numeric(19,4) not null default 0 check (pf_wages_amount >= 0),
  employee_pf_amount numeric(19,4) not null default 0 check (employee_pf_amount >= 0),
  voluntary_pf_amount numeric(19,4) not null default 0 check (voluntary_pf_amount >= 0),
  esi_wages_amount numeric(19,4) not null default 0 check (esi_wages_amount >= 0),
  employee_esi_amount numeric(19,4) not null default 0 check (employee_esi_amount >= 0),
  professional_tax_amount numeric(19,4) not null default 0 check (professional_tax_amount >= 0),
  employee_lwf_amount numeric(19,4) not null default 0 check (employee_lwf_amount >= 0),
  income_tax_amount numeric(19,4) not null default 0,
  employee_social_security_amount numeric(19,4) not null default 0 check (employee_social_security_amount >= 0),
  loan_recovery_amount numeric(19,4) not null default 0 check (loan_recovery_amount >= 0),
  notice_recovery_amount numeric(19,4) not null default 0 check (notice_recovery_amount >= 0),
  other_deduction_amount numeric(19,4) not null default 0 check (other_deduction_amount >= 0),
  total_deduction_amount numeric(19,4) not null default 0,
  round_off_amount numeric(19,4) not null default 0 check (abs(round_off_amount) < 1),
  net_pay_amount numeric(19,4) not null default 0,
  base_net_pay_amount numeric(19,4) not null default 0,
  employer_epf_amount numeric(19,4) not null default 0 check (employer_epf_amount >= 0),
  employer_eps_amount numeric(19,4) not null default 0 check (employer_eps_amount >= 0),
  employer_edli_and_admin_amount numeric(19,4) not null default 0 check (employer_edli_and_admin_amount >= 0),
  employer_nps_amount numeric(19,4) not null default 0 check (employer_nps_amount >= 0),
  employer_esi_amount numeric(19,4) not null default 0 check (employer_esi_amount >= 0),
  employer_lwf_amount numeric(19,4) not null default 0 check (employer_lwf_amount >= 0),
  employer_social_security_amount numeric(19,4) not null default 0,
  gratuity_accrual_amount numeric(19,4) not null default 0,
  income_tax_regime text not null default 'new' check (income_tax_regime in ('old', 'new', 'not_applicable')),
  exemptions_and_deductions_amount numeric(19,4) not null default 0 check (exemptions_and_deductions_amount >= 0),
  projected_taxable_income_amount numeric(19,4) not null default 0 check (projected_taxable_income_amount >= 0),
  projected_annual_tax_amount numeric(19,4) not null default 0 check (projected_annual_tax_amount >= 0),
  tax_withheld_to_date_amount numeric(19,4) not null default 0,
  other_components jsonb not null default '{}' check (jsonb_typeof(other_components) = 'object'),
  payment_mode text not null default 'bank_transfer' check (payment_mode in ('bank_transfer', 'cheque', 'cash')),
  payment_reference text,
  paid_on date,
  hold_reason text,
  published_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'final', 'on_hold', 'paid', 'cancelled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payslips_days_ck check (paid_days + loss_of_pay_days <= period_days),
  constraint payslips_gross_ck check (gross_earnings_amount = basic_amount + dearness_allowance_amount + house_rent_allowance_amount + conveyance_allowance_amount + leave_travel_amount + special_allowance_amount + other_allowance_amount + overtime_amount + bonus_amount + incentive_amount + arrears_amount + leave_encashment_amount + gratuity_paid_amount + notice_pay_amount),
  constraint payslips_deductions_ck check (total_deduction_amount = employee_pf_amount + voluntary_pf_amount + employee_esi_amount + professional_tax_amount + employee_lwf_amount + income_tax_amount + employee_social_security_amount + loan_recovery_amount + notice_recovery_amount + other_deduction_amount),
  constraint payslips_net_ck check (net_pay_amount = gross_earnings_amount + reimbursement_amount - total_deduction_amount + round_off_amount),
  constraint payslips_base_rate_ck check (exchange_rate <> 1 or base_net_pay_amount = net_pay_amount),
  constraint payslips_hold_ck check (status <> 'on_hold' or hold_reason is not null),
  constraint payslips_paid_ck check ((status = 'paid') = (paid_on is not null))
);

create unique index payslips_payroll_id_employee_id_key on payslips (payroll_id, employee_id) where status <> 'cancelled';
create index payslips_payroll_id_status_idx on payslips (payroll_id, status);
create index payslips_employee_id_created_at_idx on payslips (employee_id, created_at desc);
create index payslips_salary_structure_id_idx on payslips (salary_structure_id);
create index payslips_department_id_idx on payslips (department_id);
create index payslips_cost_center_id_idx on payslips (cost_center_id);

comment on table payslips is 'One row is what one employee earned, had withheld and was paid in one payroll run, with the employer''s contributions beside it. Amounts are as paid, never recomputed from the salary structure.';
comment on column payslips.arrear_days is 'Days of earlier periods paid now, or taken back where negative (loss of pay reversed or found late).';
comment on column payslips.income_tax_amount is 'In India TDS on salary (section 392 of the Income-tax Act 2025, before that section 192); elsewhere wage tax. Negative where tax is given back.';
comment on column payslips.exemptions_and_deductions_amount is 'Standard deduction, HRA exemption and declared investments taken into account for the financial year; under the new regime mostly the standard deduction.';
comment on column payslips.projected_annual_tax_amount is 'Tax for the financial year under the chosen regime, from which this month''s TDS was spread.';
comment on column payslips.other_components is 'Components of other countries by code, already counted in the other, social-security and deduction amounts.';
comment on column payslips.round_off_amount is 'Rounding of net pay to whole currency units.';

create table appraisal_cycles (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{1,19}$'),
  name text not null,
  description text,
  company_id uuid references companies (id) on delete restrict,
  cycle_type text not null default 'annual' check (cycle_type in ('annual', 'half_yearly', 'quarterly', 'probation', 'project')),
  period_start date not null,
  period_end date not null,
  goal_setting_due_on date,
  self_review_due_on date not null,
  manager_review_due_on date not null,
  calibration_due_on date,
  increments_effective_on date,
  eligible_joined_before date,
  min_service_days smallint not null default 90 check (min_service_days >= 0),
  rating_scale_max smallint not null default 5 check (rating_scale_max between 3 and 10),
  goal_weight_percent numeric(7,4) not null default 70 check (goal_weight_percent between 0 and 100),
  competency_weight_percent numeric(7,4) not null default 20 check (competency_weight_percent between 0 and 100),
  feedback_weight_percent numeric(7,4) not null default 10 check (feedback_weight_percent between 0 and 100),
  increment_budget_percent numeric(7,4) check (increment_budget_percent between 0 and 100),
  rating_distribution jsonb check (jsonb_typeof(rating_distribution) = 'object'),
  status text not null default 'planned' check (status in ('planned', 'goal_setting', 'self_review', 'manager_review', 'calibration', 'published', 'closed', 'cancelled')),
  published_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint appraisal_cycles_period_ck check (period_end > period_start),
  constraint appraisal_cycles_reviews_ck check (manager_review_due_on >= self_review_due_on and calibration_due_on >= manager_review_due_on),
  constraint appraisal_cycles_weights_ck check (goal_weight_percent + competency_weight_percent + feedback_weight_percent = 100),
  constraint appraisal_cycles_published_ck check (status <> 'published' or published_at is not null)
);

create index appraisal_cycles_company_id_idx on appraisal_cycles (company_id);
create index appraisal_cycles_status_period_start_idx on appraisal_cycles (status, period_start desc);
create index appraisal_cycles_created_by_idx on appraisal_cycles (created_by) where created_by is not null;

comment on table appraisal_cycles is 'One row is one round of appraisals: the period judged, its deadlines, the rating scale and how goals, competencies and feedback weigh. Each person''s result is an appraisal.';
comment on column appraisal_cycles.rating_distribution is 'Target share of people in percent by rating, where the company calibrates to a curve.';

create table kpis (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  description text,
  department_id uuid references departments (id) on delete restrict,
  applies_to_designation text,
  perspective text not null default 'process' check (perspective in ('financial', 'customer', 'process', 'learning')),
  measurement_unit text not null default 'number' check (measurement_unit in ('number', 'percent', 'currency', 'days', 'hours', 'minutes', 'ratio', 'rating')),
  currency_code char(3) check (currency_code ~ '^[A-Z]{3}$'),
  direction text not null default 'higher_is_better' check (direction in ('higher_is_better', 'lower_is_better', 'within_range')),
  calculation_note text not null,
  data_source text not null default 'manual' check (data_source in ('manual', 'orders', 'finance', 'warehouse', 'field_service', 'call_centre', 'crm', 'attendance')),
  review_frequency text not null default 'monthly' check (review_frequency in ('weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly')),
  threshold_value numeric(24,6),
  target_value numeric(24,6),
  stretch_value numeric(24,6),
  default_weight_percent numeric(7,4) check (default_weight_percent between 0 and 100),
  status text not null default 'active' check (status in ('draft', 'active', 'retired')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint kpis_currency_ck check ((measurement_unit = 'currency') = (currency_code is not null)),
  constraint kpis_levels_ck check (
    case direction
      when 'higher_is_better' then threshold_value <= target_value and target_value <= stretch_value
      when 'lower_is_better' then threshold_value >= target_value and target_value >= stretch_value
      else threshold_value <= stretch_value
    end
  )
);

create index kpis_department_id_status_idx on kpis (department_id, status);
create index kpis_status_perspective_idx on kpis (status, perspective);
create index kpis_created_by_idx on kpis (created_by) where created_by is not null;

comment on table kpis is 'One row is a measure people can be given goals on, such as orders packed per hour or first-visit fix rate. Measures of the business itself are in kpi_definitions.';
comment on column kpis.direction is 'For within_range the threshold is the lower and the stretch value the upper end.';

create table goals (
  id uuid primary key default gen_random_uuid(),
  employee_id uuid not null references employees (id) on delete restrict,
  appraisal_cycle_id uuid not null references appraisal_cycles (id) on delete restrict,
  kpi_id uuid references kpis (id) on delete restrict,
  parent_goal_id uuid references goals (id) on delete set null,
  title text not null,
  description text,
  goal_type text not null default 'kpi' check (goal_type in ('kpi', 'project', 'development', 'behaviour')),
  weight_percent numeric(7,4) not null check (weight_percent between 0 and 100),
  measurement_unit text not null default 'percent' check (measurement_unit in ('number', 'percent', 'currency', 'days', 'hours', 'minutes', 'ratio', 'rating')),
  currency_code char(3) check (currency_code ~ '^[A-Z]{3}$'),
  baseline_value numeric(24,6),
  target_value numeric(24,6),
  achieved_value numeric(24,6),
  progress_percent numeric(7,4) not null default 0 check (progress_percent between 0 and 100),
  starts_on date not null,
  due_on date not null,
  completed_on date,
  agreed_by uuid references users (id) on delete set null,
  agreed_at timestamptz,
  self_rating numeric(4,2) check (self_rating between 0 and 10),
  self_comment text,
  manager_rating numeric(4,2) check (manager_rating between 0 and 10),
  manager_comment text,
  status text not null default 'draft' check (status in ('draft', 'proposed', 'agreed', 'in_progress', 'achieved', 'partly_achieved', 'missed', 'dropped')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (employee_id, appraisal_cycle_id, title),
  constraint goals_own_parent_ck check (parent_goal_id <> id),
  constraint goals_dates_ck check (due_on >= starts_on and completed_on >= starts_on),
  constraint goals_kpi_ck check (goal_type <> 'kpi' or (kpi_id is not null and target_value is not null)),
  constraint goals_currency_ck check ((measurement_unit = 'currency') = (currency_code is not null)),
  constraint goals_agreed_ck check (status in ('draft', 'proposed', 'dropped') or agreed_at is not null)
);

create index goals_appraisal_cycle_id_status_idx on goals (appraisal_cycle_id, status);
create index goals_kpi_id_idx on goals (kpi_id);
create index goals_parent_goal_id_idx on goals (parent_goal_id) where parent_goal_id is not null;
create index goals_agreed_by_idx on goals (agreed_by) where agreed_by is not null;
create index goals_status_due_on_idx on goals (status, due_on);

comment on table goals is 'One row is one thing one employee agreed to achieve in an appraisal cycle, with its weight, target and outcome. The weights of an employee''s goals in a cycle add up to 100.';

create table appraisals (
  id uuid primary key default gen_random_uuid(),
  appraisal_cycle_id uuid not null references appraisal_cycles (id) on delete restrict,
  employee_id uuid not null references employees (id) on delete restrict,
  department_id uuid references departments (id) on delete restrict,
  designation_at_review text not null,
  reviewer_id uuid references users (id) on delete set null,
  second_reviewer_id uuid references users (id) on delete set null,
  self_rating numeric(4,2) check (self_rating between 0 and 10),
  manager_rating numeric(4,2) check (manager_rating between 0 and 10),
  final_rating numeric(4,2) check (final_rating between 0 and 10),
  goal_score_percent numeric(7,4) check (goal_score_percent between 0 and 150),
  competency_score_percent numeric(7,4) check (competency_score_percent between 0 and 150),
  feedback_score_percent numeric(7,4) check (feedback_score_percent between 0 and 150),
  overall_score_percent numeric(7,4) check (overall_score_percent between 0 and 150),
  self_summary text,
  strengths text,
  improvement_areas text,
  calibration_note text,
  recommended_designation text,
  recommended_increment_percent numeric(7,4) check (recommended_increment_percent between 0 and 200),
  approved_increment_percent numeric(7,4) check (approved_increment_percent between 0 and 200),
  bonus_amount numeric(19,4) not null default 0 check (bonus_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  needs_improvement_plan boolean not null default false,
  self_submitted_at timestamptz,
  manager_submitted_at timestamptz,
  calibrated_by uuid references users (id) on delete set null,
  calibrated_at timestamptz,
  discussed_on date,
  acknowledged_at timestamptz,
  employee_response text,
  status text not null default 'not_started' check (status in ('not_started', 'self_review', 'manager_review', 'calibration', 'published', 'acknowledged', 'disputed', 'cancelled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (appraisal_cycle_id, employee_id),
  constraint appraisals_reviewers_ck check (second_reviewer_id <> reviewer_id),
  constraint appraisals_published_ck check (status not in ('published', 'acknowledged', 'disputed') or final_rating is not null),
  constraint appraisals_acknowledged_ck check (status <> 'acknowledged' or acknowledged_at is not null)
);

create index appraisals_employee_id_idx on appraisals (employee_id);
create index appraisals_department_id_idx on appraisals (department_id);
create index appraisals_reviewer_id_status_idx on appraisals (reviewer_id, status);
create index appraisals_second_reviewer_id_idx on appraisals (second_reviewer_id) where second_reviewer_id is not null;
create index appraisals_calibrated_by_idx on appraisals (calibrated_by) where calibrated_by is not null;
create index appraisals_status_appraisal_cycle_id_idx on appraisals (status, appraisal_cycle_id);

comment on table appraisals is 'One row is one employee''s appraisal in one cycle, from self-review over the manager''s and the calibrated rating to increment, bonus and acknowledgement. The pay change itself becomes a new salary structure.';
comment on column appraisals.goal_score_percent is 'Above 100 where targets were exceeded.';

create table performance_feedback (
  id uuid primary key default gen_random_uuid(),
  employee_id uuid not null references employees (id) on delete restrict,
  appraisal_cycle_id uuid references appraisal_cycles (id) on delete restrict,
  goal_id uuid references goals (id) on delete set null,
  given_by uuid references users (id) on delete set null,
  requested_by uuid references users (id) on delete set null,
  giver_relation text not null default 'manager' check (giver_relation in ('self', 'manager', 'peer', 'direct_report', 'other_department', 'customer', 'human_resources')),
  feedback_type text not null default 'coaching' check (feedback_type in ('appreciation', 'coaching', 'review_360', 'concern', 'warning')),
  competency text,
  rating numeric(4,2) check (rating between 0 and 10),
  situation text,
  observation text,
  impact text,
  suggestion text,
  visibility text not null default 'employee_and_manager' check (visibility in ('manager_only', 'employee_and_manager', 'human_resources', 'team')),
  is_anonymous boolean not null default false,
  due_on date,
  submitted_at timestamptz,
  acknowledged_at timestamptz,
  employee_reply text,
  status text not null default 'draft' check (status in ('requested', 'draft', 'submitted', 'acknowledged', 'declined', 'withdrawn')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint performance_feedback_submitted_ck check (status not in ('submitted', 'acknowledged') or (submitted_at is not null and observation is not null)),
  constraint performance_feedback_reply_ck check (acknowledged_at >= submitted_at)
);

create index performance_feedback_employee_id_submitted_at_idx on performance_feedback (employee_id, submitted_at desc);
create index performance_feedback_appraisal_cycle_id_status_idx on performance_feedback (appraisal_cycle_id, status);
create index performance_feedback_goal_id_idx on performance_feedback (goal_id) where goal_id is not null;
create index performance_feedback_given_by_status_idx on performance_feedback (given_by, status);
create index performance_feedback_requested_by_idx on performance_feedback (requested_by) where requested_by is not null;

comment on table performance_feedback is 'One row is one person''s feedback about an employee, given freely or on request, for a cycle, for a goal or for neither. It informs an appraisal; it is not the appraisal.';
comment on column performance_feedback.is_anonymous is 'The giver is recorded but must not be shown to the employee or the team.';

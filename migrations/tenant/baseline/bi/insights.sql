-- insights: which figures the business watches, how reports and dashboards show them, and who is told when one goes wrong.
-- A measured value is numeric(24,6), because a kpi may be money, a count or a percentage: its unit is that of the kpi definition.

create table kpi_definitions (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[a-z][a-z0-9_]{1,49}$'),
  name text not null,
  description text not null,
  module text not null check (module in ('system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi')),
  category text not null check (category in ('revenue', 'profitability', 'cash', 'inventory', 'fulfilment', 'procurement', 'service', 'customer', 'channel', 'people', 'compliance')),
  measurement_unit text not null default 'number' check (measurement_unit in ('number', 'currency', 'percent', 'days', 'hours', 'minutes', 'ratio')),
  currency_code char(3) check (currency_code ~ '^[A-Z]{3}$'),
  decimal_places smallint not null default 2 check (decimal_places between 0 and 6),
  direction text not null default 'higher_is_better' check (direction in ('higher_is_better', 'lower_is_better', 'within_range')),
  source_table text not null check (source_table ~ '^[a-z][a-z0-9_]*$'),
  date_column text not null check (date_column ~ '^[a-z][a-z0-9_]*$'),
  aggregation text not null check (aggregation in ('sum', 'count', 'count_distinct', 'average', 'median', 'minimum', 'maximum', 'last', 'ratio')),
  numerator_expression text not null,
  denominator_expression text,
  filter_expression text,
  dimensions text[] not null default '{}',
  finest_period text not null default 'day' check (finest_period in ('hour', 'day', 'week', 'month', 'quarter')),
  target_value numeric(24,6),
  warning_value numeric(24,6),
  critical_value numeric(24,6),
  refresh_minutes integer not null default 1440 check (refresh_minutes > 0),
  owner_id uuid references users (id) on delete set null,
  is_system boolean not null default false,
  status text not null default 'active' check (status in ('draft', 'active', 'retired')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint kpi_definitions_currency_ck check ((measurement_unit = 'currency') = (currency_code is not null)),
  constraint kpi_definitions_ratio_ck check ((aggregation = 'ratio') = (denominator_expression is not null)),
  constraint kpi_definitions_levels_ck check (
    case direction
      when 'higher_is_better' then critical_value <= warning_value and warning_value <= target_value
      when 'lower_is_better' then critical_value >= warning_value and warning_value >= target_value
      else true
    end
  )
);

create index kpi_definitions_module_status_idx on kpi_definitions (module, status);
create index kpi_definitions_owner_id_idx on kpi_definitions (owner_id);

comment on table kpi_definitions is 'One row defines one figure the business is steered by, such as days sales outstanding or order fill rate: where it comes from, how it is computed and which values are good. Its values are in kpi_snapshots; goals of people use kpis.';
comment on column kpi_definitions.is_system is 'Shipped with the product: may be retired but not edited.';
comment on column kpi_definitions.dimensions is 'What it may be split by: company, branch, region, warehouse, channel, category, product, customer, vendor, employee.';

create table kpi_snapshots (
  id uuid primary key default gen_random_uuid(),
  kpi_definition_id uuid not null references kpi_definitions (id) on delete cascade,
  period_type text not null check (period_type in ('hour', 'day', 'week', 'month', 'quarter', 'year')),
  period_start timestamptz not null,
  period_end timestamptz not null,
  dimension_type text not null default 'tenant' check (dimension_type in ('tenant', 'company', 'branch', 'region', 'warehouse', 'channel', 'category', 'product', 'customer', 'vendor', 'employee')),
  dimension_key text,
  dimension_label text,
  actual_value numeric(24,6),
  numerator_value numeric(24,6),
  denominator_value numeric(24,6),
  target_value numeric(24,6),
  previous_period_value numeric(24,6),
  previous_year_value numeric(24,6),
  change_percent numeric(12,4),
  currency_code char(3) check (currency_code ~ '^[A-Z]{3}$'),
  source_row_count bigint not null default 0 check (source_row_count >= 0),
  health_status text not null default 'no_data' check (health_status in ('on_target', 'warning', 'critical', 'no_data')),
  is_final boolean not null default false,
  computed_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint kpi_snapshots_point_key unique nulls not distinct (kpi_definition_id, period_type, period_start, dimension_type, dimension_key),
  constraint kpi_snapshots_period_ck check (period_end > period_start),
  constraint kpi_snapshots_dimension_ck check ((dimension_type = 'tenant') = (dimension_key is null)),
  constraint kpi_snapshots_no_data_ck check ((health_status = 'no_data') = (actual_value is null))
);

create index kpi_snapshots_dimension_type_key_idx on kpi_snapshots (dimension_type, dimension_key, period_start desc);
create index kpi_snapshots_period_start_health_status_idx on kpi_snapshots (period_start, health_status);

comment on table kpi_snapshots is 'One row is the value of one kpi for one period, for the whole tenant or for one branch, warehouse, channel or other member of a dimension. A final row is never recomputed, so that past figures stay as reported.';
comment on column kpi_snapshots.dimension_key is 'Id or code of the member, without a reference: a snapshot outlives what it measured.';

create table alert_rules (
  id uuid primary key default gen_random_uuid(),
  kpi_definition_id uuid not null references kpi_definitions (id) on delete restrict,
  code text not null unique check (code ~ '^[a-z][a-z0-9_]{1,49}$'),
  name text not null,
  description text,
  condition_type text not null check (condition_type in ('above', 'below', 'outside_range', 'change_above_percent', 'change_below_percent', 'no_data')),
  threshold_value numeric(24,6),
  upper_threshold_value numeric(24,6),
  compared_with text not null default 'fixed' check (compared_with in ('fixed', 'target', 'previous_period', 'previous_year')),
  period_type text not null default 'day' check (period_type in ('hour', 'day', 'week', 'month', 'quarter')),
  consecutive_periods smallint not null default 1 check (consecutive_periods > 0),
  dimension_type text not null default 'tenant' check (dimension_type in ('tenant', 'company', 'branch', 'region', 'warehouse', 'channel', 'category', 'product', 'customer', 'vendor', 'employee')),
  dimension_key text,
  severity text not null default 'warning' check (severity in ('info', 'warning', 'critical')),
  channels text[] not null default '{in_app}' check (cardinality(channels) > 0 and channels <@ array['in_app', 'email', 'sms', 'whatsapp', 'webhook']),
  recipient_role_codes text[] not null default '{}',
  recipient_emails text[] not null default '{}',
  owner_id uuid references users (id) on delete set null,
  escalate_to_id uuid references users (id) on delete set null,
  escalate_after_minutes integer check (escalate_after_minutes > 0),
  cooldown_minutes integer not null default 1440 check (cooldown_minutes >= 0),
  message_template text,
  last_evaluated_at timestamptz,
  last_triggered_at timestamptz,
  muted_until timestamptz,
  status text not null default 'active' check (status in ('draft', 'active', 'paused', 'retired')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint alert_rules_threshold_ck check (condition_type = 'no_data' or compared_with = 'target' or threshold_value is not null),
  constraint alert_rules_range_ck check ((condition_type = 'outside_range') = (upper_threshold_value is not null)),
  constraint alert_rules_range_order_ck check (upper_threshold_value > threshold_value),
  constraint alert_rules_dimension_ck check (dimension_type <> 'tenant' or dimension_key is null),
  constraint alert_rules_escalation_ck check (escalate_to_id is null or escalate_after_minutes is not null)
);

create index alert_rules_kpi_definition_id_status_idx on alert_rules (kpi_definition_id, status);
create index alert_rules_status_last_evaluated_at_idx on alert_rules (status, last_evaluated_at);
create index alert_rules_owner_id_idx on alert_rules (owner_id);
create index alert_rules_escalate_to_id_idx on alert_rules (escalate_to_id) where escalate_to_id is not null;
create index alert_rules_created_by_idx on alert_rules (created_by) where created_by is not null;

comment on table alert_rules is 'One row says when a kpi value is worth telling someone about, whom and over which channel. What it found is an insight; the messages sent are notifications.';
comment on column alert_rules.dimension_key is 'Null with a dimension set: the rule is evaluated for each member on its own.';
comment on column alert_rules.compared_with is 'For change conditions the threshold is a percentage against this value.';

create table insights (
  id uuid primary key default gen_random_uuid(),
  insight_number text not null unique,
  title text not null,
  summary text not null,
  explanation text,
  insight_type text not null check (insight_type in ('anomaly', 'trend', 'threshold', 'opportunity', 'risk', 'forecast_deviation', 'recommendation')),
  module text not null check (module in ('system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi')),
  severity text not null default 'info' check (severity in ('info', 'warning', 'critical')),
  kpi_definition_id uuid references kpi_definitions (id) on delete set null,
  alert_rule_id uuid references alert_rules (id) on delete set null,
  subject_table text check (subject_table ~ '^[a-z][a-z0-9_]*$'),
  subject_id uuid,
  subject_label text,
  period_start date,
  period_end date,
  observed_value numeric(24,6),
  expected_value numeric(24,6),
  deviation_percent numeric(12,4),
  confidence_percent numeric(7,4) check (confidence_percent between 0 and 100),
  estimated_impact_amount numeric(19,4),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  recommended_action text,
  generated_by text not null default 'rule' check (generated_by in ('rule', 'statistics', 'model', 'user')),
  model_version text,
  detected_at timestamptz not null default now(),
  valid_until timestamptz,
  assigned_to uuid references users (id) on delete set null,
  acknowledged_by uuid references users (id) on delete set null,
  acknowledged_at timestamptz,
  resolved_by uuid references users (id) on delete set null,
  resolved_at timestamptz,
  resolution_note text,
  was_useful boolean,
  status text not null default 'new' check (status in ('new', 'acknowledged', 'in_progress', 'resolved', 'dismissed', 'expired')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint insights_subject_ck check ((subject_table is null) = (subject_id is null)),
  constraint insights_period_ck check (period_end >= period_start),
  constraint insights_validity_ck check (valid_until > detected_at),
  constraint insights_resolved_ck check (status not in ('resolved', 'dismissed') or (resolved_at is not null and resolution_note is not null))
);

create index insights_status_detected_at_idx on insights (status, detected_at desc);
create index insights_module_severity_detected_at_idx on insights (module, severity, detected_at desc);
create index insights_subject_table_subject_id_idx on insights (subject_table, subject_id) where subject_id is not null;
create index insights_kpi_definition_id_detected_at_idx on insights (kpi_definition_id, detected_at desc);
create index insights_alert_rule_id_detected_at_idx on insights (alert_rule_id, detected_at desc);
create index insights_assigned_to_status_idx on insights (assigned_to, status);
create index insights_acknowledged_by_idx on insights (acknowledged_by) where acknowledged_by is not null;
create index insights_resolved_by_idx on insights (resolved_by) where resolved_by is not null;

comment on table insights is 'One row is one finding that asks for a decision: an anomaly, a risk or an opportunity, found by an alert rule, a model or a person, with its estimated worth and what was done about it.';
comment on column insights.subject_id is 'The record it is about, in subject_table; no reference, since it may be of any table.';

create table reports (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  name text not null,
  description text,
  module text not null check (module in ('system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi')),
  report_type text not null default 'table' check (report_type in ('table', 'summary', 'pivot', 'chart', 'statement', 'statutory_return')),
  statutory_form text,
  base_table text not null check (base_table ~ '^[a-z][a-z0-9_]*$'),
  column_definitions jsonb not null check (jsonb_typeof(column_definitions) = 'array'),
  filter_definitions jsonb not null default '[]' check (jsonb_typeof(filter_definitions) = 'array'),
  parameter_definitions jsonb not null default '[]' check (jsonb_typeof(parameter_definitions) = 'array'),
  group_by_columns text[] not null default '{}',
  sort_columns text[] not null default '{}',
  default_period text not null default 'this_month' check (default_period in ('today', 'yesterday', 'this_week', 'last_week', 'this_month', 'last_month', 'this_quarter', 'last_quarter', 'this_financial_year', 'last_financial_year', 'as_on_date', 'custom')),
  currency_presentation text not null default 'base' check (currency_presentation in ('base', 'document', 'both')),
  export_formats text[] not null default '{xlsx,pdf,csv}' check (export_formats <@ array['xlsx', 'pdf', 'csv', 'json', 'xml']),
  row_limit integer not null default 100000 check (row_limit > 0),
  timeout_seconds integer not null default 120 check (timeout_seconds between 1 and 3600),
  required_permission_code text,
  contains_personal_data boolean not null default false,
  visibility text not null default 'private' check (visibility in ('private', 'roles', 'everyone')),
  visible_role_codes text[] not null default '{}',
  is_system boolean not null default false,
  version integer not null default 1 check (version > 0),
  owner_id uuid references users (id) on delete set null,
  last_run_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint reports_statutory_ck check ((report_type = 'statutory_return') = (statutory_form is not null)),
  constraint reports_visible_roles_ck check (visibility <> 'roles' or cardinality(visible_role_codes) > 0)
);

create index reports_module_status_idx on reports (module, status);
create index reports_owner_id_idx on reports (owner_id);
create index reports_created_by_idx on reports (created_by) where created_by is not null;
create index reports_updated_by_idx on reports (updated_by) where updated_by is not null;

comment on table reports is 'One row defines a report: its base table, columns, filters, parameters and who may see it. It holds no figures: each execution is a report run.';
comment on column reports.statutory_form is 'The return it prepares, such as GSTR-1, GSTR-3B, the quarterly TDS statement, the PF return (ECR) or a foreign VAT return.';

create table report_schedules (
  id uuid primary key default gen_random_uuid(),
  report_id uuid not null references reports (id) on delete cascade,
  name text not null,
  frequency text not null default 'weekly' check (frequency in ('hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
  weekday smallint check (weekday between 1 and 7),
  day_of_month smallint check (day_of_month between 1 and 31),
  month_of_year smallint check (month_of_year between 1 and 12),
  run_time time not null default '07:00',
  time_zone text not null default 'Asia/Kolkata' check (time_zone ~ '^[A-Za-z0-9_+/-]+$'),
  starts_on date not null default current_date,
  ends_on date,
  parameters jsonb not null default '{}' check (jsonb_typeof(parameters) = 'object'),
  output_format text not null default 'xlsx' check (output_format in ('xlsx', 'pdf', 'csv', 'json', 'xml')),
  delivery_channel text not null default 'email' check (delivery_channel in ('in_app', 'email', 'whatsapp', 'sftp', 'webhook')),
  recipients text[] not null default '{}',
  subject text,
  message text,
  skip_when_empty boolean not null default false,
  run_as_user_id uuid references users (id) on delete set null,
  next_run_at timestamptz,
  last_run_at timestamptz,
  last_run_status text check (last_run_status in ('succeeded', 'failed', 'skipped')),
  consecutive_failures smallint not null default 0 check (consecutive_failures >= 0),
  status text not null default 'active' check (status in ('active', 'paused', 'ended')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (report_id, name),
  constraint report_schedules_dates_ck check (ends_on >= starts_on),
  constraint report_schedules_weekday_ck check ((frequency = 'weekly') = (weekday is not null)),
  constraint report_schedules_month_day_ck check ((frequency in ('monthly', 'quarterly', 'yearly')) = (day_of_month is not null)),
  constraint report_schedules_month_ck check ((frequency = 'yearly') = (month_of_year is not null)),
  constraint report_schedules_recipients_ck check (delivery_channel = 'in_app' or cardinality(recipients) > 0),
  constraint report_schedules_active_ck check (status <> 'active' or next_run_at is not null)
);

create index report_schedules_status_next_run_at_idx on report_schedules (status, next_run_at);
create index report_schedules_run_as_user_id_idx on report_schedules (run_as_user_id);
create index report_schedules_created_by_idx on report_schedules (created_by) where created_by is not null;

comment on table report_schedules is 'One row sends one report at fixed times to a list of recipients. Each time it fires it leaves a report run.';
comment on column report_schedules.weekday is '1 is Monday, 7 is Sunday.';
comment on column report_schedules.run_as_user_id is 'The report shows what this user may see; without a user the schedule must not run.';
comment on column report_schedules.day_of_month is 'In shorter months the last day.';

create table report_runs (
  id uuid primary key default gen_random_uuid(),
  run_number text not null unique,
  report_id uuid not null references reports (id) on delete restrict,
  report_version integer not null check (report_version > 0),
  report_schedule_id uuid references report_schedules (id) on delete set null,
  requested_by uuid references users (id) on delete set null,
  trigger_type text not null default 'manual' check (trigger_type in ('manual', 'schedule', 'dashboard', 'api')),
  parameters jsonb not null default '{}' check (jsonb_typeof(parameters) = 'object'),
  period_start date,
  period_end date,
  output_format text not null default 'screen' check (output_format in ('screen', 'xlsx', 'pdf', 'csv', 'json', 'xml')),
  status text not null default 'queued' check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  row_count bigint check (row_count >= 0),
  is_truncated boolean not null default false,
  file_name text,
  storage_key text,
  file_size_bytes bigint check (file_size_bytes >= 0),
  file_sha256 text check (file_sha256 ~ '^[0-9a-f]{64}$'),
  file_expires_at timestamptz,
  download_count integer not null default 0 check (download_count >= 0),
  delivered_at timestamptz,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint report_runs_period_ck check (period_end >= period_start),
  constraint report_runs_times_ck check (started_at >= queued_at and finished_at >= started_at),
  constraint report_runs_finished_ck check (status not in ('succeeded', 'failed') or finished_at is not null),
  constraint report_runs_failed_ck check ((status = 'failed') = (error_message is not null)),
  constraint report_runs_file_ck check ((storage_key is null) = (file_sha256 is null))
);

create index report_runs_report_id_queued_at_idx on report_runs (report_id, queued_at desc);
create index report_runs_status_queued_at_idx on report_runs (status, queued_at);
create index report_runs_requested_by_queued_at_idx on report_runs (requested_by, queued_at desc);
create index report_runs_report_schedule_id_queued_at_idx on report_runs (report_schedule_id, queued_at desc);
create index report_runs_file_expires_at_idx on report_runs (file_expires_at) where storage_key is not null;

comment on table report_runs is 'One row is one execution of a report: who asked, with which parameters, how it ended and which file it left. It is also the record of who took which data out of the system.';

create table dashboards (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  name text not null,
  description text,
  module text check (module in ('system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi')),
  audience text not null default 'operational' check (audience in ('executive', 'management', 'operational', 'personal')),
  owner_id uuid references users (id) on delete set null,
  visibility text not null default 'private' check (visibility in ('private', 'roles', 'everyone')),
  visible_role_codes text[] not null default '{}',
  is_default boolean not null default false,
  is_system boolean not null default false,
  grid_columns smallint not null default 12 check (grid_columns between 1 and 24),
  default_period text not null default 'this_month' check (default_period in ('today', 'yesterday', 'this_week', 'last_week', 'this_month', 'last_month', 'this_quarter', 'last_quarter', 'this_financial_year', 'last_financial_year', 'last_30_days', 'last_12_months')),
  comparison_period text not null default 'previous_period' check (comparison_period in ('none', 'previous_period', 'previous_year', 'target')),
  default_filters jsonb not null default '{}' check (jsonb_typeof(default_filters) = 'object'),
  refresh_seconds integer check (refresh_seconds >= 10),
  display_order smallint not null default 100 check (display_order >= 0),
  last_viewed_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
  published_at timestamptz,
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dashboards_visible_roles_ck check (visibility <> 'roles' or cardinality(visible_role_codes) > 0),
  constraint dashboards_default_ck check (not is_default or (status = 'published' and visibility <> 'private')),
  constraint dashboards_published_ck check (status <> 'published' or published_at is not null)
);

create unique index dashboards_module_default_key on dashboards (module) nulls not distinct where is_default;
create index dashboards_module_status_idx on dashboards (module, status, display_order);
create index dashboards_owner_id_idx on dashboards (owner_id);
create index dashboards_created_by_idx on dashboards (created_by) where created_by is not null;
create index dashboards_updated_by_idx on dashboards (updated_by) where updated_by is not null;

comment on table dashboards is 'One row is a page of widgets for an audience, with its default period and filters. A dashboard without a module spans all modules; one per module is the default.';

create table dashboard_widgets (
  id uuid primary key default gen_random_uuid(),
  dashboard_id uuid not null references dashboards (id) on delete cascade,
  widget_key text not null check (widget_key ~ '^[a-z][a-z0-9_]{0,49}$'),
  title text not null,
  subtitle text,
  widget_type text not null check (widget_type in ('number', 'gauge', 'line', 'bar', 'stacked_bar', 'pie', 'table', 'heat_map', 'map', 'funnel', 'insight_list', 'text')),
  kpi_definition_id uuid references kpi_definitions (id) on delete restrict,
  report_id uuid references reports (id) on delete restrict,
  split_by text,
  split_limit smallint check (split_limit between 1 and 100),
  period_override text check (period_override in ('today', 'this_week', 'this_month', 'this_quarter', 'this_financial_year', 'last_30_days', 'last_12_months')),
  comparison_period text check (comparison_period in ('none', 'previous_period', 'previous_year', 'target')),
  filters jsonb not null default '{}' check (jsonb_typeof(filters) = 'object'),
  display_options jsonb not null default '{}' check (jsonb_typeof(display_options) = 'object'),
  text_content text,
  drill_down_path text,
  grid_column smallint not null check (grid_column >= 1),
  grid_row smallint not null check (grid_row >= 1),
  column_span smallint not null default 3 check (column_span between 1 and 24),
  row_span smallint not null default 2 check (row_span between 1 and 24),
  is_visible boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (dashboard_id, widget_key),
  constraint dashboard_widgets_source_ck check (
    case
      when widget_type = 'text' then text_content is not null and kpi_definition_id is null and report_id is null
      when widget_type = 'insight_list' then report_id is null
      else num_nonnulls(kpi_definition_id, report_id) = 1
    end
  )
);

create index dashboard_widgets_kpi_definition_id_idx on dashboard_widgets (kpi_definition_id);
create index dashboard_widgets_report_id_idx on dashboard_widgets (report_id);

comment on table dashboard_widgets is 'One row is one tile on a dashboard: a kpi, a report, the open insights or a text, with its place on the grid. It computes nothing of its own.';
comment on column dashboard_widgets.period_override is 'Null: the widget follows the period chosen on the dashboard.';

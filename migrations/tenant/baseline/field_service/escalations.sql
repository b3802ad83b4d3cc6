-- escalations: promises on time and what happens when they fail. SLA targets, who is called in
-- at which level, and the complaints that were raised.

create table sla_configurations (
  id uuid primary key default gen_random_uuid(),
  sla_code text not null unique check (sla_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  category_id uuid references categories (id) on delete restrict,
  request_type text check (request_type in ('installation', 'repair', 'preventive_maintenance', 'inspection', 'demo', 'relocation', 'removal')),
  coverage text check (coverage in ('warranty', 'amc', 'chargeable', 'goodwill')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'critical')),
  city_class text check (city_class in ('metro', 'tier_1', 'tier_2', 'rural')),
  response_minutes integer not null check (response_minutes > 0),
  visit_minutes integer check (visit_minutes > 0),
  resolution_minutes integer not null check (resolution_minutes > 0),
  clock_type text not null default 'working_hours' check (clock_type in ('working_hours', 'around_the_clock')),
  day_starts_at time,
  day_ends_at time,
  working_weekdays smallint[] not null default '{1,2,3,4,5,6}' check (working_weekdays <@ '{1,2,3,4,5,6,7}'::smallint[] and cardinality(working_weekdays) > 0),
  pauses_for_customer boolean not null default true,
  pauses_for_parts boolean not null default false,
  warning_percent numeric(7,4) not null default 80 check (warning_percent > 0 and warning_percent < 100),
  effective_from date not null,
  effective_to date,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sla_configurations_times_ck check (resolution_minutes >= response_minutes and (visit_minutes is null or visit_minutes between response_minutes and resolution_minutes)),
  constraint sla_configurations_clock_ck check (clock_type = 'around_the_clock' or (day_starts_at is not null and day_ends_at is not null and day_ends_at > day_starts_at)),
  constraint sla_configurations_dates_ck check (effective_to >= effective_from),
  constraint sla_configurations_scope_key unique nulls not distinct (category_id, request_type, coverage, priority, city_class, effective_from)
);
create index sla_configurations_is_active_priority_idx on sla_configurations (is_active, priority);
comment on table sla_configurations is 'One promise on how fast a service request is answered, visited and resolved, by category, kind of work, cover, priority and class of city; an empty scope means any. The due times computed from it are stored on the request.';
comment on column sla_configurations.working_weekdays is 'ISO weekdays, 1 Monday to 7 Sunday.';

create table escalation_matrix (
  id uuid primary key default gen_random_uuid(),
  rule_code text not null unique check (rule_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  trigger_event text not null check (trigger_event in ('sla_warning', 'response_breach', 'resolution_breach', 'repeat_complaint', 'low_rating', 'no_acknowledgement', 'manual')),
  severity text not null default 'medium' check (severity in ('low', 'medium', 'high', 'critical')),
  escalation_level smallint not null check (escalation_level between 1 and 9),
  category_id uuid references categories (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  role_id uuid references roles (id) on delete restrict,
  assignee_id uuid references users (id) on delete restrict,
  fallback_assignee_id uuid references users (id) on delete set null,
  after_minutes integer not null default 0 check (after_minutes >= 0),
  acknowledge_within_minutes integer not null default 60 check (acknowledge_within_minutes > 0),
  resolve_within_minutes integer not null check (resolve_within_minutes > 0),
  notify_email boolean not null default true,
  notify_sms boolean not null default false,
  notify_whatsapp boolean not null default false,
  reassigns_request boolean not null default false,
  effective_from date not null,
  effective_to date,
  is_active boolean not null default true,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint escalation_matrix_assignee_ck check (num_nonnulls(role_id, assignee_id) = 1),
  constraint escalation_matrix_times_ck check (resolve_within_minutes >= acknowledge_within_minutes),
  constraint escalation_matrix_dates_ck check (effective_to >= effective_from),
  constraint escalation_matrix_scope_key unique nulls not distinct (trigger_event, severity, escalation_level, category_id, region_id, effective_from)
);
create index escalation_matrix_category_id_idx on escalation_matrix (category_id) where category_id is not null;
create index escalation_matrix_region_id_idx on escalation_matrix (region_id) where region_id is not null;
create index escalation_matrix_role_id_idx on escalation_matrix (role_id) where role_id is not null;
create index escalation_matrix_assignee_id_idx on escalation_matrix (assignee_id) where assignee_id is not null;
create index escalation_matrix_fallback_assignee_id_idx on escalation_matrix (fallback_assignee_id) where fallback_assignee_id is not null;
create index escalation_matrix_created_by_idx on escalation_matrix (created_by);
comment on table escalation_matrix is 'One rule of who takes over at which level when a promise is missed, how soon and how they are told. Either a role or one named person; the cases are escalations.';

create table escalations (
  id uuid primary key default gen_random_uuid(),
  escalation_number text not null unique,
  subject text not null,
  description text not null,
  escalation_type text not null check (escalation_type in ('service_delay', 'repeat_failure', 'product_quality', 'delivery', 'billing', 'staff_conduct', 'refund', 'legal_notice', 'other')),
  source_channel text not null default 'call_centre' check (source_channel in ('system', 'call_centre', 'email', 'social_media', 'dealer', 'consumer_forum', 'app', 'internal')),
  severity text not null default 'medium' check (severity in ('low', 'medium', 'high', 'critical')),
  current_level smallint not null default 1 check (current_level between 1 and 9),
  escalation_matrix_id uuid references escalation_matrix (id) on delete restrict,
  service_request_id uuid references service_requests (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  customer_id uuid references customers (id) on delete restrict,
  dealer_id uuid references dealers (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  category_id uuid references categories (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  assigned_to uuid references users (id) on delete set null,
  raised_by uuid references users (id) on delete set null,
  raised_at timestamptz not null default now(),
  acknowledged_at timestamptz,
  due_at timestamptz,
  resolved_at timestamptz,
  closed_at timestamptz,
  root_cause text check (root_cause in ('manpower', 'parts_shortage', 'product_defect', 'logistics', 'process', 'communication', 'customer', 'other')),
  resolution text,
  compensation_type text not null default 'none' check (compensation_type in ('none', 'refund', 'replacement', 'credit_note', 'free_service', 'voucher')),
  compensation_amount numeric(19,4) not null default 0 check (compensation_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  satisfaction_rating smallint check (satisfaction_rating between 1 and 5),
  status text not null default 'open' check (status in ('open', 'acknowledged', 'in_progress', 'awaiting_customer', 'resolved', 'closed', 'withdrawn')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint escalations_party_ck check (num_nonnulls(customer_id, dealer_id) >= 1),
  constraint escalations_due_ck check (due_at >= raised_at),
  constraint escalations_times_ck check (acknowledged_at >= raised_at and resolved_at >= raised_at and closed_at >= resolved_at),
  constraint escalations_resolved_ck check (status not in ('resolved', 'closed') or (resolved_at is not null and resolution is not null)),
  constraint escalations_closed_ck check (status <> 'closed' or closed_at is not null),
  constraint escalations_compensation_ck check (compensation_type <> 'none' or compensation_amount = 0)
);
create index escalations_escalation_matrix_id_idx on escalations (escalation_matrix_id);
create index escalations_service_request_id_idx on escalations (service_request_id) where service_request_id is not null;
create index escalations_order_id_idx on escalations (order_id) where order_id is not null;
create index escalations_customer_id_raised_at_idx on escalations (customer_id, raised_at);
create index escalations_dealer_id_idx on escalations (dealer_id) where dealer_id is not null;
create index escalations_product_id_idx on escalations (product_id);
create index escalations_category_id_idx on escalations (category_id);
create index escalations_region_id_status_idx on escalations (region_id, status);
create index escalations_assigned_to_status_due_at_idx on escalations (assigned_to, status, due_at);
create index escalations_raised_by_idx on escalations (raised_by);
create index escalations_status_due_at_idx on escalations (status, due_at);
comment on table escalations is 'One complaint taken above the normal desk, about a service request, an order or anything else, for a customer or a dealer, until it is closed. What was said is in escalation_comments, what changed in escalation_history.';

create table escalation_comments (
  id uuid primary key default gen_random_uuid(),
  escalation_id uuid not null references escalations (id) on delete cascade,
  parent_comment_id uuid references escalation_comments (id) on delete cascade,
  author_id uuid references users (id) on delete set null,
  author_kind text not null default 'staff' check (author_kind in ('staff', 'customer', 'dealer', 'system')),
  author_name text not null,
  channel text not null default 'desk' check (channel in ('desk', 'phone', 'email', 'whatsapp', 'social_media', 'meeting')),
  visibility text not null default 'internal' check (visibility in ('internal', 'shared_with_customer')),
  body text not null check (length(btrim(body)) > 0),
  promised_action_on date,
  attachment_url text,
  attachment_name text,
  commented_at timestamptz not null default now(),
  edited_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint escalation_comments_parent_ck check (parent_comment_id <> id),
  constraint escalation_comments_attachment_ck check ((attachment_url is null) = (attachment_name is null)),
  constraint escalation_comments_edited_ck check (edited_at >= commented_at)
);
create index escalation_comments_escalation_id_commented_at_idx on escalation_comments (escalation_id, commented_at);
create index escalation_comments_parent_comment_id_idx on escalation_comments (parent_comment_id) where parent_comment_id is not null;
create index escalation_comments_author_id_idx on escalation_comments (author_id);
create index escalation_comments_promised_action_on_idx on escalation_comments (promised_action_on) where promised_action_on is not null;
comment on table escalation_comments is 'One note or message on an escalation, internal or shared with the customer, with a promised date where one was given. Changes of level, owner or status are escalation_history.';

create table escalation_history (
  id uuid primary key default gen_random_uuid(),
  escalation_id uuid not null references escalations (id) on delete cascade,
  sequence_number integer not null check (sequence_number > 0),
  event_type text not null check (event_type in ('raised', 'acknowledged', 'escalated', 'de_escalated', 'reassigned', 'status_changed', 'due_date_changed', 'reopened')),
  from_status text check (from_status in ('open', 'acknowledged', 'in_progress', 'awaiting_customer', 'resolved', 'closed', 'withdrawn')),
  to_status text not null check (to_status in ('open', 'acknowledged', 'in_progress', 'awaiting_customer', 'resolved', 'closed', 'withdrawn')),
  from_level smallint check (from_level between 1 and 9),
  to_level smallint not null check (to_level between 1 and 9),
  from_assignee_id uuid references users (id) on delete set null,
  to_assignee_id uuid references users (id) on delete set null,
  from_due_at timestamptz,
  to_due_at timestamptz,
  is_automatic boolean not null default false,
  reason text,
  changed_by uuid references users (id) on delete set null,
  changed_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint escalation_history_level_ck check (case event_type when 'escalated' then to_level > from_level when 'de_escalated' then to_level < from_level else true end),
  constraint escalation_history_raised_ck check ((event_type = 'raised') = (sequence_number = 1)),
  constraint escalation_history_reason_ck check (event_type not in ('escalated', 'due_date_changed', 'reopened') or is_automatic or reason is not null),
  constraint escalation_history_sequence_key unique (escalation_id, sequence_number)
);
create index escalation_history_from_assignee_id_idx on escalation_history (from_assignee_id) where from_assignee_id is not null;
create index escalation_history_to_assignee_id_idx on escalation_history (to_assignee_id) where to_assignee_id is not null;
create index escalation_history_changed_by_idx on escalation_history (changed_by);
create index escalation_history_event_type_changed_at_idx on escalation_history (event_type, changed_at);
comment on table escalation_history is 'One event in the life of an escalation: level, owner, status or due date before and after, by whom or by a rule. Added to, never edited.';

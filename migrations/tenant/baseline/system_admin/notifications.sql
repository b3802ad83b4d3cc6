-- what the system tells its own users: wording per event and channel, each message with its fate, what each user wants,
-- and notices to everybody. marketing to customers lives in crm/campaigns.

create table notification_templates (
  id uuid primary key default gen_random_uuid(),
  code text not null check (code ~ '^[a-z][a-z0-9_.]*$'),
  channel text not null check (channel in ('in_app', 'email', 'sms', 'whatsapp', 'push')),
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'),
  version smallint not null default 1 check (version > 0),
  name text not null,
  module_code text not null check (
    module_code in (
      'system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi'
    )
  ),
  category text not null default 'transactional' check (
    category in ('transactional', 'approval', 'reminder', 'alert', 'security', 'digest')
  ),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  subject text,
  body_text text not null,
  body_html text,
  placeholders text[] not null default '{}',
  action_label text,
  action_url text,
  sender_name text,
  sender_address text,
  dlt_entity_id text check (dlt_entity_id ~ '^[0-9]{10,20}$'),
  dlt_template_id text check (dlt_template_id ~ '^[0-9]{10,20}$'),
  whatsapp_template_name text,
  is_mandatory boolean not null default false,
  is_system boolean not null default false,
  status text not null default 'draft' check (status in ('draft', 'active', 'retired')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (code, channel, locale, version),
  constraint notification_templates_subject_ck check (channel <> 'email' or subject is not null)
);

create unique index notification_templates_active_key on notification_templates (code, channel, locale) where status = 'active';
create index notification_templates_module_code_status_idx on notification_templates (module_code, status);

comment on table notification_templates is 'The wording of one event (code) on one channel in one language; of its versions at most one is active. Texts of marketing campaigns are in campaign_templates.';
comment on column notification_templates.placeholders is 'Names the text may use in braces, e.g. {document_number}.';
comment on column notification_templates.dlt_template_id is 'Registration of the wording with the operators (TRAI DLT), without which an SMS in India is not delivered.';
comment on column notification_templates.is_mandatory is 'Sent whatever the user''s preferences say: security notices, statutory deadlines.';

create table notifications (
  id uuid primary key default gen_random_uuid(),
  template_id uuid references notification_templates (id) on delete set null,
  recipient_id uuid not null references users (id) on delete cascade,
  triggered_by uuid references users (id) on delete set null,
  event_code text not null check (event_code ~ '^[a-z][a-z0-9_.]*$'),
  channel text not null default 'in_app' check (channel in ('in_app', 'email', 'sms', 'whatsapp', 'push')),
  category text not null default 'transactional' check (
    category in ('transactional', 'approval', 'reminder', 'alert', 'security', 'digest')
  ),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  recipient_address text,
  subject text,
  body text not null,
  action_url text,
  entity_table text,
  entity_id uuid,
  dedupe_key text unique,
  scheduled_for timestamptz not null default now(),
  expires_at timestamptz,
  status text not null default 'queued' check (
    status in ('queued', 'sending', 'sent', 'delivered', 'failed', 'suppressed', 'cancelled', 'expired')
  ),
  attempt_count smallint not null default 0 check (attempt_count >= 0),
  provider text,
  provider_message_id text,
  failure_reason text,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notifications_address_ck check (channel in ('in_app', 'push') or recipient_address is not null),
  constraint notifications_failure_ck check (status <> 'failed' or failure_reason is not null),
  constraint notifications_expiry_ck check (expires_at > scheduled_for)
);

create index notifications_recipient_id_created_at_idx on notifications (recipient_id, created_at desc);
create index notifications_unread_idx on notifications (recipient_id) where read_at is null and channel = 'in_app';
create index notifications_queue_idx on notifications (scheduled_for) where status = 'queued';
create index notifications_template_id_idx on notifications (template_id) where template_id is not null;
create index notifications_triggered_by_idx on notifications (triggered_by) where triggered_by is not null;
create index notifications_entity_idx on notifications (entity_table, entity_id) where entity_id is not null;
create index notifications_provider_message_id_idx on notifications (provider_message_id) where provider_message_id is not null;

comment on table notifications is 'One message to one user on one channel, as it was worded, with what became of it. An event that goes out by mail and in the app is two rows.';
comment on column notifications.dedupe_key is 'The same occurrence never notifies twice: e.g. invoice-overdue:<id>:<day>:<user>.';

create table notification_preferences (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  module_code text check (
    module_code in (
      'system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi'
    )
  ),
  event_code text check (event_code ~ '^[a-z][a-z0-9_.]*$'),
  channel text not null check (channel in ('in_app', 'email', 'sms', 'whatsapp', 'push')),
  is_enabled boolean not null default true,
  delivery text not null default 'immediate' check (delivery in ('immediate', 'hourly', 'daily', 'weekly')),
  digest_hour smallint check (digest_hour between 0 and 23),
  digest_weekday smallint check (digest_weekday between 1 and 7),
  quiet_from_hour smallint check (quiet_from_hour between 0 and 23),
  quiet_to_hour smallint check (quiet_to_hour between 0 and 23),
  minimum_priority text not null default 'low' check (minimum_priority in ('low', 'normal', 'high', 'urgent')),
  muted_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notification_preferences_scope_key unique nulls not distinct (user_id, module_code, event_code, channel),
  constraint notification_preferences_quiet_ck check ((quiet_from_hour is null) = (quiet_to_hour is null)),
  constraint notification_preferences_digest_ck check (
    (delivery in ('immediate', 'hourly'))
    or (delivery = 'daily' and digest_hour is not null)
    or (delivery = 'weekly' and digest_hour is not null and digest_weekday is not null)
  )
);

comment on table notification_preferences is 'How a user wants to hear of things on one channel: of one event, of a module, or (both empty) of everything. The narrowest row wins; without a row everything is sent at once.';
comment on column notification_preferences.quiet_from_hour is 'Nothing below urgent between these hours of the user''s own time zone.';

create table announcements (
  id uuid primary key default gen_random_uuid(),
  announcement_number text not null unique,
  title text not null,
  summary text,
  body text not null,
  category text not null default 'general' check (
    category in ('general', 'policy', 'maintenance', 'price_change', 'product_launch', 'holiday', 'training', 'emergency')
  ),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  audience text not null default 'everyone' check (audience in ('everyone', 'internal', 'role', 'region', 'dealers', 'franchisees', 'technicians')),
  audience_role_id uuid references roles (id) on delete restrict,
  audience_region_id uuid references regions (id) on delete restrict,
  is_pinned boolean not null default false,
  requires_acknowledgement boolean not null default false,
  acknowledge_by date,
  attachment_url text,
  action_label text,
  action_url text,
  starts_at timestamptz not null default now(),
  ends_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'scheduled', 'published', 'expired', 'withdrawn')),
  published_by uuid references users (id) on delete set null,
  published_at timestamptz,
  withdrawn_reason text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint announcements_period_ck check (ends_at > starts_at),
  constraint announcements_role_ck check ((audience = 'role') = (audience_role_id is not null)),
  constraint announcements_region_ck check ((audience = 'region') = (audience_region_id is not null)),
  constraint announcements_published_ck check (status <> 'published' or published_at is not null)
);

create index announcements_status_starts_at_idx on announcements (status, starts_at desc);
create index announcements_audience_role_id_idx on announcements (audience_role_id) where audience_role_id is not null;
create index announcements_audience_region_id_idx on announcements (audience_region_id) where audience_region_id is not null;
create index announcements_published_by_idx on announcements (published_by) where published_by is not null;
create index announcements_created_by_idx on announcements (created_by) where created_by is not null;

comment on table announcements is 'A notice shown to everybody or to one role or region for a while: a new policy, a price change, a maintenance window. What concerns one person is a notification.';

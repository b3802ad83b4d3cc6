-- marketing to many: who (segments), what (templates), when (campaigns and automations), and what came of each message.

create table audience_segments (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  name text not null,
  description text,
  segment_kind text not null default 'dynamic' check (segment_kind in ('dynamic', 'static')),
  population text not null default 'customers' check (population in ('customers', 'leads', 'dealers')),
  purpose text not null default 'include' check (purpose in ('include', 'suppress')),
  filter_rules jsonb not null default '{}',
  rfm_band text check (rfm_band in ('champion', 'loyal', 'promising', 'new', 'at_risk', 'hibernating', 'lost')),
  refresh_interval_hours integer not null default 24 check (refresh_interval_hours > 0),
  last_refreshed_at timestamptz,
  member_count integer not null default 0 check (member_count >= 0),
  email_reachable_count integer not null default 0 check (email_reachable_count >= 0),
  phone_reachable_count integer not null default 0 check (phone_reachable_count >= 0),
  owner_id uuid references users (id) on delete set null,
  status text not null default 'active' check (status in ('draft', 'active', 'archived')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint audience_segments_rules_ck check (jsonb_typeof(filter_rules) = 'object'),
  constraint audience_segments_reach_ck check (email_reachable_count <= member_count and phone_reachable_count <= member_count)
);

create index audience_segments_status_name_idx on audience_segments (status, name);
create index audience_segments_owner_id_idx on audience_segments (owner_id);
create index audience_segments_created_by_idx on audience_segments (created_by) where created_by is not null;

comment on table audience_segments is 'A group of customers, leads or dealers described by a filter (dynamic) or fixed when it was drawn up (static). A suppressing segment names those a campaign leaves out.';
comment on column audience_segments.filter_rules is 'Tree of and/or conditions over the population''s columns, as built in the segment editor.';
comment on column audience_segments.rfm_band is 'The recency, frequency and value band the segment stands for, when it was made from one.';

create table campaign_templates (
  id uuid primary key default gen_random_uuid(),
  code text not null check (code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  language text not null default 'en' check (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  name text not null,
  channel text not null check (channel in ('email', 'sms', 'whatsapp', 'push', 'voice')),
  message_category text not null default 'promotional' check (
    message_category in ('promotional', 'service_implicit', 'service_explicit', 'transactional')
  ),
  subject text,
  preheader text,
  body_text text not null,
  body_html text,
  media_type text not null default 'none' check (media_type in ('none', 'image', 'video', 'document', 'audio')),
  media_url text,
  action_label text,
  action_url text,
  placeholders text[] not null default '{}',
  sender_name text,
  sender_address text,
  reply_to text check (reply_to ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  dlt_header text check (dlt_header ~ '^[A-Z0-9]{3,6}(-[PSTG])?$'),
  dlt_template_id text check (dlt_template_id ~ '^[0-9]{10,20}$'),
  whatsapp_template_name text,
  whatsapp_status text check (whatsapp_status in ('submitted', 'approved', 'rejected', 'paused')),
  status text not null default 'draft' check (status in ('draft', 'in_review', 'approved', 'retired')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (code, language),
  constraint campaign_templates_subject_ck check (channel <> 'email' or subject is not null),
  constraint campaign_templates_media_ck check ((media_type = 'none') = (media_url is null))
);

create index campaign_templates_channel_status_idx on campaign_templates (channel, status);
create index campaign_templates_approved_by_idx on campaign_templates (approved_by) where approved_by is not null;
create index campaign_templates_created_by_idx on campaign_templates (created_by) where created_by is not null;

comment on table campaign_templates is 'The wording of a marketing message on one channel in one language, with the registrations it needs (TRAI DLT, WhatsApp). Messages to the tenant''s own users are in notification_templates.';
comment on column campaign_templates.dlt_header is 'Sender registered on the DLT platform; -P, -S, -T, -G marks promotional, service, transactional, government.';

create table campaigns (
  id uuid primary key default gen_random_uuid(),
  campaign_code text not null unique,
  name text not null,
  objective text not null default 'sales' check (
    objective in ('sales', 'lead_generation', 'retention', 'win_back', 'amc_renewal', 'product_launch', 'feedback', 'event', 'awareness')
  ),
  channel text not null check (channel in ('email', 'sms', 'whatsapp', 'push', 'voice', 'telecalling', 'social', 'print', 'event')),
  segment_id uuid references audience_segments (id) on delete restrict,
  suppression_segment_id uuid references audience_segments (id) on delete restrict,
  template_id uuid references campaign_templates (id) on delete restrict,
  variant_template_id uuid references campaign_templates (id) on delete restrict,
  variant_share_percent numeric(7,4) not null default 0 check (variant_share_percent between 0 and 50),
  promotion_id uuid references promotions (id) on delete set null,
  owner_id uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  scheduled_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  send_rate_per_hour integer check (send_rate_per_hour > 0),
  budget_amount numeric(19,4) check (budget_amount >= 0),
  actual_cost numeric(19,4) not null default 0 check (actual_cost >= 0),
  attributed_revenue numeric(19,4) not null default 0 check (attributed_revenue >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  attribution_days smallint not null default 7 check (attribution_days between 0 and 90),
  utm_source text,
  utm_medium text,
  utm_campaign text,
  recipient_count integer not null default 0 check (recipient_count >= 0),
  delivered_count integer not null default 0 check (delivered_count >= 0),
  opened_count integer not null default 0 check (opened_count >= 0),
  clicked_count integer not null default 0 check (clicked_count >= 0),
  converted_count integer not null default 0 check (converted_count >= 0),
  opted_out_count integer not null default 0 check (opted_out_count >= 0),
  status text not null default 'draft' check (
    status in ('draft', 'in_review', 'approved', 'scheduled', 'running', 'paused', 'completed', 'cancelled')
  ),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint campaigns_times_ck check (completed_at >= started_at),
  constraint campaigns_scheduled_ck check (status <> 'scheduled' or scheduled_at is not null),
  constraint campaigns_segments_ck check (suppression_segment_id <> segment_id),
  constraint campaigns_variant_ck check (variant_share_percent = 0 or variant_template_id is not null),
  constraint campaigns_delivered_ck check (delivered_count <= recipient_count)
);

create index campaigns_status_scheduled_at_idx on campaigns (status, scheduled_at);
create index campaigns_segment_id_idx on campaigns (segment_id);
create index campaigns_suppression_segment_id_idx on campaigns (suppression_segment_id) where suppression_segment_id is not null;
create index campaigns_template_id_idx on campaigns (template_id);
create index campaigns_variant_template_id_idx on campaigns (variant_template_id) where variant_template_id is not null;
create index campaigns_promotion_id_idx on campaigns (promotion_id) where promotion_id is not null;
create index campaigns_owner_id_status_idx on campaigns (owner_id, status);
create index campaigns_approved_by_idx on campaigns (approved_by) where approved_by is not null;
create index campaigns_created_by_idx on campaigns (created_by) where created_by is not null;

comment on table campaigns is 'One marketing drive: a message to a segment at a time, or an event or telecalling round, with its budget and what it brought. What repeats by itself after an event is a campaign_automation.';
comment on column campaigns.variant_share_percent is 'Share of the recipients that gets the variant (A/B test); the rest gets template_id.';
comment on column campaigns.attribution_days is 'An order within so many days of the message counts as brought by the campaign.';

create table campaign_recipients (
  id uuid primary key default gen_random_uuid(),
  campaign_id uuid not null references campaigns (id) on delete cascade,
  customer_id uuid references customers (id) on delete set null,
  lead_id uuid references leads (id) on delete set null,
  recipient_address text not null,
  language text not null default 'en' check (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  template_variant text not null default 'A' check (template_variant in ('A', 'B')),
  status text not null default 'pending' check (
    status in ('pending', 'suppressed', 'sent', 'delivered', 'bounced', 'failed', 'opted_out')
  ),
  suppression_reason text check (suppression_reason in ('no_consent', 'opted_out', 'dnd_registry', 'frequency_cap', 'suppression_segment', 'invalid_address')),
  sent_at timestamptz,
  delivered_at timestamptz,
  first_opened_at timestamptz,
  open_count integer not null default 0 check (open_count >= 0),
  first_clicked_at timestamptz,
  click_count integer not null default 0 check (click_count >= 0),
  replied_at timestamptz,
  opted_out_at timestamptz,
  bounce_type text check (bounce_type in ('hard', 'soft', 'blocked')),
  failure_reason text,
  provider_message_id text,
  message_cost numeric(19,4) not null default 0 check (message_cost >= 0),
  converted_order_id uuid references orders (id) on delete set null,
  converted_at timestamptz,
  converted_amount numeric(19,4) check (converted_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (campaign_id, recipient_address),
  constraint campaign_recipients_suppressed_ck check ((status = 'suppressed') = (suppression_reason is not null)),
  constraint campaign_recipients_bounce_ck check (status <> 'bounced' or bounce_type is not null),
  constraint campaign_recipients_converted_ck check (converted_order_id is null or converted_at is not null)
);

create index campaign_recipients_campaign_id_status_idx on campaign_recipients (campaign_id, status);
create index campaign_recipients_customer_id_sent_at_idx on campaign_recipients (customer_id, sent_at desc);
create index campaign_recipients_lead_id_idx on campaign_recipients (lead_id) where lead_id is not null;
create index campaign_recipients_converted_order_id_idx on campaign_recipients (converted_order_id) where converted_order_id is not null;
create index campaign_recipients_provider_message_id_idx on campaign_recipients (provider_message_id) where provider_message_id is not null;

comment on table campaign_recipients is 'One addressee of a campaign and the fate of the message: left out and why, delivered, opened, clicked, bought. An address gets a campaign once.';

create table campaign_automations (
  id uuid primary key default gen_random_uuid(),
  automation_code text not null check (automation_code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  step_number smallint not null default 1 check (step_number > 0),
  name text not null,
  trigger_event text not null check (
    trigger_event in (
      'customer_created', 'lead_created', 'cart_abandoned', 'order_placed', 'order_delivered', 'installation_done', 'service_closed',
      'warranty_expiring', 'amc_expiring', 'payment_overdue', 'no_order_since', 'birthday', 'points_expiring', 'previous_step'
    )
  ),
  trigger_days integer check (trigger_days >= 0),
  delay_minutes integer not null default 0 check (delay_minutes >= 0),
  entry_segment_id uuid references audience_segments (id) on delete restrict,
  conditions jsonb not null default '{}',
  exit_on text not null default 'conversion' check (exit_on in ('conversion', 'reply', 'click', 'never')),
  channel text not null check (channel in ('email', 'sms', 'whatsapp', 'push', 'voice')),
  template_id uuid not null references campaign_templates (id) on delete restrict,
  max_sends_per_person smallint not null default 1 check (max_sends_per_person > 0),
  cooldown_days integer not null default 30 check (cooldown_days >= 0),
  send_from_hour smallint not null default 10 check (send_from_hour between 0 and 23),
  send_until_hour smallint not null default 21 check (send_until_hour between 1 and 24),
  active_from date,
  active_until date,
  entered_count integer not null default 0 check (entered_count >= 0),
  sent_count integer not null default 0 check (sent_count >= 0),
  converted_count integer not null default 0 check (converted_count >= 0),
  last_run_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'active', 'paused', 'ended')),
  owner_id uuid references users (id) on delete set null,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (automation_code, step_number),
  constraint campaign_automations_first_step_ck check (step_number = 1 or trigger_event = 'previous_step'),
  constraint campaign_automations_trigger_days_ck check (
    trigger_event not in ('warranty_expiring', 'amc_expiring', 'payment_overdue', 'no_order_since', 'points_expiring') or trigger_days is not null
  ),
  constraint campaign_automations_hours_ck check (send_until_hour > send_from_hour),
  constraint campaign_automations_active_ck check (active_until >= active_from)
);

create index campaign_automations_status_trigger_event_idx on campaign_automations (status, trigger_event);
create index campaign_automations_entry_segment_id_idx on campaign_automations (entry_segment_id) where entry_segment_id is not null;
create index campaign_automations_template_id_idx on campaign_automations (template_id);
create index campaign_automations_owner_id_idx on campaign_automations (owner_id) where owner_id is not null;
create index campaign_automations_created_by_idx on campaign_automations (created_by) where created_by is not null;

comment on table campaign_automations is 'One step of a message series that runs by itself: after an event, wait, then send a template, e.g. abandoned cart 1 h, 24 h, 72 h. Steps of one series share automation_code.';
comment on column campaign_automations.trigger_days is 'For the events that have a distance: days before the warranty ends, days a payment is overdue, days without an order.';
comment on column campaign_automations.send_from_hour is 'Marketing calls and messages in India are allowed from 10 to 21 h (TCCCPR); outside, a step waits.';

-- the telephone side of sales and service: every call, how it ended, who is to be called back, and how well it was handled.

create table call_dispositions (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z][A-Z0-9_]*$'),
  name text not null,
  description text,
  parent_disposition_id uuid references call_dispositions (id) on delete restrict,
  call_direction text not null default 'both' check (call_direction in ('inbound', 'outbound', 'both')),
  call_purpose text not null default 'any' check (call_purpose in ('any', 'sales', 'service', 'order', 'collection', 'feedback')),
  outcome_group text not null check (outcome_group in ('success', 'follow_up', 'no_contact', 'refused', 'invalid', 'transferred')),
  is_contact_made boolean not null default true,
  requires_callback boolean not null default false,
  callback_after_minutes integer check (callback_after_minutes > 0),
  max_attempts smallint not null default 3 check (max_attempts between 1 and 20),
  requires_note boolean not null default false,
  marks_do_not_call boolean not null default false,
  lead_status_after text check (
    lead_status_after in ('contacted', 'qualified', 'quoted', 'negotiation', 'won', 'lost', 'disqualified', 'duplicate')
  ),
  sort_order integer not null default 100,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint call_dispositions_parent_ck check (parent_disposition_id <> id),
  constraint call_dispositions_callback_ck check (requires_callback or callback_after_minutes is null)
);

create index call_dispositions_parent_disposition_id_idx on call_dispositions (parent_disposition_id);
create index call_dispositions_is_active_sort_order_idx on call_dispositions (is_active, sort_order);

comment on table call_dispositions is 'A result an agent can give a call, e.g. INTERESTED, RINGING_NO_ANSWER, WRONG_NUMBER, and what follows from it by itself: a callback, a lead''s new status, no more calls.';

create table calls (
  id uuid primary key default gen_random_uuid(),
  call_number text not null unique,
  direction text not null check (direction in ('inbound', 'outbound')),
  purpose text not null default 'service' check (
    purpose in ('sales', 'service', 'order', 'installation', 'collection', 'feedback', 'renewal', 'verification', 'other')
  ),
  status text not null default 'queued' check (
    status in ('queued', 'ringing', 'in_progress', 'on_hold', 'completed', 'missed', 'abandoned', 'busy', 'no_answer', 'failed', 'voicemail')
  ),
  caller_number text not null,
  called_number text not null,
  queue_name text,
  ivr_path text,
  agent_id uuid references users (id) on delete set null,
  transferred_to_id uuid references users (id) on delete set null,
  customer_id uuid references customers (id) on delete set null,
  lead_id uuid references leads (id) on delete set null,
  campaign_id uuid references campaigns (id) on delete set null,
  order_id uuid references orders (id) on delete set null,
  product_id uuid references products (id) on delete set null,
  service_request_id uuid references service_requests (id) on delete set null,
  started_at timestamptz not null default now(),
  answered_at timestamptz,
  ended_at timestamptz,
  queue_seconds integer not null default 0 check (queue_seconds >= 0),
  talk_seconds integer not null default 0 check (talk_seconds >= 0),
  hold_seconds integer not null default 0 check (hold_seconds >= 0),
  wrap_up_seconds integer not null default 0 check (wrap_up_seconds >= 0),
  disposition_id uuid references call_dispositions (id) on delete restrict,
  summary text,
  is_first_call_resolution boolean,
  satisfaction_score smallint check (satisfaction_score between 1 and 5),
  language text check (language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  recording_url text,
  recording_consent boolean not null default false,
  recording_delete_on date,
  telephony_provider text,
  provider_call_id text,
  hangup_by text check (hangup_by in ('customer', 'agent', 'system')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint calls_times_ck check (answered_at >= started_at and ended_at >= coalesce(answered_at, started_at)),
  constraint calls_talk_ck check (talk_seconds = 0 or answered_at is not null),
  constraint calls_completed_ck check (status <> 'completed' or (answered_at is not null and ended_at is not null)),
  constraint calls_recording_ck check (recording_url is null or recording_consent)
);

create unique index calls_provider_call_id_key on calls (telephony_provider, provider_call_id) nulls not distinct where provider_call_id is not null;
create index calls_started_at_idx on calls (started_at desc);
create index calls_status_started_at_idx on calls (status, started_at desc);
create index calls_agent_id_started_at_idx on calls (agent_id, started_at desc);
create index calls_customer_id_started_at_idx on calls (customer_id, started_at desc);
create index calls_caller_number_idx on calls (caller_number);
create index calls_lead_id_idx on calls (lead_id) where lead_id is not null;
create index calls_campaign_id_idx on calls (campaign_id) where campaign_id is not null;
create index calls_order_id_idx on calls (order_id) where order_id is not null;
create index calls_product_id_idx on calls (product_id) where product_id is not null;
create index calls_service_request_id_idx on calls (service_request_id) where service_request_id is not null;
create index calls_disposition_id_idx on calls (disposition_id);
create index calls_transferred_to_id_idx on calls (transferred_to_id) where transferred_to_id is not null;

comment on table calls is 'One telephone call, in or out, with its times, its agent, what it was about and how it ended. Calls never answered are rows as well: they are the abandonment rate.';
comment on column calls.called_number is 'Inbound: the line that was dialled, which tells the queue; outbound: the customer''s number.';
comment on column calls.recording_delete_on is 'Day the recording is due to be deleted under the retention promised when consent was given.';

create table callback_schedules (
  id uuid primary key default gen_random_uuid(),
  callback_number text not null unique,
  origin_call_id uuid references calls (id) on delete set null,
  completed_call_id uuid references calls (id) on delete set null,
  rescheduled_from_id uuid references callback_schedules (id) on delete set null,
  customer_id uuid references customers (id) on delete cascade,
  lead_id uuid references leads (id) on delete cascade,
  contact_name text,
  phone text not null,
  preferred_language text check (preferred_language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  reason text not null check (
    reason in ('requested_by_customer', 'missed_call', 'no_answer', 'follow_up', 'quotation', 'complaint', 'payment_reminder', 'renewal', 'feedback')
  ),
  notes text,
  scheduled_at timestamptz not null,
  window_ends_at timestamptz,
  time_zone text not null default 'Asia/Kolkata',
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  assigned_to uuid references users (id) on delete set null,
  attempt_count smallint not null default 0 check (attempt_count >= 0),
  max_attempts smallint not null default 3 check (max_attempts between 1 and 20),
  last_attempt_at timestamptz,
  status text not null default 'scheduled' check (status in ('scheduled', 'in_progress', 'completed', 'rescheduled', 'exhausted', 'cancelled')),
  completed_at timestamptz,
  cancel_reason text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint callback_schedules_window_ck check (window_ends_at > scheduled_at),
  constraint callback_schedules_attempts_ck check (attempt_count <= max_attempts),
  constraint callback_schedules_completed_ck check ((status = 'completed') = (completed_at is not null)),
  constraint callback_schedules_self_ck check (rescheduled_from_id <> id)
);

create index callback_schedules_status_scheduled_at_idx on callback_schedules (status, scheduled_at);
create index callback_schedules_assigned_to_status_idx on callback_schedules (assigned_to, status, scheduled_at);
create index callback_schedules_customer_id_idx on callback_schedules (customer_id) where customer_id is not null;
create index callback_schedules_lead_id_idx on callback_schedules (lead_id) where lead_id is not null;
create index callback_schedules_origin_call_id_idx on callback_schedules (origin_call_id) where origin_call_id is not null;
create index callback_schedules_completed_call_id_idx on callback_schedules (completed_call_id) where completed_call_id is not null;
create index callback_schedules_rescheduled_from_id_idx on callback_schedules (rescheduled_from_id) where rescheduled_from_id is not null;
create index callback_schedules_created_by_idx on callback_schedules (created_by) where created_by is not null;

comment on table callback_schedules is 'A promise to call somebody at a time, tried up to max_attempts times. Moving it closes the row as rescheduled and opens a new one that points back.';

create table call_qa_reviews (
  id uuid primary key default gen_random_uuid(),
  review_number text not null unique,
  call_id uuid not null references calls (id) on delete restrict,
  agent_id uuid references users (id) on delete set null,
  reviewer_id uuid references users (id) on delete set null,
  review_type text not null default 'random_sample' check (review_type in ('random_sample', 'targeted', 'complaint', 'calibration', 'new_agent')),
  reviewed_on date not null default current_date,
  opening_score smallint not null check (opening_score between 0 and 10),
  verification_score smallint not null check (verification_score between 0 and 10),
  listening_score smallint not null check (listening_score between 0 and 10),
  knowledge_score smallint not null check (knowledge_score between 0 and 10),
  resolution_score smallint not null check (resolution_score between 0 and 10),
  closing_score smallint not null check (closing_score between 0 and 10),
  is_fatal_error boolean not null default false,
  fatal_error_reason text,
  overall_percent numeric(7,4) not null check (overall_percent between 0 and 100),
  is_disposition_correct boolean not null default true,
  strengths text,
  improvements text,
  coaching_due_on date,
  coached_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'shared', 'acknowledged', 'disputed', 'closed')),
  acknowledged_at timestamptz,
  dispute_note text,
  dispute_outcome text check (dispute_outcome in ('upheld', 'rescored', 'rejected')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (call_id, reviewer_id),
  constraint call_qa_reviews_fatal_ck check (not is_fatal_error or (overall_percent = 0 and fatal_error_reason is not null)),
  constraint call_qa_reviews_reviewer_ck check (reviewer_id <> agent_id),
  constraint call_qa_reviews_dispute_ck check (status <> 'disputed' or dispute_note is not null)
);

create index call_qa_reviews_agent_id_reviewed_on_idx on call_qa_reviews (agent_id, reviewed_on desc);
create index call_qa_reviews_reviewer_id_reviewed_on_idx on call_qa_reviews (reviewer_id, reviewed_on desc);
create index call_qa_reviews_status_reviewed_on_idx on call_qa_reviews (status, reviewed_on desc);

comment on table call_qa_reviews is 'A supervisor''s judgement of one call on six scales of ten. A fatal error (wrong promise, breach of privacy) makes the whole call zero whatever the scales say.';

-- prospects before they are customers: where they came from, who works on them, what was done and how it ended.

create table leads (
  id uuid primary key default gen_random_uuid(),
  lead_number text not null unique,
  lead_type text not null default 'retail' check (lead_type in ('retail', 'corporate', 'government', 'dealership', 'franchise', 'export', 'service')),
  full_name text not null,
  company_name text,
  job_title text,
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  phone text,
  whatsapp_number text,
  address_line1 text,
  city text,
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  gstin char(15) check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  region_id uuid references regions (id) on delete set null,
  source text not null check (
    source in (
      'website', 'landing_page', 'inbound_call', 'outbound_call', 'email', 'whatsapp', 'social_media', 'search_ad', 'marketplace', 'walk_in',
      'exhibition', 'referral', 'dealer', 'tender', 'import', 'other'
    )
  ),
  source_detail text,
  campaign_id uuid references campaigns (id) on delete set null,
  utm_source text,
  utm_medium text,
  utm_campaign text,
  referrer_customer_id uuid references customers (id) on delete set null,
  category_id uuid references categories (id) on delete set null,
  product_id uuid references products (id) on delete set null,
  requirement text,
  expected_value numeric(19,4) check (expected_value >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  probability_percent numeric(7,4) not null default 10 check (probability_percent between 0 and 100),
  expected_close_on date,
  rating text not null default 'warm' check (rating in ('hot', 'warm', 'cold')),
  score smallint not null default 0 check (score between 0 and 100),
  owner_id uuid references users (id) on delete set null,
  dealer_id uuid references dealers (id) on delete set null,
  assigned_at timestamptz,
  first_response_due_at timestamptz,
  first_responded_at timestamptz,
  last_contacted_at timestamptz,
  next_follow_up_at timestamptz,
  status text not null default 'new' check (
    status in ('new', 'contacted', 'qualified', 'quoted', 'negotiation', 'won', 'lost', 'disqualified', 'duplicate')
  ),
  lost_reason text check (
    lost_reason in ('price', 'competitor', 'no_budget', 'no_response', 'not_serviceable', 'feature_gap', 'delivery_time', 'postponed', 'other')
  ),
  competitor_name text,
  duplicate_of_id uuid references leads (id) on delete set null,
  converted_at timestamptz,
  converted_by uuid references users (id) on delete set null,
  converted_customer_id uuid references customers (id) on delete restrict,
  converted_order_id uuid references orders (id) on delete restrict,
  contact_consent boolean not null default true,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint leads_reachable_ck check (email is not null or phone is not null),
  constraint leads_won_ck check (status <> 'won' or converted_at is not null),
  constraint leads_converted_ck check ((converted_customer_id is null and converted_order_id is null) or converted_at is not null),
  constraint leads_lost_ck check (status <> 'lost' or lost_reason is not null),
  constraint leads_duplicate_ck check (duplicate_of_id <> id)
);

create index leads_status_created_at_idx on leads (status, created_at desc);
create index leads_owner_id_status_follow_up_idx on leads (owner_id, status, next_follow_up_at);
create index leads_dealer_id_status_idx on leads (dealer_id, status);
create index leads_region_id_status_idx on leads (region_id, status);
create index leads_source_created_at_idx on leads (source, created_at desc);
create index leads_first_response_due_at_idx on leads (first_response_due_at) where first_responded_at is null;
create index leads_phone_idx on leads (phone);
create index leads_email_idx on leads (lower(email));
create index leads_campaign_id_idx on leads (campaign_id) where campaign_id is not null;
create index leads_referrer_customer_id_idx on leads (referrer_customer_id) where referrer_customer_id is not null;
create index leads_category_id_idx on leads (category_id);
create index leads_product_id_idx on leads (product_id);
create index leads_duplicate_of_id_idx on leads (duplicate_of_id) where duplicate_of_id is not null;
create index leads_converted_by_idx on leads (converted_by) where converted_by is not null;
create index leads_converted_customer_id_idx on leads (converted_customer_id) where converted_customer_id is not null;
create index leads_converted_order_id_idx on leads (converted_order_id) where converted_order_id is not null;
create index leads_created_by_idx on leads (created_by) where created_by is not null;

comment on table leads is 'An enquiry that may become business, from first contact to won or lost, with its expected value. A won lead points at the customer and the order it became and stays for the funnel''s sake.';
comment on column leads.probability_percent is 'Expected value times this is what the pipeline counts.';
comment on column leads.first_response_due_at is 'Promise of a first answer; the queue of the call centre runs by it.';

create table lead_activities (
  id uuid primary key default gen_random_uuid(),
  lead_id uuid not null references leads (id) on delete cascade,
  activity_type text not null check (
    activity_type in ('call', 'email', 'whatsapp', 'sms', 'meeting', 'demo', 'site_visit', 'proposal', 'task', 'note', 'stage_change', 'assignment')
  ),
  subject text not null,
  description text,
  direction text check (direction in ('inbound', 'outbound')),
  status text not null default 'planned' check (status in ('planned', 'done', 'missed', 'cancelled')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  call_id uuid references calls (id) on delete set null,
  assigned_to uuid references users (id) on delete set null,
  performed_by uuid references users (id) on delete set null,
  due_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  stage_before text check (
    stage_before in ('new', 'contacted', 'qualified', 'quoted', 'negotiation', 'won', 'lost', 'disqualified', 'duplicate')
  ),
  stage_after text check (
    stage_after in ('new', 'contacted', 'qualified', 'quoted', 'negotiation', 'won', 'lost', 'disqualified', 'duplicate')
  ),
  outcome text check (outcome in ('interested', 'not_interested', 'needs_time', 'needs_quote', 'no_answer', 'wrong_contact', 'closed')),
  outcome_note text,
  meeting_place text,
  check_in_latitude numeric(9,6) check (check_in_latitude between -90 and 90),
  check_in_longitude numeric(9,6) check (check_in_longitude between -180 and 180),
  attachment_url text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint lead_activities_times_ck check (completed_at >= started_at),
  constraint lead_activities_done_ck check (status <> 'done' or completed_at is not null),
  constraint lead_activities_planned_ck check (status <> 'planned' or due_at is not null),
  constraint lead_activities_stage_ck check (activity_type <> 'stage_change' or stage_after is not null)
);

create index lead_activities_lead_id_created_at_idx on lead_activities (lead_id, created_at desc);
create index lead_activities_assigned_to_status_due_at_idx on lead_activities (assigned_to, status, due_at);
create index lead_activities_status_due_at_idx on lead_activities (status, due_at);
create index lead_activities_call_id_idx on lead_activities (call_id) where call_id is not null;
create index lead_activities_performed_by_idx on lead_activities (performed_by) where performed_by is not null;
create index lead_activities_created_by_idx on lead_activities (created_by) where created_by is not null;

comment on table lead_activities is 'Something done or planned about a lead: a call, a visit, a demo, a move to another stage. Together they are the lead''s timeline and its owner''s to-do list.';
comment on column lead_activities.check_in_latitude is 'Where the salesperson was when the visit was started on the mobile.';

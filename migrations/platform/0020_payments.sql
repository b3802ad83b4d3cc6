-- Payment providers: checkouts, the inbox of their webhooks, refunds, disputes, and the links customers pay by.

insert into public.state_moves (thing, from_state, to_state) values
  ('checkout', null, 'creating'),
  ('checkout', 'creating', 'open'),
  ('checkout', 'creating', 'failed'),
  ('checkout', 'creating', 'unknown'),
  ('checkout', 'unknown', 'open'),
  ('checkout', 'unknown', 'failed'),
  ('checkout', 'unknown', 'paid'),
  ('checkout', 'unknown', 'expired'),
  ('checkout', 'unknown', 'cancelled'),
  ('checkout', 'creating', 'paid'),
  ('checkout', 'open', 'paid'),
  ('checkout', 'open', 'expired'),
  ('checkout', 'open', 'cancelled'),
  -- Money that arrives for a link that was given up is money all the same.
  ('checkout', 'expired', 'paid'),
  ('checkout', 'cancelled', 'paid'),
  ('checkout', 'failed', 'paid'),
  ('webhook_event', null, 'received'),
  ('webhook_event', 'received', 'processed'),
  ('webhook_event', 'received', 'ignored'),
  ('webhook_event', 'received', 'parked'),
  ('webhook_event', 'received', 'failed'),
  ('webhook_event', 'parked', 'received'),
  ('webhook_event', 'failed', 'received'),
  ('refund', null, 'pending'),
  ('refund', null, 'succeeded'),
  -- Made at the provider, and the first that is told of it is that it failed.
  ('refund', null, 'failed'),
  ('refund', 'pending', 'succeeded'),
  ('refund', 'pending', 'failed'),
  ('refund', 'pending', 'unknown'),
  ('refund', 'unknown', 'succeeded'),
  ('refund', 'unknown', 'failed'),
  ('refund', 'unknown', 'pending'),
  -- The bank of the customer sends it back weeks later.
  ('refund', 'succeeded', 'failed'),
  ('dispute', null, 'open'),
  ('dispute', null, 'won'),
  ('dispute', null, 'lost'),
  ('dispute', 'open', 'won'),
  ('dispute', 'open', 'lost');

-- Payments of providers come by the million: what reconciling, lists and `payment show` look for.
create index payments_unsettled_idx on public.payments (provider, created_at) where status in ('pending', 'unknown');
create index payments_created_idx on public.payments (created_at desc, id desc);
create index payments_reference_idx on public.payments (reference);

create table public.checkouts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  invoice_id uuid not null references public.invoices (id) on delete restrict,
  provider text not null check (provider in ('stripe', 'razorpay')),
  attempt integer not null check (attempt > 0),
  reference text not null check (length(reference) <= 40),
  status text not null,
  live boolean not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  provider_checkout_id text,
  url text,
  expires_at timestamptz,
  last_error jsonb,
  operator text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (invoice_id, attempt),
  unique (reference),
  unique (provider, provider_checkout_id),
  constraint checkouts_open_ck check (status <> 'open' or (provider_checkout_id is not null and url is not null))
);
comment on table public.checkouts is
  'A page of a provider on which an invoice is paid. Written before the provider is asked; reference is what it is known by there, and makes a second request the same one.';
create unique index checkouts_open_key on public.checkouts (invoice_id) where status in ('creating', 'open', 'unknown');
create index checkouts_tenant_idx on public.checkouts (tenant_id, created_at desc);
create index checkouts_unsettled_idx on public.checkouts (provider, updated_at) where status in ('creating', 'open', 'unknown');
create trigger checkouts_state_move before insert or update of status on public.checkouts
  for each row execute function public.enforce_state_move('checkout');

create table public.webhook_events (
  id uuid primary key default gen_random_uuid(),
  provider text not null check (provider in ('stripe', 'razorpay')),
  event_id text not null check (event_id <> '' and length(event_id) <= 200),
  type text not null,
  status text not null default 'received',
  live boolean,
  source text not null default 'webhook' check (source in ('webhook', 'backfill', 'file', 'trigger')),
  body bytea not null check (octet_length(body) <= 1048576),
  happened_at timestamptz,
  received_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null default clock_timestamp(),
  generation integer not null default 0 check (generation >= 0),
  holder jsonb,
  lease_until timestamptz,
  -- What came of it: a dotted code, and what it was about.
  outcome text,
  detail jsonb,
  tenant_id uuid references public.tenants (id) on delete set null,
  invoice_id uuid references public.invoices (id) on delete set null,
  payment_id uuid references public.payments (id) on delete set null,
  last_error jsonb,
  settled_at timestamptz,
  unique (provider, event_id),
  constraint webhook_events_lease_ck check ((holder is null) = (lease_until is null)),
  constraint webhook_events_settled_ck check ((status = 'received') = (settled_at is null)),
  constraint webhook_events_outcome_ck check (status = 'received' or outcome is not null)
);
comment on table public.webhook_events is
  'The inbox: what a provider has told, once for each event, as it came. Answered before it is processed; claimed under a lease on the database''s clock, and generation fences off earlier holders.';
comment on column public.webhook_events.body is 'The bytes whose signature was right.';
create index webhook_events_due_idx on public.webhook_events (next_attempt_at, id) where status = 'received';
create index webhook_events_received_idx on public.webhook_events (received_at desc, id);
create index webhook_events_status_idx on public.webhook_events (status, received_at desc);
create index webhook_events_tenant_idx on public.webhook_events (tenant_id);
create index webhook_events_invoice_idx on public.webhook_events (invoice_id);
create index webhook_events_payment_idx on public.webhook_events (payment_id);
create trigger webhook_events_state_move before insert or update of status on public.webhook_events
  for each row execute function public.enforce_state_move('webhook_event');

create table public.refunds (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  payment_id uuid not null references public.payments (id) on delete restrict,
  credit_note_id uuid references public.credit_notes (id) on delete restrict,
  provider text not null check (provider in ('manual', 'stripe', 'razorpay')),
  provider_refund_id text,
  reference text not null unique check (length(reference) between 10 and 40),
  status text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  reason text not null check (reason <> ''),
  last_error jsonb,
  operator text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (provider, provider_refund_id)
);
comment on table public.refunds is
  'Money given back of a payment. Written before the provider is asked; reference makes a second request the same one. Only one that succeeded counts in payments.refunded_minor.';
create index refunds_payment_idx on public.refunds (payment_id);
create index refunds_tenant_idx on public.refunds (tenant_id, created_at desc);
create index refunds_credit_note_idx on public.refunds (credit_note_id);
create index refunds_unsettled_idx on public.refunds (provider, updated_at) where status in ('pending', 'unknown');
create trigger refunds_state_move before insert or update of status on public.refunds
  for each row execute function public.enforce_state_move('refund');

create table public.disputes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  payment_id uuid not null references public.payments (id) on delete restrict,
  provider text not null check (provider in ('stripe', 'razorpay')),
  provider_dispute_id text not null,
  status text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  reason text,
  respond_by timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (provider, provider_dispute_id)
);
comment on table public.disputes is 'A payment that the customer contests at their bank. One that is lost takes the money back: the invoice is open again.';
create index disputes_payment_idx on public.disputes (payment_id);
create index disputes_tenant_idx on public.disputes (tenant_id, created_at desc);
create trigger disputes_state_move before insert or update of status on public.disputes
  for each row execute function public.enforce_state_move('dispute');

create table public.pay_links (
  invoice_id uuid primary key references public.invoices (id) on delete cascade,
  token text not null unique check (token ~ '^[A-Za-z0-9_-]{22,}$'),
  created_at timestamptz not null default clock_timestamp()
);
comment on table public.pay_links is
  'What stands after /pay/ in the link of an invoice: whoever has it sees the invoice and may pay it, nothing else. Mails repeat it for weeks, so it is kept as it is.';

-- What a tenant has subscribed to.

create table public.subscriptions (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  status text not null,
  tier_code text not null references public.tiers (code) on delete restrict,
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  cycle text not null check (cycle in ('monthly', 'annual')),
  started_on date not null,
  trial_ends_on date check (trial_ends_on > started_on),
  anchor_date date not null,
  next_billing_on date,
  cancel_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint subscriptions_trial_ck check (status <> 'trialing' or trial_ends_on is not null),
  constraint subscriptions_anchor_ck check (anchor_date = coalesce(trial_ends_on, started_on) or status <> 'trialing'),
  constraint subscriptions_next_ck check (next_billing_on >= anchor_date)
);
comment on table public.subscriptions is
  'The one running contract of a tenant: one tier, one currency, one cycle. Billing dates are counted from anchor_date, the day the trial ends; next_billing_on is the first day not billed yet.';
create unique index subscriptions_tenant_live_key on public.subscriptions (tenant_id) where status <> 'cancelled';
create index subscriptions_tenant_idx on public.subscriptions (tenant_id);
create index subscriptions_due_idx on public.subscriptions (next_billing_on) where status in ('trialing', 'active', 'past_due');
create index subscriptions_tier_idx on public.subscriptions (tier_code);

create trigger subscriptions_state_move before insert or update of status on public.subscriptions
  for each row execute function public.enforce_state_move('subscription');

create table public.subscription_items (
  id uuid primary key default gen_random_uuid(),
  subscription_id uuid not null references public.subscriptions (id) on delete cascade,
  kind text not null check (kind in ('module', 'platform')),
  product_code text not null,
  price_id uuid not null references public.prices (id) on delete restrict,
  active daterange not null check (not isempty(active) and lower(active) is not null),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint subscription_items_once exclude using gist (
    subscription_id with =, kind with =, product_code with =, active with &&
  )
);
comment on table public.subscription_items is
  'A module or the platform fee that a subscription holds over a range of days; the same product never twice on one day. The range is open at its end while nothing removes the item.';
create unique index subscription_items_platform_key on public.subscription_items (subscription_id)
  where kind = 'platform' and upper_inf(active);
create index subscription_items_subscription_idx on public.subscription_items (subscription_id);
create index subscription_items_price_idx on public.subscription_items (price_id);

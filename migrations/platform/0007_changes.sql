-- What changed, when and by whom: the history of a tenant's states, of a subscription, and what is to be given back.

create table public.tenant_history (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  at timestamptz not null default clock_timestamp(),
  from_status text,
  to_status text not null,
  cause text,
  reason text,
  operator text not null
);
comment on table public.tenant_history is
  'Every change of a tenant''s state, written by a trigger, so that none is missed. The operator and the reason come from erpmax.operator and erpmax.reason of the transaction; without them the database role stands.';
create index tenant_history_tenant_idx on public.tenant_history (tenant_id, id);

create function public.record_tenant_move() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status then
    return null;
  end if;
  insert into public.tenant_history (tenant_id, from_status, to_status, cause, reason, operator)
  values (new.id, case when tg_op = 'UPDATE' then old.status end, new.status, new.suspension_cause,
          nullif(current_setting('erpmax.reason', true), ''),
          coalesce(nullif(current_setting('erpmax.operator', true), ''), session_user));
  return null;
end
$$;
create trigger tenants_history after insert or update of status on public.tenants
  for each row execute function public.record_tenant_move();

insert into public.tenant_history (tenant_id, at, from_status, to_status, reason, operator)
select id, created_at, null, status, 'as it was when the history began', session_user from public.tenants;

-- Rows go with the row of a tenant that never was active, and in no other way.
create trigger tenant_history_append_only before update or delete on public.tenant_history
  for each row when (pg_trigger_depth() = 0) execute function public.refuse_change();
create trigger tenant_history_no_truncate before truncate on public.tenant_history
  for each statement execute function public.refuse_change();

insert into public.state_moves (thing, from_state, to_state) values
  ('subscription_change', null, 'scheduled'),
  ('subscription_change', null, 'applied'),
  ('subscription_change', 'scheduled', 'applied'),
  ('subscription_change', 'scheduled', 'withdrawn');

create table public.subscription_changes (
  id uuid primary key default gen_random_uuid(),
  subscription_id uuid not null references public.subscriptions (id) on delete cascade,
  kind text not null check (kind in
    ('start', 'add_module', 'remove_module', 'tier', 'cycle', 'cancel', 'resume', 'extend_trial', 'end_trial')),
  status text not null,
  module_code text references public.modules (code) on delete restrict,
  before jsonb not null default '{}',
  after jsonb not null default '{}',
  effective_on date not null,
  reason text,
  operator text not null,
  created_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  constraint subscription_changes_module_ck check ((kind in ('add_module', 'remove_module')) = (module_code is not null)),
  constraint subscription_changes_decided_ck check ((status = 'scheduled') = (decided_at is null))
);
comment on table public.subscription_changes is
  'Every change of a subscription, applied or waiting for its day: what, who, the old and the new. A scheduled one can be withdrawn until it is applied.';
create unique index subscription_changes_scheduled_key on public.subscription_changes
  (subscription_id, kind, coalesce(module_code, '')) where status = 'scheduled';
create index subscription_changes_subscription_idx on public.subscription_changes (subscription_id, created_at);
create index subscription_changes_due_idx on public.subscription_changes (effective_on) where status = 'scheduled';
create index subscription_changes_module_idx on public.subscription_changes (module_code);
create trigger subscription_changes_state_move before insert or update of status on public.subscription_changes
  for each row execute function public.enforce_state_move('subscription_change');

-- An item added and given up on one day has been held on no day: its range is empty.
alter table public.subscription_items drop constraint subscription_items_active_check;
alter table public.subscription_items add constraint subscription_items_active_ck
  check (isempty(active) or lower(active) is not null);

create table public.subscription_adjustments (
  id uuid primary key default gen_random_uuid(),
  subscription_id uuid not null references public.subscriptions (id) on delete cascade,
  item_id uuid not null references public.subscription_items (id) on delete cascade,
  change_id uuid not null references public.subscription_changes (id) on delete cascade,
  unused daterange not null check (not isempty(unused) and lower(unused) is not null and not upper_inf(unused)),
  status text not null default 'pending' check (status in ('pending', 'settled', 'waived')),
  created_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  constraint subscription_adjustments_settled_ck check ((status = 'pending') = (settled_at is null)),
  constraint subscription_adjustments_once exclude using gist (item_id with =, unused with &&)
);
comment on table public.subscription_adjustments is
  'Days of an item that were given up before the end of a period they may have been charged for. Billing credits what was charged for them (rule 5), from the line that charged it, or settles the row without a credit where nothing was.';
create index subscription_adjustments_subscription_idx on public.subscription_adjustments (subscription_id);
create index subscription_adjustments_item_idx on public.subscription_adjustments (item_id);
create index subscription_adjustments_change_idx on public.subscription_adjustments (change_id);
create index subscription_adjustments_pending_idx on public.subscription_adjustments (subscription_id) where status = 'pending';

insert into public.subscription_changes
  (subscription_id, kind, status, after, effective_on, operator, created_at, decided_at)
select s.id, 'start', 'applied', jsonb_build_object('tier', s.tier_code, 'cycle', s.cycle, 'currency', s.currency),
       s.started_on, session_user, s.created_at, s.created_at
from public.subscriptions s;

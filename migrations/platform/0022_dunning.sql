-- Dunning: what follows an unpaid invoice, by days from its due date, and how far it has gone with whom.

insert into public.state_moves (thing, from_state, to_state) values
  ('dunning', null, 'running'),
  ('dunning', 'running', 'ended'),
  -- Another invoice had come before it, or the tenant was away.
  ('dunning', 'ended', 'running');

create table public.dunning_stages (
  day smallint primary key check (day between 0 and 365),
  kind text not null check (kind in ('reminder', 'past_due', 'suspended', 'archived')),
  constraint dunning_stages_overdue_ck check (kind = 'reminder' or day > 0)
);
comment on table public.dunning_stages is
  'The schedule of dunning: what happens so many days after the due date of a tenant''s earliest unpaid invoice. Reminders are sent until the suspension; what is not to happen has no row.';
create unique index dunning_stages_kind_key on public.dunning_stages (kind) where kind <> 'reminder';

create function public.check_dunning_stages() returns trigger language plpgsql as $$
declare
  s record;
begin
  select max(day) filter (where kind = 'reminder') as reminder, max(day) filter (where kind = 'past_due') as past_due,
         max(day) filter (where kind = 'suspended') as suspended, max(day) filter (where kind = 'archived') as archived
  into s from public.dunning_stages;
  if s.past_due is null or greatest(s.reminder, s.past_due) >= least(s.suspended, s.archived) or s.suspended >= s.archived then
    raise exception 'dunning reminds and marks as past due, then suspends, then archives' using errcode = 'ERX03';
  end if;
  return null;
end
$$;
comment on function public.check_dunning_stages() is 'Trigger, at the end of a transaction: the stages of the schedule stand in their order.';
create constraint trigger dunning_stages_order after insert or update or delete on public.dunning_stages
  deferrable initially deferred for each row execute function public.check_dunning_stages();

insert into public.dunning_stages (day, kind) values
  (0, 'reminder'), (1, 'past_due'), (3, 'reminder'), (5, 'reminder'), (7, 'reminder'), (14, 'suspended'), (30, 'archived');

create table public.dunning_restarts (
  invoice_id uuid primary key references public.invoices (id) on delete restrict,
  counted_from date,
  at timestamptz not null default clock_timestamp()
);
comment on table public.dunning_restarts is
  'Invoices that were paid and are open again: a dispute was lost, a payment given back. Dunning counts from the day on which it first finds them so; null until it has.';

create function public.restart_dunning() returns trigger language plpgsql as $$
begin
  insert into public.dunning_restarts (invoice_id) values (new.id)
  on conflict (invoice_id) do update set counted_from = null, at = clock_timestamp();
  return null;
end
$$;
create trigger invoices_reopened after update of status on public.invoices
  for each row when (old.status = 'paid' and new.status = 'open') execute function public.restart_dunning();

create table public.dunning_attempts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  invoice_id uuid not null references public.invoices (id) on delete restrict,
  counted_from date not null,
  status text not null,
  stage text not null check (stage in ('reminder', 'past_due', 'suspended', 'archived')),
  stage_day smallint not null check (stage_day >= 0),
  stage_on date not null,
  outcome text check (outcome in ('settled', 'void', 'uncollectible', 'archived', 'superseded', 'away')),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (invoice_id, counted_from),
  constraint dunning_attempts_outcome_ck check ((status = 'ended') = (outcome is not null)),
  constraint dunning_attempts_stage_ck check (outcome is distinct from 'archived' or stage = 'archived')
);
comment on table public.dunning_attempts is
  'How far dunning has gone for an unpaid invoice: one runs for a tenant, that of its earliest one. Mails carry its id in their key, so that no notice goes out twice.';
comment on column public.dunning_attempts.stage_on is 'The day, where the tenant is, on which it entered the stage: late where no run came in time.';
comment on column public.dunning_attempts.outcome is
  'settled, void, uncollectible: what became of the invoice. archived: dunning has come to its end. superseded: an earlier invoice is unpaid. away: the tenant was archived otherwise.';
create unique index dunning_attempts_running_key on public.dunning_attempts (tenant_id) where status = 'running';
create index dunning_attempts_tenant_idx on public.dunning_attempts (tenant_id);
create trigger dunning_attempts_state_move before insert or update of status on public.dunning_attempts
  for each row execute function public.enforce_state_move('dunning');

create table public.dunning_history (
  id bigint generated always as identity primary key,
  attempt_id uuid not null references public.dunning_attempts (id) on delete restrict,
  at timestamptz not null default clock_timestamp(),
  status text not null,
  stage text not null,
  stage_day smallint not null,
  outcome text,
  operator text not null
);
comment on table public.dunning_history is 'Every stage an attempt entered, its end and its resumption, written by a trigger. Append only.';
create index dunning_history_attempt_idx on public.dunning_history (attempt_id, id);
create trigger dunning_history_append_only before update or delete or truncate on public.dunning_history
  for each statement execute function public.refuse_change();

create function public.record_dunning() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.status, new.stage, new.stage_day, new.outcome) is not distinct from (old.status, old.stage, old.stage_day, old.outcome) then
    return null;
  end if;
  insert into public.dunning_history (attempt_id, status, stage, stage_day, outcome, operator)
  values (new.id, new.status, new.stage, new.stage_day, new.outcome,
          coalesce(nullif(current_setting('erpmax.operator', true), ''), session_user));
  return null;
end
$$;
create trigger dunning_attempts_history after insert or update on public.dunning_attempts
  for each row execute function public.record_dunning();

-- Whatever settles an invoice, psql included, ends its dunning.
create function public.end_dunning_of_invoice() returns trigger language plpgsql as $$
begin
  update public.dunning_attempts
  set status = 'ended', outcome = case new.status when 'paid' then 'settled' else new.status end, updated_at = clock_timestamp()
  where invoice_id = new.id and status = 'running';
  return null;
end
$$;
create trigger invoices_dunned after update of status on public.invoices
  for each row when (old.status = 'open' and new.status <> 'open') execute function public.end_dunning_of_invoice();

create function public.end_dunning_of_tenant() returns trigger language plpgsql as $$
begin
  update public.dunning_attempts set status = 'ended', outcome = 'away', updated_at = clock_timestamp()
  where tenant_id = new.id and status = 'running';
  return null;
end
$$;
create trigger tenants_away after update of status on public.tenants
  for each row when (new.status in ('archived', 'deleting', 'deleted') and old.status <> new.status)
  execute function public.end_dunning_of_tenant();

-- Who may be restored is found without asking every tenant.
create index subscriptions_overdue_idx on public.subscriptions (tenant_id) where status in ('past_due', 'suspended');

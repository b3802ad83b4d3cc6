-- Long work, what happened, and what is to leave the house.

create table public.jobs (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind ~ '^[a-z]+(\.[a-z_]+)+$'),
  tenant_id uuid references public.tenants (id) on delete set null,
  subject text not null,
  status text not null,
  input jsonb not null default '{}',
  input_hash text not null,
  attempts integer not null default 0 check (attempts >= 0),
  generation integer not null default 0 check (generation >= 0),
  holder jsonb,
  lease_until timestamptz,
  error jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  constraint jobs_lease_ck check ((status = 'running') = (holder is not null and lease_until is not null)),
  constraint jobs_finished_ck check ((status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null))
);
comment on table public.jobs is
  'Long work with a lease on the database''s clock. generation counts the holders: each transaction of a job checks that it is still its own. input holds no secret.';
create unique index jobs_running_key on public.jobs (kind, subject) where status in ('queued', 'running');
create index jobs_tenant_idx on public.jobs (tenant_id, created_at desc);
create index jobs_status_idx on public.jobs (status, created_at desc);
create trigger jobs_state_move before insert or update of status on public.jobs
  for each row execute function public.enforce_state_move('job');

create table public.job_steps (
  job_id uuid not null references public.jobs (id) on delete cascade,
  name text not null,
  position smallint not null,
  status text not null check (status in ('running', 'succeeded', 'failed', 'undone')),
  detail jsonb not null default '{}',
  error text,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (job_id, name)
);
comment on table public.job_steps is 'How far a job has come: one row a step, written in the step''s own transaction.';

create table public.audit_log (
  id uuid primary key default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(),
  operator text not null,
  os_user text not null,
  host text not null,
  ci_job text,
  action text not null,
  subject_kind text not null,
  subject text not null,
  tenant_id uuid,
  outcome text not null check (outcome in ('succeeded', 'failed', 'refused')),
  before jsonb,
  after jsonb,
  error_code text,
  constraint audit_log_error_ck check ((outcome = 'succeeded') = (error_code is null))
);
comment on table public.audit_log is
  'Who did what, and what came of it. A success is written in the change''s own transaction, a failure or refusal after the rollback. Append only.';
create index audit_log_at_idx on public.audit_log (at desc, id);
create index audit_log_tenant_idx on public.audit_log (tenant_id, at desc);
create index audit_log_action_idx on public.audit_log (action, at desc);

create function public.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append only', tg_table_name using errcode = 'ERX02';
end
$$;
create trigger audit_log_append_only before update or delete or truncate on public.audit_log
  for each statement execute function public.refuse_change();

create table public.outbox (
  id uuid primary key default gen_random_uuid(),
  topic text not null check (topic ~ '^[a-z]+(\.[a-z_]+)+$'),
  key text not null,
  tenant_id uuid references public.tenants (id) on delete cascade,
  payload jsonb not null,
  status text not null default 'pending' check (status in ('pending', 'sent', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  unique (topic, key)
);
comment on table public.outbox is
  'Mail, events and webhooks that leave after commit. The key makes each of them one, however often the step that writes it runs.';
create index outbox_pending_idx on public.outbox (created_at) where status = 'pending';
create index outbox_tenant_idx on public.outbox (tenant_id);

create function public.take_ddl_slot(slots integer) returns integer language plpgsql as $$
declare
  slot integer;
begin
  for slot in 1 .. slots loop
    if pg_catalog.pg_try_advisory_xact_lock(x'6572706d'::integer, slot) then
      return slot;
    end if;
  end loop;
  raise exception 'all % slots for building and dropping schemas are taken', slots using errcode = 'ERX01';
end
$$;
comment on function public.take_ddl_slot(integer) is
  'Takes one of the numbered slots until the end of the transaction, or fails with ERX01: how many schemas may be built or dropped at once follows from the lock table.';

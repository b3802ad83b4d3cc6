-- Daily runs: what `billing run` did, step by step, and who is at it.

insert into public.state_moves (thing, from_state, to_state) values
  ('daily_run', null, 'running'),
  ('daily_run', 'running', 'succeeded'),
  ('daily_run', 'running', 'partial'),
  ('daily_run', 'running', 'failed');

create table public.daily_runs (
  id uuid primary key default gen_random_uuid(),
  status text not null,
  as_of date,
  skipped text[] not null default '{}',
  operator text not null,
  holder jsonb,
  lease_until timestamptz,
  error jsonb,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint daily_runs_lease_ck check ((status = 'running') = (holder is not null and lease_until is not null)),
  constraint daily_runs_finished_ck check ((status = 'running') = (finished_at is null))
);
comment on table public.daily_runs is
  'Runs of the daily command, one at a time: the running row is the lock, its lease on the database''s clock. Each step has guards of its own, so that a run that lost its lease does no harm.';
create unique index daily_runs_running_key on public.daily_runs ((true)) where status = 'running';
create index daily_runs_started_idx on public.daily_runs (started_at desc);
create trigger daily_runs_state_move before insert or update of status on public.daily_runs
  for each row execute function public.enforce_state_move('daily_run');

create table public.daily_run_steps (
  run_id uuid not null references public.daily_runs (id) on delete cascade,
  position smallint not null check (position > 0),
  code text not null check (code ~ '^[a-z][a-z-]{0,30}$'),
  status text not null check (status in ('running', 'succeeded', 'partial', 'failed', 'skipped')),
  summary jsonb not null default '{}' check (jsonb_typeof(summary) = 'object'),
  error jsonb,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (run_id, code),
  constraint daily_run_steps_finished_ck check ((status = 'running') = (finished_at is null)),
  constraint daily_run_steps_error_ck check ((status = 'failed') = (error is not null))
);
comment on table public.daily_run_steps is 'What each step of a daily run came to, in numbers; partial: some tenants failed or were parked.';

alter table public.billing_runs add column daily_run_id uuid references public.daily_runs (id) on delete restrict;
comment on column public.billing_runs.daily_run_id is 'The daily run it was a step of; null where somebody started it by itself.';
create index billing_runs_daily_idx on public.billing_runs (daily_run_id);

alter table public.parked_accounts add column release_note text check (release_note <> '');
alter table public.parked_accounts add constraint parked_accounts_note_ck check (release_note is null or released_at is not null);
comment on column public.parked_accounts.release_note is 'What whoever released it has to say. A price that was parked for its jump counts as looked at once it is released.';
create index parked_accounts_parked_idx on public.parked_accounts (parked_at desc, id);

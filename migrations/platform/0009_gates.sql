-- What a tenant may use, by date; its feature flags; what it has used; and the login role of its ERP.

-- A zone that this server does not know would take the entitlements of every tenant with it.
alter table public.tenants add constraint tenants_time_zone_ck
  check ((timestamptz '2000-01-01 00:00:00+00' at time zone time_zone) is not null);

create function public.entitlements_of(tenant uuid, day date)
returns table (module text, entitled boolean, until date, reason text)
language sql stable as $$
  select m.code, verdict.reason is null,
         case when verdict.reason is null then ends.on_date end,
         coalesce(verdict.reason, case
           when m.is_base then 'base'
           when ends.on_date is not null and ends.on_date = ends.cancelled_on then 'scheduled_cancellation'
           when ends.on_date is not null then 'scheduled_removal'
           when s.status = 'past_due' then 'past_due'
           when s.status = 'trialing' and day < s.trial_ends_on then 'trial'
           else 'subscribed'
         end)
  from public.tenants t
  cross join public.modules m
  left join lateral (
    select c.* from public.subscriptions c where c.tenant_id = t.id
    order by c.status = 'cancelled', c.created_at desc limit 1
  ) s on true
  -- Items that follow each other without a gap are one stretch of days.
  left join lateral (
    select true as now, upper(stretch.days) as removed_on
    from unnest((
      select range_agg(i.active) from public.subscription_items i
      where i.subscription_id = s.id and i.kind = 'module' and i.product_code = m.code
    )) as stretch (days)
    where stretch.days @> day
  ) held on true
  cross join lateral (
    select min(c.effective_on) filter (where c.kind = 'cancel') as cancelled_on,
           min(c.effective_on) filter (where c.kind = 'remove_module' and c.module_code = m.code) as removed_on
    from public.subscription_changes c where c.subscription_id = s.id and c.status = 'scheduled'
  ) scheduled
  cross join lateral (
    select least(s.cancel_on, scheduled.cancelled_on) as cancelled_on,
           least(s.cancel_on, scheduled.cancelled_on, held.removed_on, scheduled.removed_on) as on_date
  ) ends
  cross join lateral (
    select case
      when t.status <> 'active' then 'tenant_' || t.status
      when s.id is null then 'no_subscription'
      when s.status = 'cancelled' and ends.cancelled_on is null or day >= ends.cancelled_on then 'subscription_cancelled'
      when s.status = 'suspended' then 'subscription_suspended'
      when m.is_base then null
      when held.now is null or day >= ends.on_date then 'not_subscribed'
    end as reason
  ) verdict
  where t.id = tenant
$$;
comment on function public.entitlements_of(uuid, date) is
  'Which modules a tenant may use on a day of its own calendar. Judged by dates alone: an end that has come counts, whether or not a run has applied it.';

create view public.tenant_entitlements as
select t.id as tenant_id, t.subdomain, p.schema_name, e.module, e.entitled, e.until, e.reason
from public.tenants t
left join public.tenant_placements p on p.tenant_id = t.id
cross join lateral public.entitlements_of(t.id, (now() at time zone t.time_zone)::date) e
where t.status <> 'deleted';
comment on view public.tenant_entitlements is
  'For an ERP: which tenant may use which module now, by the day it is where the tenant is. One row for each tenant and module.';
comment on column public.tenant_entitlements.until is
  'The first day it is not entitled any more, where that is settled; null while nothing ends it, and where it is not entitled.';
comment on column public.tenant_entitlements.reason is
  'Entitled: base, trial, subscribed, past_due, scheduled_removal, scheduled_cancellation. Not: not_subscribed, no_subscription, subscription_suspended, subscription_cancelled, or tenant_ and its state.';

create table public.tenant_features (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  module_code text references public.modules (code) on delete restrict,
  flag text not null check (flag ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  enabled boolean not null,
  config jsonb not null default '{}' check (octet_length(config::text) <= 65536),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tenant_features_once unique nulls not distinct (tenant_id, module_code, flag)
);
comment on table public.tenant_features is
  'A switch of one tenant, for the whole ERP or for one module. Off is a row too: it differs from never set, where the ERP''s own default holds.';
create index tenant_features_module_idx on public.tenant_features (module_code);

create table public.usage_records (
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  key text not null check (key <> '' and length(key) <= 200),
  metric text not null check (metric in ('users', 'storage_bytes', 'api_calls')),
  quantity bigint not null check (quantity >= 0),
  at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, key)
);
comment on table public.usage_records is
  'What a tenant used, as it was reported; once for each key, however often it is sent. api_calls add up over a month of the tenant''s calendar, users and storage_bytes are readings of which the latest counts. The rows are the counters: there is no sum that could drift.';
create index usage_records_metric_idx on public.usage_records (tenant_id, metric, at) include (quantity);

create table public.tenant_logins (
  tenant_id uuid primary key references public.tenants (id) on delete restrict,
  role_name text not null unique,
  role_oid oid not null,
  database_oid oid not null,
  created_at timestamptz not null default clock_timestamp(),
  rotated_at timestamptz,
  disabled_at timestamptz
);
comment on table public.tenant_logins is
  'The database role with which a tenant''s ERP signs in; its password is kept nowhere. Roles belong to the whole server: one of the same name that another database made has another oid.';

-- A view runs its functions as whoever reads it, and the reader may see no table: hence security definer.
create function public.my_entitlements()
returns table (tenant_id uuid, subdomain text, schema_name text, module text, entitled boolean, until date, reason text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.id, t.subdomain, p.schema_name, e.module, e.entitled, e.until, e.reason
  from pg_catalog.pg_roles r
  join pg_catalog.pg_database d on d.datname = current_database()
  join public.tenant_logins l on l.role_oid = r.oid and l.role_name = r.rolname and l.database_oid = d.oid
  join public.tenants t on t.id = l.tenant_id
  join public.tenant_placements p on p.tenant_id = t.id
  cross join lateral public.entitlements_of(t.id, (now() at time zone t.time_zone)::date) e
  where r.rolname = session_user
$$;
create view public.my_entitlements as select * from public.my_entitlements();
comment on view public.my_entitlements is
  'tenant_entitlements of the tenant whose login role reads it; nobody else sees a row.';

-- A tenant's role can reach what everybody may: of the control plane that is my_entitlements and nothing else.
do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and pg_catalog.pg_get_userbyid(p.proowner) = current_user
      and not exists (select 1 from pg_catalog.pg_depend d
                      where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('revoke execute on routine %s from public', routine);
  end loop;
end
$$;
alter default privileges revoke execute on routines from public;
grant execute on function public.my_entitlements() to public;
grant select on public.my_entitlements to public;

-- Too small ever to be analysed by itself; guessed at 640 rows it makes a view over it look dear enough to be compiled.
analyze public.modules;

-- The rest of a tenant's life: its settings, since when it is suspended or archived, and what is on record of one that was deleted.

alter table public.tenants
  add column settings jsonb not null default '{}',
  add column suspended_at timestamptz,
  add column suspension_bills boolean,
  add column archived_at timestamptz;
comment on column public.tenants.settings is 'Free settings of the tenant, an object; what they mean is up to who reads them. No secrets.';
comment on column public.tenants.suspension_bills is 'Whether invoices go on while the tenant is suspended; never where billing suspended it.';
comment on column public.tenants.archived_at is 'Since when it is archived; its deletion is counted from here.';

-- Whoever moves the state, psql included: what goes with it is never missing and never left over.
create function public.complete_standing() returns trigger language plpgsql as $$
begin
  if new.suspension_cause is null then
    new.suspension_reason := null;
    new.suspended_at := null;
    new.suspension_bills := null;
  else
    new.suspended_at := coalesce(new.suspended_at, now());
    new.suspension_bills := coalesce(new.suspension_bills, new.suspension_cause = 'operator');
  end if;
  if new.status = 'archived' then
    new.archived_at := coalesce(new.archived_at, now());
  elsif new.status in ('active', 'suspended') then
    new.archived_at := null;
  end if;
  return new;
end
$$;
comment on function public.complete_standing() is
  'Trigger: fills in when a tenant was suspended or archived, and clears it once it is not any more.';
create trigger tenants_standing before insert or update on public.tenants
  for each row execute function public.complete_standing();

update public.tenants set suspended_at = updated_at where suspension_cause is not null;
update public.tenants set archived_at = updated_at where status in ('archived', 'deleting', 'deleted');

alter table public.tenants
  add constraint tenants_settings_ck check (jsonb_typeof(settings) = 'object' and octet_length(settings::text) <= 65536),
  add constraint tenants_suspended_at_ck check ((suspension_cause is null) = (suspended_at is null)),
  add constraint tenants_suspension_bills_ck check ((suspension_cause is null) = (suspension_bills is null)),
  add constraint tenants_billing_suspension_ck check (suspension_cause <> 'billing' or not suspension_bills),
  add constraint tenants_archived_ck check (
    (status <> 'archived' or archived_at is not null) and (status not in ('active', 'suspended') or archived_at is null)
  );

create function public.require_no_schema() returns trigger language plpgsql as $$
begin
  if exists (select 1 from pg_catalog.pg_namespace n
             join public.tenant_placements p on p.schema_name = n.nspname where p.tenant_id = new.id) then
    raise exception 'the tenant still has its schema' using errcode = 'ERX02';
  end if;
  return null;
end
$$;
comment on function public.require_no_schema() is
  'Trigger: a tenant is not deleted while the schema of its placement is there.';
create trigger tenants_deleted after update of status on public.tenants
  for each row when (new.status = 'deleted' and old.status <> 'deleted') execute function public.require_no_schema();

create table public.tenant_deletions (
  tenant_id uuid primary key references public.tenants (id) on delete restrict,
  deleted_at timestamptz not null default clock_timestamp(),
  operator text not null,
  reason text,
  subdomain text not null,
  schema_name text not null,
  tables_dropped integer not null check (tables_dropped >= 0),
  memberships_removed integer not null check (memberships_removed >= 0),
  users_deleted integer not null check (users_deleted >= 0),
  users_anonymised integer not null check (users_anonymised >= 0),
  export_sha256 text check (export_sha256 ~ '^[0-9a-f]{64}$')
);
comment on table public.tenant_deletions is
  'What is on record of a deleted tenant: who deleted it, when, what went, and the SHA-256 of the last export of its data. Append only.';
create trigger tenant_deletions_append_only before update or delete or truncate on public.tenant_deletions
  for each statement execute function public.refuse_change();

-- Tenants, the servers that hold their schemas, and where each one lives.

create table public.database_servers (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  engine text not null check (engine in ('postgres', 'citus')),
  dsn_reference text not null,
  system_identifier bigint,
  max_tenants integer not null check (max_tenants > 0),
  status text not null default 'open' check (status in ('open', 'full', 'draining', 'retired')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.database_servers is
  'A cell: one Postgres server or Citus cluster with a bounded number of tenants. dsn_reference names the setting that holds its URL, never the URL.';
comment on column public.database_servers.system_identifier is
  'pg_control_system().system_identifier, checked before any DDL; null where the server does not let us read it.';

insert into public.database_servers (name, engine, dsn_reference, max_tenants)
values ('primary', 'postgres', 'DATABASE_URL', 500);

create table public.reserved_subdomains (
  pattern text primary key,
  reason text not null
);
comment on table public.reserved_subdomains is 'Names no tenant may have; a LIKE pattern in which _ is escaped.';

insert into public.reserved_subdomains (pattern, reason)
select name, 'used by the service itself' from unnest(array[
  'www', 'www1', 'www2', 'api', 'admin', 'administrator', 'app', 'apps', 'mail', 'email', 'smtp', 'imap', 'pop', 'mx',
  'ftp', 'sftp', 'ssh', 'vpn', 'dns', 'ns1', 'ns2', 'public', 'erpmax', 'system', 'root', 'support', 'help', 'billing',
  'payments', 'pay', 'status', 'static', 'assets', 'media', 'files', 'cdn', 'docs', 'blog', 'news', 'test', 'testing',
  'staging', 'stage', 'demo', 'dev', 'sandbox', 'preview', 'beta', 'prod', 'production', 'internal', 'intranet',
  'portal', 'dashboard', 'console', 'control', 'manage', 'login', 'logout', 'signup', 'signin', 'register', 'account',
  'accounts', 'auth', 'sso', 'oauth', 'security', 'abuse', 'postmaster', 'hostmaster', 'webmaster', 'localhost',
  'monitoring', 'metrics', 'health', 'webhook', 'webhooks', 'tenant', 'tenants', 'information-schema'
]) as name
union all
select 'pg-%', 'names beginning with pg belong to Postgres';

create table public.tenants (
  id uuid primary key default gen_random_uuid(),
  subdomain text not null check (subdomain ~ '^[a-z0-9][a-z0-9-]{1,54}[a-z0-9]$'),
  status text not null,
  name text not null check (name <> ''),
  legal_name text not null check (legal_name <> ''),
  industry text,
  company_size text check (company_size in ('1-10', '11-50', '51-200', '201-500', '501-1000', '1001-5000', '5001+')),
  country_code char(2) not null check (country_code ~ '^[A-Z]{2}$'),
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  gst_state_code char(2) check (gst_state_code ~ '^[0-9]{2}$'),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z0-9]{13}$'),
  vat_id text check (vat_id ~ '^[A-Z]{2}[A-Z0-9]{2,13}$'),
  billing_email text not null check (billing_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  address_line1 text,
  address_line2 text,
  city text,
  postal_code text,
  time_zone text not null,
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  language text not null check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  suspension_cause text check (suspension_cause in ('billing', 'operator')),
  suspension_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  activated_at timestamptz,
  constraint tenants_gst_in_india_ck check (country_code = 'IN' or (gstin is null and gst_state_code is null)),
  constraint tenants_suspension_ck check ((status = 'suspended') = (suspension_cause is not null) or status = 'restoring')
);
comment on table public.tenants is
  'A customer with a schema of their own. The status is the truth about the schema: it is whole or the status says it is not.';

create unique index tenants_subdomain_key on public.tenants (subdomain) where status <> 'deleted';
create index tenants_status_idx on public.tenants (status, subdomain);

create trigger tenants_state_move before insert or update of status on public.tenants
  for each row execute function public.enforce_state_move('tenant');

create function public.refuse_tenant_delete() returns trigger language plpgsql as $$
begin
  if old.status not in ('pending', 'provisioning', 'failed') then
    raise exception 'a tenant that has been active is never deleted as a row' using errcode = 'ERX02';
  end if;
  if exists (select 1 from pg_catalog.pg_namespace n
             join public.tenant_placements p on p.schema_name = n.nspname where p.tenant_id = old.id) then
    raise exception 'the tenant still has its schema' using errcode = 'ERX02';
  end if;
  return old;
end
$$;
create trigger tenants_delete before delete on public.tenants
  for each row execute function public.refuse_tenant_delete();

create table public.tenant_placements (
  tenant_id uuid primary key references public.tenants (id) on delete cascade,
  server_id uuid not null references public.database_servers (id) on delete restrict,
  schema_name text not null check (schema_name ~ '^tenant_[a-z0-9_]{1,56}$' and length(schema_name) <= 63),
  generation integer not null default 1 check (generation > 0),
  schema_version text,
  fingerprint text,
  built_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (server_id, schema_name)
);
comment on table public.tenant_placements is
  'Where a tenant''s schema is. The schema''s name is read from here and never computed again; generation is a fencing token, raised whenever a schema is built or dropped.';

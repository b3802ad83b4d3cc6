-- Backups: which files were made of whom, and how to know them again.

create table public.backups (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid references public.tenants (id) on delete set null,
  subdomain text,
  schema_version text,
  file text not null check (file <> ''),
  bytes bigint not null check (bytes > 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  tables integer not null check (tables >= 0),
  rows bigint not null check (rows >= 0),
  purpose text not null check (purpose in ('manual', 'archive', 'delete', 'installation')),
  created_at timestamptz not null default clock_timestamp(),
  constraint backups_subject_ck check ((purpose = 'installation') = (subdomain is null))
);
comment on table public.backups is
  'A file that holds the data of one tenant, or of the whole installation (then without a subdomain). sha256 is that of the file as it lies there; file is its path on the machine that made it. Rows stay when their file or tenant is gone.';
create index backups_tenant_idx on public.backups (tenant_id, created_at desc);
create index backups_created_idx on public.backups (created_at desc, id);

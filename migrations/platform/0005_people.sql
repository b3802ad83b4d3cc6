-- People and what they may do. Users are global; memberships say where they belong.

create table public.users (
  id uuid primary key default gen_random_uuid(),
  email text not null check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' and email = lower(email)),
  full_name text not null check (full_name <> ''),
  status text not null,
  password_hash text,
  language text not null default 'en',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.users is
  'A person, known by e-mail address in lower case. The password is a bcrypt hash; null until one is set through an invitation.';
create unique index users_email_key on public.users (lower(email));
create trigger users_state_move before insert or update of status on public.users
  for each row execute function public.enforce_state_move('user');

create table public.permissions (
  code text primary key check (code ~ '^[a-z][a-z0-9_]*:[a-z]+$'),
  module_code text not null references public.modules (code) on delete cascade,
  description text not null
);
comment on table public.permissions is 'What a role may allow: module:action.';
create index permissions_module_idx on public.permissions (module_code);

create table public.roles (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid references public.tenants (id) on delete cascade,
  code text not null check (code ~ '^[a-z][a-z0-9_-]*$'),
  name text not null,
  description text not null default '',
  is_built_in boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (tenant_id, code),
  check (not is_built_in or tenant_id is null)
);
comment on table public.roles is 'A named set of permissions, of one tenant or, where tenant_id is null, of all.';

create table public.role_permissions (
  role_id uuid not null references public.roles (id) on delete cascade,
  permission_code text not null references public.permissions (code) on delete cascade,
  primary key (role_id, permission_code)
);
comment on table public.role_permissions is 'The permissions of a role.';
create index role_permissions_permission_idx on public.role_permissions (permission_code);

insert into public.permissions (code, module_code, description)
select m.code || ':' || a.action, m.code, a.verb || ' ' || m.name
from public.modules m
cross join (values ('read', 'See'), ('write', 'Change'), ('admin', 'Configure')) as a (action, verb);

insert into public.roles (code, name, description, is_built_in) values
  ('owner', 'Owner', 'Everything, the subscription and the other owners included', true),
  ('admin', 'Administrator', 'Everything but what belongs to owners', true),
  ('user', 'User', 'Reads and changes business records', true),
  ('member', 'Member', 'Reads business records', true);

insert into public.role_permissions (role_id, permission_code)
select r.id, p.code
from public.roles r
join public.permissions p on r.code in ('owner', 'admin')
  or (r.code = 'user' and p.code like '%:read' and p.module_code <> 'system_admin')
  or (r.code = 'user' and p.code like '%:write' and p.module_code <> 'system_admin')
  or (r.code = 'member' and p.code like '%:read' and p.module_code <> 'system_admin');

create table public.memberships (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  role_id uuid not null references public.roles (id) on delete restrict,
  status text not null,
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.memberships is 'A user belongs to a tenant in a role.';
create unique index memberships_user_tenant_key on public.memberships (user_id, tenant_id) where status <> 'removed';
create unique index memberships_default_key on public.memberships (user_id) where is_default and status = 'active';
create index memberships_user_idx on public.memberships (user_id);
create index memberships_tenant_idx on public.memberships (tenant_id, status);
create index memberships_role_idx on public.memberships (role_id);
create trigger memberships_state_move before insert or update of status on public.memberships
  for each row execute function public.enforce_state_move('membership');

create table public.invitations (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  user_id uuid not null references public.users (id) on delete cascade,
  role_id uuid not null references public.roles (id) on delete restrict,
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  status text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (expires_at > created_at)
);
comment on table public.invitations is
  'A single-use link to join a tenant or to set a first password. Only the SHA-256 of its token is kept.';
create unique index invitations_pending_key on public.invitations (tenant_id, user_id) where status = 'pending';
create index invitations_tenant_idx on public.invitations (tenant_id);
create index invitations_user_idx on public.invitations (user_id);
create index invitations_role_idx on public.invitations (role_id);
create trigger invitations_state_move before insert or update of status on public.invitations
  for each row execute function public.enforce_state_move('invitation');

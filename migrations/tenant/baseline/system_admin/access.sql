-- who may do what inside the tenant, and who did it. sign-in, passwords and tokens belong to the control plane:
-- a person here is the tenant's side of a platform user.

create table users (
  id uuid primary key default gen_random_uuid(),
  platform_user_id uuid unique,
  email text not null check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  full_name text not null,
  display_name text,
  user_type text not null default 'internal' check (
    user_type in ('internal', 'dealer', 'franchisee', 'technician', 'partner', 'auditor', 'integration')
  ),
  employee_code text unique,
  job_title text,
  phone text,
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'),
  time_zone text not null default 'Asia/Kolkata',
  region_id uuid references regions (id) on delete set null,
  reports_to_id uuid references users (id) on delete set null,
  deputy_id uuid references users (id) on delete set null,
  deputy_from date,
  deputy_to date,
  approval_limit numeric(19,4) check (approval_limit >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  max_discount_percent numeric(7,4) check (max_discount_percent between 0 and 100),
  telephony_extension text,
  avatar_url text,
  signature_url text,
  last_seen_at timestamptz,
  invited_at timestamptz,
  activated_at timestamptz,
  disabled_at timestamptz,
  disabled_reason text,
  status text not null default 'invited' check (status in ('invited', 'active', 'disabled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_reports_to_ck check (reports_to_id <> id),
  constraint users_deputy_ck check (deputy_id <> id),
  constraint users_deputy_dates_ck check (deputy_to >= deputy_from)
);

create unique index users_email_key on users (lower(email));
create index users_status_full_name_idx on users (status, full_name);
create index users_region_id_idx on users (region_id);
create index users_reports_to_id_idx on users (reports_to_id);
create index users_deputy_id_idx on users (deputy_id) where deputy_id is not null;

comment on table users is 'A person (or integration) who works in this tenant. platform_user_id names the same person in the control plane, where passwords and sign-in live; whoever is on the payroll is an employee as well.';
comment on column users.platform_user_id is 'users.id of the control plane; no reference, because nothing in a tenant schema refers outside it. Empty for integrations.';
comment on column users.deputy_id is 'Who approves in this person''s place between deputy_from and deputy_to.';
comment on column users.approval_limit is 'Largest document amount the person may approve alone; empty means the limit of the role counts.';

create table roles (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z][A-Z0-9_]*$'),
  name text not null,
  description text,
  rank smallint not null default 10 check (rank between 1 and 100),
  is_system boolean not null default false,
  is_assignable boolean not null default true,
  data_scope text not null default 'own' check (data_scope in ('all', 'region', 'team', 'own')),
  approval_limit numeric(19,4) check (approval_limit >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  max_discount_percent numeric(7,4) check (max_discount_percent between 0 and 100),
  may_backdate_days smallint not null default 0 check (may_backdate_days >= 0),
  landing_page text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index roles_rank_idx on roles (rank desc);

comment on table roles is 'A named set of permissions given to users, e.g. MANAGER. The four built-in ones are ranked SUPER_ADMIN > ADMIN > MANAGER > USER; nobody grants a role above their own.';
comment on column roles.rank is 'Higher stands above: SUPER_ADMIN 100, ADMIN 80, MANAGER 60, USER 40; roles of the tenant''s own find a place between.';
comment on column roles.data_scope is 'Whose records the role reaches where the granted permission says nothing narrower.';
comment on column roles.approval_limit is 'Largest document amount the role may approve; empty means no limit.';

create table permissions (
  id uuid primary key default gen_random_uuid(),
  code text not null unique,
  module_code text not null check (
    module_code in (
      'system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi'
    )
  ),
  action text not null check (action in ('read', 'write', 'approve', 'delete', 'export', 'configure')),
  name text not null,
  description text,
  risk_level text not null default 'low' check (risk_level in ('low', 'medium', 'high')),
  requires_reason boolean not null default false,
  is_active boolean not null default true,
  sort_order integer not null default 100,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (module_code, action),
  constraint permissions_code_ck check (code = module_code || ':' || action)
);

comment on table permissions is 'One thing a role can allow, written module:action as in finance:approve. The list is the program''s own: tenants grant these to roles and do not add to them.';
comment on column permissions.requires_reason is 'The act asks for a reason, which is kept in audit_logs.';

create table role_permissions (
  id uuid primary key default gen_random_uuid(),
  role_id uuid not null references roles (id) on delete cascade,
  permission_id uuid not null references permissions (id) on delete cascade,
  data_scope text check (data_scope in ('all', 'region', 'team', 'own')),
  granted_by uuid references users (id) on delete set null,
  granted_at timestamptz not null default now(),
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (role_id, permission_id)
);

create index role_permissions_permission_id_idx on role_permissions (permission_id);
create index role_permissions_granted_by_idx on role_permissions (granted_by) where granted_by is not null;

comment on table role_permissions is 'A permission granted to a role, with whose records it reaches. There are no denials: what no role grants is refused.';
comment on column role_permissions.data_scope is 'Narrows (or widens) the scope of the role for this one permission; empty means the scope of the role.';

create table user_roles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  role_id uuid not null references roles (id) on delete restrict,
  is_primary boolean not null default false,
  is_read_only boolean not null default false,
  valid_from timestamptz not null default now(),
  valid_until timestamptz,
  granted_by uuid references users (id) on delete set null,
  grant_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, role_id),
  constraint user_roles_validity_ck check (valid_until > valid_from)
);

create unique index user_roles_primary_key on user_roles (user_id) where is_primary;
create index user_roles_role_id_idx on user_roles (role_id);
create index user_roles_granted_by_idx on user_roles (granted_by) where granted_by is not null;

comment on table user_roles is 'A role held by a user, for good or until a date. What the user may do is the union of the roles held today.';
comment on column user_roles.is_read_only is 'Of the role only the read permissions count: how a member (read only) of the control plane holds USER.';

create table audit_logs (
  id uuid primary key default gen_random_uuid(),
  occurred_at timestamptz not null default now(),
  user_id uuid references users (id) on delete set null,
  impersonated_by uuid references users (id) on delete set null,
  actor_label text not null,
  source text not null default 'web' check (source in ('web', 'mobile', 'api', 'import', 'job', 'sso', 'system')),
  module_code text not null check (
    module_code in (
      'system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service', 'logistics', 'procurement', 'crm', 'hr', 'bi'
    )
  ),
  action text not null check (
    action in (
      'create', 'update', 'delete', 'submit', 'approve', 'reject', 'cancel', 'post', 'reverse', 'export', 'import', 'print', 'view',
      'sign_in', 'sign_out', 'grant', 'revoke', 'configure'
    )
  ),
  permission_code text,
  entity_table text,
  entity_id uuid,
  entity_label text,
  changed_columns text[] not null default '{}',
  old_values jsonb,
  new_values jsonb,
  outcome text not null default 'success' check (outcome in ('success', 'denied', 'failed')),
  reason text,
  request_id text,
  session_id text,
  ip_address inet,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint audit_logs_entity_ck check (entity_id is null or entity_table is not null)
);

create index audit_logs_occurred_at_idx on audit_logs (occurred_at desc);
create index audit_logs_user_id_occurred_at_idx on audit_logs (user_id, occurred_at desc);
create index audit_logs_entity_idx on audit_logs (entity_table, entity_id, occurred_at desc);
create index audit_logs_module_code_action_idx on audit_logs (module_code, action, occurred_at desc);
create index audit_logs_impersonated_by_idx on audit_logs (impersonated_by) where impersonated_by is not null;

comment on table audit_logs is 'One act in the tenant that has to be accounted for: what was changed, by whom, from where, with the values before and after. Rows are only added (edit log of the Companies (Accounts) Rules, rule 3(1)); it is not an application log.';
comment on column audit_logs.actor_label is 'Name and e-mail at that time; stays when the user is gone.';

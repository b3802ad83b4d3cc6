-- People: who invited, which rank in the ERP, links that set a new password, and an owner that always stays.

insert into public.state_moves (thing, from_state, to_state) values
  ('password_reset', null, 'pending'),
  ('password_reset', 'pending', 'used'),
  ('password_reset', 'pending', 'revoked'),
  ('password_reset', 'pending', 'expired');

-- Letters of other scripts that look like these ones, or become them in lower case, would be another person's address.
alter table public.users add constraint users_email_ascii_ck check (email ~ '^[!-~]+$');

alter table public.memberships add column erp_role text check (erp_role = 'MANAGER');
comment on column public.memberships.erp_role is
  'The rank in the tenant''s ERP where it is not the one that follows from the role.';

alter table public.invitations add column invited_by text;
comment on column public.invitations.invited_by is 'The operator, or the address of the member, who asked for it last.';
create index invitations_created_idx on public.invitations (created_at desc, id);
create index users_created_idx on public.users (created_at, id);

create table public.password_resets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete cascade,
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  status text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (expires_at > created_at)
);
comment on table public.password_resets is
  'A single-use link to set a new password. Only the SHA-256 of its token is kept.';
create unique index password_resets_pending_key on public.password_resets (user_id) where status = 'pending';
create index password_resets_user_idx on public.password_resets (user_id);
create trigger password_resets_state_move before insert or update of status on public.password_resets
  for each row execute function public.enforce_state_move('password_reset');

-- A role of a tenant that bore the name of a built-in one would pass for it.
alter table public.roles add constraint roles_reserved_ck
  check (is_built_in or code not in ('owner', 'admin', 'user', 'member'));

-- A role goes when nobody has it; that somebody had it once stands in the audit log.
alter table public.memberships alter column role_id drop not null,
  add constraint memberships_role_ck check (status = 'removed' or role_id is not null),
  drop constraint memberships_role_id_fkey,
  add constraint memberships_role_id_fkey foreign key (role_id) references public.roles (id) on delete set null;
alter table public.invitations alter column role_id drop not null,
  add constraint invitations_role_ck check (status <> 'pending' or role_id is not null),
  drop constraint invitations_role_id_fkey,
  add constraint invitations_role_id_fkey foreign key (role_id) references public.roles (id) on delete set null;

create function public.require_role_of_tenant() returns trigger language plpgsql as $$
begin
  if exists (select 1 from public.roles r where r.id = new.role_id and r.tenant_id <> new.tenant_id) then
    raise exception 'this role belongs to another tenant' using errcode = 'ERXP2';
  end if;
  return new;
end
$$;
comment on function public.require_role_of_tenant() is
  'Trigger: a membership or an invitation has a role of its own tenant or one of all tenants (SQLSTATE ERXP2).';
create trigger memberships_role_of_tenant before insert or update of role_id, tenant_id on public.memberships
  for each row execute function public.require_role_of_tenant();
create trigger invitations_role_of_tenant before insert or update of role_id, tenant_id on public.invitations
  for each row execute function public.require_role_of_tenant();

create function public.require_owner(tenant uuid) returns void language plpgsql as $$
begin
  -- Two who take the last two owners away at once come one after the other. A tenant that is still being made, or on
  -- its way out, may lose everybody.
  perform 1 from public.tenants t
  where t.id = tenant and t.status in ('active', 'suspended', 'archived', 'restoring') for update;
  if not found then
    return;
  end if;
  if not exists (
    select 1 from public.memberships m
    join public.roles r on r.id = m.role_id and r.is_built_in and r.code = 'owner'
    join public.users u on u.id = m.user_id and u.status = 'active'
    where m.tenant_id = tenant and m.status = 'active'
  ) then
    raise exception 'the last owner of a tenant stays' using errcode = 'ERXP1';
  end if;
end
$$;
comment on function public.require_owner(uuid) is
  'Refuses (SQLSTATE ERXP1) to leave a tenant without an active owner.';

create function public.keep_owner_of_membership() returns trigger language plpgsql as $$
begin
  if old.status = 'active' and exists (
    select 1 from public.roles r where r.id = old.role_id and r.is_built_in and r.code = 'owner'
  ) then
    perform public.require_owner(old.tenant_id);
  end if;
  return null;
end
$$;
comment on function public.keep_owner_of_membership() is
  'Trigger: a tenant that had an active owner keeps one, whoever removes or demotes.';
create trigger memberships_keep_owner after delete or update of status, role_id, user_id, tenant_id on public.memberships
  for each row execute function public.keep_owner_of_membership();

create function public.keep_owner_of_user() returns trigger language plpgsql as $$
begin
  if old.status = 'active' and new.status <> 'active' then
    perform public.require_owner(m.tenant_id) from (
      select m.tenant_id from public.memberships m
      join public.roles r on r.id = m.role_id and r.is_built_in and r.code = 'owner'
      where m.user_id = new.id and m.status = 'active' order by m.tenant_id
    ) m;
  end if;
  return null;
end
$$;
comment on function public.keep_owner_of_user() is 'Trigger: the last owner of a tenant is not disabled.';
create trigger users_keep_owner after update of status on public.users
  for each row execute function public.keep_owner_of_user();

revoke execute on function public.require_role_of_tenant(), public.require_owner(uuid),
  public.keep_owner_of_membership(), public.keep_owner_of_user() from public;

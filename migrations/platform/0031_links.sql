-- A link that somebody else has seen opens no more than they might open when they saw it.

alter table public.invitations add column shown boolean not null default false;
comment on column public.invitations.shown is
  'A member was shown the link, who acts for a tenant: it ends where the person gets another role, or a place in another tenant.';

create function public.close_seen_links() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.role_id is not distinct from old.role_id and not (old.status = 'removed' and new.status <> 'removed') then
    return null;
  end if;
  with closed as (
    update public.password_resets set status = 'revoked', updated_at = now() where user_id = new.user_id and status = 'pending' returning id)
  delete from public.mails m using closed where m.status = 'queued' and m.dedupe_key = 'reset:' || closed.id;
  with closed as (
    update public.invitations set status = 'revoked', updated_at = now() where user_id = new.user_id and status = 'pending' and shown returning id)
  delete from public.mails m using closed where m.status = 'queued' and m.dedupe_key = 'invitation:' || closed.id;
  return null;
end
$$;
comment on function public.close_seen_links() is
  'Trigger: whoever was allowed to make a link to an account may not be allowed to once it has another role or another place. It is asked for anew, and judged anew.';
create trigger memberships_close_seen_links after insert or update of role_id, status on public.memberships
  for each row execute function public.close_seen_links();

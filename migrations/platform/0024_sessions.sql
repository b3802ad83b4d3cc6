-- Sessions of people, the keys that sign their tokens, and the keys of programs.

insert into public.state_moves (thing, from_state, to_state) values
  ('session', null, 'active'),
  ('session', 'active', 'ended'),
  ('refresh_token', null, 'issued'),
  ('refresh_token', 'issued', 'used'),
  ('signing_key', null, 'active'),
  ('signing_key', 'active', 'retired'),
  ('api_key', null, 'active'),
  ('api_key', 'active', 'revoked');

alter table public.users
  add column failed_logins integer not null default 0 check (failed_logins >= 0),
  add column locked_until timestamptz,
  add column last_login_at timestamptz,
  add column tokens_not_before timestamptz;
comment on column public.users.failed_logins is
  'Tries in a row that have not been right, counted before the password is looked at: 20 at once are no more than 5.';
comment on column public.users.locked_until is 'Until then no password is looked at, the right one neither.';
comment on column public.users.tokens_not_before is
  'Access tokens without a session, as tenant create issues one, are refused where they were issued before.';

create function public.forget_failed_logins() returns trigger language plpgsql as $$
begin
  new.failed_logins := 0;
  new.locked_until := null;
  return new;
end
$$;
comment on function public.forget_failed_logins() is
  'Trigger: whoever sets a new password has shown who they are, and what was tried with the old one counts no more.';
create trigger users_forget_failed_logins before update of password_hash on public.users
  for each row when (new.password_hash is distinct from old.password_hash)
  execute function public.forget_failed_logins();

create table public.sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete cascade,
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  status text not null default 'active',
  started_at timestamptz not null,
  refreshed_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (end_reason ~ '^[a-z][a-z_]{0,62}$'),
  constraint sessions_ended_ck check ((status = 'ended') = (ended_at is not null and end_reason is not null)),
  constraint sessions_times_ck check (expires_at > started_at)
);
comment on table public.sessions is
  'Somebody who is logged in to a tenant: the family of refresh tokens that follow each other. Its times are those of the program''s clock, as in the tokens.';
comment on column public.sessions.expires_at is 'When its last refresh token does.';
create index sessions_user_idx on public.sessions (user_id, status);
create index sessions_tenant_idx on public.sessions (tenant_id, status);
create trigger sessions_state_move before insert or update of status on public.sessions
  for each row execute function public.enforce_state_move('session');

create table public.refresh_tokens (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  session_id uuid not null references public.sessions (id) on delete cascade,
  status text not null default 'issued',
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint refresh_tokens_used_ck check ((status = 'used') = (used_at is not null)),
  constraint refresh_tokens_times_ck check (expires_at > issued_at)
);
comment on table public.refresh_tokens is
  'Each works once and is followed by the next; only the SHA-256 is kept. Used ones stay until they expire: one that comes again was stolen, or its owner''s was.';
create unique index refresh_tokens_issued_key on public.refresh_tokens (session_id) where status = 'issued';
create index refresh_tokens_session_idx on public.refresh_tokens (session_id);
create trigger refresh_tokens_state_move before insert or update of status on public.refresh_tokens
  for each row execute function public.enforce_state_move('refresh_token');

create table public.revoked_tokens (
  jti text primary key check (length(jti) between 16 and 64),
  expires_at timestamptz not null,
  revoked_at timestamptz not null
);
comment on table public.revoked_tokens is 'Access tokens that are refused by themselves, kept until they would have expired.';
create index revoked_tokens_expires_idx on public.revoked_tokens (expires_at);

create table public.signing_keys (
  kid text primary key check (kid ~ '^[A-Za-z0-9_-]{43}$'),
  public_jwk jsonb not null check (public_jwk ->> 'kty' = 'EC' and public_jwk ->> 'crv' = 'P-256' and not public_jwk ? 'd'),
  place text not null check (place <> ''),
  status text not null default 'active',
  created_at timestamptz not null,
  retired_at timestamptz,
  verify_until timestamptz,
  constraint signing_keys_retired_ck check ((status = 'retired') = (retired_at is not null and verify_until is not null))
);
comment on table public.signing_keys is
  'The public halves of the keys that sign access tokens; the private ones are files. A retired key verifies what it has signed until verify_until, and signs nothing.';
comment on column public.signing_keys.kid is 'The thumbprint of the key (RFC 7638).';
comment on column public.signing_keys.place is 'Host and file of the private key where it was first used.';
create trigger signing_keys_state_move before insert or update of status on public.signing_keys
  for each row execute function public.enforce_state_move('signing_key');

create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  prefix text not null unique check (prefix ~ '^erpmax_[0-9a-f]{8}$'),
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  scopes text[] not null check (cardinality(scopes) > 0),
  status text not null default 'active',
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_keys_revoked_ck check ((status = 'revoked') = (revoked_at is not null)),
  constraint api_keys_times_ck check (expires_at > created_at)
);
comment on table public.api_keys is
  'Keys of programs that act for a tenant within scopes (module:action). Only the SHA-256 is kept; the prefix tells one from another.';
create unique index api_keys_name_key on public.api_keys (tenant_id, lower(name)) where status = 'active';
create index api_keys_tenant_idx on public.api_keys (tenant_id, created_at desc);
create trigger api_keys_state_move before insert or update of status on public.api_keys
  for each row execute function public.enforce_state_move('api_key');

-- Single sign-on: the sites of a tenant (its ERPNext, say), their keys, and the tokens people are let in with, once.

insert into public.state_moves (thing, from_state, to_state) values
  ('sso_token', null, 'issued'),
  ('sso_token', 'issued', 'redeemed'),
  ('sso_token', 'issued', 'revoked'),
  ('sso_token', 'issued', 'expired');

create table public.sso_sites (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  origin text not null check (origin ~ '^https?://[a-z0-9.:_\[\]-]+$'),
  operator text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  removed_at timestamptz,
  constraint sso_sites_removed_ck check (removed_at is null or removed_at >= created_at)
);
comment on table public.sso_sites is
  'A site that people of a tenant are signed in to, known by its origin as browsers write it. One that is removed stays as a record, and its origin is free.';
create unique index sso_sites_origin_key on public.sso_sites (origin) where removed_at is null;
create index sso_sites_tenant_idx on public.sso_sites (tenant_id, origin);

create table public.sso_site_keys (
  id uuid primary key default gen_random_uuid(),
  site_id uuid not null references public.sso_sites (id) on delete cascade,
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  key_prefix text not null check (length(key_prefix) between 8 and 16),
  created_at timestamptz not null,
  expires_at timestamptz
);
comment on table public.sso_site_keys is
  'What a site proves itself with; only the SHA-256 is kept, and the first characters to tell keys apart. Those before the last one end by a time, so that a site can change over.';
create unique index sso_site_keys_current_key on public.sso_site_keys (site_id) where expires_at is null;
create index sso_site_keys_site_idx on public.sso_site_keys (site_id, created_at desc);

create table public.sso_tokens (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  user_id uuid not null references public.users (id) on delete cascade,
  site_id uuid not null references public.sso_sites (id) on delete cascade,
  redirect text not null check (length(redirect) <= 2000 and redirect ~ '^/([^/\\[:cntrl:][:space:]][^\\[:cntrl:][:space:]]*)?$'),
  status text not null default 'issued',
  operator text,
  reason text check (reason <> '' and length(reason) <= 500),
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  redeemed_at timestamptz,
  ended_at timestamptz,
  constraint sso_tokens_operator_ck check ((operator is null) = (reason is null)),
  constraint sso_tokens_life_ck check (expires_at > issued_at and expires_at <= issued_at + interval '60 seconds'),
  constraint sso_tokens_redeemed_ck check ((status = 'redeemed') = (redeemed_at is not null)),
  constraint sso_tokens_ended_ck check ((status in ('revoked', 'expired')) = (ended_at is not null))
);
comment on table public.sso_tokens is
  'A way in for one user of one tenant to one path of one site, once and for 60 seconds at most. Only the SHA-256 of the token is kept; operator and reason say that somebody else had it issued.';
create index sso_tokens_tenant_idx on public.sso_tokens (tenant_id, issued_at desc);
create index sso_tokens_user_idx on public.sso_tokens (user_id);
create index sso_tokens_site_idx on public.sso_tokens (site_id);
create index sso_tokens_issued_idx on public.sso_tokens (issued_at desc, id);
create index sso_tokens_due_idx on public.sso_tokens (expires_at) where status = 'issued';
create trigger sso_tokens_state_move before insert or update of status on public.sso_tokens
  for each row execute function public.enforce_state_move('sso_token');

-- Mail that waits, is being sent, or has gone.

insert into public.state_moves (thing, from_state, to_state) values
  ('mail', null, 'queued'),
  ('mail', 'queued', 'sending'),
  ('mail', 'sending', 'sent'),
  ('mail', 'sending', 'queued'),
  ('mail', 'sending', 'failed'),
  ('mail', 'sending', 'unknown'),
  -- The answer came after its sender had been given up.
  ('mail', 'unknown', 'sent'),
  ('mail', 'unknown', 'failed'),
  -- A restored queue: what waited when the backup was made may have gone since.
  ('mail', 'queued', 'unknown'),
  ('mail', 'unknown', 'queued'),
  ('mail', 'failed', 'queued');

create table public.mails (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid references public.tenants (id) on delete cascade,
  kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,62}$'),
  dedupe_key text not null unique check (dedupe_key <> ''),
  to_address text not null check (to_address ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  language text not null check (language in ('en', 'hi', 'uk')),
  data jsonb not null check (jsonb_typeof(data) = 'object'),
  secrets jsonb check (jsonb_typeof(secrets) = 'object'),
  attachments jsonb not null default '[]' check (jsonb_typeof(attachments) = 'array'),
  message_id text not null unique check (message_id ~ '^<[^<>@[:space:]]+@[^<>@[:space:]]+>$'),
  status text not null,
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null default clock_timestamp(),
  generation integer not null default 0 check (generation >= 0),
  holder jsonb,
  lease_until timestamptz,
  handed_over_at timestamptz,
  last_error jsonb,
  response text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  constraint mails_lease_ck check ((status = 'sending') = (holder is not null and lease_until is not null)),
  constraint mails_sent_ck check ((status = 'sent') = (sent_at is not null)),
  constraint mails_error_ck check (status not in ('failed', 'unknown') or last_error is not null),
  constraint mails_secrets_ck check (status <> 'sent' or secrets is null)
);
comment on table public.mails is
  'Mail, written in the transaction that causes it and sent afterwards, never twice: claimed under a lease on the database''s clock, and generation fences off earlier holders. One whose sender died or lost its server after handed_over_at is unknown, and goes out again only when a person says so, under the same message_id.';
comment on column public.mails.dedupe_key is 'Makes the mail one, however often the step that writes it runs.';
comment on column public.mails.data is 'What templates/mail/<kind> prints; its sample.json has every key.';
comment on column public.mails.secrets is 'Printed like data, shown to nobody, and gone once the mail is sent: the token of an invitation.';
comment on column public.mails.attachments is 'Documents by kind and id, rendered when the mail is sent.';
comment on column public.mails.handed_over_at is
  'Written before the first byte of the message is given to the server: until then a sender that dies has sent nothing.';
create index mails_queued_idx on public.mails (next_attempt_at, id) where status = 'queued';
create index mails_sending_idx on public.mails (lease_until) where status = 'sending';
create index mails_created_idx on public.mails (created_at desc, id);
create index mails_status_idx on public.mails (status, created_at desc);
create index mails_tenant_idx on public.mails (tenant_id, created_at desc);
create trigger mails_state_move before insert or update of status on public.mails
  for each row execute function public.enforce_state_move('mail');

create function public.keep_mail() returns trigger language plpgsql as $$
begin
  if (new.id, new.kind, new.dedupe_key, new.to_address, new.language, new.message_id)
     is distinct from (old.id, old.kind, old.dedupe_key, old.to_address, old.language, old.message_id) then
    raise exception 'a mail keeps its kind, key, address, language and message id' using errcode = 'ERX02';
  end if;
  return new;
end
$$;
comment on function public.keep_mail() is
  'Trigger: what tells one mail from another does not change, so that receivers can recognise one that arrives twice.';
create trigger mails_keep before update on public.mails
  for each row execute function public.keep_mail();

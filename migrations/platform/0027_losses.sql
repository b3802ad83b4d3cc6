-- A lost dispute takes what is in the credit balance before the invoice, and events whose processors die are counted.

alter table public.disputes
  add column charged_minor bigint not null default 0 check (charged_minor >= 0),
  add constraint disputes_parts_ck check (charged_minor + reopened_minor <= amount_minor and (status = 'lost' or charged_minor = 0));
comment on column public.disputes.charged_minor is
  'Of one that is lost: what credit notes had brought to the credit balance; what is neither this nor reopened was overpaid.';

alter table public.webhook_events
  add column lost integer not null default 0 check (lost >= 0);
comment on column public.webhook_events.lost is 'How often a processor was gone, or silent, that had it in hand. Not an attempt: the event need not be the reason.';

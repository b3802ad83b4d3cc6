-- The inbox of webhooks: what a parked event waits for, whose lease is to be looked at, and payments that begin as failed.

insert into public.state_moves (thing, from_state, to_state) values
  -- The first that is told of a payment may be that it failed.
  ('payment', null, 'failed');

create index webhook_events_waiting_idx on public.webhook_events (provider, (detail ->> 'provider_payment_id')) where status = 'parked';
comment on index public.webhook_events_waiting_idx is
  'Events that say something about a payment nobody knew when they came: they are taken up once it is booked.';
create index webhook_events_held_idx on public.webhook_events (lease_until) where lease_until is not null;

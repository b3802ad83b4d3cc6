-- What is laid aside for a person is done with once that person says so.

insert into public.state_moves (thing, from_state, to_state) values
  ('webhook_event', 'parked', 'ignored'),
  ('webhook_event', 'failed', 'ignored');

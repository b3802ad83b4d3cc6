-- Which states a thing may have and which moves are legal: data, enforced by one trigger for every table.

create extension if not exists btree_gist with schema public;

create table public.state_moves (
  thing text not null,
  from_state text,
  to_state text not null,
  unique nulls not distinct (thing, from_state, to_state)
);
comment on table public.state_moves is
  'Every legal move of a state, one row each; from_state null: a state a new row may begin in. Read by the trigger enforce_state_move.';

insert into public.state_moves (thing, from_state, to_state) values
  ('tenant', null, 'pending'),
  ('tenant', null, 'provisioning'),
  ('tenant', 'pending', 'provisioning'),
  ('tenant', 'provisioning', 'active'),
  ('tenant', 'provisioning', 'failed'),
  ('tenant', 'failed', 'provisioning'),
  ('tenant', 'active', 'suspended'),
  ('tenant', 'suspended', 'active'),
  ('tenant', 'active', 'archived'),
  ('tenant', 'suspended', 'archived'),
  ('tenant', 'archived', 'active'),
  ('tenant', 'active', 'restoring'),
  ('tenant', 'suspended', 'restoring'),
  ('tenant', 'archived', 'restoring'),
  ('tenant', 'restoring', 'active'),
  ('tenant', 'restoring', 'suspended'),
  ('tenant', 'restoring', 'archived'),
  ('tenant', 'restoring', 'failed'),
  ('tenant', 'archived', 'deleting'),
  ('tenant', 'failed', 'deleting'),
  ('tenant', 'deleting', 'deleted'),
  ('subscription', null, 'trialing'),
  ('subscription', null, 'active'),
  ('subscription', 'trialing', 'active'),
  ('subscription', 'active', 'past_due'),
  ('subscription', 'past_due', 'active'),
  ('subscription', 'past_due', 'suspended'),
  ('subscription', 'suspended', 'active'),
  ('subscription', 'trialing', 'cancelled'),
  ('subscription', 'active', 'cancelled'),
  ('subscription', 'past_due', 'cancelled'),
  ('subscription', 'suspended', 'cancelled'),
  ('user', null, 'invited'),
  ('user', null, 'active'),
  ('user', 'invited', 'active'),
  ('user', 'active', 'disabled'),
  ('user', 'disabled', 'active'),
  ('membership', null, 'invited'),
  ('membership', null, 'active'),
  ('membership', 'invited', 'active'),
  ('membership', 'active', 'removed'),
  ('invitation', null, 'pending'),
  ('invitation', 'pending', 'accepted'),
  ('invitation', 'pending', 'revoked'),
  ('invitation', 'pending', 'expired'),
  ('job', null, 'queued'),
  ('job', 'queued', 'running'),
  ('job', 'queued', 'cancelled'),
  ('job', 'running', 'succeeded'),
  ('job', 'running', 'failed'),
  ('job', 'running', 'cancelled'),
  ('job', 'running', 'queued'),
  ('job', 'failed', 'queued');

create function public.enforce_state_move() returns trigger language plpgsql as $$
declare
  thing_name text := tg_argv[0];
  from_status text := null;
begin
  if tg_op = 'UPDATE' then
    if new.status = old.status then
      return new;
    end if;
    from_status := old.status;
  end if;
  if not exists (
    select 1 from public.state_moves m
    where m.thing = thing_name and m.from_state is not distinct from from_status and m.to_state = new.status
  ) then
    raise exception 'a % does not move from % to %', thing_name, coalesce(from_status, 'nothing'), new.status
      using errcode = 'ERX02', hint = 'The legal moves are in public.state_moves';
  end if;
  return new;
end
$$;
comment on function public.enforce_state_move() is
  'Trigger: refuses (SQLSTATE ERX02) a change of status that state_moves does not list. Argument: the thing.';

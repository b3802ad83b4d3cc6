-- What a subscription is at every moment: rules that hold against psql too, and the cycles it has had.

-- The first day not billed yet may lie in an earlier cycle, which had another anchor: it is not forgotten there.
alter table public.subscriptions drop constraint subscriptions_next_ck;
alter table public.subscriptions add constraint subscriptions_next_ck
  check (next_billing_on >= started_on and (status <> 'trialing' or next_billing_on = anchor_date));
alter table public.subscriptions add constraint subscriptions_trial_length_ck check (trial_ends_on <= started_on + 365);
alter table public.subscriptions add constraint subscriptions_cancel_ck
  check (cancel_on >= started_on and (status <> 'cancelled' or cancel_on is not null));
comment on column public.subscriptions.cancel_on is
  'The first day without it: in the future while it is to end, and the day it ended once it is cancelled.';

-- `subscription apply` asks every day what is due, of a whole fleet.
create index subscriptions_trial_idx on public.subscriptions (trial_ends_on) where status = 'trialing';
create index subscriptions_cancel_idx on public.subscriptions (cancel_on) where cancel_on is not null and status <> 'cancelled';

create function public.check_item_price() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from public.prices p join public.subscriptions s on s.id = new.subscription_id
    where p.id = new.price_id and p.product_kind = new.kind and p.product_code = new.product_code and p.currency = s.currency
  ) then
    raise exception 'the price of the % % is not one of it in the currency of its subscription', new.kind, new.product_code
      using errcode = 'check_violation', constraint = 'subscription_items_price';
  end if;
  return new;
end
$$;
comment on function public.check_item_price() is
  'Trigger: an item has a price of its own product, in the currency of its subscription.';
create trigger subscription_items_price before insert or update of subscription_id, kind, product_code, price_id
  on public.subscription_items for each row execute function public.check_item_price();

create function public.refuse_other_currency() returns trigger language plpgsql as $$
begin
  raise exception 'the currency of a subscription stays' using errcode = 'check_violation', constraint = 'subscriptions_currency';
end
$$;
create trigger subscriptions_currency before update of currency on public.subscriptions
  for each row when (old.currency <> new.currency) execute function public.refuse_other_currency();

create function public.check_subscription_whole() returns trigger language plpgsql as $$
declare
  held public.subscriptions;
begin
  if tg_table_name = 'subscriptions' then
    select * into held from public.subscriptions where id = new.id;
  else
    select * into held from public.subscriptions where id = coalesce(new.subscription_id, old.subscription_id);
  end if;
  if not found then
    return null;
  end if;
  if held.status = 'cancelled' then
    if exists (select 1 from public.subscription_items i where i.subscription_id = held.id and not isempty(i.active)
               and (upper_inf(i.active) or upper(i.active) > held.cancel_on)) then
      raise exception 'a cancelled subscription holds nothing after its end'
        using errcode = 'check_violation', constraint = 'subscriptions_ended';
    end if;
    return null;
  end if;
  if not exists (select 1 from public.subscription_items i where i.subscription_id = held.id and i.kind = 'platform'
                 and upper_inf(i.active) and i.product_code = held.tier_code) then
    raise exception 'the tier of a subscription is that of the platform fee it holds, here %', held.tier_code
      using errcode = 'check_violation', constraint = 'subscriptions_tier';
  end if;
  if exists (select 1 from public.subscription_items i join public.prices p on p.id = i.price_id
             where i.subscription_id = held.id and upper_inf(i.active) and p.cycle <> held.cycle) then
    raise exception 'what a subscription holds is priced for its cycle, here %', held.cycle
      using errcode = 'check_violation', constraint = 'subscriptions_cycle';
  end if;
  return null;
end
$$;
comment on function public.check_subscription_whole() is
  'Trigger, at the end of a transaction: tier and cycle of a running subscription are those of what it holds, and one that is cancelled holds nothing any more.';
create constraint trigger subscriptions_whole after insert or update of status, tier_code, cycle, cancel_on
  on public.subscriptions deferrable initially deferred
  for each row execute function public.check_subscription_whole();
create constraint trigger subscription_items_whole after insert or update or delete
  on public.subscription_items deferrable initially deferred
  for each row execute function public.check_subscription_whole();

create function public.refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception 'a % that has been decided stays as it is', tg_argv[0] using errcode = 'ERX02';
end
$$;
comment on function public.refuse_rewriting() is 'Trigger: what has happened is not written anew. Argument: the thing.';
create trigger subscription_changes_decided before update on public.subscription_changes
  for each row when (old.status <> 'scheduled' and old.* is distinct from new.*)
  execute function public.refuse_rewriting('subscription change');
-- Rows go with their subscription, and in no other way.
create trigger subscription_changes_kept before delete on public.subscription_changes
  for each row when (pg_trigger_depth() = 0) execute function public.refuse_rewriting('subscription change');
create trigger subscription_changes_no_truncate before truncate on public.subscription_changes
  for each statement execute function public.refuse_change();

alter table public.subscription_changes add constraint subscription_changes_cycle_ck
  check (kind <> 'cycle' or status <> 'applied' or before ? 'cycle' and before ? 'anchor_date');

create view public.subscription_terms as
with turns as (
  select subscription_id, effective_on, decided_at, before ->> 'cycle' as cycle, (before ->> 'anchor_date')::date as anchor_date
  from public.subscription_changes where kind = 'cycle' and status = 'applied'
  union all
  select id, null, null, cycle, anchor_date from public.subscriptions
)
select * from (
  select t.subscription_id, t.cycle, t.anchor_date,
         daterange(coalesce(lag(t.effective_on) over by_day, s.started_on), t.effective_on) as days
  from turns t join public.subscriptions s on s.id = t.subscription_id
  window by_day as (partition by t.subscription_id order by t.effective_on nulls last, t.decided_at)
) terms
where not isempty(days);
comment on view public.subscription_terms is
  'The cycles a subscription has had: over which days its periods were counted how, and from which anchor.';

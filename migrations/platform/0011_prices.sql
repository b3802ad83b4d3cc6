-- A price that somebody may have been quoted or charged stays as it was: only its end may be set.

create function public.keep_price() returns trigger language plpgsql as $$
begin
  if (new.id, new.product_kind, new.product_code, new.currency, new.cycle, new.amount_minor, lower(new.validity))
     is distinct from
     (old.id, old.product_kind, old.product_code, old.currency, old.cycle, old.amount_minor, lower(old.validity)) then
    raise exception 'a price is not rewritten: a new version closes it' using errcode = 'ERX02';
  end if;
  return new;
end
$$;
comment on function public.keep_price() is
  'Lets nothing of a price change but its last day: a new price is a row of its own.';
create trigger prices_kept before update on public.prices
  for each row execute function public.keep_price();

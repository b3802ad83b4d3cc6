-- Who is speaking to a provider just now, what was asked of it, and where the money of a refund or a lost dispute comes from.

insert into public.state_moves (thing, from_state, to_state) values
  -- A repeat of the request can find the page closed, or paid, by now.
  ('checkout', 'creating', 'expired'),
  ('checkout', 'creating', 'cancelled'),
  -- Given up as never made, and there all the same.
  ('checkout', 'failed', 'open'),
  ('refund', 'failed', 'succeeded'),
  ('refund', 'failed', 'pending');

alter table public.checkouts
  add column request jsonb check (jsonb_typeof(request) = 'object'),
  add column holder jsonb,
  add column lease_until timestamptz,
  add constraint checkouts_lease_ck check ((holder is null) = (lease_until is null));
comment on column public.checkouts.request is
  'What the provider is asked for, so that a repeat asks for the same: a key of idempotency stands for one request. Gone once the outcome is known.';
comment on column public.checkouts.holder is 'The process that waits for the answer of the provider; another one takes over once it is gone or its lease is over.';

create function public.let_go_of_checkout() returns trigger language plpgsql as $$
begin
  -- The particulars of the customer are kept no longer than it takes.
  new.request := null;
  new.holder := null;
  new.lease_until := null;
  return new;
end
$$;
comment on function public.let_go_of_checkout() is 'Trigger: once the outcome is known nobody waits for it.';
create trigger checkouts_settled before update on public.checkouts
  for each row when (new.status not in ('creating', 'unknown')) execute function public.let_go_of_checkout();

alter table public.refunds
  add column charged_minor bigint not null default 0 check (charged_minor >= 0),
  add column reopened_minor bigint not null default 0 check (reopened_minor >= 0),
  add column refunded_on date not null default public.supplier_today(current_date),
  add column holder jsonb,
  add column lease_until timestamptz,
  add constraint refunds_lease_ck check ((holder is null) = (lease_until is null)),
  add constraint refunds_parts_ck check (charged_minor + reopened_minor <= amount_minor);
comment on column public.refunds.charged_minor is 'The part of it that credit notes had brought to the credit balance; what is neither this nor reopened was overpaid.';
comment on column public.refunds.reopened_minor is 'The part of it that was taken back from the invoice, which is open again by so much.';
comment on column public.refunds.refunded_on is 'The day the money left the book where the supplier is: of its order, or, for one made at the provider alone, of its making.';
comment on table public.refunds is
  'Money given back of a payment. Written before the provider is asked; reference makes a second request the same one. It counts in payments.refunded_minor, and has left the credit balance, from its order on, so that nothing else takes the money meanwhile; one that fails does not count any more.';

alter table public.disputes
  add column reopened_minor bigint not null default 0 check (reopened_minor between 0 and amount_minor),
  add column lost_on date,
  add constraint disputes_lost_ck check ((status = 'lost') = (lost_on is not null) and (status = 'lost' or reopened_minor = 0));
comment on column public.disputes.reopened_minor is 'Of one that is lost: what it took from the invoice, which is open again by so much; the rest left the credit balance.';
comment on column public.disputes.lost_on is 'The day the money was taken back in the book, where the supplier is.';

-- Money of a refund that did not arrive comes back to the credit balance.
alter table public.credit_ledger
  add column moved_on date,
  drop constraint credit_ledger_kind_check,
  drop constraint credit_ledger_source_ck,
  add constraint credit_ledger_kind_check check (kind in ('credit_note', 'overpayment', 'applied', 'refunded', 'released', 'refund_failed')),
  add constraint credit_ledger_source_ck check (
    case kind
      when 'credit_note' then amount_minor > 0 and credit_note_id is not null
      when 'overpayment' then amount_minor > 0 and payment_id is not null
      when 'refund_failed' then amount_minor > 0 and payment_id is not null
      when 'applied' then amount_minor < 0 and invoice_id is not null
      when 'released' then amount_minor > 0 and invoice_id is not null
      else amount_minor < 0 and payment_id is not null
    end);
comment on column public.credit_ledger.moved_on is
  'The day of a movement that no document or payment dates, where the supplier is: of money that goes back, or comes back.';

create or replace function public.check_payment_whole(paid uuid) returns void language plpgsql as $$
begin
  if exists (
    select 1 from public.payments p
    where p.id = paid and case when p.status = 'succeeded' then p.amount_minor - p.refunded_minor else 0 end <> p.applied_minor + (
      select coalesce(sum(l.amount_minor), 0) from public.credit_ledger l
      where l.payment_id = p.id and l.kind in ('overpayment', 'refunded', 'refund_failed') and l.tenant_id = p.tenant_id and l.currency = p.currency)
  ) then
    raise exception 'what came in pays its invoice, goes to the credit balance or is given back, all of it' using errcode = 'ERX03';
  end if;
end
$$;

create or replace function public.check_whole() returns trigger language plpgsql as $$
begin
  case tg_table_name
    when 'credit_notes' then perform public.check_credit_note_whole(new.id);
    when 'payments' then perform public.check_payment_whole(new.id);
    when 'invoices' then perform public.check_credit_use_whole(new.id);
    else case new.kind
      when 'credit_note' then perform public.check_credit_note_whole(new.credit_note_id);
      when 'overpayment', 'refunded', 'refund_failed' then perform public.check_payment_whole(new.payment_id);
      else perform public.check_credit_use_whole(new.invoice_id);
    end case;
  end case;
  return null;
end
$$;

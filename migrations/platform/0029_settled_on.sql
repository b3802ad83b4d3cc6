-- The day of what settles an invoice beside money, so that a book is cut by days of the supplier and not by when a row came.

alter table public.settlement_lines add column settled_on date;

alter table public.settlement_lines disable trigger settlement_lines_kept;
update public.settlement_lines l
set settled_on = coalesce(
  (select p.received_on from public.payments p where p.id = l.payment_id),
  (l.created_at at time zone coalesce((select s.time_zone from public.billing_suppliers s where s.validity @> l.created_at::date), 'UTC'))::date
);
alter table public.settlement_lines enable trigger settlement_lines_kept;

alter table public.settlement_lines
  alter column settled_on set default public.supplier_today(current_date),
  alter column settled_on set not null;
comment on column public.settlement_lines.settled_on is
  'The day it settles where the supplier is: that of the payment it came with, or the one that is said.';

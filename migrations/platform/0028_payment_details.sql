-- How the supplier is paid by bank, as its invoices print it.

alter table public.billing_suppliers
  add column payment_details text check (length(payment_details) between 1 and 300 and payment_details !~ '[[:cntrl:]]');
comment on column public.billing_suppliers.payment_details is
  'Account, bank and code in words for the customer; copied into each invoice at its issue, as the rest of the supplier is.';

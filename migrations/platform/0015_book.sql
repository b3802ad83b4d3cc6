-- The book: what was invoiced, credited and paid. Issued documents do not change, a day is charged once, money does
-- not exceed what it settles: for every client, psql included.

insert into public.state_moves (thing, from_state, to_state) values
  ('invoice', null, 'open'),
  ('invoice', null, 'paid'),
  ('invoice', 'open', 'paid'),
  ('invoice', 'open', 'void'),
  ('invoice', 'open', 'uncollectible'),
  ('invoice', 'uncollectible', 'paid'),
  ('invoice', 'uncollectible', 'void'),
  ('invoice', 'paid', 'open'),
  ('invoice', 'paid', 'void'),
  ('payment', null, 'pending'),
  ('payment', null, 'succeeded'),
  ('payment', 'pending', 'succeeded'),
  ('payment', 'pending', 'failed'),
  ('payment', 'pending', 'unknown'),
  ('payment', 'unknown', 'succeeded'),
  ('payment', 'unknown', 'failed'),
  ('payment', 'failed', 'succeeded'),
  ('billing_run', null, 'running'),
  ('billing_run', 'running', 'succeeded'),
  ('billing_run', 'running', 'partial'),
  ('billing_run', 'running', 'failed');

create table public.number_series (
  kind text not null check (kind in ('invoice', 'credit_note')),
  prefix text not null check (prefix ~ '^[A-Z1-9][A-Z0-9/-]*$'),
  year_label text not null check (year_label ~ '^[0-9]{2}(-[0-9]{2})?$'),
  last_number bigint not null default 0,
  last_issue_date date,
  issued bigint not null default 0,
  primary key (kind, prefix, year_label),
  constraint number_series_issued_ck check (issued between 0 and last_number),
  constraint number_series_date_ck check ((last_number = 0) = (last_issue_date is null))
);
comment on table public.number_series is
  'The counter of a series of documents in one financial year. Locked in a statement of its own before its numbers are used, so that they are consecutive whatever is rolled back.';
comment on column public.number_series.issued is
  'How many documents of the series are there with all their lines; the triggers of the lines keep it. At COMMIT it is last_number: since no document has a number twice or beyond it, there is no gap.';

create table public.closed_months (
  month date primary key check (extract(day from month) = 1),
  operator text not null,
  closed_at timestamptz not null default clock_timestamp()
);
comment on table public.closed_months is 'Months into which nothing is issued, voided or credited any more.';

create table public.billing_runs (
  id uuid primary key default gen_random_uuid(),
  status text not null,
  as_of date,
  issue_date date not null,
  operator text not null,
  holder jsonb,
  lease_until timestamptz,
  generation integer not null default 1,
  tenants integer not null default 0,
  invoiced integer not null default 0,
  nothing_due integer not null default 0,
  parked integer not null default 0,
  skipped integer not null default 0,
  invoices integer not null default 0,
  credit_notes integer not null default 0,
  sums jsonb not null default '{}',
  error jsonb,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint billing_runs_lease_ck check ((status = 'running') = (holder is not null and lease_until is not null)),
  constraint billing_runs_balance_ck check (status not in ('succeeded', 'partial') or tenants = invoiced + nothing_due + parked + skipped)
);
comment on table public.billing_runs is
  'Runs of the biller. One at a time: the running row is the lock, its lease is on the database''s clock and its generation is checked in each batch.';
create unique index billing_runs_running_key on public.billing_runs ((true)) where status = 'running';
create index billing_runs_started_idx on public.billing_runs (started_at desc);
create trigger billing_runs_state_move before insert or update of status on public.billing_runs
  for each row execute function public.enforce_state_move('billing_run');

create table public.parked_accounts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  run_id uuid references public.billing_runs (id) on delete restrict,
  code text not null,
  reason text not null,
  details jsonb not null default '{}',
  parked_at timestamptz not null default clock_timestamp(),
  released_at timestamptz,
  released_by text,
  constraint parked_accounts_released_ck check ((released_at is null) = (released_by is null))
);
comment on table public.parked_accounts is
  'Tenants the biller leaves alone until somebody has looked: billed again once released.';
create unique index parked_accounts_open_key on public.parked_accounts (tenant_id) where released_at is null;
create index parked_accounts_tenant_idx on public.parked_accounts (tenant_id);
create index parked_accounts_run_idx on public.parked_accounts (run_id);

create table public.invoices (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  subscription_id uuid references public.subscriptions (id) on delete restrict,
  kind text not null check (kind in ('cycle', 'change', 'manual')),
  status text not null,
  number text not null unique,
  period daterange check (not isempty(period)),
  issue_date date not null,
  due_date date check (due_date >= issue_date),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  supplier jsonb not null,
  recipient jsonb not null,
  tax_regime text not null check (tax_regime in ('in_gst', 'eu_vat', 'other')),
  supply text not null,
  place_of_supply jsonb,
  reverse_charge boolean not null default false,
  endorsement text,
  lut text,
  exchange jsonb,
  taxable_minor bigint not null check (taxable_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  total_minor bigint not null check (total_minor > 0),
  credit_applied_minor bigint not null default 0 check (credit_applied_minor >= 0),
  paid_minor bigint not null default 0 check (paid_minor >= 0),
  settled_minor bigint not null default 0 check (settled_minor >= 0),
  credited_minor bigint not null default 0 check (credited_minor >= 0),
  template text not null default 'v1',
  language text not null,
  run_id uuid references public.billing_runs (id) on delete restrict,
  void_reason text,
  sent_at timestamptz,
  irn text check (irn ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default clock_timestamp(),
  finalized_at timestamptz,
  constraint invoices_total_ck check (total_minor = taxable_minor + tax_minor),
  constraint invoices_money_ck check (credit_applied_minor + paid_minor + settled_minor + credited_minor <= total_minor),
  constraint invoices_paid_ck check (
    status = 'void' or (status = 'paid') = (credit_applied_minor + paid_minor + settled_minor + credited_minor = total_minor)),
  constraint invoices_period_ck check ((kind = 'cycle') = (period is not null)),
  constraint invoices_number_ck check (
    number ~ '^[A-Z1-9][A-Z0-9/-]*/[0-9]{2}(-[0-9]{2})?/([0-9]{5}|[1-9][0-9]{5,})$' and length(number) <= 16),
  constraint invoices_void_ck check ((status = 'void') = (void_reason is not null))
);
comment on column public.invoices.irn is 'The reference number under which the portal of India''s e-invoices has registered it; null where it has not.';
comment on table public.invoices is
  'Invoices as they were issued, with the particulars of both sides at that moment. After issue only what was paid, settled, credited and the state may change.';
create unique index invoices_cycle_key on public.invoices (subscription_id, period) where kind = 'cycle' and status <> 'void';
create index invoices_tenant_idx on public.invoices (tenant_id, issue_date desc);
create index invoices_subscription_idx on public.invoices (subscription_id);
create index invoices_issue_idx on public.invoices (issue_date, id);
create index invoices_open_idx on public.invoices (due_date) where status = 'open';
create index invoices_run_idx on public.invoices (run_id);
create trigger invoices_state_move before insert or update of status on public.invoices
  for each row execute function public.enforce_state_move('invoice');

create table public.invoice_lines (
  id uuid primary key default gen_random_uuid(),
  invoice_id uuid not null references public.invoices (id) on delete restrict,
  position smallint not null check (position > 0),
  item_id uuid references public.subscription_items (id) on delete restrict,
  description text not null,
  sac text,
  period daterange check (not isempty(period)),
  full_period daterange check (full_period @> period),
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  taxable_minor bigint not null check (taxable_minor > 0),
  tax_minor bigint not null check (tax_minor >= 0),
  taxes jsonb not null default '[]',
  credited_minor bigint not null default 0,
  live boolean not null default true,
  unique (invoice_id, position),
  constraint invoice_lines_credit_ck check (credited_minor between 0 and taxable_minor),
  constraint invoice_lines_prorated_ck check (
    item_id is null or taxable_minor = (2 * unit_price_minor * (upper(period) - lower(period)) + (upper(full_period) - lower(full_period)))
                                       / (2 * (upper(full_period) - lower(full_period)))),
  constraint invoice_lines_item_ck check (item_id is null or (period is not null and full_period is not null)),
  constraint invoice_lines_charged_once exclude using gist (item_id with =, period with &&) where (live and item_id is not null)
);
comment on table public.invoice_lines is
  'What was charged: an item for days of its full period at a price of that period. A day of an item is charged once; a void invoice frees its days.';
comment on constraint invoice_lines_prorated_ck on public.invoice_lines is
  'Price x days / days of the full period, rounded half up once.';
comment on column public.invoice_lines.taxes is 'Per head: [{"head":"CGST","rate":"9","amount_minor":905}]; each rounded half up on the net of this line.';

create table public.credit_notes (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  invoice_id uuid not null references public.invoices (id) on delete restrict,
  number text not null unique,
  issue_date date not null,
  currency char(3) not null,
  reason text not null check (reason <> ''),
  taxed boolean not null,
  taxable_minor bigint not null check (taxable_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  total_minor bigint not null check (total_minor > 0),
  applied_minor bigint not null default 0 check (applied_minor between 0 and total_minor),
  run_id uuid references public.billing_runs (id) on delete restrict,
  created_at timestamptz not null default clock_timestamp(),
  constraint credit_notes_total_ck check (total_minor = taxable_minor + tax_minor and (taxed or tax_minor = 0)),
  constraint credit_notes_number_ck check (
    number ~ '^[A-Z1-9][A-Z0-9/-]*/[0-9]{2}(-[0-9]{2})?/([0-9]{5}|[1-9][0-9]{5,})$' and length(number) <= 16)
);
comment on column public.credit_notes.taxed is
  'Whether the tax goes down with the net. One without tax is commercial: what is left once GST no longer allows its credit notes.';
comment on table public.credit_notes is
  'Credits against one invoice each. applied_minor lowered what was owed on it; the rest went to the credit balance.';
create index credit_notes_invoice_idx on public.credit_notes (invoice_id);
create index credit_notes_tenant_idx on public.credit_notes (tenant_id, issue_date desc);
create index credit_notes_run_idx on public.credit_notes (run_id);

create table public.credit_note_lines (
  id uuid primary key default gen_random_uuid(),
  credit_note_id uuid not null references public.credit_notes (id) on delete restrict,
  position smallint not null check (position > 0),
  invoice_line_id uuid not null references public.invoice_lines (id) on delete restrict,
  adjustment_id uuid references public.subscription_adjustments (id) on delete restrict,
  description text not null,
  sac text,
  period daterange check (not isempty(period)),
  taxable_minor bigint not null check (taxable_minor > 0),
  tax_minor bigint not null check (tax_minor >= 0),
  taxes jsonb not null default '[]',
  unique (credit_note_id, position),
  constraint credit_note_lines_once exclude using gist (invoice_line_id with =, period with &&) where (period is not null)
);
comment on table public.credit_note_lines is 'What is given back of a line; a day of it once.';
create index credit_note_lines_line_idx on public.credit_note_lines (invoice_line_id);
create index credit_note_lines_adjustment_idx on public.credit_note_lines (adjustment_id);

create table public.payments (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  invoice_id uuid references public.invoices (id) on delete restrict,
  status text not null,
  provider text not null check (provider in ('manual', 'stripe', 'razorpay')),
  provider_payment_id text not null,
  method text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  applied_minor bigint not null default 0 check (applied_minor between 0 and amount_minor),
  refunded_minor bigint not null default 0 check (refunded_minor between 0 and amount_minor),
  received_on date,
  reference text,
  operator text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (provider, provider_payment_id),
  constraint payments_applied_ck check (applied_minor = 0 or (status = 'succeeded' and invoice_id is not null)),
  constraint payments_refunded_ck check (refunded_minor = 0 or status = 'succeeded')
);
comment on table public.payments is
  'Money that came in or was tried, once for each payment of a provider. applied_minor went to the invoice, the rest to the credit balance.';
create index payments_invoice_idx on public.payments (invoice_id);
create index payments_tenant_idx on public.payments (tenant_id, created_at desc);
create trigger payments_state_move before insert or update of status on public.payments
  for each row execute function public.enforce_state_move('payment');

create table public.settlement_lines (
  id uuid primary key default gen_random_uuid(),
  invoice_id uuid not null references public.invoices (id) on delete restrict,
  payment_id uuid references public.payments (id) on delete restrict,
  kind text not null check (kind in ('tds', 'bank_charges', 'round_off', 'write_off')),
  amount_minor bigint not null check (amount_minor > 0),
  section text,
  certificate text,
  note text,
  operator text not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint settlement_lines_tds_ck check (case kind when 'tds' then section is not null else section is null and certificate is null end)
);
comment on table public.settlement_lines is
  'What settles an invoice beside money: tax withheld at source with its section, bank charges, rounding, write-offs.';
create index settlement_lines_invoice_idx on public.settlement_lines (invoice_id);
create index settlement_lines_payment_idx on public.settlement_lines (payment_id);

create table public.credit_balances (
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  currency char(3) not null,
  balance_minor bigint not null default 0 check (balance_minor >= 0),
  primary key (tenant_id, currency)
);
comment on table public.credit_balances is 'What a tenant has to its credit: the sum of its ledger, kept by the ledger''s trigger; never negative.';

create table public.credit_ledger (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references public.tenants (id) on delete restrict,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor <> 0),
  kind text not null check (kind in ('credit_note', 'overpayment', 'applied', 'refunded', 'released')),
  credit_note_id uuid references public.credit_notes (id) on delete restrict,
  invoice_id uuid references public.invoices (id) on delete restrict,
  payment_id uuid references public.payments (id) on delete restrict,
  at timestamptz not null default clock_timestamp(),
  constraint credit_ledger_source_ck check (
    case kind
      when 'credit_note' then amount_minor > 0 and credit_note_id is not null
      when 'overpayment' then amount_minor > 0 and payment_id is not null
      when 'applied' then amount_minor < 0 and invoice_id is not null
      when 'released' then amount_minor > 0 and invoice_id is not null
      else amount_minor < 0 and payment_id is not null
    end)
);
comment on table public.credit_ledger is 'Every movement of a tenant''s credit balance, oldest first. Append only.';
create unique index credit_ledger_note_key on public.credit_ledger (credit_note_id) where kind = 'credit_note';
create unique index credit_ledger_applied_key on public.credit_ledger (invoice_id) where kind = 'applied';
create unique index credit_ledger_released_key on public.credit_ledger (invoice_id) where kind = 'released';
create index credit_ledger_tenant_idx on public.credit_ledger (tenant_id, currency, id);
create index credit_ledger_invoice_idx on public.credit_ledger (invoice_id);
create index credit_ledger_payment_idx on public.credit_ledger (payment_id);

-- What follows are the rules that need more than one row to judge. Errors: ERX03, what was issued or booked does not
-- change, or does not add up; ERX04, the month is closed. Where many rows come at once, a statement is judged as a whole.

create function public.supplier_today(issued date) returns date language sql stable as $$
  select (coalesce(nullif(current_setting('erpmax.now', true), '')::timestamptz, clock_timestamp()) at time zone
          coalesce((select s.time_zone from public.billing_suppliers s where s.validity @> issued), 'UTC'))::date
$$;
comment on function public.supplier_today(date) is
  'The day it is where the supplier is that was in force on a day. The program''s clock is in erpmax.now of the transaction; whoever writes by hand has the database''s.';

create function public.hold_open_months() returns void language sql as $$
  select pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtextextended('public.closed_months', 0))
$$;
comment on function public.hold_open_months() is
  'Until the end of the transaction no month is closed: whoever issues or voids looks first, and what he saw stays true.';

create function public.close_month() returns trigger language plpgsql as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('public.closed_months', 0));
  if new.month + interval '1 month' > public.supplier_today(new.month) then
    raise exception 'the month % is not over', to_char(new.month, 'YYYY-MM') using errcode = 'ERX04';
  end if;
  return new;
end
$$;
comment on function public.close_month() is 'Trigger: only a month that is over is closed, once everybody who issues into it is done.';
create trigger closed_months_over before insert on public.closed_months
  for each row execute function public.close_month();

-- Series of numbers.

create function public.series_prefix(number text) returns text language sql immutable parallel safe as $$
  select left(number, -length(split_part(number, '/', -1)) - length(split_part(number, '/', -2)) - 2)
$$;
comment on function public.series_prefix(text) is 'ERP of ERP/26-27/00001.';

create function public.keep_series() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.issued <> 0 then
      raise exception 'a series begins without documents' using errcode = 'ERX03';
    end if;
  elsif (new.kind, new.prefix, new.year_label) is distinct from (old.kind, old.prefix, old.year_label)
     or new.last_number < old.last_number or new.last_issue_date < old.last_issue_date
     or (new.issued <> old.issued and pg_trigger_depth() < 2) then
    raise exception 'the series % % goes on: its numbers and days do not go back', old.prefix, old.year_label using errcode = 'ERX03';
  end if;
  return new;
end
$$;
create trigger number_series_kept before insert or update on public.number_series
  for each row execute function public.keep_series();

create function public.refuse_gap() returns trigger language plpgsql as $$
declare
  series public.number_series;
begin
  select * into series from public.number_series
  where kind = new.kind and prefix = new.prefix and year_label = new.year_label;
  if series.issued <> series.last_number then
    raise exception '% numbers of the series % % were taken, and % documents are there with their lines',
      series.last_number, series.prefix, series.year_label, series.issued using errcode = 'ERX03';
  end if;
  return null;
end
$$;
comment on function public.refuse_gap() is 'Trigger, at the end of a transaction: every number that was taken has its document, and that has its lines.';
create constraint trigger number_series_gapless after insert or update on public.number_series
  deferrable initially deferred for each row execute function public.refuse_gap();

-- Documents as they come in.

create function public.check_new_documents() returns trigger language plpgsql as $$
declare
  odd text;
begin
  perform public.hold_open_months();
  if exists (select 1 from added a join public.closed_months c on c.month = date_trunc('month', a.issue_date)::date) then
    raise exception 'the month is closed' using errcode = 'ERX04';
  end if;
  select a.number into odd
  from added a left join public.number_series s
    on s.kind = tg_argv[0] and s.prefix = public.series_prefix(a.number) and s.year_label = split_part(a.number, '/', -2)
  where s.kind is null or split_part(a.number, '/', -1)::bigint not between 1 and s.last_number
     or a.issue_date < s.last_issue_date
     or s.year_label <> case when length(s.year_label) = 2 then to_char(a.issue_date, 'YY')
                             else to_char(a.issue_date - interval '3 months', 'YY') || '-' || to_char(a.issue_date + interval '9 months', 'YY') end
  limit 1;
  if found then
    raise exception 'the number % was not taken from its series, on a day of its year and not before the last one', odd using errcode = 'ERX03';
  end if;
  return null;
end
$$;
comment on function public.check_new_documents() is
  'Trigger of a statement: the month is open, and the numbers are some that the series has given out. Argument: the kind of the series.';
create trigger invoices_numbered after insert on public.invoices
  referencing new table as added for each statement execute function public.check_new_documents('invoice');
create trigger credit_notes_numbered after insert on public.credit_notes
  referencing new table as added for each statement execute function public.check_new_documents('credit_note');

create function public.check_new_invoices() returns trigger language plpgsql as $$
begin
  if exists (select 1 from added where paid_minor + settled_minor + credited_minor > 0 or void_reason is not null or sent_at is not null) then
    raise exception 'an invoice begins unpaid and unsent' using errcode = 'ERX03';
  end if;
  return null;
end
$$;
create trigger invoices_fresh after insert on public.invoices
  referencing new table as added for each statement execute function public.check_new_invoices();

create function public.check_new_invoice_lines() returns trigger language plpgsql as $$
declare
  odd text;
begin
  with document as (
    select i.number,
           l.taxable = i.taxable_minor and l.tax = i.tax_minor and l.first = 1 and l.last = l.count and l.fresh
             and (i.kind = 'manual' or l.of_items) as sound
    from (select invoice_id, sum(taxable_minor) as taxable, sum(tax_minor) as tax, min(position) as first, max(position) as last, count(*),
                 bool_and(live and credited_minor = 0
                          and tax_minor = (select coalesce(sum((h ->> 'amount_minor')::bigint), 0) from jsonb_array_elements(taxes) h)) as fresh,
                 bool_and(item_id is not null) as of_items
          from added group by invoice_id) l
    join public.invoices i on i.id = l.invoice_id
  ), counted as (
    update public.number_series s set issued = s.issued + d.count
    from (select public.series_prefix(number) as prefix, split_part(number, '/', -2) as year_label, count(*) from document group by 1, 2) d
    where s.kind = 'invoice' and s.prefix = d.prefix and s.year_label = d.year_label
  )
  select number into odd from document where not sound limit 1;
  if found then
    raise exception 'the lines of invoice % come in one statement and sum up to it', odd using errcode = 'ERX03';
  end if;
  return null;
end
$$;
comment on function public.check_new_invoice_lines() is
  'Trigger of a statement: it brings all the lines of an invoice. Each brings the first position, and there is only one of that: a line cannot come later.';
create trigger invoice_lines_whole after insert on public.invoice_lines
  referencing new table as added for each statement execute function public.check_new_invoice_lines();

create function public.check_new_credit_note_lines() returns trigger language plpgsql as $$
declare
  odd text;
begin
  with document as (
    select c.number, l.taxable = c.taxable_minor and l.tax = c.tax_minor and l.first = 1 and l.last = l.count and l.own as sound
    from (select a.credit_note_id, sum(a.taxable_minor) as taxable, sum(a.tax_minor) as tax, min(a.position) as first, max(a.position) as last,
                 count(*), bool_and(i.invoice_id = n.invoice_id
                                    and a.tax_minor = (select coalesce(sum((h ->> 'amount_minor')::bigint), 0) from jsonb_array_elements(a.taxes) h)) as own
          from added a join public.credit_notes n on n.id = a.credit_note_id join public.invoice_lines i on i.id = a.invoice_line_id
          group by a.credit_note_id) l
    join public.credit_notes c on c.id = l.credit_note_id
  ), counted as (
    update public.number_series s set issued = s.issued + d.count
    from (select public.series_prefix(number) as prefix, split_part(number, '/', -2) as year_label, count(*) from document group by 1, 2) d
    where s.kind = 'credit_note' and s.prefix = d.prefix and s.year_label = d.year_label
  )
  select number into odd from document where not sound limit 1;
  if found then
    raise exception 'the lines of credit note % come in one statement, are those of its invoice and sum up to it', odd using errcode = 'ERX03';
  end if;
  update public.invoice_lines l set credited_minor = l.credited_minor + a.taxable
  from (select invoice_line_id, sum(taxable_minor) as taxable from added group by invoice_line_id) a
  where l.id = a.invoice_line_id;
  if exists (
    select 1 from (select distinct invoice_line_id from added) a join public.invoice_lines l on l.id = a.invoice_line_id
    where (select sum(c.tax_minor) from public.credit_note_lines c where c.invoice_line_id = l.id) > l.tax_minor
  ) then
    raise exception 'the credits exceed the tax that was charged' using errcode = 'ERX03';
  end if;
  return null;
end
$$;
comment on function public.check_new_credit_note_lines() is
  'Trigger of a statement: it brings all the lines of a credit note, and takes from the lines of the invoice what they give back: none goes below zero.';
create trigger credit_note_lines_whole after insert on public.credit_note_lines
  referencing new table as added for each statement execute function public.check_new_credit_note_lines();

-- What may still change on an issued document.

create function public.keep_issued_invoice() returns trigger language plpgsql as $$
declare
  booked constant text[] := array['paid_minor', 'settled_minor', 'credited_minor'];
  changing constant text[] := booked || array['status', 'sent_at', 'void_reason', 'irn'];
begin
  if to_jsonb(new) - changing is distinct from to_jsonb(old) - changing
     or (old.irn is not null and new.irn is distinct from old.irn) or (old.sent_at is not null and new.sent_at is distinct from old.sent_at)
     or (old.status = 'void' and new is distinct from old) then
    raise exception 'invoice % is issued and does not change', old.number using errcode = 'ERX03';
  end if;
  if (new.paid_minor, new.settled_minor, new.credited_minor) is distinct from (old.paid_minor, old.settled_minor, old.credited_minor)
     and pg_trigger_depth() < 2 then
    raise exception 'what is paid on invoice % follows from its payments, settlement lines and credit notes', old.number using errcode = 'ERX03';
  end if;
  if new.status = 'void' and old.status <> 'void' then
    perform public.hold_open_months();
    if old.paid_minor + old.settled_minor + old.credited_minor > 0 or old.sent_at is not null or old.irn is not null
       or exists (select 1 from public.credit_notes c where c.invoice_id = old.id) then
      raise exception 'invoice % is paid, credited, sent or registered: it is credited, not voided', old.number using errcode = 'ERX03';
    end if;
    if exists (select 1 from public.closed_months where month = date_trunc('month', old.issue_date)::date) then
      raise exception 'the month of invoice % is closed', old.number using errcode = 'ERX04';
    end if;
    if date_trunc('month', public.supplier_today(old.issue_date)) <> date_trunc('month', old.issue_date) then
      raise exception 'the month of invoice % is over: it is credited, not voided', old.number using errcode = 'ERX03';
    end if;
    update public.invoice_lines set live = false where invoice_id = old.id;
    -- Its days are not billed any more: the next run begins with them.
    update public.subscriptions s set next_billing_on = least(s.next_billing_on, f.first)
    from (select lower(period) as first from public.invoice_lines where invoice_id = old.id and item_id is not null order by period limit 1) f
    where s.id = old.subscription_id;
  end if;
  return new;
end
$$;
create trigger invoices_issued before update on public.invoices
  for each row execute function public.keep_issued_invoice();

create function public.release_applied_credit() returns trigger language plpgsql as $$
begin
  insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, invoice_id)
  values (new.tenant_id, new.currency, new.credit_applied_minor, 'released', new.id);
  return null;
end
$$;
comment on function public.release_applied_credit() is 'Trigger: what a void invoice took from the credit balance goes back.';
create trigger invoices_released after update of status on public.invoices
  for each row when (new.status = 'void' and old.status <> 'void' and new.credit_applied_minor > 0)
  execute function public.release_applied_credit();

create function public.keep_issued_line() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - array['live', 'credited_minor'] is distinct from to_jsonb(old) - array['live', 'credited_minor']
     or (new.live <> old.live and pg_trigger_depth() < 2)
     or (new.credited_minor <> old.credited_minor and pg_trigger_depth() < 2) then
    raise exception 'the lines of an issued invoice do not change' using errcode = 'ERX03';
  end if;
  return new;
end
$$;
create trigger invoice_lines_issued before update on public.invoice_lines
  for each row execute function public.keep_issued_line();

create function public.refuse_removal() returns trigger language plpgsql as $$
begin
  raise exception '% keeps what was issued', tg_table_name using errcode = 'ERX03';
end
$$;
create trigger number_series_stay before delete or truncate on public.number_series for each statement execute function public.refuse_removal();
create trigger billing_runs_kept before delete or truncate on public.billing_runs for each statement execute function public.refuse_removal();
create trigger invoices_kept before delete or truncate on public.invoices for each statement execute function public.refuse_removal();
create trigger invoice_lines_kept before delete or truncate on public.invoice_lines for each statement execute function public.refuse_removal();
create trigger credit_notes_kept before update or delete or truncate on public.credit_notes for each statement execute function public.refuse_removal();
create trigger credit_note_lines_kept before update or delete or truncate on public.credit_note_lines for each statement execute function public.refuse_removal();
create trigger settlement_lines_kept before update or delete or truncate on public.settlement_lines for each statement execute function public.refuse_removal();
create trigger credit_ledger_kept before update or delete or truncate on public.credit_ledger for each statement execute function public.refuse_removal();
create trigger payments_kept before delete or truncate on public.payments for each statement execute function public.refuse_removal();
create trigger closed_months_kept before update or delete or truncate on public.closed_months for each statement execute function public.refuse_removal();

-- What comes in for an invoice. Each statement adds its sums to the invoice, which is never overpaid by a constraint of
-- its own: of two that pay all of it at once, the second finds it paid and is refused.

create function public.settled_status(status text, open_minor bigint) returns text language sql immutable parallel safe as $$
  select case when status in ('open', 'uncollectible') and open_minor = 0 then 'paid'
              when status = 'paid' and open_minor > 0 then 'open' else status end
$$;
comment on function public.settled_status(text, bigint) is 'The state of an invoice of which so much is open.';

create function public.refuse_strange_source() returns trigger language plpgsql as $$
begin
  if exists (select 1 from added a join public.invoices i on i.id = a.invoice_id
             where i.tenant_id <> a.tenant_id or i.currency <> a.currency or (i.status = 'void' and tg_table_name = 'credit_notes')) then
    raise exception 'what is booked for an invoice is its tenant''s, in its currency, and no credit of a void one' using errcode = 'ERX03';
  end if;
  return null;
end
$$;
create trigger credit_notes_own after insert on public.credit_notes
  referencing new table as added for each statement execute function public.refuse_strange_source();
create trigger payments_own after insert on public.payments
  referencing new table as added for each statement execute function public.refuse_strange_source();
create trigger payments_own_still after update on public.payments
  referencing new table as added for each statement execute function public.refuse_strange_source();

create function public.book_credit_notes() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from added a join public.invoices i on i.id = a.invoice_id
    where a.taxed and i.tax_regime = 'in_gst'
      and a.issue_date > make_date(extract(year from i.issue_date + interval '9 months')::integer, 11, 30)
  ) then
    raise exception 'after 30 November following the financial year of the invoice a credit changes no GST (section 34(2) of the CGST Act)' using errcode = 'ERX03';
  end if;
  if exists (
    select 1 from (select distinct invoice_id from added) a join public.invoices i on i.id = a.invoice_id
    where (select sum(c.total_minor) from public.credit_notes c where c.invoice_id = i.id) > i.total_minor
  ) then
    raise exception 'the credits exceed what was charged' using errcode = 'ERX03';
  end if;
  update public.invoices i
  set credited_minor = i.credited_minor + a.amount,
      status = public.settled_status(i.status, i.total_minor - i.credit_applied_minor - i.paid_minor - i.settled_minor - i.credited_minor - a.amount)
  from (select invoice_id, sum(applied_minor)::bigint as amount from added group by invoice_id having sum(applied_minor) > 0) a
  where i.id = a.invoice_id;
  return null;
end
$$;
comment on function public.book_credit_notes() is 'Trigger of a statement: what credit notes give back lowers what is owed, as far as they say so.';
create trigger credit_notes_booked after insert on public.credit_notes
  referencing new table as added for each statement execute function public.book_credit_notes();

create function public.book_settlement_lines() returns trigger language plpgsql as $$
begin
  if exists (select 1 from added a join public.invoices i on i.id = a.invoice_id
             where i.status = 'void' or (a.kind = 'tds' and (i.currency <> 'INR' or i.supplier ->> 'country' is distinct from 'IN'))) then
    raise exception 'tax is withheld at source on rupee invoices of an Indian supplier, and nothing is settled on a void one' using errcode = 'ERX03';
  end if;
  update public.invoices i
  set settled_minor = i.settled_minor + a.amount,
      status = public.settled_status(i.status, i.total_minor - i.credit_applied_minor - i.paid_minor - i.settled_minor - i.credited_minor - a.amount)
  from (select invoice_id, sum(amount_minor)::bigint as amount from added group by invoice_id) a
  where i.id = a.invoice_id;
  return null;
end
$$;
create trigger settlement_lines_booked after insert on public.settlement_lines
  referencing new table as added for each statement execute function public.book_settlement_lines();

create function public.keep_payment() returns trigger language plpgsql as $$
declare
  changing constant text[] := array['applied_minor', 'refunded_minor', 'updated_at'];
begin
  if (new.id, new.tenant_id, new.provider) is distinct from (old.id, old.tenant_id, old.provider)
     or (old.status = 'succeeded' and to_jsonb(new) - changing is distinct from to_jsonb(old) - changing) then
    raise exception 'a payment that came in does not change' using errcode = 'ERX03';
  end if;
  return new;
end
$$;
create trigger payments_booked_once before update on public.payments
  for each row execute function public.keep_payment();

create function public.book_payments() returns trigger language plpgsql as $$
begin
  update public.invoices i
  set paid_minor = i.paid_minor + a.amount,
      status = public.settled_status(i.status, i.total_minor - i.credit_applied_minor - i.paid_minor - i.settled_minor - i.credited_minor - a.amount)
  from (select invoice_id, sum(applied_minor)::bigint as amount from added group by invoice_id having sum(applied_minor) > 0) a
  where i.id = a.invoice_id;
  return null;
end
$$;
create trigger payments_booked after insert on public.payments
  referencing new table as added for each statement execute function public.book_payments();

create function public.rebook_payments() returns trigger language plpgsql as $$
begin
  update public.invoices i
  set paid_minor = i.paid_minor + a.amount,
      status = public.settled_status(i.status, i.total_minor - i.credit_applied_minor - i.paid_minor - i.settled_minor - i.credited_minor - a.amount)
  from (select n.invoice_id, sum(n.applied_minor - o.applied_minor)::bigint as amount from added n join removed o on o.id = n.id
        where n.applied_minor <> o.applied_minor group by n.invoice_id) a
  where i.id = a.invoice_id;
  return null;
end
$$;
comment on function public.rebook_payments() is 'Trigger of a statement: a payment that has come in by now, or that is given back.';
create trigger payments_rebooked after update on public.payments
  referencing old table as removed new table as added for each statement execute function public.rebook_payments();

-- The credit balance.

create function public.keep_credit_balance() returns trigger language plpgsql as $$
begin
  insert into public.credit_balances (tenant_id, currency)
  select distinct tenant_id, currency from added order by tenant_id, currency on conflict do nothing;
  update public.credit_balances b set balance_minor = b.balance_minor + a.amount
  from (select tenant_id, currency, sum(amount_minor)::bigint as amount from added group by tenant_id, currency) a
  where b.tenant_id = a.tenant_id and b.currency = a.currency;
  return null;
end
$$;
create trigger credit_ledger_balance after insert on public.credit_ledger
  referencing new table as added for each statement execute function public.keep_credit_balance();

create function public.refuse_other_balance() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 then
    raise exception 'a credit balance is the sum of its ledger' using errcode = 'ERX03';
  end if;
  return null;
end
$$;
create trigger credit_balances_kept before insert or update or delete or truncate on public.credit_balances
  for each statement execute function public.refuse_other_balance();

create function public.check_credit_note_whole(note uuid) returns void language plpgsql as $$
begin
  if exists (
    select 1 from public.credit_notes c
    where c.id = note and c.total_minor <> c.applied_minor + (
      select coalesce(sum(l.amount_minor), 0) from public.credit_ledger l
      where l.credit_note_id = c.id and l.kind = 'credit_note' and l.tenant_id = c.tenant_id and l.currency = c.currency)
  ) then
    raise exception 'what a credit note gives back lowers its invoice or goes to the credit balance, all of it' using errcode = 'ERX03';
  end if;
end
$$;
create function public.check_payment_whole(paid uuid) returns void language plpgsql as $$
begin
  if exists (
    select 1 from public.payments p
    where p.id = paid and case when p.status = 'succeeded' then p.amount_minor - p.refunded_minor else 0 end <> p.applied_minor + (
      select coalesce(sum(l.amount_minor), 0) from public.credit_ledger l
      where l.payment_id = p.id and l.kind in ('overpayment', 'refunded') and l.tenant_id = p.tenant_id and l.currency = p.currency)
  ) then
    raise exception 'what came in pays its invoice, goes to the credit balance or is given back, all of it' using errcode = 'ERX03';
  end if;
end
$$;
create function public.check_credit_use_whole(billed uuid) returns void language plpgsql as $$
begin
  if exists (
    select 1 from public.invoices i
    where i.id = billed and (
      i.credit_applied_minor <> (
        select coalesce(sum(-l.amount_minor), 0) from public.credit_ledger l
        where l.invoice_id = i.id and l.kind = 'applied' and l.tenant_id = i.tenant_id and l.currency = i.currency)
      or case when i.status = 'void' then i.credit_applied_minor else 0 end <> (
        select coalesce(sum(l.amount_minor), 0) from public.credit_ledger l
        where l.invoice_id = i.id and l.kind = 'released' and l.tenant_id = i.tenant_id and l.currency = i.currency))
  ) then
    raise exception 'what an invoice took from the credit balance is in the ledger, and back in it once the invoice is void' using errcode = 'ERX03';
  end if;
end
$$;

create function public.check_whole() returns trigger language plpgsql as $$
begin
  case tg_table_name
    when 'credit_notes' then perform public.check_credit_note_whole(new.id);
    when 'payments' then perform public.check_payment_whole(new.id);
    when 'invoices' then perform public.check_credit_use_whole(new.id);
    else case new.kind
      when 'credit_note' then perform public.check_credit_note_whole(new.credit_note_id);
      when 'overpayment', 'refunded' then perform public.check_payment_whole(new.payment_id);
      else perform public.check_credit_use_whole(new.invoice_id);
    end case;
  end case;
  return null;
end
$$;
comment on function public.check_whole() is
  'Trigger, at the end of a transaction: every amount that came in or was given back is where it belongs, and the ledger has nothing else.';
create constraint trigger credit_notes_all after insert on public.credit_notes
  deferrable initially deferred for each row execute function public.check_whole();
create constraint trigger payments_all after insert or update on public.payments
  deferrable initially deferred for each row execute function public.check_whole();
create constraint trigger invoices_credit_all after insert on public.invoices
  deferrable initially deferred for each row when (new.credit_applied_minor > 0) execute function public.check_whole();
create constraint trigger credit_ledger_all after insert on public.credit_ledger
  deferrable initially deferred for each row execute function public.check_whole();

create table public.unbilled_days (
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  days daterange not null check (not lower_inf(days)),
  constraint unbilled_days_once exclude using gist (tenant_id with =, days with &&)
);
comment on table public.unbilled_days is
  'Days for which a tenant is not charged: while it is archived, and while it is suspended and its suspension does not bill. The day it begins belongs to it, the day it ends does not. An open range goes on.';
create index unbilled_days_open_idx on public.unbilled_days (tenant_id) where upper_inf(days);

-- The program's clock is in erpmax.now of the transaction; whoever moves a state by hand has the database's.
create function public.record_unbilled_days() returns trigger language plpgsql as $$
declare
  stops constant boolean := new.status = 'archived' or (new.status = 'suspended' and not new.suspension_bills);
  today constant date := (coalesce(nullif(current_setting('erpmax.now', true), '')::timestamptz, clock_timestamp()) at time zone new.time_zone)::date;
begin
  if stops and not exists (select 1 from public.unbilled_days where tenant_id = new.id and upper_inf(days)) then
    insert into public.unbilled_days (tenant_id, days)
    values (new.id, daterange(greatest(today, (select max(upper(days)) from public.unbilled_days where tenant_id = new.id)), null));
  elsif not stops and new.status in ('active', 'suspended') then
    delete from public.unbilled_days where tenant_id = new.id and upper_inf(days) and lower(days) >= today;
    update public.unbilled_days set days = daterange(lower(days), today) where tenant_id = new.id and upper_inf(days);
  end if;
  return null;
end
$$;
comment on function public.record_unbilled_days() is 'Trigger: opens and closes the days that are not charged as a tenant changes its state.';
create trigger tenants_unbilled after update of status, suspension_bills on public.tenants
  for each row execute function public.record_unbilled_days();
insert into public.unbilled_days (tenant_id, days)
select id, daterange((coalesce(archived_at, suspended_at, updated_at) at time zone time_zone)::date, null) from public.tenants
where status = 'archived' or (status = 'suspended' and not suspension_bills);

-- Who issues the documents, at which rates of tax, and what foreign money is worth.

create table public.billing_suppliers (
  id uuid primary key default gen_random_uuid(),
  validity daterange not null,
  recorded_on date not null,
  name text not null check (name <> ''),
  legal_name text not null check (legal_name <> ''),
  country_code char(2) not null check (country_code ~ '^[A-Z]{2}$'),
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  gst_state_code char(2) check (gst_state_code ~ '^[0-9]{2}$'),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z0-9]{13}$'),
  vat_id text check (vat_id ~ '^[A-Z]{2}[A-Z0-9]{2,13}$'),
  address_line1 text not null check (address_line1 <> ''),
  address_line2 text,
  city text,
  postal_code text,
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  time_zone text not null,
  invoice_prefix text not null,
  credit_note_prefix text not null,
  payment_terms_days smallint not null default 7 check (payment_terms_days between 0 and 365),
  operator text not null,
  created_at timestamptz not null default clock_timestamp(),
  constraint billing_suppliers_one_at_a_time exclude using gist (validity with &&),
  constraint billing_suppliers_india_ck check (
    case when country_code = 'IN'
      then gstin is not null and gst_state_code is not null and left(gstin, 2) = gst_state_code and vat_id is null
           and time_zone = 'Asia/Kolkata'
      else gstin is null and gst_state_code is null
    end),
  constraint billing_suppliers_prefix_ck check (
    invoice_prefix ~ '^[A-Z1-9][A-Z0-9/-]*$' and credit_note_prefix ~ '^[A-Z1-9][A-Z0-9/-]*$'
    and greatest(length(invoice_prefix), length(credit_note_prefix)) <= case when country_code = 'IN' then 4 else 7 end
    and invoice_prefix <> credit_note_prefix)
);
comment on table public.billing_suppliers is
  'The company that issues the invoices, one version a row. A change closes the version before it; one that was corrected on the day it was recorded was in force on no day: its range is empty.';
comment on column public.billing_suppliers.validity is
  'Half-open days of issue in the supplier''s own zone. The first version has no beginning: it holds for whatever was issued before it was recorded.';
comment on column public.billing_suppliers.recorded_on is 'The day it was, in its own zone, when this version was recorded.';
comment on constraint billing_suppliers_prefix_ck on public.billing_suppliers is
  'A number is prefix, year and at least five digits, at most 16 characters: ERP/26-27/00001 in India, ERP/26/00001 elsewhere.';

create function public.keep_supplier_version() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - 'validity' is not distinct from to_jsonb(old) - 'validity' then
    return new;
  end if;
  raise exception 'a version of the supplier stays as it was recorded; a change is a new version' using errcode = 'ERX02';
end
$$;
create trigger billing_suppliers_kept before update or delete on public.billing_suppliers
  for each row execute function public.keep_supplier_version();

create table public.billing_luts (
  id uuid primary key default gen_random_uuid(),
  gstin text not null check (gstin ~ '^[0-9]{2}[A-Z0-9]{13}$'),
  number text not null check (number ~ '^[A-Z0-9][A-Z0-9/-]{2,39}$'),
  validity daterange not null check (not isempty(validity) and upper(validity) - lower(validity) between 1 and 366),
  operator text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint billing_luts_one_at_a_time exclude using gist (gstin with =, validity with &&)
);
comment on table public.billing_luts is
  'Letters of undertaking (FORM GST RFD-11) of a GSTIN. On a day that one covers, exports and supplies to SEZ go out without integrated tax; on every other day with it.';

create table public.tax_rates (
  id uuid primary key default gen_random_uuid(),
  regime text not null check (regime in ('in_gst', 'eu_vat', 'other')),
  country_code char(2) not null check (country_code ~ '^[A-Z]{2}$'),
  code text not null check (code ~ '^[a-z0-9]{1,20}$'),
  rate numeric(7, 4) not null check (rate >= 0 and rate <= 100),
  validity daterange not null check (not isempty(validity) and lower(validity) is not null),
  source text not null check (source <> ''),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint tax_rates_one_at_a_time exclude using gist (country_code with =, code with =, validity with &&),
  constraint tax_rates_india_ck check ((country_code = 'IN') = (regime = 'in_gst') and (country_code = 'IN') = (code ~ '^[0-9]{4,8}$'))
);
comment on table public.tax_rates is
  'Rates of tax in per cent, by country and code, while they are in force. Documents keep the rate they were issued with.';
comment on column public.tax_rates.code is
  'In India the services accounting code; elsewhere standard, and export for what a supplier outside India and the EU charges customers abroad.';
create index tax_rates_country_idx on public.tax_rates (country_code, code);

insert into public.tax_rates (regime, country_code, code, rate, validity, source) values
  ('in_gst', 'IN', '997331', 18, daterange('2017-07-01', null), 'Notification 11/2017-CT(Rate), heading 9973');

insert into public.tax_rates (regime, country_code, code, rate, validity, source)
select 'eu_vat', country, 'standard', rate, daterange(since::date, until::date), 'shipped with erpmax'
from (
  values
    ('AT', 20, '1984-01-01', null),
    ('BE', 21, '1996-01-01', null),
    ('BG', 20, '1999-01-01', null),
    ('CY', 19, '2014-01-13', null),
    ('CZ', 21, '2013-01-01', null),
    ('DE', 19, '2007-01-01', '2020-07-01'),
    ('DE', 16, '2020-07-01', '2021-01-01'),
    ('DE', 19, '2021-01-01', null),
    ('DK', 25, '1992-01-01', null),
    ('EE', 20, '2009-07-01', '2024-01-01'),
    ('EE', 22, '2024-01-01', '2025-07-01'),
    ('EE', 24, '2025-07-01', null),
    ('ES', 21, '2012-09-01', null),
    ('FI', 24, '2013-01-01', '2024-09-01'),
    ('FI', 25.5, '2024-09-01', null),
    ('FR', 20, '2014-01-01', null),
    ('GR', 24, '2016-06-01', null),
    ('HR', 25, '2012-03-01', null),
    ('HU', 27, '2012-01-01', null),
    ('IE', 23, '2012-01-01', '2020-09-01'),
    ('IE', 21, '2020-09-01', '2021-03-01'),
    ('IE', 23, '2021-03-01', null),
    ('IT', 22, '2013-10-01', null),
    ('LT', 21, '2009-09-01', null),
    ('LU', 17, '2015-01-01', '2023-01-01'),
    ('LU', 16, '2023-01-01', '2024-01-01'),
    ('LU', 17, '2024-01-01', null),
    ('LV', 21, '2012-07-01', null),
    ('MT', 18, '2004-01-01', null),
    ('NL', 21, '2012-10-01', null),
    ('PL', 23, '2011-01-01', null),
    ('PT', 23, '2011-01-01', null),
    ('RO', 19, '2017-01-01', '2025-08-01'),
    ('RO', 21, '2025-08-01', null),
    ('SE', 25, '1990-07-01', null),
    ('SI', 22, '2013-07-01', null),
    ('SK', 20, '2011-01-01', '2025-01-01'),
    ('SK', 23, '2025-01-01', null)
) as v (country, rate, since, until);

create table public.module_tax_codes (
  id uuid primary key default gen_random_uuid(),
  module_code text references public.modules (code) on delete cascade,
  code text not null check (code ~ '^[0-9]{4,8}$'),
  validity daterange not null check (not isempty(validity) and lower(validity) is not null),
  created_at timestamptz not null default clock_timestamp(),
  constraint module_tax_codes_one_at_a_time exclude using gist ((coalesce(module_code, '')) with =, validity with &&)
);
comment on table public.module_tax_codes is
  'The services accounting code (India) under which a module is billed; the row without a module is that of platform fees and of every module that has none of its own.';
create index module_tax_codes_module_idx on public.module_tax_codes (module_code);

insert into public.module_tax_codes (module_code, code, validity) values (null, '997331', daterange('2017-07-01', null));

create table public.fx_rates (
  id uuid primary key default gen_random_uuid(),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  to_currency char(3) not null check (to_currency ~ '^[A-Z]{3}$'),
  rate numeric(20, 10) not null check (rate > 0),
  day date not null,
  source text not null check (source <> ''),
  operator text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint fx_rates_pair_ck check (currency <> to_currency),
  unique (currency, to_currency, day, source)
);
comment on table public.fx_rates is
  'What one unit of a currency is worth in the supplier''s, on a day, by a source. A document takes the latest rate of its day or before, and keeps it with its day and source.';
create index fx_rates_day_idx on public.fx_rates (day desc, id);

alter table public.tenants
  add column gst_treatment text check (gst_treatment in ('regular', 'composition', 'unregistered', 'sez', 'overseas')),
  add constraint tenants_gst_treatment_ck check (gst_treatment is null or (gst_treatment = 'overseas') = (country_code <> 'IN'));
comment on column public.tenants.gst_treatment is
  'How India''s GST sees this customer; sez: a unit or developer of a special economic zone. Null: derived, abroad overseas, with a GSTIN regular, else unregistered.';

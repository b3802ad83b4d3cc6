-- What can be bought: modules, tiers and their prices. Data that commands change, not constants in code.

create table public.modules (
  code text primary key check (code ~ '^[a-z][a-z0-9_]*$'),
  name text not null,
  summary text not null,
  is_base boolean not null default false,
  position smallint not null unique
);
comment on table public.modules is 'A part of the ERP that is subscribed to and priced. A base module belongs to every tenant.';

create table public.module_requirements (
  module_code text not null references public.modules (code) on delete cascade,
  requires_code text not null references public.modules (code) on delete restrict,
  primary key (module_code, requires_code),
  check (module_code <> requires_code)
);
comment on table public.module_requirements is 'A module that does not work without another one.';
create index module_requirements_requires_idx on public.module_requirements (requires_code);

create table public.tiers (
  code text primary key check (code ~ '^[A-Z][A-Z0-9_]*$'),
  name text not null,
  max_paid_modules integer check (max_paid_modules >= 0),
  max_users integer check (max_users > 0),
  max_storage_gb integer check (max_storage_gb > 0),
  max_api_calls_per_month bigint check (max_api_calls_per_month > 0),
  trial_days smallint not null check (trial_days >= 0),
  position smallint not null unique
);
comment on table public.tiers is 'Bounds what a tenant may have and carries a platform fee. A null bound is none.';

create table public.prices (
  id uuid primary key default gen_random_uuid(),
  product_kind text not null check (product_kind in ('module', 'platform')),
  product_code text not null,
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  cycle text not null check (cycle in ('monthly', 'annual')),
  amount_minor bigint not null check (amount_minor >= 0),
  validity daterange not null check (not isempty(validity) and lower(validity) is not null and lower_inc(validity)),
  created_at timestamptz not null default now(),
  constraint prices_one_at_a_time exclude using gist (
    product_kind with =, product_code with =, currency with =, cycle with =, validity with &&
  )
);
comment on table public.prices is
  'The price of one period of a module or of a tier''s platform fee, in minor units, while it is valid. A new price closes the old one; what a tenant was charged stays what it was.';

create function public.check_price_product() returns trigger language plpgsql as $$
begin
  if new.product_kind = 'module' and not exists (select 1 from public.modules where code = new.product_code)
     or new.product_kind = 'platform' and not exists (select 1 from public.tiers where code = new.product_code) then
    raise exception 'there is no % %', new.product_kind, new.product_code using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger prices_product before insert or update on public.prices
  for each row execute function public.check_price_product();

insert into public.modules (code, name, summary, is_base, position) values
  ('system_admin', 'System Admin', 'Users, roles, approvals, document sequences and notifications', true, 1),
  ('oms_wms', 'OMS, WMS & Fulfillment', 'Catalogue, stock, warehouses, orders, channels and storefront', false, 2),
  ('finance', 'Finance & Accounting', 'Ledger, banking, receivables, GST, TDS and fixed assets', false, 3),
  ('dealer_distribution', 'Dealer & Distribution Network', 'Dealers, franchisees, partners, schemes and commissions', false, 4),
  ('field_service', 'Field Service Management', 'Installations, contracts, service requests and escalations', false, 5),
  ('logistics', 'Logistics & Manifest', 'Shipments, manifests, e-way bills and carrier rates', false, 6),
  ('procurement', 'Procurement & Vendor Management', 'Requisitions, orders, goods receipts and vendor invoices', false, 7),
  ('crm', 'CRM & Call Center', 'Customers, leads, quotations, campaigns and calls', false, 8),
  ('hr', 'Human Resources', 'Employees, attendance, leave, payroll and appraisals', false, 9),
  ('bi', 'Business Intelligence', 'Dashboards, reports, alerts, forecasts and planning', false, 10);

insert into public.module_requirements (module_code, requires_code) values
  ('dealer_distribution', 'oms_wms'),
  ('field_service', 'crm'),
  ('logistics', 'oms_wms');

insert into public.tiers
  (code, name, max_paid_modules, max_users, max_storage_gb, max_api_calls_per_month, trial_days, position)
values
  ('FREE', 'Free', 0, 3, 1, 10000, 0, 1),
  ('STARTER', 'Starter', 3, 10, 10, 100000, 14, 2),
  ('PROFESSIONAL', 'Professional', 6, 50, 100, 1000000, 14, 3),
  ('ENTERPRISE', 'Enterprise', null, null, 1000, null, 14, 4);

-- List prices per month in whole units. The annual price is a stored row of its own:
-- 12 x monthly less 20 %, rounded half up to the minor unit.
with monthly (kind, code, usd, inr) as (
  values
    ('module', 'system_admin', 0, 0),
    ('module', 'oms_wms', 299, 23999),
    ('module', 'finance', 499, 39999),
    ('module', 'dealer_distribution', 399, 31999),
    ('module', 'field_service', 199, 15999),
    ('module', 'logistics', 299, 23999),
    ('module', 'procurement', 299, 23999),
    ('module', 'crm', 199, 15999),
    ('module', 'hr', 299, 23999),
    ('module', 'bi', 399, 31999),
    ('platform', 'FREE', 0, 0),
    ('platform', 'STARTER', 49, 3999),
    ('platform', 'PROFESSIONAL', 199, 15999),
    ('platform', 'ENTERPRISE', 499, 39999)
), priced as (
  select kind, code, 'USD' as currency, usd::bigint * 100 as minor from monthly
  union all
  select kind, code, 'INR', inr::bigint * 100 from monthly
)
insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
select kind, code, currency, 'monthly', minor, daterange('2020-01-01', null) from priced
union all
select kind, code, currency, 'annual', (minor * 12 * 80 + 50) / 100, daterange('2020-01-01', null) from priced;

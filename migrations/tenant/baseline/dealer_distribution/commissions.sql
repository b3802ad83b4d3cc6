-- commissions: what salespeople and dealers earn on orders. Plans set the rates, transactions
-- accrue and claw back, payouts settle a period with tax.

create table commission_plans (
  id uuid primary key default gen_random_uuid(),
  plan_code text not null unique check (plan_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  description text,
  earner_type text not null default 'any' check (earner_type in ('user', 'dealer', 'any')),
  calculation_basis text not null default 'net_sales' check (calculation_basis in ('gross_sales', 'net_sales', 'gross_margin', 'collected_amount', 'units_sold')),
  accrual_event text not null default 'invoiced' check (accrual_event in ('order_confirmed', 'invoiced', 'delivered', 'payment_received')),
  rate_type text not null default 'percent' check (rate_type in ('percent', 'amount_per_unit', 'amount_per_order')),
  default_percent numeric(9,6) check (default_percent between 0 and 100),
  default_amount numeric(19,4) check (default_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  minimum_order_amount numeric(19,4) not null default 0 check (minimum_order_amount >= 0),
  maximum_commission_amount numeric(19,4) check (maximum_commission_amount > 0),
  includes_tax boolean not null default false,
  includes_freight boolean not null default false,
  clawback_days smallint not null default 30 check (clawback_days between 0 and 730),
  payout_frequency text not null default 'monthly' check (payout_frequency in ('weekly', 'fortnightly', 'monthly', 'quarterly')),
  minimum_payout_amount numeric(19,4) not null default 0 check (minimum_payout_amount >= 0),
  effective_from date not null,
  effective_to date,
  status text not null default 'draft' check (status in ('draft', 'active', 'retired')),
  approved_by uuid references users (id) on delete set null,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint commission_plans_dates_ck check (effective_to >= effective_from),
  constraint commission_plans_rate_ck check (
    (rate_type = 'percent' and default_percent is not null and default_amount is null)
    or (rate_type <> 'percent' and default_amount is not null and default_percent is null)
  )
);
create index commission_plans_status_effective_from_idx on commission_plans (status, effective_from);
create index commission_plans_approved_by_idx on commission_plans (approved_by);
create index commission_plans_created_by_idx on commission_plans (created_by);
comment on table commission_plans is 'One agreement on how commission is earned: on what, when it accrues, the default rate, how long a return can take it back. Category and product rates refine it; community partners are paid by partner_tiers instead.';

create table commission_category_rates (
  id uuid primary key default gen_random_uuid(),
  commission_plan_id uuid not null references commission_plans (id) on delete cascade,
  category_id uuid not null references categories (id) on delete restrict,
  covers_subcategories boolean not null default true,
  slab_from_amount numeric(19,4) not null default 0 check (slab_from_amount >= 0),
  slab_to_amount numeric(19,4),
  slab_period text not null default 'order' check (slab_period in ('order', 'month', 'quarter', 'year')),
  rate_percent numeric(9,6) not null check (rate_percent between 0 and 100),
  maximum_discount_percent numeric(9,6) constraint commission_category_rates_discount_ck check (maximum_discount_percent between 0 and 100),
  reduced_rate_percent numeric(9,6) check (reduced_rate_percent between 0 and 100),
  cap_amount numeric(19,4) check (cap_amount > 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  effective_from date not null,
  effective_to date,
  is_active boolean not null default true,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint commission_category_rates_slab_ck check (slab_to_amount > slab_from_amount),
  constraint commission_category_rates_dates_ck check (effective_to >= effective_from),
  constraint commission_category_rates_reduced_ck check (reduced_rate_percent <= rate_percent and (reduced_rate_percent is null or maximum_discount_percent is not null)),
  constraint commission_category_rates_slab_key unique (commission_plan_id, category_id, slab_period, slab_from_amount, effective_from)
);
create index commission_category_rates_category_id_idx on commission_category_rates (category_id);
comment on table commission_category_rates is 'One slab of the percentage a commission plan pays on a product category. It beats the default of the plan and is beaten by commission_product_rates.';
comment on column commission_category_rates.reduced_rate_percent is 'Paid instead when the sale was discounted beyond maximum_discount_percent.';

create table commission_product_rates (
  id uuid primary key default gen_random_uuid(),
  commission_plan_id uuid not null references commission_plans (id) on delete cascade,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  is_excluded boolean not null default false,
  rate_percent numeric(9,6) check (rate_percent between 0 and 100),
  amount_per_unit numeric(21,9) check (amount_per_unit >= 0),
  launch_bonus_amount numeric(19,4) not null default 0 check (launch_bonus_amount >= 0),
  launch_bonus_until date,
  minimum_unit_price numeric(21,9) check (minimum_unit_price >= 0),
  minimum_quantity numeric(19,6) not null default 1 check (minimum_quantity > 0),
  uom_code text not null default 'NOS',
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  effective_from date not null,
  effective_to date,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint commission_product_rates_dates_ck check (effective_to >= effective_from),
  constraint commission_product_rates_rate_ck check (
    (is_excluded and rate_percent is null and amount_per_unit is null and launch_bonus_amount = 0)
    or (not is_excluded and num_nonnulls(rate_percent, amount_per_unit) = 1)
  ),
  constraint commission_product_rates_bonus_ck check (launch_bonus_amount = 0 or launch_bonus_until is not null),
  constraint commission_product_rates_product_key unique nulls not distinct (commission_plan_id, product_id, product_variant_id, minimum_quantity, effective_from)
);
create index commission_product_rates_product_id_idx on commission_product_rates (product_id);
create index commission_product_rates_product_variant_id_idx on commission_product_rates (product_variant_id) where product_variant_id is not null;
create index commission_product_rates_created_by_idx on commission_product_rates (created_by);
comment on table commission_product_rates is 'What a commission plan pays on one product: a percentage, an amount per unit with a bonus at launch, or nothing at all if excluded. The most specific rate, it beats category rates.';
comment on column commission_product_rates.minimum_unit_price is 'Sales below this price earn no commission.';

create table commission_earners (
  id uuid primary key default gen_random_uuid(),
  earner_code text not null unique,
  earner_type text not null check (earner_type in ('user', 'dealer')),
  user_id uuid references users (id) on delete restrict,
  dealer_id uuid references dealers (id) on delete restrict,
  commission_plan_id uuid not null references commission_plans (id) on delete restrict,
  rate_override_percent numeric(9,6) check (rate_override_percent between 0 and 100),
  share_percent numeric(9,6) not null default 100 check (share_percent > 0 and share_percent <= 100),
  pan text check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  tds_section text check (tds_section ~ '^[0-9]{3}[A-Z]{0,3}(\([0-9A-Za-z]+\))*$'),
  tds_percent numeric(9,6) not null default 0 check (tds_percent between 0 and 100),
  payout_method text not null default 'bank_transfer' check (payout_method in ('bank_transfer', 'payroll', 'credit_to_account')),
  bank_account_holder text,
  bank_account_number text check (bank_account_number ~ '^[A-Z0-9]{5,34}$'),
  bank_ifsc text check (bank_ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  bank_swift text check (bank_swift ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
  effective_from date not null,
  effective_to date,
  status text not null default 'active' check (status in ('pending', 'active', 'on_hold', 'ended')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint commission_earners_party_ck check (
    (earner_type = 'user' and user_id is not null and dealer_id is null)
    or (earner_type = 'dealer' and dealer_id is not null and user_id is null)
  ),
  constraint commission_earners_payroll_ck check (payout_method <> 'payroll' or earner_type = 'user'),
  constraint commission_earners_bank_ck check (status <> 'active' or payout_method <> 'bank_transfer' or bank_account_number is not null),
  constraint commission_earners_tds_ck check (tds_percent = 0 or tds_section is not null),
  constraint commission_earners_dates_ck check (effective_to >= effective_from),
  constraint commission_earners_party_plan_key unique nulls not distinct (user_id, dealer_id, commission_plan_id, effective_from)
);
create index commission_earners_dealer_id_idx on commission_earners (dealer_id) where dealer_id is not null;
create index commission_earners_commission_plan_id_status_idx on commission_earners (commission_plan_id, status);
create index commission_earners_created_by_idx on commission_earners (created_by);
comment on table commission_earners is 'One salesperson or dealer enrolled in a commission plan for a time, with the tax and bank facts a payout needs. Someone in two plans has two rows.';
comment on column commission_earners.share_percent is 'Part of the calculated commission this earner gets where a sale is shared.';

create table commission_payouts (
  id uuid primary key default gen_random_uuid(),
  payout_number text not null unique,
  period_from date not null,
  period_to date not null,
  payout_date date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  earner_count integer not null default 0 check (earner_count >= 0),
  gross_amount numeric(19,4) not null default 0 check (gross_amount >= 0),
  clawback_amount numeric(19,4) not null default 0 check (clawback_amount >= 0),
  adjustment_amount numeric(19,4) not null default 0,
  gst_amount numeric(19,4) not null default 0 check (gst_amount >= 0),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  net_amount numeric(19,4) not null default 0 check (net_amount >= 0),
  base_net_amount numeric(19,4) not null default 0 check (base_net_amount >= 0),
  bank_account_id uuid references bank_accounts (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'submitted', 'approved', 'processing', 'paid', 'partly_paid', 'cancelled')),
  prepared_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  paid_at timestamptz,
  cancellation_reason text,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint commission_payouts_period_ck check (period_to >= period_from),
  constraint commission_payouts_net_ck check (net_amount = gross_amount - clawback_amount + adjustment_amount + gst_amount - tds_amount),
  constraint commission_payouts_approved_ck check (status not in ('approved', 'processing', 'paid', 'partly_paid') or approved_at is not null),
  constraint commission_payouts_paid_ck check (status <> 'paid' or paid_at is not null),
  constraint commission_payouts_cancelled_ck check (status <> 'cancelled' or cancellation_reason is not null)
);
create index commission_payouts_status_period_to_idx on commission_payouts (status, period_to);
create index commission_payouts_bank_account_id_idx on commission_payouts (bank_account_id);
create index commission_payouts_journal_entry_id_idx on commission_payouts (journal_entry_id);
create index commission_payouts_prepared_by_idx on commission_payouts (prepared_by);
create index commission_payouts_approved_by_idx on commission_payouts (approved_by);
comment on table commission_payouts is 'One run that settles commissions of a period for many earners in one currency, from draft through approval to the bank. Its lines hold one earner each.';

create table commission_payout_lines (
  id uuid primary key default gen_random_uuid(),
  commission_payout_id uuid not null references commission_payouts (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  commission_earner_id uuid not null references commission_earners (id) on delete restrict,
  transaction_count integer not null default 0 check (transaction_count >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  gross_amount numeric(19,4) not null default 0 check (gross_amount >= 0),
  clawback_amount numeric(19,4) not null default 0 check (clawback_amount >= 0),
  adjustment_amount numeric(19,4) not null default 0,
  earner_invoice_number text,
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  tds_section text check (tds_section ~ '^[0-9]{3}[A-Z]{0,3}(\([0-9A-Za-z]+\))*$'),
  tds_percent numeric(9,6) not null default 0 check (tds_percent between 0 and 100),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  net_amount numeric(19,4) not null default 0 check (net_amount >= 0),
  payment_status text not null default 'pending' check (payment_status in ('pending', 'sent', 'paid', 'failed', 'held')),
  payment_reference text,
  paid_at timestamptz,
  failure_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint commission_payout_lines_net_ck check (net_amount = gross_amount - clawback_amount + adjustment_amount + cgst_amount + sgst_amount + igst_amount - tds_amount),
  constraint commission_payout_lines_gst_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint commission_payout_lines_tds_ck check (tds_amount = 0 or tds_section is not null),
  constraint commission_payout_lines_paid_ck check (payment_status <> 'paid' or paid_at is not null),
  constraint commission_payout_lines_line_number_key unique (commission_payout_id, line_number),
  constraint commission_payout_lines_earner_key unique (commission_payout_id, commission_earner_id)
);
create index commission_payout_lines_earner_id_paid_at_idx on commission_payout_lines (commission_earner_id, paid_at);
create index commission_payout_lines_payment_status_idx on commission_payout_lines (payment_status) where payment_status <> 'paid';
comment on table commission_payout_lines is 'What one earner gets in one payout run: commission less clawbacks, plus GST if the earner invoices it, less TDS. The single commissions behind it are commission_transactions of the same payout and earner.';

create table commission_transactions (
  id uuid primary key default gen_random_uuid(),
  transaction_number text not null unique,
  commission_earner_id uuid not null references commission_earners (id) on delete restrict,
  transaction_type text not null default 'accrual' check (transaction_type in ('accrual', 'bonus', 'clawback', 'adjustment')),
  transaction_date date not null default current_date,
  order_id uuid references orders (id) on delete restrict,
  order_item_id uuid references order_items (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  reversal_of_id uuid references commission_transactions (id) on delete restrict,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  basis_amount numeric(19,4) not null default 0,
  quantity numeric(19,6),
  uom_code text not null default 'NOS',
  rate_source text not null default 'plan_default' check (rate_source in ('plan_default', 'category_rate', 'product_rate', 'earner_override', 'manual')),
  rate_percent numeric(9,6) check (rate_percent between 0 and 100),
  commission_amount numeric(19,4) not null,
  payable_from date not null,
  commission_payout_id uuid references commission_payouts (id) on delete restrict,
  status text not null default 'accrued' check (status in ('accrued', 'payable', 'on_hold', 'in_payout', 'paid', 'cancelled')),
  reason text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint commission_transactions_sign_ck check (
    (transaction_type in ('accrual', 'bonus') and commission_amount > 0)
    or (transaction_type = 'clawback' and commission_amount < 0)
    or (transaction_type = 'adjustment' and commission_amount <> 0)
  ),
  constraint commission_transactions_source_ck check (transaction_type <> 'accrual' or order_id is not null),
  constraint commission_transactions_reversal_ck check ((transaction_type = 'clawback') = (reversal_of_id is not null) and reversal_of_id <> id),
  constraint commission_transactions_payout_ck check ((status in ('in_payout', 'paid')) = (commission_payout_id is not null)),
  constraint commission_transactions_payable_ck check (payable_from >= transaction_date),
  constraint commission_transactions_reason_ck check ((transaction_type <> 'adjustment' and status not in ('on_hold', 'cancelled')) or reason is not null)
);
create unique index commission_transactions_accrual_key on commission_transactions (commission_earner_id, order_id, order_item_id) nulls not distinct where transaction_type = 'accrual' and status <> 'cancelled';
create index commission_transactions_earner_id_status_idx on commission_transactions (commission_earner_id, status, transaction_date);
create index commission_transactions_order_id_idx on commission_transactions (order_id) where order_id is not null;
create index commission_transactions_order_item_id_idx on commission_transactions (order_item_id) where order_item_id is not null;
create index commission_transactions_tax_invoice_id_idx on commission_transactions (tax_invoice_id) where tax_invoice_id is not null;
create index commission_transactions_reversal_of_id_idx on commission_transactions (reversal_of_id) where reversal_of_id is not null;
create index commission_transactions_commission_payout_id_idx on commission_transactions (commission_payout_id) where commission_payout_id is not null;
create index commission_transactions_created_by_idx on commission_transactions (created_by);
create index commission_transactions_status_payable_from_idx on commission_transactions (status, payable_from);
comment on table commission_transactions is 'One commission earned, taken back or adjusted for one earner, as calculated at the time. Never edited once in a payout: a return adds a negative clawback row that points at the accrual.';

-- partners: people who recommend us without buying for resale (electricians, architects, creators).
-- Tiers set what they earn, orders are attributed, commissions mature and are paid out.

create table partner_tiers (
  id uuid primary key default gen_random_uuid(),
  tier_code text not null unique check (tier_code ~ '^[A-Z0-9][A-Z0-9_-]{1,19}$'),
  name text not null,
  tier_rank smallint not null unique check (tier_rank between 1 and 99),
  minimum_order_count integer not null default 0 check (minimum_order_count >= 0),
  minimum_sales_amount numeric(19,4) not null default 0 check (minimum_sales_amount >= 0),
  evaluation_months smallint not null default 3 check (evaluation_months between 1 and 36),
  grace_months smallint not null default 0 check (grace_months between 0 and 12),
  commission_percent numeric(9,6) not null check (commission_percent between 0 and 100),
  override_percent numeric(9,6) not null default 0 check (override_percent between 0 and 100),
  customer_referral_bonus_amount numeric(19,4) not null default 0 check (customer_referral_bonus_amount >= 0),
  partner_referral_bonus_amount numeric(19,4) not null default 0 check (partner_referral_bonus_amount >= 0),
  attribution_days smallint not null default 30 check (attribution_days between 1 and 365),
  maturity_days smallint not null default 15 check (maturity_days between 0 and 180),
  payout_frequency text not null default 'monthly' check (payout_frequency in ('weekly', 'fortnightly', 'monthly', 'on_request')),
  minimum_payout_amount numeric(19,4) not null default 0 check (minimum_payout_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  benefits text,
  is_default boolean not null default false,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_tiers_default_ck check (not is_default or is_active)
);
create unique index partner_tiers_is_default_key on partner_tiers (is_default) where is_default;
comment on table partner_tiers is 'One level of the community partner programme: what it takes to reach it and what it pays. Commission plans for salespeople and dealers are commission_plans.';
comment on column partner_tiers.override_percent is 'Paid to a partner on the orders of partners he or she brought in.';
comment on column partner_tiers.maturity_days is 'Days after delivery before a commission is payable, to let returns come in.';

create table community_partners (
  id uuid primary key default gen_random_uuid(),
  partner_code text not null unique,
  full_name text not null,
  business_name text,
  partner_type text not null check (partner_type in ('contractor', 'electrician', 'plumber', 'architect', 'interior_designer', 'influencer', 'affiliate', 'housing_society', 'other')),
  partner_tier_id uuid not null references partner_tiers (id) on delete restrict,
  tier_since date not null default current_date,
  referred_by_partner_id uuid references community_partners (id) on delete restrict,
  relationship_manager_id uuid references users (id) on delete set null,
  referral_code text not null unique check (referral_code ~ '^[A-Z0-9]{4,16}$'),
  phone text not null unique check (phone ~ '^\+?[0-9]{6,15}$'),
  email text check (email ~ '^[^@ ]+@[^@ ]+$'),
  city text,
  state_code text,
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  pan text check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  kyc_status text not null default 'not_submitted' check (kyc_status in ('not_submitted', 'submitted', 'verified', 'rejected')),
  kyc_verified_by uuid references users (id) on delete set null,
  kyc_verified_at timestamptz,
  bank_account_holder text,
  bank_account_number text check (bank_account_number ~ '^[A-Z0-9]{5,34}$'),
  bank_ifsc text check (bank_ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  upi_id text check (upi_id ~ '^[A-Za-z0-9._-]+@[A-Za-z][A-Za-z0-9]+$'),
  joined_on date not null default current_date,
  terms_accepted_at timestamptz,
  status text not null default 'applied' check (status in ('applied', 'active', 'paused', 'blocked', 'left')),
  status_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint community_partners_referrer_ck check (referred_by_partner_id <> id),
  constraint community_partners_kyc_ck check (kyc_status <> 'verified' or kyc_verified_at is not null),
  constraint community_partners_gstin_pan_ck check (gstin is null or pan is null or substr(gstin, 3, 10) = pan),
  constraint community_partners_india_ck check (country_code <> 'IN' or ((state_code is null or state_code ~ '^[0-9]{2}$') and (postal_code is null or postal_code ~ '^[1-9][0-9]{5}$'))),
  constraint community_partners_terms_ck check (status <> 'active' or terms_accepted_at is not null),
  constraint community_partners_blocked_ck check (status <> 'blocked' or status_reason is not null)
);
create index community_partners_partner_tier_id_status_idx on community_partners (partner_tier_id, status);
create index community_partners_referred_by_partner_id_idx on community_partners (referred_by_partner_id) where referred_by_partner_id is not null;
create index community_partners_relationship_manager_id_idx on community_partners (relationship_manager_id);
create index community_partners_kyc_verified_by_idx on community_partners (kyc_verified_by);
create index community_partners_status_joined_on_idx on community_partners (status, joined_on);
create index community_partners_kyc_status_idx on community_partners (kyc_status) where kyc_status = 'submitted';
comment on table community_partners is 'One person or small business that brings us customers for a commission, with identity checks and where to pay. A partner neither stocks nor resells; who does is a dealer.';

create table partner_payouts (
  id uuid primary key default gen_random_uuid(),
  payout_number text not null unique,
  community_partner_id uuid not null references community_partners (id) on delete restrict,
  period_from date not null,
  period_to date not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  commission_amount numeric(19,4) not null default 0,
  referral_bonus_amount numeric(19,4) not null default 0 check (referral_bonus_amount >= 0),
  adjustment_amount numeric(19,4) not null default 0,
  gst_amount numeric(19,4) not null default 0 check (gst_amount >= 0),
  tds_section text check (tds_section ~ '^[0-9]{3}[A-Z]{0,3}(\([0-9A-Za-z]+\))*$'),
  tds_percent numeric(9,6) not null default 0 check (tds_percent between 0 and 100),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  net_amount numeric(19,4) not null default 0 check (net_amount >= 0),
  base_net_amount numeric(19,4) not null default 0 check (base_net_amount >= 0),
  partner_invoice_number text,
  payment_method text not null default 'bank_transfer' check (payment_method in ('bank_transfer', 'upi', 'wallet', 'gift_voucher')),
  paid_to_account text,
  payment_reference text,
  bank_account_id uuid references bank_accounts (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'requested', 'approved', 'sent', 'paid', 'failed', 'cancelled')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  paid_at timestamptz,
  failure_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_payouts_period_ck check (period_to >= period_from),
  constraint partner_payouts_net_ck check (net_amount = commission_amount + referral_bonus_amount + adjustment_amount + gst_amount - tds_amount),
  constraint partner_payouts_tds_ck check (tds_amount = 0 or tds_section is not null),
  constraint partner_payouts_approved_ck check (status not in ('approved', 'sent', 'paid') or approved_at is not null),
  constraint partner_payouts_paid_ck check (status <> 'paid' or (paid_at is not null and payment_reference is not null)),
  constraint partner_payouts_failed_ck check (status <> 'failed' or failure_reason is not null)
);
create index partner_payouts_community_partner_id_period_to_idx on partner_payouts (community_partner_id, period_to);
create index partner_payouts_status_period_to_idx on partner_payouts (status, period_to);
create index partner_payouts_bank_account_id_idx on partner_payouts (bank_account_id);
create index partner_payouts_journal_entry_id_idx on partner_payouts (journal_entry_id);
create index partner_payouts_approved_by_idx on partner_payouts (approved_by);
comment on table partner_payouts is 'One payment to one community partner for the commissions and referral bonuses of a period, less TDS. The commissions and referrals it settles point at it.';
comment on column partner_payouts.paid_to_account is 'The account or UPI id as it was when the payment was sent.';

create table partner_commissions (
  id uuid primary key default gen_random_uuid(),
  commission_number text not null unique,
  community_partner_id uuid not null references community_partners (id) on delete restrict,
  order_id uuid not null references orders (id) on delete restrict,
  partner_tier_id uuid not null references partner_tiers (id) on delete restrict,
  commission_type text not null default 'direct' check (commission_type in ('direct', 'override', 'campaign_bonus')),
  source_partner_id uuid references community_partners (id) on delete restrict,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  order_amount numeric(19,4) not null check (order_amount >= 0),
  eligible_amount numeric(19,4) not null check (eligible_amount >= 0),
  commission_percent numeric(9,6) not null default 0 check (commission_percent between 0 and 100),
  commission_amount numeric(19,4) not null check (commission_amount >= 0),
  returned_amount numeric(19,4) not null default 0 check (returned_amount >= 0),
  reversed_amount numeric(19,4) not null default 0 check (reversed_amount >= 0),
  payable_amount numeric(19,4) not null check (payable_amount >= 0),
  earned_on date not null,
  matures_on date not null,
  partner_payout_id uuid references partner_payouts (id) on delete restrict,
  status text not null default 'pending' check (status in ('pending', 'matured', 'on_hold', 'in_payout', 'paid', 'reversed')),
  status_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_commissions_eligible_ck check (eligible_amount <= order_amount and returned_amount <= eligible_amount),
  constraint partner_commissions_payable_ck check (payable_amount = commission_amount - reversed_amount),
  constraint partner_commissions_override_ck check ((commission_type = 'override') = (source_partner_id is not null) and source_partner_id <> community_partner_id),
  constraint partner_commissions_maturity_ck check (matures_on >= earned_on),
  constraint partner_commissions_payout_ck check ((status in ('in_payout', 'paid')) = (partner_payout_id is not null)),
  constraint partner_commissions_reason_ck check (status not in ('on_hold', 'reversed') or status_reason is not null),
  constraint partner_commissions_order_type_key unique nulls not distinct (order_id, community_partner_id, commission_type, source_partner_id)
);
create index partner_commissions_partner_id_status_idx on partner_commissions (community_partner_id, status, matures_on);
create index partner_commissions_partner_tier_id_idx on partner_commissions (partner_tier_id);
create index partner_commissions_source_partner_id_idx on partner_commissions (source_partner_id) where source_partner_id is not null;
create index partner_commissions_partner_payout_id_idx on partner_commissions (partner_payout_id) where partner_payout_id is not null;
create index partner_commissions_status_matures_on_idx on partner_commissions (status, matures_on);
comment on table partner_commissions is 'What one community partner earns on one order, at the tier held that day: directly, or as override on a partner he or she brought in. Returns before payment reduce it here; after payment the next payout carries the adjustment.';

create table partner_orders (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null references orders (id) on delete restrict,
  community_partner_id uuid not null references community_partners (id) on delete restrict,
  partner_commission_id uuid unique references partner_commissions (id) on delete set null,
  attribution_method text not null check (attribution_method in ('referral_code', 'tracking_link', 'coupon', 'site_visit', 'manual')),
  referral_code text,
  coupon_code text,
  utm_campaign text,
  clicked_at timestamptz,
  attributed_at timestamptz not null default now(),
  attribution_percent numeric(9,6) not null default 100 check (attribution_percent > 0 and attribution_percent <= 100),
  is_first_order boolean not null default false,
  attributed_amount numeric(19,4) not null check (attributed_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  status text not null default 'attributed' check (status in ('attributed', 'confirmed', 'disputed', 'rejected', 'cancelled')),
  decided_by uuid references users (id) on delete set null,
  decided_at timestamptz,
  decision_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_orders_clicked_ck check (clicked_at <= attributed_at),
  constraint partner_orders_evidence_ck check ((attribution_method <> 'referral_code' or referral_code is not null) and (attribution_method <> 'coupon' or coupon_code is not null)),
  constraint partner_orders_rejected_ck check (status <> 'rejected' or decision_reason is not null),
  constraint partner_orders_order_id_partner_key unique (order_id, community_partner_id)
);
create index partner_orders_community_partner_id_attributed_at_idx on partner_orders (community_partner_id, attributed_at);
create index partner_orders_decided_by_idx on partner_orders (decided_by);
create index partner_orders_status_attributed_at_idx on partner_orders (status, attributed_at);
comment on table partner_orders is 'The claim of a community partner on an order: how it was attributed, which share, and whether it was confirmed. It says who brought the order; the money is in partner_commissions.';

create table partner_referrals (
  id uuid primary key default gen_random_uuid(),
  referral_number text not null unique,
  community_partner_id uuid not null references community_partners (id) on delete restrict,
  referral_type text not null check (referral_type in ('customer', 'partner')),
  prospect_name text not null,
  prospect_phone text not null check (prospect_phone ~ '^\+?[0-9]{6,15}$'),
  prospect_email text check (prospect_email ~ '^[^@ ]+@[^@ ]+$'),
  prospect_city text,
  requirement text,
  source_channel text not null default 'partner_app' check (source_channel in ('partner_app', 'whatsapp', 'call_centre', 'store', 'web_form', 'event')),
  referred_at timestamptz not null default now(),
  expires_on date,
  lead_id uuid references leads (id) on delete set null,
  customer_id uuid references customers (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  referred_partner_id uuid references community_partners (id) on delete restrict,
  converted_at timestamptz,
  bonus_amount numeric(19,4) not null default 0 check (bonus_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  partner_payout_id uuid references partner_payouts (id) on delete restrict,
  status text not null default 'submitted' check (status in ('submitted', 'contacted', 'qualified', 'converted', 'duplicate', 'rejected', 'expired')),
  rejection_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_referrals_converted_ck check (status <> 'converted' or (converted_at is not null and (customer_id is not null or referred_partner_id is not null))),
  constraint partner_referrals_type_ck check ((referral_type = 'partner' or referred_partner_id is null) and referred_partner_id <> community_partner_id),
  constraint partner_referrals_bonus_ck check (partner_payout_id is null or status = 'converted'),
  constraint partner_referrals_rejected_ck check (status <> 'rejected' or rejection_reason is not null)
);
create unique index partner_referrals_open_phone_key on partner_referrals (prospect_phone, referral_type) where status in ('submitted', 'contacted', 'qualified');
create index partner_referrals_partner_id_status_idx on partner_referrals (community_partner_id, status);
create index partner_referrals_lead_id_idx on partner_referrals (lead_id) where lead_id is not null;
create index partner_referrals_customer_id_idx on partner_referrals (customer_id) where customer_id is not null;
create index partner_referrals_order_id_idx on partner_referrals (order_id) where order_id is not null;
create index partner_referrals_referred_partner_id_idx on partner_referrals (referred_partner_id) where referred_partner_id is not null;
create index partner_referrals_partner_payout_id_idx on partner_referrals (partner_payout_id) where partner_payout_id is not null;
create index partner_referrals_status_referred_at_idx on partner_referrals (status, referred_at);
comment on table partner_referrals is 'One prospect a community partner put forward, a customer to be or a partner to be, up to conversion and the bonus for it. The first open referral of a phone number wins.';

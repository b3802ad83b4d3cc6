-- reasons to buy now and to come back: price promotions and their use, loyalty, and referrals between customers.

create table loyalty_programs (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  name text not null,
  description text,
  currency_id uuid not null references currencies (id) on delete restrict,
  earn_base text not null default 'taxable_value' check (earn_base in ('taxable_value', 'invoice_total', 'margin')),
  earn_points_per_100 numeric(9,4) not null check (earn_points_per_100 >= 0),
  point_value numeric(21,9) not null check (point_value > 0),
  minimum_order_amount numeric(19,4) not null default 0 check (minimum_order_amount >= 0),
  maximum_points_per_order integer check (maximum_points_per_order > 0),
  points_vest_after_days smallint not null default 15 check (points_vest_after_days >= 0),
  points_expire_after_months smallint check (points_expire_after_months > 0),
  minimum_redeem_points integer not null default 100 check (minimum_redeem_points >= 0),
  maximum_redeem_percent numeric(7,4) not null default 50 check (maximum_redeem_percent between 0 and 100),
  earns_on_discounted_items boolean not null default true,
  combines_with_promotions boolean not null default true,
  welcome_points integer not null default 0 check (welcome_points >= 0),
  birthday_points integer not null default 0 check (birthday_points >= 0),
  tier_rules jsonb not null default '[]',
  liability_account_id uuid references chart_of_accounts (id) on delete restrict,
  is_default boolean not null default false,
  starts_on date not null,
  ends_on date,
  status text not null default 'draft' check (status in ('draft', 'active', 'suspended', 'ended')),
  terms text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint loyalty_programs_period_ck check (ends_on >= starts_on),
  constraint loyalty_programs_tiers_ck check (jsonb_typeof(tier_rules) = 'array')
);

create unique index loyalty_programs_is_default_key on loyalty_programs (is_default) where is_default;
create index loyalty_programs_currency_id_idx on loyalty_programs (currency_id);
create index loyalty_programs_liability_account_id_idx on loyalty_programs (liability_account_id) where liability_account_id is not null;
create index loyalty_programs_status_starts_on_idx on loyalty_programs (status, starts_on);

comment on table loyalty_programs is 'The rules by which customers earn and spend points. A customer''s programme, tier and points at hand are on the customer.';
comment on column loyalty_programs.tier_rules is 'Ordered list of tiers: code, spend of twelve months from which it holds, multiplier of earned points.';
comment on column loyalty_programs.liability_account_id is 'Deferred revenue for points given and not yet spent (Ind AS 115, IFRS 15).';

create table promotions (
  id uuid primary key default gen_random_uuid(),
  promotion_code text not null unique,
  name text not null,
  description text,
  promotion_type text not null check (
    promotion_type in ('percent_off', 'amount_off', 'fixed_price', 'buy_x_get_y', 'free_product', 'free_shipping', 'cashback', 'extended_warranty')
  ),
  audience text not null default 'all' check (audience in ('all', 'retail', 'business', 'dealer', 'employee')),
  segment_id uuid references audience_segments (id) on delete restrict,
  applies_to text not null default 'order' check (applies_to in ('order', 'category', 'brand', 'product')),
  category_id uuid references categories (id) on delete restrict,
  brand_id uuid references brands (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  discount_percent numeric(7,4) check (discount_percent > 0 and discount_percent <= 100),
  discount_amount numeric(19,4) check (discount_amount > 0),
  maximum_discount_amount numeric(19,4) check (maximum_discount_amount > 0),
  minimum_order_amount numeric(19,4) not null default 0 check (minimum_order_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  buy_quantity numeric(19,6) check (buy_quantity > 0),
  get_quantity numeric(19,6) check (get_quantity > 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{2,5}$'),
  reward_product_id uuid references products (id) on delete restrict,
  payment_method text check (payment_method in ('upi', 'card', 'net_banking', 'emi', 'wallet', 'bank_transfer', 'cash_on_delivery')),
  timing text not null default 'at_supply' check (timing in ('at_supply', 'after_supply_agreed', 'after_supply_other')),
  is_automatic boolean not null default true,
  is_stackable boolean not null default false,
  priority smallint not null default 100,
  usage_limit integer check (usage_limit > 0),
  usage_limit_per_customer integer check (usage_limit_per_customer > 0),
  usage_count integer not null default 0 check (usage_count >= 0),
  budget_amount numeric(19,4) check (budget_amount > 0),
  consumed_amount numeric(19,4) not null default 0 check (consumed_amount >= 0),
  funded_by text not null default 'company' check (funded_by in ('company', 'brand', 'dealer', 'bank', 'marketplace', 'shared')),
  company_share_percent numeric(7,4) not null default 100 check (company_share_percent between 0 and 100),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'active', 'paused', 'exhausted', 'ended', 'cancelled')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint promotions_period_ck check (ends_at > starts_at),
  constraint promotions_scope_ck check (
    (applies_to = 'category') = (category_id is not null)
    and (applies_to = 'brand') = (brand_id is not null)
    and (applies_to = 'product') = (product_id is not null)
  ),
  constraint promotions_value_ck check (
    case promotion_type
      when 'percent_off' then discount_percent is not null
      when 'amount_off' then discount_amount is not null
      when 'fixed_price' then discount_amount is not null
      when 'cashback' then discount_amount is not null or discount_percent is not null
      when 'buy_x_get_y' then buy_quantity is not null and get_quantity is not null
      when 'free_product' then reward_product_id is not null
      else true
    end
  ),
  constraint promotions_usage_ck check (usage_count <= usage_limit),
  constraint promotions_funding_ck check (funded_by <> 'company' or company_share_percent = 100)
);

create index promotions_status_starts_at_idx on promotions (status, starts_at, ends_at);
create index promotions_segment_id_idx on promotions (segment_id) where segment_id is not null;
create index promotions_category_id_idx on promotions (category_id) where category_id is not null;
create index promotions_brand_id_idx on promotions (brand_id) where brand_id is not null;
create index promotions_product_id_idx on promotions (product_id) where product_id is not null;
create index promotions_reward_product_id_idx on promotions (reward_product_id) where reward_product_id is not null;
create index promotions_approved_by_idx on promotions (approved_by) where approved_by is not null;
create index promotions_created_by_idx on promotions (created_by) where created_by is not null;

comment on table promotions is 'An offer that lowers what is paid or adds to what is got, for a time, within a budget. Codes typed in by shoppers are coupons; schemes paid to dealers on volume are dealer_schemes.';
comment on column promotions.discount_amount is 'For fixed_price the price itself; else what is taken off.';
comment on column promotions.timing is 'Section 15(3) of the CGST Act: on the invoice; after it but agreed before (credit note lowers the tax); or after it without agreement (commercial credit note, tax stays).';
comment on column promotions.company_share_percent is 'Part of the discount the company bears; the rest is claimed from whoever funds it.';

create table promotion_usage (
  id uuid primary key default gen_random_uuid(),
  promotion_id uuid not null references promotions (id) on delete restrict,
  order_id uuid not null references orders (id) on delete restrict,
  customer_id uuid references customers (id) on delete restrict,
  dealer_id uuid references dealers (id) on delete restrict,
  order_amount numeric(19,4) not null check (order_amount >= 0),
  eligible_amount numeric(19,4) not null check (eligible_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  company_share_amount numeric(19,4) not null default 0 check (company_share_amount >= 0),
  claimable_amount numeric(19,4) not null default 0 check (claimable_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  reward_quantity numeric(19,6) not null default 0 check (reward_quantity >= 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{2,5}$'),
  status text not null default 'reserved' check (status in ('reserved', 'applied', 'released', 'reversed')),
  applied_by uuid references users (id) on delete set null,
  applied_at timestamptz,
  reversed_at timestamptz,
  reversal_reason text,
  claim_status text not null default 'not_applicable' check (claim_status in ('not_applicable', 'to_claim', 'claimed', 'received', 'rejected')),
  claim_reference text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint promotion_usage_buyer_ck check (customer_id is not null or dealer_id is not null),
  constraint promotion_usage_eligible_ck check (eligible_amount <= order_amount and discount_amount <= eligible_amount),
  constraint promotion_usage_shares_ck check (company_share_amount + claimable_amount = discount_amount),
  constraint promotion_usage_applied_ck check (status <> 'applied' or applied_at is not null),
  constraint promotion_usage_reversed_ck check ((status in ('released', 'reversed')) = (reversed_at is not null))
);

create unique index promotion_usage_promotion_id_order_id_key on promotion_usage (promotion_id, order_id) where status in ('reserved', 'applied');
create index promotion_usage_promotion_id_status_idx on promotion_usage (promotion_id, status);
create index promotion_usage_order_id_idx on promotion_usage (order_id);
create index promotion_usage_customer_id_idx on promotion_usage (customer_id) where customer_id is not null;
create index promotion_usage_dealer_id_idx on promotion_usage (dealer_id) where dealer_id is not null;
create index promotion_usage_applied_by_idx on promotion_usage (applied_by) where applied_by is not null;
create index promotion_usage_claim_status_idx on promotion_usage (claim_status, created_at) where claim_status in ('to_claim', 'claimed');

comment on table promotion_usage is 'One use of a promotion on an order: what it took off and who bears it. Reserved while the order is unpaid, released when it lapses, reversed when it is returned.';
comment on column promotion_usage.claimable_amount is 'Part to be claimed from the brand, bank or marketplace that funds the promotion.';

create table referral_programs (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]*$'),
  name text not null,
  description text,
  qualifying_event text not null default 'order_delivered' check (
    qualifying_event in ('signed_up', 'order_placed', 'order_paid', 'order_delivered', 'installation_done')
  ),
  qualifying_order_amount numeric(19,4) not null default 0 check (qualifying_order_amount >= 0),
  qualify_within_days smallint not null default 90 check (qualify_within_days > 0),
  reward_hold_days smallint not null default 15 check (reward_hold_days >= 0),
  referrer_reward_type text not null default 'loyalty_points' check (
    referrer_reward_type in ('loyalty_points', 'coupon', 'store_credit', 'bank_transfer', 'free_service')
  ),
  referrer_reward_amount numeric(19,4) not null default 0 check (referrer_reward_amount >= 0),
  referrer_reward_points integer not null default 0 check (referrer_reward_points >= 0),
  referred_reward_type text not null default 'none' check (referred_reward_type in ('none', 'loyalty_points', 'coupon', 'discount')),
  referred_reward_amount numeric(19,4) not null default 0 check (referred_reward_amount >= 0),
  referred_reward_points integer not null default 0 check (referred_reward_points >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  max_rewards_per_referrer integer check (max_rewards_per_referrer > 0),
  budget_amount numeric(19,4) check (budget_amount > 0),
  deducts_tds boolean not null default false,
  starts_on date not null,
  ends_on date,
  status text not null default 'draft' check (status in ('draft', 'active', 'paused', 'ended')),
  terms text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint referral_programs_period_ck check (ends_on >= starts_on),
  constraint referral_programs_reward_ck check (
    (referrer_reward_type = 'loyalty_points' and referrer_reward_points > 0)
    or referrer_reward_type = 'free_service'
    or (referrer_reward_type in ('coupon', 'store_credit', 'bank_transfer') and referrer_reward_amount > 0)
  )
);

create index referral_programs_status_starts_on_idx on referral_programs (status, starts_on);

comment on table referral_programs is 'The rules by which a customer is rewarded for bringing another: what counts, within which time, what each side gets. Community partners on commission are paid by partner_tiers instead.';
comment on column referral_programs.deducts_tds is 'Rewards in money to residents are paid less TDS.';

create table customer_referrals (
  id uuid primary key default gen_random_uuid(),
  referral_number text not null unique,
  program_id uuid not null references referral_programs (id) on delete restrict,
  referrer_customer_id uuid not null references customers (id) on delete restrict,
  referral_code text not null,
  referred_name text not null,
  referred_phone text,
  referred_email text check (referred_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  referred_customer_id uuid references customers (id) on delete restrict,
  channel text not null default 'link' check (channel in ('link', 'code', 'whatsapp', 'email', 'call_centre', 'technician', 'store')),
  referred_at timestamptz not null default now(),
  expires_at timestamptz,
  qualifying_order_id uuid references orders (id) on delete restrict,
  qualified_at timestamptz,
  referrer_reward_amount numeric(19,4) not null default 0 check (referrer_reward_amount >= 0),
  referrer_reward_points integer not null default 0 check (referrer_reward_points >= 0),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  status text not null default 'invited' check (
    status in ('invited', 'registered', 'qualified', 'approved', 'rewarded', 'expired', 'rejected', 'clawed_back')
  ),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  rewarded_at timestamptz,
  reward_reference text,
  rejection_reason text check (
    rejection_reason in ('self_referral', 'existing_customer', 'same_household', 'order_cancelled', 'order_returned', 'limit_reached', 'fraud', 'other')
  ),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customer_referrals_reachable_ck check (referred_phone is not null or referred_email is not null),
  constraint customer_referrals_self_ck check (referred_customer_id <> referrer_customer_id),
  constraint customer_referrals_rewarded_ck check (status <> 'rewarded' or (qualified_at is not null and rewarded_at is not null)),
  constraint customer_referrals_rejected_ck check (status not in ('rejected', 'clawed_back') or rejection_reason is not null),
  constraint customer_referrals_tds_ck check (tds_amount <= referrer_reward_amount),
  constraint customer_referrals_expiry_ck check (expires_at > referred_at)
);

create unique index customer_referrals_program_referred_key on customer_referrals (program_id, referred_customer_id) where referred_customer_id is not null and status not in ('expired', 'rejected');
create index customer_referrals_program_id_status_idx on customer_referrals (program_id, status);
create index customer_referrals_referrer_customer_id_idx on customer_referrals (referrer_customer_id, referred_at desc);
create index customer_referrals_referred_customer_id_idx on customer_referrals (referred_customer_id) where referred_customer_id is not null;
create index customer_referrals_qualifying_order_id_idx on customer_referrals (qualifying_order_id) where qualifying_order_id is not null;
create index customer_referrals_referred_phone_idx on customer_referrals (referred_phone) where referred_phone is not null;
create index customer_referrals_approved_by_idx on customer_referrals (approved_by) where approved_by is not null;
create index customer_referrals_created_by_idx on customer_referrals (created_by) where created_by is not null;

comment on table customer_referrals is 'One person recommended by a customer, from the invitation to the reward. A new customer can be credited to one referrer only in a programme.';

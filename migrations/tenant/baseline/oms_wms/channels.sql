-- channels: where the tenant sells, what each place lists, how much stock it may promise and at what price.
-- One order book serves every channel; a channel's own order, fees and settlement hang off channel_orders.

create table sales_channels (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null check (length(trim(name)) > 0),
  channel_type text not null check (channel_type in ('website', 'mobile_app', 'marketplace', 'quick_commerce', 'b2b_portal', 'dealer', 'retail_store', 'telesales', 'social', 'government', 'export')),
  status text not null default 'active' check (status in ('draft', 'active', 'paused', 'closed')),
  is_default boolean not null default false,
  company_branch_id uuid references company_branches (id) on delete restrict,
  default_warehouse_id uuid references warehouses (id) on delete restrict,
  revenue_account_id uuid references chart_of_accounts (id) on delete restrict,
  settlement_account_id uuid references chart_of_accounts (id) on delete restrict,
  fulfillment_model text not null default 'seller' check (fulfillment_model in ('seller', 'channel', 'hybrid', 'dropship', 'store_pickup')),
  price_includes_tax boolean not null default true,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  order_number_prefix text check (order_number_prefix ~ '^[A-Z0-9/-]{1,8}$'),
  commission_percent numeric(9,6) not null default 0 check (commission_percent between 0 and 100),
  fixed_fee_amount numeric(19,4) not null default 0 check (fixed_fee_amount >= 0),
  collects_gst_tcs boolean not null default false,
  settlement_cycle_days smallint not null default 0 check (settlement_cycle_days between 0 and 120),
  dispatch_sla_hours smallint not null default 24 check (dispatch_sla_hours > 0),
  return_window_days smallint not null default 7 check (return_window_days between 0 and 365),
  auto_confirm_orders boolean not null default false,
  allows_cod boolean not null default false,
  allows_backorder boolean not null default false,
  storefront_url text check (storefront_url ~ '^https?://'),
  opened_on date,
  closed_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sales_channels_period_ck check (closed_on >= opened_on),
  constraint sales_channels_closed_ck check (status <> 'closed' or closed_on is not null),
  constraint sales_channels_default_ck check (not is_default or status = 'active')
);
create unique index sales_channels_is_default_key on sales_channels (is_default) where is_default;
create index sales_channels_type_status_idx on sales_channels (channel_type, status);
create index sales_channels_company_branch_id_idx on sales_channels (company_branch_id);
create index sales_channels_default_warehouse_id_idx on sales_channels (default_warehouse_id);
create index sales_channels_revenue_account_id_idx on sales_channels (revenue_account_id);
create index sales_channels_settlement_account_id_idx on sales_channels (settlement_account_id);
comment on table sales_channels is 'One place the tenant sells through: own website, a marketplace, a store, the dealer desk. It sets the defaults orders inherit; connection details to a marketplace live in marketplace_integrations.';
comment on column sales_channels.collects_gst_tcs is 'The operator withholds tax at source: TCS under section 52 of the CGST Act, and income-tax TDS under section 194-O.';
comment on column sales_channels.settlement_account_id is 'Receivable account where the channel''s unsettled collections stand until paid out.';

create table marketplace_integrations (
  id uuid primary key default gen_random_uuid(),
  sales_channel_id uuid not null references sales_channels (id) on delete restrict,
  company_id uuid not null references companies (id) on delete restrict,
  platform text not null check (platform in ('amazon', 'flipkart', 'myntra', 'meesho', 'ajio', 'nykaa', 'jiomart', 'tata_cliq', 'snapdeal', 'blinkit', 'zepto', 'swiggy_instamart', 'ondc', 'gem', 'shopify', 'woocommerce', 'magento', 'ebay', 'walmart', 'etsy', 'other')),
  account_name text not null,
  seller_id text not null,
  marketplace_region text not null default 'IN',
  seller_gstin text check (seller_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  environment text not null default 'production' check (environment in ('sandbox', 'production')),
  status text not null default 'pending' check (status in ('pending', 'connected', 'expired', 'error', 'disabled')),
  api_base_url text check (api_base_url ~ '^https://'),
  credential_reference text,
  token_expires_at timestamptz,
  granted_scopes text[] not null default '{}',
  sync_orders boolean not null default true,
  sync_inventory boolean not null default true,
  sync_prices boolean not null default false,
  sync_returns boolean not null default true,
  sync_interval_minutes smallint not null default 15 check (sync_interval_minutes between 1 and 1440),
  orders_synced_until timestamptz,
  inventory_synced_at timestamptz,
  prices_synced_at timestamptz,
  last_error_at timestamptz,
  last_error_message text,
  consecutive_failures integer not null default 0 check (consecutive_failures >= 0),
  connected_at timestamptz,
  connected_by uuid references users (id) on delete set null,
  disabled_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint marketplace_integrations_account_key unique (platform, seller_id, marketplace_region, environment),
  constraint marketplace_integrations_connected_ck check (status <> 'connected' or (connected_at is not null and credential_reference is not null))
);
create unique index marketplace_integrations_live_channel_key on marketplace_integrations (sales_channel_id) where environment = 'production' and status <> 'disabled';
create index marketplace_integrations_channel_status_idx on marketplace_integrations (sales_channel_id, status);
create index marketplace_integrations_company_id_idx on marketplace_integrations (company_id);
create index marketplace_integrations_status_expiry_idx on marketplace_integrations (status, token_expires_at);
create index marketplace_integrations_connected_by_idx on marketplace_integrations (connected_by);
create index marketplace_integrations_disabled_by_idx on marketplace_integrations (disabled_by);
comment on table marketplace_integrations is 'The tenant''s seller account on a marketplace or shop platform behind one sales channel, what is synchronised and how far. A sandbox account may stand beside the live one.';
comment on column marketplace_integrations.credential_reference is 'Name of the secret in the secret store; the API keys themselves are never kept in this table.';
comment on column marketplace_integrations.orders_synced_until is 'High-water mark: every channel order placed before this moment has been fetched.';

create table product_channel_settings (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete cascade,
  product_variant_id uuid references product_variants (id) on delete cascade,
  sales_channel_id uuid not null references sales_channels (id) on delete cascade,
  fulfillment_warehouse_id uuid references warehouses (id) on delete set null,
  channel_sku text not null check (length(trim(channel_sku)) > 0),
  channel_listing_id text,
  channel_category text,
  listing_title text,
  listing_description text,
  listing_url text check (listing_url ~ '^https?://'),
  listing_status text not null default 'draft' check (listing_status in ('draft', 'submitted', 'live', 'suppressed', 'rejected', 'paused', 'delisted')),
  rejection_reason text,
  is_visible boolean not null default true,
  is_featured boolean not null default false,
  fulfillment_model text not null default 'seller' check (fulfillment_model in ('seller', 'channel', 'dropship')),
  safety_stock_quantity numeric(19,6) not null default 0 check (safety_stock_quantity >= 0),
  min_order_quantity numeric(19,6) not null default 1 check (min_order_quantity > 0),
  max_order_quantity numeric(19,6) check (max_order_quantity > 0),
  uom_code text not null default 'NOS',
  handling_days smallint not null default 1 check (handling_days between 0 and 90),
  allows_cod boolean not null default true,
  is_returnable boolean not null default true,
  return_window_days smallint check (return_window_days between 0 and 365),
  listed_at timestamptz,
  delisted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_channel_settings_listing_key unique nulls not distinct (product_id, product_variant_id, sales_channel_id),
  constraint product_channel_settings_channel_sku_key unique (sales_channel_id, channel_sku),
  constraint product_channel_settings_order_qty_ck check (max_order_quantity >= min_order_quantity),
  constraint product_channel_settings_live_ck check (listing_status <> 'live' or listed_at is not null),
  constraint product_channel_settings_period_ck check (delisted_at >= listed_at)
);
create index product_channel_settings_product_variant_id_idx on product_channel_settings (product_variant_id);
create index product_channel_settings_channel_status_idx on product_channel_settings (sales_channel_id, listing_status);
create index product_channel_settings_warehouse_id_idx on product_channel_settings (fulfillment_warehouse_id);
comment on table product_channel_settings is 'The listing of one product (or one variant) on one sales channel: its SKU and status there, order limits and service promises. Price is in channel_pricing, stock in channel_inventory.';
comment on column product_channel_settings.channel_listing_id is 'The channel''s own catalogue key, such as an Amazon ASIN or a Flipkart FSN; several sellers may share one.';
comment on column product_channel_settings.return_window_days is 'Null: the window of the sales channel applies.';

create table channel_inventory (
  id uuid primary key default gen_random_uuid(),
  sales_channel_id uuid not null references sales_channels (id) on delete cascade,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  allocation_mode text not null default 'shared' check (allocation_mode in ('shared', 'dedicated', 'channel_held')),
  share_percent numeric(9,6) check (share_percent between 0 and 100),
  allocated_quantity numeric(19,6) not null default 0 check (allocated_quantity >= 0),
  reserved_quantity numeric(19,6) not null default 0 check (reserved_quantity >= 0),
  buffer_quantity numeric(19,6) not null default 0 check (buffer_quantity >= 0),
  available_quantity numeric(19,6) not null default 0 check (available_quantity >= 0),
  published_quantity numeric(19,6) not null default 0 check (published_quantity >= 0),
  reorder_point_quantity numeric(19,6) not null default 0 check (reorder_point_quantity >= 0),
  uom_code text not null default 'NOS',
  auto_replenish boolean not null default false,
  sync_status text not null default 'pending' check (sync_status in ('pending', 'synced', 'failed', 'paused')),
  calculated_at timestamptz not null default now(),
  published_at timestamptz,
  sync_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint channel_inventory_stock_key unique nulls not distinct (sales_channel_id, warehouse_id, product_id, product_variant_id),
  constraint channel_inventory_reserved_ck check (reserved_quantity <= allocated_quantity),
  constraint channel_inventory_available_ck check (available_quantity = greatest(allocated_quantity - reserved_quantity - buffer_quantity, 0)),
  constraint channel_inventory_share_ck check (allocation_mode = 'shared' or share_percent is null),
  constraint channel_inventory_synced_ck check (sync_status <> 'synced' or published_at is not null)
);
create index channel_inventory_warehouse_id_idx on channel_inventory (warehouse_id);
create index channel_inventory_product_channel_idx on channel_inventory (product_id, sales_channel_id);
create index channel_inventory_product_variant_id_idx on channel_inventory (product_variant_id);
create index channel_inventory_sync_status_calculated_at_idx on channel_inventory (sync_status, calculated_at);
comment on table channel_inventory is 'How much of a product''s stock in one warehouse one sales channel may promise, and what was last published to it. The physical stock itself is in inventory_summary and stock_items.';
comment on column channel_inventory.allocation_mode is 'shared: a share of the common pool; dedicated: ring-fenced for this channel; channel_held: lying in the channel''s own fulfilment centre.';

create table channel_pricing (
  id uuid primary key default gen_random_uuid(),
  sales_channel_id uuid not null references sales_channels (id) on delete cascade,
  product_id uuid not null references products (id) on delete cascade,
  product_variant_id uuid references product_variants (id) on delete cascade,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'active', 'expired', 'withdrawn')),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  mrp numeric(21,9) check (mrp > 0),
  list_price numeric(21,9) not null check (list_price > 0),
  sale_price numeric(21,9) check (sale_price > 0),
  floor_price numeric(21,9) check (floor_price > 0),
  price_includes_tax boolean not null default true,
  min_quantity numeric(19,6) not null default 1 check (min_quantity > 0),
  uom_code text not null default 'NOS',
  valid_from timestamptz not null default now(),
  valid_until timestamptz,
  target_margin_percent numeric(9,6) check (target_margin_percent between 0 and 100),
  commission_percent numeric(9,6) check (commission_percent between 0 and 100),
  auto_reprice boolean not null default false,
  change_reason text,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  published_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint channel_pricing_price_key unique nulls not distinct (sales_channel_id, product_id, product_variant_id, currency_code, min_quantity, valid_from),
  constraint channel_pricing_mrp_ck check (mrp is null or (list_price <= mrp and (sale_price is null or sale_price <= mrp))),
  constraint channel_pricing_sale_ck check (sale_price <= list_price),
  constraint channel_pricing_floor_ck check (floor_price <= coalesce(sale_price, list_price)),
  constraint channel_pricing_period_ck check (valid_until > valid_from)
);
create index channel_pricing_product_valid_from_idx on channel_pricing (product_id, valid_from desc);
create index channel_pricing_product_variant_id_idx on channel_pricing (product_variant_id);
create index channel_pricing_status_valid_from_idx on channel_pricing (status, valid_from);
create index channel_pricing_approved_by_idx on channel_pricing (approved_by);
create index channel_pricing_created_by_idx on channel_pricing (created_by);
comment on table channel_pricing is 'The price of one product (or variant) on one channel for a period and from a quantity upward. A price change is a new row; formula-driven changes across many products are pricing_rules.';
comment on column channel_pricing.mrp is 'Maximum retail price printed on the pack (Legal Metrology Rules), tax included; no selling price may exceed it.';
comment on column channel_pricing.floor_price is 'The lowest price automatic repricing or a promotion may reach.';

create table pricing_rules (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{1,39}$'),
  name text not null,
  description text,
  status text not null default 'draft' check (status in ('draft', 'active', 'paused', 'expired')),
  scope text not null check (scope in ('all_products', 'brand', 'category', 'product')),
  sales_channel_id uuid references sales_channels (id) on delete cascade,
  brand_id uuid references brands (id) on delete cascade,
  category_id uuid references categories (id) on delete cascade,
  product_id uuid references products (id) on delete cascade,
  customer_type text not null default 'all' check (customer_type in ('all', 'retail', 'business', 'dealer', 'franchisee', 'government', 'export')),
  price_basis text not null default 'list_price' check (price_basis in ('mrp', 'list_price', 'standard_cost', 'last_purchase_cost')),
  adjustment_type text not null check (adjustment_type in ('percent_off', 'amount_off', 'percent_markup', 'amount_markup', 'fixed_price')),
  adjustment_percent numeric(9,6) check (adjustment_percent > 0 and adjustment_percent <= 1000),
  adjustment_unit_price numeric(21,9) check (adjustment_unit_price > 0),
  rounding_step numeric(19,4) check (rounding_step > 0),
  min_quantity numeric(19,6) not null default 0 check (min_quantity >= 0),
  max_quantity numeric(19,6),
  uom_code text not null default 'NOS',
  min_order_amount numeric(19,4) not null default 0 check (min_order_amount >= 0),
  min_margin_percent numeric(9,6) check (min_margin_percent between 0 and 100),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  priority smallint not null default 100 check (priority >= 0),
  is_stackable boolean not null default false,
  valid_from timestamptz not null default now(),
  valid_until timestamptz,
  created_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pricing_rules_scope_ck check ((scope = 'brand') = (brand_id is not null) and (scope = 'category') = (category_id is not null) and (scope = 'product') = (product_id is not null)),
  constraint pricing_rules_adjustment_ck check (case when adjustment_type in ('percent_off', 'percent_markup') then adjustment_percent is not null and adjustment_unit_price is null else adjustment_unit_price is not null and adjustment_percent is null end),
  constraint pricing_rules_percent_off_ck check (adjustment_type <> 'percent_off' or adjustment_percent <= 100),
  constraint pricing_rules_quantity_ck check (max_quantity >= min_quantity),
  constraint pricing_rules_period_ck check (valid_until > valid_from)
);
create index pricing_rules_status_priority_idx on pricing_rules (status, priority, valid_from);
create index pricing_rules_sales_channel_id_idx on pricing_rules (sales_channel_id);
create index pricing_rules_brand_id_idx on pricing_rules (brand_id);
create index pricing_rules_category_id_idx on pricing_rules (category_id);
create index pricing_rules_product_id_idx on pricing_rules (product_id);
create index pricing_rules_created_by_idx on pricing_rules (created_by);
create index pricing_rules_approved_by_idx on pricing_rules (approved_by);
comment on table pricing_rules is 'A rule that derives a selling price from a base price for a scope of products, customers, quantities and dates. Lowest priority number wins first; it is list-price policy, not a coupon or a promotion.';
comment on column pricing_rules.rounding_step is 'Derived prices are rounded to this step, for example 1.0000 for whole rupees or 0.0500.';

create table channel_orders (
  id uuid primary key default gen_random_uuid(),
  sales_channel_id uuid not null references sales_channels (id) on delete restrict,
  marketplace_integration_id uuid references marketplace_integrations (id) on delete set null,
  order_id uuid references orders (id) on delete restrict,
  channel_order_number text not null check (length(trim(channel_order_number)) > 0),
  channel_shipment_number text,
  channel_status_code text not null check (length(trim(channel_status_code)) > 0),
  import_status text not null default 'received' check (import_status in ('received', 'imported', 'failed', 'ignored')),
  import_error text,
  fulfilled_by text not null default 'seller' check (fulfilled_by in ('seller', 'channel')),
  placed_at timestamptz not null,
  received_at timestamptz not null default now(),
  dispatch_by timestamptz,
  deliver_by timestamptz,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  gross_amount numeric(19,4) not null check (gross_amount >= 0),
  commission_amount numeric(19,4) not null default 0 check (commission_amount >= 0),
  closing_fee numeric(19,4) not null default 0 check (closing_fee >= 0),
  shipping_fee numeric(19,4) not null default 0 check (shipping_fee >= 0),
  other_fee numeric(19,4) not null default 0,
  gst_on_fees_amount numeric(19,4) not null default 0 check (gst_on_fees_amount >= 0),
  tcs_amount numeric(19,4) not null default 0 check (tcs_amount >= 0),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  net_settlement_amount numeric(19,4) not null,
  settled_amount numeric(19,4),
  settlement_status text not null default 'pending' check (settlement_status in ('pending', 'due', 'settled', 'short_settled', 'disputed', 'not_applicable')),
  settlement_reference text,
  settled_on date,
  raw_payload jsonb not null default '{}'::jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint channel_orders_number_key unique (sales_channel_id, channel_order_number),
  constraint channel_orders_order_id_key unique (order_id),
  constraint channel_orders_imported_ck check (import_status <> 'imported' or order_id is not null),
  constraint channel_orders_settlement_ck check (net_settlement_amount = gross_amount - commission_amount - closing_fee - shipping_fee - other_fee - gst_on_fees_amount - tcs_amount - tds_amount),
  constraint channel_orders_settled_ck check (settlement_status not in ('settled', 'short_settled') or (settled_on is not null and settled_amount is not null)),
  constraint channel_orders_sla_ck check (deliver_by >= dispatch_by)
);
create index channel_orders_integration_id_idx on channel_orders (marketplace_integration_id);
create index channel_orders_channel_placed_idx on channel_orders (sales_channel_id, placed_at desc);
create index channel_orders_import_status_received_idx on channel_orders (import_status, received_at);
create index channel_orders_settlement_status_placed_idx on channel_orders (settlement_status, placed_at);
create index channel_orders_settlement_reference_idx on channel_orders (settlement_reference) where settlement_reference is not null;
comment on table channel_orders is 'An order as the marketplace knows it: its number and deadlines there, the fees and taxes it withholds, and its settlement. The sale itself is the linked row in orders.';
comment on column channel_orders.channel_status_code is 'The state in the marketplace''s own words, verbatim; our states are on orders.';
comment on column channel_orders.tcs_amount is 'GST collected at source by the operator (CGST section 52), claimable in the cash ledger.';
comment on column channel_orders.tds_amount is 'Income tax deducted by the operator (section 194-O).';
comment on column channel_orders.raw_payload is 'The message as received, kept for re-import and disputes.';
comment on column channel_orders.other_fee is 'Any further fee; negative for incentives and reimbursements.';

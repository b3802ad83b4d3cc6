-- orders: the sale from order to allocation, dispatch, return and refund.
-- An order runs on three independent axes (status, payment_status, fulfillment_status); goods that come back are booked by sales_return_notes, money by refunds.

create table orders (
  id uuid primary key default gen_random_uuid(),
  order_number text not null unique check (length(trim(order_number)) > 0),
  order_type text not null default 'b2c' check (order_type in ('b2c', 'b2b', 'dealer', 'export', 'replacement', 'sample')),
  ordered_at timestamptz not null default now(),
  sales_channel_id uuid not null references sales_channels (id) on delete restrict,
  client_reference text,
  customer_id uuid not null references customers (id) on delete restrict,
  dealer_id uuid references dealers (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  warehouse_id uuid references warehouses (id) on delete restrict,
  region_id uuid references regions (id) on delete set null,
  salesperson_id uuid references users (id) on delete set null,
  payment_term_id uuid references payment_terms (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'pending', 'confirmed', 'on_hold', 'processing', 'completed', 'cancelled')),
  payment_status text not null default 'unpaid' check (payment_status in ('unpaid', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded', 'failed')),
  fulfillment_status text not null default 'unallocated' check (fulfillment_status in ('unallocated', 'partially_allocated', 'allocated', 'partially_shipped', 'shipped', 'partially_delivered', 'delivered', 'partially_returned', 'returned', 'cancelled')),
  payment_mode text not null default 'prepaid' check (payment_mode in ('prepaid', 'cod', 'partial_cod', 'credit', 'none')),
  delivery_method text not null default 'standard' check (delivery_method in ('standard', 'express', 'same_day', 'scheduled', 'store_pickup', 'digital')),
  customer_po_number text,
  customer_po_date date,
  billing_address_id uuid references customer_addresses (id) on delete set null,
  billing_name text not null,
  billing_address text not null,
  customer_tax_number text,
  shipping_address_id uuid references customer_addresses (id) on delete set null,
  shipping_name text not null,
  shipping_phone text,
  shipping_email text,
  shipping_address text not null,
  shipping_city text not null,
  shipping_state_code text check (shipping_state_code ~ '^[A-Z0-9]{1,3}$'),
  shipping_postal_code text not null,
  shipping_country_code char(2) not null default 'IN' check (shipping_country_code ~ '^[A-Z]{2}$'),
  place_of_supply char(2) check (place_of_supply ~ '^[0-9]{2}$'),
  tax_treatment text not null default 'intra_state' check (tax_treatment in ('intra_state', 'inter_state', 'sez_with_tax', 'sez_without_tax', 'export_with_tax', 'export_under_lut', 'deemed_export', 'overseas_local', 'exempt')),
  incoterm text check (incoterm in ('EXW', 'FCA', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP', 'FAS', 'FOB', 'CFR', 'CIF')),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  subtotal_amount numeric(19,4) not null default 0 check (subtotal_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  shipping_amount numeric(19,4) not null default 0 check (shipping_amount >= 0),
  cod_fee numeric(19,4) not null default 0 check (cod_fee >= 0),
  taxable_amount numeric(19,4) not null default 0 check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  foreign_tax_amount numeric(19,4) not null default 0 check (foreign_tax_amount >= 0),
  round_off_amount numeric(19,4) not null default 0,
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  base_total_amount numeric(19,4) not null default 0 check (base_total_amount >= 0),
  paid_amount numeric(19,4) not null default 0 check (paid_amount >= 0),
  refunded_amount numeric(19,4) not null default 0 check (refunded_amount >= 0),
  requested_delivery_date date,
  promised_dispatch_at timestamptz,
  confirmed_at timestamptz,
  hold_reason text,
  cancelled_at timestamptz,
  cancelled_by uuid references users (id) on delete set null,
  cancellation_reason text,
  customer_note text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint orders_channel_client_reference_key unique (sales_channel_id, client_reference),
  constraint orders_pincode_ck check (shipping_country_code <> 'IN' or shipping_postal_code ~ '^[1-9][0-9]{5}$'),
  constraint orders_dealer_ck check (order_type <> 'dealer' or dealer_id is not null),
  constraint orders_taxable_ck check (taxable_amount = subtotal_amount - discount_amount + shipping_amount + cod_fee),
  constraint orders_gst_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint orders_round_off_ck check (abs(round_off_amount) < 1),
  constraint orders_total_ck check (total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + foreign_tax_amount + round_off_amount),
  constraint orders_refunded_ck check (refunded_amount <= paid_amount),
  constraint orders_confirmed_ck check (status not in ('confirmed', 'processing', 'completed') or confirmed_at is not null),
  constraint orders_hold_ck check (status <> 'on_hold' or hold_reason is not null),
  constraint orders_cancelled_ck check ((status = 'cancelled') = (cancelled_at is not null)),
  constraint orders_overseas_ck check (shipping_country_code = 'IN' or tax_treatment in ('export_with_tax', 'export_under_lut', 'overseas_local', 'exempt'))
);
create index orders_status_ordered_at_idx on orders (status, ordered_at desc);
create index orders_fulfillment_status_promised_idx on orders (fulfillment_status, promised_dispatch_at);
create index orders_payment_status_ordered_at_idx on orders (payment_status, ordered_at desc);
create index orders_sales_channel_ordered_at_idx on orders (sales_channel_id, ordered_at desc);
create index orders_customer_ordered_at_idx on orders (customer_id, ordered_at desc);
create index orders_dealer_ordered_at_idx on orders (dealer_id, ordered_at desc);
create index orders_company_branch_id_idx on orders (company_branch_id);
create index orders_warehouse_status_idx on orders (warehouse_id, fulfillment_status);
create index orders_region_id_idx on orders (region_id);
create index orders_salesperson_ordered_at_idx on orders (salesperson_id, ordered_at desc);
create index orders_payment_term_id_idx on orders (payment_term_id);
create index orders_billing_address_id_idx on orders (billing_address_id);
create index orders_shipping_address_id_idx on orders (shipping_address_id);
create index orders_shipping_postal_code_idx on orders (shipping_postal_code);
create index orders_shipping_phone_idx on orders (shipping_phone) where shipping_phone is not null;
create index orders_customer_po_number_idx on orders (customer_po_number) where customer_po_number is not null;
create index orders_cancelled_by_idx on orders (cancelled_by);
create index orders_created_by_idx on orders (created_by);
comment on table orders is 'A customer''s or dealer''s sales order from any channel, with addresses and taxes as agreed at the time. It promises goods; stock leaves with fulfillments and is billed by tax_invoices.';
comment on column orders.client_reference is 'Checkout or API key of the caller; a repeated submission on the same channel is refused.';
comment on column orders.billing_address is 'Address as printed, kept even if the address book changes; the same holds for the shipping columns.';
comment on column orders.customer_tax_number is 'GSTIN of a registered Indian buyer, or the VAT or tax id of a foreign one.';
comment on column orders.shipping_state_code is 'Two-digit GST state code in India, ISO 3166-2 subdivision elsewhere.';
comment on column orders.place_of_supply is 'GST state code of the place of supply; 96 for other countries, null when GST does not apply.';
comment on column orders.subtotal_amount is 'Sum of the lines before discount and tax, tax taken out where prices include it; shipping and COD fee are taxed beside the lines.';
comment on column orders.sgst_amount is 'SGST, or UTGST in union territories without a legislature.';
comment on column orders.foreign_tax_amount is 'VAT or sales tax outside India.';

create table order_items (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null references orders (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  bundle_item_id uuid references order_items (id) on delete cascade,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  warehouse_id uuid references warehouses (id) on delete restrict,
  sku text not null,
  description text not null,
  hsn_code text check (hsn_code ~ '^([0-9]{4}|[0-9]{6}|[0-9]{8})$'),
  channel_line_reference text,
  uom_id uuid not null references units_of_measure (id) on delete restrict,
  quantity numeric(19,6) not null check (quantity > 0),
  allocated_quantity numeric(19,6) not null default 0 check (allocated_quantity >= 0),
  shipped_quantity numeric(19,6) not null default 0 check (shipped_quantity >= 0),
  delivered_quantity numeric(19,6) not null default 0 check (delivered_quantity >= 0),
  cancelled_quantity numeric(19,6) not null default 0 check (cancelled_quantity >= 0),
  returned_quantity numeric(19,6) not null default 0 check (returned_quantity >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  mrp numeric(21,9) check (mrp > 0),
  unit_price numeric(21,9) not null check (unit_price >= 0),
  discount_percent numeric(9,6) not null default 0 check (discount_percent between 0 and 100),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  taxable_amount numeric(19,4) not null default 0 check (taxable_amount >= 0),
  tax_percent numeric(9,6) not null default 0 check (tax_percent between 0 and 100),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  foreign_tax_amount numeric(19,4) not null default 0 check (foreign_tax_amount >= 0),
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  unit_cost numeric(21,9) check (unit_cost >= 0),
  is_free_item boolean not null default false,
  promised_dispatch_date date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint order_items_line_key unique (order_id, line_number),
  constraint order_items_bundle_ck check (bundle_item_id <> id),
  constraint order_items_allocated_ck check (allocated_quantity + cancelled_quantity <= quantity),
  constraint order_items_shipped_ck check (shipped_quantity + cancelled_quantity <= quantity),
  constraint order_items_delivered_ck check (delivered_quantity <= shipped_quantity),
  constraint order_items_returned_ck check (returned_quantity <= shipped_quantity),
  constraint order_items_gst_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint order_items_total_ck check (total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + foreign_tax_amount)
);
create index order_items_bundle_item_id_idx on order_items (bundle_item_id);
create index order_items_product_order_idx on order_items (product_id, order_id);
create index order_items_product_variant_id_idx on order_items (product_variant_id);
create index order_items_warehouse_id_idx on order_items (warehouse_id);
create index order_items_uom_id_idx on order_items (uom_id);
create index order_items_open_idx on order_items (product_id, promised_dispatch_date) where shipped_quantity + cancelled_quantity < quantity;
comment on table order_items is 'A line of an order: product, price and tax as agreed, and how much of it is allocated, shipped, delivered, cancelled and returned so far. A bundle''s components are lines under the bundle''s line.';
comment on column order_items.allocated_quantity is 'Quantity a warehouse has been committed to, shipped part included.';
comment on column order_items.discount_amount is 'The line''s own discount and its share of order-level discounts and coupons.';
comment on column order_items.unit_price is 'Price of one unit before discount and without tax.';
comment on column order_items.unit_cost is 'Expected cost at order time, for margin only; the books take the cost from stock.';

create table order_status_history (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null references orders (id) on delete cascade,
  axis text not null default 'order' check (axis in ('order', 'payment', 'fulfillment')),
  from_status text,
  to_status text not null,
  changed_at timestamptz not null default now(),
  source text not null default 'user' check (source in ('user', 'system', 'channel', 'carrier', 'payment_gateway', 'customer')),
  changed_by uuid references users (id) on delete set null,
  reason_code text check (reason_code in ('customer_request', 'out_of_stock', 'payment_failed', 'fraud_suspected', 'address_unserviceable', 'credit_limit', 'price_error', 'duplicate_order', 'rto', 'other')),
  note text,
  is_visible_to_customer boolean not null default true,
  customer_notified_at timestamptz,
  external_event_reference text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint order_status_history_status_ck check (
    case axis
      when 'order' then to_status in ('draft', 'pending', 'confirmed', 'on_hold', 'processing', 'completed', 'cancelled')
        and from_status in ('draft', 'pending', 'confirmed', 'on_hold', 'processing', 'completed', 'cancelled')
      when 'payment' then to_status in ('unpaid', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded', 'failed')
        and from_status in ('unpaid', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded', 'failed')
      when 'fulfillment' then to_status in ('unallocated', 'partially_allocated', 'allocated', 'partially_shipped', 'shipped', 'partially_delivered', 'delivered', 'partially_returned', 'returned', 'cancelled')
        and from_status in ('unallocated', 'partially_allocated', 'allocated', 'partially_shipped', 'shipped', 'partially_delivered', 'delivered', 'partially_returned', 'returned', 'cancelled')
    end
  ),
  constraint order_status_history_change_ck check (from_status is distinct from to_status),
  constraint order_status_history_event_key unique (order_id, external_event_reference)
);
create index order_status_history_order_changed_idx on order_status_history (order_id, changed_at);
create index order_status_history_to_status_changed_idx on order_status_history (axis, to_status, changed_at);
create index order_status_history_changed_by_idx on order_status_history (changed_by);
comment on table order_status_history is 'One change of an order''s status on one of its three axes, with who or what made it and why. Only ever added to; the present state is on the order.';
comment on column order_status_history.external_event_reference is 'Event id of a channel, carrier or gateway, so a webhook delivered twice is recorded once.';

create table allocation_rules (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{1,39}$'),
  name text not null,
  status text not null default 'active' check (status in ('draft', 'active', 'paused')),
  priority smallint not null check (priority >= 0),
  strategy text not null check (strategy in ('fixed_warehouse', 'nearest', 'lowest_cost', 'fastest', 'highest_stock', 'earliest_expiry', 'round_robin', 'balanced')),
  sales_channel_id uuid references sales_channels (id) on delete cascade,
  warehouse_id uuid references warehouses (id) on delete restrict,
  fallback_warehouse_id uuid references warehouses (id) on delete set null,
  order_type text check (order_type in ('b2c', 'b2b', 'dealer', 'export', 'replacement', 'sample')),
  payment_mode text check (payment_mode in ('prepaid', 'cod', 'partial_cod', 'credit', 'none')),
  postal_code_prefix text check (postal_code_prefix ~ '^[A-Z0-9]{1,10}$'),
  min_order_amount numeric(19,4) not null default 0 check (min_order_amount >= 0),
  max_order_amount numeric(19,4),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  allows_split boolean not null default false,
  max_splits smallint not null default 1 check (max_splits between 1 and 20),
  max_distance_km numeric(12,3) check (max_distance_km > 0),
  distance_weight_percent numeric(9,6) check (distance_weight_percent between 0 and 100),
  cost_weight_percent numeric(9,6) check (cost_weight_percent between 0 and 100),
  stock_weight_percent numeric(9,6) check (stock_weight_percent between 0 and 100),
  holds_when_unallocated boolean not null default true,
  valid_from timestamptz not null default now(),
  valid_until timestamptz,
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint allocation_rules_amount_ck check (max_order_amount >= min_order_amount),
  constraint allocation_rules_warehouse_ck check (strategy <> 'fixed_warehouse' or warehouse_id is not null),
  constraint allocation_rules_fallback_ck check (fallback_warehouse_id <> warehouse_id),
  constraint allocation_rules_split_ck check (allows_split or max_splits = 1),
  constraint allocation_rules_weights_ck check (strategy <> 'balanced' or coalesce(distance_weight_percent, 0) + coalesce(cost_weight_percent, 0) + coalesce(stock_weight_percent, 0) = 100),
  constraint allocation_rules_period_ck check (valid_until > valid_from)
);
create unique index allocation_rules_active_priority_key on allocation_rules (sales_channel_id, priority) nulls not distinct where status = 'active';
create index allocation_rules_status_priority_idx on allocation_rules (status, priority);
create index allocation_rules_sales_channel_id_idx on allocation_rules (sales_channel_id);
create index allocation_rules_warehouse_id_idx on allocation_rules (warehouse_id);
create index allocation_rules_fallback_warehouse_id_idx on allocation_rules (fallback_warehouse_id);
create index allocation_rules_created_by_idx on allocation_rules (created_by);
create index allocation_rules_updated_by_idx on allocation_rules (updated_by);
comment on table allocation_rules is 'A rule that decides which warehouse serves an order: which orders it matches and by what strategy it chooses. Active rules are tried in priority order, a channel''s own before the general ones.';
comment on column allocation_rules.order_type is 'Null matches every order type; the same holds for payment_mode, sales_channel_id and postal_code_prefix.';

create table allocation_logs (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null references orders (id) on delete cascade,
  order_item_id uuid references order_items (id) on delete cascade,
  allocation_rule_id uuid references allocation_rules (id) on delete set null,
  warehouse_id uuid references warehouses (id) on delete restrict,
  attempt_number smallint not null default 1 check (attempt_number > 0),
  trigger_source text not null default 'order_confirmed' check (trigger_source in ('order_confirmed', 'stock_arrived', 'short_pick', 'manual', 'reallocation', 'scheduled')),
  outcome text not null check (outcome in ('allocated', 'partial', 'no_stock', 'unserviceable', 'no_rule', 'released', 'error')),
  requested_quantity numeric(19,6) not null check (requested_quantity > 0),
  allocated_quantity numeric(19,6) not null default 0 check (allocated_quantity >= 0),
  uom_code text not null default 'NOS',
  distance_km numeric(12,3) check (distance_km >= 0),
  estimated_shipping_cost numeric(19,4) check (estimated_shipping_cost >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  estimated_transit_days smallint check (estimated_transit_days >= 0),
  candidates jsonb not null default '[]'::jsonb,
  failure_reason text,
  decided_at timestamptz not null default now(),
  decided_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint allocation_logs_quantity_ck check (allocated_quantity <= requested_quantity),
  constraint allocation_logs_outcome_ck check (outcome not in ('allocated', 'partial') or (warehouse_id is not null and allocated_quantity > 0)),
  constraint allocation_logs_candidates_ck check (jsonb_typeof(candidates) = 'array')
);
create index allocation_logs_order_decided_idx on allocation_logs (order_id, decided_at);
create index allocation_logs_order_item_id_idx on allocation_logs (order_item_id);
create index allocation_logs_allocation_rule_id_idx on allocation_logs (allocation_rule_id);
create index allocation_logs_warehouse_decided_idx on allocation_logs (warehouse_id, decided_at desc);
create index allocation_logs_outcome_decided_idx on allocation_logs (outcome, decided_at desc);
create index allocation_logs_decided_by_idx on allocation_logs (decided_by);
comment on table allocation_logs is 'One attempt to find a warehouse for an order or one of its lines: the rule used, the outcome and the warehouses weighed. It explains a decision; the reservation itself is kept on stock.';
comment on column allocation_logs.candidates is 'Warehouses considered with stock, distance, cost and score, as an array.';

create table warehouse_serviceability (
  id uuid primary key default gen_random_uuid(),
  warehouse_id uuid not null references warehouses (id) on delete cascade,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  postal_code text not null,
  city text,
  district text,
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  zone text not null default 'national' check (zone in ('local', 'within_state', 'metro', 'regional', 'national', 'special', 'international')),
  is_serviceable boolean not null default true,
  offers_prepaid boolean not null default true,
  offers_cod boolean not null default false,
  offers_reverse_pickup boolean not null default false,
  offers_express boolean not null default false,
  offers_installation boolean not null default false,
  transit_days smallint not null check (transit_days between 0 and 90),
  express_transit_days smallint check (express_transit_days between 0 and 90),
  dispatch_cutoff_minutes smallint check (dispatch_cutoff_minutes between 0 and 1439),
  distance_km numeric(12,3) check (distance_km >= 0),
  max_weight_kg numeric(14,4) check (max_weight_kg > 0),
  cod_limit_amount numeric(19,4) check (cod_limit_amount >= 0),
  shipping_cost numeric(19,4) check (shipping_cost >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  priority smallint not null default 100 check (priority >= 0),
  valid_from date not null default current_date,
  valid_until date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint warehouse_serviceability_place_key unique (warehouse_id, country_code, postal_code, valid_from),
  constraint warehouse_serviceability_pincode_ck check (country_code <> 'IN' or postal_code ~ '^[1-9][0-9]{5}$'),
  constraint warehouse_serviceability_express_ck check (express_transit_days <= transit_days),
  constraint warehouse_serviceability_period_ck check (valid_until >= valid_from)
);
create index warehouse_serviceability_postal_code_idx on warehouse_serviceability (country_code, postal_code, priority) where is_serviceable;
comment on table warehouse_serviceability is 'Whether and how fast one warehouse can serve one postal code, and on what terms (cash on delivery, reverse pickup). What a given carrier can do is in transporter_serviceability.';
comment on column warehouse_serviceability.dispatch_cutoff_minutes is 'Minutes after local midnight until which an order still leaves the same day.';
comment on column warehouse_serviceability.shipping_cost is 'Planning estimate used by allocation, not a tariff.';

create table fulfillments (
  id uuid primary key default gen_random_uuid(),
  fulfillment_number text not null unique check (length(trim(fulfillment_number)) > 0),
  order_id uuid not null references orders (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  picklist_id uuid references picklists (id) on delete set null,
  shipment_id uuid references shipments (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  fulfillment_type text not null default 'ship' check (fulfillment_type in ('ship', 'store_pickup', 'dropship', 'channel', 'own_delivery', 'digital')),
  status text not null default 'created' check (status in ('created', 'picking', 'picked', 'packing', 'packed', 'ready_to_ship', 'shipped', 'delivered', 'returned_to_origin', 'cancelled')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'same_day')),
  dispatch_by timestamptz,
  picked_at timestamptz,
  packed_at timestamptz,
  packed_by uuid references users (id) on delete set null,
  package_count smallint not null default 1 check (package_count > 0),
  package_type text check (package_type in ('envelope', 'polybag', 'box', 'crate', 'pallet', 'drum', 'loose')),
  gross_weight_kg numeric(14,4) check (gross_weight_kg > 0),
  volumetric_weight_kg numeric(14,4) check (volumetric_weight_kg > 0),
  length_cm numeric(12,3) check (length_cm > 0),
  width_cm numeric(12,3) check (width_cm > 0),
  height_cm numeric(12,3) check (height_cm > 0),
  shipped_at timestamptz,
  delivered_at timestamptz,
  cancelled_at timestamptz,
  cancellation_reason text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint fulfillments_packed_ck check (status not in ('packed', 'ready_to_ship', 'shipped', 'delivered') or fulfillment_type in ('channel', 'dropship', 'digital') or packed_at is not null),
  constraint fulfillments_shipped_ck check (status not in ('shipped', 'delivered') or shipped_at is not null),
  constraint fulfillments_delivered_ck check (delivered_at >= shipped_at),
  constraint fulfillments_cancelled_ck check ((status = 'cancelled') = (cancelled_at is not null))
);
create index fulfillments_order_id_idx on fulfillments (order_id);
create index fulfillments_warehouse_status_idx on fulfillments (warehouse_id, status, dispatch_by);
create index fulfillments_picklist_id_idx on fulfillments (picklist_id);
create index fulfillments_shipment_id_idx on fulfillments (shipment_id);
create index fulfillments_tax_invoice_id_idx on fulfillments (tax_invoice_id);
create index fulfillments_status_created_idx on fulfillments (status, created_at desc);
create index fulfillments_packed_by_idx on fulfillments (packed_by);
create index fulfillments_created_by_idx on fulfillments (created_by);
comment on table fulfillments is 'The part of an order that one warehouse picks, packs and hands over as a unit (the delivery note). An order may need several; transport itself is the linked shipment.';

create table fulfillment_items (
  id uuid primary key default gen_random_uuid(),
  fulfillment_id uuid not null references fulfillments (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  order_item_id uuid not null references order_items (id) on delete restrict,
  stock_batch_id uuid references stock_batches (id) on delete restrict,
  stock_item_id uuid references stock_items (id) on delete restrict,
  warehouse_bin_id uuid references warehouse_bins (id) on delete set null,
  quantity numeric(19,6) not null check (quantity > 0),
  picked_quantity numeric(19,6) not null default 0 check (picked_quantity >= 0),
  packed_quantity numeric(19,6) not null default 0 check (packed_quantity >= 0),
  shipped_quantity numeric(19,6) not null default 0 check (shipped_quantity >= 0),
  uom_code text not null default 'NOS',
  serial_numbers text[] not null default '{}',
  package_number smallint check (package_number > 0),
  unit_cost numeric(21,9) check (unit_cost >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  short_reason text check (short_reason in ('not_found', 'damaged', 'expired', 'quality_hold', 'miscount', 'customer_change')),
  packing_note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint fulfillment_items_line_key unique (fulfillment_id, line_number),
  constraint fulfillment_items_picked_ck check (picked_quantity <= quantity),
  constraint fulfillment_items_packed_ck check (packed_quantity <= picked_quantity),
  constraint fulfillment_items_shipped_ck check (shipped_quantity <= packed_quantity),
  constraint fulfillment_items_serial_ck check (stock_item_id is null or quantity = 1)
);
create index fulfillment_items_order_item_id_idx on fulfillment_items (order_item_id);
create index fulfillment_items_stock_batch_id_idx on fulfillment_items (stock_batch_id);
create index fulfillment_items_stock_item_id_idx on fulfillment_items (stock_item_id);
create index fulfillment_items_warehouse_bin_id_idx on fulfillment_items (warehouse_bin_id);
comment on table fulfillment_items is 'A quantity of one order line inside a fulfillment, from planned through picked and packed to shipped, with the batch or serial it was taken from.';
comment on column fulfillment_items.unit_cost is 'Cost in base currency at which the goods left stock (cost of goods sold).';

create table return_orders (
  id uuid primary key default gen_random_uuid(),
  return_number text not null unique check (length(trim(return_number)) > 0),
  order_id uuid not null references orders (id) on delete restrict,
  replacement_order_id uuid references orders (id) on delete set null,
  customer_id uuid not null references customers (id) on delete restrict,
  warehouse_id uuid references warehouses (id) on delete restrict,
  shipment_id uuid references shipments (id) on delete set null,
  return_type text not null default 'customer_return' check (return_type in ('customer_return', 'rto', 'exchange', 'warranty', 'dealer_return', 'recall')),
  status text not null default 'requested' check (status in ('requested', 'approved', 'rejected', 'pickup_scheduled', 'in_transit', 'received', 'inspected', 'closed', 'cancelled')),
  resolution text not null default 'refund' check (resolution in ('refund', 'replacement', 'exchange', 'store_credit', 'repair', 'none')),
  reason_code text not null check (reason_code in ('damaged_in_transit', 'defective', 'wrong_item', 'missing_parts', 'not_as_described', 'size_or_fit', 'changed_mind', 'late_delivery', 'undelivered', 'refused', 'expired', 'other')),
  customer_comment text,
  requested_via text not null default 'customer' check (requested_via in ('customer', 'support', 'channel', 'carrier', 'store')),
  requested_at timestamptz not null default now(),
  approved_at timestamptz,
  approved_by uuid references users (id) on delete set null,
  rejection_reason text,
  pickup_address_id uuid references customer_addresses (id) on delete set null,
  pickup_scheduled_on date,
  received_at timestamptz,
  inspected_at timestamptz,
  closed_at timestamptz,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  item_amount numeric(19,4) not null default 0 check (item_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  restocking_fee numeric(19,4) not null default 0 check (restocking_fee >= 0),
  return_shipping_fee numeric(19,4) not null default 0 check (return_shipping_fee >= 0),
  refundable_amount numeric(19,4) not null default 0 check (refundable_amount >= 0),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint return_orders_replacement_ck check (replacement_order_id <> order_id),
  constraint return_orders_refundable_ck check (refundable_amount = item_amount + tax_amount - restocking_fee - return_shipping_fee),
  constraint return_orders_rejected_ck check (status <> 'rejected' or rejection_reason is not null),
  constraint return_orders_received_ck check (status not in ('received', 'inspected') or received_at is not null),
  constraint return_orders_inspected_ck check (inspected_at >= received_at),
  constraint return_orders_closed_ck check (status <> 'closed' or closed_at is not null)
);
create index return_orders_order_id_idx on return_orders (order_id);
create index return_orders_replacement_order_id_idx on return_orders (replacement_order_id);
create index return_orders_customer_requested_idx on return_orders (customer_id, requested_at desc);
create index return_orders_warehouse_status_idx on return_orders (warehouse_id, status);
create index return_orders_shipment_id_idx on return_orders (shipment_id);
create index return_orders_status_requested_idx on return_orders (status, requested_at desc);
create index return_orders_pickup_address_id_idx on return_orders (pickup_address_id);
create index return_orders_approved_by_idx on return_orders (approved_by);
create index return_orders_created_by_idx on return_orders (created_by);
comment on table return_orders is 'A return authorisation (RMA): the agreement to take goods of one order back, why, and what the customer gets for it. Goods received are booked on a sales return note, money paid out on a refund.';
comment on column return_orders.shipment_id is 'The reverse shipment bringing the goods back, or for an RTO the original one.';

create table return_items (
  id uuid primary key default gen_random_uuid(),
  return_order_id uuid not null references return_orders (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  order_item_id uuid not null references order_items (id) on delete restrict,
  stock_item_id uuid references stock_items (id) on delete restrict,
  requested_quantity numeric(19,6) not null check (requested_quantity > 0),
  received_quantity numeric(19,6) not null default 0 check (received_quantity >= 0),
  accepted_quantity numeric(19,6) not null default 0 check (accepted_quantity >= 0),
  rejected_quantity numeric(19,6) not null default 0 check (rejected_quantity >= 0),
  uom_code text not null default 'NOS',
  reason_code text not null check (reason_code in ('damaged_in_transit', 'defective', 'wrong_item', 'missing_parts', 'not_as_described', 'size_or_fit', 'changed_mind', 'late_delivery', 'undelivered', 'refused', 'expired', 'other')),
  reason_detail text,
  item_condition text check (item_condition in ('sealed', 'opened', 'used', 'damaged', 'defective', 'incomplete', 'counterfeit')),
  disposition text not null default 'pending' check (disposition in ('pending', 'restock', 'refurbish', 'repair', 'return_to_vendor', 'scrap', 'send_back')),
  photo_urls text[] not null default '{}',
  inspected_by uuid references users (id) on delete set null,
  inspection_note text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  item_amount numeric(19,4) not null default 0 check (item_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  deduction_amount numeric(19,4) not null default 0 check (deduction_amount >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint return_items_line_key unique (return_order_id, line_number),
  constraint return_items_inspected_ck check (accepted_quantity + rejected_quantity <= received_quantity),
  constraint return_items_deduction_ck check (deduction_amount <= item_amount + tax_amount),
  constraint return_items_serial_ck check (stock_item_id is null or requested_quantity = 1)
);
create index return_items_order_item_id_idx on return_items (order_item_id);
create index return_items_stock_item_id_idx on return_items (stock_item_id);
create index return_items_reason_code_created_at_idx on return_items (reason_code, created_at desc);
create index return_items_inspected_by_idx on return_items (inspected_by);
comment on table return_items is 'One order line (or one serial of it) on a return authorisation: how much is asked back, what arrived, in what condition, and what becomes of it.';

create table return_status_history (
  id uuid primary key default gen_random_uuid(),
  return_order_id uuid not null references return_orders (id) on delete cascade,
  sequence_number integer not null check (sequence_number > 0),
  previous_status text check (previous_status in ('requested', 'approved', 'rejected', 'pickup_scheduled', 'in_transit', 'received', 'inspected', 'closed', 'cancelled')),
  new_status text not null check (new_status in ('requested', 'approved', 'rejected', 'pickup_scheduled', 'in_transit', 'received', 'inspected', 'closed', 'cancelled')),
  occurred_at timestamptz not null default now(),
  actor_type text not null default 'user' check (actor_type in ('user', 'customer', 'carrier', 'channel', 'system')),
  user_id uuid references users (id) on delete set null,
  pickup_attempt smallint check (pickup_attempt > 0),
  carrier_remark text,
  location_text text,
  note text,
  customer_informed boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint return_status_history_sequence_key unique (return_order_id, sequence_number),
  constraint return_status_history_first_ck check ((sequence_number = 1) = (previous_status is null))
);
create index return_status_history_new_status_occurred_idx on return_status_history (new_status, occurred_at desc);
create index return_status_history_user_id_idx on return_status_history (user_id);
comment on table return_status_history is 'One step in the life of a return authorisation, failed pickup attempts included: when, by whom, with what remark. Only ever added to.';

create table refunds (
  id uuid primary key default gen_random_uuid(),
  refund_number text not null unique check (length(trim(refund_number)) > 0),
  order_id uuid not null references orders (id) on delete restrict,
  customer_id uuid not null references customers (id) on delete restrict,
  return_order_id uuid references return_orders (id) on delete restrict,
  payment_id uuid references payments (id) on delete restrict,
  credit_note_id uuid references credit_debit_notes (id) on delete restrict,
  refund_type text not null default 'return' check (refund_type in ('return', 'cancellation', 'rto', 'price_adjustment', 'goodwill', 'duplicate_payment')),
  status text not null default 'requested' check (status in ('requested', 'approved', 'processing', 'completed', 'failed', 'rejected')),
  refund_method text not null default 'original_payment' check (refund_method in ('original_payment', 'bank_transfer', 'upi', 'store_credit', 'cash', 'cheque', 'channel')),
  requested_at timestamptz not null default now(),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  gross_amount numeric(19,4) not null check (gross_amount > 0),
  deduction_amount numeric(19,4) not null default 0 check (deduction_amount >= 0),
  refund_amount numeric(19,4) not null check (refund_amount > 0),
  base_refund_amount numeric(19,4) not null check (base_refund_amount > 0),
  deduction_reason text,
  beneficiary_name text,
  beneficiary_account_number text,
  beneficiary_ifsc text check (beneficiary_ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  beneficiary_upi_id text check (beneficiary_upi_id ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  gateway text,
  gateway_refund_reference text,
  bank_reference text,
  failure_reason text,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  completed_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint refunds_amount_ck check (refund_amount = gross_amount - deduction_amount),
  constraint refunds_deduction_ck check (deduction_amount = 0 or deduction_reason is not null),
  constraint refunds_return_ck check (refund_type <> 'return' or return_order_id is not null),
  constraint refunds_beneficiary_ck check (status not in ('processing', 'completed') or (refund_method <> 'bank_transfer' or (beneficiary_account_number is not null and beneficiary_name is not null)) and (refund_method <> 'upi' or beneficiary_upi_id is not null)),
  constraint refunds_completed_ck check ((status = 'completed') = (completed_at is not null)),
  constraint refunds_gateway_reference_key unique (gateway, gateway_refund_reference)
);
create index refunds_order_id_idx on refunds (order_id);
create index refunds_customer_requested_idx on refunds (customer_id, requested_at desc);
create index refunds_return_order_id_idx on refunds (return_order_id);
create index refunds_payment_id_idx on refunds (payment_id);
create index refunds_credit_note_id_idx on refunds (credit_note_id);
create index refunds_status_requested_idx on refunds (status, requested_at desc);
create index refunds_approved_by_idx on refunds (approved_by);
create index refunds_created_by_idx on refunds (created_by);
comment on table refunds is 'Money given back to a customer for an order, by whatever method, from request to settlement. The tax effect of a return is in the credit note, not here.';
comment on column refunds.bank_reference is 'UTR, RRN or cheque number under which the bank shows the payment.';
comment on column refunds.beneficiary_account_number is 'Account given for paying out a COD order; international accounts as IBAN.';

create table sales_return_notes (
  id uuid primary key default gen_random_uuid(),
  srn_number text not null unique check (length(trim(srn_number)) > 0),
  srn_date date not null default current_date,
  return_order_id uuid references return_orders (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  credit_note_id uuid references credit_debit_notes (id) on delete restrict,
  customer_id uuid not null references customers (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  transporter_id uuid references transporters (id) on delete set null,
  status text not null default 'draft' check (status in ('draft', 'received', 'inspection', 'accepted', 'partially_accepted', 'rejected', 'posted', 'cancelled')),
  return_reason text not null check (return_reason in ('customer_return', 'rto', 'quality_rejection', 'wrong_supply', 'excess_supply', 'expired_stock', 'recall', 'warranty_replacement', 'other')),
  customer_document_number text,
  customer_document_date date,
  vehicle_number text,
  lr_number text,
  lr_date date,
  eway_bill_number text check (eway_bill_number ~ '^[0-9]{12}$'),
  gate_entry_number text,
  received_at timestamptz,
  received_by uuid references users (id) on delete set null,
  inspected_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  posted_at timestamptz,
  place_of_supply char(2) check (place_of_supply ~ '^[0-9]{2}$'),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  taxable_amount numeric(19,4) not null default 0 check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  foreign_tax_amount numeric(19,4) not null default 0 check (foreign_tax_amount >= 0),
  round_off_amount numeric(19,4) not null default 0 check (abs(round_off_amount) < 1),
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  base_total_amount numeric(19,4) not null default 0 check (base_total_amount >= 0),
  remarks text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sales_return_notes_gst_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint sales_return_notes_total_ck check (total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + foreign_tax_amount + round_off_amount),
  constraint sales_return_notes_received_ck check (status in ('draft', 'cancelled') or received_at is not null),
  constraint sales_return_notes_posted_ck check (status <> 'posted' or posted_at is not null)
);
create index sales_return_notes_return_order_id_idx on sales_return_notes (return_order_id);
create index sales_return_notes_order_id_idx on sales_return_notes (order_id);
create index sales_return_notes_tax_invoice_id_idx on sales_return_notes (tax_invoice_id);
create index sales_return_notes_credit_note_id_idx on sales_return_notes (credit_note_id);
create index sales_return_notes_customer_date_idx on sales_return_notes (customer_id, srn_date desc);
create index sales_return_notes_warehouse_status_idx on sales_return_notes (warehouse_id, status);
create index sales_return_notes_transporter_id_idx on sales_return_notes (transporter_id);
create index sales_return_notes_status_date_idx on sales_return_notes (status, srn_date desc);
create index sales_return_notes_received_by_idx on sales_return_notes (received_by);
create index sales_return_notes_inspected_by_idx on sales_return_notes (inspected_by);
create index sales_return_notes_approved_by_idx on sales_return_notes (approved_by);
create index sales_return_notes_created_by_idx on sales_return_notes (created_by);
comment on table sales_return_notes is 'The goods-inward document for sold goods coming back into a warehouse; posting it raises stock and leads to the credit note. It may come from a return authorisation or stand alone, as for dealer returns.';
comment on column sales_return_notes.customer_document_number is 'Number of the customer''s own debit note or return challan.';
comment on column sales_return_notes.place_of_supply is 'As on the original invoice; 96 for other countries.';

create table srn_items (
  id uuid primary key default gen_random_uuid(),
  sales_return_note_id uuid not null references sales_return_notes (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  return_item_id uuid references return_items (id) on delete restrict,
  order_item_id uuid references order_items (id) on delete restrict,
  invoice_item_id uuid references invoice_items (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  warehouse_bin_id uuid references warehouse_bins (id) on delete restrict,
  stock_batch_id uuid references stock_batches (id) on delete restrict,
  serial_numbers text[] not null default '{}',
  hsn_code text check (hsn_code ~ '^([0-9]{4}|[0-9]{6}|[0-9]{8})$'),
  uom_code text not null default 'NOS',
  received_quantity numeric(19,6) not null check (received_quantity > 0),
  accepted_quantity numeric(19,6) not null default 0 check (accepted_quantity >= 0),
  rejected_quantity numeric(19,6) not null default 0 check (rejected_quantity >= 0),
  quality_status text not null default 'pending' check (quality_status in ('pending', 'good', 'refurbishable', 'damaged', 'scrap')),
  rejection_reason text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  unit_price numeric(21,9) not null default 0 check (unit_price >= 0),
  taxable_amount numeric(19,4) not null default 0 check (taxable_amount >= 0),
  tax_percent numeric(9,6) not null default 0 check (tax_percent between 0 and 100),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  foreign_tax_amount numeric(19,4) not null default 0 check (foreign_tax_amount >= 0),
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  unit_cost numeric(21,9) not null default 0 check (unit_cost >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint srn_items_line_key unique (sales_return_note_id, line_number),
  constraint srn_items_quantity_ck check (accepted_quantity + rejected_quantity <= received_quantity),
  constraint srn_items_rejection_ck check (rejected_quantity = 0 or rejection_reason is not null),
  constraint srn_items_gst_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint srn_items_total_ck check (total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + foreign_tax_amount)
);
create index srn_items_return_item_id_idx on srn_items (return_item_id);
create index srn_items_order_item_id_idx on srn_items (order_item_id);
create index srn_items_invoice_item_id_idx on srn_items (invoice_item_id);
create index srn_items_product_id_idx on srn_items (product_id);
create index srn_items_product_variant_id_idx on srn_items (product_variant_id);
create index srn_items_warehouse_bin_id_idx on srn_items (warehouse_bin_id);
create index srn_items_stock_batch_id_idx on srn_items (stock_batch_id);
comment on table srn_items is 'A product line of a sales return note: quantity received, accepted into stock or rejected, the bin it went to, and the tax to be credited.';
comment on column srn_items.unit_cost is 'Cost in base currency at which accepted goods go back into stock.';

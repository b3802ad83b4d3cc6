-- Where stock is kept and how it is put away and picked: warehouses, their zones and bins, putaway rules and picklists.
-- A warehouse decides the GST registration and the time zone of what happens in it; a branch points to its warehouse, never the other way round.

create table warehouses (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9_-]{2,20}$'),
  name text not null unique,
  warehouse_type text not null default 'distribution'
    check (warehouse_type in ('distribution', 'fulfilment_centre', 'store', 'plant', 'transit', 'returns', 'service_van', 'service_centre', 'third_party', 'consignment', 'virtual')),
  status text not null default 'active' check (status in ('setup', 'active', 'suspended', 'closed')),
  company_id uuid references companies (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  manager_id uuid references users (id) on delete set null,
  operator_name text,
  contact_name text,
  phone text check (phone ~ '^[+0-9][0-9 ()-]{5,19}$'),
  email text check (email like '%_@_%'),
  address_line1 text,
  address_line2 text,
  city text,
  district text,
  state_name text,
  state_code text check (state_code ~ '^[0-9]{2}$'),
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  time_zone text not null default 'Asia/Kolkata',
  gstin text check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  vat_number text check (vat_number ~ '^[A-Z]{2}[A-Z0-9]{2,13}$'),
  fssai_licence_number text check (fssai_licence_number ~ '^[0-9]{14}$'),
  customs_bond_number text,
  storage_area_sqm numeric(14,4) check (storage_area_sqm > 0),
  storage_volume_cbm numeric(14,4) check (storage_volume_cbm > 0),
  pallet_positions integer check (pallet_positions >= 0),
  order_cutoff_time time,
  daily_order_capacity integer check (daily_order_capacity > 0),
  uses_bins boolean not null default true,
  allows_negative_stock boolean not null default false,
  is_sellable boolean not null default true,
  accepts_returns boolean not null default true,
  is_default boolean not null default false,
  opened_on date,
  closed_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint warehouses_address_ck check (
    warehouse_type in ('virtual', 'transit', 'service_van')
    or (address_line1 is not null and city is not null and (country_code <> 'IN' or (postal_code is not null and state_code is not null)))
  ),
  constraint warehouses_pincode_ck check (country_code <> 'IN' or postal_code ~ '^[1-9][0-9]{5}$'),
  constraint warehouses_gstin_state_ck check (state_code = left(gstin, 2)),
  constraint warehouses_position_ck check ((latitude is null) = (longitude is null)),
  constraint warehouses_default_ck check (not is_default or status = 'active'),
  constraint warehouses_closed_ck check (closed_on >= opened_on),
  constraint warehouses_operator_ck check (warehouse_type <> 'third_party' or operator_name is not null)
);
create unique index warehouses_default_key on warehouses (is_default) where is_default;
create index warehouses_status_idx on warehouses (status, warehouse_type);
create index warehouses_company_id_idx on warehouses (company_id) where company_id is not null;
create index warehouses_region_id_idx on warehouses (region_id) where region_id is not null;
create index warehouses_manager_id_idx on warehouses (manager_id) where manager_id is not null;
create index warehouses_postal_code_idx on warehouses (country_code, postal_code);
comment on table warehouses is 'One place that holds stock: a distribution centre, shop, plant, van, or a virtual place such as goods in transit. Stock is counted and valued per warehouse; the room inside it is divided into zones and bins.';
comment on column warehouses.gstin is 'Registration under which this place of business is declared; its first two digits are the state.';
comment on column warehouses.operator_name is 'Who runs it on our behalf: the logistics provider, or the holder of consignment stock.';
comment on column warehouses.order_cutoff_time is 'Orders until then, local time, leave the same day.';
comment on column warehouses.is_sellable is 'Whether its stock is promised to customers; false for transit, returns and quarantine places.';
comment on column warehouses.customs_bond_number is 'Licence of a customs-bonded warehouse, where duty is not yet paid on the goods.';

create table warehouse_zones (
  id uuid primary key default gen_random_uuid(),
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  code text not null check (code ~ '^[A-Z0-9_-]{1,20}$'),
  name text not null,
  zone_type text not null
    check (zone_type in ('receiving', 'quality', 'reserve', 'forward_pick', 'packing', 'staging', 'dispatch', 'returns', 'quarantine', 'scrap', 'kitting')),
  storage_condition text not null default 'ambient' check (storage_condition in ('ambient', 'cool', 'chilled', 'frozen', 'hazardous', 'high_value', 'outdoor')),
  min_temperature_c numeric(5,2) check (min_temperature_c >= -100),
  max_temperature_c numeric(5,2) check (max_temperature_c <= 100),
  max_humidity_percent numeric(7,4) check (max_humidity_percent between 0 and 100),
  floor_number smallint not null default 0 check (floor_number between -10 and 100),
  area_sqm numeric(14,4) check (area_sqm > 0),
  pallet_positions integer check (pallet_positions >= 0),
  max_load_kg numeric(14,4) check (max_load_kg > 0),
  is_pickable boolean not null default true,
  is_putaway_allowed boolean not null default true,
  is_stock_available boolean not null default true,
  is_access_restricted boolean not null default false,
  removal_strategy text not null default 'fifo' check (removal_strategy in ('fifo', 'fefo', 'lifo', 'nearest_bin')),
  cycle_count_days smallint check (cycle_count_days > 0),
  pick_sequence integer not null default 100 check (pick_sequence >= 0),
  status text not null default 'active' check (status in ('active', 'blocked', 'closed')),
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint warehouse_zones_code_key unique (warehouse_id, code),
  constraint warehouse_zones_temperature_ck check (max_temperature_c >= min_temperature_c),
  constraint warehouse_zones_quarantine_ck check (zone_type not in ('quarantine', 'scrap') or not is_stock_available)
);
create index warehouse_zones_type_idx on warehouse_zones (warehouse_id, zone_type, status);
comment on table warehouse_zones is 'One part of a warehouse with one purpose and climate, such as receiving, reserve or cold picking. It groups bins; stock lies in the bins.';
comment on column warehouse_zones.is_stock_available is 'Whether goods lying here may be promised to orders.';

create table warehouse_bins (
  id uuid primary key default gen_random_uuid(),
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  warehouse_zone_id uuid not null references warehouse_zones (id) on delete restrict,
  dedicated_product_id uuid references products (id) on delete set null,
  code text not null check (code ~ '^[A-Z0-9._-]{1,30}$'),
  barcode text not null,
  check_digits text check (check_digits ~ '^[0-9]{2,4}$'),
  bin_type text not null default 'shelf' check (bin_type in ('shelf', 'pallet_rack', 'floor', 'flow_rack', 'bulk', 'cage', 'drawer', 'dock', 'trolley', 'tank')),
  aisle text,
  bay text,
  level text,
  position text,
  length_cm numeric(12,3) check (length_cm > 0),
  width_cm numeric(12,3) check (width_cm > 0),
  height_cm numeric(12,3) check (height_cm > 0),
  max_weight_kg numeric(14,4) check (max_weight_kg > 0),
  max_quantity numeric(19,6) check (max_quantity > 0),
  min_quantity numeric(19,6) check (min_quantity >= 0),
  uom_code text not null default 'NOS',
  abc_class text check (abc_class in ('A', 'B', 'C')),
  allows_mixed_products boolean not null default false,
  allows_mixed_batches boolean not null default true,
  is_pickable boolean not null default true,
  is_putaway_allowed boolean not null default true,
  pick_sequence integer not null default 0 check (pick_sequence >= 0),
  putaway_sequence integer not null default 0 check (putaway_sequence >= 0),
  status text not null default 'active' check (status in ('active', 'counting', 'blocked', 'retired')),
  blocked_reason text,
  last_counted_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint warehouse_bins_code_key unique (warehouse_id, code),
  constraint warehouse_bins_barcode_key unique (warehouse_id, barcode),
  constraint warehouse_bins_quantity_ck check (min_quantity <= max_quantity),
  constraint warehouse_bins_blocked_ck check (status <> 'blocked' or blocked_reason is not null)
);
create index warehouse_bins_warehouse_zone_id_idx on warehouse_bins (warehouse_zone_id, pick_sequence);
create index warehouse_bins_dedicated_product_id_idx on warehouse_bins (dedicated_product_id) where dedicated_product_id is not null;
create index warehouse_bins_status_idx on warehouse_bins (warehouse_id, status, putaway_sequence);
comment on table warehouse_bins is 'One storage location inside a zone, down to the shelf or pallet place that is scanned, with its capacity and place in the walking order. What lies in it stands in stock_items.';
comment on column warehouse_bins.dedicated_product_id is 'Product this bin is kept for; null for a bin open to any.';
comment on column warehouse_bins.check_digits is 'Digits a picker reads back in voice picking to prove the right place.';
comment on column warehouse_bins.min_quantity is 'Below this a forward-pick bin is refilled from reserve, up to max_quantity.';

create table putaway_rules (
  id uuid primary key default gen_random_uuid(),
  warehouse_id uuid not null references warehouses (id) on delete cascade,
  name text not null,
  priority integer not null default 100 check (priority > 0),
  receipt_type text not null default 'any' check (receipt_type in ('any', 'purchase', 'transfer', 'sales_return', 'assembly')),
  product_id uuid references products (id) on delete cascade,
  category_id uuid references categories (id) on delete cascade,
  brand_id uuid references brands (id) on delete cascade,
  abc_class text check (abc_class in ('A', 'B', 'C')),
  stock_condition text check (stock_condition in ('new', 'open_box', 'refurbished', 'used', 'damaged', 'defective')),
  quality_status text check (quality_status in ('not_required', 'pending', 'passed', 'passed_with_deviation', 'failed')),
  uom_code text not null default 'NOS',
  min_quantity numeric(19,6) check (min_quantity >= 0),
  max_quantity numeric(19,6) check (max_quantity > 0),
  max_unit_weight_kg numeric(14,4) check (max_unit_weight_kg > 0),
  warehouse_zone_id uuid not null references warehouse_zones (id) on delete restrict,
  warehouse_bin_id uuid references warehouse_bins (id) on delete restrict,
  overflow_zone_id uuid references warehouse_zones (id) on delete restrict,
  strategy text not null default 'consolidate' check (strategy in ('fixed_bin', 'consolidate', 'empty_bin', 'nearest_dispatch', 'by_sequence')),
  effective_from date not null default current_date,
  effective_until date,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint putaway_rules_name_key unique (warehouse_id, name),
  constraint putaway_rules_scope_ck check (product_id is null or (category_id is null and brand_id is null)),
  constraint putaway_rules_quantity_ck check (max_quantity >= min_quantity),
  constraint putaway_rules_fixed_bin_ck check ((strategy = 'fixed_bin') = (warehouse_bin_id is not null)),
  constraint putaway_rules_overflow_ck check (overflow_zone_id <> warehouse_zone_id),
  constraint putaway_rules_period_ck check (effective_until >= effective_from)
);
create index putaway_rules_priority_idx on putaway_rules (warehouse_id, priority) where is_active;
create index putaway_rules_product_id_idx on putaway_rules (product_id) where product_id is not null;
create index putaway_rules_category_id_idx on putaway_rules (category_id) where category_id is not null;
create index putaway_rules_brand_id_idx on putaway_rules (brand_id) where brand_id is not null;
create index putaway_rules_warehouse_zone_id_idx on putaway_rules (warehouse_zone_id);
create index putaway_rules_warehouse_bin_id_idx on putaway_rules (warehouse_bin_id) where warehouse_bin_id is not null;
create index putaway_rules_overflow_zone_id_idx on putaway_rules (overflow_zone_id) where overflow_zone_id is not null;
comment on table putaway_rules is 'One rule that says to which zone or bin of a warehouse received goods go. The rule with the lowest priority number that fits a receipt line wins; conditions left null fit everything.';

create table picklists (
  id uuid primary key default gen_random_uuid(),
  picklist_number text not null unique,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  warehouse_zone_id uuid references warehouse_zones (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete restrict,
  picking_method text not null default 'single_order' check (picking_method in ('single_order', 'batch', 'cluster', 'wave', 'zone')),
  purpose text not null default 'sales' check (purpose in ('sales', 'transfer', 'service_parts', 'vendor_return', 'replenishment')),
  wave_number text,
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  status text not null default 'draft' check (status in ('draft', 'released', 'assigned', 'in_progress', 'paused', 'picked', 'picked_short', 'cancelled')),
  order_count integer not null default 0 check (order_count >= 0),
  line_count integer not null default 0 check (line_count >= 0),
  picked_line_count integer not null default 0 check (picked_line_count >= 0),
  short_line_count integer not null default 0 check (short_line_count >= 0),
  total_weight_kg numeric(14,4) check (total_weight_kg >= 0),
  cart_code text,
  staging_bin_id uuid references warehouse_bins (id) on delete restrict,
  due_at timestamptz,
  released_at timestamptz,
  released_by uuid references users (id) on delete set null,
  assigned_to uuid references users (id) on delete set null,
  assigned_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  printed_at timestamptz,
  created_by uuid references users (id) on delete set null,
  cancellation_reason text,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint picklists_lines_ck check (picked_line_count + short_line_count <= line_count),
  constraint picklists_wave_ck check (picking_method <> 'wave' or wave_number is not null),
  constraint picklists_times_ck check (completed_at >= started_at),
  constraint picklists_completed_ck check (status not in ('picked', 'picked_short') or completed_at is not null),
  constraint picklists_cancelled_ck check (status <> 'cancelled' or cancellation_reason is not null)
);
create index picklists_warehouse_id_idx on picklists (warehouse_id, status, due_at);
create index picklists_status_idx on picklists (status, created_at);
create index picklists_assigned_to_idx on picklists (assigned_to, status) where assigned_to is not null;
create index picklists_warehouse_zone_id_idx on picklists (warehouse_zone_id) where warehouse_zone_id is not null;
create index picklists_sales_channel_id_idx on picklists (sales_channel_id) where sales_channel_id is not null;
create index picklists_staging_bin_id_idx on picklists (staging_bin_id) where staging_bin_id is not null;
create index picklists_released_by_idx on picklists (released_by) where released_by is not null;
create index picklists_created_by_idx on picklists (created_by) where created_by is not null;
create index picklists_wave_number_idx on picklists (warehouse_id, wave_number) where wave_number is not null;
comment on table picklists is 'One round of picking given to one person: the goods to fetch from the bins of a warehouse for one order or for many. Packing and shipping follow in fulfillments and shipments.';
comment on column picklists.due_at is 'By when it must be staged to make the carrier''s pickup.';

create table picklist_items (
  id uuid primary key default gen_random_uuid(),
  picklist_id uuid not null references picklists (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  order_id uuid references orders (id) on delete restrict,
  order_item_id uuid references order_items (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  stock_batch_id uuid references stock_batches (id) on delete restrict,
  suggested_bin_id uuid references warehouse_bins (id) on delete restrict,
  picked_bin_id uuid references warehouse_bins (id) on delete restrict,
  pick_sequence integer not null default 0 check (pick_sequence >= 0),
  uom_code text not null default 'NOS',
  required_quantity numeric(19,6) not null check (required_quantity > 0),
  picked_quantity numeric(19,6) not null default 0 check (picked_quantity >= 0),
  short_quantity numeric(19,6) not null default 0 check (short_quantity >= 0),
  serial_numbers text[] not null default '{}',
  tote_code text,
  status text not null default 'pending' check (status in ('pending', 'picked', 'picked_short', 'skipped', 'cancelled')),
  short_reason text check (short_reason in ('bin_empty', 'damaged', 'expired', 'wrong_item_in_bin', 'serial_mismatch', 'not_found', 'other')),
  picked_by uuid references users (id) on delete set null,
  picked_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint picklist_items_line_key unique (picklist_id, line_number),
  constraint picklist_items_quantity_ck check (picked_quantity + short_quantity <= required_quantity),
  constraint picklist_items_picked_ck check (status not in ('picked', 'picked_short') or picked_quantity + short_quantity = required_quantity),
  constraint picklist_items_short_ck check ((short_quantity = 0) = (short_reason is null)),
  constraint picklist_items_order_ck check (order_item_id is null or order_id is not null)
);
create index picklist_items_order_id_idx on picklist_items (order_id) where order_id is not null;
create index picklist_items_order_item_id_idx on picklist_items (order_item_id) where order_item_id is not null;
create index picklist_items_product_id_idx on picklist_items (product_id);
create index picklist_items_product_variant_id_idx on picklist_items (product_variant_id) where product_variant_id is not null;
create index picklist_items_stock_batch_id_idx on picklist_items (stock_batch_id) where stock_batch_id is not null;
create index picklist_items_suggested_bin_id_idx on picklist_items (suggested_bin_id) where suggested_bin_id is not null;
create index picklist_items_picked_bin_id_idx on picklist_items (picked_bin_id) where picked_bin_id is not null;
create index picklist_items_picked_by_idx on picklist_items (picked_by) where picked_by is not null;
comment on table picklist_items is 'One stop of a picking round: so much of one product from one bin for one order line. Short picks keep their reason; lines without an order serve transfers, service parts or refills.';

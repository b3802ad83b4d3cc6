-- transport: who carries the goods, what was handed over and how it travels, with the e-way bills the law asks for in India.
-- a shipment leaves one warehouse for one address; carriers are charged by the rate cards in rates.sql.

create table transporters (
  id uuid primary key default gen_random_uuid(),
  transporter_code text not null unique check (transporter_code ~ '^[A-Z0-9][A-Z0-9_-]{1,19}$'),
  name text not null,
  legal_name text,
  transporter_type text not null check (transporter_type in ('courier', 'part_load', 'full_load', 'freight_forwarder', 'aggregator', 'own_fleet')),
  primary_mode text not null default 'road' check (primary_mode in ('road', 'rail', 'air', 'ship')),
  vendor_id uuid references vendors (id) on delete restrict,
  gst_transporter_id text check (gst_transporter_id ~ '^[0-9]{2}[0-9A-Z]{13}$'),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  pan text check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  gst_mechanism text not null default 'forward_charge' check (gst_mechanism in ('forward_charge', 'reverse_charge', 'exempt')),
  is_small_fleet_declared boolean not null default false,
  contact_name text,
  phone text check (phone ~ '^\+?[0-9]{7,15}$'),
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  address_line1 text,
  address_line2 text,
  city text,
  state_code text check (state_code ~ '^[0-9]{2}$'),
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  integration_provider text,
  integration_account_code text,
  tracking_url_template text,
  volumetric_divisor integer not null default 5000 check (volumetric_divisor > 0),
  is_cod_supported boolean not null default false,
  is_reverse_pickup_supported boolean not null default false,
  liability_limit_amount numeric(19,4) check (liability_limit_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  credit_days smallint not null default 0 check (credit_days between 0 and 365),
  agreement_valid_until date,
  status text not null default 'active' check (status in ('onboarding', 'active', 'on_hold', 'blacklisted', 'inactive')),
  status_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint transporters_gstin_pan_ck check (gstin is null or pan is null or substr(gstin, 3, 10) = pan),
  constraint transporters_postal_code_ck check (country_code <> 'IN' or postal_code is null or postal_code ~ '^[1-9][0-9]{5}$'),
  constraint transporters_hold_reason_ck check (status not in ('on_hold', 'blacklisted') or status_reason is not null)
);
create index transporters_vendor_id_idx on transporters (vendor_id) where vendor_id is not null;
create index transporters_status_type_idx on transporters (status, transporter_type);
create unique index transporters_gst_transporter_id_key on transporters (gst_transporter_id) where gst_transporter_id is not null;
comment on table transporters is 'A courier, truck operator, forwarder or the own fleet that carries goods. Its freight bills are paid through the linked vendor; this row holds the operating side.';
comment on column transporters.gst_transporter_id is 'The GSTIN or the TRANSIN issued by the e-way bill portal to an unregistered transporter; written on part A of e-way bills.';
comment on column transporters.is_small_fleet_declared is 'True when the operator has declared owning ten goods carriages or fewer and given a PAN, so no TDS is deducted under section 194C(6).';

create table transporter_serviceability (
  id uuid primary key default gen_random_uuid(),
  transporter_id uuid not null references transporters (id) on delete cascade,
  service_type text not null check (service_type in ('surface', 'air', 'express', 'same_day', 'part_load', 'full_load')),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  postal_code text not null,
  city text,
  state_code text check (state_code ~ '^[0-9]{2}$'),
  hub_code text,
  has_pickup boolean not null default true,
  has_delivery boolean not null default true,
  has_prepaid boolean not null default true,
  has_cod boolean not null default false,
  has_reverse_pickup boolean not null default false,
  is_remote_area boolean not null default false,
  max_weight_kg numeric(14,4) check (max_weight_kg > 0),
  max_cod_amount numeric(19,4) check (max_cod_amount >= 0),
  max_declared_amount numeric(19,4) check (max_declared_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  min_transit_days smallint check (min_transit_days >= 0),
  max_transit_days smallint,
  embargo_until date,
  effective_from date not null default current_date,
  effective_to date,
  last_synced_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint transporter_serviceability_pin_key unique (transporter_id, country_code, postal_code, service_type, effective_from),
  constraint transporter_serviceability_pin_ck check (country_code <> 'IN' or postal_code ~ '^[1-9][0-9]{5}$'),
  constraint transporter_serviceability_transit_ck check (max_transit_days >= min_transit_days),
  constraint transporter_serviceability_dates_ck check (effective_to >= effective_from),
  constraint transporter_serviceability_cod_ck check (has_delivery or not has_cod)
);
create index transporter_serviceability_lookup_idx on transporter_serviceability (country_code, postal_code, service_type) where has_delivery;
comment on table transporter_serviceability is 'What one transporter offers at one postal code with one service: pickup, delivery, cash on delivery, limits and transit days. Prices are not here but in the rate cards.';
comment on column transporter_serviceability.embargo_until is 'Carrier has suspended bookings to this postal code up to and including this day (floods, elections, backlog).';

create table manifests (
  id uuid primary key default gen_random_uuid(),
  manifest_number text not null unique,
  manifest_date date not null default current_date,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  transporter_id uuid not null references transporters (id) on delete restrict,
  service_type text not null default 'surface' check (service_type in ('surface', 'air', 'express', 'same_day', 'part_load', 'full_load')),
  pickup_scheduled_at timestamptz,
  pickup_reference text,
  vehicle_number text check (vehicle_number ~ '^[A-Z0-9]{4,15}$'),
  driver_name text,
  driver_phone text check (driver_phone ~ '^\+?[0-9]{7,15}$'),
  seal_number text,
  dock_code text,
  shipment_count integer not null default 0 check (shipment_count >= 0),
  package_count integer not null default 0 check (package_count >= 0),
  total_weight_kg numeric(14,4) not null default 0 check (total_weight_kg >= 0),
  declared_amount numeric(19,4) not null default 0 check (declared_amount >= 0),
  cod_amount numeric(19,4) not null default 0 check (cod_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  consolidated_eway_bill_number text check (consolidated_eway_bill_number ~ '^[0-9]{10}$'),
  status text not null default 'draft' check (status in ('draft', 'closed', 'handed_over', 'cancelled')),
  closed_at timestamptz,
  handed_over_at timestamptz,
  handed_over_by uuid references users (id) on delete set null,
  carrier_agent_name text,
  signed_copy_url text,
  cancellation_reason text,
  remarks text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint manifests_packages_ck check (package_count >= shipment_count),
  constraint manifests_handover_ck check (status <> 'handed_over' or handed_over_at is not null),
  constraint manifests_closing_ck check (status not in ('closed', 'handed_over') or closed_at is not null),
  constraint manifests_times_ck check (handed_over_at >= closed_at),
  constraint manifests_cancellation_ck check (status <> 'cancelled' or cancellation_reason is not null)
);
create index manifests_warehouse_id_manifest_date_idx on manifests (warehouse_id, manifest_date desc);
create index manifests_transporter_id_manifest_date_idx on manifests (transporter_id, manifest_date desc);
create index manifests_status_pickup_scheduled_at_idx on manifests (status, pickup_scheduled_at);
create index manifests_handed_over_by_idx on manifests (handed_over_by) where handed_over_by is not null;
create index manifests_created_by_idx on manifests (created_by) where created_by is not null;
comment on table manifests is 'One handover list: the shipments a warehouse gives to one transporter on one vehicle or pickup. The signed copy is the proof that the carrier took them.';
comment on column manifests.consolidated_eway_bill_number is 'Ten-digit consolidated e-way bill (form GST EWB-02) when one vehicle carries several e-way bills.';

create table shipments (
  id uuid primary key default gen_random_uuid(),
  shipment_number text not null unique,
  shipment_type text not null default 'sale' check (shipment_type in ('sale', 'stock_transfer', 'customer_return', 'replacement', 'vendor_return', 'job_work')),
  order_id uuid references orders (id) on delete restrict,
  stock_transfer_id uuid references stock_transfers (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  transporter_id uuid references transporters (id) on delete restrict,
  manifest_id uuid references manifests (id) on delete set null,
  service_type text not null default 'surface' check (service_type in ('surface', 'air', 'express', 'same_day', 'part_load', 'full_load')),
  awb_number text,
  lr_number text,
  lr_date date,
  vehicle_number text check (vehicle_number ~ '^[A-Z0-9]{4,15}$'),
  ship_to_name text not null,
  ship_to_phone text check (ship_to_phone ~ '^\+?[0-9]{7,15}$'),
  ship_to_address_line1 text not null,
  ship_to_address_line2 text,
  ship_to_city text not null,
  ship_to_state_code text check (ship_to_state_code ~ '^[0-9]{2}$'),
  ship_to_postal_code text not null,
  ship_to_country_code char(2) not null default 'IN' check (ship_to_country_code ~ '^[A-Z]{2}$'),
  package_count integer not null default 1 check (package_count > 0),
  actual_weight_kg numeric(14,4) check (actual_weight_kg > 0),
  volumetric_weight_kg numeric(14,4) check (volumetric_weight_kg > 0),
  chargeable_weight_kg numeric(14,4) check (chargeable_weight_kg > 0),
  payment_mode text not null default 'prepaid' check (payment_mode in ('prepaid', 'cod')),
  cod_amount numeric(19,4) not null default 0 check (cod_amount >= 0),
  declared_amount numeric(19,4) not null default 0 check (declared_amount >= 0),
  freight_terms text not null default 'paid' check (freight_terms in ('paid', 'to_pay', 'to_be_billed')),
  estimated_freight_amount numeric(19,4) check (estimated_freight_amount >= 0),
  billed_freight_amount numeric(19,4) check (billed_freight_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  status text not null default 'draft' check (status in ('draft', 'booked', 'packed', 'manifested', 'in_transit', 'out_for_delivery', 'delivered', 'undelivered', 'returning', 'returned', 'lost', 'damaged', 'cancelled')),
  promised_delivery_date date,
  dispatched_at timestamptz,
  delivered_at timestamptz,
  delivery_attempts smallint not null default 0 check (delivery_attempts >= 0),
  received_by_name text,
  proof_of_delivery_url text,
  cod_remitted_on date,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint shipments_source_ck check (case shipment_type when 'stock_transfer' then stock_transfer_id is not null and order_id is null when 'sale' then order_id is not null and stock_transfer_id is null else stock_transfer_id is null end),
  constraint shipments_cod_ck check ((payment_mode = 'cod') = (cod_amount > 0)),
  constraint shipments_cod_remittance_ck check (cod_remitted_on is null or payment_mode = 'cod'),
  constraint shipments_postal_code_ck check (ship_to_country_code <> 'IN' or ship_to_postal_code ~ '^[1-9][0-9]{5}$'),
  constraint shipments_carrier_ck check (transporter_id is not null or status in ('draft', 'packed', 'cancelled')),
  constraint shipments_delivery_ck check (status <> 'delivered' or delivered_at is not null),
  constraint shipments_times_ck check (delivered_at >= dispatched_at),
  constraint shipments_lr_ck check (lr_date is null or lr_number is not null)
);
create unique index shipments_transporter_id_awb_number_key on shipments (transporter_id, awb_number) where awb_number is not null;
create index shipments_transporter_id_status_idx on shipments (transporter_id, status);
create index shipments_order_id_idx on shipments (order_id) where order_id is not null;
create index shipments_stock_transfer_id_idx on shipments (stock_transfer_id) where stock_transfer_id is not null;
create index shipments_warehouse_id_status_idx on shipments (warehouse_id, status, promised_delivery_date);
create index shipments_manifest_id_idx on shipments (manifest_id) where manifest_id is not null;
create index shipments_status_promised_delivery_date_idx on shipments (status, promised_delivery_date);
create index shipments_awb_number_idx on shipments (awb_number) where awb_number is not null;
create index shipments_created_by_idx on shipments (created_by) where created_by is not null;
comment on table shipments is 'One consignment between a warehouse and one address under one airway bill or lorry receipt. An order may need several; the goods in it are listed by the fulfilment or transfer, not here.';
comment on column shipments.ship_to_name is 'The far end of the movement, copied when booked so later address changes do not rewrite history; for returns it is the address goods are collected from.';
comment on column shipments.chargeable_weight_kg is 'The weight the carrier bills after rounding: normally the greater of actual and volumetric weight.';

create table manifest_items (
  id uuid primary key default gen_random_uuid(),
  manifest_id uuid not null references manifests (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  shipment_id uuid not null references shipments (id) on delete restrict,
  awb_number text,
  destination_hub_code text,
  package_count integer not null default 1 check (package_count > 0),
  loaded_package_count integer not null default 0 check (loaded_package_count >= 0),
  weight_kg numeric(14,4) not null default 0 check (weight_kg >= 0),
  cod_amount numeric(19,4) not null default 0 check (cod_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  eway_bill_number text check (eway_bill_number ~ '^[0-9]{12}$'),
  loading_status text not null default 'pending' check (loading_status in ('pending', 'loaded', 'short_loaded', 'refused')),
  refusal_reason text check (refusal_reason in ('damaged_packing', 'wrong_label', 'missing_documents', 'overweight', 'not_serviceable', 'no_capacity', 'not_found')),
  scanned_at timestamptz,
  scanned_by uuid references users (id) on delete set null,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (manifest_id, line_number),
  unique (manifest_id, shipment_id),
  constraint manifest_items_loading_ck check (
    case loading_status
      when 'loaded' then loaded_package_count = package_count
      when 'short_loaded' then loaded_package_count > 0 and loaded_package_count < package_count
      else loaded_package_count <= package_count
    end
  ),
  constraint manifest_items_refusal_ck check ((loading_status = 'refused') = (refusal_reason is not null))
);
create index manifest_items_shipment_id_idx on manifest_items (shipment_id);
create index manifest_items_scanned_by_idx on manifest_items (scanned_by) where scanned_by is not null;
comment on table manifest_items is 'One shipment on one handover list, with what was really loaded. A refused or left-over shipment stays here as evidence and goes on a later manifest.';

create table shipment_tracking (
  id uuid primary key default gen_random_uuid(),
  shipment_id uuid not null references shipments (id) on delete cascade,
  event_status text not null check (event_status in ('booked', 'pickup_scheduled', 'picked_up', 'in_transit', 'at_hub', 'customs', 'out_for_delivery', 'delivered', 'attempt_failed', 'return_started', 'returned', 'lost', 'damaged', 'cancelled')),
  event_at timestamptz not null,
  source text not null check (source in ('carrier_push', 'carrier_poll', 'driver_app', 'manual')),
  carrier_event_code text,
  carrier_event_reference text,
  description text,
  location_name text,
  city text,
  state_code text check (state_code ~ '^[0-9]{2}$'),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  attempt_number smallint check (attempt_number > 0),
  failure_reason text check (failure_reason in ('customer_unavailable', 'customer_refused', 'address_incorrect', 'cod_not_ready', 'rescheduled', 'premises_closed', 'restricted_area', 'vehicle_breakdown', 'weather', 'other')),
  next_attempt_on date,
  expected_delivery_at timestamptz,
  received_by_name text,
  proof_url text,
  is_visible_to_customer boolean not null default true,
  carrier_payload jsonb,
  recorded_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint shipment_tracking_event_key unique nulls not distinct (shipment_id, event_at, event_status, carrier_event_code),
  constraint shipment_tracking_position_ck check ((latitude is null) = (longitude is null)),
  constraint shipment_tracking_failure_ck check (failure_reason is null or event_status in ('attempt_failed', 'return_started'))
);
create index shipment_tracking_event_status_event_at_idx on shipment_tracking (event_status, event_at desc);
create index shipment_tracking_recorded_by_idx on shipment_tracking (recorded_by) where recorded_by is not null;
comment on table shipment_tracking is 'One scan or event in the life of a shipment, as the carrier, the driver or a colleague reported it. Rows are only added; the current state is kept on the shipment.';
comment on column shipment_tracking.carrier_payload is 'The message as the carrier sent it, whose shape differs by carrier; kept for disputes.';

create table eway_bills (
  id uuid primary key default gen_random_uuid(),
  eway_bill_number text unique check (eway_bill_number ~ '^[0-9]{12}$'),
  supply_type text not null check (supply_type in ('outward', 'inward')),
  sub_supply_type text not null default 'supply' check (sub_supply_type in ('supply', 'import', 'export', 'job_work', 'job_work_return', 'own_use', 'sales_return', 'skd_ckd', 'line_sales', 'recipient_not_known', 'exhibition', 'others')),
  transaction_type text not null default 'regular' check (transaction_type in ('regular', 'bill_to_ship_to', 'bill_from_dispatch_from', 'combination')),
  document_type text not null check (document_type in ('tax_invoice', 'bill_of_supply', 'bill_of_entry', 'delivery_challan', 'others')),
  document_number text not null check (length(document_number) between 1 and 16),
  document_date date not null,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  shipment_id uuid references shipments (id) on delete restrict,
  irn text check (irn ~ '^[0-9a-f]{64}$'),
  from_gstin text not null check (from_gstin = 'URP' or from_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  from_trade_name text,
  from_place text not null,
  from_pincode text not null check (from_pincode ~ '^[1-9][0-9]{5}$'),
  from_state_code text not null check (from_state_code ~ '^[0-9]{2}$'),
  to_gstin text not null check (to_gstin = 'URP' or to_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  to_trade_name text,
  to_place text not null,
  to_pincode text not null check (to_pincode ~ '^[1-9][0-9]{5}$'),
  to_state_code text not null check (to_state_code ~ '^[0-9]{2}$'),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  other_amount numeric(19,4) not null default 0,
  total_amount numeric(19,4) not null check (total_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code = 'INR'),
  transporter_id uuid references transporters (id) on delete restrict,
  transport_mode text check (transport_mode in ('road', 'rail', 'air', 'ship')),
  distance_km integer not null check (distance_km between 0 and 4000),
  transport_document_number text,
  transport_document_date date,
  vehicle_number text check (vehicle_number ~ '^[A-Z0-9]{4,15}$'),
  vehicle_type text not null default 'regular' check (vehicle_type in ('regular', 'over_dimensional')),
  status text not null default 'draft' check (status in ('draft', 'part_a', 'active', 'rejected', 'expired', 'completed', 'cancelled')),
  generated_at timestamptz,
  part_b_updated_at timestamptz,
  valid_until timestamptz,
  extension_count smallint not null default 0 check (extension_count >= 0),
  extension_reason text check (extension_reason in ('natural_calamity', 'law_and_order', 'transshipment', 'accident', 'others')),
  cancelled_at timestamptz,
  cancellation_reason text check (cancellation_reason in ('duplicate', 'order_cancelled', 'data_entry_mistake', 'others')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint eway_bills_tax_kind_ck check (igst_amount = 0 or (cgst_amount = 0 and sgst_amount = 0)),
  constraint eway_bills_total_ck check (total_amount = taxable_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + other_amount),
  constraint eway_bills_number_ck check (status = 'draft' or (eway_bill_number is not null and generated_at is not null)),
  constraint eway_bills_part_b_ck check (status not in ('active', 'expired') or (transport_mode is not null and valid_until is not null)),
  constraint eway_bills_validity_ck check (valid_until > generated_at),
  constraint eway_bills_extension_ck check ((extension_count > 0) = (extension_reason is not null)),
  constraint eway_bills_cancellation_ck check (status <> 'cancelled' or (cancelled_at is not null and cancellation_reason is not null))
);
create unique index eway_bills_live_document_key on eway_bills (from_gstin, document_type, document_number, document_date) where status not in ('cancelled', 'rejected') and from_gstin <> 'URP';
create index eway_bills_tax_invoice_id_idx on eway_bills (tax_invoice_id) where tax_invoice_id is not null;
create index eway_bills_shipment_id_idx on eway_bills (shipment_id) where shipment_id is not null;
create index eway_bills_transporter_id_idx on eway_bills (transporter_id) where transporter_id is not null;
create index eway_bills_status_valid_until_idx on eway_bills (status, valid_until);
create index eway_bills_document_date_idx on eway_bills (document_date);
comment on table eway_bills is 'One e-way bill of the Indian GST portal: the permit to move goods under one invoice or challan, with its consignor, consignee, value and vehicle. It accompanies the document and never replaces it.';
comment on column eway_bills.status is 'part_a: number issued, vehicle still missing, goods may not move; active: part B given; completed: goods delivered.';
comment on column eway_bills.other_amount is 'Other value and non-advalorem cess, which may be negative for round-off.';

create table eway_bill_items (
  id uuid primary key default gen_random_uuid(),
  eway_bill_id uuid not null references eway_bills (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  product_id uuid references products (id) on delete restrict,
  product_name text not null,
  product_description text,
  hsn_code text not null check (hsn_code ~ '^[0-9]{4}([0-9]{2}){0,2}$'),
  quantity numeric(19,6) not null check (quantity > 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{3}$'),
  taxable_amount numeric(19,4) not null check (taxable_amount >= 0),
  cgst_percent numeric(7,4) not null default 0 check (cgst_percent between 0 and 100),
  sgst_percent numeric(7,4) not null default 0 check (sgst_percent between 0 and 100),
  igst_percent numeric(7,4) not null default 0 check (igst_percent between 0 and 100),
  cess_percent numeric(9,4) not null default 0 check (cess_percent between 0 and 1000),
  cess_fixed_amount numeric(19,4) not null default 0 check (cess_fixed_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code = 'INR'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (eway_bill_id, line_number),
  constraint eway_bill_items_tax_kind_ck check (igst_percent = 0 or (cgst_percent = 0 and sgst_percent = 0)),
  constraint eway_bill_items_halves_ck check (cgst_percent = sgst_percent)
);
create index eway_bill_items_product_id_idx on eway_bill_items (product_id) where product_id is not null;
create index eway_bill_items_hsn_code_idx on eway_bill_items (hsn_code);
comment on table eway_bill_items is 'One line of goods declared on an e-way bill, in the units and codes of the portal. It repeats the invoice line as it was declared and is not changed later.';
comment on column eway_bill_items.cess_percent is 'Compensation cess may exceed one hundred percent (290 on some tobacco goods).';

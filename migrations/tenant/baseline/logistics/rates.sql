-- rates: what carriers charge and how well they serve. zones come first; business freight (part load), parcels to consumers and
-- full truck loads are priced in ways so different that each has its own card, its rates and its extra charges.

create table zone_mappings (
  id uuid primary key default gen_random_uuid(),
  scheme_code text not null default 'STANDARD' check (scheme_code ~ '^[A-Z0-9_-]{2,20}$'),
  transporter_id uuid references transporters (id) on delete cascade,
  region_id uuid references regions (id) on delete set null,
  origin_level text not null check (origin_level in ('postal_code', 'postal_prefix', 'city', 'state', 'country')),
  origin_value text not null,
  origin_country_code char(2) not null default 'IN' check (origin_country_code ~ '^[A-Z]{2}$'),
  destination_level text not null check (destination_level in ('postal_code', 'postal_prefix', 'city', 'state', 'country')),
  destination_value text not null,
  destination_country_code char(2) not null default 'IN' check (destination_country_code ~ '^[A-Z]{2}$'),
  zone_code text not null check (zone_code ~ '^[A-Z0-9_-]{1,20}$'),
  zone_type text not null check (zone_type in ('local', 'within_state', 'regional', 'metro', 'national', 'special', 'international')),
  min_distance_km integer check (min_distance_km >= 0),
  max_distance_km integer,
  min_transit_days smallint check (min_transit_days >= 0),
  max_transit_days smallint,
  match_priority smallint not null default 100 check (match_priority > 0),
  effective_from date not null default current_date,
  effective_to date,
  is_active boolean not null default true,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint zone_mappings_lane_key unique nulls not distinct (scheme_code, transporter_id, origin_country_code, origin_level, origin_value, destination_country_code, destination_level, destination_value, effective_from),
  constraint zone_mappings_dates_ck check (effective_to >= effective_from),
  constraint zone_mappings_distance_ck check (max_distance_km >= min_distance_km),
  constraint zone_mappings_transit_ck check (max_transit_days >= min_transit_days),
  constraint zone_mappings_international_ck check ((zone_type = 'international') = (origin_country_code <> destination_country_code))
);
create index zone_mappings_transporter_id_idx on zone_mappings (transporter_id) where transporter_id is not null;
create index zone_mappings_region_id_idx on zone_mappings (region_id) where region_id is not null;
create index zone_mappings_destination_idx on zone_mappings (destination_country_code, destination_level, destination_value) where is_active;
comment on table zone_mappings is 'One rule that puts an origin and a destination into a freight zone of a zone scheme. Rate cards name the scheme and price by zone, so cards need not list postal codes.';
comment on column zone_mappings.transporter_id is 'Set when the carrier has its own zoning; empty for the scheme of the house.';
comment on column zone_mappings.match_priority is 'When several rules match, the lowest number wins; give postal codes a lower number than states.';
comment on column zone_mappings.region_id is 'The own sales region the destination lies in, for freight analysis.';

create table b2b_rate_cards (
  id uuid primary key default gen_random_uuid(),
  card_code text not null check (card_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  revision smallint not null default 1 check (revision > 0),
  name text not null,
  transporter_id uuid not null references transporters (id) on delete restrict,
  service_type text not null default 'surface' check (service_type in ('surface', 'rail', 'air', 'express')),
  zone_scheme_code text not null default 'STANDARD' check (zone_scheme_code ~ '^[A-Z0-9_-]{2,20}$'),
  contract_reference text,
  effective_from date not null,
  effective_to date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  kg_per_cubic_foot numeric(9,4) not null default 10 check (kg_per_cubic_foot > 0),
  min_chargeable_weight_kg numeric(14,4) not null default 20 check (min_chargeable_weight_kg >= 0),
  weight_rounding_kg numeric(9,4) not null default 1 check (weight_rounding_kg > 0),
  min_freight_amount numeric(19,4) not null default 0 check (min_freight_amount >= 0),
  docket_charge numeric(19,4) not null default 0 check (docket_charge >= 0),
  fuel_surcharge_percent numeric(7,4) not null default 0 check (fuel_surcharge_percent between 0 and 100),
  base_diesel_price numeric(21,9) check (base_diesel_price > 0),
  fuel_step_price numeric(21,9) check (fuel_step_price > 0),
  fuel_step_percent numeric(7,4) check (fuel_step_percent between 0 and 100),
  risk_cover text not null default 'owner' check (risk_cover in ('owner', 'carrier')),
  free_storage_days smallint not null default 0 check (free_storage_days >= 0),
  gst_percent numeric(7,4) not null default 18 check (gst_percent between 0 and 100),
  reverse_charge_applies boolean not null default false,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'active', 'expired', 'withdrawn')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_by uuid references users (id) on delete set null,
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (card_code, revision),
  constraint b2b_rate_cards_dates_ck check (effective_to >= effective_from),
  constraint b2b_rate_cards_fuel_ck check ((fuel_step_price is null) = (fuel_step_percent is null) and (fuel_step_price is null or base_diesel_price is not null)),
  constraint b2b_rate_cards_approval_ck check (status <> 'active' or approved_at is not null)
);
create unique index b2b_rate_cards_one_active_key on b2b_rate_cards (card_code, effective_from) where status = 'active';
create index b2b_rate_cards_transporter_id_status_idx on b2b_rate_cards (transporter_id, status, effective_from);
create index b2b_rate_cards_approved_by_idx on b2b_rate_cards (approved_by) where approved_by is not null;
create index b2b_rate_cards_created_by_idx on b2b_rate_cards (created_by) where created_by is not null;
comment on table b2b_rate_cards is 'The agreed terms of a carrier for part-load freight to dealers and businesses, billed by docket and kilogram. One row is one revision; a change of price makes a new revision.';
comment on column b2b_rate_cards.kg_per_cubic_foot is 'Volumetric factor: a consignment is charged on cubic feet times this when that exceeds its weight.';
comment on column b2b_rate_cards.fuel_step_price is 'For each such rise of diesel above base_diesel_price, the fuel surcharge goes up by fuel_step_percent.';

create table b2b_rate_slabs (
  id uuid primary key default gen_random_uuid(),
  b2b_rate_card_id uuid not null references b2b_rate_cards (id) on delete cascade,
  origin_zone_code text not null check (origin_zone_code ~ '^[A-Z0-9_-]{1,20}$'),
  destination_zone_code text not null check (destination_zone_code ~ '^[A-Z0-9_-]{1,20}$'),
  from_weight_kg numeric(14,4) not null default 0 check (from_weight_kg >= 0),
  to_weight_kg numeric(14,4),
  rate_basis text not null default 'per_kg' check (rate_basis in ('per_kg', 'per_tonne', 'per_package', 'per_docket')),
  unit_rate numeric(21,9) not null check (unit_rate >= 0),
  min_slab_amount numeric(19,4) not null default 0 check (min_slab_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  is_incremental boolean not null default false,
  transit_days smallint check (transit_days >= 0),
  max_package_weight_kg numeric(14,4) check (max_package_weight_kg > 0),
  is_doorstep_pickup boolean not null default true,
  is_doorstep_delivery boolean not null default true,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint b2b_rate_slabs_lane_key unique (b2b_rate_card_id, origin_zone_code, destination_zone_code, from_weight_kg),
  constraint b2b_rate_slabs_weight_ck check (to_weight_kg > from_weight_kg)
);
comment on table b2b_rate_slabs is 'The rate between two zones for one band of chargeable weight on a part-load card. An empty upper weight means the band is open.';
comment on column b2b_rate_slabs.is_incremental is 'True when the rate applies only to the weight above from_weight_kg; false when it applies to the whole weight.';
comment on column b2b_rate_slabs.is_doorstep_delivery is 'False when the consignee collects at the godown of the carrier.';

create table b2b_additional_charges (
  id uuid primary key default gen_random_uuid(),
  b2b_rate_card_id uuid not null references b2b_rate_cards (id) on delete cascade,
  charge_code text not null check (charge_code in ('risk_on_value', 'out_of_delivery_area', 'handling', 'appointment_delivery', 'green_tax', 'state_entry', 'to_pay', 'delivery_against_payment', 'demurrage', 'redelivery', 'godown_collection', 'floor_delivery', 'oversize', 'proof_of_delivery', 'other')),
  description text not null,
  zone_code text check (zone_code ~ '^[A-Z0-9_-]{1,20}$'),
  calculation_basis text not null check (calculation_basis in ('per_docket', 'per_kg', 'per_package', 'per_day', 'per_floor', 'percent_of_freight', 'percent_of_invoice')),
  unit_rate numeric(21,9) check (unit_rate >= 0),
  rate_percent numeric(9,6) check (rate_percent between 0 and 100),
  min_charge numeric(19,4) not null default 0 check (min_charge >= 0),
  max_charge numeric(19,4),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  free_days smallint not null default 0 check (free_days >= 0),
  threshold_weight_kg numeric(14,4) check (threshold_weight_kg > 0),
  threshold_distance_km integer check (threshold_distance_km > 0),
  threshold_length_cm numeric(12,3) check (threshold_length_cm > 0),
  is_automatic boolean not null default true,
  is_fuel_applicable boolean not null default false,
  is_taxable boolean not null default true,
  sequence_number smallint not null default 10 check (sequence_number > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint b2b_additional_charges_rule_key unique nulls not distinct (b2b_rate_card_id, charge_code, zone_code, threshold_weight_kg, threshold_distance_km, threshold_length_cm),
  constraint b2b_additional_charges_basis_ck check (case when calculation_basis like 'percent%' then rate_percent is not null and unit_rate is null else unit_rate is not null and rate_percent is null end),
  constraint b2b_additional_charges_cap_ck check (max_charge >= min_charge)
);
create index b2b_additional_charges_charge_code_idx on b2b_additional_charges (charge_code);
comment on table b2b_additional_charges is 'One charge a part-load carrier adds to the basic freight: risk on value, remote delivery, handling, demurrage and the like. Thresholds say from what weight, distance or length it applies.';
comment on column b2b_additional_charges.is_automatic is 'True when it is added without asking (remote area); false when it must be requested (appointment delivery).';
comment on column b2b_additional_charges.is_fuel_applicable is 'True when the fuel surcharge is calculated on this charge too.';

create table d2c_rate_cards (
  id uuid primary key default gen_random_uuid(),
  card_code text not null check (card_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  revision smallint not null default 1 check (revision > 0),
  name text not null,
  transporter_id uuid not null references transporters (id) on delete restrict,
  service_type text not null default 'surface' check (service_type in ('surface', 'air', 'express', 'same_day')),
  zone_scheme_code text not null default 'STANDARD' check (zone_scheme_code ~ '^[A-Z0-9_-]{2,20}$'),
  effective_from date not null,
  effective_to date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  volumetric_divisor integer not null default 5000 check (volumetric_divisor > 0),
  max_parcel_weight_kg numeric(14,4) check (max_parcel_weight_kg > 0),
  cod_flat_amount numeric(19,4) not null default 0 check (cod_flat_amount >= 0),
  cod_percent numeric(7,4) not null default 0 check (cod_percent between 0 and 100),
  cod_remittance_days smallint not null default 7 check (cod_remittance_days >= 0),
  fuel_surcharge_percent numeric(7,4) not null default 0 check (fuel_surcharge_percent between 0 and 100),
  gst_percent numeric(7,4) not null default 18 check (gst_percent between 0 and 100),
  is_tax_inclusive boolean not null default false,
  free_delivery_attempts smallint not null default 3 check (free_delivery_attempts > 0),
  weight_dispute_days smallint not null default 7 check (weight_dispute_days >= 0),
  lost_liability_amount numeric(19,4) check (lost_liability_amount >= 0),
  monthly_shipment_commitment integer check (monthly_shipment_commitment > 0),
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'active', 'expired', 'withdrawn')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (card_code, revision),
  constraint d2c_rate_cards_dates_ck check (effective_to >= effective_from),
  constraint d2c_rate_cards_approval_ck check (status <> 'active' or approved_at is not null)
);
create unique index d2c_rate_cards_one_active_key on d2c_rate_cards (card_code, effective_from) where status = 'active';
create index d2c_rate_cards_transporter_id_status_idx on d2c_rate_cards (transporter_id, status, effective_from);
create index d2c_rate_cards_approved_by_idx on d2c_rate_cards (approved_by) where approved_by is not null;
create index d2c_rate_cards_created_by_idx on d2c_rate_cards (created_by) where created_by is not null;
comment on table d2c_rate_cards is 'The agreed terms of a courier for parcels to consumers, with its cash-on-delivery fee and dispute window. One row is one revision; weights and zones are priced in d2c_weight_slabs.';
comment on column d2c_rate_cards.cod_flat_amount is 'Fee for collecting cash: the greater of this amount and cod_percent of the cash collected.';
comment on column d2c_rate_cards.volumetric_divisor is 'Cubic centimetres for one kilogram: length by width by height over this gives the volumetric weight.';

create table d2c_weight_slabs (
  id uuid primary key default gen_random_uuid(),
  d2c_rate_card_id uuid not null references d2c_rate_cards (id) on delete cascade,
  zone_code text not null check (zone_code ~ '^[A-Z0-9_-]{1,20}$'),
  movement text not null default 'forward' check (movement in ('forward', 'return_to_origin', 'customer_return')),
  from_weight_kg numeric(14,4) not null default 0 check (from_weight_kg >= 0),
  to_weight_kg numeric(14,4),
  base_weight_kg numeric(14,4) not null default 0.5 check (base_weight_kg > 0),
  base_amount numeric(19,4) not null check (base_amount >= 0),
  step_weight_kg numeric(14,4) check (step_weight_kg > 0),
  step_amount numeric(19,4) check (step_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  transit_days smallint check (transit_days >= 0),
  is_cod_allowed boolean not null default false,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint d2c_weight_slabs_zone_key unique (d2c_rate_card_id, zone_code, movement, from_weight_kg),
  constraint d2c_weight_slabs_weight_ck check (to_weight_kg > from_weight_kg),
  constraint d2c_weight_slabs_step_ck check ((step_weight_kg is null) = (step_amount is null)),
  constraint d2c_weight_slabs_cod_ck check (movement = 'forward' or not is_cod_allowed)
);
comment on table d2c_weight_slabs is 'The parcel price of a courier card for one zone, direction and weight band: a base up to the base weight and a step for each further part.';

create table d2c_surcharges (
  id uuid primary key default gen_random_uuid(),
  d2c_rate_card_id uuid not null references d2c_rate_cards (id) on delete cascade,
  surcharge_code text not null check (surcharge_code in ('peak_season', 'remote_area', 'oversize', 'overweight', 'fragile', 'dangerous_goods', 'address_correction', 'extra_attempt', 'weekend_delivery', 'one_time_password', 'return_quality_check', 'insurance', 'other')),
  description text not null,
  movement text check (movement in ('forward', 'return_to_origin', 'customer_return')),
  zone_code text check (zone_code ~ '^[A-Z0-9_-]{1,20}$'),
  payment_mode text check (payment_mode in ('prepaid', 'cod')),
  calculation_method text not null check (calculation_method in ('flat', 'per_kg', 'percent_of_base', 'percent_of_declared', 'higher_of_flat_and_percent')),
  unit_rate numeric(21,9) check (unit_rate >= 0),
  rate_percent numeric(9,6) check (rate_percent between 0 and 100),
  min_charge numeric(19,4) not null default 0 check (min_charge >= 0),
  max_charge numeric(19,4),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  min_weight_kg numeric(14,4) check (min_weight_kg > 0),
  min_longest_side_cm numeric(12,3) check (min_longest_side_cm > 0),
  applies_from date,
  applies_to date,
  is_fuel_applicable boolean not null default false,
  is_taxable boolean not null default true,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint d2c_surcharges_rule_key unique nulls not distinct (d2c_rate_card_id, surcharge_code, movement, zone_code, payment_mode, min_weight_kg, min_longest_side_cm, applies_from),
  constraint d2c_surcharges_method_ck check (
    case
      when calculation_method in ('flat', 'per_kg') then unit_rate is not null and rate_percent is null
      when calculation_method = 'higher_of_flat_and_percent' then unit_rate is not null and rate_percent is not null
      else rate_percent is not null and unit_rate is null
    end
  ),
  constraint d2c_surcharges_cap_ck check (max_charge >= min_charge),
  constraint d2c_surcharges_season_ck check (applies_to >= applies_from),
  constraint d2c_surcharges_peak_ck check (surcharge_code <> 'peak_season' or (applies_from is not null and applies_to is not null))
);
create index d2c_surcharges_surcharge_code_idx on d2c_surcharges (surcharge_code, applies_from) where is_active;
comment on table d2c_surcharges is 'One addition a courier makes to the parcel price: season, remote area, oversize, a further attempt. Empty direction, zone or payment mode means it applies to all.';

create table ftl_vehicle_types (
  id uuid primary key default gen_random_uuid(),
  vehicle_type_code text not null unique check (vehicle_type_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  body_type text not null check (body_type in ('open', 'half_body', 'container', 'flatbed', 'trailer', 'refrigerated', 'tanker', 'tipper', 'car_carrier')),
  axle_count smallint not null default 2 check (axle_count between 2 and 20),
  wheel_count smallint not null check (wheel_count between 3 and 80),
  payload_kg numeric(14,4) not null check (payload_kg > 0),
  gross_vehicle_weight_kg numeric(14,4),
  inner_length_cm numeric(12,3) check (inner_length_cm > 0),
  inner_width_cm numeric(12,3) check (inner_width_cm > 0),
  inner_height_cm numeric(12,3) check (inner_height_cm > 0),
  volume_cubic_m numeric(12,4) check (volume_cubic_m > 0),
  pallet_capacity smallint check (pallet_capacity >= 0),
  min_temperature_c numeric(6,2),
  max_temperature_c numeric(6,2),
  fuel_type text not null default 'diesel' check (fuel_type in ('diesel', 'cng', 'lng', 'electric', 'petrol')),
  fuel_economy_km_per_litre numeric(7,3) check (fuel_economy_km_per_litre > 0),
  toll_class text check (toll_class ~ '^VC[0-9]{1,2}$'),
  daily_run_km smallint check (daily_run_km > 0),
  is_over_dimensional boolean not null default false,
  is_city_entry_restricted boolean not null default false,
  sort_order smallint not null default 100,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ftl_vehicle_types_weight_ck check (gross_vehicle_weight_kg > payload_kg),
  constraint ftl_vehicle_types_temperature_ck check (max_temperature_c >= min_temperature_c),
  constraint ftl_vehicle_types_cold_ck check (body_type <> 'refrigerated' or min_temperature_c is not null)
);
create index ftl_vehicle_types_is_active_payload_kg_idx on ftl_vehicle_types (is_active, payload_kg);
comment on table ftl_vehicle_types is 'A kind of truck that can be hired whole (32 ft container, 19 ft open, 40 t trailer), with what it can carry. It is a class of vehicles, not one vehicle with a number plate.';
comment on column ftl_vehicle_types.toll_class is 'FASTag vehicle class, VC4 to VC20, which decides the toll.';

create table ftl_rate_cards (
  id uuid primary key default gen_random_uuid(),
  card_code text not null check (card_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  revision smallint not null default 1 check (revision > 0),
  name text not null,
  transporter_id uuid not null references transporters (id) on delete restrict,
  contract_type text not null default 'contract' check (contract_type in ('contract', 'spot', 'dedicated', 'auction')),
  contract_reference text,
  effective_from date not null,
  effective_to date,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  base_diesel_price numeric(21,9) check (base_diesel_price > 0),
  diesel_price_city text,
  diesel_share_percent numeric(7,4) check (diesel_share_percent between 0 and 100),
  diesel_tolerance_percent numeric(7,4) not null default 0 check (diesel_tolerance_percent between 0 and 100),
  is_toll_included boolean not null default true,
  is_loading_included boolean not null default false,
  is_unloading_included boolean not null default false,
  free_loading_hours smallint not null default 24 check (free_loading_hours >= 0),
  free_unloading_hours smallint not null default 24 check (free_unloading_hours >= 0),
  placement_hours smallint check (placement_hours > 0),
  non_placement_penalty_amount numeric(19,4) not null default 0 check (non_placement_penalty_amount >= 0),
  advance_percent numeric(7,4) not null default 0 check (advance_percent between 0 and 100),
  balance_due_days smallint not null default 30 check (balance_due_days >= 0),
  gst_percent numeric(7,4) not null default 5 check (gst_percent between 0 and 100),
  reverse_charge_applies boolean not null default true,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'active', 'expired', 'withdrawn')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (card_code, revision),
  constraint ftl_rate_cards_dates_ck check (effective_to >= effective_from),
  constraint ftl_rate_cards_diesel_ck check ((base_diesel_price is null) = (diesel_share_percent is null)),
  constraint ftl_rate_cards_approval_ck check (status <> 'active' or approved_at is not null)
);
create unique index ftl_rate_cards_one_active_key on ftl_rate_cards (card_code, effective_from) where status = 'active';
create index ftl_rate_cards_transporter_id_status_idx on ftl_rate_cards (transporter_id, status, effective_from);
create index ftl_rate_cards_approved_by_idx on ftl_rate_cards (approved_by) where approved_by is not null;
create index ftl_rate_cards_created_by_idx on ftl_rate_cards (created_by) where created_by is not null;
comment on table ftl_rate_cards is 'The agreed terms of a truck operator for hiring whole vehicles: diesel clause, free hours, advance and balance. One row is one revision; the lanes are priced in ftl_lane_rates.';
comment on column ftl_rate_cards.diesel_share_percent is 'Share of the freight that follows the diesel price once it moves more than diesel_tolerance_percent from base_diesel_price.';
comment on column ftl_rate_cards.balance_due_days is 'Days after the proof of delivery is received.';

create table ftl_lane_rates (
  id uuid primary key default gen_random_uuid(),
  ftl_rate_card_id uuid not null references ftl_rate_cards (id) on delete cascade,
  ftl_vehicle_type_id uuid not null references ftl_vehicle_types (id) on delete restrict,
  origin_city text not null,
  origin_state_code text check (origin_state_code ~ '^[0-9]{2}$'),
  origin_country_code char(2) not null default 'IN' check (origin_country_code ~ '^[A-Z]{2}$'),
  destination_city text not null,
  destination_state_code text check (destination_state_code ~ '^[0-9]{2}$'),
  destination_country_code char(2) not null default 'IN' check (destination_country_code ~ '^[A-Z]{2}$'),
  trip_type text not null default 'one_way' check (trip_type in ('one_way', 'round_trip', 'milk_run')),
  distance_km integer not null check (distance_km > 0),
  transit_hours smallint not null check (transit_hours > 0),
  rate_basis text not null default 'per_trip' check (rate_basis in ('per_trip', 'per_km', 'per_tonne', 'per_month')),
  unit_rate numeric(21,9) not null check (unit_rate > 0),
  min_guaranteed_weight_kg numeric(14,4) check (min_guaranteed_weight_kg > 0),
  extra_stop_charge numeric(19,4) not null default 0 check (extra_stop_charge >= 0),
  included_stops smallint not null default 0 check (included_stops >= 0),
  estimated_toll_amount numeric(19,4) check (estimated_toll_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  allocation_rank smallint check (allocation_rank > 0),
  share_of_business_percent numeric(7,4) check (share_of_business_percent between 0 and 100),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ftl_lane_rates_lane_key unique nulls not distinct (ftl_rate_card_id, ftl_vehicle_type_id, origin_country_code, origin_state_code, origin_city, destination_country_code, destination_state_code, destination_city, trip_type),
  constraint ftl_lane_rates_tonne_ck check (rate_basis <> 'per_tonne' or min_guaranteed_weight_kg is not null)
);
create index ftl_lane_rates_ftl_vehicle_type_id_idx on ftl_lane_rates (ftl_vehicle_type_id);
create index ftl_lane_rates_lane_idx on ftl_lane_rates (origin_city, destination_city, allocation_rank) where is_active;
comment on table ftl_lane_rates is 'The price of one vehicle type from one city to another on a truck-hire card, with its rank and share among carriers on that lane.';
comment on column ftl_lane_rates.allocation_rank is 'Order in which carriers are asked on this lane: 1 is the L1 carrier.';

create table ftl_additional_charges (
  id uuid primary key default gen_random_uuid(),
  ftl_rate_card_id uuid not null references ftl_rate_cards (id) on delete cascade,
  ftl_vehicle_type_id uuid references ftl_vehicle_types (id) on delete restrict,
  charge_code text not null check (charge_code in ('loading_detention', 'unloading_detention', 'halting', 'extra_stop', 'toll', 'loading_labour', 'unloading_labour', 'weighment', 'escort', 'permit', 'overload', 'tarpaulin', 'cancellation', 'route_deviation', 'other')),
  description text not null,
  calculation_basis text not null check (calculation_basis in ('per_trip', 'per_hour', 'per_day', 'per_stop', 'per_km', 'per_tonne', 'percent_of_freight', 'at_actuals')),
  unit_rate numeric(21,9) check (unit_rate >= 0),
  rate_percent numeric(9,6) check (rate_percent between 0 and 100),
  from_hours smallint not null default 0 check (from_hours >= 0),
  to_hours smallint,
  max_charge numeric(19,4) check (max_charge >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  borne_by text not null default 'shipper' check (borne_by in ('shipper', 'consignee', 'transporter')),
  is_proof_required boolean not null default false,
  is_approval_required boolean not null default false,
  is_taxable boolean not null default true,
  notice_hours smallint check (notice_hours >= 0),
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ftl_additional_charges_rule_key unique nulls not distinct (ftl_rate_card_id, charge_code, ftl_vehicle_type_id, from_hours),
  constraint ftl_additional_charges_hours_ck check (to_hours > from_hours),
  constraint ftl_additional_charges_basis_ck check (
    case calculation_basis
      when 'at_actuals' then unit_rate is null and rate_percent is null
      when 'percent_of_freight' then rate_percent is not null and unit_rate is null
      else unit_rate is not null and rate_percent is null
    end
  ),
  constraint ftl_additional_charges_actuals_ck check (calculation_basis <> 'at_actuals' or is_proof_required)
);
create index ftl_additional_charges_ftl_vehicle_type_id_idx on ftl_additional_charges (ftl_vehicle_type_id) where ftl_vehicle_type_id is not null;
comment on table ftl_additional_charges is 'One charge beside the lane price of a hired truck: detention by the hour, labour, weighment, permits, cancellation. Detention is banded by the hours after the free time.';
comment on column ftl_additional_charges.notice_hours is 'For cancellations: the charge is due when notice is shorter than this before placement.';

create table carrier_performance (
  id uuid primary key default gen_random_uuid(),
  transporter_id uuid not null references transporters (id) on delete cascade,
  period_type text not null default 'month' check (period_type in ('week', 'month', 'quarter')),
  period_start date not null,
  period_end date not null,
  warehouse_id uuid references warehouses (id) on delete restrict,
  zone_code text check (zone_code ~ '^[A-Z0-9_-]{1,20}$'),
  service_type text check (service_type in ('surface', 'air', 'express', 'same_day', 'part_load', 'full_load')),
  booked_count integer not null default 0 check (booked_count >= 0),
  picked_up_on_time_count integer not null default 0 check (picked_up_on_time_count >= 0),
  delivered_count integer not null default 0 check (delivered_count >= 0),
  delivered_on_time_count integer not null default 0 check (delivered_on_time_count >= 0),
  first_attempt_count integer not null default 0 check (first_attempt_count >= 0),
  returned_count integer not null default 0 check (returned_count >= 0),
  lost_count integer not null default 0 check (lost_count >= 0),
  damaged_count integer not null default 0 check (damaged_count >= 0),
  average_transit_hours numeric(9,2) check (average_transit_hours >= 0),
  freight_billed_amount numeric(19,4) not null default 0 check (freight_billed_amount >= 0),
  freight_disputed_amount numeric(19,4) not null default 0 check (freight_disputed_amount >= 0),
  claims_settled_amount numeric(19,4) not null default 0 check (claims_settled_amount >= 0),
  cod_collected_amount numeric(19,4) not null default 0 check (cod_collected_amount >= 0),
  cod_overdue_amount numeric(19,4) not null default 0 check (cod_overdue_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  score_percent numeric(7,4) check (score_percent between 0 and 100),
  computed_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint carrier_performance_period_key unique nulls not distinct (transporter_id, period_type, period_start, warehouse_id, zone_code, service_type),
  constraint carrier_performance_period_ck check (period_end > period_start),
  constraint carrier_performance_outcome_ck check (delivered_count + returned_count + lost_count <= booked_count),
  constraint carrier_performance_delivered_ck check (delivered_on_time_count <= delivered_count and first_attempt_count <= delivered_count),
  constraint carrier_performance_pickup_ck check (picked_up_on_time_count <= booked_count),
  constraint carrier_performance_disputed_ck check (freight_disputed_amount <= freight_billed_amount),
  constraint carrier_performance_cod_ck check (cod_overdue_amount <= cod_collected_amount)
);
create index carrier_performance_warehouse_id_idx on carrier_performance (warehouse_id) where warehouse_id is not null;
create index carrier_performance_period_start_score_idx on carrier_performance (period_start desc, score_percent desc);
comment on table carrier_performance is 'The scorecard of a transporter for a period, by warehouse, zone and service where given (empty means all). Calculated from the shipments booked in that period, for allocation and for review meetings.';

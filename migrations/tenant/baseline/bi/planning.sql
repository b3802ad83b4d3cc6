-- planning: what will be demanded, how much to stock, which scenario the business commits to, and the supply planned for it.
-- A plan moves no stock and buys nothing: it ends in purchase requisitions and stock transfers.

create table demand_forecasts (
  id uuid primary key default gen_random_uuid(),
  forecast_number text not null,
  version integer not null default 1 check (version > 0),
  previous_version_id uuid references demand_forecasts (id) on delete set null,
  forecast_level text not null default 'product' check (forecast_level in ('product', 'variant', 'category')),
  product_id uuid references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  category_id uuid references categories (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  warehouse_id uuid references warehouses (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete restrict,
  period_type text not null default 'month' check (period_type in ('day', 'week', 'month', 'quarter')),
  period_start date not null,
  period_end date not null,
  method text not null default 'exponential_smoothing' check (method in ('moving_average', 'exponential_smoothing', 'holt_winters', 'arima', 'croston', 'regression', 'machine_learning', 'like_item', 'manual')),
  history_from date,
  history_to date,
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{2,4}$'),
  baseline_quantity numeric(19,6) not null check (baseline_quantity >= 0),
  promotion_uplift_quantity numeric(19,6) not null default 0,
  adjustment_quantity numeric(19,6) not null default 0,
  forecast_quantity numeric(19,6) not null check (forecast_quantity >= 0),
  lower_bound_quantity numeric(19,6) check (lower_bound_quantity >= 0),
  upper_bound_quantity numeric(19,6) check (upper_bound_quantity >= 0),
  confidence_percent numeric(7,4) check (confidence_percent between 0 and 100),
  seasonality_index numeric(9,6) not null default 1 check (seasonality_index >= 0),
  average_unit_price numeric(21,9) check (average_unit_price >= 0),
  forecast_revenue_amount numeric(19,4) check (forecast_revenue_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  actual_quantity numeric(19,6),
  absolute_error_percent numeric(12,4) check (absolute_error_percent >= 0),
  bias_percent numeric(12,4),
  generated_at timestamptz,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  status text not null default 'draft' check (status in ('draft', 'in_review', 'approved', 'superseded', 'closed')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (forecast_number, version),
  constraint demand_forecasts_level_ck check (
    case forecast_level
      when 'product' then product_id is not null and product_variant_id is null
      when 'variant' then product_id is not null and product_variant_id is not null
      else category_id is not null and product_id is null and product_variant_id is null
    end
  ),
  constraint demand_forecasts_period_ck check (period_end >= period_start),
  constraint demand_forecasts_history_ck check (history_to >= history_from),
  constraint demand_forecasts_quantity_ck check (forecast_quantity = greatest(baseline_quantity + promotion_uplift_quantity + adjustment_quantity, 0)),
  constraint demand_forecasts_bounds_ck check (lower_bound_quantity <= upper_bound_quantity),
  constraint demand_forecasts_previous_ck check (previous_version_id <> id),
  constraint demand_forecasts_approved_ck check (status <> 'approved' or approved_at is not null)
);

create unique index demand_forecasts_one_approved_key on demand_forecasts (period_start, period_type, forecast_level, product_id, product_variant_id, category_id, region_id, warehouse_id, sales_channel_id) nulls not distinct where status = 'approved';
create index demand_forecasts_product_id_period_start_idx on demand_forecasts (product_id, period_start);
create index demand_forecasts_product_variant_id_period_start_idx on demand_forecasts (product_variant_id, period_start);
create index demand_forecasts_category_id_period_start_idx on demand_forecasts (category_id, period_start);
create index demand_forecasts_region_id_period_start_idx on demand_forecasts (region_id, period_start);
create index demand_forecasts_warehouse_id_period_start_idx on demand_forecasts (warehouse_id, period_start);
create index demand_forecasts_sales_channel_id_period_start_idx on demand_forecasts (sales_channel_id, period_start);
create index demand_forecasts_status_period_start_idx on demand_forecasts (status, period_start);
create index demand_forecasts_previous_version_id_idx on demand_forecasts (previous_version_id) where previous_version_id is not null;
create index demand_forecasts_approved_by_idx on demand_forecasts (approved_by) where approved_by is not null;
create index demand_forecasts_created_by_idx on demand_forecasts (created_by) where created_by is not null;

comment on table demand_forecasts is 'One row is the demand expected for a product, variant or category in one period, narrowed to a region, warehouse or channel where these are set. Once the period is over the actual demand and the error stand beside it.';
comment on column demand_forecasts.adjustment_quantity is 'Sum of the approved forecast_adjustments.';
comment on column demand_forecasts.actual_quantity is 'Demand met and unmet, net of cancellations by the customer; not merely what was shipped.';

create table forecast_adjustments (
  id uuid primary key default gen_random_uuid(),
  demand_forecast_id uuid not null references demand_forecasts (id) on delete cascade,
  adjustment_number smallint not null check (adjustment_number > 0),
  source_function text not null check (source_function in ('sales', 'marketing', 'finance', 'supply_chain', 'product', 'management', 'dealer_input')),
  reason_code text not null check (reason_code in ('promotion', 'price_change', 'new_product', 'phase_out', 'festival', 'weather', 'customer_won', 'customer_lost', 'competitor', 'stockout_history', 'regulation', 'data_error', 'judgement')),
  justification text not null,
  evidence_url text,
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{2,4}$'),
  quantity_before numeric(19,6) not null check (quantity_before >= 0),
  adjustment_quantity numeric(19,6) not null check (adjustment_quantity <> 0),
  quantity_after numeric(19,6) not null check (quantity_after >= 0),
  forecast_value_added_percent numeric(12,4),
  proposed_by uuid references users (id) on delete set null,
  proposed_at timestamptz not null default now(),
  decided_by uuid references users (id) on delete set null,
  decided_at timestamptz,
  decision_note text,
  status text not null default 'proposed' check (status in ('proposed', 'approved', 'rejected', 'withdrawn')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint forecast_adjustments_number_key unique (demand_forecast_id, adjustment_number),
  constraint forecast_adjustments_quantity_ck check (quantity_after = quantity_before + adjustment_quantity),
  constraint forecast_adjustments_decided_ck check (status not in ('approved', 'rejected') or decided_at is not null)
);

create index forecast_adjustments_status_proposed_at_idx on forecast_adjustments (status, proposed_at desc);
create index forecast_adjustments_proposed_by_status_idx on forecast_adjustments (proposed_by, status);
create index forecast_adjustments_decided_by_idx on forecast_adjustments (decided_by) where decided_by is not null;

comment on table forecast_adjustments is 'One row is one person''s correction of a forecast, with reason, evidence and decision. Only approved ones count in the forecast.';
comment on column forecast_adjustments.forecast_value_added_percent is 'Points of forecast error the correction saved, or cost where negative; known once the period is over.';

create table inventory_optimizations (
  id uuid primary key default gen_random_uuid(),
  run_number text not null,
  calculated_on date not null default current_date,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  vendor_id uuid references vendors (id) on delete restrict,
  replenishment_policy text not null default 'reorder_point' check (replenishment_policy in ('reorder_point', 'min_max', 'periodic_review', 'make_to_order', 'do_not_stock')),
  abc_class text not null check (abc_class in ('A', 'B', 'C')),
  xyz_class text not null check (xyz_class in ('X', 'Y', 'Z')),
  history_days smallint not null default 180 check (history_days > 0),
  service_level_percent numeric(7,4) not null default 95 check (service_level_percent between 0 and 100),
  lead_time_days numeric(7,2) not null check (lead_time_days >= 0),
  lead_time_stddev_days numeric(7,2) not null default 0 check (lead_time_stddev_days >= 0),
  review_period_days smallint not null default 0 check (review_period_days >= 0),
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{2,4}$'),
  daily_demand_quantity numeric(19,6) not null check (daily_demand_quantity >= 0),
  demand_stddev_quantity numeric(19,6) not null default 0 check (demand_stddev_quantity >= 0),
  safety_stock_quantity numeric(19,6) not null check (safety_stock_quantity >= 0),
  reorder_point_quantity numeric(19,6) not null check (reorder_point_quantity >= 0),
  economic_order_quantity numeric(19,6) check (economic_order_quantity > 0),
  maximum_stock_quantity numeric(19,6) check (maximum_stock_quantity >= 0),
  minimum_order_quantity numeric(19,6) not null default 0 check (minimum_order_quantity >= 0),
  current_reorder_point_quantity numeric(19,6),
  on_hand_quantity numeric(19,6) not null default 0,
  on_order_quantity numeric(19,6) not null default 0 check (on_order_quantity >= 0),
  excess_quantity numeric(19,6) not null default 0 check (excess_quantity >= 0),
  shortage_quantity numeric(19,6) not null default 0 check (shortage_quantity >= 0),
  days_of_cover numeric(9,2) check (days_of_cover >= 0),
  yearly_turns numeric(9,4) check (yearly_turns >= 0),
  unit_cost numeric(21,9) not null check (unit_cost >= 0),
  ordering_cost numeric(19,4) check (ordering_cost >= 0),
  holding_cost_percent numeric(7,4) check (holding_cost_percent between 0 and 100),
  excess_stock_amount numeric(19,4) not null default 0 check (excess_stock_amount >= 0),
  expected_saving_amount numeric(19,4),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  recommended_action text not null default 'keep' check (recommended_action in ('keep', 'raise_levels', 'lower_levels', 'reorder_now', 'transfer_out', 'liquidate', 'discontinue')),
  status text not null default 'proposed' check (status in ('proposed', 'accepted', 'applied', 'rejected', 'superseded')),
  reviewed_by uuid references users (id) on delete set null,
  reviewed_at timestamptz,
  applied_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint inventory_optimizations_run_key unique nulls not distinct (run_number, product_id, product_variant_id, warehouse_id),
  constraint inventory_optimizations_reorder_ck check (reorder_point_quantity >= safety_stock_quantity),
  constraint inventory_optimizations_maximum_ck check (maximum_stock_quantity >= reorder_point_quantity),
  constraint inventory_optimizations_gap_ck check (excess_quantity = 0 or shortage_quantity = 0),
  constraint inventory_optimizations_applied_ck check (status <> 'applied' or applied_at is not null)
);

create index inventory_optimizations_product_id_calculated_on_idx on inventory_optimizations (product_id, calculated_on desc);
create index inventory_optimizations_product_variant_id_idx on inventory_optimizations (product_variant_id);
create index inventory_optimizations_warehouse_id_status_idx on inventory_optimizations (warehouse_id, status);
create index inventory_optimizations_vendor_id_idx on inventory_optimizations (vendor_id);
create index inventory_optimizations_status_action_idx on inventory_optimizations (status, recommended_action);
create index inventory_optimizations_reviewed_by_idx on inventory_optimizations (reviewed_by) where reviewed_by is not null;

comment on table inventory_optimizations is 'One row is what one calculation run recommends for one product in one warehouse: safety stock, reorder point and order quantity, with the demand, lead time and costs they follow from. Nothing changes until it is applied.';
comment on column inventory_optimizations.abc_class is 'By yearly consumption value; xyz_class by steadiness of demand.';
comment on column inventory_optimizations.demand_stddev_quantity is 'Standard deviation of daily demand over the history used.';
comment on column inventory_optimizations.vendor_id is 'The usual source, whose lead time and minimum order were used.';

create table snop_scenarios (
  id uuid primary key default gen_random_uuid(),
  scenario_code text not null unique check (scenario_code ~ '^[A-Z0-9][A-Z0-9_-]{1,29}$'),
  name text not null,
  description text,
  base_scenario_id uuid references snop_scenarios (id) on delete restrict,
  scenario_type text not null default 'what_if' check (scenario_type in ('base', 'optimistic', 'pessimistic', 'what_if')),
  cycle_month date not null check (extract(day from cycle_month) = 1),
  horizon_start date not null,
  horizon_end date not null,
  bucket_type text not null default 'month' check (bucket_type in ('week', 'month', 'quarter')),
  demand_change_percent numeric(7,4) not null default 0 check (demand_change_percent >= -100),
  selling_price_change_percent numeric(7,4) not null default 0 check (selling_price_change_percent >= -100),
  purchase_cost_change_percent numeric(7,4) not null default 0 check (purchase_cost_change_percent >= -100),
  freight_cost_change_percent numeric(7,4) not null default 0 check (freight_cost_change_percent >= -100),
  lead_time_change_days smallint not null default 0,
  service_level_percent numeric(7,4) not null default 95 check (service_level_percent between 0 and 100),
  further_assumptions jsonb not null default '{}' check (jsonb_typeof(further_assumptions) = 'object'),
  projected_revenue_amount numeric(19,4),
  projected_cost_of_sales_amount numeric(19,4),
  projected_gross_margin_amount numeric(19,4),
  projected_inventory_amount numeric(19,4) check (projected_inventory_amount >= 0),
  projected_cash_need_amount numeric(19,4),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  projected_fill_rate_percent numeric(7,4) check (projected_fill_rate_percent between 0 and 100),
  warehouse_capacity_percent numeric(12,4) check (warehouse_capacity_percent >= 0),
  risks_and_gaps text,
  simulated_at timestamptz,
  is_plan_of_record boolean not null default false,
  prepared_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  decision_note text,
  status text not null default 'draft' check (status in ('draft', 'simulated', 'in_review', 'approved', 'rejected', 'archived')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint snop_scenarios_own_base_ck check (base_scenario_id <> id),
  constraint snop_scenarios_horizon_ck check (horizon_end > horizon_start),
  constraint snop_scenarios_margin_ck check (projected_gross_margin_amount = projected_revenue_amount - projected_cost_of_sales_amount),
  constraint snop_scenarios_simulated_ck check (status not in ('simulated', 'in_review', 'approved') or simulated_at is not null),
  constraint snop_scenarios_approved_ck check (status <> 'approved' or approved_at is not null),
  constraint snop_scenarios_record_ck check (not is_plan_of_record or status in ('approved', 'archived'))
);

create unique index snop_scenarios_plan_of_record_key on snop_scenarios (cycle_month) where is_plan_of_record;
create index snop_scenarios_cycle_month_status_idx on snop_scenarios (cycle_month desc, status);
create index snop_scenarios_base_scenario_id_idx on snop_scenarios (base_scenario_id);
create index snop_scenarios_prepared_by_idx on snop_scenarios (prepared_by) where prepared_by is not null;
create index snop_scenarios_approved_by_idx on snop_scenarios (approved_by) where approved_by is not null;

comment on table snop_scenarios is 'One row is one scenario of a monthly sales and operations planning cycle: its assumptions, what they lead to, and whether the business committed to it. One scenario a cycle is the plan of record.';
comment on column snop_scenarios.warehouse_capacity_percent is 'Peak use of warehouse space over the horizon; above 100 the plan does not fit.';

create table supply_plans (
  id uuid primary key default gen_random_uuid(),
  plan_number text not null unique,
  snop_scenario_id uuid references snop_scenarios (id) on delete restrict,
  demand_forecast_id uuid references demand_forecasts (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  supply_mode text not null default 'purchase' check (supply_mode in ('purchase', 'import', 'transfer', 'job_work')),
  vendor_id uuid references vendors (id) on delete restrict,
  source_warehouse_id uuid references warehouses (id) on delete restrict,
  period_start date not null,
  period_end date not null,
  uom_code text not null default 'NOS' check (uom_code ~ '^[A-Z]{2,4}$'),
  demand_quantity numeric(19,6) not null check (demand_quantity >= 0),
  opening_stock_quantity numeric(19,6) not null default 0,
  scheduled_receipt_quantity numeric(19,6) not null default 0 check (scheduled_receipt_quantity >= 0),
  safety_stock_quantity numeric(19,6) not null default 0 check (safety_stock_quantity >= 0),
  net_requirement_quantity numeric(19,6) not null check (net_requirement_quantity >= 0),
  order_multiple_quantity numeric(19,6) check (order_multiple_quantity > 0),
  planned_quantity numeric(19,6) not null check (planned_quantity >= 0),
  closing_stock_quantity numeric(19,6) not null,
  lead_time_days smallint not null default 0 check (lead_time_days >= 0),
  order_by_date date not null,
  required_by_date date not null,
  unit_cost numeric(21,9) not null default 0 check (unit_cost >= 0),
  planned_amount numeric(19,4) not null default 0 check (planned_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  base_planned_amount numeric(19,4) not null default 0 check (base_planned_amount >= 0),
  exception_code text not null default 'none' check (exception_code in ('none', 'expedite', 'defer', 'cancel', 'shortage', 'late_order', 'over_capacity')),
  exception_note text,
  purchase_requisition_id uuid references purchase_requisitions (id) on delete set null,
  stock_transfer_id uuid references stock_transfers (id) on delete set null,
  planner_id uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  released_at timestamptz,
  status text not null default 'proposed' check (status in ('proposed', 'firm', 'approved', 'released', 'completed', 'cancelled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint supply_plans_period_ck check (period_end >= period_start),
  constraint supply_plans_dates_ck check (required_by_date >= order_by_date),
  constraint supply_plans_source_ck check (
    case
      when supply_mode = 'transfer' then vendor_id is null and source_warehouse_id is not null and source_warehouse_id <> warehouse_id
      else source_warehouse_id is null
    end
  ),
  constraint supply_plans_net_ck check (net_requirement_quantity = greatest(demand_quantity + safety_stock_quantity - opening_stock_quantity - scheduled_receipt_quantity, 0)),
  constraint supply_plans_closing_ck check (closing_stock_quantity = opening_stock_quantity + scheduled_receipt_quantity + planned_quantity - demand_quantity),
  constraint supply_plans_base_rate_ck check (exchange_rate <> 1 or base_planned_amount = planned_amount),
  constraint supply_plans_approved_ck check (status not in ('approved', 'released') or approved_at is not null),
  constraint supply_plans_released_ck check (status <> 'released' or released_at is not null)
);

create index supply_plans_product_id_period_start_idx on supply_plans (product_id, period_start);
create index supply_plans_product_variant_id_idx on supply_plans (product_variant_id);
create index supply_plans_warehouse_id_period_start_idx on supply_plans (warehouse_id, period_start);
create index supply_plans_source_warehouse_id_idx on supply_plans (source_warehouse_id);
create index supply_plans_vendor_id_order_by_date_idx on supply_plans (vendor_id, order_by_date);
create index supply_plans_snop_scenario_id_idx on supply_plans (snop_scenario_id);
create index supply_plans_demand_forecast_id_idx on supply_plans (demand_forecast_id);
create index supply_plans_status_order_by_date_idx on supply_plans (status, order_by_date);
create index supply_plans_planner_id_status_idx on supply_plans (planner_id, status);
create index supply_plans_purchase_requisition_id_idx on supply_plans (purchase_requisition_id) where purchase_requisition_id is not null;
create index supply_plans_stock_transfer_id_idx on supply_plans (stock_transfer_id) where stock_transfer_id is not null;
create index supply_plans_approved_by_idx on supply_plans (approved_by) where approved_by is not null;

comment on table supply_plans is 'One row plans the supply of one product to one warehouse in one period: net requirement, planned quantity, source and the date to order by. Released, it becomes a purchase requisition or a stock transfer.';
comment on column supply_plans.closing_stock_quantity is 'Projected; below zero means a shortage the plan does not cover.';

-- What is in stock, where, in which state and at what value: batches and items, the summary per warehouse, and the movements that explain every change.
-- stock_movements is the ledger and is only ever appended to; stock_items and inventory_summary are what it adds up to.

create table stock_batches (
  id uuid primary key default gen_random_uuid(),
  batch_number text not null,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  vendor_id uuid references vendors (id) on delete restrict,
  goods_receipt_note_id uuid references goods_receipt_notes (id) on delete restrict,
  vendor_batch_number text,
  country_of_origin char(2) check (country_of_origin ~ '^[A-Z]{2}$'),
  received_on date not null,
  manufactured_on date,
  best_before_on date,
  expires_on date,
  retest_on date,
  uom_code text not null default 'NOS',
  received_quantity numeric(19,6) not null check (received_quantity >= 0),
  rejected_quantity numeric(19,6) not null default 0 check (rejected_quantity >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  unit_cost numeric(21,9) not null check (unit_cost >= 0),
  landed_unit_cost numeric(21,9) check (landed_unit_cost >= 0),
  mrp numeric(21,9) check (mrp > 0),
  selling_price numeric(21,9) check (selling_price >= 0),
  quality_status text not null default 'pending' check (quality_status in ('not_required', 'pending', 'passed', 'passed_with_deviation', 'failed')),
  quality_checked_on date,
  test_certificate_number text,
  status text not null default 'active' check (status in ('active', 'on_hold', 'recalled', 'expired', 'depleted')),
  hold_reason text,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_batches_number_key unique nulls not distinct (product_id, product_variant_id, batch_number),
  constraint stock_batches_rejected_ck check (rejected_quantity <= received_quantity),
  constraint stock_batches_landed_ck check (landed_unit_cost >= unit_cost),
  constraint stock_batches_expiry_ck check (expires_on >= manufactured_on and expires_on >= best_before_on),
  constraint stock_batches_quality_ck check (quality_status in ('not_required', 'pending') or quality_checked_on is not null),
  constraint stock_batches_hold_ck check (status not in ('on_hold', 'recalled') or hold_reason is not null)
);
create index stock_batches_product_variant_id_idx on stock_batches (product_variant_id) where product_variant_id is not null;
create index stock_batches_vendor_id_idx on stock_batches (vendor_id, received_on) where vendor_id is not null;
create index stock_batches_goods_receipt_note_id_idx on stock_batches (goods_receipt_note_id) where goods_receipt_note_id is not null;
create index stock_batches_status_idx on stock_batches (status, expires_on);
comment on table stock_batches is 'One lot of a product made or received together, with its dates, quality verdict, cost and the MRP printed on it. How much of it lies where stands in stock_items.';
comment on column stock_batches.selling_price is 'Price for this batch alone, where it departs from the product, as when an MRP changes between lots.';

create table stock_items (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  serial_number text check (serial_number = btrim(serial_number) and serial_number <> ''),
  stock_batch_id uuid references stock_batches (id) on delete restrict,
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  warehouse_bin_id uuid references warehouse_bins (id) on delete restrict,
  license_plate text,
  goods_receipt_note_id uuid references goods_receipt_notes (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  ownership text not null default 'own' check (ownership in ('own', 'vendor_consignment', 'customer')),
  owner_vendor_id uuid references vendors (id) on delete restrict,
  condition text not null default 'new' check (condition in ('new', 'open_box', 'refurbished', 'used', 'damaged', 'defective')),
  status text not null default 'available'
    check (status in ('expected', 'in_transit', 'quality_hold', 'available', 'reserved', 'picked', 'packed', 'shipped', 'delivered', 'installed', 'returned', 'blocked', 'scrapped', 'lost')),
  uom_code text not null default 'NOS',
  quantity numeric(19,6) not null default 1 check (quantity >= 0),
  reserved_quantity numeric(19,6) not null default 0 check (reserved_quantity >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  unit_cost numeric(21,9) not null default 0 check (unit_cost >= 0),
  received_on date,
  manufactured_on date,
  shipped_at timestamptz,
  warranty_starts_on date,
  warranty_expires_on date,
  last_moved_at timestamptz,
  last_counted_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_items_serial_key unique (product_id, serial_number),
  constraint stock_items_serial_quantity_ck check (serial_number is null or quantity in (0, 1)),
  constraint stock_items_reserved_ck check (reserved_quantity <= quantity),
  constraint stock_items_bin_ck check (
    warehouse_bin_id is null or status not in ('expected', 'in_transit', 'shipped', 'delivered', 'installed', 'scrapped', 'lost')
  ),
  constraint stock_items_gone_ck check (status not in ('shipped', 'delivered', 'installed', 'scrapped', 'lost') or quantity = 0),
  constraint stock_items_owner_ck check ((ownership = 'vendor_consignment') = (owner_vendor_id is not null)),
  constraint stock_items_warranty_ck check (warranty_expires_on >= warranty_starts_on)
);
create unique index stock_items_quant_key on stock_items (
  warehouse_id, product_id, product_variant_id, stock_batch_id, warehouse_bin_id, license_plate, condition, status,
  order_id, sales_channel_id, owner_vendor_id, goods_receipt_note_id
) nulls not distinct where serial_number is null;
create index stock_items_warehouse_id_idx on stock_items (warehouse_id, status, product_id);
create index stock_items_available_idx on stock_items (product_id, warehouse_id, received_on) where status = 'available';
create index stock_items_product_variant_id_idx on stock_items (product_variant_id) where product_variant_id is not null;
create index stock_items_stock_batch_id_idx on stock_items (stock_batch_id) where stock_batch_id is not null;
create index stock_items_warehouse_bin_id_idx on stock_items (warehouse_bin_id) where warehouse_bin_id is not null;
create index stock_items_goods_receipt_note_id_idx on stock_items (goods_receipt_note_id) where goods_receipt_note_id is not null;
create index stock_items_sales_channel_id_idx on stock_items (sales_channel_id) where sales_channel_id is not null;
create index stock_items_order_id_idx on stock_items (order_id) where order_id is not null;
create index stock_items_owner_vendor_id_idx on stock_items (owner_vendor_id) where owner_vendor_id is not null;
create index stock_items_serial_number_idx on stock_items (serial_number) where serial_number is not null;
create index stock_items_license_plate_idx on stock_items (license_plate) where license_plate is not null;
comment on table stock_items is 'One serial-numbered unit from its receipt to its owner; or, for goods without serials, the quantity of one product and batch lying in one bin in one state. What is set aside for an order or a channel is a row of its own.';
comment on column stock_items.warehouse_id is 'Where it is, or for a unit that has left, the warehouse it left last.';
comment on column stock_items.license_plate is 'Label of the pallet, tote or carton it sits in (LPN or SSCC).';
comment on column stock_items.quantity is 'In the base unit of the product; 1 for a serial in stock, 0 once it has left.';

create table inventory_summary (
  id uuid primary key default gen_random_uuid(),
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  uom_code text not null default 'NOS',
  on_hand_quantity numeric(19,6) not null default 0,
  available_quantity numeric(19,6) not null default 0,
  reserved_quantity numeric(19,6) not null default 0 check (reserved_quantity >= 0),
  quality_hold_quantity numeric(19,6) not null default 0 check (quality_hold_quantity >= 0),
  damaged_quantity numeric(19,6) not null default 0 check (damaged_quantity >= 0),
  in_transit_quantity numeric(19,6) not null default 0 check (in_transit_quantity >= 0),
  on_order_quantity numeric(19,6) not null default 0 check (on_order_quantity >= 0),
  backordered_quantity numeric(19,6) not null default 0 check (backordered_quantity >= 0),
  safety_stock_quantity numeric(19,6) not null default 0 check (safety_stock_quantity >= 0),
  reorder_point_quantity numeric(19,6) check (reorder_point_quantity >= 0),
  reorder_quantity numeric(19,6) check (reorder_quantity > 0),
  maximum_quantity numeric(19,6) check (maximum_quantity > 0),
  replenishment_method text not null default 'none' check (replenishment_method in ('none', 'purchase', 'transfer', 'assembly')),
  abc_class text check (abc_class in ('A', 'B', 'C')),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  average_unit_cost numeric(21,9) not null default 0 check (average_unit_cost >= 0),
  stock_value_amount numeric(19,4) not null default 0,
  last_received_at timestamptz,
  last_issued_at timestamptz,
  last_counted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint inventory_summary_item_key unique nulls not distinct (warehouse_id, product_id, product_variant_id),
  constraint inventory_summary_on_hand_ck check (
    on_hand_quantity = available_quantity + reserved_quantity + quality_hold_quantity + damaged_quantity
  ),
  constraint inventory_summary_reorder_ck check (reorder_point_quantity >= safety_stock_quantity and reorder_point_quantity <= maximum_quantity)
);
create index inventory_summary_product_id_idx on inventory_summary (product_id, warehouse_id);
create index inventory_summary_product_variant_id_idx on inventory_summary (product_variant_id) where product_variant_id is not null;
create index inventory_summary_reorder_idx on inventory_summary (warehouse_id, available_quantity) where reorder_point_quantity is not null;
comment on table inventory_summary is 'Stock of one product or variant at one warehouse, by state, with its value and the levels at which it is replenished. It is the running total of stock_movements and can be rebuilt from them.';
comment on column inventory_summary.available_quantity is 'Free to promise. Below zero only where the warehouse allows issues ahead of receipts.';
comment on column inventory_summary.in_transit_quantity is 'On the way here from other warehouses; not part of on hand.';

create table stock_movements (
  id uuid primary key default gen_random_uuid(),
  movement_number text not null unique,
  movement_type text not null
    check (movement_type in ('opening', 'purchase_receipt', 'purchase_return', 'sales_issue', 'sales_return', 'transfer_out', 'transfer_in', 'bin_out', 'bin_in', 'adjustment_in', 'adjustment_out', 'assembly_in', 'assembly_out', 'service_issue', 'service_return', 'scrap', 'revaluation')),
  posted_on date not null,
  moved_at timestamptz not null default now(),
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  warehouse_bin_id uuid references warehouse_bins (id) on delete restrict,
  counterpart_warehouse_id uuid references warehouses (id) on delete restrict,
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  stock_item_id uuid references stock_items (id) on delete restrict,
  stock_batch_id uuid references stock_batches (id) on delete restrict,
  uom_code text not null default 'NOS',
  quantity numeric(19,6) not null,
  balance_quantity numeric(19,6) not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  unit_cost numeric(21,9) not null default 0 check (unit_cost >= 0),
  value_amount numeric(19,4) not null default 0,
  balance_value_amount numeric(19,4) not null default 0,
  source_document_type text not null
    check (source_document_type in ('opening_balance', 'goods_receipt_note', 'order', 'shipment', 'sales_return_note', 'stock_transfer', 'stock_adjustment', 'picklist', 'parts_request', 'vendor_return', 'manual')),
  source_document_id uuid,
  source_document_number text,
  source_line_number integer check (source_line_number > 0),
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  reverses_movement_id uuid unique references stock_movements (id) on delete restrict,
  moved_by uuid references users (id) on delete set null,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_movements_sign_ck check (
    case
      when movement_type = 'revaluation' then quantity = 0 and value_amount <> 0
      when reverses_movement_id is not null then quantity <> 0
      when movement_type in ('purchase_return', 'sales_issue', 'transfer_out', 'bin_out', 'adjustment_out', 'assembly_out', 'service_issue', 'scrap') then quantity < 0
      else quantity > 0
    end
  ),
  constraint stock_movements_value_sign_ck check (quantity * value_amount >= 0),
  constraint stock_movements_counterpart_ck check (counterpart_warehouse_id <> warehouse_id),
  constraint stock_movements_source_ck check (
    source_document_type in ('opening_balance', 'manual') or (source_document_id is not null and source_document_number is not null)
  ),
  constraint stock_movements_reversal_ck check (reverses_movement_id <> id)
);
create index stock_movements_product_id_idx on stock_movements (product_id, warehouse_id, posted_on);
create index stock_movements_warehouse_id_idx on stock_movements (warehouse_id, posted_on);
create index stock_movements_warehouse_bin_id_idx on stock_movements (warehouse_bin_id) where warehouse_bin_id is not null;
create index stock_movements_counterpart_idx on stock_movements (counterpart_warehouse_id) where counterpart_warehouse_id is not null;
create index stock_movements_product_variant_id_idx on stock_movements (product_variant_id, posted_on) where product_variant_id is not null;
create index stock_movements_stock_item_id_idx on stock_movements (stock_item_id, moved_at) where stock_item_id is not null;
create index stock_movements_stock_batch_id_idx on stock_movements (stock_batch_id) where stock_batch_id is not null;
create index stock_movements_source_idx on stock_movements (source_document_type, source_document_id);
create index stock_movements_journal_entry_id_idx on stock_movements (journal_entry_id) where journal_entry_id is not null;
create index stock_movements_moved_by_idx on stock_movements (moved_by) where moved_by is not null;
create index stock_movements_type_idx on stock_movements (movement_type, posted_on);
comment on table stock_movements is 'One line of the stock ledger: so much of a product came into (plus) or left (minus) one warehouse, at what value and because of which document. Never changed: a mistake is undone by a reversing row.';
comment on column stock_movements.balance_quantity is 'Stock of the product or variant in the warehouse after this movement.';
comment on column stock_movements.counterpart_warehouse_id is 'For a transfer, the warehouse at the other end.';

create table stock_adjustments (
  id uuid primary key default gen_random_uuid(),
  adjustment_number text not null unique,
  adjustment_type text not null
    check (adjustment_type in ('opening_stock', 'count_difference', 'damage', 'expiry', 'theft_or_loss', 'sample_or_gift', 'own_use', 'found', 'revaluation', 'other')),
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  adjusted_on date not null,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'approved', 'rejected', 'posted', 'cancelled')),
  reason text not null,
  reference_number text,
  line_count integer not null default 0 check (line_count >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  increase_amount numeric(19,4) not null default 0 check (increase_amount >= 0),
  decrease_amount numeric(19,4) not null default 0 check (decrease_amount >= 0),
  net_amount numeric(19,4) not null default 0,
  is_itc_reversal_required boolean not null default false,
  itc_reversal_amount numeric(19,4) not null default 0 check (itc_reversal_amount >= 0),
  insurance_claim_number text,
  offset_account_id uuid references chart_of_accounts (id) on delete restrict,
  cost_center_id uuid references cost_centers (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  requested_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  rejection_reason text,
  posted_by uuid references users (id) on delete set null,
  posted_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_adjustments_net_ck check (net_amount = increase_amount - decrease_amount),
  constraint stock_adjustments_itc_ck check (is_itc_reversal_required or itc_reversal_amount = 0),
  constraint stock_adjustments_posted_ck check ((status = 'posted') = (posted_at is not null)),
  constraint stock_adjustments_approved_ck check (status <> 'approved' or approved_at is not null),
  constraint stock_adjustments_rejected_ck check (status <> 'rejected' or rejection_reason is not null)
);
create index stock_adjustments_warehouse_id_idx on stock_adjustments (warehouse_id, adjusted_on);
create index stock_adjustments_status_idx on stock_adjustments (status, adjusted_on);
create index stock_adjustments_offset_account_id_idx on stock_adjustments (offset_account_id) where offset_account_id is not null;
create index stock_adjustments_cost_center_id_idx on stock_adjustments (cost_center_id) where cost_center_id is not null;
create index stock_adjustments_journal_entry_id_idx on stock_adjustments (journal_entry_id) where journal_entry_id is not null;
create index stock_adjustments_requested_by_idx on stock_adjustments (requested_by) where requested_by is not null;
create index stock_adjustments_approved_by_idx on stock_adjustments (approved_by) where approved_by is not null;
create index stock_adjustments_posted_by_idx on stock_adjustments (posted_by) where posted_by is not null;
comment on table stock_adjustments is 'One document that corrects stock at a warehouse outside buying, selling and transferring: count differences, damage, expiry, loss, opening stock or a new valuation. Posting it writes stock_movements and a journal entry.';
comment on column stock_adjustments.is_itc_reversal_required is 'Goods lost, stolen, destroyed, written off or given away: the input GST taken on them goes back (CGST Act, section 17(5)(h)).';

create table stock_adjustment_items (
  id uuid primary key default gen_random_uuid(),
  stock_adjustment_id uuid not null references stock_adjustments (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  stock_item_id uuid references stock_items (id) on delete restrict,
  stock_batch_id uuid references stock_batches (id) on delete restrict,
  warehouse_bin_id uuid references warehouse_bins (id) on delete restrict,
  serial_number text,
  uom_code text not null default 'NOS',
  system_quantity numeric(19,6) not null default 0,
  counted_quantity numeric(19,6) not null check (counted_quantity >= 0),
  difference_quantity numeric(19,6) not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  unit_cost numeric(21,9) not null default 0 check (unit_cost >= 0),
  new_unit_cost numeric(21,9) check (new_unit_cost >= 0),
  value_difference_amount numeric(19,4) not null default 0,
  itc_reversal_amount numeric(19,4) not null default 0 check (itc_reversal_amount >= 0),
  new_condition text check (new_condition in ('new', 'open_box', 'refurbished', 'used', 'damaged', 'defective')),
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_adjustment_items_line_key unique (stock_adjustment_id, line_number),
  constraint stock_adjustment_items_difference_ck check (difference_quantity = counted_quantity - system_quantity),
  constraint stock_adjustment_items_value_sign_ck check (new_unit_cost is not null or difference_quantity * value_difference_amount >= 0),
  constraint stock_adjustment_items_effect_ck check (difference_quantity <> 0 or new_unit_cost is not null or new_condition is not null),
  constraint stock_adjustment_items_serial_ck check (serial_number is null or (counted_quantity in (0, 1) and system_quantity in (0, 1)))
);
create index stock_adjustment_items_product_id_idx on stock_adjustment_items (product_id);
create index stock_adjustment_items_variant_idx on stock_adjustment_items (product_variant_id) where product_variant_id is not null;
create index stock_adjustment_items_stock_item_id_idx on stock_adjustment_items (stock_item_id) where stock_item_id is not null;
create index stock_adjustment_items_batch_idx on stock_adjustment_items (stock_batch_id) where stock_batch_id is not null;
create index stock_adjustment_items_bin_idx on stock_adjustment_items (warehouse_bin_id) where warehouse_bin_id is not null;
comment on table stock_adjustment_items is 'One line of a stock adjustment: what the books said, what is really there, and the value of the difference. A line may instead change only the unit cost or the condition.';

create table inventory_audits (
  id uuid primary key default gen_random_uuid(),
  audit_number text not null unique,
  audit_type text not null check (audit_type in ('full', 'cycle', 'spot', 'statutory', 'handover')),
  warehouse_id uuid not null references warehouses (id) on delete restrict,
  warehouse_zone_id uuid references warehouse_zones (id) on delete restrict,
  category_id uuid references categories (id) on delete restrict,
  abc_class text check (abc_class in ('A', 'B', 'C')),
  status text not null default 'planned' check (status in ('planned', 'counting', 'recount', 'review', 'approved', 'adjusted', 'cancelled')),
  scheduled_on date not null,
  book_stock_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  is_blind_count boolean not null default true,
  is_stock_frozen boolean not null default false,
  tolerance_percent numeric(7,4) not null default 0 check (tolerance_percent between 0 and 100),
  planned_line_count integer not null default 0 check (planned_line_count >= 0),
  counted_line_count integer not null default 0 check (counted_line_count >= 0),
  matched_line_count integer not null default 0 check (matched_line_count >= 0),
  accuracy_percent numeric(7,4) check (accuracy_percent between 0 and 100),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  book_value_amount numeric(19,4) not null default 0,
  surplus_amount numeric(19,4) not null default 0 check (surplus_amount >= 0),
  shortage_amount numeric(19,4) not null default 0 check (shortage_amount >= 0),
  counted_value_amount numeric(19,4) not null default 0,
  stock_adjustment_id uuid references stock_adjustments (id) on delete restrict,
  counted_by uuid references users (id) on delete set null,
  supervised_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  external_auditor_name text,
  findings text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint inventory_audits_lines_ck check (matched_line_count <= counted_line_count),
  constraint inventory_audits_value_ck check (counted_value_amount = book_value_amount + surplus_amount - shortage_amount),
  constraint inventory_audits_times_ck check (completed_at >= started_at),
  constraint inventory_audits_approved_ck check (status not in ('approved', 'adjusted') or approved_at is not null),
  constraint inventory_audits_adjusted_ck check (status <> 'adjusted' or stock_adjustment_id is not null)
);
create index inventory_audits_warehouse_id_idx on inventory_audits (warehouse_id, scheduled_on);
create index inventory_audits_status_idx on inventory_audits (status, scheduled_on);
create index inventory_audits_warehouse_zone_id_idx on inventory_audits (warehouse_zone_id) where warehouse_zone_id is not null;
create index inventory_audits_category_id_idx on inventory_audits (category_id) where category_id is not null;
create unique index inventory_audits_stock_adjustment_id_key on inventory_audits (stock_adjustment_id) where stock_adjustment_id is not null;
create index inventory_audits_counted_by_idx on inventory_audits (counted_by) where counted_by is not null;
create index inventory_audits_supervised_by_idx on inventory_audits (supervised_by) where supervised_by is not null;
create index inventory_audits_approved_by_idx on inventory_audits (approved_by) where approved_by is not null;
comment on table inventory_audits is 'One physical stock count, of a whole warehouse or a zone, category or ABC class of it, with its accuracy and the differences found. The correction itself is the stock adjustment it leads to, whose lines hold the differences.';
comment on column inventory_audits.book_stock_at is 'Moment whose book stock the counts are compared with.';

create table stock_transfers (
  id uuid primary key default gen_random_uuid(),
  transfer_number text not null unique,
  transfer_type text not null default 'replenishment' check (transfer_type in ('replenishment', 'rebalancing', 'return_to_hub', 'repair', 'consignment', 'exhibition')),
  from_warehouse_id uuid not null references warehouses (id) on delete restrict,
  to_warehouse_id uuid not null references warehouses (id) on delete restrict,
  status text not null default 'draft'
    check (status in ('draft', 'pending_approval', 'approved', 'rejected', 'picking', 'in_transit', 'partially_received', 'received', 'closed_short', 'cancelled')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  requested_on date not null,
  required_by date,
  expected_arrival_on date,
  gst_supply_type text not null default 'same_registration' check (gst_supply_type in ('same_registration', 'distinct_registration', 'export', 'not_applicable')),
  from_gstin text check (from_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  to_gstin text check (to_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  delivery_challan_number text unique,
  tax_invoice_number text unique,
  eway_bill_number text unique check (eway_bill_number ~ '^[0-9]{12}$'),
  transporter_id uuid references transporters (id) on delete restrict,
  transport_mode text check (transport_mode in ('road', 'rail', 'air', 'ship')),
  vehicle_number text check (vehicle_number ~ '^[A-Z0-9]{4,15}$'),
  lorry_receipt_number text,
  distance_km integer check (distance_km between 0 and 20000),
  package_count integer check (package_count > 0),
  gross_weight_kg numeric(14,4) check (gross_weight_kg >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  goods_amount numeric(19,4) not null default 0 check (goods_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  round_off_amount numeric(19,4) not null default 0 check (abs(round_off_amount) <= 1),
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  freight_amount numeric(19,4) not null default 0 check (freight_amount >= 0),
  requested_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  dispatched_by uuid references users (id) on delete set null,
  dispatched_at timestamptz,
  received_by uuid references users (id) on delete set null,
  received_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_transfers_warehouses_ck check (from_warehouse_id <> to_warehouse_id),
  constraint stock_transfers_required_ck check (required_by >= requested_on),
  constraint stock_transfers_supply_ck check (
    case gst_supply_type
      when 'distinct_registration' then from_gstin is not null and to_gstin is not null and from_gstin <> to_gstin
      when 'export' then true
      else cgst_amount + sgst_amount + igst_amount + cess_amount = 0
    end
  ),
  constraint stock_transfers_gst_split_ck check (igst_amount = 0 or cgst_amount + sgst_amount = 0),
  constraint stock_transfers_total_ck check (
    total_amount = goods_amount + cgst_amount + sgst_amount + igst_amount + cess_amount + round_off_amount
  ),
  constraint stock_transfers_dispatched_ck check (
    status not in ('in_transit', 'partially_received', 'received', 'closed_short') or dispatched_at is not null
  ),
  constraint stock_transfers_received_ck check (received_at >= dispatched_at)
);
create index stock_transfers_from_warehouse_id_idx on stock_transfers (from_warehouse_id, requested_on);
create index stock_transfers_to_warehouse_id_idx on stock_transfers (to_warehouse_id, status);
create index stock_transfers_status_idx on stock_transfers (status, requested_on);
create index stock_transfers_transporter_id_idx on stock_transfers (transporter_id) where transporter_id is not null;
create index stock_transfers_requested_by_idx on stock_transfers (requested_by) where requested_by is not null;
create index stock_transfers_approved_by_idx on stock_transfers (approved_by) where approved_by is not null;
create index stock_transfers_dispatched_by_idx on stock_transfers (dispatched_by) where dispatched_by is not null;
create index stock_transfers_received_by_idx on stock_transfers (received_by) where received_by is not null;
comment on table stock_transfers is 'One consignment of own goods from one warehouse to another, with the papers it travels under. Between different GSTINs it is a taxable supply on a tax invoice, within one GSTIN it moves on a delivery challan; moves between bins are only stock_movements.';
comment on column stock_transfers.goods_amount is 'Value declared on the challan or invoice before tax, which also decides whether an e-way bill is due.';
comment on column stock_transfers.freight_amount is 'What the carriage costs us; not part of the value of the goods.';

create table stock_transfer_items (
  id uuid primary key default gen_random_uuid(),
  stock_transfer_id uuid not null references stock_transfers (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  stock_batch_id uuid references stock_batches (id) on delete restrict,
  from_bin_id uuid references warehouse_bins (id) on delete restrict,
  to_bin_id uuid references warehouse_bins (id) on delete restrict,
  uom_code text not null default 'NOS',
  requested_quantity numeric(19,6) not null check (requested_quantity > 0),
  approved_quantity numeric(19,6) check (approved_quantity >= 0),
  dispatched_quantity numeric(19,6) not null default 0 check (dispatched_quantity >= 0),
  received_quantity numeric(19,6) not null default 0 check (received_quantity >= 0),
  damaged_quantity numeric(19,6) not null default 0 check (damaged_quantity >= 0),
  short_quantity numeric(19,6) not null default 0 check (short_quantity >= 0),
  hsn_code text check (hsn_code ~ '^([0-9]{4}|[0-9]{6}|[0-9]{8})$'),
  gst_rate numeric(7,4) not null default 0 check (gst_rate between 0 and 100),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  unit_cost numeric(21,9) not null default 0 check (unit_cost >= 0),
  transfer_unit_price numeric(21,9) not null default 0 check (transfer_unit_price >= 0),
  goods_amount numeric(19,4) not null default 0 check (goods_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  receipt_remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_transfer_items_line_key unique (stock_transfer_id, line_number),
  constraint stock_transfer_items_receipt_ck check (received_quantity + damaged_quantity + short_quantity <= dispatched_quantity)
);
create index stock_transfer_items_product_id_idx on stock_transfer_items (product_id);
create index stock_transfer_items_variant_idx on stock_transfer_items (product_variant_id) where product_variant_id is not null;
create index stock_transfer_items_batch_idx on stock_transfer_items (stock_batch_id) where stock_batch_id is not null;
create index stock_transfer_items_from_bin_id_idx on stock_transfer_items (from_bin_id) where from_bin_id is not null;
create index stock_transfer_items_to_bin_id_idx on stock_transfer_items (to_bin_id) where to_bin_id is not null;
comment on table stock_transfer_items is 'One product on a stock transfer: what was asked for, sent, and received sound, damaged or short. The single serials stand in stock_transfer_serials.';
comment on column stock_transfer_items.transfer_unit_price is 'Value per unit declared for GST (rule 28); may differ from the cost at which the stock moves in the books.';

create table stock_transfer_serials (
  id uuid primary key default gen_random_uuid(),
  stock_transfer_item_id uuid not null references stock_transfer_items (id) on delete cascade,
  stock_item_id uuid not null references stock_items (id) on delete restrict,
  serial_number text not null,
  status text not null default 'planned' check (status in ('planned', 'picked', 'dispatched', 'received', 'damaged', 'missing', 'removed')),
  carton_number text,
  picked_at timestamptz,
  dispatched_at timestamptz,
  received_at timestamptz,
  received_bin_id uuid references warehouse_bins (id) on delete restrict,
  received_condition text check (received_condition in ('new', 'open_box', 'refurbished', 'used', 'damaged', 'defective')),
  scanned_by uuid references users (id) on delete set null,
  is_manual_entry boolean not null default false,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stock_transfer_serials_item_key unique (stock_transfer_item_id, stock_item_id),
  constraint stock_transfer_serials_received_ck check (status not in ('received', 'damaged') or received_at is not null),
  constraint stock_transfer_serials_times_ck check (received_at >= dispatched_at)
);
create unique index stock_transfer_serials_open_key on stock_transfer_serials (stock_item_id) where status in ('planned', 'picked', 'dispatched');
create index stock_transfer_serials_stock_item_id_idx on stock_transfer_serials (stock_item_id, dispatched_at);
create index stock_transfer_serials_received_bin_id_idx on stock_transfer_serials (received_bin_id) where received_bin_id is not null;
create index stock_transfer_serials_scanned_by_idx on stock_transfer_serials (scanned_by) where scanned_by is not null;
create index stock_transfer_serials_serial_number_idx on stock_transfer_serials (serial_number);
comment on table stock_transfer_serials is 'One serial-numbered unit on a line of a stock transfer, scanned out at one end and in at the other. A unit can be on one open transfer at a time.';

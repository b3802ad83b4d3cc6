-- service: the work in the field. Technicians and their leave, service requests and their course,
-- visits, and the spare parts asked for and used.

create table technicians (
  id uuid primary key default gen_random_uuid(),
  technician_code text not null unique,
  full_name text not null,
  user_id uuid unique references users (id) on delete set null,
  engagement_type text not null default 'employee' check (engagement_type in ('employee', 'franchisee', 'contractor')),
  employee_id uuid unique references employees (id) on delete restrict,
  franchisee_id uuid references franchisees (id) on delete restrict,
  vendor_id uuid references vendors (id) on delete restrict,
  region_id uuid references regions (id) on delete restrict,
  van_warehouse_id uuid references warehouses (id) on delete restrict,
  supervisor_id uuid references users (id) on delete set null,
  phone text not null check (phone ~ '^\+?[0-9]{6,15}$'),
  email text check (email ~ '^[^@ ]+@[^@ ]+$'),
  skills text[] not null default '{}',
  skill_level text not null default 'trained' check (skill_level in ('trainee', 'trained', 'senior', 'expert')),
  certified_until date,
  background_checked_on date,
  vehicle_type text check (vehicle_type in ('none', 'bicycle', 'two_wheeler', 'three_wheeler', 'van')),
  vehicle_number text,
  driving_licence_ends_on date,
  base_postal_code text,
  service_radius_km numeric(12,3) check (service_radius_km > 0),
  maximum_jobs_per_day smallint not null default 6 check (maximum_jobs_per_day between 1 and 40),
  payout_per_job_amount numeric(19,4) not null default 0 check (payout_per_job_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  joined_on date not null,
  left_on date,
  status text not null default 'active' check (status in ('onboarding', 'active', 'suspended', 'left')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint technicians_engagement_ck check (
    (engagement_type = 'employee' and franchisee_id is null and vendor_id is null)
    or (engagement_type = 'franchisee' and franchisee_id is not null and employee_id is null and vendor_id is null)
    or (engagement_type = 'contractor' and franchisee_id is null and employee_id is null)
  ),
  constraint technicians_dates_ck check (left_on >= joined_on),
  constraint technicians_left_ck check ((status = 'left') = (left_on is not null))
);
create index technicians_franchisee_id_idx on technicians (franchisee_id) where franchisee_id is not null;
create index technicians_vendor_id_idx on technicians (vendor_id) where vendor_id is not null;
create index technicians_region_id_status_idx on technicians (region_id, status);
create index technicians_van_warehouse_id_idx on technicians (van_warehouse_id) where van_warehouse_id is not null;
create index technicians_supervisor_id_idx on technicians (supervisor_id);
create index technicians_status_base_postal_code_idx on technicians (status, base_postal_code);
create index technicians_skills_idx on technicians using gin (skills);
comment on table technicians is 'One person who can be sent to a customer: own employee, staff of a franchisee or contractor, with skills, area and van stock. Pay and attendance of employees stay in the people tables.';
comment on column technicians.van_warehouse_id is 'The stock location the technician carries; parts move there by stock transfer.';
comment on column technicians.payout_per_job_amount is 'Paid per completed job where the technician is not salaried.';

create table technician_leaves (
  id uuid primary key default gen_random_uuid(),
  technician_id uuid not null references technicians (id) on delete cascade,
  leave_type text not null check (leave_type in ('planned', 'sick', 'emergency', 'weekly_off', 'training', 'vehicle_breakdown')),
  from_date date not null,
  to_date date not null,
  day_part text not null default 'full_day' check (day_part in ('full_day', 'first_half', 'second_half')),
  reason text,
  applied_at timestamptz not null default now(),
  substitute_technician_id uuid references technicians (id) on delete set null,
  affected_job_count integer not null default 0 check (affected_job_count >= 0),
  jobs_reassigned_at timestamptz,
  status text not null default 'applied' check (status in ('applied', 'approved', 'rejected', 'cancelled')),
  decided_by uuid references users (id) on delete set null,
  decided_at timestamptz,
  decision_note text,
  recorded_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint technician_leaves_dates_ck check (to_date >= from_date),
  constraint technician_leaves_half_day_ck check (day_part = 'full_day' or from_date = to_date),
  constraint technician_leaves_substitute_ck check (substitute_technician_id <> technician_id),
  constraint technician_leaves_decided_ck check (status not in ('approved', 'rejected') or decided_at is not null)
);
create unique index technician_leaves_technician_id_from_date_key on technician_leaves (technician_id, from_date, day_part) where status in ('applied', 'approved');
create index technician_leaves_technician_id_to_date_idx on technician_leaves (technician_id, to_date);
create index technician_leaves_substitute_technician_id_idx on technician_leaves (substitute_technician_id) where substitute_technician_id is not null;
create index technician_leaves_decided_by_idx on technician_leaves (decided_by);
create index technician_leaves_recorded_by_idx on technician_leaves (recorded_by);
create index technician_leaves_status_from_date_idx on technician_leaves (status, from_date);
comment on table technician_leaves is 'One absence of a technician, which takes him or her out of job scheduling, whoever the employer is. Leave balances and pay of employees are in leave_requests.';

create table service_requests (
  id uuid primary key default gen_random_uuid(),
  request_number text not null unique,
  request_type text not null check (request_type in ('installation', 'repair', 'preventive_maintenance', 'inspection', 'demo', 'relocation', 'removal')),
  source_channel text not null default 'call_centre' check (source_channel in ('call_centre', 'website', 'app', 'whatsapp', 'email', 'dealer', 'walk_in', 'schedule')),
  customer_id uuid not null references customers (id) on delete restrict,
  customer_address_id uuid references customer_addresses (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  serial_number text,
  installation_id uuid references installations (id) on delete restrict,
  amc_contract_id uuid references amc_contracts (id) on delete restrict,
  order_id uuid references orders (id) on delete restrict,
  previous_request_id uuid references service_requests (id) on delete set null,
  coverage text not null default 'chargeable' check (coverage in ('warranty', 'amc', 'chargeable', 'goodwill')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'critical')),
  symptom_code text,
  problem_description text not null,
  contact_name text,
  contact_phone text check (contact_phone ~ '^\+?[0-9]{6,15}$'),
  region_id uuid references regions (id) on delete restrict,
  franchisee_id uuid references franchisees (id) on delete restrict,
  technician_id uuid references technicians (id) on delete restrict,
  sla_configuration_id uuid references sla_configurations (id) on delete restrict,
  reported_at timestamptz not null default now(),
  response_due_at timestamptz,
  resolution_due_at timestamptz,
  scheduled_start_at timestamptz,
  scheduled_end_at timestamptz,
  first_response_at timestamptz,
  completed_at timestamptz,
  closed_at timestamptz,
  fault_found text,
  resolution text,
  reopen_count smallint not null default 0 check (reopen_count >= 0),
  labour_amount numeric(19,4) not null default 0 check (labour_amount >= 0),
  parts_amount numeric(19,4) not null default 0 check (parts_amount >= 0),
  visit_amount numeric(19,4) not null default 0 check (visit_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  total_amount numeric(19,4) not null default 0 check (total_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  base_total_amount numeric(19,4) not null default 0 check (base_total_amount >= 0),
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  customer_rating smallint check (customer_rating between 1 and 5),
  customer_feedback text,
  status text not null default 'open' check (status in ('open', 'assigned', 'scheduled', 'in_progress', 'awaiting_parts', 'on_hold', 'completed', 'closed', 'cancelled')),
  status_reason text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint service_requests_previous_ck check (previous_request_id <> id),
  constraint service_requests_coverage_ck check (coverage <> 'amc' or amc_contract_id is not null),
  constraint service_requests_assigned_ck check (status not in ('assigned', 'scheduled', 'in_progress') or technician_id is not null or franchisee_id is not null),
  constraint service_requests_schedule_ck check (scheduled_end_at > scheduled_start_at and (status <> 'scheduled' or scheduled_start_at is not null)),
  constraint service_requests_due_ck check (resolution_due_at >= response_due_at),
  constraint service_requests_completed_ck check (status not in ('completed', 'closed') or completed_at is not null),
  constraint service_requests_closed_ck check ((status <> 'closed' or closed_at is not null) and closed_at >= completed_at),
  constraint service_requests_reason_ck check (status not in ('on_hold', 'cancelled') or status_reason is not null),
  constraint service_requests_total_ck check (total_amount = labour_amount + parts_amount + visit_amount - discount_amount + tax_amount)
);
create index service_requests_customer_id_reported_at_idx on service_requests (customer_id, reported_at);
create index service_requests_customer_address_id_idx on service_requests (customer_address_id);
create index service_requests_product_id_symptom_code_idx on service_requests (product_id, symptom_code);
create index service_requests_installation_id_reported_at_idx on service_requests (installation_id, reported_at);
create index service_requests_amc_contract_id_idx on service_requests (amc_contract_id) where amc_contract_id is not null;
create index service_requests_order_id_idx on service_requests (order_id) where order_id is not null;
create index service_requests_previous_request_id_idx on service_requests (previous_request_id) where previous_request_id is not null;
create index service_requests_region_id_status_idx on service_requests (region_id, status);
create index service_requests_franchisee_id_status_idx on service_requests (franchisee_id, status);
create index service_requests_technician_id_scheduled_start_at_idx on service_requests (technician_id, scheduled_start_at);
create index service_requests_sla_configuration_id_idx on service_requests (sla_configuration_id);
create index service_requests_tax_invoice_id_idx on service_requests (tax_invoice_id) where tax_invoice_id is not null;
create index service_requests_created_by_idx on service_requests (created_by);
create index service_requests_status_reported_at_idx on service_requests (status, reported_at);
create index service_requests_resolution_due_at_idx on service_requests (resolution_due_at) where status not in ('completed', 'closed', 'cancelled');
comment on table service_requests is 'One piece of work asked for by a customer or by a maintenance schedule, from report to closure, with its cover, deadlines and charges. Each visit is a row of technician_job_history; GST is split on the invoice.';
comment on column service_requests.coverage is 'Who bears the cost: the warranty, a maintenance contract, the customer, or us by goodwill.';
comment on column service_requests.previous_request_id is 'The request this one repeats, when the same fault came back.';

create table service_status_history (
  id uuid primary key default gen_random_uuid(),
  service_request_id uuid not null references service_requests (id) on delete cascade,
  sequence_number integer not null check (sequence_number > 0),
  from_status text check (from_status in ('open', 'assigned', 'scheduled', 'in_progress', 'awaiting_parts', 'on_hold', 'completed', 'closed', 'cancelled')),
  to_status text not null check (to_status in ('open', 'assigned', 'scheduled', 'in_progress', 'awaiting_parts', 'on_hold', 'completed', 'closed', 'cancelled')),
  reason_code text,
  remarks text,
  changed_by uuid references users (id) on delete set null,
  changed_at timestamptz not null default now(),
  change_source text not null default 'desk' check (change_source in ('desk', 'technician_app', 'customer_portal', 'system')),
  minutes_in_previous_status integer check (minutes_in_previous_status >= 0),
  sla_clock_running boolean not null default true,
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  customer_notified_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint service_status_history_change_ck check (from_status <> to_status),
  constraint service_status_history_first_ck check ((sequence_number = 1) = (from_status is null)),
  constraint service_status_history_position_ck check ((latitude is null) = (longitude is null)),
  constraint service_status_history_sequence_key unique (service_request_id, sequence_number)
);
create index service_status_history_changed_by_idx on service_status_history (changed_by);
create index service_status_history_to_status_changed_at_idx on service_status_history (to_status, changed_at);
comment on table service_status_history is 'One change of status of a service request: from what to what, when, by whom, and whether the SLA clock runs after it. Added to, never edited.';

create table technician_job_history (
  id uuid primary key default gen_random_uuid(),
  service_request_id uuid not null references service_requests (id) on delete restrict,
  technician_id uuid not null references technicians (id) on delete restrict,
  visit_number smallint not null default 1 check (visit_number > 0),
  visit_role text not null default 'lead' check (visit_role in ('lead', 'helper')),
  assigned_by uuid references users (id) on delete set null,
  assigned_at timestamptz not null default now(),
  responded_at timestamptz,
  travel_started_at timestamptz,
  arrived_at timestamptz,
  arrival_latitude numeric(9,6) check (arrival_latitude between -90 and 90),
  arrival_longitude numeric(9,6) check (arrival_longitude between -180 and 180),
  work_started_at timestamptz,
  work_ended_at timestamptz,
  travel_km numeric(12,3) check (travel_km >= 0),
  status text not null default 'assigned' check (status in ('assigned', 'accepted', 'declined', 'on_the_way', 'working', 'done', 'reassigned', 'cancelled')),
  outcome text check (outcome in ('resolved', 'parts_needed', 'follow_up_needed', 'customer_absent', 'access_denied', 'not_repairable', 'no_fault_found')),
  work_done text,
  customer_signed_by text,
  signature_url text,
  collected_amount numeric(19,4) not null default 0 check (collected_amount >= 0),
  collection_method text check (collection_method in ('cash', 'upi', 'card', 'payment_link')),
  payout_amount numeric(19,4) not null default 0 check (payout_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  status_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint technician_job_history_travel_ck check (arrived_at >= travel_started_at),
  constraint technician_job_history_work_ck check (work_ended_at >= work_started_at),
  constraint technician_job_history_done_ck check (status <> 'done' or outcome is not null),
  constraint technician_job_history_collected_ck check (collected_amount = 0 or collection_method is not null),
  constraint technician_job_history_reason_ck check (status not in ('declined', 'reassigned', 'cancelled') or status_reason is not null),
  constraint technician_job_history_visit_key unique (service_request_id, visit_number, technician_id)
);
create unique index technician_job_history_lead_key on technician_job_history (service_request_id, visit_number) where visit_role = 'lead' and status not in ('declined', 'reassigned', 'cancelled');
create index technician_job_history_technician_id_assigned_at_idx on technician_job_history (technician_id, assigned_at);
create index technician_job_history_assigned_by_idx on technician_job_history (assigned_by);
create index technician_job_history_status_assigned_at_idx on technician_job_history (status, assigned_at);
comment on table technician_job_history is 'One technician on one visit for a service request: assignment, travel, work, outcome, money collected and what the job pays. A second visit or a helper is another row.';

create table parts_requests (
  id uuid primary key default gen_random_uuid(),
  request_number text not null unique,
  service_request_id uuid not null references service_requests (id) on delete restrict,
  technician_id uuid references technicians (id) on delete restrict,
  from_warehouse_id uuid not null references warehouses (id) on delete restrict,
  to_warehouse_id uuid references warehouses (id) on delete restrict,
  stock_transfer_id uuid references stock_transfers (id) on delete restrict,
  delivery_mode text not null default 'counter_pickup' check (delivery_mode in ('van_stock', 'counter_pickup', 'courier_to_technician', 'courier_to_customer')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'critical')),
  needed_by date,
  coverage text not null default 'chargeable' check (coverage in ('warranty', 'amc', 'chargeable', 'goodwill')),
  total_cost numeric(19,4) not null default 0 check (total_cost >= 0),
  chargeable_amount numeric(19,4) not null default 0 check (chargeable_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  courier_reference text,
  status text not null default 'requested' check (status in ('requested', 'approved', 'rejected', 'partly_issued', 'issued', 'received', 'closed', 'cancelled')),
  requested_by uuid references users (id) on delete set null,
  requested_at timestamptz not null default now(),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  issued_by uuid references users (id) on delete set null,
  issued_at timestamptz,
  received_at timestamptz,
  rejection_reason text,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint parts_requests_warehouses_ck check (from_warehouse_id <> to_warehouse_id),
  constraint parts_requests_van_ck check ((delivery_mode <> 'van_stock' and stock_transfer_id is null) or to_warehouse_id is not null),
  constraint parts_requests_approved_ck check (status not in ('approved', 'partly_issued', 'issued', 'received', 'closed') or approved_at is not null),
  constraint parts_requests_issued_ck check (status not in ('issued', 'received', 'closed') or issued_at is not null),
  constraint parts_requests_received_ck check (received_at >= issued_at),
  constraint parts_requests_rejected_ck check (status <> 'rejected' or rejection_reason is not null)
);
create index parts_requests_service_request_id_idx on parts_requests (service_request_id);
create index parts_requests_technician_id_requested_at_idx on parts_requests (technician_id, requested_at);
create index parts_requests_from_warehouse_id_status_idx on parts_requests (from_warehouse_id, status);
create index parts_requests_to_warehouse_id_idx on parts_requests (to_warehouse_id) where to_warehouse_id is not null;
create index parts_requests_stock_transfer_id_idx on parts_requests (stock_transfer_id) where stock_transfer_id is not null;
create index parts_requests_requested_by_idx on parts_requests (requested_by);
create index parts_requests_approved_by_idx on parts_requests (approved_by);
create index parts_requests_issued_by_idx on parts_requests (issued_by);
create index parts_requests_status_requested_at_idx on parts_requests (status, requested_at);
comment on table parts_requests is 'One request for spare parts for a service job, from approval to receipt by the technician or customer. It asks and tracks; stock itself moves by stock_movements.';

create table parts_request_items (
  id uuid primary key default gen_random_uuid(),
  parts_request_id uuid not null references parts_requests (id) on delete cascade,
  line_number integer not null check (line_number > 0),
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  issued_stock_item_id uuid references stock_items (id) on delete restrict,
  requested_quantity numeric(19,6) not null check (requested_quantity > 0),
  approved_quantity numeric(19,6) not null default 0 check (approved_quantity >= 0),
  issued_quantity numeric(19,6) not null default 0 check (issued_quantity >= 0),
  consumed_quantity numeric(19,6) not null default 0 check (consumed_quantity >= 0),
  returned_quantity numeric(19,6) not null default 0 check (returned_quantity >= 0),
  uom_code text not null default 'NOS',
  unit_cost numeric(21,9) not null default 0 check (unit_cost >= 0),
  unit_price numeric(21,9) not null default 0 check (unit_price >= 0),
  is_chargeable boolean not null default true,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  defective_return_required boolean not null default false,
  defective_serial_number text,
  defective_returned_on date,
  line_status text not null default 'open' check (line_status in ('open', 'approved', 'rejected', 'issued', 'consumed', 'returned', 'cancelled')),
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint parts_request_items_issued_ck check (issued_quantity <= approved_quantity),
  constraint parts_request_items_used_ck check (consumed_quantity + returned_quantity <= issued_quantity),
  constraint parts_request_items_serial_ck check (issued_stock_item_id is null or issued_quantity <= 1),
  constraint parts_request_items_defective_ck check (defective_return_required or defective_returned_on is null),
  constraint parts_request_items_line_number_key unique (parts_request_id, line_number)
);
create index parts_request_items_product_id_idx on parts_request_items (product_id);
create index parts_request_items_product_variant_id_idx on parts_request_items (product_variant_id) where product_variant_id is not null;
create index parts_request_items_issued_stock_item_id_idx on parts_request_items (issued_stock_item_id) where issued_stock_item_id is not null;
create index parts_request_items_defective_due_idx on parts_request_items (created_at) where defective_return_required and defective_returned_on is null;
comment on table parts_request_items is 'One spare part on a parts request: quantities asked, approved, issued, used and brought back, and the defective part owed in return. Approval may exceed the request where parts come in packs.';

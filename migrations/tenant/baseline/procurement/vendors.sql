-- vendors: who we buy from and what we owe them. the vendor ledger is the payables sub-ledger, settled bill by bill;
-- invoices themselves are in purchasing.sql.

create table vendors (
  id uuid primary key default gen_random_uuid(),
  vendor_code text not null unique check (vendor_code ~ '^[A-Z0-9][A-Z0-9_/-]{1,19}$'),
  legal_name text not null,
  trade_name text,
  vendor_type text not null default 'trader' check (vendor_type in ('manufacturer', 'trader', 'importer', 'service_provider', 'transporter', 'job_worker', 'contractor', 'employee', 'government')),
  constitution text check (constitution in ('individual', 'huf', 'partnership', 'llp', 'company', 'trust', 'government', 'other')),
  gst_registration_type text not null default 'regular' check (gst_registration_type in ('regular', 'composition', 'unregistered', 'sez', 'input_service_distributor', 'overseas')),
  gstin text check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  pan text check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  vat_id text check (vat_id ~ '^[A-Z0-9]{4,20}$'),
  udyam_number text unique check (udyam_number ~ '^UDYAM-[A-Z]{2}-[0-9]{2}-[0-9]{7}$'),
  msme_category text check (msme_category in ('micro', 'small', 'medium')),
  tds_section text check (tds_section ~ '^[0-9]{3}[A-Z]{0,3}(\([0-9A-Z]{1,4}\))*$'),
  lower_tds_certificate_number text,
  lower_tds_percent numeric(7,4) check (lower_tds_percent between 0 and 100),
  lower_tds_valid_until date,
  phone text check (phone ~ '^\+?[0-9]{7,15}$'),
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  address_line1 text,
  address_line2 text,
  city text,
  state_code text check (state_code ~ '^[0-9]{2}$'),
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  payable_account_id uuid references chart_of_accounts (id) on delete restrict,
  payment_term_id uuid references payment_terms (id) on delete restrict,
  default_warehouse_id uuid references warehouses (id) on delete set null,
  buyer_id uuid references users (id) on delete set null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  credit_limit_amount numeric(19,4) check (credit_limit_amount >= 0),
  lead_time_days smallint not null default 0 check (lead_time_days >= 0),
  incoterm text check (incoterm in ('EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP')),
  bank_account_name text,
  bank_account_number text check (bank_account_number ~ '^[A-Z0-9]{5,34}$'),
  bank_ifsc text check (bank_ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  bank_swift_bic text check (bank_swift_bic ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
  bank_iban text check (bank_iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
  bank_verified_at timestamptz,
  rating_percent numeric(7,4) check (rating_percent between 0 and 100),
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'active', 'on_hold', 'blocked', 'inactive')),
  status_reason text,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendors_gst_registration_ck check (case when gst_registration_type in ('unregistered', 'overseas') then gstin is null else status = 'draft' or gstin is not null end),
  constraint vendors_gstin_pan_ck check (gstin is null or pan is null or substr(gstin, 3, 10) = pan),
  constraint vendors_overseas_ck check (gst_registration_type <> 'overseas' or country_code <> 'IN'),
  constraint vendors_postal_code_ck check (country_code <> 'IN' or postal_code is null or postal_code ~ '^[1-9][0-9]{5}$'),
  constraint vendors_msme_ck check (udyam_number is null or msme_category is not null),
  constraint vendors_lower_tds_ck check (num_nulls(lower_tds_certificate_number, lower_tds_percent, lower_tds_valid_until) in (0, 3)),
  constraint vendors_approval_ck check (status <> 'active' or approved_at is not null),
  constraint vendors_hold_reason_ck check (status not in ('on_hold', 'blocked') or status_reason is not null)
);
create unique index vendors_gstin_key on vendors (gstin) where gstin is not null and status <> 'inactive';
create index vendors_pan_idx on vendors (pan) where pan is not null;
create index vendors_status_vendor_type_idx on vendors (status, vendor_type);
create index vendors_legal_name_idx on vendors (legal_name);
create index vendors_payable_account_id_idx on vendors (payable_account_id) where payable_account_id is not null;
create index vendors_payment_term_id_idx on vendors (payment_term_id) where payment_term_id is not null;
create index vendors_default_warehouse_id_idx on vendors (default_warehouse_id) where default_warehouse_id is not null;
create index vendors_buyer_id_idx on vendors (buyer_id) where buyer_id is not null;
create index vendors_approved_by_idx on vendors (approved_by) where approved_by is not null;
create index vendors_created_by_idx on vendors (created_by) where created_by is not null;
comment on table vendors is 'A supplier of goods or services as one tax registration: a firm with two GSTINs is two vendors sharing a PAN. What is owed to it stands in vendor_ledger, not here.';
comment on column vendors.msme_category is 'Class under the MSMED Act; dues to micro and small suppliers must be paid within 45 days (section 43B(h) of the Income Tax Act).';
comment on column vendors.bank_verified_at is 'When the bank account was confirmed by penny drop or cancelled cheque; cleared again by the application when the account changes.';
comment on column vendors.credit_limit_amount is 'The credit this vendor grants us.';

create table vendor_contacts (
  id uuid primary key default gen_random_uuid(),
  vendor_id uuid not null references vendors (id) on delete cascade,
  full_name text not null,
  designation text,
  function_area text not null default 'sales' check (function_area in ('sales', 'accounts', 'dispatch', 'quality', 'service', 'management', 'compliance')),
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  mobile text check (mobile ~ '^\+?[0-9]{7,15}$'),
  phone text check (phone ~ '^\+?[0-9]{5,15}$'),
  phone_extension text,
  site_name text,
  city text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  preferred_language text not null default 'en' check (preferred_language ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  escalation_level smallint not null default 1 check (escalation_level between 1 and 5),
  is_primary boolean not null default false,
  receives_rfqs boolean not null default false,
  receives_purchase_orders boolean not null default false,
  receives_payment_advice boolean not null default false,
  has_whatsapp_consent boolean not null default false,
  is_active boolean not null default true,
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_contacts_reachable_ck check (num_nonnulls(email, mobile, phone) > 0),
  constraint vendor_contacts_mailing_ck check (email is not null or not (receives_rfqs or receives_purchase_orders or receives_payment_advice)),
  constraint vendor_contacts_primary_active_ck check (is_active or not is_primary)
);
create index vendor_contacts_vendor_id_function_area_idx on vendor_contacts (vendor_id, function_area);
create unique index vendor_contacts_one_primary_key on vendor_contacts (vendor_id) where is_primary;
create unique index vendor_contacts_vendor_id_email_key on vendor_contacts (vendor_id, lower(email)) where email is not null;
comment on table vendor_contacts is 'A person at a vendor, what he or she answers for and which of our documents go to that address. Contacts do not log in; they are not users.';
comment on column vendor_contacts.escalation_level is '1 is asked first; higher levels when a delivery or a claim is not answered.';

create table vendor_payments (
  id uuid primary key default gen_random_uuid(),
  payment_number text not null unique,
  payment_date date not null default current_date,
  vendor_id uuid not null references vendors (id) on delete restrict,
  payment_type text not null default 'against_invoice' check (payment_type in ('against_invoice', 'advance', 'on_account', 'refund_received')),
  purchase_order_id uuid references purchase_orders (id) on delete restrict,
  vendor_invoice_id uuid references vendor_invoices (id) on delete restrict,
  payment_mode text not null default 'neft' check (payment_mode in ('neft', 'rtgs', 'imps', 'upi', 'cheque', 'demand_draft', 'cash', 'wire', 'card', 'letter_of_credit')),
  bank_account_id uuid references bank_accounts (id) on delete restrict,
  gross_amount numeric(19,4) not null check (gross_amount > 0),
  tds_section text check (tds_section ~ '^[0-9]{3}[A-Z]{0,3}(\([0-9A-Z]{1,4}\))*$'),
  tds_amount numeric(19,4) not null default 0 check (tds_amount >= 0),
  cash_discount_amount numeric(19,4) not null default 0 check (cash_discount_amount >= 0),
  net_amount numeric(19,4) not null check (net_amount >= 0),
  bank_charge_amount numeric(19,4) not null default 0 check (bank_charge_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  base_net_amount numeric(19,4) not null check (base_net_amount >= 0),
  beneficiary_name text,
  beneficiary_account_number text,
  beneficiary_ifsc text check (beneficiary_ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  utr_number text,
  cheque_number text check (cheque_number ~ '^[0-9]{6}$'),
  cheque_date date,
  remittance_purpose_code text check (remittance_purpose_code ~ '^[PS][0-9]{4}$'),
  form_15ca_number text,
  status text not null default 'draft' check (status in ('draft', 'pending_approval', 'approved', 'released', 'cleared', 'failed', 'cancelled')),
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  released_by uuid references users (id) on delete set null,
  cleared_on date,
  failure_reason text,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  narration text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_payments_net_ck check (net_amount = gross_amount - tds_amount - cash_discount_amount),
  constraint vendor_payments_tds_ck check (tds_amount = 0 or tds_section is not null),
  constraint vendor_payments_target_ck check (
    case payment_type
      when 'against_invoice' then purchase_order_id is null
      when 'advance' then vendor_invoice_id is null
      else purchase_order_id is null and vendor_invoice_id is null
    end
  ),
  constraint vendor_payments_bank_ck check (case when payment_mode = 'cash' then bank_account_id is null else bank_account_id is not null or status in ('draft', 'pending_approval', 'cancelled') end),
  constraint vendor_payments_cheque_ck check (payment_mode = 'cheque' or (cheque_number is null and cheque_date is null)),
  constraint vendor_payments_approval_ck check (status not in ('approved', 'released', 'cleared') or approved_at is not null),
  constraint vendor_payments_cleared_ck check ((status = 'cleared') = (cleared_on is not null)),
  constraint vendor_payments_failure_ck check (status <> 'failed' or failure_reason is not null)
);
create index vendor_payments_vendor_id_payment_date_idx on vendor_payments (vendor_id, payment_date desc);
create index vendor_payments_status_payment_date_idx on vendor_payments (status, payment_date);
create index vendor_payments_purchase_order_id_idx on vendor_payments (purchase_order_id) where purchase_order_id is not null;
create index vendor_payments_vendor_invoice_id_idx on vendor_payments (vendor_invoice_id) where vendor_invoice_id is not null;
create index vendor_payments_bank_account_id_idx on vendor_payments (bank_account_id) where bank_account_id is not null;
create unique index vendor_payments_bank_cheque_key on vendor_payments (bank_account_id, cheque_number) where cheque_number is not null;
create index vendor_payments_utr_number_idx on vendor_payments (utr_number) where utr_number is not null;
create index vendor_payments_journal_entry_id_idx on vendor_payments (journal_entry_id) where journal_entry_id is not null;
create index vendor_payments_approved_by_idx on vendor_payments (approved_by) where approved_by is not null;
create index vendor_payments_released_by_idx on vendor_payments (released_by) where released_by is not null;
create index vendor_payments_created_by_idx on vendor_payments (created_by) where created_by is not null;
comment on table vendor_payments is 'Money paid to a vendor (or refunded by it) in one transfer, with tax deducted at source. Which bills it settles is recorded line by line in vendor_ledger, so one payment may close many.';
comment on column vendor_payments.vendor_invoice_id is 'Set when the payment is for this one invoice only; empty when it covers several.';
comment on column vendor_payments.beneficiary_account_number is 'Bank details as used for this transfer, copied from the vendor when approved.';
comment on column vendor_payments.remittance_purpose_code is 'RBI purpose code of a payment abroad, for example S0802.';

create table vendor_ledger (
  id uuid primary key default gen_random_uuid(),
  vendor_id uuid not null references vendors (id) on delete restrict,
  entry_number bigint not null check (entry_number > 0),
  posting_date date not null,
  document_date date not null,
  due_date date,
  entry_type text not null check (entry_type in ('opening', 'invoice', 'payment', 'advance', 'debit_note', 'credit_note', 'tds', 'cash_discount', 'exchange_difference', 'write_off', 'adjustment', 'reversal')),
  document_number text not null,
  vendor_invoice_id uuid references vendor_invoices (id) on delete restrict,
  vendor_payment_id uuid references vendor_payments (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  settlement_type text not null default 'new_reference' check (settlement_type in ('new_reference', 'against_reference', 'advance', 'on_account')),
  against_entry_id uuid references vendor_ledger (id) on delete restrict,
  debit_amount numeric(19,4) not null default 0 check (debit_amount >= 0),
  credit_amount numeric(19,4) not null default 0 check (credit_amount >= 0),
  open_amount numeric(19,4) not null default 0 check (open_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  base_debit_amount numeric(19,4) not null default 0 check (base_debit_amount >= 0),
  base_credit_amount numeric(19,4) not null default 0 check (base_credit_amount >= 0),
  narration text,
  posted_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (vendor_id, entry_number),
  constraint vendor_ledger_one_side_ck check (debit_amount = 0 or credit_amount = 0),
  constraint vendor_ledger_base_one_side_ck check (base_debit_amount = 0 or base_credit_amount = 0),
  constraint vendor_ledger_nonzero_ck check (case when entry_type = 'exchange_difference' then base_debit_amount + base_credit_amount > 0 else debit_amount + credit_amount > 0 end),
  constraint vendor_ledger_same_side_ck check ((debit_amount = 0 or base_credit_amount = 0) and (credit_amount = 0 or base_debit_amount = 0)),
  constraint vendor_ledger_open_ck check (open_amount <= debit_amount + credit_amount),
  constraint vendor_ledger_settlement_ck check ((settlement_type = 'against_reference') = (against_entry_id is not null)),
  constraint vendor_ledger_settled_ck check (against_entry_id is null or open_amount = 0),
  constraint vendor_ledger_self_ck check (against_entry_id <> id),
  constraint vendor_ledger_source_ck check (case entry_type when 'invoice' then vendor_invoice_id is not null when 'payment' then vendor_payment_id is not null when 'advance' then vendor_payment_id is not null else true end)
);
create index vendor_ledger_vendor_id_posting_date_idx on vendor_ledger (vendor_id, posting_date desc);
create index vendor_ledger_open_items_idx on vendor_ledger (vendor_id, due_date) where open_amount > 0;
create index vendor_ledger_vendor_invoice_id_idx on vendor_ledger (vendor_invoice_id) where vendor_invoice_id is not null;
create index vendor_ledger_vendor_payment_id_idx on vendor_ledger (vendor_payment_id) where vendor_payment_id is not null;
create index vendor_ledger_journal_entry_id_idx on vendor_ledger (journal_entry_id) where journal_entry_id is not null;
create index vendor_ledger_against_entry_id_idx on vendor_ledger (against_entry_id) where against_entry_id is not null;
create index vendor_ledger_posted_by_idx on vendor_ledger (posted_by) where posted_by is not null;
comment on table vendor_ledger is 'The payables sub-ledger: one debit or credit of one vendor. A bill opens a reference, later entries point at it until its open amount is nil; the general ledger holds the control account.';
comment on column vendor_ledger.open_amount is 'Part of a new reference, advance or on-account entry that is not settled yet, in currency_code.';
comment on column vendor_ledger.against_entry_id is 'The bill, advance or opening entry this one settles.';

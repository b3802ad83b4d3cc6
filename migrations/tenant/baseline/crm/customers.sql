-- who the business sells to: the master record with its tax and credit terms, the places it delivers to and serves,
-- and the running account of what each customer owes.

create table customers (
  id uuid primary key default gen_random_uuid(),
  customer_code text not null unique,
  customer_type text not null default 'individual' check (customer_type in ('individual', 'business', 'government', 'institution')),
  name text not null,
  legal_name text,
  contact_name text,
  contact_designation text,
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  phone text,
  alternate_phone text,
  whatsapp_number text,
  date_of_birth date,
  anniversary_on date,
  parent_customer_id uuid references customers (id) on delete restrict,
  region_id uuid references regions (id) on delete set null,
  account_manager_id uuid references users (id) on delete set null,
  industry text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  gst_treatment text not null default 'consumer' check (
    gst_treatment in (
      'registered_regular', 'registered_composition', 'unregistered_business', 'consumer', 'overseas', 'sez_unit', 'sez_developer',
      'deemed_export', 'tax_deductor', 'uin_holder'
    )
  ),
  gstin char(15) check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  pan char(10) check (pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  tan char(10) check (tan ~ '^[A-Z]{4}[0-9]{5}[A-Z]$'),
  vat_id text check (vat_id ~ '^[A-Z]{2}[A-Z0-9]{2,14}$'),
  place_of_supply char(2) check (place_of_supply ~ '^[0-9]{2}$'),
  deducts_tds boolean not null default false,
  tax_exemption_reference text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  receivable_account_id uuid references chart_of_accounts (id) on delete restrict,
  payment_terms_id uuid references payment_terms (id) on delete restrict,
  credit_limit numeric(19,4) not null default 0 check (credit_limit >= 0),
  outstanding_amount numeric(19,4) not null default 0,
  credit_status text not null default 'cash_only' check (credit_status in ('cash_only', 'open', 'watch', 'hold')),
  default_discount_percent numeric(7,4) not null default 0 check (default_discount_percent between 0 and 100),
  loyalty_program_id uuid references loyalty_programs (id) on delete restrict,
  loyalty_tier text,
  loyalty_points integer not null default 0,
  preferred_language text not null default 'en' check (preferred_language ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  acquisition_source text not null default 'direct' check (
    acquisition_source in ('direct', 'website', 'marketplace', 'lead', 'referral', 'campaign', 'dealer', 'walk_in', 'import')
  ),
  marketing_consent boolean not null default false,
  marketing_consent_at timestamptz,
  do_not_call boolean not null default false,
  first_order_at timestamptz,
  last_order_at timestamptz,
  status text not null default 'active' check (status in ('active', 'inactive', 'blocked', 'merged')),
  status_reason text,
  merged_into_id uuid references customers (id) on delete restrict,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customers_parent_ck check (parent_customer_id <> id),
  constraint customers_merged_ck check ((status = 'merged') = (merged_into_id is not null)),
  constraint customers_gstin_ck check (
    gstin is not null or gst_treatment not in ('registered_regular', 'registered_composition', 'sez_unit', 'sez_developer')
  ),
  constraint customers_pan_of_gstin_ck check (pan = substr(gstin, 3, 10)),
  constraint customers_consent_ck check (not marketing_consent or marketing_consent_at is not null),
  constraint customers_order_dates_ck check (last_order_at >= first_order_at)
);

create index customers_email_idx on customers (lower(email));
create index customers_phone_idx on customers (phone);
create index customers_name_idx on customers (lower(name));
create index customers_gstin_idx on customers (gstin) where gstin is not null;
create index customers_status_created_at_idx on customers (status, created_at desc);
create index customers_region_id_status_idx on customers (region_id, status);
create index customers_account_manager_id_status_idx on customers (account_manager_id, status);
create index customers_parent_customer_id_idx on customers (parent_customer_id) where parent_customer_id is not null;
create index customers_merged_into_id_idx on customers (merged_into_id) where merged_into_id is not null;
create index customers_receivable_account_id_idx on customers (receivable_account_id);
create index customers_payment_terms_id_idx on customers (payment_terms_id);
create index customers_loyalty_program_id_idx on customers (loyalty_program_id) where loyalty_program_id is not null;
create index customers_created_by_idx on customers (created_by) where created_by is not null;

comment on table customers is 'A person or organisation the business sells to, with tax standing, credit terms and consent. Prospects are leads until they buy; those who resell are dealers.';
comment on column customers.place_of_supply is 'GST state code (96 for abroad) used where no delivery address decides it.';
comment on column customers.deducts_tds is 'The customer withholds TDS from its payments, so receipts arrive short by a certificate.';
comment on column customers.outstanding_amount is 'Balance of customer_ledger in currency_code, kept for the credit check; negative when the customer has paid in advance.';
comment on column customers.loyalty_points is 'Points at hand; may go below zero when a return takes back points already spent.';
comment on column customers.merged_into_id is 'The surviving record when this one turned out to be a duplicate.';

create table customer_addresses (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references customers (id) on delete cascade,
  label text not null default 'Home',
  address_type text not null default 'shipping' check (address_type in ('billing', 'shipping', 'billing_and_shipping', 'service_site', 'registered_office')),
  contact_name text not null,
  phone text not null,
  email text check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  company_name text,
  address_line1 text not null,
  address_line2 text,
  landmark text,
  locality text,
  city text not null,
  district text,
  state_code text check (state_code ~ '^[A-Z0-9]{1,3}$'),
  gst_state_code char(2) check (gst_state_code ~ '^[0-9]{2}$'),
  postal_code text,
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  gstin char(15) check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  region_id uuid references regions (id) on delete set null,
  latitude numeric(9,6) check (latitude between -90 and 90),
  longitude numeric(9,6) check (longitude between -180 and 180),
  floor_number smallint,
  has_lift boolean,
  delivery_instructions text,
  is_default_billing boolean not null default false,
  is_default_shipping boolean not null default false,
  verified_at timestamptz,
  status text not null default 'active' check (status in ('active', 'archived')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customer_addresses_pincode_ck check (country_code <> 'IN' or (postal_code is not null and postal_code ~ '^[1-9][0-9]{5}$')),
  constraint customer_addresses_gst_state_ck check (gst_state_code = left(gstin, 2)),
  constraint customer_addresses_position_ck check ((latitude is null) = (longitude is null)),
  constraint customer_addresses_default_ck check (status = 'active' or not (is_default_billing or is_default_shipping))
);

create unique index customer_addresses_default_billing_key on customer_addresses (customer_id) where is_default_billing;
create unique index customer_addresses_default_shipping_key on customer_addresses (customer_id) where is_default_shipping;
create index customer_addresses_customer_id_status_idx on customer_addresses (customer_id, status);
create index customer_addresses_region_id_idx on customer_addresses (region_id);
create index customer_addresses_country_code_postal_code_idx on customer_addresses (country_code, postal_code);

comment on table customer_addresses is 'A place of a customer to bill, deliver to or serve at, with who to ask for there. Documents copy the address they used: editing one here changes no past invoice.';
comment on column customer_addresses.gstin is 'The customer''s registration in this state, when it has several; else the one on the customer counts.';

create table customer_ledger (
  id uuid primary key default gen_random_uuid(),
  entry_number text not null unique,
  customer_id uuid not null references customers (id) on delete restrict,
  transaction_type text not null check (
    transaction_type in (
      'opening_balance', 'invoice', 'debit_note', 'credit_note', 'receipt', 'advance', 'refund', 'tds_withheld', 'write_off',
      'exchange_difference', 'adjustment', 'reversal'
    )
  ),
  posting_date date not null,
  due_on date,
  order_id uuid references orders (id) on delete restrict,
  tax_invoice_id uuid references tax_invoices (id) on delete restrict,
  credit_debit_note_id uuid references credit_debit_notes (id) on delete restrict,
  payment_receipt_id uuid references payment_receipts (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete set null,
  document_number text not null,
  debit_amount numeric(19,4) not null default 0 check (debit_amount >= 0),
  credit_amount numeric(19,4) not null default 0 check (credit_amount >= 0),
  settled_amount numeric(19,4) not null default 0 check (settled_amount >= 0),
  running_balance numeric(19,4) not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  base_debit_amount numeric(19,4) not null default 0 check (base_debit_amount >= 0),
  base_credit_amount numeric(19,4) not null default 0 check (base_credit_amount >= 0),
  settlement_status text not null default 'open' check (settlement_status in ('open', 'partly_settled', 'settled', 'reversed')),
  is_disputed boolean not null default false,
  reversal_of_id uuid references customer_ledger (id) on delete restrict,
  narration text,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customer_ledger_one_side_ck check ((base_debit_amount > 0) <> (base_credit_amount > 0)),
  constraint customer_ledger_base_side_ck check (
    case transaction_type
      when 'exchange_difference' then debit_amount = 0 and credit_amount = 0
      else (debit_amount > 0) = (base_debit_amount > 0) and (credit_amount > 0) = (base_credit_amount > 0)
    end
  ),
  constraint customer_ledger_settled_ck check (settled_amount <= debit_amount + credit_amount),
  constraint customer_ledger_settlement_ck check (
    (settlement_status = 'open' and settled_amount = 0)
    or (settlement_status = 'partly_settled' and settled_amount > 0 and settled_amount < debit_amount + credit_amount)
    or (settlement_status = 'settled' and settled_amount = debit_amount + credit_amount)
    or settlement_status = 'reversed'
  ),
  constraint customer_ledger_reversal_ck check ((transaction_type = 'reversal') = (reversal_of_id is not null))
);

create index customer_ledger_customer_id_posting_date_idx on customer_ledger (customer_id, posting_date, created_at);
create index customer_ledger_customer_id_open_due_idx on customer_ledger (customer_id, due_on) where settlement_status in ('open', 'partly_settled');
create index customer_ledger_posting_date_type_idx on customer_ledger (posting_date, transaction_type);
create index customer_ledger_order_id_idx on customer_ledger (order_id) where order_id is not null;
create index customer_ledger_tax_invoice_id_idx on customer_ledger (tax_invoice_id) where tax_invoice_id is not null;
create index customer_ledger_credit_debit_note_id_idx on customer_ledger (credit_debit_note_id) where credit_debit_note_id is not null;
create index customer_ledger_payment_receipt_id_idx on customer_ledger (payment_receipt_id) where payment_receipt_id is not null;
create index customer_ledger_journal_entry_id_idx on customer_ledger (journal_entry_id) where journal_entry_id is not null;
create index customer_ledger_sales_channel_id_idx on customer_ledger (sales_channel_id) where sales_channel_id is not null;
create unique index customer_ledger_reversal_of_id_key on customer_ledger (reversal_of_id) where reversal_of_id is not null;
create index customer_ledger_created_by_idx on customer_ledger (created_by) where created_by is not null;

comment on table customer_ledger is 'The sub-ledger of receivables: one movement on a customer''s account, debit (owes more) or credit (owes less). Its total agrees with the receivable accounts in general_ledger; rows are reversed, never edited.';
comment on column customer_ledger.running_balance is 'Balance of the customer in currency_code after this row: debit positive.';
comment on column customer_ledger.base_debit_amount is 'In the base currency of the books. An exchange difference moves only the base amounts; everything else moves both.';
comment on column customer_ledger.settled_amount is 'How much of the row has been matched against rows of the other side.';

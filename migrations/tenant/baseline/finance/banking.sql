-- money at the bank: the accounts the companies hold, what their books say moved, what the bank says moved,
-- and the statement that the two agree.

create table bank_accounts (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete set null,
  chart_account_id uuid not null unique references chart_of_accounts (id) on delete restrict,
  account_name text not null,
  account_type text not null default 'current' check (
    account_type in (
      'current', 'savings', 'cash_credit', 'overdraft', 'eefc', 'escrow', 'nodal', 'fixed_deposit', 'term_loan', 'credit_card',
      'gateway_wallet', 'petty_cash'
    )
  ),
  bank_name text not null,
  bank_branch text,
  beneficiary_name text,
  account_number text not null check (account_number ~ '^[A-Z0-9-]{3,34}$'),
  ifsc_code char(11) check (ifsc_code ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  micr_code char(9) check (micr_code ~ '^[0-9]{9}$'),
  swift_bic text check (swift_bic ~ '^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
  iban text check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
  upi_vpa text check (upi_vpa ~ '^[A-Za-z0-9._-]{2,}@[A-Za-z0-9]{2,}$'),
  country_code char(2) not null default 'IN' check (country_code ~ '^[A-Z]{2}$'),
  currency_id uuid not null references currencies (id) on delete restrict,
  sanctioned_limit_amount numeric(19,4) not null default 0 check (sanctioned_limit_amount >= 0),
  minimum_balance numeric(19,4) not null default 0 check (minimum_balance >= 0),
  opening_balance numeric(19,4) not null default 0,
  opening_balance_on date,
  last_reconciled_on date,
  last_reconciled_balance numeric(19,4),
  statement_format text check (statement_format in ('mt940', 'camt053', 'bai2', 'csv', 'xlsx', 'pdf')),
  feed_status text not null default 'none' check (feed_status in ('none', 'connected', 'expired', 'failed')),
  is_default boolean not null default false,
  status text not null default 'active' check (status in ('active', 'dormant', 'frozen', 'closed')),
  closed_on date,
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, bank_name, account_number),
  constraint bank_accounts_ifsc_ck check (
    country_code <> 'IN' or account_type in ('gateway_wallet', 'petty_cash', 'credit_card') or ifsc_code is not null
  ),
  constraint bank_accounts_closed_ck check ((status = 'closed') = (closed_on is not null)),
  constraint bank_accounts_reconciled_ck check ((last_reconciled_on is null) = (last_reconciled_balance is null))
);

create unique index bank_accounts_default_key on bank_accounts (company_id, currency_id) where is_default;
create index bank_accounts_status_idx on bank_accounts (status, account_type);
create index bank_accounts_company_branch_id_idx on bank_accounts (company_branch_id) where company_branch_id is not null;
create index bank_accounts_currency_id_idx on bank_accounts (currency_id);
create index bank_accounts_created_by_idx on bank_accounts (created_by) where created_by is not null;
create index bank_accounts_updated_by_idx on bank_accounts (updated_by) where updated_by is not null;

comment on table bank_accounts is 'An account of a company at a bank, a gateway wallet or a cash box, each with its own ledger account in chart_of_accounts. Accounts of customers and vendors are kept with them, not here.';
comment on column bank_accounts.chart_account_id is 'The one ledger account this account is posted to; its balance in the books is the sum of general_ledger there.';
comment on column bank_accounts.sanctioned_limit_amount is 'Overdraft, cash credit or card limit.';
comment on column bank_accounts.feed_status is 'State of the automatic statement feed (account aggregator or bank API).';

create table bank_transactions (
  id uuid primary key default gen_random_uuid(),
  bank_account_id uuid not null references bank_accounts (id) on delete restrict,
  transaction_number text not null unique,
  transaction_type text not null check (
    transaction_type in (
      'customer_receipt', 'vendor_payment', 'transfer', 'cash_deposit', 'cash_withdrawal', 'bank_charge', 'interest', 'tax_payment',
      'salary', 'refund', 'loan', 'gateway_settlement', 'return_reversal', 'other'
    )
  ),
  payment_mode text not null check (
    payment_mode in ('neft', 'rtgs', 'imps', 'upi', 'nach', 'cheque', 'demand_draft', 'cash', 'card', 'swift', 'sepa', 'internal', 'auto_debit', 'other')
  ),
  transaction_date date not null,
  value_date date,
  deposit_amount numeric(19,4) not null default 0 check (deposit_amount >= 0),
  withdrawal_amount numeric(19,4) not null default 0 check (withdrawal_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  base_amount numeric(19,4) not null check (base_amount > 0),
  utr_number text check (utr_number ~ '^[A-Z0-9]{6,35}$'),
  cheque_number text check (cheque_number ~ '^[0-9]{6,10}$'),
  cheque_date date,
  counterparty_name text,
  counterparty_account_number text,
  payment_receipt_id uuid references payment_receipts (id) on delete restrict,
  vendor_payment_id uuid references vendor_payments (id) on delete restrict,
  contra_transaction_id uuid references bank_transactions (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  narration text,
  status text not null default 'draft' check (status in ('draft', 'issued', 'cleared', 'bounced', 'stopped', 'cancelled')),
  cleared_on date,
  reconciled_at timestamptz,
  return_reason text,
  created_by uuid references users (id) on delete set null,
  approved_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint bank_transactions_side_ck check ((deposit_amount > 0) <> (withdrawal_amount > 0)),
  constraint bank_transactions_cheque_ck check (payment_mode <> 'cheque' or (cheque_number is not null and cheque_date is not null)),
  constraint bank_transactions_cleared_ck check (status <> 'cleared' or cleared_on is not null),
  constraint bank_transactions_document_ck check (num_nonnulls(payment_receipt_id, vendor_payment_id) <= 1),
  constraint bank_transactions_contra_ck check (contra_transaction_id <> id)
);

create index bank_transactions_account_date_idx on bank_transactions (bank_account_id, transaction_date);
create index bank_transactions_status_date_idx on bank_transactions (status, transaction_date);
create index bank_transactions_utr_number_idx on bank_transactions (utr_number) where utr_number is not null;
create index bank_transactions_unreconciled_idx on bank_transactions (bank_account_id, value_date) where reconciled_at is null;
create index bank_transactions_payment_receipt_id_idx on bank_transactions (payment_receipt_id) where payment_receipt_id is not null;
create index bank_transactions_vendor_payment_id_idx on bank_transactions (vendor_payment_id) where vendor_payment_id is not null;
create index bank_transactions_contra_transaction_id_idx on bank_transactions (contra_transaction_id) where contra_transaction_id is not null;
create index bank_transactions_journal_entry_id_idx on bank_transactions (journal_entry_id) where journal_entry_id is not null;
create index bank_transactions_created_by_idx on bank_transactions (created_by) where created_by is not null;
create index bank_transactions_approved_by_idx on bank_transactions (approved_by) where approved_by is not null;

comment on table bank_transactions is 'A movement on a bank account as our books see it: money we received, paid, transferred or were charged. What the bank reports is in bank_statement_lines; reconciliation pairs the two.';
comment on column bank_transactions.contra_transaction_id is 'The other side of a transfer between own accounts, or the transaction that a return undoes.';
comment on column bank_transactions.utr_number is 'Unique transaction reference of NEFT, RTGS, IMPS, UPI, or the SWIFT reference.';

create table bank_reconciliations (
  id uuid primary key default gen_random_uuid(),
  bank_account_id uuid not null references bank_accounts (id) on delete restrict,
  reconciliation_number text not null unique,
  statement_number text,
  statement_from date not null,
  statement_to date not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  statement_opening_balance numeric(19,4) not null,
  statement_closing_balance numeric(19,4) not null,
  book_closing_balance numeric(19,4) not null,
  deposits_in_transit numeric(19,4) not null default 0 check (deposits_in_transit >= 0),
  unpresented_payments numeric(19,4) not null default 0 check (unpresented_payments >= 0),
  unbooked_credits numeric(19,4) not null default 0 check (unbooked_credits >= 0),
  unbooked_debits numeric(19,4) not null default 0 check (unbooked_debits >= 0),
  difference_amount numeric(19,4) not null default 0,
  matched_line_count integer not null default 0 check (matched_line_count >= 0),
  unmatched_line_count integer not null default 0 check (unmatched_line_count >= 0),
  status text not null default 'draft' check (status in ('draft', 'in_progress', 'completed', 'approved', 'reopened')),
  statement_file_url text,
  prepared_by uuid references users (id) on delete set null,
  completed_at timestamptz,
  approved_by uuid references users (id) on delete set null,
  approved_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (bank_account_id, statement_to),
  constraint bank_reconciliations_dates_ck check (statement_to >= statement_from),
  constraint bank_reconciliations_difference_ck check (
    difference_amount = (statement_closing_balance + deposits_in_transit - unpresented_payments)
      - (book_closing_balance + unbooked_credits - unbooked_debits)
  ),
  constraint bank_reconciliations_complete_ck check (
    status not in ('completed', 'approved') or (difference_amount = 0 and completed_at is not null)
  )
);

create index bank_reconciliations_status_idx on bank_reconciliations (status, statement_to);
create index bank_reconciliations_prepared_by_idx on bank_reconciliations (prepared_by) where prepared_by is not null;
create index bank_reconciliations_approved_by_idx on bank_reconciliations (approved_by) where approved_by is not null;

comment on table bank_reconciliations is 'The bank reconciliation statement of one account for one stretch of statement: both closing balances and what explains the gap between them. It can be completed only when nothing is left unexplained.';
comment on column bank_reconciliations.deposits_in_transit is 'In our books, not yet credited by the bank; unpresented_payments likewise for payments not yet debited.';
comment on column bank_reconciliations.unbooked_credits is 'On the statement, not yet in our books (interest, direct credits); unbooked_debits likewise (charges, returns).';

create table bank_statement_lines (
  id uuid primary key default gen_random_uuid(),
  bank_account_id uuid not null references bank_accounts (id) on delete restrict,
  bank_reconciliation_id uuid references bank_reconciliations (id) on delete set null,
  import_batch text not null,
  line_number integer not null check (line_number > 0),
  line_fingerprint text not null check (line_fingerprint ~ '^[0-9a-f]{64}$'),
  transaction_date date not null,
  value_date date,
  description text not null,
  bank_reference text,
  bank_transaction_code text,
  cheque_number text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  deposit_amount numeric(19,4) not null default 0 check (deposit_amount >= 0),
  withdrawal_amount numeric(19,4) not null default 0 check (withdrawal_amount >= 0),
  running_balance numeric(19,4),
  counterparty_name text,
  counterparty_account_number text,
  match_status text not null default 'unmatched' check (match_status in ('unmatched', 'suggested', 'matched', 'booked', 'ignored')),
  match_method text check (match_method in ('reference', 'amount_and_date', 'rule', 'manual')),
  match_score_percent numeric(7,4) check (match_score_percent between 0 and 100),
  bank_transaction_id uuid references bank_transactions (id) on delete restrict,
  general_ledger_id uuid references general_ledger (id) on delete restrict,
  booking_account_id uuid references chart_of_accounts (id) on delete restrict,
  matched_by uuid references users (id) on delete set null,
  matched_at timestamptz,
  imported_by uuid references users (id) on delete set null,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint bank_statement_lines_fingerprint_key unique (bank_account_id, line_fingerprint),
  constraint bank_statement_lines_batch_line_key unique (bank_account_id, import_batch, line_number),
  constraint bank_statement_lines_side_ck check ((deposit_amount > 0) <> (withdrawal_amount > 0)),
  constraint bank_statement_lines_matched_ck check (
    match_status not in ('matched', 'booked') or (matched_at is not null and num_nonnulls(bank_transaction_id, general_ledger_id) > 0)
  ),
  constraint bank_statement_lines_booked_ck check (match_status <> 'booked' or booking_account_id is not null)
);

create index bank_statement_lines_account_date_idx on bank_statement_lines (bank_account_id, transaction_date);
create index bank_statement_lines_open_idx on bank_statement_lines (bank_account_id, match_status) where match_status in ('unmatched', 'suggested');
create index bank_statement_lines_bank_reference_idx on bank_statement_lines (bank_reference) where bank_reference is not null;
create index bank_statement_lines_bank_reconciliation_id_idx on bank_statement_lines (bank_reconciliation_id) where bank_reconciliation_id is not null;
create index bank_statement_lines_bank_transaction_id_idx on bank_statement_lines (bank_transaction_id) where bank_transaction_id is not null;
create index bank_statement_lines_general_ledger_id_idx on bank_statement_lines (general_ledger_id) where general_ledger_id is not null;
create index bank_statement_lines_booking_account_id_idx on bank_statement_lines (booking_account_id) where booking_account_id is not null;
create index bank_statement_lines_matched_by_idx on bank_statement_lines (matched_by) where matched_by is not null;
create index bank_statement_lines_imported_by_idx on bank_statement_lines (imported_by) where imported_by is not null;

comment on table bank_statement_lines is 'One line of a bank statement exactly as the bank reported it, with what it was matched to in our books. It posts nothing by itself.';
comment on column bank_statement_lines.line_fingerprint is 'SHA-256 over date, amount, reference, description and running balance, so that overlapping statements import each line once.';
comment on column bank_statement_lines.bank_transaction_id is 'The movement it was matched to; general_ledger_id is the posting where the books have no bank transaction (e.g. payroll journal).';
comment on column bank_statement_lines.booking_account_id is 'Account proposed or used to book a line the books did not know, e.g. bank charges.';

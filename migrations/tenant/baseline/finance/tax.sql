-- taxes of India: the code list with its rates, input tax credit invoice by invoice, GST returns,
-- and tax deducted at source from rate to deduction to certificate.

create table hsn_codes (
  id uuid primary key default gen_random_uuid(),
  code text not null unique,
  code_type text not null check (code_type in ('hsn', 'sac')),
  description text not null,
  chapter char(2) not null check (chapter ~ '^[0-9]{2}$'),
  uqc_code text check (uqc_code ~ '^[A-Z]{3}$'),
  tax_treatment text not null default 'taxable' check (tax_treatment in ('taxable', 'nil_rated', 'exempt', 'non_gst')),
  gst_rate_percent numeric(7,4) not null check (gst_rate_percent between 0 and 100),
  cess_percent numeric(9,4) not null default 0 check (cess_percent >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  cess_per_unit numeric(21,9) not null default 0 check (cess_per_unit >= 0),
  reverse_charge_applies boolean not null default false,
  is_itc_blocked boolean not null default false,
  basic_customs_duty_percent numeric(7,4) check (basic_customs_duty_percent between 0 and 300),
  social_welfare_surcharge_percent numeric(7,4) check (social_welfare_surcharge_percent between 0 and 100),
  rate_condition text,
  notification_reference text,
  effective_from date not null,
  effective_to date,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint hsn_codes_code_ck check (
    (code_type = 'hsn' and code ~ '^([0-9]{4}|[0-9]{6}|[0-9]{8})$' and chapter <> '99')
    or (code_type = 'sac' and code ~ '^99[0-9]{4}$')
  ),
  constraint hsn_codes_chapter_ck check (chapter = left(code, 2)),
  constraint hsn_codes_untaxed_ck check (tax_treatment = 'taxable' or (gst_rate_percent = 0 and cess_percent = 0)),
  constraint hsn_codes_effective_ck check (effective_to >= effective_from)
);

create index hsn_codes_type_rate_idx on hsn_codes (code_type, gst_rate_percent) where is_active;
create index hsn_codes_chapter_idx on hsn_codes (chapter, code);

comment on table hsn_codes is 'A code of the harmonised nomenclature (goods) or of the service accounting codes, with the GST rate now in force for it. Products point here; rates that depend on price or period are rows of tax_configurations for the code.';
comment on column hsn_codes.rate_condition is 'What the rate hangs on where the code alone does not decide: price of the piece, pre-packed and labelled, without input credit.';
comment on column hsn_codes.uqc_code is 'Unit in which quantities of the code are reported to GST (UQC).';

create table gst_filings (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  company_branch_id uuid references company_branches (id) on delete restrict,
  gstin char(15) not null check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][A-Z][0-9A-Z]$'),
  return_type text not null check (
    return_type in ('GSTR-1', 'GSTR-1A', 'IFF', 'GSTR-3B', 'CMP-08', 'GSTR-4', 'GSTR-5', 'GSTR-6', 'GSTR-7', 'GSTR-8', 'GSTR-9', 'GSTR-9C', 'ITC-04')
  ),
  frequency text not null default 'monthly' check (frequency in ('monthly', 'quarterly', 'half_yearly', 'annual')),
  fiscal_year text not null check (fiscal_year ~ '^[0-9]{4}-[0-9]{2}$'),
  period_from date not null,
  period_to date not null,
  due_date date not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  document_count integer not null default 0 check (document_count >= 0),
  outward_taxable_amount numeric(19,4) not null default 0,
  zero_rated_amount numeric(19,4) not null default 0,
  exempt_amount numeric(19,4) not null default 0,
  reverse_charge_inward_amount numeric(19,4) not null default 0,
  cgst_liability_amount numeric(19,4) not null default 0,
  sgst_liability_amount numeric(19,4) not null default 0,
  igst_liability_amount numeric(19,4) not null default 0,
  cess_liability_amount numeric(19,4) not null default 0,
  itc_available_amount numeric(19,4) not null default 0,
  itc_reversed_amount numeric(19,4) not null default 0 check (itc_reversed_amount >= 0),
  paid_by_itc_amount numeric(19,4) not null default 0 check (paid_by_itc_amount >= 0),
  paid_in_cash_amount numeric(19,4) not null default 0 check (paid_in_cash_amount >= 0),
  interest_amount numeric(19,4) not null default 0 check (interest_amount >= 0),
  late_fee_amount numeric(19,4) not null default 0 check (late_fee_amount >= 0),
  is_nil_return boolean not null default false,
  challan_cpin text check (challan_cpin ~ '^[0-9]{14}$'),
  arn text unique check (arn ~ '^[A-Z]{2}[0-9]{6}[0-9A-Z]{7}$'),
  verification_mode text check (verification_mode in ('evc', 'dsc', 'sms')),
  summary_json jsonb,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  status text not null default 'due' check (status in ('due', 'prepared', 'reviewed', 'uploaded', 'submitted', 'filed', 'failed')),
  error_message text,
  prepared_by uuid references users (id) on delete set null,
  reviewed_by uuid references users (id) on delete set null,
  filed_by uuid references users (id) on delete set null,
  filed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (gstin, return_type, period_from),
  constraint gst_filings_period_ck check (period_to >= period_from and due_date > period_from),
  constraint gst_filings_filed_ck check (status <> 'filed' or (arn is not null and filed_at is not null)),
  constraint gst_filings_nil_ck check (not is_nil_return or (outward_taxable_amount = 0 and paid_in_cash_amount = interest_amount + late_fee_amount))
);

create index gst_filings_status_due_date_idx on gst_filings (status, due_date);
create index gst_filings_company_period_idx on gst_filings (company_id, period_from);
create index gst_filings_company_branch_id_idx on gst_filings (company_branch_id) where company_branch_id is not null;
create index gst_filings_journal_entry_id_idx on gst_filings (journal_entry_id) where journal_entry_id is not null;
create index gst_filings_prepared_by_idx on gst_filings (prepared_by) where prepared_by is not null;
create index gst_filings_reviewed_by_idx on gst_filings (reviewed_by) where reviewed_by is not null;
create index gst_filings_filed_by_idx on gst_filings (filed_by) where filed_by is not null;

comment on table gst_filings is 'One GST return of one registration (GSTIN) for one period: its totals, how the tax was paid and the acknowledgement. The documents reported in it point here; the return itself lives on the GST portal.';
comment on column gst_filings.paid_in_cash_amount is 'From the electronic cash ledger, interest and late fee included.';
comment on column gst_filings.summary_json is 'Section totals as acknowledged by the portal, kept as received.';

create table itc_ledger (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  gstin char(15) not null check (gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$'),
  entry_number text not null unique,
  entry_date date not null,
  tax_period char(7) not null check (tax_period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  entry_type text not null check (entry_type in ('credit', 'reversal', 'reclaim', 'utilisation', 'isd_received', 'import_credit', 'transfer')),
  vendor_id uuid references vendors (id) on delete restrict,
  vendor_invoice_id uuid references vendor_invoices (id) on delete restrict,
  supplier_gstin char(15) check (supplier_gstin ~ '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][A-Z][0-9A-Z]$'),
  document_number text,
  document_date date,
  bill_of_entry_number text check (bill_of_entry_number ~ '^[0-9]{7}$'),
  itc_category text not null check (itc_category in ('inputs', 'capital_goods', 'input_services', 'import_of_goods', 'import_of_services', 'reverse_charge', 'isd')),
  eligibility text not null default 'eligible' check (eligibility in ('eligible', 'blocked_17_5', 'proportionate', 'time_barred', 'place_of_supply')),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  taxable_amount numeric(19,4) not null default 0 check (taxable_amount >= 0),
  cgst_amount numeric(19,4) not null default 0 check (cgst_amount >= 0),
  sgst_amount numeric(19,4) not null default 0 check (sgst_amount >= 0),
  igst_amount numeric(19,4) not null default 0 check (igst_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  total_itc_amount numeric(19,4) not null check (total_itc_amount > 0),
  gstr2b_status text not null default 'not_checked' check (
    gstr2b_status in ('not_checked', 'matched', 'amount_mismatch', 'not_in_2b', 'not_in_books', 'not_applicable')
  ),
  gstr2b_period char(7) check (gstr2b_period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  difference_amount numeric(19,4) not null default 0,
  ims_action text not null default 'no_action' check (ims_action in ('no_action', 'accepted', 'rejected', 'pending')),
  reversal_rule text check (reversal_rule in ('rule_37', 'rule_37a', 'rule_38', 'rule_42', 'rule_43', 'section_17_5', 'credit_note', 'other')),
  original_entry_id uuid references itc_ledger (id) on delete restrict,
  gst_filing_id uuid references gst_filings (id) on delete restrict,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  status text not null default 'provisional' check (status in ('provisional', 'claimed', 'deferred', 'reversed', 'rejected')),
  reviewed_by uuid references users (id) on delete set null,
  reviewed_at timestamptz,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint itc_ledger_total_ck check (total_itc_amount = cgst_amount + sgst_amount + igst_amount + cess_amount),
  constraint itc_ledger_split_ck check (entry_type = 'utilisation' or igst_amount = 0 or cgst_amount + sgst_amount = 0),
  constraint itc_ledger_reversal_ck check ((entry_type = 'reversal') = (reversal_rule is not null)),
  constraint itc_ledger_reclaim_ck check (entry_type <> 'reclaim' or original_entry_id is not null),
  constraint itc_ledger_claimed_ck check (status <> 'claimed' or eligibility in ('eligible', 'proportionate')),
  constraint itc_ledger_import_ck check (entry_type <> 'import_credit' or bill_of_entry_number is not null)
);

create unique index itc_ledger_invoice_credit_key on itc_ledger (vendor_invoice_id, itc_category) where entry_type = 'credit' and status <> 'rejected';
create index itc_ledger_gstin_period_idx on itc_ledger (gstin, tax_period);
create index itc_ledger_match_idx on itc_ledger (gstr2b_status, tax_period);
create index itc_ledger_supplier_document_idx on itc_ledger (supplier_gstin, document_number);
create index itc_ledger_company_id_idx on itc_ledger (company_id);
create index itc_ledger_vendor_id_idx on itc_ledger (vendor_id) where vendor_id is not null;
create index itc_ledger_vendor_invoice_id_idx on itc_ledger (vendor_invoice_id) where vendor_invoice_id is not null;
create index itc_ledger_original_entry_id_idx on itc_ledger (original_entry_id) where original_entry_id is not null;
create index itc_ledger_gst_filing_id_idx on itc_ledger (gst_filing_id) where gst_filing_id is not null;
create index itc_ledger_journal_entry_id_idx on itc_ledger (journal_entry_id) where journal_entry_id is not null;
create index itc_ledger_reviewed_by_idx on itc_ledger (reviewed_by) where reviewed_by is not null;

comment on table itc_ledger is 'One movement of input tax credit of one registration: credit on a vendor''s invoice with its match against GSTR-2B, its reversal, reclaim or use. The type gives the direction, amounts are never negative. It explains the input GST accounts, invoice by invoice.';
comment on column itc_ledger.ims_action is 'What was done with the document in the Invoice Management System of the portal.';
comment on column itc_ledger.reversal_rule is 'Why credit went back: unpaid after 180 days (37), supplier did not pay (37A), exempt or private use (42, 43).';

create table tds_rates (
  id uuid primary key default gen_random_uuid(),
  company_id uuid references companies (id) on delete cascade,
  section_code text not null check (section_code ~ '^19[2-6][A-Z]{0,3}(\([a-z0-9]+\))*(-[A-Z]+)?$'),
  new_act_reference text,
  payment_code char(4) check (payment_code ~ '^1[0-9]{3}$'),
  nature_of_payment text not null,
  deductee_residency text not null default 'resident' check (deductee_residency in ('resident', 'non_resident')),
  individual_rate_percent numeric(7,4) not null check (individual_rate_percent between 0 and 100),
  company_rate_percent numeric(7,4) not null check (company_rate_percent between 0 and 100),
  no_pan_rate_percent numeric(7,4) not null default 20 check (no_pan_rate_percent between 0 and 100),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  single_threshold_amount numeric(19,4) check (single_threshold_amount >= 0),
  aggregate_threshold_amount numeric(19,4) check (aggregate_threshold_amount >= 0),
  aggregate_window text not null default 'fiscal_year' check (aggregate_window in ('fiscal_year', 'month', 'none')),
  on_excess_only boolean not null default false,
  surcharge_applies boolean not null default false,
  cess_percent numeric(7,4) not null default 0 check (cess_percent between 0 and 100),
  excludes_gst boolean not null default true,
  lower_certificate_allowed boolean not null default true,
  payable_account_id uuid references chart_of_accounts (id) on delete restrict,
  return_form text not null default '26Q' check (return_form in ('24Q', '26Q', '27Q', '26QB', '138', '140', '144')),
  conditions text,
  effective_from date not null,
  effective_to date,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (company_id, section_code, effective_from),
  constraint tds_rates_effective_ck check (effective_to >= effective_from),
  constraint tds_rates_window_ck check ((aggregate_threshold_amount is null) = (aggregate_window = 'none')),
  constraint tds_rates_no_pan_ck check (no_pan_rate_percent >= individual_rate_percent)
);

create index tds_rates_section_effective_idx on tds_rates (section_code, effective_from);
create index tds_rates_payable_account_id_idx on tds_rates (payable_account_id) where payable_account_id is not null;

comment on table tds_rates is 'The rate at which tax is deducted from one nature of payment from a date on, with its thresholds. A row without company is the statutory default; a row with one overrides it for that company.';
comment on column tds_rates.section_code is 'Section of the Income-tax Act 1961, under which everybody still knows the payment; new_act_reference is its place in section 393 of the Act of 2025, in force for payments from 1 April 2026.';
comment on column tds_rates.payment_code is 'Four-digit code of the payment in challans and statements under the Act of 2025.';
comment on column tds_rates.individual_rate_percent is 'For individuals and Hindu undivided families; company_rate_percent is for all others.';
comment on column tds_rates.single_threshold_amount is 'A single payment above it is subject to deduction; aggregate_threshold_amount is the same for the sum over the window. Null is no such threshold.';
comment on column tds_rates.on_excess_only is 'True if tax is due only on what exceeds the threshold (194Q), false if on the whole once it is crossed.';

create table form_16a_certificates (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  vendor_id uuid not null references vendors (id) on delete restrict,
  certificate_number text not null check (certificate_number ~ '^[A-Z0-9]{6,12}$'),
  form_type text not null default '16A' check (form_type in ('16A', '131')),
  deductor_tan char(10) not null check (deductor_tan ~ '^[A-Z]{4}[0-9]{5}[A-Z]$'),
  deductee_pan char(10) not null check (deductee_pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  deductee_name text not null,
  fiscal_year text not null check (fiscal_year ~ '^[0-9]{4}-[0-9]{2}$'),
  quarter smallint not null check (quarter between 1 and 4),
  period_from date not null,
  period_to date not null,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  paid_or_credited_amount numeric(19,4) not null check (paid_or_credited_amount > 0),
  tds_deducted_amount numeric(19,4) not null check (tds_deducted_amount >= 0),
  tds_deposited_amount numeric(19,4) not null check (tds_deposited_amount >= 0),
  deduction_count integer not null check (deduction_count > 0),
  statement_token_number text check (statement_token_number ~ '^[0-9]{15}$'),
  traces_request_number text,
  due_on date not null,
  generated_at timestamptz,
  signed_at timestamptz,
  signatory_name text,
  file_url text,
  sent_to_email text,
  sent_at timestamptz,
  status text not null default 'requested' check (status in ('requested', 'generated', 'signed', 'sent', 'revised', 'failed')),
  revises_certificate_id uuid references form_16a_certificates (id) on delete restrict,
  generated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint form_16a_certificates_number_key unique (deductor_tan, fiscal_year, certificate_number),
  constraint form_16a_certificates_period_ck check (period_to > period_from and due_on > period_to),
  constraint form_16a_certificates_deposited_ck check (tds_deposited_amount <= tds_deducted_amount),
  constraint form_16a_certificates_signed_ck check (status not in ('signed', 'sent') or signed_at is not null),
  constraint form_16a_certificates_sent_ck check (status <> 'sent' or sent_at is not null),
  constraint form_16a_certificates_revises_ck check (revises_certificate_id <> id)
);

create unique index form_16a_certificates_current_key on form_16a_certificates (company_id, vendor_id, fiscal_year, quarter) where status not in ('revised', 'failed');
create index form_16a_certificates_vendor_year_idx on form_16a_certificates (vendor_id, fiscal_year, quarter);
create index form_16a_certificates_status_due_idx on form_16a_certificates (status, due_on);
create index form_16a_certificates_company_id_idx on form_16a_certificates (company_id);
create index form_16a_certificates_revises_certificate_id_idx on form_16a_certificates (revises_certificate_id) where revises_certificate_id is not null;
create index form_16a_certificates_generated_by_idx on form_16a_certificates (generated_by) where generated_by is not null;

comment on table form_16a_certificates is 'The quarterly certificate of tax deducted at source given to a vendor (Form 16A; Form 131 under the Act of 2025), as downloaded from TRACES. It sums tds_deductions, which point here. Form 16 for salaries belongs to payroll.';

create table tds_deductions (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references companies (id) on delete restrict,
  deduction_number text not null,
  tds_rate_id uuid not null references tds_rates (id) on delete restrict,
  section_code text not null check (section_code ~ '^19[2-6][A-Z]{0,3}(\([a-z0-9]+\))*(-[A-Z]+)?$'),
  vendor_id uuid not null references vendors (id) on delete restrict,
  vendor_invoice_id uuid references vendor_invoices (id) on delete restrict,
  vendor_payment_id uuid references vendor_payments (id) on delete restrict,
  deducted_on date not null,
  fiscal_year text not null check (fiscal_year ~ '^[0-9]{4}-[0-9]{2}$'),
  quarter smallint not null check (quarter between 1 and 4),
  deductee_type text not null check (deductee_type in ('individual', 'huf', 'firm', 'llp', 'company', 'aop_boi', 'trust', 'government', 'foreign_company')),
  deductee_pan char(10) check (deductee_pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'),
  rate_reason text not null default 'normal' check (rate_reason in ('normal', 'no_pan', 'inoperative_pan', 'lower_certificate', 'transporter_declaration', 'treaty')),
  lower_certificate_number text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  payment_amount numeric(19,4) not null check (payment_amount > 0),
  base_amount numeric(19,4) not null check (base_amount >= 0),
  rate_percent numeric(7,4) not null check (rate_percent between 0 and 100),
  tax_amount numeric(19,4) not null check (tax_amount >= 0),
  surcharge_amount numeric(19,4) not null default 0 check (surcharge_amount >= 0),
  cess_amount numeric(19,4) not null default 0 check (cess_amount >= 0),
  total_amount numeric(19,4) not null check (total_amount >= 0),
  deposit_due_on date not null,
  deposited_on date,
  bsr_code char(7) check (bsr_code ~ '^[0-9]{7}$'),
  challan_number text check (challan_number ~ '^[0-9]{5}$'),
  late_interest_amount numeric(19,4) not null default 0 check (late_interest_amount >= 0),
  return_token_number text check (return_token_number ~ '^[0-9]{15}$'),
  form_16a_certificate_id uuid references form_16a_certificates (id) on delete set null,
  journal_entry_id uuid references journal_entries (id) on delete restrict,
  status text not null default 'deducted' check (status in ('deducted', 'deposited', 'reported', 'certified', 'reversed')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, deduction_number),
  constraint tds_deductions_cause_ck check (num_nonnulls(vendor_invoice_id, vendor_payment_id) > 0),
  constraint tds_deductions_base_ck check (base_amount <= payment_amount),
  constraint tds_deductions_total_ck check (total_amount = tax_amount + surcharge_amount + cess_amount),
  constraint tds_deductions_pan_ck check ((rate_reason = 'no_pan') = (deductee_pan is null)),
  constraint tds_deductions_certificate_ck check (rate_reason <> 'lower_certificate' or lower_certificate_number is not null),
  constraint tds_deductions_due_ck check (deposit_due_on >= deducted_on and deposited_on >= deducted_on),
  constraint tds_deductions_challan_ck check (
    status not in ('deposited', 'reported', 'certified') or total_amount = 0
    or (deposited_on is not null and challan_number is not null and bsr_code is not null)
  )
);

create index tds_deductions_status_due_idx on tds_deductions (status, deposit_due_on);
create index tds_deductions_vendor_year_idx on tds_deductions (vendor_id, fiscal_year, section_code);
create index tds_deductions_company_quarter_idx on tds_deductions (company_id, fiscal_year, quarter);
create index tds_deductions_tds_rate_id_idx on tds_deductions (tds_rate_id);
create index tds_deductions_vendor_invoice_id_idx on tds_deductions (vendor_invoice_id) where vendor_invoice_id is not null;
create index tds_deductions_vendor_payment_id_idx on tds_deductions (vendor_payment_id) where vendor_payment_id is not null;
create index tds_deductions_form_16a_certificate_id_idx on tds_deductions (form_16a_certificate_id) where form_16a_certificate_id is not null;
create index tds_deductions_journal_entry_id_idx on tds_deductions (journal_entry_id) where journal_entry_id is not null;
create index tds_deductions_created_by_idx on tds_deductions (created_by) where created_by is not null;

comment on table tds_deductions is 'Tax deducted at source from one bill or advance of a vendor, whichever came first, from deduction over challan and quarterly statement to the certificate. TDS that customers deduct from us is on payment_receipts.';
comment on column tds_deductions.base_amount is 'Part of the payment the tax was computed on: without GST where it is shown apart, and over the threshold for 194Q.';
comment on column tds_deductions.deposit_due_on is 'The 7th of the following month; 30 April for March.';

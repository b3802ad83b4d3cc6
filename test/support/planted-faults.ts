/** One fault for each check of the audit, planted into `soundBook` as no client can: by the code of the check that must name it. */

const inv = (number: string): string => `(select id from public.invoices where number = '${number}')`
/** The one that is paid: of its first month. */
const ofZone =
  "(select i.id from public.invoices i join public.tenants t on t.id = i.tenant_id where t.subdomain = 'zone' and i.issue_date = '2026-02-10')"
const lineOf = (number: string, position = 1): string =>
  `(select id from public.invoice_lines where invoice_id = ${inv(number)} and position = ${position})`
const tenant = (name: string): string => `(select id from public.tenants where subdomain = '${name}')`
const drop = (table: string, constraint: string): string =>
  `alter table public.${table} drop constraint ${constraint}`

/** Moves the totals of the run that issued an invoice along with it, so that only the invoice is wrong. */
const alsoInItsRun = (number: string, currency: string, by: number): string =>
  `update public.billing_runs set sums = jsonb_set(sums, '{${currency},invoiced_minor}', to_jsonb((sums #>> '{${currency},invoiced_minor}')::bigint + ${by}))
   where id = (select run_id from public.invoices where number = '${number}')`

/** A commercial credit note, complete in itself; `applied` of it lowers what is owed, the rest is for the ledger. */
function creditNote(number: string, of: string, minor: number, day: string, applied: number): string[] {
  const [prefix, label, counter] = number.split('/')
  return [
    `insert into public.credit_notes (tenant_id, invoice_id, number, issue_date, currency, reason, taxed, taxable_minor, tax_minor, total_minor, applied_minor)
     select tenant_id, id, '${number}', '${day}', currency, 'goodwill', false, ${minor}, 0, ${minor}, ${applied} from public.invoices where number = '${of}'`,
    `insert into public.credit_note_lines (credit_note_id, position, invoice_line_id, description, taxable_minor, tax_minor)
     select id, 1, ${lineOf(of)}, 'goodwill', ${minor}, 0 from public.credit_notes where number = '${number}'`,
    `update public.invoice_lines set credited_minor = credited_minor + ${minor} where id = ${lineOf(of)}`,
    `update public.invoices set credited_minor = credited_minor + ${applied} where number = '${of}'`,
    `insert into public.number_series values ('credit_note', '${prefix}', '${label}', ${Number(counter)}, '${day}')
     on conflict (kind, prefix, year_label) do update set last_number = excluded.last_number, last_issue_date = excluded.last_issue_date`,
  ]
}

/** 1.00 of the payment of an invoice is given back. */
const refund = (invoice: string, { reopened = 0, charged = 0, provider = 'manual' } = {}): string =>
  `insert into public.refunds (tenant_id, payment_id, provider, reference, status, currency, amount_minor, reopened_minor, charged_minor, reason, operator)
   select tenant_id, id, '${provider}', 'planted fault', 'succeeded', currency, 100, ${reopened}, ${charged}, 'none', 'tester'
   from public.payments where invoice_id = ${invoice}`

/** From the payment of an invoice that is open, and from the invoice. */
const takenBack = (minor: number): string[] => [
  `update public.payments set refunded_minor = ${minor}, applied_minor = applied_minor - ${minor} where invoice_id = ${inv('ERP/25-26/00008')}`,
  `update public.invoices set paid_minor = paid_minor - ${minor} where number = 'ERP/25-26/00008'`,
]

const taxed = (head: string, amount: number): string =>
  `{"head": "${head}", "rate": "9", "amount_minor": ${amount}}`

export const plantedFaults: Record<string, string[]> = {
  'number.gap': [
    "update public.invoices set number = 'ERP/26-27/00005' where number = 'ERP/26-27/00004'",
    "update public.number_series set last_number = 5 where kind = 'invoice' and year_label = '26-27'",
  ],
  'number.duplicate': [
    drop('invoices', 'invoices_number_key'),
    "update public.invoices set number = 'ERP/26-27/00003' where number = 'ERP/26-27/00004'",
    drop('number_series', 'number_series_issued_ck'),
    "update public.number_series set last_number = 3 where kind = 'invoice' and year_label = '26-27'",
  ],
  'number.order': ["update public.invoices set issue_date = '2026-03-09' where number = 'ERP/25-26/00009'"],
  'number.form': [
    drop('invoices', 'invoices_number_ck'),
    "update public.invoices set number = 'ERP/26-27/000004' where number = 'ERP/26-27/00004'",
  ],
  'number.year': [
    "update public.invoices set issue_date = '2027-04-01', due_date = '2027-04-08' where number = 'ERP/26-27/00004'",
    "update public.number_series set last_issue_date = '2027-04-01' where kind = 'invoice' and year_label = '26-27'",
  ],
  'number.counter': [
    "update public.number_series set last_number = 5 where kind = 'invoice' and year_label = '26-27'",
  ],
  'amount.net': [
    drop('invoice_lines', 'invoice_lines_prorated_ck'),
    `update public.invoice_lines set taxable_minor = taxable_minor + 100 where id = ${lineOf('ERP/25-26/00009')}`,
    "update public.invoices set taxable_minor = taxable_minor + 100, total_minor = total_minor + 100 where number = 'ERP/25-26/00009'",
    alsoInItsRun('ERP/25-26/00009', 'INR', 100),
  ],
  'amount.invoice': [
    "update public.invoices set taxable_minor = taxable_minor + 1, total_minor = total_minor + 1 where number = 'ERP/25-26/00008'",
    alsoInItsRun('ERP/25-26/00008', 'INR', 1),
  ],
  'amount.credit_note': [
    "update public.credit_notes set taxable_minor = taxable_minor + 1, tax_minor = tax_minor - 1 where number = 'CN/25-26/00002'",
  ],
  'amount.exchange': [
    `update public.invoices set exchange = jsonb_set(exchange, '{total_minor}', to_jsonb((exchange ->> 'total_minor')::bigint + 1)) where number = 'ERP/25-26/00001'`,
  ],
  'tax.sum': [
    `update public.invoice_lines set tax_minor = tax_minor + case position when 1 then 1 else -1 end where invoice_id = ${inv('ERP/25-26/00002')}`,
  ],
  // 399900 at 9 % is 35991.
  'tax.amount': [
    `update public.invoice_lines set taxes = '[${taxed('CGST', 35992)}, ${taxed('SGST', 35990)}]' where id = ${lineOf('ERP/25-26/00008')}`,
  ],
  // 285696 at 9 % is 25712.64.
  'tax.credit': [
    `update public.credit_note_lines set taxes = '[${taxed('CGST', 25714)}, ${taxed('SGST', 25712)}]'
     where credit_note_id = (select id from public.credit_notes where number = 'CN/25-26/00002')`,
  ],
  'tax.rate': ["update public.tax_rates set rate = 12 where country_code = 'IN'"],
  'tax.supply': [
    `update public.invoices set place_of_supply = '{"code": "08", "name": "Rajasthan"}' where number = 'ERP/25-26/00007'`,
  ],
  'tax.heads': [
    `update public.invoice_lines set taxes = jsonb_set(taxes, '{0,head}', '"VAT"') where id = ${lineOf('ERP/25-26/00007')}`,
  ],
  'tax.zero_rated': [
    "insert into public.billing_luts (gstin, number, validity, operator) values ('27AAPFU0939F1ZV', 'AD270326000001B', '[2026-04-01,2027-04-01)', 'tester')",
    `update public.invoices set lut = 'AD270326000001B', endorsement = (select endorsement from public.invoices where number = 'ERP/25-26/00001')
     where number = 'ERP/26-27/00001'`,
  ],
  'tax.lut': ["update public.billing_luts set validity = '[2025-04-01,2026-03-01)'"],
  'tax.endorsement': ["update public.invoices set endorsement = null where number = 'ERP/25-26/00001'"],
  'money.paid': ["update public.invoices set paid_minor = paid_minor + 1 where number = 'ERP/25-26/00008'"],
  'money.settled': [
    "update public.invoices set settled_minor = settled_minor + 1 where number = 'ERP/25-26/00008'",
  ],
  'money.credited': [
    "update public.invoices set credited_minor = credited_minor + 1 where number = 'ERP/25-26/00008'",
  ],
  'money.credit_applied': [
    "update public.invoices set credit_applied_minor = credit_applied_minor + 1 where number = 'ERP/25-26/00007'",
  ],
  'money.excess': [
    drop('invoices', 'invoices_money_ck'),
    drop('invoices', 'invoices_paid_ck'),
    `update public.payments set amount_minor = amount_minor + 1, applied_minor = applied_minor + 1 where invoice_id = ${inv('ERP/25-26/00002')}`,
    "update public.invoices set paid_minor = paid_minor + 1 where number = 'ERP/25-26/00002'",
  ],
  'money.status': [
    drop('invoices', 'invoices_paid_ck'),
    "update public.invoices set status = 'open' where number = 'ERP/25-26/00002'",
  ],
  'payment.split': [
    `update public.payments set amount_minor = amount_minor + 1 where invoice_id = ${inv('ERP/25-26/00002')}`,
  ],
  'payment.refunded': [refund(inv('ERP/25-26/00002'), { reopened: 100 })],
  'payment.invoice': [
    `update public.payments set currency = 'USD' where invoice_id = ${inv('ERP/25-26/00002')}`,
  ],
  // The reference of two payments that were recorded by hand.
  'payment.once': [
    `insert into public.payments (tenant_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor, received_on)
     values (${tenant('delhi')}, 'succeeded', 'stripe', 'UTR1', 'card', 'INR', 100, 0, '2026-03-12')`,
    `insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
     select tenant_id, currency, 100, 'overpayment', id from public.payments where provider = 'stripe'`,
    `update public.credit_balances set balance_minor = balance_minor + 100 where tenant_id = ${tenant('delhi')}`,
  ],
  'payment.checkout': [
    `insert into public.checkouts (tenant_id, invoice_id, provider, attempt, reference, status, live, currency, amount_minor, operator)
     select tenant_id, id, 'stripe', 1, 'planted fault', 'paid', false, currency, 100, 'tester' from public.invoices where number = 'ERP/25-26/00008'`,
  ],
  'refund.payment': [
    ...takenBack(100),
    refund(inv('ERP/25-26/00008'), { reopened: 100, provider: 'stripe' }),
  ],
  'refund.ledger': [...takenBack(100), refund(inv('ERP/25-26/00008'))],
  'refund.parked': [
    `insert into public.webhook_events (provider, event_id, type, status, body, outcome, settled_at)
     values ('stripe', 'evt_planted', 'charge.dispute.closed', 'parked', '{}', 'dispute.balance_used', now())`,
  ],
  'refund.charged': [
    refund(ofZone, { charged: 100 }),
    `update public.payments set refunded_minor = 100 where invoice_id = ${ofZone}`,
    `insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, payment_id)
     select tenant_id, currency, -100, 'refunded', id from public.payments where invoice_id = ${ofZone}`,
    `update public.credit_balances set balance_minor = balance_minor - 100 where tenant_id = ${tenant('zone')}`,
  ],
  'credit.line': [
    `update public.invoice_lines set credited_minor = credited_minor + 1 where id = ${lineOf('ERP/25-26/00008')}`,
  ],
  'credit.days': [
    `update public.credit_note_lines set period = '[2026-03-05,2026-03-11)'
     where credit_note_id = (select id from public.credit_notes where number = 'CN/25-26/00002')`,
  ],
  'credit.invoice': [
    ...creditNote('CN/25-26/00003', 'ERP/25-26/00006', 100, '2026-03-12', 0),
    `insert into public.credit_ledger (tenant_id, currency, amount_minor, kind, credit_note_id)
     select tenant_id, currency, 100, 'credit_note', id from public.credit_notes where number = 'CN/25-26/00003'`,
    `insert into public.credit_balances values (${tenant('abroad')}, 'USD', 100)`,
  ],
  'credit.original': [
    "update public.credit_notes set issue_date = '2026-02-09' where number = 'CN/25-26/00001'",
  ],
  'credit.late': [
    ...creditNote('CN/26-27/00001', 'ERP/25-26/00009', 100, '2026-12-01', 100),
    "update public.credit_notes set taxed = true where number = 'CN/26-27/00001'",
  ],
  'ledger.balance': ['update public.credit_balances set balance_minor = balance_minor + 1'],
  'ledger.source': [
    `update public.credit_ledger set amount_minor = amount_minor + 1 where kind = 'credit_note'`,
    `update public.credit_balances set balance_minor = balance_minor + 1 where tenant_id = ${tenant('delhi')}`,
  ],
  'ledger.missing': creditNote('CN/25-26/00003', 'ERP/25-26/00008', 100, '2026-03-12', 0),
  // March's days of zone's fee are moved onto February's; that none of March is charged is said to be wanted.
  'charge.once': [
    drop('invoice_lines', 'invoice_lines_charged_once'),
    drop('invoice_lines', 'invoice_lines_prorated_ck'),
    `update public.invoice_lines set period = '[2026-02-10,2026-03-10)', full_period = '[2026-02-10,2026-03-10)' where id = ${lineOf('ERP/25-26/00009')}`,
    `insert into public.unbilled_days values (${tenant('zone')}, '[2026-03-10,2026-04-10)')`,
  ],
  'charge.live': [`update public.invoice_lines set live = false where id = ${lineOf('ERP/25-26/00009')}`],
  'charge.period': [
    `update public.subscriptions set anchor_date = '2026-02-09' where tenant_id = ${tenant('local')}`,
  ],
  'charge.price': [
    "update public.prices set amount_minor = amount_minor + 1 where product_code = 'crm' and currency = 'INR' and cycle = 'monthly'",
  ],
  'leak.days': [
    `update public.subscriptions set next_billing_on = '2026-06-10' where tenant_id = ${tenant('local')}`,
  ],
  'leak.void': [
    "update public.invoices set status = 'void', void_reason = 'slip' where number = 'ERP/25-26/00010'",
    `update public.invoice_lines set live = false where invoice_id = ${inv('ERP/25-26/00010')}`,
  ],
  'month.closed': ["update public.closed_months set closed_at = '2026-01-01T00:00:00Z'"],
  'run.balance': [
    drop('billing_runs', 'billing_runs_balance_ck'),
    "update public.billing_runs set tenants = tenants + 1 where issue_date = '2026-04-10'",
  ],
  'run.documents': ["update public.billing_runs set invoices = invoices + 1 where issue_date = '2026-04-10'"],
}

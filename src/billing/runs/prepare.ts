/** From the rows of an account to the documents it gets, numbers apart: pure, so that a dry run is the real one. */
import { addDays, type PlainDate } from '../../kernel/dates.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { canBeTaxed, creditUnused, type ChargedLine, type CreditLine } from '../credit-plan.js'
import { convert, type ExchangeRate } from '../exchange.js'
import { planInvoices, type PlannedInvoice, type PlannedLine } from '../plan.js'
import { taxOf, type Assessment } from '../tax/tax.js'
import type { PriceBook } from '../price-book.js'
import type { SacOf } from '../tax/rates-on-file.js'
import type { TaxRate } from '../tax/rates.js'
import type { DueAccount } from './due.js'
import type { RunTerms } from './terms.js'

export interface PreparedInvoice {
  kind: 'cycle' | 'change'
  period: PlannedInvoice['period']
  lines: PlannedLine[]
  assessment: Assessment
  issueDate: PlainDate
  dueDate: PlainDate
  exchange: Exchange | null
}

export interface Exchange {
  rate: string
  date: PlainDate
  source: string
  currency: string
  total_minor: number
}

/** One credit note: everything given back of one invoice. */
export interface PreparedCredit {
  invoiceId: string
  reason: string
  /** False once the law does not let a credit change the tax any more (rule 18). */
  taxed: boolean
  lines: (CreditLine & { adjustmentId: string })[]
  taxable: bigint
  tax: bigint
}

export interface PreparedAccount {
  account: DueAccount
  outcome: 'due' | 'nothing_due' | 'parked' | 'skipped'
  /** Why it is parked or skipped. */
  reason: { code: string; message: string; details: Record<string, unknown> } | null
  invoices: PreparedInvoice[]
  credits: PreparedCredit[]
  nextBillingOn: PlainDate
}

export interface Files {
  prices: PriceBook
  rates: readonly TaxRate[]
  /** On the day of issue. */
  sacOf: SacOf
  /** To the supplier's currency on the day of issue, by currency; one that is missing is not on file. */
  exchange: ReadonlyMap<string, ExchangeRate>
}

/** @param lines what was charged for the days of each adjustment */
export function prepareAccount(
  account: DueAccount,
  lines: ReadonlyMap<string, readonly ChargedLine[]>,
  terms: RunTerms,
  files: Files,
): PreparedAccount {
  const base = { account, reason: null, invoices: [], credits: [], nextBillingOn: account.nextBillingOn }
  const unbilled = notBilled(account)
  if (unbilled) return { ...base, outcome: 'skipped', reason: unbilled }
  if (account.parked) return { ...base, outcome: 'parked', reason: stillParked }
  try {
    const plan = planInvoices(account, account.today, files.prices, terms.catchUp)
    const invoices = plan.invoices.map((invoice) => taxed(account, invoice, terms, files))
    const credits = creditsOf(account, lines, terms.issueDate)
    const due = invoices.length > 0 || credits.length > 0
    return {
      ...base,
      outcome: due ? 'due' : 'nothing_due',
      invoices,
      credits,
      nextBillingOn: plan.nextBillingOn,
    }
  } catch (error) {
    if (!(error instanceof ErpmaxError)) throw error
    return {
      ...base,
      outcome: 'parked',
      reason: {
        ...{ code: error.code, message: error.message },
        details: error.hint === undefined ? error.details : { ...error.details, hint: error.hint },
      },
    }
  }
}

const stillParked = { code: 'billing.parked', message: 'Parked by an earlier run', details: {} }

function notBilled({ tenantStatus, bills }: DueAccount): PreparedAccount['reason'] {
  if (tenantStatus === 'active' || (tenantStatus === 'suspended' && bills)) return null
  return {
    code: `tenant.${tenantStatus}`,
    message:
      tenantStatus === 'suspended' ? 'Suspended, and not billed meanwhile' : `The tenant is ${tenantStatus}`,
    details: {},
  }
}

function taxed(account: DueAccount, planned: PlannedInvoice, terms: RunTerms, files: Files): PreparedInvoice {
  const { supplier, issueDate } = terms
  const assessment = taxOf(
    supplier,
    account.recipient,
    planned.lines.map((line) => ({ taxable_minor: line.net, sac: files.sacOf(line.kind, line.code) })),
    issueDate,
    files.rates,
  )
  return {
    ...planned,
    assessment,
    issueDate,
    dueDate: addDays(issueDate, supplier.payment_terms_days),
    exchange: exchanged(account.currency, assessment.taxable_minor + assessment.tax_minor, terms, files),
  }
}

/** Rule 9: an Indian supplier's foreign invoice keeps the rate of its day, or is not issued. */
function exchanged(
  currency: string,
  total: bigint,
  { supplier, issueDate }: RunTerms,
  files: Files,
): Exchange | null {
  if (currency === supplier.currency || supplier.country_code !== 'IN') return null
  const found = files.exchange.get(currency)
  if (!found) {
    throw new ErpmaxError(
      'conflict',
      'fx.rate_missing',
      `There is no ${currency} rate on file for ${issueDate}`,
      {
        hint: `erpmax billing fx set ${currency} <rate> --date ${issueDate}`,
        details: { currency, day: issueDate },
      },
    )
  }
  const { rate, date, source } = found
  return { rate, date, source, currency: supplier.currency, total_minor: Number(convert(total, found)) }
}

function creditsOf(
  account: DueAccount,
  charged: ReadonlyMap<string, readonly ChargedLine[]>,
  day: PlainDate,
): PreparedCredit[] {
  const notes = new Map<string, PreparedCredit>()
  for (const { id, from, to, reason } of account.adjustments) {
    for (const credit of creditUnused({ from, to }, charged.get(id) ?? [], day)) {
      const { invoiceId } = credit.line
      const note = notes.get(invoiceId) ?? {
        invoiceId,
        reason: reason ?? 'Given up before the end of the period',
        taxed: canBeTaxed(credit.line, day),
        lines: [],
        taxable: 0n,
        tax: 0n,
      }
      note.lines.push({ ...credit, adjustmentId: id })
      note.taxable += credit.net
      note.tax += credit.taxes.reduce((sum, tax) => sum + tax.amount_minor, 0n)
      notes.set(invoiceId, note)
    }
  }
  return [...notes.values()]
}

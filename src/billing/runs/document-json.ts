/** What a run wrote, or would write, as JSON: the same shape, the number apart. */
import { totalOf } from './write-invoices.js'
import { taxesJson } from './taxes-json.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { Period } from '../periods.js'
import type { PreparedAccount } from './prepare.js'
import type { RunTerms } from './terms.js'

export interface DocumentJson {
  kind: 'cycle' | 'change' | 'credit_note'
  tenant: string
  /** Null in a dry run. */
  number: string | null
  period: Period | null
  issue_date: PlainDate
  due_date: PlainDate | null
  currency: string
  lines: {
    description: string
    from: PlainDate
    to: PlainDate
    amount_minor: number
    taxes: object[]
  }[]
  taxable_minor: number
  tax_minor: number
  total_minor: number
}

/** Credit notes first, then invoices, as `writeBatch` numbers them. @param numbers empty in a dry run */
export function documentsOf(
  accounts: readonly PreparedAccount[],
  { issueDate }: RunTerms,
  numbers: readonly string[],
): DocumentJson[] {
  const credits = accounts.flatMap(({ account, credits }) =>
    credits.map((credit): DocumentJson => ({
      kind: 'credit_note',
      tenant: account.subdomain,
      number: null,
      period: null,
      issue_date: issueDate,
      due_date: null,
      currency: account.currency,
      lines: credit.lines.map(({ line, period, net, taxes }) => ({
        ...{ description: line.description, ...period, amount_minor: Number(net), taxes: taxesJson(taxes) },
      })),
      taxable_minor: Number(credit.taxable),
      tax_minor: Number(credit.tax),
      total_minor: Number(credit.taxable + credit.tax),
    })),
  )
  const invoices = accounts.flatMap(({ account, invoices }) =>
    invoices.map((invoice): DocumentJson => ({
      kind: invoice.kind,
      tenant: account.subdomain,
      number: null,
      period: invoice.period,
      issue_date: issueDate,
      due_date: invoice.dueDate,
      currency: account.currency,
      lines: invoice.lines.map((line, index) => ({
        description: line.description,
        ...line.period,
        amount_minor: Number(line.net),
        taxes: taxesJson(invoice.assessment.lines[index]?.taxes ?? []),
      })),
      taxable_minor: Number(invoice.assessment.taxable_minor),
      tax_minor: Number(invoice.assessment.tax_minor),
      total_minor: Number(totalOf(invoice)),
    })),
  )
  return [...credits, ...invoices].map((document, index) => ({ ...document, number: numbers[index] ?? null }))
}

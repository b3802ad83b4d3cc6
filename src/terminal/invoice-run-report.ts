/** What an invoice run says: how far it has come, and at its end who was billed, what for, and who was not. */
import { formatMoney } from '../kernel/money.js'
import { formatFacts, hanging } from './format.js'
import { daysText } from './money-text.js'
import { formatTable, type Column } from './table.js'
import { paintState } from './states.js'
import type { DocumentJson } from '../billing/runs/document-json.js'
import type { GeneratedRun, RunProgress } from '../billing/runs/generate.js'
import type { Terminal } from './terminal.js'

/** Documents shown one by one; more of them are counted. */
const mostShown = 20
/** Narrower terminals show the total alone. */
const wide = 110

export function formatRunProgress({ invoices, parked }: RunProgress): string {
  return `${plural(invoices, 'invoice')}${parked > 0 ? `, ${parked} parked` : ''}`
}

export function formatRun({ run, dry_run, documents, accounts }: GeneratedRun, terminal: Terminal): string {
  const sums = Object.entries(run.sums).map(([currency, sum]) => {
    const credited = sum.credited_minor > 0 ? `, credited ${money(sum.credited_minor, currency)}` : ''
    return `${money(sum.invoiced_minor, currency)}${credited}`
  })
  const facts = formatFacts(
    [
      ['Run', dry_run ? 'dry run: nothing was written' : paintState(run.status, terminal.out)],
      ['Issued on', run.issue_date],
      ['Due up to', run.as_of ?? 'today, in the time zone of each tenant'],
      ['Documents', `${plural(run.invoices, 'invoice')}, ${plural(run.credit_notes, 'credit note')}`],
      ['Amounts', sums.join('; ') || 'nothing'],
      [
        'Tenants',
        `${run.tenants}: ${run.invoiced} invoiced, ${run.nothing_due} nothing due, ${run.parked} parked, ${run.skipped} skipped`,
      ],
    ],
    terminal.width,
  )
  const shown = documents.slice(0, mostShown)
  const parts = [facts]
  if (shown.length > 0) parts.push(documentTable(shown, terminal))
  const more = run.invoices + run.credit_notes - shown.length
  if (more > 0) parts.push(terminal.out.dim(`and ${more} more: erpmax invoice list`))
  const parked = accounts.filter(({ outcome }) => outcome === 'parked')
  if (parked.length > 0) {
    const lines = parked
      .slice(0, mostShown)
      .map(({ tenant, code, reason }) => hanging(`  ${tenant}: ${reason} (${code})`, 4, terminal.width))
    parts.push(['Parked:', ...lines, '  Next: erpmax billing parked list'].join('\n'))
  }
  return parts.join('\n\n')
}

export function documentTable(documents: readonly DocumentJson[], { width, out }: Terminal): string {
  return formatTable(
    documents,
    [
      { title: 'Number', value: ({ number }) => number ?? '(next)' },
      { title: 'Tenant', value: ({ tenant }) => tenant, flexible: true },
      {
        title: 'For',
        value: ({ kind, period }) => (period ? daysText(period) : kind.replace('_', ' ')),
      },
      ...(width < wide
        ? []
        : ([
            { title: 'Lines', value: ({ lines }) => lines.length, align: 'right' },
            { title: 'Tax', value: ({ tax_minor, currency }) => money(tax_minor, currency), align: 'right' },
          ] satisfies Column<DocumentJson>[])),
      { title: 'Total', value: ({ total_minor, currency }) => money(total_minor, currency), align: 'right' },
    ],
    width,
    out.bold,
  )
}

function money(minor: number, currency: string): string {
  return formatMoney({ amountMinor: BigInt(minor), currency })
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** What `billing export` says: the files, what the book comes to, and whether it adds up. */
import { formatMoney, type MoneyJson } from '../kernel/money.js'
import { formatBytes, formatFacts, formatHint, hanging } from './format.js'
import { symbolsOf } from './symbols.js'
import { formatTable } from './table.js'
import type { ExportProgress } from '../billing/export/book-writer.js'
import type { BookTotals } from '../billing/export/totals.js'
import type { ExportedBook } from '../billing/export/export-book.js'
import type { Terminal } from './terminal.js'

/** Problems of the return shown; the others are in its file. */
const mostShown = 10

export function formatExportProgress({ table, rows }: ExportProgress): string {
  return `${table}, ${rows} rows`
}

export function formatExportedBook(book: ExportedBook, terminal: Terminal): string {
  const { out, width } = terminal
  const { files, from, to } = book.export
  const parts = [files.length > 0 ? fileTable(files, terminal) : null]
  for (const totals of book.totals) parts.push(formatTotals(totals, terminal))
  if (book.totals.length === 0) parts.push(`Nothing was issued or received from ${from} to ${to}.`)
  if (book.gstr1) parts.push(formatReturn(book.gstr1, terminal))
  parts.push(verdict(book, terminal))
  if (!book.export.reconciles)
    parts.push(out.red(formatHint(`erpmax invoice audit --from ${from} --to ${to}`, width)))
  return parts.filter((part) => part !== null).join('\n\n')
}

function fileTable(files: ExportedBook['export']['files'], { width, out }: Terminal): string {
  return formatTable(
    files,
    [
      { title: 'File', value: ({ file }) => file, flexible: true },
      { title: 'Rows', value: ({ rows }) => rows, align: 'right' },
      { title: 'Size', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
    ],
    width,
    out.bold,
  )
}

function formatTotals(totals: BookTotals, { width }: Terminal): string {
  const of = (net: MoneyJson, tax: MoneyJson, sum: MoneyJson): string =>
    `${money(sum)} (${money(net)} and ${money(tax)} tax)`
  const apart = totals.void > 0 ? `, and ${totals.void} void` : ''
  return formatFacts(
    [
      ['Currency', totals.currency],
      ['Invoices', `${totals.invoices}${apart}: ${of(totals.taxable, totals.tax, totals.total)}`],
      [
        'Credit notes',
        `${totals.credit_notes}: ${of(totals.credited_taxable, totals.credited_tax, totals.credited)}`,
      ],
      ['Received', `${totals.payments}: ${money(totals.received)}`],
      ['Settled otherwise', `${totals.settlements}: ${money(totals.settled)}`],
    ],
    width,
  )
}

function formatReturn(
  { gstin, fp, problems }: NonNullable<ExportedBook['gstr1']>,
  { width, out }: Terminal,
): string {
  const lines = problems.slice(0, mostShown).map((problem) => `  ${hanging(problem, 4, width)}`)
  const more = problems.length - lines.length
  return [
    hanging(`GSTR-1 of ${gstin} for ${fp}: a draft for the accountant, who checks and files it.`, 0, width),
    ...lines,
    ...(more > 0 ? [out.dim(`  and ${more} more in the file`)] : []),
  ].join('\n')
}

function verdict({ export: { reconciles }, reconciliation }: ExportedBook, terminal: Terminal): string {
  const { out, width } = terminal
  const { cross } = symbolsOf(terminal)
  if (reconciles)
    return out.green(
      hanging(`The rows add up to the documents: ${reconciliation.length} sums compared.`, 0, width),
    )
  return reconciliation
    .filter(({ ok }) => !ok)
    .map(({ sum, expected, found }) =>
      hanging(
        `${out.red(cross)} ${sum}: the documents come to ${money(expected)}, the rows to ${money(found)}`,
        2,
        width,
      ),
    )
    .join('\n')
}

function money({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}

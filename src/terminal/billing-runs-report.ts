/** What a person reads after `billing runs list` and `billing runs show`. */
import { formatMoney } from '../kernel/money.js'
import { formatDuration, formatFacts, formatTime, hanging } from './format.js'
import { paintJobState, paintState } from './states.js'
import { formatTable, type Column } from './table.js'
import type { Page } from '../database/keyset.js'
import type { MoneyJson } from '../kernel/money.js'
import type { BillingRunItem, RunDocument, RunStep, ShownRun } from '../views/billing-runs.js'
import type { Terminal } from './terminal.js'

/** Below this width an id is shown by its first characters, which `billing runs show` takes too, and less is told. */
const roomForAll = 120

export function formatRuns(
  { items }: Page<BillingRunItem>,
  filtered: boolean,
  { width, out }: Terminal,
): string {
  if (items.length === 0) return filtered ? 'No run matches.' : 'Nothing has been run yet.'
  return formatTable<BillingRunItem>(
    items,
    [
      { title: 'Id', value: ({ id }) => (width < roomForAll ? id.slice(0, 8) : id) },
      { title: 'Kind', value: ({ kind }) => kind },
      { title: 'Status', value: (run) => paintJobState(run, out) },
      { title: 'Began', value: ({ started_at }) => formatTime(started_at).slice(0, 16) },
      ...(width < roomForAll ? [] : [tookColumn]),
      {
        title: 'Docs',
        value: ({ invoices, credit_notes }) => invoices + credit_notes,
        align: 'right',
      },
      { title: 'Parked', value: ({ parked }) => parked, align: 'right' },
      { title: 'Amount', value: (run) => sumsOf(run) || null, flexible: true },
    ],
    width,
    out.bold,
  )
}

const tookColumn: Column<BillingRunItem> = {
  title: 'Took',
  value: ({ duration_ms }) => formatDuration(duration_ms),
  align: 'right',
}

/** @param more the command for the next page of documents */
export function formatShownRun(
  { run, parked, documents }: ShownRun,
  more: string | null,
  terminal: Terminal,
): string {
  const { width, out } = terminal
  const facts = formatFacts(
    [
      ['Run', `${run.kind} ${run.id}`],
      ['Status', paintJobState(run, out)],
      ['Started by', run.operator],
      ['Held by', run.holder && `process ${run.holder.pid} on ${run.holder.host}`],
      ['Began', formatTime(run.started_at)],
      ['Took', formatDuration(run.duration_ms)],
      ['Due up to', run.as_of ?? 'its day, in the time zone of each tenant'],
      ['Issued on', run.issue_date],
      ['Documents', run.issue_date && `${run.invoices} invoices, ${run.credit_notes} credit notes`],
      ['Amounts', sumsOf(run)],
      [
        'Tenants',
        run.issue_date &&
          `${run.tenants}: ${run.invoiced} invoiced, ${run.nothing_due} nothing due, ${run.parked} parked, ${run.skipped} skipped`,
      ],
      ['Error', run.error && [run.error.code, run.error.message].filter(Boolean).join(': ')],
    ],
    width,
  )
  const parts = [facts]
  if (run.steps.length > 0) parts.push(stepTable(run.steps, terminal))
  if (parked.length > 0) {
    const lines = parked.map(({ tenant, reason, code, released_at }) =>
      hanging(`  ${tenant}: ${reason} (${code})${released_at ? ', released since' : ''}`, 4, width),
    )
    parts.push(['Parked by it:', ...lines].join('\n'))
  }
  if (run.parked > 0) parts.push('  Next: erpmax billing parked list')
  if (documents.items.length > 0) parts.push(documentTable(documents.items, terminal))
  if (more) parts.push(out.dim(`More documents: ${more}`))
  return parts.join('\n\n')
}

function stepTable(steps: readonly RunStep[], { width, out }: Terminal): string {
  return formatTable<RunStep>(
    steps,
    [
      { title: 'Step', value: ({ code }) => code },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      {
        title: 'Took',
        value: ({ duration_ms }) => (duration_ms === null ? null : formatDuration(duration_ms)),
        align: 'right',
      },
      {
        title: 'Came to',
        value: ({ error, summary }) => error?.message ?? error?.code ?? inWords(summary),
        flexible: true,
      },
    ],
    width,
    out.bold,
  )
}

/** What is told of the numbers of a step, in this order. */
const told = [
  'applied',
  'invoices',
  'credit_notes',
  'queued',
  'past_due',
  'suspended',
  'archived',
  'restored',
  'sent',
  'waiting',
  'deferred',
  'parked',
  'failed',
  'unknown',
]

/** `12 applied, 1 failed`: what is not nothing. */
function inWords(summary: Record<string, unknown>): string {
  const words = told.flatMap((name) => {
    const value = summary[name]
    return typeof value === 'number' && value > 0 ? [`${value} ${name.replaceAll('_', ' ')}`] : []
  })
  return words.join(', ') || 'nothing to do'
}

function documentTable(items: readonly RunDocument[], { width, out }: Terminal): string {
  return formatTable<RunDocument>(
    items,
    [
      { title: 'Number', value: ({ number }) => number },
      { title: 'Tenant', value: ({ tenant }) => tenant, flexible: true },
      { title: 'Kind', value: ({ kind }) => kind.replace('_', ' ') },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      { title: 'Due', value: ({ due_date }) => due_date },
      { title: 'Total', value: ({ total }) => money(total), align: 'right' },
    ],
    width,
    out.bold,
  )
}

function sumsOf({ sums }: BillingRunItem): string {
  return sums
    .map(
      ({ invoiced, credited }) =>
        `${money(invoiced)}${credited.amount_minor > 0 ? `, credited ${money(credited)}` : ''}`,
    )
    .join('; ')
}

function money({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}

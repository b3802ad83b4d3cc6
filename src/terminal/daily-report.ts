/** What a person reads after `billing run`: a line a step, then what needs somebody. */
import { formatMoney } from '../kernel/money.js'
import { stepTitles } from './daily-progress.js'
import { dunnedTable, dunningText } from './dunning-report.js'
import { formatDuration, formatFacts, formatHint, hanging } from './format.js'
import { documentTable } from './invoice-run-report.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { DailyResult, StepReport } from '../workflows/daily-billing/run.js'
import type { StepResults } from '../workflows/daily-billing/step.js'
import type { Terminal } from './terminal.js'

const mostShown = 20

export function formatDaily(daily: DailyResult, terminal: Terminal): string {
  const { run, results, dry_run } = daily
  const { width, out } = terminal
  const facts = formatFacts(
    [
      ['Run', dry_run ? 'dry run: nothing was written' : `${paintState(run.status, out)} ${run.id ?? ''}`],
      ['Due up to', run.as_of ?? 'today, in the time zone of each tenant'],
      ['Took', formatDuration(run.duration_ms)],
    ],
    width,
  )
  const table = formatTable<StepReport>(
    run.steps,
    [
      { title: 'Step', value: ({ code }) => stepTitles[code] },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      { title: 'Came to', value: (step) => step.error?.code ?? cameTo(step, results), flexible: true },
    ],
    width,
    out.bold,
  )
  return [
    facts,
    table,
    ...issued(daily, terminal),
    ...dunned(daily, terminal),
    ...troubles(daily, terminal),
  ].join('\n\n')
}

function cameTo({ code, status }: StepReport, results: StepResults): string {
  if (status === 'skipped') return '-'
  const { changes, invoices, reminders, dunning, documents, mails } = results
  switch (code) {
    case 'changes':
      return changes ? `${plural(changes.applied, 'change')} of ${plural(changes.tenants, 'tenant')}` : '-'
    case 'invoices':
      return invoices ? billed(invoices.run) : '-'
    case 'reminders':
      return reminders ? plural(reminders.queued, 'mail') : '-'
    case 'dunning':
      return dunning ? dunningText(dunning) : '-'
    case 'documents':
      return documents ? plural(documents.invoices + documents.credit_notes, 'mail') : '-'
    case 'mails':
      return mails ? `${mails.sent} sent, ${mails.waiting} waiting` : '-'
  }
}

function billed(run: NonNullable<StepResults['invoices']>['run']): string {
  const sums = Object.entries(run.sums).map(([currency, { invoiced_minor }]) =>
    formatMoney({ amountMinor: BigInt(invoiced_minor), currency }),
  )
  const credits = run.credit_notes > 0 ? `, ${plural(run.credit_notes, 'credit note')}` : ''
  return [`${plural(run.invoices, 'invoice')}${credits}`, ...sums].join(', ')
}

/** The lines of a dry run are what it is for; of a real one the number is enough. */
function issued({ dry_run, results: { invoices } }: DailyResult, terminal: Terminal): string[] {
  if (!dry_run || !invoices || invoices.documents.length === 0) return []
  const shown = invoices.documents.slice(0, mostShown)
  const more = invoices.run.invoices + invoices.run.credit_notes - shown.length
  const rest = more > 0 ? `\nand ${more} more: --json shows their lines` : ''
  return [`${documentTable(shown, terminal)}${terminal.out.dim(rest)}`]
}

function dunned({ dry_run, results: { dunning } }: DailyResult, terminal: Terminal): string[] {
  if (!dry_run || !dunning || dunning.items.length === 0) return []
  const more = dunning.items.length - mostShown
  const rest = more > 0 ? terminal.out.dim(`\nand ${more} more: --json lists them`) : ''
  return [`${dunnedTable(dunning.items.slice(0, mostShown), terminal)}${rest}`]
}

function troubles({ run, results }: DailyResult, { width, out }: Terminal): string[] {
  const lines: string[] = []
  for (const { code, error } of run.steps) {
    if (!error) continue
    lines.push(hanging(`${out.red(stepTitles[code])}: ${error.message}`, 2, width))
    if (error.hint) lines.push(formatHint(error.hint, width))
  }
  const failed = (results.changes?.items ?? []).filter(({ ok }) => !ok)
  for (const { tenant, error } of failed.slice(0, mostShown)) {
    lines.push(hanging(`${tenant}: its change stays scheduled: ${error?.message}`, 2, width))
    if (error?.hint) lines.push(formatHint(error.hint, width))
  }
  const parked = (results.invoices?.accounts ?? []).filter(({ outcome }) => outcome === 'parked')
  for (const { tenant, reason, code } of parked.slice(0, mostShown))
    lines.push(hanging(`${tenant} is parked: ${reason} (${code})`, 2, width))
  if (parked.length > 0) lines.push(formatHint('erpmax billing parked list', width))
  for (const { tenant, error } of (results.reminders?.items ?? [])
    .filter((one) => one.error)
    .slice(0, mostShown))
    lines.push(hanging(`${tenant} is not reminded: ${error?.message}`, 2, width))
  for (const { tenant, error } of (results.dunning?.items ?? [])
    .filter((one) => one.error)
    .slice(0, mostShown)) {
    lines.push(hanging(`${tenant} stays where its dunning is: ${error?.message}`, 2, width))
    if (error?.hint) lines.push(formatHint(error.hint, width))
  }
  const { failed: undelivered = 0, unknown = 0 } = results.mails ?? {}
  if (undelivered + unknown > 0) {
    lines.push(`${plural(undelivered + unknown, 'mail')} did not arrive, or nobody knows.`)
    lines.push(formatHint('erpmax mail list --status failed,unknown', width))
  }
  return lines.length > 0 ? [lines.join('\n')] : []
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

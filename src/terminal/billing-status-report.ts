/** What a person reads after `billing status`. */
import { formatMoney } from '../kernel/money.js'
import { stageText } from './dunning-report.js'
import { formatFacts, formatTime } from './format.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { MoneyJson } from '../kernel/money.js'
import type { BillingStatus, LastRun, Receivables } from '../views/billing-status.js'
import type { Terminal } from './terminal.js'

export function formatBillingStatus({ status }: { status: BillingStatus }, terminal: Terminal): string {
  const { width, out } = terminal
  const { running, parked, due, mails, dunning, events } = status
  const stages = dunning.by_stage.map((one) => `${one.tenants} ${stageText(one)}`).join(', ')
  const codes = parked.by_code.map(({ code, accounts }) => `${accounts} ${code}`).join(', ')
  const facts = formatFacts(
    [
      ['Supplier', status.supplier ?? out.red('none: erpmax billing supplier set')],
      ['Today', status.today],
      ['Last run', status.last_run ? runText(status.last_run, terminal) : 'none'],
      ['Last good run', status.last_good_run ? runText(status.last_good_run, terminal) : out.red('none')],
      [
        'Going on',
        running &&
          `${running.stalled ? 'stalled, of' : 'of'} process ${running.pid} on ${running.host} since ${formatTime(running.started_at)}`,
      ],
      ['Parked', parked.accounts === 0 ? 'nobody' : out.red(`${parked.accounts}: ${codes}`)],
      ['Due now', `${due.subscriptions} to bill, ${due.changes} with a change`],
      ['Dunning', dunning.tenants === 0 ? 'nobody' : `${dunning.tenants}: ${stages}`],
      [
        'Events',
        events.parked + events.failed === 0
          ? 'none waits for a person'
          : out.red(`${events.parked} parked, ${events.failed} failed`),
      ],
      ['Mails', `${mails.queued} waiting, ${mails.failed} failed, ${mails.unknown} unknown`],
    ],
    width,
  )
  const owed =
    status.receivables.length === 0 ? 'Nothing is owed.' : receivablesTable(status.receivables, terminal)
  const next = [
    ...(parked.accounts > 0 ? ['  Next: erpmax billing parked list'] : []),
    ...(events.parked + events.failed > 0 ? ['  Next: erpmax webhook list --status parked,failed'] : []),
  ]
  return [facts, owed, ...next].join('\n\n')
}

function runText({ id, status, age_seconds, started_at }: LastRun, { out }: Terminal): string {
  return `${paintState(status, out)}, ${formatAge(age_seconds)} ago (${formatTime(started_at)}, ${id.slice(0, 8)})`
}

/** `3 h`, `2 days`. */
function formatAge(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

function receivablesTable(items: readonly Receivables[], { width, out }: Terminal): string {
  const money = ({ amount_minor, currency }: MoneyJson): string =>
    amount_minor === 0
      ? '-'
      : formatMoney({ amountMinor: BigInt(amount_minor), currency }).replace(/ \w+$/, '')
  return formatTable<Receivables>(
    items,
    [
      { title: 'Owed', value: ({ currency }) => currency },
      { title: 'Open', value: ({ open }) => money(open), align: 'right' },
      { title: 'Not due', value: ({ not_due }) => money(not_due), align: 'right' },
      { title: '1-30 days', value: (one) => money(one.overdue_1_30), align: 'right' },
      { title: '31-60', value: (one) => money(one.overdue_31_60), align: 'right' },
      { title: '61-90', value: (one) => money(one.overdue_61_90), align: 'right' },
      { title: 'over 90', value: (one) => money(one.overdue_over_90), align: 'right' },
    ],
    width,
    out.bold,
  )
}

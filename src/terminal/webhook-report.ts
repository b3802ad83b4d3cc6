/** What a person reads after the `webhook` commands about the inbox. */
import { formatDuration, formatFacts, formatTime, hanging } from './format.js'
import { formatColumns, type Fields } from './lists.js'
import { paintState } from './states.js'
import { counted } from './money-text.js'
import { symbolsOf } from './symbols.js'
import { formatTable } from './table.js'
import { moneyText } from './money-text.js'
import { meanings } from './webhook-meanings.js'
import type { Backfilled } from '../payments/inbox/backfill.js'
import type { Triggered } from '../payments/synthetic/trigger.js'
import type { ExplainedSignature, SignatureVerdict } from '../payments/inbox/explain-signature.js'
import type { Processed } from '../payments/inbox/process-events.js'
import type { Replayed, ReplayedEvent } from '../payments/inbox/replay.js'
import type { WorkEvent } from '../payments/inbox/work.js'
import type { InboxStatus } from '../views/inbox-status.js'
import type { ShownEvent, WebhookEventItem, WebhookEventList } from '../views/webhook-events.js'
import type { Terminal } from './terminal.js'

/** Below this width an id is shown by its first characters; `webhook show` takes those too. */
const roomForIds = 150

/** Each column reads the field of its own name alone: with `--fields` the others are not there. */
export const eventFields: Fields<WebhookEventItem> = {
  id: { title: 'Id', value: ({ id }) => id },
  received_at: { title: 'Came', value: ({ received_at }) => formatTime(received_at) },
  provider: { title: 'Provider', value: ({ provider }) => provider },
  type: { title: 'Type', value: ({ type }) => type, flexible: true },
  status: { title: 'Status', value: ({ status }) => status },
  outcome: { title: 'Outcome', value: ({ outcome }) => outcome, flexible: true },
  tenant: { title: 'Tenant', value: ({ tenant }) => tenant, flexible: true },
  invoice: { title: 'Invoice', value: ({ invoice }) => invoice },
  event_id: { title: 'Event', value: ({ event_id }) => event_id, flexible: true },
  live: { title: 'Mode', value: ({ live }) => (live === null ? null : live ? 'live' : 'test') },
  source: { title: 'Source', value: ({ source }) => source },
  attempts: { title: 'Tried', value: ({ attempts }) => attempts, align: 'right' },
  next_attempt_at: { title: 'Next attempt', value: ({ next_attempt_at }) => formatTime(next_attempt_at) },
  happened_at: { title: 'Happened', value: ({ happened_at }) => formatTime(happened_at) },
  settled_at: { title: 'Settled', value: ({ settled_at }) => formatTime(settled_at) },
  error_code: { title: 'Error', value: ({ error_code }) => error_code, flexible: true },
}

export function formatEvents(
  { items }: WebhookEventList,
  { fields, filtered }: { fields: readonly string[] | undefined; filtered: boolean },
  terminal: Terminal,
): string {
  if (items.length === 0)
    return filtered ? 'No event matches.' : 'No event has come yet. To take them: erpmax webhook listen'
  const short = fields === undefined && terminal.width < roomForIds
  const shown = items.map((item) => ({
    ...item,
    ...(item.status ? { status: paintState(item.status, terminal.out) } : {}),
    ...(short ? { id: item.id.slice(0, 8) } : {}),
  }))
  const some = (field: keyof WebhookEventItem): string[] => (items.some((item) => item[field]) ? [field] : [])
  const usual = ['id', 'received_at', 'provider', 'type', 'status', ...some('outcome'), ...some('error_code')]
  return formatColumns(
    shown,
    eventFields,
    fields ??
      (short
        ? usual.filter((field) => field !== 'provider')
        : [...usual, ...some('tenant'), ...some('invoice')]),
    terminal,
  )
}

export function formatEvent({ event }: { event: ShownEvent }, { width, out }: Terminal): string {
  const facts = formatFacts(
    [
      ['Id', event.id],
      [
        'Event',
        `${event.event_id} of ${event.provider}${event.live === null ? '' : event.live ? ', live' : ', test mode'}`,
      ],
      ['Status', `${paintState(event.status, out)}${event.outcome ? `: ${event.outcome}` : ''}`],
      ['Meaning', event.outcome && (meanings[event.outcome] ?? null)],
      ['Tenant', event.tenant],
      ['Invoice', event.invoice],
      ['Payment', event.payment_id],
      ['Happened', event.happened_at && formatTime(event.happened_at)],
      [
        'Came',
        `${formatTime(event.received_at)} by ${sources[event.source] ?? event.source}, ${event.size_bytes} bytes`,
      ],
      ['Tried', event.attempts],
      [
        'Next attempt',
        event.next_attempt_at && event.attempts > 0 ? formatTime(event.next_attempt_at) : null,
      ],
      ['In hand', event.holder && `process ${event.holder.pid} on ${event.holder.host}`],
      ['Settled', event.settled_at && formatTime(event.settled_at)],
      ['Error', event.error && `${event.error.code}: ${event.error.message}`],
      ['Next', ['parked', 'failed'].includes(event.status) ? `erpmax webhook replay ${event.id}` : null],
    ],
    width,
  )
  const detail = event.detail && `\n\n${out.dim('Judged by')}\n${JSON.stringify(event.detail, null, 2)}`
  const body = event.body === null ? 'The body is no JSON.' : JSON.stringify(event.body, null, 2)
  return `${out.bold(event.type)}\n\n${facts}${detail ?? ''}\n\n${out.dim('Body')}\n${body}`
}

const sources: Readonly<Record<string, string>> = {
  webhook: 'webhook',
  backfill: 'webhook backfill',
  file: 'webhook replay --file',
  trigger: 'webhook trigger',
}

export function formatInboxStatus({ inbox }: { inbox: InboxStatus }, { width, out }: Terminal): string {
  const { counts, waiting, oldest, lag_seconds, providers } = inbox
  const { due, working, retrying } = waiting
  if (providers.length === 0) return 'No event has come yet. To take them: erpmax webhook listen'
  const parts = [
    ...(due > 0 ? [`${due} due`] : []),
    ...(working > 0 ? [`${working} in hand`] : []),
    ...(retrying > 0 ? [`${retrying} to be tried again`] : []),
  ]
  const attention = (count: number, status: string): string | null =>
    count === 0 ? null : `${out.yellow(String(count))}  erpmax webhook list --status ${status}`
  return formatFacts(
    [
      ['Waiting', counts.received === 0 ? 'nothing' : parts.join(', ')],
      [
        'Behind',
        lag_seconds > 0
          ? `${formatDuration(lag_seconds * 1000)}${due > 0 ? ': erpmax webhook work' : ''}`
          : null,
      ],
      [
        'Oldest',
        oldest &&
          `${oldest.id.slice(0, 8)}, ${oldest.type} of ${oldest.provider}, came ${formatTime(oldest.received_at)}`,
      ],
      ['Parked', attention(counts.parked, 'parked')],
      ['Failed', attention(counts.failed, 'failed')],
      ['Last 30 days', `${counts.processed} processed, ${counts.ignored} ignored`],
      ...providers.map(
        ({ provider, last_received_at, events_24h }) =>
          [provider, `last came ${formatTime(last_received_at)}, ${events_24h} in 24 h`] as const,
      ),
    ],
    width,
  )
}

export function formatWorkEvent(event: WorkEvent, terminal: Terminal): string {
  const { out } = terminal
  if (event.event === 'database_away')
    return out.yellow(`The database cannot be reached, waiting: ${event.message}`)
  if (event.event === 'database_back') return 'The database is back.'
  const { tick, cross } = symbolsOf(terminal)
  const { status, provider, type, outcome, id, error } = event
  const sign = status === 'processed' || status === 'ignored' ? out.green(tick) : out.yellow(cross)
  const why = error && error.code !== 'event.failed' ? `: ${error.message}` : ''
  return hanging(
    `${sign} ${id.slice(0, 8)} ${provider} ${type}: ${status}, ${outcome}${why}`,
    2,
    terminal.width,
  )
}

export function formatWork({ done }: { done: Processed }): string {
  const counts = tallied({ ...done })
  return counts === '' ? 'Nothing was due.' : `${counts}.`
}

export function formatReplayed(result: Replayed, { width, out }: Terminal): string {
  const { replayed, items, processed, ignored, parked, failed, waiting } = result
  if (items.length === 0) return 'There is none to take up.'
  const [only] = items
  if (replayed === 0 && only) {
    const was =
      only.status === 'received'
        ? 'It waits to be processed'
        : `It was ${only.status} before (${only.outcome})`
    return `${was}: nothing was done.`
  }
  const table = formatTable<ReplayedEvent>(
    items,
    [
      { title: 'Id', value: ({ id }) => (width < roomForIds ? id.slice(0, 8) : id) },
      { title: 'Type', value: ({ type }) => type, flexible: true },
      { title: 'Status', value: ({ status }) => paintState(status, out) },
      { title: 'Outcome', value: ({ outcome, error_code }) => outcome ?? error_code, flexible: true },
    ],
    width,
    out.bold,
  )
  return `${table}\n\n${tallied({ processed, ignored, parked, failed, waiting })}.`
}

const words: Readonly<Record<string, string>> = { retried: 'to be tried again' }

function tallied(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${words[name] ?? name}`)
    .join(', ')
}

const verdicts: Readonly<Record<SignatureVerdict, string>> = {
  right: 'The signature is right',
  missing: 'The signature header is missing',
  malformed: 'The signature header is not what the provider sends',
  not_an_event: 'The signature is right; the body is no event of this provider',
  stale: 'The signature is right, and too old: it may have been recorded and sent again',
  body_altered: 'The body was altered on its way',
  other_provider: 'It is signed with the secret of the other provider',
  wrong: 'Wrong secret, or a body that was altered: a signature tells no more',
}

export function formatSignature(
  { signature }: { signature: ExplainedSignature },
  terminal: Terminal,
): string {
  const { out, width } = terminal
  const { tick, cross } = symbolsOf(terminal)
  const { ok, verdict, provider, event, secret, alteration, age_seconds } = signature
  const facts = formatFacts(
    [
      ['Provider', provider],
      ['Event', event && `${event.id}, ${event.type}`],
      ['Secret', secret && (secret === 1 ? 'the newest' : `number ${secret} of the list`)],
      ['Altered', alteration],
      ['Signed', age_seconds === null ? null : signedWhen(age_seconds)],
    ],
    width,
  )
  return `${ok ? out.green(tick) : out.red(cross)} ${hanging(`${verdicts[verdict]}.`, 2, width)}\n\n${facts}`
}

function signedWhen(seconds: number): string {
  const long = Math.abs(seconds)
  const text = long < 2 * 86_400 ? formatDuration(long * 1000) : counted(Math.round(long / 86_400), 'day')
  return `${text} ${seconds < 0 ? 'from now' : 'ago'}`
}

export function formatBackfilled({ backfill }: { backfill: Backfilled }): string {
  const { provider, since, fetched, stored, done } = backfill
  const counts = tallied({ ...done })
  const from = `${provider} since ${formatTime(since)}`
  if (fetched === 0) return `There is no event of ${from}.`
  if (stored === 0)
    return `${fetched === 1 ? 'The one event' : `All ${fetched} events`} of ${from} had come before.`
  return `${stored} of ${fetched} events of ${from} had not come. ${counts === '' ? 'They wait: erpmax webhook work' : `${counts}.`}`
}

export function formatTriggered({ trigger }: { trigger: Triggered }, { out, width }: Terminal): string {
  const { type, provider, event_id, payment, amount, invoice, delivery, event } = trigger
  return formatFacts(
    [
      ['Event', `${type} of ${provider}, ${event_id}`],
      ['Payment', `${payment}, ${moneyText(amount)}`],
      ['Invoice', invoice],
      ['Delivered', delivery && `${delivery.url} answered ${delivery.status}`],
      ['Inbox', event && `${paintState(event.status, out)}, ${event.outcome ?? event.error_code ?? 'waits'}`],
      ['Next', event ? `erpmax webhook show ${event.id.slice(0, 8)}` : `erpmax webhook show ${event_id}`],
    ],
    width,
  )
}

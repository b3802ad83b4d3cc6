/** What a person reads of parked accounts. */
import { formatFacts, formatHint, formatTime } from './format.js'
import { formatRun } from './invoice-run-report.js'
import { formatTable } from './table.js'
import type { ReleasedAccount } from '../billing/parked.js'
import type { Page } from '../database/keyset.js'
import type { ParkedItem } from '../views/parked.js'
import type { RetriedAccounts } from '../workflows/retry-parked.js'
import type { Terminal } from './terminal.js'

export function formatParked(
  { items }: Page<ParkedItem>,
  filtered: boolean,
  { width, out }: Terminal,
): string {
  if (items.length === 0) return filtered ? 'No account matches.' : 'No account is parked.'
  const table = formatTable<ParkedItem>(
    items,
    [
      { title: 'Tenant', value: ({ tenant }) => tenant },
      { title: 'Parked', value: ({ parked_at }) => formatTime(parked_at).slice(0, 16) },
      { title: 'Code', value: ({ code }) => code },
      { title: 'Reason', value: ({ reason }) => reason, flexible: true },
      ...(items.some(({ released_at }) => released_at)
        ? [
            {
              title: 'Released',
              value: ({ released_at, released_by }: ParkedItem) =>
                released_at && `${formatTime(released_at).slice(0, 16)} by ${released_by}`,
              flexible: true,
            },
            { title: 'Note', value: ({ note }: ParkedItem) => note, flexible: true },
          ]
        : []),
    ],
    width,
    out.bold,
  )
  return [table, ...whatToDo(items, width)].join('\n\n')
}

/** How each thing that is missing is supplied, and how the accounts are billed after that. */
function whatToDo(items: readonly ParkedItem[], width: number): string[] {
  const open = items.filter(({ released_at }) => released_at === null)
  if (open.length === 0) return []
  const hints = open.flatMap(({ details }) => (typeof details.hint === 'string' ? [details.hint] : []))
  const lines = [...new Set(hints)].slice(0, 5).map((hint) => formatHint(hint, width))
  return [[...lines, '  Then: erpmax billing parked retry <tenant>'].join('\n')]
}

export function formatReleased(released: ReleasedAccount, { width }: Terminal): string {
  return formatFacts(
    [
      [released.dry_run ? 'Would be released' : 'Released', released.tenant],
      ['Was parked', `${formatTime(released.parked_at)}: ${released.reason} (${released.code})`],
      ['Note', released.note],
      ['Next', 'the next run bills it; at once: erpmax invoice generate ' + released.tenant],
    ],
    width,
  )
}

export function formatReleasedLine({ dry_run, code }: ReleasedAccount): string {
  return `${dry_run ? 'would be released' : 'released'} (${code})`
}

export function formatRetried(result: RetriedAccounts, terminal: Terminal): string {
  const { released } = result
  const names = released.length > 5 ? `${released.length} accounts` : released.join(', ')
  return `${result.dry_run ? 'Would be released' : 'Released'}: ${names}\n\n${formatRun(result, terminal)}`
}

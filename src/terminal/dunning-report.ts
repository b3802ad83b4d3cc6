/** What a person reads of dunning: the schedule, what a run did or would do, what comes next of an invoice. */
import { formatFacts, hanging, unbreakable } from './format.js'
import { counted } from './money-text.js'
import { formatTable } from './table.js'
import type { Dunned, DunningResult } from '../workflows/daily-billing/step.js'
import type { SetSchedule } from '../payments/dunning/set-schedule.js'
import type { StageKind } from '../payments/dunning/schedule.js'
import type { DunningJson, ScheduleJson, StageJson } from '../views/dunning.js'
import type { Terminal } from './terminal.js'

const effects: Readonly<Record<StageKind, string>> = {
  reminder: 'a mail',
  past_due: 'a mail; all works as before',
  suspended: 'no access until all that is overdue is settled',
  archived: 'subscription ended, tenant exported and archived',
}

/** `reminder +3`, `suspended +14`. */
export function stageText({ kind, day }: { kind: StageKind; day: number }): string {
  return `${words(kind)} +${day}`
}

export function formatSchedule({ schedule }: { schedule: ScheduleJson }, terminal: Terminal): string {
  const table = stageTable(schedule.stages, terminal)
  return `Days after the due date of a tenant's earliest unpaid invoice:\n\n${table}`
}

function stageTable(stages: readonly StageJson[], { width, out }: Terminal): string {
  return formatTable<StageJson>(
    stages,
    [
      { title: 'Day', value: ({ day }) => `+${day}`, align: 'right' },
      { title: 'Stage', value: ({ kind }) => words(kind) },
      { title: 'What happens', value: ({ kind }) => effects[kind], flexible: true },
      { title: 'In it now', value: ({ tenants }) => (tenants > 0 ? tenants : null), align: 'right' },
    ],
    width,
    out.bold,
  )
}

export function formatSetSchedule(
  { dry_run, changed, schedule, was, next_run }: SetSchedule,
  terminal: Terminal,
): string {
  const { width } = terminal
  const list = (stages: readonly { kind: StageKind; day: number }[]): string =>
    stages.map((stage) => stageText(stage).replaceAll(' ', unbreakable)).join(', ')
  if (!changed) return hanging(`The schedule is so already: ${list(schedule.stages)}`, 2, width)
  const coming = (['past_due', 'suspended', 'archived'] as const).flatMap((effect) =>
    next_run[effect] > 0 ? [`${counted(next_run[effect], 'tenant')} ${words(effect)}`] : [],
  )
  const head = dry_run ? 'The schedule would change; nothing was written.' : 'The schedule is changed.'
  const facts = formatFacts(
    [
      ['Was', list(was)],
      ['Now', list(schedule.stages)],
      ['Next run', coming.join(', ') || 'moves nobody'],
    ],
    width,
  )
  return `${head}\n${facts}`
}

/** `12 overdue: 3 mails, 1 suspended`. */
export function dunningText(result: DunningResult): string {
  const moved = (['past_due', 'suspended', 'archived', 'restored'] as const).flatMap((effect) =>
    result[effect] > 0 ? [`${result[effect]} ${words(effect)}`] : [],
  )
  return [counted(result.queued, 'mail'), ...moved].join(', ')
}

/** What a dry run shows of each tenant. */
export function dunnedTable(items: readonly Dunned[], { width, out }: Terminal): string {
  return formatTable<Dunned>(
    items,
    [
      { title: 'Tenant', value: ({ tenant }) => tenant, flexible: true },
      { title: 'Unpaid', value: ({ invoice }) => invoice },
      { title: 'Days', value: ({ days }) => days, align: 'right' },
      { title: 'Stage', value: ({ stage }) => stage && stageText(stage) },
      {
        title: 'It becomes',
        value: (one) => one.effects.map((effect) => words(effect)).join(', ') || null,
      },
      { title: 'Mail', value: ({ mail }) => mail && words(mail) },
    ],
    width,
    out.bold,
  )
}

/** `reminder since 2026-04-19`, `suspended on 2026-04-26`, as `invoice show` and `tenant show` say it. */
export function dunningFacts(dunning: DunningJson | null): [string, string | null][] {
  if (!dunning) return []
  const { stage, next, invoice, follows } = dunning
  const now = stage && `${words(stage.kind)} since ${stage.on}`
  return [
    ['Dunning', follows ? `waits for ${invoice}, which is due earlier` : now],
    ['Next', next && `${words(next.kind)} ${next.due_now ? 'with the next billing run' : `on ${next.on}`}`],
  ]
}

function words(kind: string): string {
  return kind.replace('_', ' ')
}

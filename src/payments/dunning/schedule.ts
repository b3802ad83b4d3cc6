/** The schedule of dunning: which stage comes how many days after the due date, read and judged. */
import { rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import type { Context } from '../../kernel/context.js'

export const stageKinds = ['reminder', 'past_due', 'suspended', 'archived'] as const

export type StageKind = (typeof stageKinds)[number]

export interface Stage {
  /** Days after the due date of the earliest unpaid invoice. */
  day: number
  kind: StageKind
}

/** A tenant goes through these one after the other, and back only by settling everything. */
export function phaseOf(kind: StageKind): number {
  return kind === 'archived' ? 2 : kind === 'suspended' ? 1 : 0
}

/** In the order of their days. */
export type Schedule = readonly Stage[]

/** Later than any customer waits, and what the table takes. */
const latestDay = 365

export async function readSchedule(ctx: Pick<Context, 'db'>): Promise<Schedule> {
  return rows<Stage>(ctx.db, sql`select day, kind from public.dunning_stages order by day`)
}

/** What one wants of it: a list replaces the reminders, null leaves a stage out, undefined keeps what there is. */
export interface ScheduleChange {
  reminders?: readonly number[] | undefined
  past_due?: number | undefined
  suspended?: number | null | undefined
  archived?: number | null | undefined
}

/** @throws usage `dunning.day_invalid`, `dunning.overlap`, `dunning.order` */
export function changedSchedule(was: Schedule, change: ScheduleChange): Schedule {
  const kept = (kind: StageKind): number | null => dayOf(was, kind)
  const reminders = change.reminders ?? was.filter(({ kind }) => kind === 'reminder').map(({ day }) => day)
  const single = (kind: Exclude<StageKind, 'reminder'>): Stage[] => {
    const day = change[kind] === undefined ? kept(kind) : change[kind]
    return day === null ? [] : [{ day, kind }]
  }
  const schedule = [
    ...[...new Set(reminders)].map((day): Stage => ({ day, kind: 'reminder' })),
    ...[...single('past_due'), ...single('suspended'), ...single('archived')],
  ].sort((a, b) => a.day - b.day)
  check(schedule)
  return schedule
}

function check(schedule: Schedule): void {
  for (const { day, kind } of schedule) {
    const first = kind === 'reminder' ? 0 : 1
    if (!Number.isInteger(day) || day < first || day > latestDay)
      throw invalid(
        'day_invalid',
        `${kindText(kind)} is not on day ${day}`,
        `Days go from ${first} to ${latestDay}`,
      )
  }
  const double = schedule.find((stage, index) => schedule[index - 1]?.day === stage.day)
  if (double)
    throw invalid(
      'overlap',
      `Two stages are on day ${double.day}`,
      'A day has one stage: choose another day for one of them',
    )
  schedule.forEach((stage, index) => {
    const before = schedule[index - 1]
    if (!before || phaseOf(before.kind) <= phaseOf(stage.kind)) return
    throw invalid(
      'order',
      `${kindText(stage.kind)} on day ${stage.day} comes after ${kindText(before.kind)} on day ${before.day}`,
      'Reminders and past due come first, then suspended, then archived',
    )
  })
}

function invalid(code: string, message: string, hint: string): ErpmaxError {
  return new ErpmaxError('usage', `dunning.${code}`, message, { hint })
}

/** `past due`, for people. */
export function kindText(kind: StageKind): string {
  return kind.replace('_', ' ')
}

/** The day of a stage that there is one of, or null where the schedule leaves it out. */
export function dayOf(schedule: Schedule, kind: StageKind): number | null {
  return schedule.find((stage) => stage.kind === kind)?.day ?? null
}

/** The stage of a tenant that is so many days late; null while there is none yet. */
export function stageAt(schedule: Schedule, late: number): Stage | null {
  return schedule.findLast(({ day }) => day <= late) ?? null
}

/** The one that comes next. */
export function stageAfter(schedule: Schedule, late: number): Stage | null {
  return schedule.find(({ day }) => day > late) ?? null
}

/** Changes the schedule of dunning, and says what the next run makes of it. */
import { changeOrRehearse } from '../../database/rehearse.js'
import { execute, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { decide, type Effect } from './decide.js'
import { dueForDunning } from './due.js'
import { changedSchedule, readSchedule, type Schedule, type ScheduleChange, type Stage } from './schedule.js'
import type { Context } from '../../kernel/context.js'

export interface SetSchedule {
  dry_run: boolean
  /** False where it was so already, and nothing was written. */
  changed: boolean
  schedule: { stages: Stage[] }
  was: Stage[]
  /** Tenants that a run would move now. */
  next_run: Record<Effect, number>
}

/**
 * Nobody is taken back to an earlier stage, and no notice is sent twice: it counts for what comes.
 * @throws usage `dunning.nothing_to_change`, `dunning.day_invalid`, `dunning.overlap`, `dunning.order`
 */
export async function setSchedule(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  change: ScheduleChange,
  dryRun: boolean,
): Promise<SetSchedule> {
  requireSomething(change)
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await rows(inner.db, sql`lock table public.dunning_stages in share row exclusive mode`)
    const was = await readSchedule(inner)
    const stages = changedSchedule(was, change)
    const changed = JSON.stringify(stages) !== JSON.stringify(was)
    if (changed) {
      await execute(inner.db, sql`delete from public.dunning_stages`)
      await execute(
        inner.db,
        sql`insert into public.dunning_stages (day, kind)
            select day, kind from jsonb_to_recordset(${JSON.stringify(stages)}::jsonb) as s (day smallint, kind text)`,
      )
      await audit(inner, {
        ...{
          action: 'billing.dunning.set',
          subjectKind: 'dunning',
          subject: 'schedule',
          outcome: 'succeeded',
        },
        before: { stages: was },
        after: { stages },
      })
    }
    const next_run = await nextRun(inner, stages)
    return { dry_run: dryRun, changed, schedule: { stages: [...stages] }, was: [...was], next_run }
  })
}

function requireSomething(change: ScheduleChange): void {
  if (Object.values(change).some((value) => value !== undefined)) return
  throw new ErpmaxError('usage', 'dunning.nothing_to_change', 'Nothing is said of what to change', {
    hint: 'erpmax billing dunning set --help',
  })
}

async function nextRun(
  ctx: Pick<Context, 'db' | 'clock'>,
  schedule: Schedule,
): Promise<Record<Effect, number>> {
  const today = { asOf: null, dryRun: true, runId: null }
  const coming = { past_due: 0, suspended: 0, archived: 0 }
  for (const due of await dueForDunning(ctx, today, schedule[0]?.day ?? 0))
    for (const effect of decide(schedule, due)?.effects ?? []) coming[effect] += 1
  return coming
}

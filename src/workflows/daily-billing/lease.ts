/** One daily run at a time: its row is the lock, with a holder and a lease on the database's clock. */
import { setTimeout as sleep } from 'node:timers/promises'
import { execute, firstRow, oneRow, sql, verbatim } from '../../database/sql.js'
import { isUniqueViolation } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError, type ErrorKind } from '../../kernel/errors.js'
import type { Context, Holder } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { StepCode, StepStatus } from './step.js'

/** Longer than any one batch or mail takes; a holder that died on this machine loses it at once. */
const lease = verbatim(`clock_timestamp() + interval '5 minutes'`)
const waitMs = 1000

export type DailyStatus = 'succeeded' | 'partial' | 'failed'

export interface StepError {
  kind: ErrorKind
  code: string
  message: string
  hint: string | null
}

export interface NewDailyRun {
  asOf: PlainDate | null
  skipped: readonly StepCode[]
  /** Wait for the run of somebody else to end, instead of refusing. */
  wait: boolean
}

/**
 * Takes the lock and gives the id of the run. One whose holder is gone, or whose lease ran out, is ended as failed: what
 * its steps had committed stays, and this run goes on with the rest.
 * @throws busy `billing.daily_busy` naming the holder
 */
export async function beginDaily(ctx: Context, { wait, ...run }: NewDailyRun): Promise<string> {
  for (;;) {
    try {
      return await take(ctx, run)
    } catch (error) {
      const busy = error instanceof ErpmaxError && error.code === 'billing.daily_busy'
      if (!busy || !wait || ctx.signal.aborted) throw error
      await sleep(waitMs, undefined, { signal: ctx.signal }).catch(() => {})
    }
  }
}

async function take(
  ctx: Pick<Context, 'db' | 'actor' | 'processes'>,
  { asOf, skipped }: Omit<NewDailyRun, 'wait'>,
): Promise<string> {
  try {
    return await transaction(ctx, async (inner) => {
      const running = await firstRow<{ id: string; holder: Holder; alive: boolean }>(
        inner.db,
        sql`select id, holder, lease_until > clock_timestamp() as alive from public.daily_runs where status = 'running' for update`,
      )
      if (running) {
        if (running.alive && !ctx.processes.isGone(running.holder)) throw busy(running.id, running.holder)
        await endDaily(inner, running.id, 'failed', {
          ...{ kind: 'failure', code: 'billing.run_abandoned', hint: null },
          message: 'Its process ended before it did',
        })
      }
      const { id } = await oneRow<{ id: string }>(
        inner.db,
        sql`insert into public.daily_runs (status, as_of, skipped, operator, holder, lease_until)
            values ('running', ${asOf}, ${[...skipped]}::text[], ${ctx.actor.operator}, ${JSON.stringify(ctx.processes.self)}, ${lease})
            returning id`,
      )
      return id
    })
  } catch (error) {
    if (!isUniqueViolation(error, 'daily_runs_running_key')) throw error
    const winner = await firstRow<{ id: string; holder: Holder }>(
      ctx.db,
      sql`select id, holder from public.daily_runs where status = 'running'`,
    )
    throw busy(winner?.id ?? null, winner?.holder ?? null)
  }
}

/** @throws busy `billing.lease_lost` where the run has passed on to somebody else */
export async function renewDaily(ctx: Pick<Context, 'db'>, id: string): Promise<void> {
  const renewed = await execute(
    ctx.db,
    sql`update public.daily_runs set lease_until = ${lease} where id = ${id} and status = 'running'`,
  )
  if (renewed === 0)
    throw new ErpmaxError('busy', 'billing.lease_lost', 'This run has passed to another process', {
      hint: 'erpmax billing runs list',
    })
}

export async function beginStep(
  ctx: Pick<Context, 'db'>,
  run: string,
  position: number,
  code: StepCode,
): Promise<void> {
  await renewDaily(ctx, run)
  await execute(
    ctx.db,
    sql`insert into public.daily_run_steps (run_id, position, code, status) values (${run}, ${position}, ${code}, 'running')`,
  )
}

export async function endStep(
  ctx: Pick<Context, 'db'>,
  run: string,
  code: StepCode,
  outcome: { status: StepStatus; summary: object; error: StepError | null },
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.daily_run_steps
        set status = ${outcome.status}, summary = ${JSON.stringify(outcome.summary)}, finished_at = clock_timestamp(),
            error = ${outcome.error ? JSON.stringify(outcome.error) : null}
        where run_id = ${run} and code = ${code} and status = 'running'`,
  )
}

/** A step that was on when it ended has failed with it. @returns false where somebody else has ended it before */
export async function endDaily(
  ctx: Pick<Context, 'db'>,
  id: string,
  status: DailyStatus,
  error: StepError | null,
): Promise<boolean> {
  const ended = await execute(
    ctx.db,
    sql`update public.daily_runs
        set status = ${status}, holder = null, lease_until = null, finished_at = clock_timestamp(),
            error = ${error ? JSON.stringify(error) : null}
        where id = ${id} and status = 'running'`,
  )
  await execute(
    ctx.db,
    sql`update public.daily_run_steps
        set status = 'failed', finished_at = clock_timestamp(),
            error = ${JSON.stringify(error ?? { code: 'billing.run_abandoned' })}
        where run_id = ${id} and status = 'running' and ${ended > 0}`,
  )
  return ended > 0
}

function busy(id: string | null, holder: Holder | null): ErpmaxError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process'
  return new ErpmaxError('busy', 'billing.daily_busy', `A daily run of ${who} is going on`, {
    hint: 'Run the same command again later, or with --wait',
    details: { run_id: id, holder },
  })
}

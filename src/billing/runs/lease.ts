/** One run at a time: its row is the lock, with a holder, a lease on the database's clock and a generation (rule 16). */
import { execute, firstRow, oneRow, sql, verbatim } from '../../database/sql.js'
import { isUniqueViolation } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import type { Context, Holder } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'

const leaseSeconds = 60
const lease = verbatim(`clock_timestamp() + interval '${leaseSeconds} seconds'`)

export interface HeldRun {
  id: string
  generation: number
}

export interface RunTotals {
  tenants: number
  invoiced: number
  nothing_due: number
  parked: number
  skipped: number
  invoices: number
  credit_notes: number
  /** Per currency: what was invoiced and credited, in minor units, tax included. */
  sums: Record<string, { invoiced_minor: number; credited_minor: number }>
}

/**
 * Takes the lock. A run whose holder is gone, or whose lease ran out, is ended as failed: what it had committed stays,
 * and the new run goes on with the rest. A row that is locked belongs to a run in the middle of a batch.
 * @throws busy `billing.run_busy` naming the holder
 */
export async function beginRun(
  ctx: Pick<Context, 'db' | 'actor' | 'processes'>,
  days: { asOf: PlainDate | null; issueDate: PlainDate },
  dailyRunId: string | null = null,
): Promise<HeldRun> {
  try {
    return await transaction(ctx, async (inner) => {
      const running = await firstRow<{ id: string; holder: Holder; alive: boolean }>(
        inner.db,
        sql`select id, holder, lease_until > clock_timestamp() as alive from public.billing_runs where status = 'running' for update skip locked`,
      )
      if (running) {
        if (running.alive && !ctx.processes.isGone(running.holder)) throw busy(running.id, running.holder)
        await execute(
          inner.db,
          sql`update public.billing_runs set status = 'failed', holder = null, lease_until = null, finished_at = clock_timestamp(),
                     error = '{"code": "billing.run_abandoned"}' where id = ${running.id}`,
        )
      }
      const batch = running ? null : await runningRun(inner)
      if (batch) throw busy(batch.id, batch.holder)
      return oneRow<HeldRun>(
        inner.db,
        sql`insert into public.billing_runs (status, as_of, issue_date, operator, daily_run_id, holder, lease_until)
            values ('running', ${days.asOf}, ${days.issueDate}, ${ctx.actor.operator}, ${dailyRunId}, ${JSON.stringify(ctx.processes.self)}, ${lease})
            returning id, generation`,
      )
    })
  } catch (error) {
    if (!isUniqueViolation(error, 'billing_runs_running_key')) throw error
    const winner = await runningRun(ctx)
    throw busy(winner?.id ?? '', winner?.holder ?? null)
  }
}

async function runningRun(ctx: Pick<Context, 'db'>): Promise<{ id: string; holder: Holder } | null> {
  return firstRow(ctx.db, sql`select id, holder from public.billing_runs where status = 'running'`)
}

/** Renews the lease in the transaction of a batch. @throws busy `billing.lease_lost` where the run has passed on */
export async function renewRun(ctx: Pick<Context, 'db'>, run: HeldRun): Promise<void> {
  const renewed = await execute(
    ctx.db,
    sql`update public.billing_runs set lease_until = ${lease}
        where id = ${run.id} and generation = ${run.generation} and status = 'running'`,
  )
  if (renewed === 0)
    throw new ErpmaxError('busy', 'billing.lease_lost', 'This run has passed to another process')
}

/** The database refuses totals that do not balance (rule 14). */
export async function endRun(ctx: Pick<Context, 'db'>, run: HeldRun, totals: RunTotals): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.billing_runs
        set status = ${totals.parked > 0 ? 'partial' : 'succeeded'}, holder = null, lease_until = null, finished_at = clock_timestamp(),
            tenants = ${totals.tenants}, invoiced = ${totals.invoiced}, nothing_due = ${totals.nothing_due}, parked = ${totals.parked},
            skipped = ${totals.skipped}, invoices = ${totals.invoices}, credit_notes = ${totals.credit_notes},
            sums = ${JSON.stringify(totals.sums)}
        where id = ${run.id} and generation = ${run.generation} and status = 'running'`,
  )
}

export async function failRun(
  ctx: Pick<Context, 'db'>,
  run: HeldRun,
  error: { code: string; message: string },
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.billing_runs set status = 'failed', holder = null, lease_until = null, finished_at = clock_timestamp(),
               error = ${JSON.stringify(error)}
        where id = ${run.id} and generation = ${run.generation} and status = 'running'`,
  )
}

function busy(id: string, holder: Holder | null): ErpmaxError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process'
  return new ErpmaxError('busy', 'billing.run_busy', `A billing run of ${who} is going on`, {
    hint: 'Run the same command again later, or with --wait',
    details: { run_id: id, holder },
  })
}

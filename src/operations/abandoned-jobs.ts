/** Running jobs of a fleet, and the end of those that nobody works at any more. */
import { firstRow, rows, sql, verbatim } from '../database/sql.js'
import { busyError, failJob, isHeld, type Job } from './jobs.js'
import type { Context } from '../kernel/context.js'

export interface RunningJob extends Job {
  kind: string
  subject: string
}

const columns = verbatim(
  `id, kind, subject, status, tenant_id, input, input_hash, generation, holder, coalesce(lease_until > clock_timestamp(), false) as lease_alive`,
)

/** Held or not; `isHeld` tells. */
export async function runningJobs(ctx: Pick<Context, 'db'>): Promise<RunningJob[]> {
  return rows<RunningJob>(
    ctx.db,
    sql`select ${columns} from public.jobs where status = 'running' order by created_at, id`,
  )
}

/**
 * Fails the job in the transaction of `ctx`; one that has ended meanwhile stays as it is.
 * @throws busy `job.busy` where somebody holds it after all
 */
export async function abandonJob(ctx: Pick<Context, 'db' | 'processes'>, id: string): Promise<void> {
  const job = await firstRow<RunningJob>(
    ctx.db,
    sql`select ${columns} from public.jobs where id = ${id} and status = 'running' for update`,
  )
  if (!job) return
  if (isHeld(ctx, job)) throw busyError(job, job.subject)
  await failJob(ctx, job, { code: 'job.abandoned', message: 'Its process was gone' })
}

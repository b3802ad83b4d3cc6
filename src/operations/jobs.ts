/** Jobs: long work under a lease on the database's clock, with a generation that fences off earlier holders. */
import { execute, firstRow, oneRow, rows, sql, type Sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context, Holder } from '../kernel/context.js'
import type { JobId, TenantId } from '../kernel/ids.js'

/** How long a holder that says nothing keeps its job. */
const leaseSeconds = 30
/** Renewed when this much of it is used up. */
export const renewAfterMs = 5_000

const lease: Sql = verbatim(`now() + interval '${leaseSeconds} seconds'`)

export interface Job {
  id: JobId
  kind: string
  status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'
  tenant_id: string | null
  input: { admin?: { email: string }; tables?: number }
  input_hash: string
  created_at: Date
  generation: number
  holder: Holder | null
  lease_alive: boolean
}

/** A job this process holds. */
export interface HeldJob {
  id: JobId
  generation: number
}

export interface JobRequest {
  kind: string
  subject: string
  tenantId: string | null
  input: Record<string, unknown>
  inputHash: string
}

const columns = verbatim(
  `id, kind, status, tenant_id, input, input_hash, created_at, generation, holder, coalesce(lease_until > clock_timestamp(), false) as lease_alive`,
)

/** The latest job of a kind for a subject, locked for the rest of the transaction. */
export async function latestJob(
  ctx: Pick<Context, 'db'>,
  kind: string,
  subject: string,
): Promise<Job | null> {
  return firstRow<Job>(
    ctx.db,
    sql`select ${columns} from public.jobs where kind = ${kind} and subject = ${subject}
        order by created_at desc limit 1 for update`,
  )
}

/** Jobs about a tenant that have not ended. Not locked: whoever holds one goes on writing to it. */
export async function unfinishedJobs(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<Job[]> {
  return rows<Job>(
    ctx.db,
    sql`select ${columns} from public.jobs where tenant_id = ${tenantId} and status in ('queued', 'running') order by created_at`,
  )
}

/** A job that somebody alive works at, whatever it is about; null where nobody does. */
export async function anyHeldJob(ctx: Pick<Context, 'db' | 'processes'>): Promise<Job | null> {
  const running = await rows<Job>(
    ctx.db,
    sql`select ${columns} from public.jobs where status = 'running' order by created_at`,
  )
  return running.find((job) => isHeld(ctx, job)) ?? null
}

/** Ends a job that nobody works at any more and that nobody is to take up again. */
export async function abandonJob(ctx: Pick<Context, 'db'>, job: Job): Promise<void> {
  if (job.status === 'running')
    return failJob(ctx, job, { code: 'job.abandoned', message: 'Its process was gone' })
  await execute(
    ctx.db,
    sql`update public.jobs set status = 'cancelled', finished_at = clock_timestamp(), updated_at = now()
        where id = ${job.id} and status = 'queued'`,
  )
}

/** Starts a new job, held by this process. */
export async function startJob(
  ctx: Pick<Context, 'db' | 'processes'>,
  request: JobRequest,
): Promise<HeldJob> {
  const { id } = await oneRow<{ id: JobId }>(
    ctx.db,
    sql`insert into public.jobs (kind, subject, tenant_id, status, input, input_hash)
        values (${request.kind}, ${request.subject}, ${request.tenantId}, 'queued', ${JSON.stringify(request.input)}, ${request.inputHash})
        returning id`,
  )
  return hold(ctx, id)
}

/** Takes over a job whose holder is gone, or starts a failed one again. The row must be locked. */
export async function takeOverJob(ctx: Pick<Context, 'db' | 'processes'>, job: Job): Promise<HeldJob> {
  if (job.status === 'running' || job.status === 'failed') {
    await execute(
      ctx.db,
      sql`update public.jobs set status = 'queued', holder = null, lease_until = null, finished_at = null, error = null, updated_at = now()
          where id = ${job.id}`,
    )
  }
  return hold(ctx, job.id)
}

/** Whether somebody alive holds the job: the lease runs, and its holder is not known to be gone. */
export function isHeld(ctx: Pick<Context, 'processes'>, job: Job): boolean {
  return job.status === 'running' && job.lease_alive && !(job.holder && ctx.processes.isGone(job.holder))
}

export function busyError(job: Job, subject: string): ErpmaxError {
  const holder = job.holder ? `process ${job.holder.pid} on ${job.holder.host}` : 'another process'
  return new ErpmaxError('busy', 'job.busy', `${subject} is being worked on by ${holder}`, {
    hint: `erpmax job show ${job.id}`,
    details: { job_id: job.id, holder: job.holder },
  })
}

/** Renews the lease inside the caller's transaction; throws where the job has passed to somebody else. */
export async function renewLease(ctx: Pick<Context, 'db'>, job: HeldJob): Promise<void> {
  const renewed = await execute(
    ctx.db,
    sql`update public.jobs set lease_until = ${lease}, updated_at = now()
        where id = ${job.id} and generation = ${job.generation} and status = 'running'`,
  )
  if (renewed === 0) {
    throw new ErpmaxError('busy', 'job.lease_lost', 'This job has passed to another process', {
      hint: `erpmax job show ${job.id}`,
    })
  }
}

export async function recordStep(
  ctx: Pick<Context, 'db'>,
  job: HeldJob,
  step: {
    name: string
    position: number
    status: 'running' | 'succeeded' | 'failed' | 'undone'
    error?: string
    /** How long it has been going on; a step is recorded at its end, in its own transaction. */
    elapsedMs?: number
  },
): Promise<void> {
  const ended = step.status !== 'running'
  const started = sql`clock_timestamp() - ${step.elapsedMs ?? 0}::float8 * interval '1 millisecond'`
  await execute(
    ctx.db,
    sql`insert into public.job_steps (job_id, name, position, status, error, started_at, finished_at)
        values (${job.id}, ${step.name}, ${step.position}, ${step.status}, ${step.error ?? null}, ${started}, ${ended ? verbatim('clock_timestamp()') : null})
        on conflict (job_id, name) do update
          set status = excluded.status, error = excluded.error, finished_at = excluded.finished_at,
              started_at = ${ended && step.elapsedMs === undefined ? verbatim('job_steps.started_at') : verbatim('excluded.started_at')}`,
  )
}

export async function succeedJob(ctx: Pick<Context, 'db'>, job: HeldJob): Promise<void> {
  await finish(ctx, job, 'succeeded', null)
}

export async function failJob(
  ctx: Pick<Context, 'db'>,
  job: HeldJob,
  error: { code: string; message: string },
): Promise<void> {
  await finish(ctx, job, 'failed', error)
}

/** Whether the job's last transaction was committed, where its answer was lost; waits for one that is still going on. */
export async function hasSucceeded(ctx: Pick<Context, 'db'>, job: HeldJob): Promise<boolean> {
  const { status } = await oneRow<{ status: string }>(
    ctx.db,
    sql`select status from public.jobs where id = ${job.id} for share`,
  )
  return status === 'succeeded'
}

async function finish(
  ctx: Pick<Context, 'db'>,
  job: HeldJob,
  status: 'succeeded' | 'failed',
  error: object | null,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.jobs set status = ${status}, error = ${error ? JSON.stringify(error) : null}, holder = null, lease_until = null,
               finished_at = clock_timestamp(), updated_at = now()
        where id = ${job.id} and generation = ${job.generation} and status = 'running'`,
  )
}

async function hold(ctx: Pick<Context, 'db' | 'processes'>, id: JobId): Promise<HeldJob> {
  const { generation } = await oneRow<{ generation: number }>(
    ctx.db,
    sql`update public.jobs
        set status = 'running', holder = ${JSON.stringify(ctx.processes.self)}, lease_until = ${lease}, generation = generation + 1,
            attempts = attempts + 1, started_at = coalesce(started_at, now()), updated_at = now()
        where id = ${id} returning generation`,
  )
  return { id, generation }
}

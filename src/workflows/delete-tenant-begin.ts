/** Whether a tenant may be deleted now, and the beginning of it: the state `deleting`, and a job that holds it. */
import { transaction } from '../database/transaction.js'
import { dayIn } from '../kernel/dates.js'
import {
  abandonJob,
  busyError,
  isHeld,
  latestJob,
  startJob,
  takeOverJob,
  unfinishedJobs,
  type HeldJob,
  type Job,
} from '../operations/jobs.js'
import { disableLogin } from '../schemas/login-role.js'
import { tablesIn } from '../schemas/look.js'
import { moveTenant } from '../tenants/move.js'
import { deletableOn, illegalState, readStanding, waitingDays, type Standing } from '../tenants/standing.js'
import type { Context } from '../kernel/context.js'
import type { PlacedTenant } from '../tenants/find.js'

export const jobKind = 'tenant.delete'

export interface Begun {
  job: HeldJob
  /** Tables there were when the deletion began, with whatever an earlier run has dropped. */
  tables: number
  resumed: boolean
}

/**
 * @param now without waiting the thirty days
 * @throws conflict `tenant.illegal_state`, `tenant.deletion_too_early` with the day
 */
export function requireDeletable(ctx: Pick<Context, 'clock'>, standing: Standing, now: boolean): void {
  const { status, subdomain } = standing
  if (status === 'deleting' || status === 'failed') return
  if (status !== 'archived') {
    throw illegalState(standing, `is ${status}: only an archived or failed tenant is deleted`, {
      ...(status === 'active' || status === 'suspended'
        ? { hint: `erpmax tenant archive ${subdomain}` }
        : {}),
    })
  }
  const day = deletableOn(standing)
  if (now || day === null || dayIn(standing.time_zone, ctx.clock.now()) >= day) return
  throw illegalState(
    standing,
    `was archived less than ${waitingDays} days ago: it can be deleted from ${day} on`,
    {
      code: 'tenant.deletion_too_early',
      hint: `erpmax tenant delete ${subdomain} --now --confirm ${subdomain}`,
      archived_at: standing.archived_at?.toISOString() ?? null,
      deletable_on: day,
    },
  )
}

/**
 * Null where it is deleted already.
 * @throws busy `job.busy` where another process deletes it, or works on it in any other way
 */
export async function beginDeletion(
  ctx: Context,
  tenant: PlacedTenant,
  request: { now: boolean; reason: string | null },
): Promise<Begun | null> {
  return transaction(ctx, (inner) => beginOnce(inner, tenant, request))
}

/** First the job, then the tenant: in the order in which whoever works on it locks them. */
async function beginOnce(
  ctx: Context,
  tenant: PlacedTenant,
  { now, reason }: { now: boolean; reason: string | null },
): Promise<Begun | null> {
  const { id, subdomain, schema } = tenant
  const earlier = await latestJob(ctx, jobKind, subdomain)
  if (earlier && earlier.tenant_id === id && isHeld(ctx, earlier)) throw busyError(earlier, subdomain)
  const standing = await readStanding(ctx, id, { lock: true })
  if (standing.status === 'deleted') return null
  requireDeletable(ctx, standing, now)
  for (const job of await unfinishedJobs(ctx, id)) {
    if (isHeld(ctx, job)) throw busyError(job, subdomain)
    if (job.id !== earlier?.id) await abandonJob(ctx, job)
  }
  const begun = await takeJob(ctx, tenant, earlier, (await tablesIn(ctx, schema)).length)
  if (standing.status !== 'deleting') await moveTenant(ctx, id, 'deleting', reason)
  await disableLogin(ctx, id)
  await ctx.failpoint('delete.in_begin')
  return begun
}

async function takeJob(
  ctx: Context,
  { id, subdomain, schema }: PlacedTenant,
  earlier: Job | null,
  tables: number,
): Promise<Begun> {
  const unfinished = earlier?.tenant_id === id && ['queued', 'running', 'failed'].includes(earlier.status)
  if (earlier && unfinished) {
    const job = await takeOverJob(ctx, earlier)
    return { job, tables: Math.max(tables, earlier.input.tables ?? 0), resumed: true }
  }
  const job = await startJob(ctx, {
    kind: jobKind,
    subject: subdomain,
    tenantId: id,
    input: { schema, tables },
    inputHash: schema,
  })
  return { job, tables, resumed: false }
}

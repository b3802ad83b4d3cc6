/** Takes hold of the tenant that a backup goes into: the one that is there, or a new one under a free name. */
import { createHash } from 'node:crypto'
import { execute, sql } from '../database/sql.js'
import { isUniqueViolation } from '../database/sql-errors.js'
import { transaction } from '../database/transaction.js'
import { failJob, type HeldJob } from '../operations/jobs.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { lockTenant } from '../tenants/move.js'
import { releaseTenant, reserveTenant, resumeTenant } from '../tenants/reserve.js'
import { beginRestoring, endRestoring, stateBefore, type StateBefore } from '../tenants/restoring.js'
import { freeNear, subdomainTaken } from '../tenants/subdomain.js'
import { requireIdle, restoreKind, startAnew, unfinishedRestore, type RestoreInput } from './backup-jobs.js'
import { tenantOf } from './create-tenant-reserve.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'
import type { Profile } from '../tenants/profile.js'
import { withOtherName, type RestorePlan } from './plan-restore.js'

export interface Claimed {
  id: TenantId
  schema: SchemaName
  generation: number
  job: HeldJob
  /** The state to go back to; null for a new tenant. */
  before: StateBefore | null
  /** Whether it is right to take back what this run does: the data there was is whole, or there was none. */
  fresh: boolean
  resumed: boolean
}

/**
 * The tenant whose data is replaced.
 * @throws busy `job.busy`; conflict `tenant.not_active` in a state that has no data to restore
 */
export async function claimTenant(
  ctx: Context,
  { subdomain, file }: RestorePlan,
  id: TenantId,
  sha256: string,
): Promise<Claimed> {
  return transaction(ctx, async (inner) => {
    const status = await lockTenant(inner, id)
    await requireIdle(inner, subdomain)
    const earlier = await unfinishedRestore(inner, { id, subdomain })
    const interrupted = status === 'restoring' || (status === 'provisioning' && earlier !== null)
    if (!interrupted) await assertTenantMay(inner, { id }, 'restore')
    const now = await stateBefore(inner, id)
    const before = now ?? earlier?.before ?? active
    const rebuilding = now === null && (earlier?.rebuilding ?? status === 'failed')
    const job = await startAnew(inner, request(subdomain, id, { file, sha256, before, rebuilding }))
    const placed = await beginRestoring(inner, id)
    await inner.failpoint('restore.in_claim')
    return { id, ...placed, job, before, fresh: !rebuilding, resumed: interrupted }
  })
}

/**
 * A new tenant, or the unfinished one that an earlier run of the same restore has left.
 * @throws conflict `tenant.subdomain_taken`; busy `job.busy`
 */
export async function claimNewTenant(
  ctx: Context,
  plan: RestorePlan,
  profile: Profile,
  sha256: string,
): Promise<Claimed> {
  try {
    return await transaction(ctx, (inner) => claimNewOnce(inner, plan, profile, sha256))
  } catch (error) {
    // Somebody was faster by a moment: now their rows can be seen.
    if (isUniqueViolation(error))
      return transaction(ctx, (inner) => claimNewOnce(inner, plan, profile, sha256))
    throw error
  }
}

async function claimNewOnce(
  ctx: Context,
  { subdomain, file }: RestorePlan,
  profile: Profile,
  sha256: string,
): Promise<Claimed> {
  const there = await tenantOf(ctx, subdomain)
  const input = { file, sha256, before: null, rebuilding: false }
  if (there === null) {
    const reserved = await reserveTenant(ctx, subdomain, profile)
    const job = await startAnew(ctx, request(subdomain, reserved.id, input))
    await ctx.failpoint('restore.in_claim')
    return { ...reserved, job, before: null, fresh: true, resumed: false }
  }
  await lockTenant(ctx, there.id)
  const earlier = await unfinishedRestore(ctx, { id: there.id, subdomain })
  const ours = earlier?.sha256 === sha256 && earlier.before === null
  if (!ours || !['provisioning', 'failed'].includes(there.status))
    throw withOtherName(subdomainTaken(subdomain, await freeNear(ctx, subdomain)), file)
  await requireIdle(ctx, subdomain)
  const job = await startAnew(ctx, request(subdomain, there.id, input))
  return { ...(await resumeTenant(ctx, there.id)), job, before: null, fresh: false, resumed: true }
}

/** From here on the data of before cannot be had back: whoever continues must know. */
export async function recordRebuilding(ctx: Pick<Context, 'db'>, job: HeldJob): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.jobs set input = input || '{"rebuilding": true}', updated_at = now()
        where id = ${job.id} and generation = ${job.generation}`,
  )
}

/** Takes the claim back, where everything else has been. */
export async function giveBack(ctx: Context, { id, before, job }: Claimed): Promise<void> {
  await transaction(ctx, async (inner) => {
    await failJob(inner, job, { code: 'rolled_back', message: 'The run was rolled back' })
    if (before === null) await releaseTenant(inner, id)
    else await endRestoring(inner, id, before, 'a restore was rolled back')
  })
}

const active: StateBefore = { status: 'active', suspension_cause: null, suspension_reason: null }

function request(subject: string, tenantId: TenantId, input: RestoreInput): Parameters<typeof startAnew>[1] {
  const inputHash = createHash('sha256').update(`${subject} ${input.sha256}`).digest('hex')
  return { kind: restoreKind, subject, tenantId, input: { ...input }, inputHash }
}

/** Takes a subdomain for a new tenant, or takes up the unfinished one that has it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isConnectionError, isUniqueViolation } from '../database/sql-errors.js'
import { firstRow, sql } from '../database/sql.js'
import { transaction } from '../database/transaction.js'
import { busyError, isHeld, latestJob, startJob, takeOverJob, type HeldJob } from '../operations/jobs.js'
import { releaseTenant, reserveTenant, resumeTenant, type ReservedTenant } from '../tenants/reserve.js'
import { removeFirstAdmin } from '../people/first-admin.js'
import { freeNear, subdomainTaken } from '../tenants/subdomain.js'
import { requireNoRestore } from './backup-jobs.js'
import { otherInputs, type CreateTenantRequest } from './create-tenant-request.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export const jobKind = 'tenant.create'

export interface Reservation {
  tenant: ReservedTenant
  job: HeldJob
  /** True where an earlier run had begun: what it left is not taken back. */
  resumed: boolean
}

interface ExistingTenant {
  id: TenantId
  status: string
}

export async function tenantOf(ctx: Pick<Context, 'db'>, subdomain: string): Promise<ExistingTenant | null> {
  return firstRow<ExistingTenant>(
    ctx.db,
    sql`select id, status from public.tenants where subdomain = ${subdomain} and status <> 'deleted'`,
  )
}

/** How often, a second apart, it is looked for what became of a COMMIT whose answer was lost. */
const looks = 5

/**
 * Whether the tenant is active, after the answer to the COMMIT that says so was lost. Waits for that transaction
 * where it is still going on.
 * @throws dependency `tenant.outcome_unknown` where the database stays out of reach
 */
export async function wasActivated(
  ctx: Pick<Context, 'db'>,
  id: TenantId,
  subdomain: string,
): Promise<boolean> {
  for (let look = 1; ; look++) {
    try {
      const found = await firstRow<{ status: string }>(
        ctx.db,
        sql`select status from public.tenants where id = ${id} for share`,
      )
      return found?.status === 'active'
    } catch (cause) {
      if (!isConnectionError(cause)) throw cause
      if (look === looks) throw outcomeUnknown(subdomain, cause)
      await sleep(1000)
    }
  }
}

function outcomeUnknown(subdomain: string, cause: unknown): ErpmaxError {
  return new ErpmaxError(
    'dependency',
    'tenant.outcome_unknown',
    `The database went away while ${subdomain} was being activated: whether it is active is not known`,
    {
      hint: 'Run the same command again once the database is back: it finishes the tenant, or says that it is there',
      details: { outcome: 'unknown' },
      cause,
    },
  )
}

/**
 * @throws conflict `tenant.subdomain_taken`: it is a tenant's already, or was begun with other answers
 * @throws busy `job.busy`: another run is creating it right now
 */
export async function reserve(ctx: Context, request: CreateTenantRequest): Promise<Reservation> {
  try {
    return await transaction(ctx, (inner) => reserveOnce(inner, request))
  } catch (error) {
    // Somebody was faster by a moment: now their rows can be seen, and say what to answer.
    if (isUniqueViolation(error)) return transaction(ctx, (inner) => reserveOnce(inner, request))
    throw error
  }
}

async function reserveOnce(ctx: Context, request: CreateTenantRequest): Promise<Reservation> {
  const { subdomain } = request
  const tenant = await tenantOf(ctx, subdomain)
  const reservation = tenant ? await takeUp(ctx, request, tenant) : await begin(ctx, request)
  await ctx.failpoint('create.in_reserve')
  return reservation
}

async function begin(ctx: Context, request: CreateTenantRequest): Promise<Reservation> {
  const tenant = await reserveTenant(ctx, request.subdomain, request.profile)
  const job = await startJob(ctx, jobRequest(request, tenant.id))
  return { tenant, job, resumed: false }
}

async function takeUp(
  ctx: Context,
  request: CreateTenantRequest,
  tenant: ExistingTenant,
): Promise<Reservation> {
  const { subdomain } = request
  if (tenant.status !== 'provisioning' && tenant.status !== 'failed')
    throw subdomainTaken(subdomain, await freeNear(ctx, subdomain))
  await requireNoRestore(ctx, { id: tenant.id, subdomain })
  const job = await latestJob(ctx, jobKind, subdomain)
  if (job && isHeld(ctx, job)) throw busyError(job, subdomain)
  if (job && job.input_hash !== request.hash) {
    if (tenant.status !== 'failed' || !(await isEmpty(ctx, tenant.id))) throw otherInputs(subdomain)
    await abandon(ctx, tenant.id, job.input.admin?.email)
    return begin(ctx, request)
  }
  const held =
    job && job.status !== 'succeeded'
      ? await takeOverJob(ctx, job)
      : await startJob(ctx, jobRequest(request, tenant.id))
  return { tenant: await resumeTenant(ctx, tenant.id), job: held, resumed: true }
}

/** Whether nothing is left of a failed tenant but its rows. */
async function isEmpty(ctx: Context, id: TenantId): Promise<boolean> {
  const schema = await firstRow(
    ctx.db,
    sql`select 1 from public.tenant_placements p join pg_catalog.pg_namespace n on n.nspname = p.schema_name where p.tenant_id = ${id}`,
  )
  return schema === null
}

async function abandon(ctx: Context, id: TenantId, adminEmail: string | undefined): Promise<void> {
  if (adminEmail) await removeFirstAdmin(ctx, id, adminEmail)
  await releaseTenant(ctx, id)
}

function jobRequest(
  { subdomain, record, hash }: CreateTenantRequest,
  tenantId: TenantId,
): Parameters<typeof startJob>[1] {
  return { kind: jobKind, subject: subdomain, tenantId, input: record, inputHash: hash }
}

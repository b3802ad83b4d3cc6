/** Puts a tenant away with its schema, and takes it out again. */
import { execute, firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { schemaExists } from '../schemas/look.js'
import { disableLogin, enableLogin } from '../schemas/login-role.js'
import { announce, changeState, type MovedTenant, type StateContext } from './change-state.js'
import { asOperator } from './move.js'
import { illegalState, readStanding, type SuspensionCause } from './standing.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { PlacedTenant } from './find.js'

export interface Archiving {
  reason: string | null
  dryRun: boolean
  /** The SHA-256 of the export made before, for the audit log. */
  exportSha256?: string | null
}

/** @throws conflict `tenant.illegal_state` unless it is active or suspended */
export async function putAway(
  ctx: StateContext,
  { id }: { id: TenantId },
  { reason, dryRun, exportSha256 = null }: Archiving,
): Promise<MovedTenant> {
  return changeState(ctx, id, {
    action: 'tenant.archive',
    topic: 'tenant.archived',
    reason,
    dryRun,
    decide(standing) {
      if (standing.status === 'archived') return null
      if (standing.status !== 'active' && standing.status !== 'suspended')
        throw illegalState(standing, `is ${standing.status}: only an active or suspended tenant is archived`)
      return sql`status = 'archived', archived_at = ${ctx.clock.now()}, suspension_cause = null`
    },
    also: (inner) => disableLogin(inner, id),
    facts: { export_sha256: exportSha256 },
  })
}

/**
 * Archiving ends no suspension by billing: a tenant that had one has it again, since nothing but the settling of its
 * invoices lifts it. One by an operator is over: this is an operator's word.
 * @throws conflict `tenant.illegal_state` unless it is archived; `schema.absent` where its schema is gone
 */
export async function unarchiveTenant(
  ctx: StateContext,
  { id, subdomain, schema }: Pick<PlacedTenant, 'id' | 'subdomain' | 'schema'>,
  { reason, dryRun }: { reason: string | null; dryRun: boolean },
): Promise<MovedTenant> {
  return changeState(ctx, id, {
    action: 'tenant.unarchive',
    topic: 'tenant.unarchived',
    reason,
    dryRun,
    decide(standing) {
      if (standing.status === 'active') return null
      if (standing.status !== 'archived')
        throw illegalState(standing, `is ${standing.status}: only an archived tenant is unarchived`)
      return sql`status = 'active'`
    },
    async also(inner) {
      // An active tenant has its schema: in `archived` it may have been dropped.
      if (!(await schemaExists(inner, schema))) throw schemaGone(subdomain)
      const earlier = await suspensionBefore(inner, id)
      if (earlier?.cause !== 'billing') return enableLogin(inner, id)
      await asOperator(inner, earlier.reason)
      await execute(
        inner.db,
        sql`update public.tenants set status = 'suspended', suspension_cause = 'billing',
              suspension_reason = ${earlier.reason} where id = ${id}`,
      )
      await announce(inner, 'tenant.suspended', await readStanding(inner, id))
    },
  })
}

/** The suspension that the last archiving met, or null where the tenant was active then. */
async function suspensionBefore(
  ctx: Pick<Context, 'db'>,
  id: TenantId,
): Promise<{ cause: SuspensionCause; reason: string | null } | null> {
  return firstRow(
    ctx.db,
    sql`select s.cause, s.reason
        from (select id, from_status from public.tenant_history
              where tenant_id = ${id} and to_status = 'archived' and from_status <> 'restoring' order by id desc limit 1) a
        join public.tenant_history s on s.tenant_id = ${id} and s.to_status = 'suspended' and s.id < a.id
        where a.from_status = 'suspended' order by s.id desc limit 1`,
  )
}

function schemaGone(subdomain: string): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'schema.absent',
    `The schema of ${subdomain} is gone: it cannot be active without one`,
    { hint: 'erpmax backup list' },
  )
}

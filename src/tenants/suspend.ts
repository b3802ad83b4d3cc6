/** Suspends a tenant and lifts the suspension: only who caused it lifts it. */
import { sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { disableLogin, enableLogin } from '../schemas/login-role.js'
import { changeState, type MovedTenant, type StateContext } from './change-state.js'
import { illegalState, type Standing, type SuspensionCause } from './standing.js'
import type { TenantId } from '../kernel/ids.js'

export interface Suspension {
  cause: SuspensionCause
  /** What the tenant is told wherever it is refused. */
  reason: string
  /** Whether invoices go on meanwhile; never where billing is the cause. */
  bills: boolean
  dryRun: boolean
}

/**
 * Suspended for the same cause already: the reason and the billing become the ones given, and the state stays.
 * @throws conflict `tenant.illegal_state` unless it is active; `tenant.suspended` where the other cause has suspended it
 */
export async function suspendTenant(
  ctx: StateContext,
  { id }: { id: TenantId },
  { cause, reason, bills, dryRun }: Suspension,
): Promise<MovedTenant> {
  return changeState(ctx, id, {
    action: 'tenant.suspend',
    topic: 'tenant.suspended',
    reason,
    dryRun,
    decide(standing) {
      if (standing.status !== 'active' && standing.status !== 'suspended')
        throw illegalState(standing, `is ${standing.status}: only an active tenant is suspended`)
      if (standing.status === 'active') {
        return sql`status = 'suspended', suspension_cause = ${cause}, suspension_reason = ${reason},
          suspension_bills = ${bills}, suspended_at = ${ctx.clock.now()}`
      }
      if (standing.suspension_cause !== cause) throw suspendedByOther(standing)
      return standing.suspension_reason === reason && standing.suspension_bills === bills
        ? null
        : sql`suspension_reason = ${reason}, suspension_bills = ${bills}`
    },
    also: (inner) => disableLogin(inner, id),
  })
}

/**
 * @param cause whose suspension it is: another one's stays
 * @throws conflict `tenant.illegal_state`; `tenant.suspended` where the other cause has suspended it
 */
export async function liftSuspension(
  ctx: StateContext,
  { id }: { id: TenantId },
  { cause, reason, dryRun }: { cause: SuspensionCause; reason: string | null; dryRun: boolean },
): Promise<MovedTenant> {
  return changeState(ctx, id, {
    action: 'tenant.resume',
    topic: 'tenant.resumed',
    reason,
    dryRun,
    decide(standing) {
      if (standing.status === 'active') return null
      if (standing.status !== 'suspended')
        throw illegalState(standing, `is ${standing.status}: only a suspended tenant is resumed`)
      if (standing.suspension_cause !== cause) throw suspendedByOther(standing)
      return sql`status = 'active', suspension_cause = null`
    },
    also: (inner) => enableLogin(inner, id),
  })
}

function suspendedByOther({ subdomain, ...standing }: Standing): ErpmaxError {
  const { suspension_cause: cause, suspension_reason: reason } = standing
  const why = reason ? `: ${reason}` : ''
  const rule =
    cause === 'billing' ? 'only settling every overdue invoice lifts that' : 'only tenant resume lifts that'
  return new ErpmaxError(
    'conflict',
    'tenant.suspended',
    `${subdomain} is suspended by ${cause}${why}; ${rule}`,
    {
      hint: `erpmax tenant show ${subdomain}`,
      details: { status: standing.status, cause, reason },
    },
  )
}

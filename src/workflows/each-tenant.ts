/** One thing done to many tenants: an outcome each, in order; the failure of one never stops or undoes another. */
import { translated } from '../database/sql-errors.js'
import { transaction } from '../database/transaction.js'
import { ErpmaxError, messageOf } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import type { Context } from '../kernel/context.js'
import type { PlacedTenant } from '../tenants/find.js'

type NamedTenant = Pick<PlacedTenant, 'id' | 'subdomain'>

export interface TenantOutcome<Result> {
  tenant: string
  ok: boolean
  result: Result | null
  error: { code: string; message: string; hint: string | null } | null
}

/**
 * Writes one audit row for each tenant that failed, and one for the whole run.
 * @param action for the audit log; null where the run changes nothing (`--dry-run`)
 * @throws interrupted between two tenants; dependency where the database is out of reach
 */
export async function* eachTenant<Tenant extends NamedTenant, Result>(
  ctx: Context,
  tenants: readonly Tenant[],
  action: string | null,
  work: (tenant: Tenant) => Promise<Result>,
): AsyncGenerator<TenantOutcome<Result>, void, void> {
  let succeeded = 0
  let failed = 0
  for (const tenant of tenants) {
    if (ctx.signal.aborted) {
      throw new ErpmaxError(
        'interrupted',
        'interrupted',
        `Interrupted after ${succeeded + failed} of ${tenants.length} tenants`,
        {
          hint: 'The same command again goes on: what is done stays done',
          details: { succeeded, failed, left: tenants.length - succeeded - failed },
        },
      )
    }
    const { subdomain } = tenant
    try {
      const result = await work(tenant)
      succeeded += 1
      yield { tenant: subdomain, ok: true, result, error: null }
    } catch (thrown) {
      const error = knownFailure(thrown)
      if (error.kind === 'dependency' || error.kind === 'interrupted') throw error
      failed += 1
      if (action) await auditFailure(ctx, action, tenant, error)
      yield {
        tenant: subdomain,
        ok: false,
        result: null,
        error: { code: error.code, message: error.message, hint: error.hint ?? null },
      }
    }
  }
  if (!action) return
  await transaction(ctx, (inner) =>
    audit(inner, {
      action,
      subjectKind: 'tenants',
      subject: `${tenants.length} tenants`,
      outcome: failed === 0 ? 'succeeded' : 'failed',
      after: { succeeded, failed },
      ...(failed > 0 ? { errorCode: 'bulk.partial' } : {}),
    }),
  )
}

/** What has failed, as an error that has a code; a bug has `unexpected`. */
export function knownFailure(thrown: unknown): ErpmaxError {
  const error = translated(thrown)
  return error instanceof ErpmaxError
    ? error
    : new ErpmaxError('failure', 'unexpected', messageOf(error), { cause: thrown })
}

export async function auditFailure(
  ctx: Context,
  action: string,
  tenant: NamedTenant,
  error: ErpmaxError,
): Promise<void> {
  await transaction(ctx, (inner) =>
    audit(inner, {
      action,
      subjectKind: 'tenant',
      subject: tenant.subdomain,
      tenantId: tenant.id,
      outcome: error.kind === 'failure' ? 'failed' : 'refused',
      errorCode: error.code,
    }),
  )
}

/** `subscription apply`: what is due for many tenants, each in a transaction of its own. */
import { changeOrRehearse } from '../database/rehearse.js'
import { audit } from '../operations/audit.js'
import { applyDue } from '../subscriptions/apply.js'
import type { AppliedChange } from '../subscriptions/applied.js'
import { eachTenant, type TenantOutcome } from './each-tenant.js'
import type { Context } from '../kernel/context.js'
import type { DueTenant } from '../subscriptions/due.js'

export interface AppliedToTenant {
  changes: AppliedChange[]
}

/** Safe to start twice at once: whoever comes second to a tenant finds nothing left to do there. */
export async function* applySubscriptions(
  ctx: Context,
  tenants: readonly DueTenant[],
  dryRun: boolean,
): AsyncGenerator<TenantOutcome<AppliedToTenant>, void, void> {
  const days = new Map(tenants.map(({ id, day }) => [id, day]))
  yield* eachTenant(ctx, tenants, dryRun ? null : 'subscription.apply', async (tenant) => {
    const { applied, blocked } = await changeOrRehearse(ctx, dryRun, async (inner) => {
      const outcome = await applyDue(inner, tenant, days.get(tenant.id) ?? '')
      if (outcome.applied.length > 0) {
        await audit(inner, {
          ...{
            action: 'subscription.apply',
            subjectKind: 'tenant',
            subject: tenant.subdomain,
            tenantId: tenant.id,
          },
          ...{ outcome: 'succeeded', after: { applied: outcome.applied } },
        })
      }
      return outcome
    })
    // Thrown after the transaction: what could be applied stays applied.
    if (blocked[0]) throw blocked[0]
    return { changes: applied }
  })
}

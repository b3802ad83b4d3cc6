/** Applies what is due of the changes of a batch, before it is billed: a bill never follows an old choice. */
import { audit } from '../../operations/audit.js'
import { applyDue } from '../../subscriptions/apply.js'
import { dueTenants, type DueOptions } from '../../subscriptions/due.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

/**
 * In the transaction of `ctx`. What cannot be applied any more stays scheduled, and the old choice is billed.
 * @returns the tenants of which something was applied
 */
export async function applyChanges(
  ctx: Pick<Context, 'db' | 'clock' | 'actor'>,
  tenants: readonly TenantId[],
  options: DueOptions,
): Promise<TenantId[]> {
  const changed: TenantId[] = []
  for (const tenant of await dueTenants(ctx, options, tenants)) {
    const { applied } = await applyDue(ctx, tenant, tenant.day)
    if (applied.length === 0) continue
    changed.push(tenant.id)
    await audit(ctx, {
      action: 'subscription.apply',
      subjectKind: 'tenant',
      subject: tenant.subdomain,
      tenantId: tenant.id,
      outcome: 'succeeded',
      after: { applied },
    })
  }
  return changed
}

/** The last stage of dunning: the tenant's data is exported, then its subscription ends and it is archived, in one transaction. */
import { firstRow, sql } from '../database/sql.js'
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { advance, tellSuspended, type Step } from '../payments/dunning/advance.js'
import { headOf } from '../schemas/backup/head.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { backUpTenant } from './back-up-tenant.js'
import type { Context } from '../kernel/context.js'
import type { WorkflowEvent } from '../kernel/workflow.js'
import type { TenantId } from '../kernel/ids.js'
import type { Decision, Effect } from '../payments/dunning/decide.js'

/**
 * Suspended before it is exported: nothing changes in its data any more, and unarchived it is suspended again. Whoever
 * pays while the export goes on is not archived. Where the export fails the tenant stays suspended, and is told so.
 * @throws what the export throws
 */
export async function* archiveUnpaid(
  ctx: Context,
  id: TenantId,
  step: Pick<Step, 'schedule' | 'day'>,
): AsyncGenerator<WorkflowEvent, Decision | null, void> {
  const before = { ...step, exported: null, quiet: true }
  const suspended = await transaction(ctx, (inner) => advance(inner, id, before))
  await ctx.failpoint('dunning.before_export')
  try {
    const { sha256 } = yield* exportOnce(ctx, await findTenant(ctx, id))
    await ctx.failpoint('dunning.after_export')
    const archived = await transaction(ctx, async (inner) => {
      const decision = await advance(inner, id, { ...step, exported: { sha256 }, quiet: false })
      await ctx.failpoint('dunning.in_archive')
      return decision
    })
    return joined(suspended, archived)
  } catch (error) {
    const stopped = error instanceof ErpmaxError && ['interrupted', 'dependency'].includes(error.kind)
    if (!stopped) await transaction(ctx, (inner) => tellSuspended(inner, id, before)).catch(() => {})
    throw error
  }
}

function joined(first: Decision | null, second: Decision | null): Decision | null {
  if (!first || !second) return second ?? first
  const effects: Effect[] = [...first.effects, ...second.effects]
  return { ...second, effects }
}

/** What a run that was killed had exported of a tenant that was suspended already is what it still has. */
async function* exportOnce(
  ctx: Context,
  tenant: PlacedTenant,
): AsyncGenerator<WorkflowEvent, { sha256: string }, void> {
  const there = await firstRow<{ file: string; sha256: string }>(
    ctx.db,
    sql`select b.file, b.sha256 from public.backups b join public.tenants t on t.id = b.tenant_id
        where t.id = ${tenant.id} and t.status = 'suspended' and b.purpose = 'archive'
          and b.created_at > (select max(h.at) from public.tenant_history h where h.tenant_id = t.id)
        order by b.created_at desc limit 1`,
  )
  if (there && (await isThere(there.file))) return there
  return yield* backUpTenant(ctx, tenant, { purpose: 'archive' })
}

async function isThere(file: string): Promise<boolean> {
  return headOf(file).then(
    () => true,
    () => false,
  )
}

/** A tenant's account as a whole: held while something is booked for it, and what follows once nothing is overdue. */
import { execute, oneRow, rows, sql } from '../../database/sql.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { calendarOf } from '../../tenants/today.js'
import { readStanding, type Standing } from '../../tenants/standing.js'
import { liftSuspension } from '../../tenants/suspend.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import type { StateContext } from '../../tenants/change-state.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

/**
 * Holds the tenant and its subscriptions until the transaction ends, before any of its invoices: in the order in which
 * the biller goes, so that two never wait for each other. Two payments of a tenant come one after the other.
 * @throws conflict `tenant.not_active` where nothing may be booked for it any more
 */
export async function holdAccount(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<void> {
  await lockAccount(ctx, tenantId)
  await assertTenantMay(ctx, { id: tenantId }, 'pay')
}

/**
 * The same, whatever state the tenant is in. The biller locks no tenant, and what it writes refers to one: so it is not
 * locked against that.
 */
export async function lockAccount(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<void> {
  await execute(ctx.db, sql`select 1 from public.tenants where id = ${tenantId} for no key update`)
  await rows(
    ctx.db,
    sql`select 1 from public.subscriptions where tenant_id = ${tenantId} order by id for update`,
  )
}

/**
 * Once no invoice is overdue a subscription is past due no longer, and a suspension that billing caused ends (rule 23).
 * One by an operator stays, and an archived tenant stays archived.
 * @returns whether a suspension was lifted
 */
export async function liftWhenSettled(ctx: StateContext, tenantId: TenantId): Promise<boolean> {
  const { today } = await calendarOf(ctx, tenantId)
  const { overdue } = await oneRow<{ overdue: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.invoices where tenant_id = ${tenantId} and status in ('open', 'uncollectible')
                       and due_date < ${today}::date) as overdue`,
  )
  if (overdue) return false
  await execute(
    ctx.db,
    sql`update public.subscriptions set status = 'active', updated_at = now()
        where tenant_id = ${tenantId} and status in ('past_due', 'suspended')`,
  )
  const standing = await readStanding(ctx, tenantId)
  if (standing.status !== 'suspended' || standing.suspension_cause !== 'billing') return false
  const reason = 'every overdue invoice is settled'
  await liftSuspension(ctx, { id: tenantId }, { cause: 'billing', reason, dryRun: false })
  await tellRestored(ctx, standing)
  return true
}

/** Once for each suspension. */
async function tellRestored(
  ctx: Pick<Context, 'db'>,
  { id, suspended_at }: Pick<Standing, 'id' | 'suspended_at'>,
): Promise<void> {
  const { billing_email, language, company } = await oneRow<{
    billing_email: string
    language: string
    company: string
  }>(ctx.db, sql`select billing_email, language, legal_name as company from public.tenants where id = ${id}`)
  await enqueueMail(ctx.db, {
    ...{ tenantId: id, kind: 'restored', dedupeKey: `restored:${id}:${suspended_at?.toISOString() ?? ''}` },
    ...{ to: billing_email, language: mailLanguage(language), data: { company } },
  })
}

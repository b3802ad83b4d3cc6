/** `subscription start`: a new subscription for a tenant whose last one has ended. */
import { overview, type SubscriptionOverview } from '../billing/overview.js'
import { changeOrRehearse } from '../database/rehearse.js'
import { firstRow, oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { enqueue } from '../operations/outbox.js'
import { applyDue } from '../subscriptions/apply.js'
import { readCatalogue } from '../subscriptions/catalogue.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { todayOf } from '../subscriptions/hold.js'
import { activeUsers, requireFits } from '../subscriptions/limits.js'
import { select } from '../subscriptions/selection.js'
import { startSubscription } from '../subscriptions/start.js'
import { findTenant } from '../tenants/find.js'
import { lockTenant } from '../tenants/move.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface StartInput {
  modules: readonly string[]
  /** Null: FREE without modules, else STARTER. */
  tier: string | null
  cycle: string
  /** A tenant has its trial once: null gives none. */
  trialDays: number | null
  dryRun: boolean
}

export interface StartedSubscription {
  dry_run: boolean
  subscription: SubscriptionOverview
}

/**
 * @throws conflict `subscription.running`, and what `select` refuses
 */
export async function startAgain(
  ctx: Context,
  subdomainOrId: string,
  input: StartInput,
): Promise<StartedSubscription> {
  const tenant = await findTenant(ctx, subdomainOrId)
  const { id, subdomain } = tenant
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    // Alone with the tenant: of two at once the second finds the subscription of the first.
    await lockTenant(inner, id)
    await assertTenantMay(inner, tenant, 'subscribe')
    const today = await todayOf(inner, tenant)
    await applyDue(inner, tenant, today)
    await requireNoneRunning(inner, id, subdomain)
    const catalogue = await readCatalogue(inner, today)
    const paid = input.modules.filter(
      (code) => !catalogue.modules.some((module) => module.is_base && module.code === code),
    )
    const selection = select(catalogue, {
      ...{ modules: input.modules, cycle: input.cycle, trialDays: input.trialDays ?? 0 },
      tier: input.tier ?? (paid.length === 0 ? 'FREE' : 'STARTER'),
      currency: await currencyOf(inner, id),
    })
    const load = { modules: [], users: await activeUsers(inner, id) }
    requireFits(catalogue, selection.tier, load, { subdomain, current: '', day: today, atOnce: true })
    const started = await startSubscription(inner, id, selection, today)
    const subscription = await overview(inner, tenant, today)
    const { tier, cycle, currency, trial_ends_on, items } = subscription
    await audit(inner, {
      ...{ action: 'subscription.start', subjectKind: 'tenant', subject: subdomain, tenantId: id },
      outcome: 'succeeded',
      after: { tier, cycle, currency, trial_ends_on, items: items.map(({ code }) => code) },
    })
    await enqueue(inner, {
      topic: 'subscription.started',
      key: started,
      tenantId: id,
      payload: { subdomain, on: today, after: { tier, cycle, currency, trial_ends_on } },
    })
    return { dry_run: input.dryRun, subscription }
  })
}

async function requireNoneRunning(ctx: Pick<Context, 'db'>, id: TenantId, subdomain: string): Promise<void> {
  const running = await firstRow<{ tier_code: string; status: string }>(
    ctx.db,
    sql`select tier_code, status from public.subscriptions where tenant_id = ${id} and status <> 'cancelled'`,
  )
  if (!running) return
  throw new ErpmaxError(
    'conflict',
    'subscription.running',
    `${subdomain} has a subscription already: ${running.tier_code}, ${running.status}`,
    { hint: `erpmax subscription show ${subdomain}`, details: running },
  )
}

/** The tenant's own: it may have been changed since the last subscription ended. */
async function currencyOf(ctx: Pick<Context, 'db'>, id: TenantId): Promise<string> {
  const { currency } = await oneRow<{ currency: string }>(
    ctx.db,
    sql`select currency from public.tenants where id = ${id}`,
  )
  return currency
}

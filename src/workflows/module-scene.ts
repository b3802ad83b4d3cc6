/** What every change of a tenant's modules is decided on, and its price: one transaction, the subscription held. */
import { periodContaining, type Period } from '../billing/periods.js'
import { quoteChange, type Quote } from '../billing/quote.js'
import { applyDue } from '../subscriptions/apply.js'
import { readCatalogue, type Catalogue } from '../subscriptions/catalogue.js'
import { announceChange } from '../subscriptions/announce.js'
import { decideChange, scheduledChanges, type ScheduledChange } from '../subscriptions/changes.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { todayOf } from '../subscriptions/hold.js'
import { runningSubscription, type RunningSubscription } from '../subscriptions/running.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { FittedModules, FittingContext } from '../subscriptions/fitting.js'

export interface ModuleScene {
  tenant: PlacedTenant
  subscription: RunningSubscription
  /** The day it is where the tenant is. */
  today: PlainDate
  /** With the prices of today. */
  catalogue: Catalogue
  /** The removals that wait for their day, by module. */
  removals: Map<string, ScheduledChange>
  tierAhead: string | null
  /** The period today lies in; null before the first one, where nothing is charged (rule 3). */
  period: Period | null
}

/** What the commands say of one module that was named, or came along. */
export interface ModuleOutcome {
  code: string
  name: string
  outcome: 'added' | 'kept' | 'removed' | 'unchanged'
  /** The days it is held: from the first, to the first it is not; null: not held, or without end. */
  from: PlainDate | null
  to: PlainDate | null
}

/**
 * Inside a transaction: the tenant's state stays as it is until it ends, and with `lock` the subscription too.
 * @throws not_found `tenant.not_found`; conflict where the tenant may not subscribe, or has no subscription
 */
export async function openScene(
  ctx: Pick<Context, 'db' | 'clock' | 'actor'>,
  subdomainOrId: string,
  { lock = true } = {},
): Promise<ModuleScene> {
  const tenant = await findTenant(ctx, subdomainOrId)
  await assertTenantMay(ctx, tenant, 'subscribe')
  const today = await todayOf(ctx, tenant)
  // What can no longer be applied stays scheduled; the change may be the one that makes it possible again.
  if (lock) await applyDue(ctx, tenant, today)
  const subscription = await runningSubscription(ctx, tenant, today, { lock })
  const { anchor_date: anchor, cycle } = subscription
  const scheduled = await scheduledChanges(ctx, subscription.id)
  const removals = scheduled.flatMap((change) =>
    change.kind === 'remove_module' && change.module_code !== null
      ? [[change.module_code, change] as const]
      : [],
  )
  const tier = scheduled.find(({ kind }) => kind === 'tier')?.after.tier
  return {
    tenant,
    subscription,
    today,
    catalogue: await readCatalogue(ctx, today),
    removals: new Map(removals),
    tierAhead: typeof tier === 'string' ? tier : null,
    period: today < anchor ? null : periodContaining(anchor, cycle, today),
  }
}

/** @param command what hints print for another choice of modules */
export function fittingContext(scene: ModuleScene, command: FittingContext['command']): FittingContext {
  const { catalogue, subscription, tenant, today, tierAhead } = scene
  return { catalogue, subscription, subdomain: tenant.subdomain, today, tierAhead, command }
}

/** The first day without what is removed: the end of the period; today where nothing is charged yet (rule 7). */
export function dayOfRemoval({ period, today, subscription }: ModuleScene, now: boolean): PlainDate {
  if (now || period === null) return today
  const { cancel_on } = subscription
  return cancel_on !== null && cancel_on < period.to ? cancel_on : period.to
}

/** What it costs: charges for what is added, credits for what goes at once; what goes later costs nothing now. */
export async function quoteFitted(
  ctx: Pick<Context, 'db'>,
  { subscription, today }: ModuleScene,
  { added, kept, removed }: FittedModules,
  removeOn: PlainDate,
): Promise<Quote> {
  const atOnce = removeOn <= today
  const items = subscription.items.map((item) => {
    if (kept.includes(item)) return { ...item, to: null }
    return removed.includes(item) && !atOnce ? { ...item, to: removeOn } : item
  })
  const product = ({ code }: { code: string }) => ({ kind: 'module' as const, code })
  return quoteChange(
    ctx,
    { ...subscription, items },
    { on: today, add: added.map(product), remove: atOnce ? removed.map(product) : [] },
  )
}

/** A removal that waited for its day is over: its day has come, or it is taken back. */
export async function endRemoval(
  ctx: Pick<Context, 'db'>,
  { removals, today }: ModuleScene,
  code: string,
): Promise<ScheduledChange | null> {
  const removal = removals.get(code)
  if (!removal) return null
  const over = removal.effective_on <= today
  await decideChange(ctx, removal.id, over ? 'applied' : 'withdrawn')
  if (over) await announceChange(ctx, removal.id)
  return removal
}

/** What the scene held of it before the change. */
export function unchangedOutcome({ catalogue, subscription }: ModuleScene, code: string): ModuleOutcome {
  const item = subscription.items.findLast((one) => one.kind === 'module' && one.code === code)
  return {
    code,
    name: nameOf(catalogue, code),
    outcome: 'unchanged',
    from: item?.from ?? null,
    to: item?.to ?? null,
  }
}

export function nameOf({ modules }: Catalogue, code: string): string {
  return modules.find((module) => module.code === code)?.name ?? code
}

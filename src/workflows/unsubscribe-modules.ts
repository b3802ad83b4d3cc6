/** `module unsubscribe`: modules end with the period, or today, with the days given up noted for a credit (rule 7). */
import { changeOrRehearse } from '../database/rehearse.js'
import { audit } from '../operations/audit.js'
import { recordChange } from '../subscriptions/changes.js'
import { fitModules } from '../subscriptions/fitting.js'
import { endItem, giveUpDays } from '../subscriptions/items.js'
import { readSubscription, type SubscriptionJson } from '../subscriptions/read.js'
import {
  dayOfRemoval,
  endRemoval,
  fittingContext,
  nameOf,
  openScene,
  quoteFitted,
  unchangedOutcome,
  type ModuleOutcome,
  type ModuleScene,
} from './module-scene.js'
import type { Quote } from '../billing/quote.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { RunningItem } from '../subscriptions/running.js'

export interface UnsubscribeInput {
  tenant: string
  modules: readonly string[]
  /** Today, not at the end of the period. */
  now: boolean
  reason: string | null
  dryRun: boolean
}

export interface UnsubscribedModules {
  dry_run: boolean
  changed: boolean
  tenant: { id: string; subdomain: string }
  /** The first day without them; today inside a trial. */
  on: PlainDate
  /** True where that day is to come: until then it can be taken back. */
  scheduled: boolean
  modules: ModuleOutcome[]
  /** Days given up of a period that may have been charged: billing credits them. */
  adjustments: { module: string; from: PlainDate; to: PlainDate }[]
  subscription: SubscriptionJson | null
  quote: Quote
}

/** Safe to repeat: what is gone, or goes no later, stays as it is. */
export function unsubscribeModules(ctx: Context, input: UnsubscribeInput): Promise<UnsubscribedModules> {
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    const scene = await openScene(inner, input.tenant)
    const { tenant, catalogue } = scene
    const { subdomain } = tenant
    const on = dayOfRemoval(scene, input.now)
    const flags = input.now ? ' --now' : ''
    const fitted = fitModules(
      fittingContext(
        scene,
        (_, remove) => `erpmax module unsubscribe ${[subdomain, ...remove].join(' ')}${flags}`,
      ),
      { add: [], remove: input.modules, removeOn: on, withRequired: false },
    )
    const { removed, unchanged } = fitted
    const quote = await quoteFitted(inner, scene, fitted, on)
    const adjustments = []
    for (const item of removed) adjustments.push(...(await remove(inner, scene, item, on, input.reason)))
    if (removed.length > 0) {
      const codes = removed.map(({ code }) => code)
      await audit(inner, {
        action: 'module.unsubscribe',
        subjectKind: 'tenant',
        subject: subdomain,
        tenantId: tenant.id,
        outcome: 'succeeded',
        before: { modules: codes },
        after: { removed: codes, on, adjustments, reason: input.reason },
      })
    }
    return {
      dry_run: input.dryRun,
      changed: removed.length > 0,
      tenant: { id: tenant.id, subdomain },
      on,
      scheduled: removed.length > 0 && on > scene.today,
      modules: [
        ...removed.map((item) => ({
          code: item.code,
          name: nameOf(catalogue, item.code),
          outcome: 'removed' as const,
          ...heldUntil(item, on),
        })),
        ...unchanged.map((code) => unchangedOutcome(scene, code)),
      ],
      adjustments,
      subscription: await readSubscription(inner, tenant.id),
      quote,
    }
  })
}

async function remove(
  ctx: Context,
  scene: ModuleScene,
  item: RunningItem,
  on: PlainDate,
  reason: string | null,
): Promise<UnsubscribedModules['adjustments']> {
  const { subscription, today, period } = scene
  const { from, to } = heldUntil(item, on)
  await endRemoval(ctx, scene, item.code)
  await endItem(ctx, subscription.id, item.id, to)
  const atOnce = on <= today
  const change = await recordChange(ctx, {
    subscriptionId: subscription.id,
    kind: 'remove_module',
    status: atOnce ? 'applied' : 'scheduled',
    module: item.code,
    before: { from, to: item.to },
    after: { to },
    effectiveOn: on,
    reason,
  })
  const end = period && item.to !== null && item.to < period.to ? item.to : period?.to
  if (!atOnce || end === undefined || to >= end) return []
  await giveUpDays(ctx, {
    subscriptionId: subscription.id,
    itemId: item.id,
    changeId: change,
    from: to,
    to: end,
  })
  return [{ module: item.code, from: to, to: end }]
}
/** Its first day is the earliest it can end: then it was held on none. */
function heldUntil({ from }: RunningItem, on: PlainDate): { from: PlainDate; to: PlainDate } {
  return { from, to: on < from ? from : on }
}

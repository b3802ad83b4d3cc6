/** `module subscribe`: modules from today on, with what they need; one scheduled to go stays. */
import { changeOrRehearse } from '../database/rehearse.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { enqueue } from '../operations/outbox.js'
import { findPrice, type Module, type Price } from '../subscriptions/catalogue.js'
import { recordChange } from '../subscriptions/changes.js'
import { fitModules } from '../subscriptions/fitting.js'
import { beginItem, endItem } from '../subscriptions/items.js'
import { readSubscription, type SubscriptionJson } from '../subscriptions/read.js'
import {
  endRemoval,
  fittingContext,
  openScene,
  quoteFitted,
  nameOf,
  unchangedOutcome,
  type ModuleOutcome,
  type ModuleScene,
} from './module-scene.js'
import type { Quote } from '../billing/quote.js'
import type { Context } from '../kernel/context.js'
import type { RunningItem } from '../subscriptions/running.js'

export interface SubscribeInput {
  tenant: string
  modules: readonly string[]
  /** What they need comes along. */
  withRequired: boolean
  dryRun: boolean
}

export interface SubscribedModules {
  dry_run: boolean
  /** False where all was so already. */
  changed: boolean
  tenant: { id: string; subdomain: string }
  modules: ModuleOutcome[]
  subscription: SubscriptionJson | null
  quote: Quote
}

/** Safe to repeat, and by two at once: the second finds it subscribed. */
export function subscribeModules(ctx: Context, input: SubscribeInput): Promise<SubscribedModules> {
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    const scene = await openScene(inner, input.tenant)
    const { tenant, today, catalogue, subscription } = scene
    const { subdomain } = tenant
    const fitted = fitModules(
      fittingContext(scene, (add) => `erpmax module subscribe ${[subdomain, ...add].join(' ')}`),
      { add: input.modules, remove: [], removeOn: today, withRequired: input.withRequired },
    )
    const { added, kept, unchanged } = fitted
    const prices = added.map((module) => ({ module, price: priceOf(scene, module) }))
    const quote = await quoteFitted(inner, scene, fitted, today)
    for (const { price } of prices) await add(inner, scene, price)
    for (const item of kept) await keep(inner, scene, item)
    const changed = added.length + kept.length > 0
    if (changed) {
      if (subscription.cancel_on !== null)
        inner.warn({
          code: 'subscription.ends',
          message: `The subscription of ${subdomain} ends on ${subscription.cancel_on}, and with it its modules`,
        })
      await audit(inner, {
        action: 'module.subscribe',
        subjectKind: 'tenant',
        subject: subdomain,
        tenantId: tenant.id,
        outcome: 'succeeded',
        before: { modules: staying(scene) },
        after: { added: added.map(({ code }) => code), kept: kept.map(({ code }) => code), on: today },
      })
    }
    return {
      dry_run: input.dryRun,
      changed,
      tenant: { id: tenant.id, subdomain },
      modules: [
        ...added.map(({ code, name }) => ({
          ...{ code, name, outcome: 'added' as const },
          ...{ from: today, to: null },
        })),
        ...kept.map(({ code, from }) => ({
          ...{ code, name: nameOf(catalogue, code), outcome: 'kept' as const },
          ...{ from, to: null },
        })),
        ...unchanged.map((code) => unchangedOutcome(scene, code)),
      ],
      subscription: await readSubscription(inner, tenant.id),
      quote,
    }
  })
}

async function add(ctx: Context, scene: ModuleScene, price: Price): Promise<void> {
  const { subscription, today } = scene
  await endRemoval(ctx, scene, price.code)
  await beginItem(ctx, subscription.id, price, today)
  await recordChange(ctx, {
    subscriptionId: subscription.id,
    kind: 'add_module',
    status: 'applied',
    module: price.code,
    after: { amount_minor: Number(price.amount_minor), currency: price.currency },
    effectiveOn: today,
  })
}

/** Its days go on where they would have ended: what is charged already is not charged again. */
async function keep(ctx: Context, scene: ModuleScene, { id, code, to }: RunningItem): Promise<void> {
  const { subscription, tenant, today } = scene
  await endItem(ctx, subscription.id, id, null)
  const removal = await endRemoval(ctx, scene, code)
  await enqueue(ctx, {
    topic: 'module.removal_withdrawn',
    key: removal?.id ?? `${id} ${to}`,
    tenantId: tenant.id,
    payload: { subdomain: tenant.subdomain, module: code, on: today },
  })
}

/** @throws conflict `price.missing` */
function priceOf({ catalogue, subscription, today }: ModuleScene, { code, name }: Module): Price {
  const { currency, cycle } = subscription
  const price = findPrice(catalogue, 'module', code, currency, cycle)
  if (price) return price
  throw new ErpmaxError(
    'conflict',
    'price.missing',
    `${name} has no ${cycle} price in ${currency} on ${today}`,
    {
      hint: `erpmax module price list --module ${code}`,
      details: { product: code, currency, cycle, day: today },
    },
  )
}

/** Codes of the modules that nothing ends. */
function staying({ subscription }: ModuleScene): string[] {
  return subscription.items.filter(({ kind, to }) => kind === 'module' && to === null).map(({ code }) => code)
}

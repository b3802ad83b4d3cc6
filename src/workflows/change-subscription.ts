/** `subscription change`: another tier, another cycle, at once or at the end of the period, with what it costs. */
import { periodPrice } from '../billing/next-bill.js'
import { overview, type SubscriptionOverview } from '../billing/overview.js'
import { periodContaining } from '../billing/periods.js'
import { Prices, quoteChange, type Quote } from '../billing/quote.js'
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson, sumMoney } from '../kernel/money.js'
import { audit } from '../operations/audit.js'
import { readCatalogue, type Catalogue, type Cycle } from '../subscriptions/catalogue.js'
import {
  applyChange,
  decideChange,
  recordChange,
  scheduledChanges,
  type ScheduledChange,
} from '../subscriptions/changes.js'
import { decide, inTrial, type Decision, type Wish } from '../subscriptions/decide.js'
import { holdSubscription, type Held } from '../subscriptions/hold.js'
import { loadOn, requireFits } from '../subscriptions/limits.js'
import { findTier } from '../subscriptions/selection.js'
import { takeChoice } from '../subscriptions/take-choice.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface SubscriptionChangeJson {
  kind: 'tier' | 'cycle' | 'remove_module'
  module: string | null
  outcome: Decision['outcome']
  from: string | null
  to: string | null
  effective_on: PlainDate | null
}

export interface ChangedSubscription {
  dry_run: boolean
  changed: boolean
  changes: SubscriptionChangeJson[]
  /** Before tax. */
  quote: Quote
  subscription: SubscriptionOverview
}

/** What a change needs to know. */
interface Change extends Held {
  catalogue: Catalogue
  scheduled: readonly ScheduledChange[]
  /** The end of the period that today lies in; inside a trial its end. */
  periodEnd: PlainDate
}

/**
 * @throws usage `subscription.nothing_to_change`, `tier.unknown`; conflict `tier.too_many_modules`,
 * `tier.too_many_users`, `cycle.at_period_end`, `subscription.ending`, `subscription.none`, `price.missing`
 */
export async function changeSubscription(
  ctx: Context,
  subdomainOrId: string,
  wish: Wish,
  dryRun: boolean,
): Promise<ChangedSubscription> {
  if (wish.tier === null && wish.cycle === null) {
    throw new ErpmaxError('usage', 'subscription.nothing_to_change', 'Which tier, or which cycle?', {
      hint: `erpmax subscription change ${subdomainOrId} --tier PROFESSIONAL`,
    })
  }
  return holdSubscription(ctx, subdomainOrId, { action: 'subscribe', dryRun }, async (inner, held) => {
    const change = await prepare(inner, held)
    const { subscription, tenant, today } = held
    const decisions = decide(change.catalogue, { ...change, subdomain: tenant.subdomain }, wish)
    for (const { superseded } of decisions)
      if (superseded) await decideChange(inner, superseded.id, 'withdrawn')
    const now = decisions.filter(({ outcome }) => outcome === 'applied')
    const taken = now.length > 0 ? await takeNow(inner, change, now) : { lines: [], absorbed: [] }
    for (const decision of decisions)
      if (decision.outcome === 'scheduled') await schedule(inner, change, decision)
    const changes = [...decisions.map(toldOf), ...taken.absorbed]
    const changed = changes.some(({ outcome }) => outcome !== 'unchanged')
    const after = await overview(inner, tenant, today)
    if (changed) {
      await audit(inner, {
        ...{
          action: 'subscription.change',
          subjectKind: 'tenant',
          subject: tenant.subdomain,
          tenantId: tenant.id,
        },
        outcome: 'succeeded',
        before: { tier: subscription.tier, cycle: subscription.cycle },
        after: { tier: after.tier, cycle: after.cycle, changes },
      })
    }
    const quote = await quoteOf(inner, change, taken.lines, decisions, after)
    return { dry_run: dryRun, changed, changes, quote, subscription: after }
  })
}

async function prepare(ctx: Context, held: Held): Promise<Change> {
  const { subscription, today } = held
  const { anchor_date, cycle } = subscription
  return {
    ...held,
    catalogue: await readCatalogue(ctx, today),
    scheduled: await scheduledChanges(ctx, subscription.id),
    periodEnd: inTrial(subscription, today) ? anchor_date : periodContaining(anchor_date, cycle, today).to,
  }
}

/**
 * Another cycle that begins now ends the period now: what was scheduled for its end happens with it.
 */
async function takeNow(
  ctx: Context,
  change: Change,
  decisions: readonly Decision[],
): Promise<{ lines: Quote['lines']; absorbed: SubscriptionChangeJson[] }> {
  const { subscription, today, periodEnd, scheduled, tenant, catalogue } = change
  const wanted = (kind: Decision['kind']): Decision | undefined => decisions.find((one) => one.kind === kind)
  const restart = wanted('cycle') !== undefined && !inTrial(subscription, today)
  const early = restart ? scheduled.filter((one) => absorbs(one, decisions)) : []
  const earlyTier = early.find(({ kind }) => kind === 'tier')?.after.tier as string | undefined
  const tier = wanted('tier')?.to ?? earlyTier ?? subscription.tier
  const cycle = (wanted('cycle')?.to ?? subscription.cycle) as Cycle
  if (tier !== subscription.tier) {
    const kept = restart ? subscription.items.filter((item) => item.to === null) : subscription.items
    const load = await loadOn(ctx, catalogue, { ...subscription, items: kept }, today)
    const facts = { subdomain: tenant.subdomain, current: subscription.tier, day: today, atOnce: true }
    requireFits(catalogue, findTier(catalogue, tier), load, facts)
  }
  const { lines } = await quoteChange(ctx, subscription, {
    on: today,
    add: tier === subscription.tier ? [] : [{ kind: 'platform', code: tier }],
    remove: tier === subscription.tier ? [] : [{ kind: 'platform', code: subscription.tier }],
    ...(restart ? { cycle } : {}),
  })
  const anchor = restart ? today : subscription.anchor_date
  const ids: string[] = []
  for (const { kind, from, to } of decisions) {
    const moved = kind === 'cycle'
    ids.push(
      await recordChange(ctx, {
        ...{ subscriptionId: subscription.id, kind, status: 'applied', effectiveOn: today },
        before: moved ? { cycle: from, anchor_date: subscription.anchor_date } : { tier: from },
        after: moved ? { cycle: to, anchor_date: anchor } : { tier: to },
      }),
    )
  }
  await takeChoice(ctx, subscription, {
    ...{ on: today, tier, cycle, anchor, chargedUntil: periodEnd, endsEnding: restart },
    // The cycle's comes last where there are both: it says how the days given up were counted.
    changeId: ids.at(-1) ?? '',
  })
  for (const { id, kind, before, after } of early) {
    const reached = kind === 'remove_module' ? { ...after, to: today } : after
    await applyChange(ctx, id, { before, after: reached, effectiveOn: today })
  }
  return { lines, absorbed: early.map((one) => absorbed(one, today)) }
}

function absorbs(change: ScheduledChange, decisions: readonly Decision[]): boolean {
  if (change.kind === 'tier') return !decisions.some(({ kind }) => kind === 'tier')
  return change.kind === 'remove_module'
}

function absorbed(
  { kind, module_code, before, after }: ScheduledChange,
  today: PlainDate,
): SubscriptionChangeJson {
  return {
    kind: kind === 'tier' ? 'tier' : 'remove_module',
    module: module_code,
    outcome: 'applied',
    from: kind === 'tier' ? String(before.tier) : null,
    to: kind === 'tier' ? String(after.tier) : null,
    effective_on: today,
  }
}

async function schedule(ctx: Context, change: Change, { kind, from, to, on }: Decision): Promise<void> {
  const { subscription, tenant, catalogue, periodEnd } = change
  if (kind === 'tier') {
    const load = await loadOn(ctx, catalogue, subscription, periodEnd)
    const facts = { subdomain: tenant.subdomain, current: subscription.tier, day: periodEnd, atOnce: false }
    requireFits(catalogue, findTier(catalogue, to), load, facts)
  }
  await recordChange(ctx, {
    ...{ subscriptionId: subscription.id, kind, status: 'scheduled', effectiveOn: on ?? periodEnd },
    ...{ before: { [kind]: from }, after: { [kind]: to } },
  })
}

function toldOf({ kind, outcome, from, to, on }: Decision): SubscriptionChangeJson {
  return { kind, module: null, outcome, from, to, effective_on: on }
}

/** What is charged at once, and what each period costs once everything decided here has happened. */
async function quoteOf(
  ctx: Context,
  { periodEnd }: Change,
  lines: Quote['lines'],
  decisions: readonly Decision[],
  after: SubscriptionOverview,
): Promise<Quote> {
  const wanted = (kind: Decision['kind']): string | undefined =>
    decisions.find((one) => one.kind === kind)?.to
  const { currency, items, current_period } = after
  const tier = wanted('tier') ?? after.tier
  const products = items
    .filter((item) => item.to === null)
    .map(({ kind, code }) => ({ kind, code: kind === 'platform' ? tier : code }))
  const cycle = (wanted('cycle') ?? after.cycle) as Cycle
  const scheduled = decisions.some(({ on }) => on === periodEnd)
  const day = scheduled ? periodEnd : (current_period?.to ?? after.anchor_date)
  return {
    lines,
    now: moneyJson(
      sumMoney(
        currency,
        lines.map((line) => line.amount_minor),
      ),
    ),
    per_period: await periodPrice(new Prices(ctx, currency), currency, products, cycle, day),
  }
}

/** `subscription cancel` and `resume`: the end of a subscription, at the end of what is paid or at once, and its withdrawal. */
import { overview, type SubscriptionOverview } from '../billing/overview.js'
import { periodContaining } from '../billing/periods.js'
import { quoteChange, type Quote } from '../billing/quote.js'
import { execute, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson } from '../kernel/money.js'
import { audit } from '../operations/audit.js'
import { decideChange, recordChange, scheduledChanges } from '../subscriptions/changes.js'
import { inTrial } from '../subscriptions/decide.js'
import { cancelOn } from '../subscriptions/cancel.js'
import { holdSubscription, type Held } from '../subscriptions/hold.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface CancelOptions {
  now: boolean
  /** Whether days that may have been charged are given back; they are only where it ends at once. */
  credit: boolean
  reason: string | null
  dryRun: boolean
}

export interface CancelledSubscription {
  dry_run: boolean
  changed: boolean
  /** The first day without it. */
  ends_on: PlainDate | null
  /** Before tax. */
  quote: Quote
  subscription: SubscriptionOverview
}

/** A subscription that has ended, or is to end anyway, stays as it is. */
export async function cancelSubscription(
  ctx: Context,
  subdomainOrId: string,
  options: CancelOptions,
): Promise<CancelledSubscription> {
  const { dryRun } = options
  return holdSubscription<CancelledSubscription>(
    ctx,
    subdomainOrId,
    {
      ...{ action: 'update', dryRun },
      ended: async (inner, { tenant, today }) => {
        const subscription = await overview(inner, tenant, today)
        return told(subscription, { dryRun, changed: false, quote: nothing(subscription.currency) })
      },
    },
    async (inner, held) => {
      const { subscription, tenant, today } = held
      const pending = !options.now && subscription.cancel_on !== null
      const quote =
        options.now && options.credit ? await quoteEnd(inner, held) : nothing(subscription.currency)
      if (options.now) await endNow(inner, held, options)
      else if (!pending) await endLater(inner, held, options.reason)
      const after = await overview(inner, tenant, today)
      if (!pending) {
        await audit(inner, {
          ...{
            action: 'subscription.cancel',
            subjectKind: 'tenant',
            subject: tenant.subdomain,
            tenantId: tenant.id,
          },
          outcome: 'succeeded',
          before: { status: subscription.status, cancel_on: subscription.cancel_on },
          after: {
            status: after.status,
            cancel_on: after.cancel_on,
            credit: options.now && options.credit,
            reason: options.reason,
          },
        })
      }
      return told(after, { dryRun, changed: !pending, quote })
    },
  )
}

function told(
  subscription: SubscriptionOverview,
  { dryRun, changed, quote }: { dryRun: boolean; changed: boolean; quote: Quote },
): CancelledSubscription {
  return { dry_run: dryRun, changed, ends_on: subscription.cancel_on, quote, subscription }
}

/** Access lasts to the end of the period; inside a trial to the trial's. */
async function endLater(ctx: Context, { subscription, today }: Held, reason: string | null): Promise<void> {
  const { id, anchor_date, cycle, status } = subscription
  const on = inTrial(subscription, today) ? anchor_date : periodContaining(anchor_date, cycle, today).to
  await execute(
    ctx.db,
    sql`update public.subscriptions set cancel_on = ${on}, updated_at = now() where id = ${id}`,
  )
  await recordChange(ctx, {
    ...{ subscriptionId: id, kind: 'cancel', status: 'scheduled', effectiveOn: on, reason },
    ...{ before: { status }, after: { status: 'cancelled' } },
  })
}

async function endNow(
  ctx: Context,
  { subscription, today }: Held,
  { credit, reason }: CancelOptions,
): Promise<void> {
  const { id, status, anchor_date, cycle } = subscription
  const changeId = await recordChange(ctx, {
    ...{ subscriptionId: id, kind: 'cancel', status: 'applied', effectiveOn: today, reason },
    ...{ before: { status }, after: { status: 'cancelled', credit } },
  })
  const chargedUntil =
    credit && !inTrial(subscription, today) ? periodContaining(anchor_date, cycle, today).to : null
  await cancelOn(ctx, subscription, { on: today, changeId, chargedUntil })
}

async function quoteEnd(ctx: Context, { subscription, today }: Held): Promise<Quote> {
  return quoteChange(ctx, subscription, { on: today, add: [], remove: subscription.items })
}

function nothing(currency: string): Quote {
  const zero = moneyJson({ amountMinor: 0n, currency })
  return { lines: [], now: zero, per_period: zero }
}

export interface ResumedSubscription {
  dry_run: boolean
  subscription: SubscriptionOverview
}

/**
 * Takes back a cancellation that is not in force yet.
 * @throws conflict `subscription.cancelled`, `subscription.not_ending`
 */
export async function resumeSubscription(
  ctx: Context,
  subdomainOrId: string,
  dryRun: boolean,
): Promise<ResumedSubscription> {
  return holdSubscription<ResumedSubscription>(
    ctx,
    subdomainOrId,
    {
      ...{ action: 'subscribe', dryRun },
      ended: async (inner, { tenant, today }) => {
        throw cancelled(tenant.subdomain, (await overview(inner, tenant, today)).cancel_on)
      },
    },
    async (inner, held) => {
      const { tenant, today, subscription } = held
      if (subscription.cancel_on === null) {
        throw new ErpmaxError(
          'conflict',
          'subscription.not_ending',
          `The subscription of ${tenant.subdomain} is not cancelled`,
          { hint: `erpmax subscription show ${tenant.subdomain}` },
        )
      }
      await withdrawCancellation(inner, held)
      return { dry_run: dryRun, subscription: await overview(inner, tenant, today) }
    },
  )
}

function cancelled(subdomain: string, on: PlainDate | null): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'subscription.cancelled',
    `The subscription of ${subdomain} ended on ${on}: it cannot be resumed, only begun anew`,
    { hint: `erpmax subscription start ${subdomain}`, details: { cancelled_on: on } },
  )
}

export async function withdrawCancellation(
  ctx: Context,
  { subscription, tenant, today }: Held,
): Promise<void> {
  const { id, cancel_on } = subscription
  for (const change of await scheduledChanges(ctx, id))
    if (change.kind === 'cancel') await decideChange(ctx, change.id, 'withdrawn')
  await execute(
    ctx.db,
    sql`update public.subscriptions set cancel_on = null, updated_at = now() where id = ${id}`,
  )
  await recordChange(ctx, {
    ...{ subscriptionId: id, kind: 'resume', status: 'applied', effectiveOn: today },
    ...{ before: { cancel_on }, after: { cancel_on: null } },
  })
  await audit(ctx, {
    ...{
      action: 'subscription.resume',
      subjectKind: 'tenant',
      subject: tenant.subdomain,
      tenantId: tenant.id,
    },
    ...{ outcome: 'succeeded', before: { cancel_on }, after: { cancel_on: null } },
  })
}

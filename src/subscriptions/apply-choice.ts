/** Puts a scheduled tier or cycle into force on its day. */
import { settledAll, type AppliedChange } from './applied.js'
import { readCatalogue, type Cycle } from './catalogue.js'
import { loadOn, requireFits } from './limits.js'
import { runningSubscription, type RunningSubscription } from './running.js'
import { findTier } from './selection.js'
import { takeChoice } from './take-choice.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'
import type { ChangeKind, ScheduledChange } from './changes.js'

/** Tier and cycle of one day together, so that what is held changes once. */
export async function applyChoice(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: { id: TenantId; subdomain: string },
  running: RunningSubscription,
  changes: readonly ScheduledChange[],
  today: PlainDate,
): Promise<AppliedChange[]> {
  const on = changes[0]?.effective_on ?? ''
  // As it was on that day, and not only what has been left of it since.
  const subscription = await runningSubscription(ctx, tenant, on)
  const wanted = (kind: ChangeKind): ScheduledChange | undefined =>
    changes.find((change) => change.kind === kind)
  const tier = (wanted('tier')?.after.tier as string | undefined) ?? running.tier
  const cycle = (wanted('cycle')?.after.cycle as Cycle | undefined) ?? running.cycle
  const catalogue = await readCatalogue(ctx, on)
  if (wanted('tier')) {
    // Judged as it is now: what did not fit on its day may fit since.
    const load = await loadOn(ctx, catalogue, running, today)
    const facts = { subdomain: tenant.subdomain, current: running.tier, day: today, atOnce: true }
    requireFits(catalogue, findTier(catalogue, tier), load, facts)
  }
  const anchor = anchorAfter(running, cycle, on)
  const changeId = (wanted('cycle') ?? wanted('tier'))?.id ?? ''
  await takeChoice(ctx, subscription, {
    ...{ on, tier, cycle, anchor, changeId, endsEnding: false },
    chargedUntil: chargedUntil(running, on),
  })
  return settledAll(ctx, changes, ({ kind }) =>
    kind === 'cycle'
      ? {
          before: { cycle: running.cycle, anchor_date: running.anchor_date },
          after: { cycle, anchor_date: anchor },
        }
      : { before: { tier: running.tier }, after: { tier } },
  )
}

/**
 * Every billing date of a year is one of the months too, counted from one anchor, so that the anchor stays; a month's
 * is not one of the years, so that those are counted from the day the change takes effect (billing rule 1).
 */
export function anchorAfter(subscription: RunningSubscription, cycle: Cycle, on: PlainDate): PlainDate {
  return cycle === 'annual' && subscription.cycle === 'monthly' ? on : subscription.anchor_date
}

/** At the end of a period nothing later has been charged, unless billing went on before this was applied. */
export function chargedUntil({ next_billing_on }: RunningSubscription, on: PlainDate): PlainDate {
  return next_billing_on !== null && next_billing_on > on ? next_billing_on : on
}

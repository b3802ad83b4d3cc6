/** What a wish for another tier or cycle comes to: at once, at the end of the period, or a return to what there is. */
import { ErpmaxError } from '../kernel/errors.js'
import { findTier } from './selection.js'
import type { PlainDate } from '../kernel/dates.js'
import type { Catalogue, Cycle } from './catalogue.js'
import type { ScheduledChange } from './changes.js'
import type { RunningSubscription } from './running.js'

export interface Wish {
  tier: string | null
  cycle: Cycle | null
  /** Null: what the change is usually (billing rule 7). */
  when: 'now' | 'period_end' | null
}

export interface Decision {
  kind: 'tier' | 'cycle'
  from: string
  to: string
  /**
   * `withdrawn`: back to what there is, so that the scheduled change does not happen;
   * `unchanged`: that is what there is, or what is scheduled already.
   */
  outcome: 'applied' | 'scheduled' | 'withdrawn' | 'unchanged'
  /** The first day of the new choice; null where there is no new choice. */
  on: PlainDate | null
  /** Scheduled before, and not to happen any more. */
  superseded: ScheduledChange | null
}

export interface Standing {
  subdomain: string
  subscription: RunningSubscription
  scheduled: readonly ScheduledChange[]
  today: PlainDate
  /** The end of the period that `today` lies in. */
  periodEnd: PlainDate
}

/**
 * A better tier at once, a smaller one and another cycle at the end of the period; inside a trial everything at once,
 * since nothing has been paid (rule 3).
 * @throws usage `tier.unknown`; conflict `cycle.at_period_end`, `subscription.ending`
 */
export function decide(catalogue: Catalogue, standing: Standing, wish: Wish): Decision[] {
  const decisions: Decision[] = []
  if (wish.tier !== null) decisions.push(decideTier(catalogue, standing, wish.tier, wish.when))
  if (wish.cycle !== null) decisions.push(decideCycle(standing, wish.cycle, wish.when))
  const { subscription, subdomain } = standing
  if (
    subscription.cancel_on !== null &&
    decisions.some(({ outcome }) => outcome === 'applied' || outcome === 'scheduled')
  ) {
    throw new ErpmaxError(
      'conflict',
      'subscription.ending',
      `The subscription of ${subdomain} ends on ${subscription.cancel_on}`,
      {
        hint: `erpmax subscription resume ${subdomain}`,
        details: { cancel_on: subscription.cancel_on },
      },
    )
  }
  return decisions
}

export function inTrial(subscription: RunningSubscription, today: PlainDate): boolean {
  return today < subscription.anchor_date
}

function decideTier(catalogue: Catalogue, standing: Standing, wished: string, when: Wish['when']): Decision {
  const { tier } = standing.subscription
  const { code } = findTier(catalogue, wished)
  // Tiers are read in the order of their positions.
  const rank = (one: string): number => catalogue.tiers.findIndex((known) => known.code === one)
  return decision(standing, 'tier', tier, code, when ?? (rank(code) > rank(tier) ? 'now' : 'period_end'))
}

function decideCycle(standing: Standing, wished: Cycle, when: Wish['when']): Decision {
  const { subscription, subdomain, today, periodEnd } = standing
  if (
    when === 'now' &&
    wished === 'monthly' &&
    subscription.cycle === 'annual' &&
    !inTrial(subscription, today)
  ) {
    throw new ErpmaxError(
      'conflict',
      'cycle.at_period_end',
      `A year that has been begun is gone through to its end: monthly is possible from ${periodEnd} on`,
      {
        hint: `erpmax subscription change ${subdomain} --cycle monthly`,
        details: { period_end: periodEnd },
      },
    )
  }
  return decision(standing, 'cycle', subscription.cycle, wished, when ?? 'period_end')
}

function decision(
  { subscription, scheduled, today, periodEnd }: Standing,
  kind: Decision['kind'],
  from: string,
  to: string,
  when: 'now' | 'period_end',
): Decision {
  const pending = scheduled.find((change) => change.kind === kind) ?? null
  const base = { kind, from, to, superseded: pending }
  if (from === to) return { ...base, outcome: pending ? 'withdrawn' : 'unchanged', on: null }
  if (when === 'now' || inTrial(subscription, today)) return { ...base, outcome: 'applied', on: today }
  if (pending?.after[kind] === to && pending.effective_on === periodEnd)
    return { ...base, superseded: null, outcome: 'unchanged', on: periodEnd }
  return { ...base, outcome: 'scheduled', on: periodEnd }
}

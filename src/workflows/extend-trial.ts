/** `subscription extend-trial`: the trial, and with it the first charge, ends later. */
import { overview, type SubscriptionOverview } from '../billing/overview.js'
import { execute, sql } from '../database/sql.js'
import { addDays, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { recordChange } from '../subscriptions/changes.js'
import { holdSubscription, type Held } from '../subscriptions/hold.js'
import { longestTrial } from '../subscriptions/selection.js'
import type { Context } from '../kernel/context.js'

export type TrialExtension = { days: number } | { until: PlainDate }

export interface ExtendedTrial {
  dry_run: boolean
  changed: boolean
  subscription: SubscriptionOverview
}

/**
 * @throws conflict `trial.none`, `trial.too_long`, `trial.not_longer`, `subscription.ending`
 */
export async function extendTrial(
  ctx: Context,
  subdomainOrId: string,
  extension: TrialExtension,
  dryRun: boolean,
): Promise<ExtendedTrial> {
  return holdSubscription(ctx, subdomainOrId, { action: 'subscribe', dryRun }, async (inner, held) => {
    const { subscription, tenant, today } = held
    const { id, trial_ends_on: before } = subscription
    const after = newEnd(held, extension)
    if (after !== before) {
      await execute(
        inner.db,
        sql`update public.subscriptions
            set trial_ends_on = ${after}, anchor_date = ${after}, next_billing_on = ${after}, updated_at = now()
            where id = ${id}`,
      )
      await recordChange(inner, {
        ...{ subscriptionId: id, kind: 'extend_trial', status: 'applied', effectiveOn: today },
        ...{ before: { trial_ends_on: before }, after: { trial_ends_on: after } },
      })
      await audit(inner, {
        ...{
          action: 'subscription.extend_trial',
          subjectKind: 'tenant',
          subject: tenant.subdomain,
          tenantId: tenant.id,
        },
        ...{ outcome: 'succeeded', before: { trial_ends_on: before }, after: { trial_ends_on: after } },
      })
    }
    return { dry_run: dryRun, changed: after !== before, subscription: await overview(inner, tenant, today) }
  })
}

/** A trial that ended by its date is over, whether a run has noticed or not: `holdSubscription` has ended it by now. */
function newEnd({ subscription, tenant }: Held, extension: TrialExtension): PlainDate {
  const { status, trial_ends_on: end, started_on, cancel_on } = subscription
  const { subdomain } = tenant
  if (status !== 'trialing' || end === null) {
    const over = end === null ? 'has no trial' : `had its trial until ${end}`
    throw new ErpmaxError('conflict', 'trial.none', `${subdomain} ${over}: there is nothing to extend`, {
      hint: `erpmax subscription show ${subdomain}`,
      details: { status, trial_ends_on: end },
    })
  }
  if (cancel_on !== null) {
    throw new ErpmaxError(
      'conflict',
      'subscription.ending',
      `The subscription of ${subdomain} ends on ${cancel_on}`,
      { hint: `erpmax subscription resume ${subdomain}`, details: { cancel_on } },
    )
  }
  const wanted = 'until' in extension ? extension.until : addDays(end, extension.days)
  const last = addDays(started_on, longestTrial)
  if (wanted > last) {
    throw new ErpmaxError(
      'conflict',
      'trial.too_long',
      `A trial lasts ${longestTrial} days at most: this one, begun on ${started_on}, until ${last}`,
      {
        ...(last > end ? { hint: `erpmax subscription extend-trial ${subdomain} --until ${last}` } : {}),
        details: { started_on, last },
      },
    )
  }
  if (wanted < end) {
    throw new ErpmaxError('conflict', 'trial.not_longer', `The trial lasts until ${end} already`, {
      details: { trial_ends_on: end },
    })
  }
  return wanted
}

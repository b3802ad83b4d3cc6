/** Ends a subscription on a day: nothing is held from then on, and what was scheduled does not happen any more. */
import { execute, sql } from '../database/sql.js'
import { endItems, giveUp } from './take-choice.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { RunningSubscription } from './running.js'

export interface Ending {
  /** The first day without it. */
  on: PlainDate
  /** The change that the given-up days are recorded under; it is not withdrawn. */
  changeId: string
  /** Days before this one may have been charged already (exclusive); null: nothing is given back. */
  chargedUntil: PlainDate | null
}

/** What is not billed yet of the days before `on` stays due: next_billing_on tells where it begins. */
export async function cancelOn(
  ctx: Pick<Context, 'db'>,
  subscription: RunningSubscription,
  { on, changeId, chargedUntil }: Ending,
): Promise<void> {
  const { id, anchor_date } = subscription
  const ended = subscription.items.filter((item) => item.to === null || item.to > on)
  if (chargedUntil !== null && on >= anchor_date) await giveUp(ctx, ended, { on, chargedUntil, changeId })
  await endItems(
    ctx,
    ended.map((item) => item.id),
    on,
  )
  await execute(
    ctx.db,
    sql`update public.subscription_changes set status = 'withdrawn', decided_at = clock_timestamp()
        where subscription_id = ${id} and status = 'scheduled' and id <> ${changeId}`,
  )
  await execute(
    ctx.db,
    sql`update public.subscriptions
        set status = 'cancelled', cancel_on = ${on},
            next_billing_on = case when next_billing_on < ${on}::date then next_billing_on end, updated_at = now()
        where id = ${id}`,
  )
}

/**
 * Applies what is due for one subscription: the end of a trial, a cancellation, removals, another tier or cycle.
 * Each takes effect on its own day, however late that is noticed.
 */
import { firstRow, sql } from '../database/sql.js'
import { translated } from '../database/sql-errors.js'
import { ErpmaxError } from '../kernel/errors.js'
import { applyChoice } from './apply-choice.js'
import { applyCancellation, endTrial } from './apply-ending.js'
import { settledAll, type AppliedChange } from './applied.js'
import { scheduledChanges, type ChangeKind, type ScheduledChange } from './changes.js'
import { runningSubscription, type RunningSubscription } from './running.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'

export interface AppliedDue {
  applied: AppliedChange[]
  /** What is due but cannot be applied any more, and stays scheduled. */
  blocked: ErpmaxError[]
}

type Step =
  | { on: PlainDate; rank: 0; what: 'removals'; changes: ScheduledChange[] }
  | { on: PlainDate; rank: 1; what: 'cancel'; changes: ScheduledChange[] }
  | { on: PlainDate; rank: 2; what: 'end_trial' }
  | { on: PlainDate; rank: 3; what: 'choice'; changes: ScheduledChange[] }

type Subject = { id: TenantId; subdomain: string }

/**
 * In the transaction of `ctx`; the second of two at once finds nothing left to do.
 * @param today what is due on that day or before
 */
export async function applyDue(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: Subject,
  today: PlainDate,
): Promise<AppliedDue> {
  const done: AppliedDue = { applied: [], blocked: [] }
  const given = new Set<string>()
  for (;;) {
    const subscription = await lockRunning(ctx, tenant, today)
    if (!subscription) return done
    const scheduled = await scheduledChanges(ctx, subscription.id)
    const step = firstDue(
      subscription,
      scheduled.filter((change) => !given.has(change.id)),
      today,
    )
    if (!step) return done
    try {
      done.applied.push(...(await apply(ctx, tenant, subscription, step, today)))
    } catch (error) {
      if (step.what !== 'choice' || !(error instanceof ErpmaxError)) throw translated(error)
      done.blocked.push(error)
      // Another cycle of the same day does not wait for a tier that does not fit.
      const stuck = step.changes.filter(({ kind }) => kind === 'tier' || !error.code.startsWith('tier.'))
      for (const change of stuck) given.add(change.id)
    }
  }
}

async function lockRunning(
  ctx: Pick<Context, 'db'>,
  tenant: Subject,
  today: PlainDate,
): Promise<RunningSubscription | null> {
  const found = await firstRow<{ id: string }>(
    ctx.db,
    sql`select id from public.subscriptions where tenant_id = ${tenant.id} and status <> 'cancelled' for update`,
  )
  return found && runningSubscription(ctx, tenant, today, { lock: true })
}

/** A cancellation goes before everything else of its day: nothing is changed for somebody who leaves. */
function firstDue(
  subscription: RunningSubscription,
  scheduled: readonly ScheduledChange[],
  today: PlainDate,
): Step | null {
  const { cancel_on, status, trial_ends_on } = subscription
  const of = (...kinds: ChangeKind[]): ScheduledChange[] =>
    scheduled.filter((change) => kinds.includes(change.kind) && change.effective_on <= today)
  const first = (changes: ScheduledChange[]): ScheduledChange[] =>
    changes.filter((change) => change.effective_on === changes[0]?.effective_on)
  const removals = first(of('remove_module'))
  const choices = first(of('tier', 'cycle'))
  const steps: Step[] = []
  if (removals[0]) steps.push({ on: removals[0].effective_on, rank: 0, what: 'removals', changes: removals })
  if (cancel_on !== null && cancel_on <= today)
    steps.push({ on: cancel_on, rank: 1, what: 'cancel', changes: of('cancel') })
  if (status === 'trialing' && trial_ends_on !== null && trial_ends_on <= today)
    steps.push({ on: trial_ends_on, rank: 2, what: 'end_trial' })
  if (choices[0]) steps.push({ on: choices[0].effective_on, rank: 3, what: 'choice', changes: choices })
  return steps.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.rank - b.rank))[0] ?? null
}

async function apply(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: Subject,
  subscription: RunningSubscription,
  step: Step,
  today: PlainDate,
): Promise<AppliedChange[]> {
  switch (step.what) {
    case 'removals':
      // Their items end on that day already: the range was closed when the removal was decided.
      return settledAll(ctx, step.changes, () => ({}))
    case 'cancel':
      return [await applyCancellation(ctx, tenant, subscription, step.on, step.changes[0] ?? null)]
    case 'end_trial':
      return [await endTrial(ctx, subscription, step.on)]
    case 'choice':
      return applyChoice(ctx, tenant, subscription, step.changes, today)
  }
}

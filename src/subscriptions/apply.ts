/**
 * Applies what is due for one subscription: the end of a trial, a cancellation, removals, another tier or cycle.
 * Each takes effect on its own day, however late that is noticed.
 */
import { execute, firstRow, sql } from '../database/sql.js'
import { translated } from '../database/sql-errors.js'
import { ErpmaxError } from '../kernel/errors.js'
import { readCatalogue, type Cycle } from './catalogue.js'
import {
  applyChange,
  recordChange,
  scheduledChanges,
  type ChangeKind,
  type ScheduledChange,
} from './changes.js'
import { cancelOn } from './cancel.js'
import { loadOn, requireFits } from './limits.js'
import { runningSubscription, type RunningSubscription } from './running.js'
import { findTier } from './selection.js'
import { takeChoice } from './take-choice.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'

export interface AppliedChange {
  kind: ChangeKind
  module: string | null
  effective_on: PlainDate
  before: Record<string, unknown>
  after: Record<string, unknown>
}

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
    case 'cancel': {
      const [change] = step.changes
      const held = await runningSubscription(ctx, tenant, step.on)
      const changeId = change?.id ?? (await cancellationOf(ctx, subscription, step.on))
      await cancelOn(ctx, held, {
        on: step.on,
        changeId,
        chargedUntil: chargedUntil(subscription, step.on),
      })
      return [
        change
          ? await settled(ctx, change)
          : told('cancel', step.on, { status: subscription.status }, { status: 'cancelled' }),
      ]
    }
    case 'end_trial':
      return [await endTrial(ctx, subscription, step.on)]
    case 'choice':
      return applyChoice(ctx, tenant, subscription, step.changes, today)
  }
}

/** A cancellation that stands on the row alone, as psql would write it, gets its change when it happens. */
async function cancellationOf(
  ctx: Pick<Context, 'db' | 'actor'>,
  { id, status }: RunningSubscription,
  on: PlainDate,
): Promise<string> {
  return recordChange(ctx, {
    ...{ subscriptionId: id, kind: 'cancel', status: 'applied', effectiveOn: on },
    ...{ before: { status }, after: { status: 'cancelled' } },
  })
}

/** Trials convert by themselves; the anchor is that day already. */
async function endTrial(
  ctx: Pick<Context, 'db' | 'actor'>,
  subscription: RunningSubscription,
  on: PlainDate,
): Promise<AppliedChange> {
  await execute(
    ctx.db,
    sql`update public.subscriptions set status = 'active', updated_at = now() where id = ${subscription.id}`,
  )
  const before = { status: 'trialing' }
  const after = { status: 'active' }
  await recordChange(ctx, {
    ...{ subscriptionId: subscription.id, kind: 'end_trial', status: 'applied', effectiveOn: on },
    ...{ before, after },
  })
  return told('end_trial', on, before, after)
}

/** Tier and cycle of one day together, so that what is held changes once. */
async function applyChoice(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: Subject,
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
function chargedUntil({ next_billing_on }: RunningSubscription, on: PlainDate): PlainDate {
  return next_billing_on !== null && next_billing_on > on ? next_billing_on : on
}

type Values = Partial<Pick<AppliedChange, 'before' | 'after'>>

async function settledAll(
  ctx: Pick<Context, 'db'>,
  changes: readonly ScheduledChange[],
  values: (change: ScheduledChange) => Values,
): Promise<AppliedChange[]> {
  const all: AppliedChange[] = []
  for (const change of changes) all.push(await settled(ctx, change, values(change)))
  return all
}

async function settled(
  ctx: Pick<Context, 'db'>,
  change: ScheduledChange,
  values: Values = {},
): Promise<AppliedChange> {
  const { kind, module_code, effective_on } = change
  const { before, after } = { before: change.before, after: change.after, ...values }
  await applyChange(ctx, change.id, { before, after, effectiveOn: effective_on })
  return { kind, module: module_code, effective_on, before, after }
}

function told(
  kind: ChangeKind,
  effective_on: PlainDate,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): AppliedChange {
  return { kind, module: null, effective_on, before, after }
}

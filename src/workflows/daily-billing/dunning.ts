/** Unpaid invoices, day by day: whoever has settled everything is restored, everybody else goes on in the schedule. */
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { advance } from '../../payments/dunning/advance.js'
import { decide, type Decision } from '../../payments/dunning/decide.js'
import { countRestarts, dueForDunning, type DueTenant } from '../../payments/dunning/due.js'
import { readSchedule } from '../../payments/dunning/schedule.js'
import { restoreSettled, settledTenants } from '../../payments/dunning/settled.js'
import { archiveUnpaid } from '../archive-unpaid.js'
import { auditFailure, knownFailure } from '../each-tenant.js'
import { mostItems, type DailyStep, type Dunned, type DunningResult, type StepProgress } from './step.js'
import type { Context } from '../../kernel/context.js'
import type { WorkflowEvent } from '../../kernel/workflow.js'
import type { Step } from '../../payments/dunning/advance.js'
import type { SettledTenant } from '../../payments/dunning/settled.js'

type Task =
  { kind: 'restore'; tenant: SettledTenant } | { kind: 'advance'; tenant: DueTenant; decision: Decision }

export const dunningStep: DailyStep<'dunning'> = {
  code: 'dunning',
  async *run(ctx, { asOf, dryRun, runId }) {
    const schedule = await readSchedule(ctx)
    const day = { asOf, dryRun, runId }
    if (!dryRun) await countRestarts(ctx)
    const due = await dueForDunning(ctx, day, schedule[0]?.day ?? 0)
    const tasks = [
      ...(await settledTenants(ctx)).map((tenant): Task => ({ kind: 'restore', tenant })),
      ...due.flatMap((tenant): Task[] => {
        const decision = decide(schedule, tenant)
        return decision ? [{ kind: 'advance', tenant, decision }] : []
      }),
    ]
    const result: DunningResult = {
      ...{ tenants: due.length, entered: 0, past_due: 0, suspended: 0, archived: 0, restored: 0 },
      ...{ queued: 0, failed: 0, items: [], items_truncated: tasks.length > mostItems },
    }
    for (const [index, task] of tasks.entries()) {
      if (ctx.signal.aborted)
        throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted between two tenants')
      const told = (detail: object, done = index): StepProgress => ({
        ...{ event: 'progress', step: 'dunning', done, total: tasks.length, detail },
      })
      const item = dryRun ? planned(task) : yield* done(ctx, task, { schedule, day }, told)
      count(result, item)
      await ctx.failpoint('dunning.after_tenant')
      yield told(item, index + 1)
    }
    const { items: _, items_truncated: __, ...summary } = result
    return { result, partial: result.failed > 0, summary }
  },
}

/** What fails of one tenant is its outcome; what would fail of the others too ends the step. */
async function* done(
  ctx: Context,
  task: Task,
  step: Pick<Step, 'schedule' | 'day'>,
  told: (detail: object) => StepProgress,
): AsyncGenerator<StepProgress, Dunned, void> {
  const { tenant } = task
  try {
    if (task.kind === 'restore') {
      await transaction(ctx, (inner) => restoreSettled(inner, task.tenant))
      return planned(task)
    }
    const { id } = tenant
    const decision = task.decision.effects.includes('archived')
      ? yield* slowly(archiveUnpaid(ctx, id, step), () => told({ exporting: tenant.subdomain }))
      : await transaction(ctx, async (inner) => {
          const decided = await advance(inner, id, { ...step, exported: null, quiet: false })
          await ctx.failpoint('dunning.in_stage')
          return decided
        })
    return { ...planned(task), ...outcome(decision) }
  } catch (thrown) {
    const error = knownFailure(thrown)
    if (error.kind === 'dependency' || error.kind === 'interrupted') throw error
    await auditFailure(ctx, 'billing.dunning', tenant, error)
    const { code, message, hint = null } = error
    return { ...planned(task), ...outcome(null), error: { code, message, hint } }
  }
}

const tellEveryMs = 10_000

/** An export may take longer than the lease of the run, which is renewed as it tells that it goes on. */
async function* slowly<Result>(
  events: AsyncGenerator<WorkflowEvent, Result, void>,
  told: () => StepProgress,
): AsyncGenerator<StepProgress, Result, void> {
  let last = performance.now()
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    if (performance.now() - last < tellEveryMs) continue
    last = performance.now()
    yield told()
  }
}

function planned(task: Task): Dunned {
  const { subdomain } = task.tenant
  if (task.kind === 'restore') {
    const nothing = { invoice: null, days: null, stage: null, entered: false, mail: null, error: null }
    return { tenant: subdomain, ...nothing, effects: ['restored'] }
  }
  const { invoice, late } = task.tenant
  return { tenant: subdomain, invoice: invoice.number, days: late, ...outcome(task.decision), error: null }
}

function outcome(decision: Decision | null): Pick<Dunned, 'stage' | 'entered' | 'effects' | 'mail'> {
  if (!decision) return { stage: null, entered: false, effects: [], mail: null }
  const { stage, enters, effects, notice } = decision
  return { stage: { kind: stage.kind, day: stage.day }, entered: enters, effects, mail: notice }
}

function count(result: DunningResult, item: Dunned): void {
  if (item.entered) result.entered += 1
  for (const effect of item.effects) result[effect] += item.error ? 0 : 1
  if (item.mail) result.queued += 1
  if (item.error) result.failed += 1
  if (result.items.length < mostItems) result.items.push(item)
}

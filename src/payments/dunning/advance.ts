/** One step of a tenant's dunning, in one transaction: decided anew under its locks, with all that it brings about. */
import { rows, sql } from '../../database/sql.js'
import { audit } from '../../operations/audit.js'
import { lockAccount } from '../../billing/book/account.js'
import { endSubscription } from '../../subscriptions/end.js'
import { markPastDue, suspendSubscription } from '../../subscriptions/overdue.js'
import { putAway } from '../../tenants/archive.js'
import { asOperator } from '../../tenants/move.js'
import { suspendTenant } from '../../tenants/suspend.js'
import { endArchived, enterStage } from './attempt.js'
import { decide, type Decision, type Effect } from './decide.js'
import { dueForDunning, type DueTenant, type DunningDay } from './due.js'
import { sendNotice } from './notice.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'
import type { Schedule, Stage } from './schedule.js'

type Ctx = Pick<Context, 'db' | 'actor' | 'clock' | 'warn' | 'config' | 'random'>

export interface Step {
  schedule: Schedule
  day: DunningDay
  /** What was exported of the tenant just before; null: nothing was, and it goes no further than its suspension. */
  exported: { sha256: string } | null
  /** No mail: the one for a further stage follows at once. */
  quiet: boolean
}

/**
 * Safe to repeat, and for two at once: whoever comes second finds nothing left to do.
 * @returns null where there is nothing to do, or not any more: what was owed came in meanwhile
 */
export async function advance(ctx: Ctx, id: TenantId, step: Step): Promise<Decision | null> {
  const { schedule, exported, quiet } = step
  const due = await held(ctx, id, step)
  const reach = exported ? schedule : schedule.filter(({ kind }) => kind !== 'archived')
  const decision = due && decide(reach, due)
  if (!due || !decision) return null
  const reason = `${due.invoice.number} unpaid since ${due.invoice.due_date}`
  await asOperator(ctx, reason)
  const stage = stageOf(decision, due)
  const attemptId = await enterStage(ctx, due, stage)
  for (const effect of decision.effects) await bringAbout(ctx, due, effect, { attemptId, reason, exported })
  const mail = quiet ? null : decision.notice
  if (mail) await sendNotice(ctx, due, { kind: mail, day: stage.day, attemptId, schedule })
  await audit(ctx, {
    ...{ action: 'billing.dunning', subjectKind: 'tenant', subject: due.subdomain, tenantId: id },
    outcome: 'succeeded',
    after: {
      ...{ invoice: due.invoice.number, days: due.late, stage: stage.kind, stage_day: stage.day },
      ...{ effects: decision.effects, mail },
    },
  })
  return { ...decision, notice: mail }
}

/** For a tenant that was suspended quietly, and could not be archived. */
export async function tellSuspended(ctx: Ctx, id: TenantId, step: Step): Promise<void> {
  const due = await held(ctx, id, step)
  if (!due?.attempt_id || due.tenant.cause !== 'billing') return
  const { schedule } = step
  await sendNotice(ctx, due, { kind: 'suspended', day: due.late, attemptId: due.attempt_id, schedule })
}

/** In the order in which the biller goes; what is open stays so until the transaction ends. */
async function held(ctx: Ctx, id: TenantId, { schedule, day }: Step): Promise<DueTenant | null> {
  await lockAccount(ctx, id)
  await rows(
    ctx.db,
    sql`select 1 from public.invoices where tenant_id = ${id} and status = 'open' order by id for share`,
  )
  const [due] = await dueForDunning(ctx, day, schedule[0]?.day ?? 0, id)
  return due ?? null
}

/** One that is in its stage already stays in it, though its effects were undone and come again. */
function stageOf({ enters, stage }: Decision, { attempt }: DueTenant): Stage {
  return enters || !attempt ? stage : { kind: attempt.stage, day: attempt.day }
}

async function bringAbout(
  ctx: Ctx,
  due: DueTenant,
  effect: Effect,
  { attemptId, reason, exported }: { attemptId: string; reason: string } & Pick<Step, 'exported'>,
): Promise<void> {
  const { id, subdomain, today, invoice } = due
  switch (effect) {
    case 'past_due':
      return markPastDue(ctx, due, { key: `${attemptId}/${today}`, invoice: invoice.number })
    case 'suspended':
      await suspendTenant(ctx, { id }, { cause: 'billing', reason, bills: false, dryRun: false })
      return suspendSubscription(ctx, id)
    case 'archived': {
      const ended = await endSubscription(ctx, { id, subdomain }, today, reason)
      if (ended)
        await audit(ctx, {
          ...{ action: 'subscription.cancel', subjectKind: 'tenant', subject: subdomain, tenantId: id },
          outcome: 'succeeded',
          before: { status: due.subscription },
          after: { status: 'cancelled', cancel_on: today, credit: false, reason },
        })
      await endArchived(ctx, attemptId)
      await putAway(ctx, { id }, { reason, dryRun: false, exportSha256: exported?.sha256 ?? null })
    }
  }
}

/** One change of a tenant's state: decided under its lock, written with its history, audit row and event, or rehearsed. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, oneRow, sql, type Sql } from '../database/sql.js'
import { audit } from '../operations/audit.js'
import { enqueue } from '../operations/outbox.js'
import { asOperator } from './move.js'
import { readStanding, standingJson, type Standing, type StandingJson } from './standing.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface StateChange {
  /** For the audit log: `tenant.suspend`. */
  action: string
  /** Of the event: `tenant.suspended`. */
  topic: string
  reason: string | null
  dryRun: boolean
  /** The columns to set, or null where the tenant is so already; throws where the change is not legal. */
  decide(standing: Standing): Sql | null
  /** What belongs to it, in the same transaction, after the move. */
  also?(ctx: StateContext, before: Standing): Promise<void>
  /** More for the audit row. */
  facts?: Record<string, unknown>
}

export type StateContext = Pick<Context, 'db' | 'actor' | 'warn' | 'clock'>

export interface MovedTenant {
  dry_run: boolean
  /** False where it was so already, and nothing was written. */
  changed: boolean
  from: string
  tenant: StandingJson
}

/** Safe to repeat: where the tenant is so already nothing is written. */
export async function changeState(
  ctx: StateContext,
  id: TenantId,
  change: StateChange,
): Promise<MovedTenant> {
  const { dryRun, reason } = change
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    const before = await readStanding(inner, id, { lock: true })
    const columns = change.decide(before)
    if (!columns)
      return { dry_run: dryRun, changed: false, from: before.status, tenant: standingJson(before) }
    await asOperator(inner, reason)
    await execute(inner.db, sql`update public.tenants set ${columns}, updated_at = now() where id = ${id}`)
    await change.also?.(inner, before)
    const after = await readStanding(inner, id)
    await audit(inner, {
      action: change.action,
      subjectKind: 'tenant',
      subject: before.subdomain,
      tenantId: id,
      outcome: 'succeeded',
      before: factsOf(before),
      after: { ...factsOf(after), ...change.facts, ...(reason === null ? {} : { reason }) },
    })
    if (after.status !== before.status) await announce(inner, change.topic, after)
    return { dry_run: dryRun, changed: true, from: before.status, tenant: standingJson(after) }
  })
}

/** Once for each move: its key is the row of the history that the move wrote. */
export async function announce(
  ctx: Pick<Context, 'db'>,
  topic: string,
  { id, subdomain, status, suspension_cause, suspension_reason }: Standing,
): Promise<void> {
  const { move } = await oneRow<{ move: string }>(
    ctx.db,
    sql`select max(id)::text as move from public.tenant_history where tenant_id = ${id}`,
  )
  await enqueue(ctx, {
    topic,
    key: `${id}/${move}`,
    tenantId: id,
    payload: { subdomain, status, cause: suspension_cause, reason: suspension_reason },
  })
}

function factsOf(standing: Standing): Record<string, unknown> {
  const { status, suspension_cause, suspension_reason, suspension_bills } = standing
  return suspension_cause === null
    ? { status }
    : { status, suspension_cause, suspension_reason, suspension_bills }
}

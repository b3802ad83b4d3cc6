/** Drops a tenant's schema in lock-bounded batches: last built, first dropped. Safe to repeat after an interruption. */
import { quoteIdentifier } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { loadBaseline } from './baseline.js'
import { ddlTransaction, OutcomeUnknown, type DdlContext } from './ddl.js'
import { readLockBudget, tablesPerDrop, type LockBudget } from './lock-budget.js'
import { lookAtSchema, tablesIn } from './look.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'
import type { StepProgress } from '../kernel/workflow.js'

/** How often a batch is tried while answers get lost. */
const attempts = 3

/**
 * The states of a tenant in which its schema may be dropped; `provisioning` only to undo the caller's own build,
 * `restoring` only to build anew what a backup is to be loaded into.
 */
export type DroppableState = 'failed' | 'archived' | 'deleting' | 'provisioning' | 'restoring'

export interface DropRequest {
  schema: SchemaName
  /** Null: a schema that belongs to no tenant, or to deleted ones only. */
  tenantId: TenantId | null
  /** `any`: the caller answers for it, as where the whole installation is being replaced. */
  allowed: readonly DroppableState[] | 'any'
}

export interface DroppedSchema {
  tables: number
  duration_ms: number
}

/**
 * Each batch is a transaction of its own that locks the tenant's row and checks its state again, or that there is no tenant.
 * The placement's generation goes up first, so that a build of an earlier holder cannot be recorded any more.
 */
export async function* dropSchema(
  ctx: DdlContext & Pick<Context, 'db'>,
  request: DropRequest,
): AsyncGenerator<StepProgress, DroppedSchema, void> {
  const from = performance.now()
  const { schema } = request
  if ((await lookAtSchema(ctx, schema)).state === 'absent') return { tables: 0, duration_ms: 0 }
  const [budget, { tables }, present] = await Promise.all([
    readLockBudget(ctx),
    loadBaseline(),
    tablesIn(ctx, schema),
  ])
  const modules = new Map(tables.map((table) => [table.name, table.module]))
  const order = [
    ...present.filter((name) => !modules.has(name)),
    ...tables
      .map(({ name }) => name)
      .filter((name) => present.includes(name))
      .toReversed(),
  ]
  const size = tablesPerDrop(budget)
  let done = 0
  for (let at = 0; at < order.length || at === 0; at += size) {
    const batch = order.slice(at, at + size)
    const last = at + size >= order.length
    yield* dropBatch(ctx, request, budget, { names: batch, first: at === 0, last })
    for (const name of batch) {
      done += 1
      const group = modules.get(name) ?? 'other'
      yield { group, item: name, done, total: order.length, groupDone: done, groupTotal: order.length }
    }
  }
  return { tables: order.length, duration_ms: Math.round(performance.now() - from) }
}

interface Batch {
  names: readonly string[]
  first: boolean
  last: boolean
}

/** Each may be done twice: where the answer to its commit is lost, it is. */
async function* dropBatch(
  ctx: DdlContext,
  request: DropRequest,
  budget: LockBudget,
  batch: Batch,
): AsyncGenerator<never, void, void> {
  const { schema, tenantId } = request
  const quoted = quoteIdentifier(schema)
  const placed = tenantId === null ? `schema_name = '${schema}'` : `tenant_id = '${tenantId}'`
  const whose = tenantId === null ? `p.${placed} and t.status <> 'deleted'` : `p.${placed}`
  const tables = batch.names.map((name) => `${quoted}.${quoteIdentifier(name)}`).join(', ')
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* ddlTransaction(ctx, { schema, budget, name: 'drop' }, async function* (send) {
        const state = send(
          `select t.status from public.tenants t join public.tenant_placements p on p.tenant_id = t.id
           where ${whose} for share of t`,
        )
        const fenced = send(
          `update public.tenant_placements set fingerprint = null, schema_version = null, built_at = null,
             generation = generation + ${batch.first ? 1 : 0}, updated_at = now() where ${placed}`,
        )
        const dropped = tables ? send(`drop table if exists ${tables} cascade`) : Promise.resolve([])
        const gone = batch.last ? send(`drop schema if exists ${quoted} cascade`) : Promise.resolve([])
        requireDroppable(await state, request)
        await Promise.all([fenced, dropped, gone])
      })
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error
      if (attempt === attempts) throw error.cause
    }
  }
}

function requireDroppable(
  tenants: readonly { status?: unknown }[],
  { tenantId, allowed, schema }: DropRequest,
): void {
  const status = tenants[0]?.status
  if (allowed === 'any') return
  if (tenantId === null ? tenants.length === 0 : (allowed as readonly unknown[]).includes(status)) return
  throw new ErpmaxError(
    'conflict',
    'schema.tenant_in_use',
    `The schema ${schema} belongs to a tenant that is ${String(status)}`,
    {
      hint: 'A schema is dropped only while its tenant is failed, archived or deleting',
      details: { status },
    },
  )
}

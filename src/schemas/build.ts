/** Builds a tenant's schema: pipelined, one statement a message, one event for each table as it is finished. */
import { ErpmaxError } from '../kernel/errors.js'
import { quoteIdentifier } from '../database/sql.js'
import { loadBaseline, loadSnapshot, type BaselineTable, type SchemaCounts } from './baseline.js'
import { ddlTransaction, OutcomeUnknown, type DdlContext, type Send } from './ddl.js'
import { fingerprintQuery, type Fingerprint } from './fingerprint.js'
import { readLockBudget, type LockBudget } from './lock-budget.js'
import { lookAtSchema, schemaExists, tablesIn, type SchemaLook } from './look.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'
import type { Pipeline } from '../kernel/pipeline.js'
import type { StepProgress } from '../kernel/workflow.js'

/** The placement that the build fills in, in its own transaction; another generation means somebody else took over. */
export interface Claim {
  tenantId: TenantId
  generation: number
}

export interface BuildRequest {
  schema: SchemaName
  /** Null for a schema that belongs to no tenant: a bench, the snapshot. */
  claim: Claim | null
}

export interface BuiltSchema extends SchemaCounts {
  fingerprint: string
  duration_ms: number
  /** False where it was whole already. */
  built: boolean
}

type BuildContext = DdlContext & Pick<Context, 'db'>

/** How often a build looks again after losing a race or an answer. */
const attempts = 3

/**
 * Leaves the schema whole, whatever an earlier run left of it. Yields a table at a time.
 * @throws `schema.foreign` where the schema holds what no run of ours can have left
 */
export async function* buildSchema(
  ctx: BuildContext,
  request: BuildRequest,
): AsyncGenerator<StepProgress, BuiltSchema, void> {
  const from = performance.now()
  const result = (found: Fingerprint, built: boolean): BuiltSchema => ({
    ...counts(found),
    fingerprint: found.fingerprint,
    duration_ms: Math.round(performance.now() - from),
    built,
  })
  // The connection for the DDL is opened while the server is asked: far away each of these is several round trips.
  const ahead = openAhead(ctx)
  try {
    const [budget, { tables }] = await Promise.all([readLockBudget(ctx), loadBaseline()])
    const progress = progressOf(tables)
    let absent = !(await schemaExists(ctx, request.schema))
    for (let attempt = 1; ; attempt++) {
      const look = absent ? null : await lookAtSchema(ctx, request.schema)
      if (look?.state === 'whole') return result(look, attempt > 1)
      try {
        const rest = tables.slice(look ? await builtAlready(ctx, request.schema, look, tables) : 0)
        return result(yield* buildInSlices(ahead.ctx, request, rest, tables.length, budget, progress), true)
      } catch (error) {
        if (attempt === attempts || !(error instanceof OutcomeUnknown || isDuplicateSchema(error)))
          throw unwrapped(error)
        absent = false
      }
    }
  } finally {
    await ahead.close()
  }
}

/** A context whose first pipeline is being opened already. */
function openAhead(ctx: BuildContext): { ctx: BuildContext; close(): Promise<void> } {
  let waiting: Promise<Pipeline> | null = ctx.openPipeline()
  waiting.catch(() => {})
  return {
    ctx: {
      ...ctx,
      async openPipeline() {
        const opened = waiting ?? ctx.openPipeline()
        waiting = null
        return opened
      },
    },
    async close() {
      await waiting?.then(
        (pipeline) => pipeline.close(),
        () => {},
      )
    },
  }
}

/** How many tables of the build order an earlier, sliced run has finished: its slices are a prefix of the order. */
async function builtAlready(
  ctx: BuildContext,
  schema: SchemaName,
  look: SchemaLook,
  tables: readonly BaselineTable[],
): Promise<number> {
  if (look.state === 'absent') return 0
  const present = new Set(await tablesIn(ctx, schema))
  const prefix = tables.slice(0, present.size)
  const interrupted = present.size > 0 && present.size < tables.length
  if (interrupted && prefix.every(({ name }) => present.has(name))) return present.size
  throw new ErpmaxError(
    'conflict',
    'schema.foreign',
    `The schema ${schema} exists and is not what an interrupted build leaves`,
    {
      hint: `erpmax schema verify ${schema.replace(/^tenant_/, '').replaceAll('_', '-')}`,
      details: { schema, tables: present.size },
    },
  )
}

async function* buildInSlices(
  ctx: BuildContext,
  { schema, claim }: BuildRequest,
  rest: readonly BaselineTable[],
  total: number,
  budget: LockBudget,
  progress: (table: BaselineTable) => StepProgress,
): AsyncGenerator<StepProgress, Fingerprint, void> {
  const size = Math.ceil(total / budget.slices)
  const { fingerprint: expected, version } = await loadSnapshot()
  for (let from = 0; ; from += size) {
    const slice = rest.slice(from, from + size)
    const first = rest.length === total && from === 0
    const last = from + size >= rest.length
    const found = yield* ddlTransaction(ctx, { schema, budget, name: 'build' }, async function* (send) {
      const claimed = claim ? claimPlacement(send, claim) : Promise.resolve()
      const opened = first ? send(`create schema ${quoteIdentifier(schema)}`) : Promise.resolve([])
      const answers = slice.map((table) => table.statements.map((statement) => send(statement)))
      const print = last ? send(fingerprintQuery, [schema]) : null
      const recorded = last && claim ? recordBuild(send, claim, expected, version) : Promise.resolve()
      recorded.catch(() => {})
      await claimed
      await opened
      for (const [index, table] of slice.entries()) {
        for (const [position, answer] of (answers[index] ?? []).entries())
          await answer.catch((error: unknown) => rethrowAt(error, table, position))
        yield progress(table)
      }
      const found = print ? ((await print)[0] as unknown as Fingerprint) : null
      if (found && found.fingerprint !== expected) throw differs(schema)
      await recorded
      return found
    })
    if (found) return found
  }
}

/** Checks, and locks for the rest of the transaction, that the placement is still the caller's. */
async function claimPlacement(send: Send, claim: Claim): Promise<void> {
  const answer = await send(
    `select p.generation, t.status from public.tenant_placements p join public.tenants t on t.id = p.tenant_id
     where p.tenant_id = '${claim.tenantId}' for update of p`,
  )
  const found = answer[0] as { generation: number; status: string } | undefined
  if (found?.generation !== claim.generation) {
    throw new ErpmaxError(
      'busy',
      'job.lease_lost',
      'This tenant has passed to another process while its schema was built',
      {
        details: { generation: found?.generation ?? null },
      },
    )
  }
}

async function recordBuild(send: Send, claim: Claim, fingerprint: string, version: string): Promise<void> {
  await send(
    `update public.tenant_placements set fingerprint = $1, schema_version = $2, built_at = now(), updated_at = now()
     where tenant_id = $3 and generation = $4`,
    [fingerprint, version, claim.tenantId, claim.generation],
  )
}

function differs(schema: SchemaName): ErpmaxError {
  return new ErpmaxError(
    'failure',
    'schema.build_differs',
    `${schema} does not come out as schema.json says; it was rolled back`,
    {
      hint: 'Event triggers or default settings of this database may change what is created; erpmax doctor',
    },
  )
}

function rethrowAt(error: unknown, table: BaselineTable, position: number): never {
  if (error instanceof Error)
    error.message = `${table.module}/${table.area}.sql, ${table.name}, statement ${position + 1}: ${error.message}`
  throw error
}

function progressOf(tables: readonly BaselineTable[]): (table: BaselineTable) => StepProgress {
  const totals = new Map<string, number>()
  const places = new Map<string, { done: number; groupDone: number }>()
  tables.forEach((table, index) => {
    const groupDone = (totals.get(table.module) ?? 0) + 1
    totals.set(table.module, groupDone)
    places.set(table.name, { done: index + 1, groupDone })
  })
  return (table) => ({
    group: table.module,
    item: table.name,
    total: tables.length,
    groupTotal: totals.get(table.module) ?? 0,
    ...(places.get(table.name) ?? { done: 0, groupDone: 0 }),
  })
}

function counts(found: SchemaCounts): SchemaCounts {
  return {
    tables: found.tables,
    columns: found.columns,
    indexes: found.indexes,
    references: found.references,
  }
}

function isDuplicateSchema(error: unknown): boolean {
  return (error as { code?: string }).code === '42P06'
}

function unwrapped(error: unknown): unknown {
  return error instanceof OutcomeUnknown ? error.cause : error
}

/** Fills emptied tables from a backup, inside the caller's transaction, and reads each of them back to compare. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { copyIn, copyOut } from '../../database/copy.js'
import { execute, quoteIdentifier, sql, verbatim } from '../../database/sql.js'
import { isNoFreeSlot, isOutOfLocks } from '../../database/sql-errors.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { outOfLocksError, readLockBudget } from '../lock-budget.js'
import { copyStatement } from './dump.js'
import { tablesWithColumns } from './tables.js'
import { newlinesIn } from './writer.js'
import type { Context } from '../../kernel/context.js'
import type { StepProgress } from '../../kernel/workflow.js'
import type { BackupCursor } from './cursor.js'
import type { Manifest, SealedSection, Section, Sequence } from './manifest.js'
import type { Progress } from './progress.js'

type LoadContext = Pick<Context, 'db' | 'signal'>

const pollMs = 500
/** How often it is looked for a slot, twice a second: as long as a build waits. */
const looks = 1200

/**
 * Takes the tables for the caller alone and empties them, all in one statement, since they refer to each other.
 * COPY fills tables emptied in its own transaction strictly from the front: their rows come back in the same order.
 */
export async function emptyTables(
  ctx: LoadContext,
  schema: string,
  tables: readonly string[],
): Promise<void> {
  const budget = await readLockBudget(ctx)
  await takeSlot(ctx, budget.slots)
  await execute(ctx.db, sql`select pg_advisory_xact_lock(hashtextextended(${schema}, 0))`)
  const names = tables.map((name) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`)
  if (names.length === 0) return
  try {
    await execute(ctx.db, verbatim(`truncate ${names.join(', ')}`))
  } catch (error) {
    throw isOutOfLocks(error) ? outOfLocksError(budget, error) : error
  }
}

/** Emptying locks as much as building does: it waits for one of the same slots. */
async function takeSlot(ctx: LoadContext, slots: number): Promise<void> {
  for (let look = 1; ; look++) {
    try {
      // A savepoint: without a slot the transaction goes on.
      return await ctx.db.transaction(
        async (inner) => void (await execute(inner, sql`select public.take_ddl_slot(${slots})`)),
      )
    } catch (error) {
      if (!isNoFreeSlot(error)) throw error
      if (look === looks) {
        throw new ErpmaxError('busy', 'schema.no_slot', 'All slots for work on schemas stayed taken', {
          hint: 'Run the same command again later; erpmax doctor tells how to allow more at once',
          cause: error,
        })
      }
      await sleep(pollMs, undefined, { signal: ctx.signal }).catch(() => {})
      if (ctx.signal.aborted) throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted')
    }
  }
}

/**
 * The tables of the cursor's volume, in the order of the file, which is one in which they can be filled.
 * @param schema where they go, which may be called otherwise than where they came from
 * @throws failure `backup.load_differs` where what is in a table then is not what was in it
 */
export async function* loadTables(
  ctx: LoadContext,
  cursor: BackupCursor,
  { schema, manifest, progress }: { schema: string; manifest: Manifest; progress: Progress },
): AsyncGenerator<StepProgress, void, void> {
  const known = new Map(
    (await tablesWithColumns(ctx, schema)).map(({ name, columns }) => [name, new Set(columns)]),
  )
  const sealed = new Map(manifest.sections.map((one) => [one.name, one]))
  for (let found = await cursor.nextSection(); found !== null; found = await cursor.nextSection()) {
    if (found.kind !== 'table') continue
    const section = { ...found, schema }
    const columns = known.get(section.name)
    if (!columns || section.columns.some((column) => !columns.has(column))) throw unknownTable(section)
    const expected = sealed.get(section.name)
    if (expected?.bytes !== 0) {
      yield* fill(ctx, cursor, section, progress)
      const there = yield* readBack(ctx, section, progress)
      if (there.rows !== expected?.rows || there.sha256 !== expected.sha256)
        throw differs(section, there.rows, expected)
    }
    yield progress.done(section)
  }
  await requireEmpty(ctx, schema, manifest)
}

/** What is empty in the backup is empty here. */
async function requireEmpty(ctx: LoadContext, schema: string, { sections }: Manifest): Promise<void> {
  const filled = (await tablesWithColumns(ctx, schema)).filter(({ empty }) => !empty)
  const names = new Set(filled.map(({ name }) => name))
  const wrong = sections.find(({ kind, name, bytes }) => kind === 'table' && bytes === 0 && names.has(name))
  if (wrong) throw differs({ ...wrong, schema }, null, wrong)
}

/** Where the sequences stood; only those there are. */
export async function restartSequences(
  ctx: LoadContext,
  schema: string,
  sequences: readonly Sequence[],
): Promise<void> {
  for (const { name, last_value, is_called } of sequences) {
    const qualified = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
    await execute(
      ctx.db,
      sql`select setval(s.seq, ${last_value}::bigint, ${is_called}) from (select to_regclass(${qualified}) as seq) s where s.seq is not null`,
    )
  }
}

/** Tells something now and then while the server works, checking keys after the last byte included. */
async function* fill(
  ctx: LoadContext,
  cursor: BackupCursor,
  section: Section,
  progress: Progress,
): AsyncGenerator<StepProgress, void, void> {
  let ended = false
  const copying = copyIn(
    ctx.db,
    copyStatement(section, 'from stdin'),
    counted(cursor, progress),
    ctx,
  ).finally(() => (ended = true))
  copying.catch(() => {})
  while (!ended) {
    const waking = new AbortController()
    await Promise.race([copying, sleep(pollMs, undefined, { signal: waking.signal }).catch(() => {})])
    waking.abort()
    if (!ended) yield progress.within(section)
  }
  await copying
}

async function* counted(cursor: BackupCursor, progress: Progress): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of cursor.chunks()) {
    progress.add(chunk.length)
    yield chunk
  }
}

async function* readBack(
  ctx: LoadContext,
  section: Section,
  progress: Progress,
): AsyncGenerator<StepProgress, { rows: number; sha256: string }, void> {
  const hash = createHash('sha256')
  let rows = 0
  for await (const chunk of copyOut(ctx.db, copyStatement(section, 'to stdout'), ctx)) {
    hash.update(chunk)
    rows += newlinesIn(chunk)
    if (progress.isDue()) yield progress.within(section)
  }
  return { rows, sha256: hash.digest('hex') }
}

function unknownTable({ schema, name }: Section): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'backup.schema_differs',
    `The backup holds ${name}, which ${schema} does not have in that form`,
    { hint: 'erpmax doctor' },
  )
}

function differs(
  { schema, name }: Pick<Section, 'schema' | 'name'>,
  found: number | null,
  expected: SealedSection | undefined,
): ErpmaxError {
  return new ErpmaxError(
    'failure',
    'backup.load_differs',
    `${schema}.${name} does not hold after loading what the backup holds: ${found ?? 'some'} rows, where ${expected?.rows ?? 0} were written`,
    {
      hint: 'A trigger, a rule or a setting of this database may change what is loaded; erpmax doctor',
      details: { table: name, rows: found, expected_rows: expected?.rows ?? null },
    },
  )
}

/** The invoice run: everything due, batch by batch, each committed before the next; or, as a dry run, said and not done. */
import { setTimeout as sleep } from 'node:timers/promises'
import { oneRow, sql } from '../../database/sql.js'
import { translated } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { billBatch } from './batch.js'
import { Tally, type GeneratedRun } from './tally.js'
import type { DocumentJson } from './document-json.js'
import { dueSubscriptions } from './due.js'
import { beginRun, endRun, failRun, type HeldRun, type RunTotals } from './lease.js'
import { mostCatchUp } from '../plan.js'
import { readFiles, readTerms, type RunTerms } from './terms.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { TenantId } from '../../kernel/ids.js'

export interface GenerateInput {
  /** Null: every tenant. */
  tenants: readonly TenantId[] | null
  asOf: PlainDate | null
  catchUp: number | null
  dryRun: boolean
  /** Wait for a run of somebody else to end, instead of refusing. */
  wait: boolean
  /** Each document in the progress: of a run of 100,000 they are not all kept for its result. */
  everyDocument?: boolean
  /** The daily run it is a step of. */
  dailyRunId?: string | null
}

export type { GeneratedRun }

/** Told after each batch. */
export interface RunProgress {
  event: 'batch'
  done: number
  total: number
  invoices: number
  parked: number
  documents: DocumentJson[]
}

const waitMs = 1000

/** @throws busy `billing.run_busy`; conflict `billing.supplier_missing`; usage `billing.as_of_future` */
export async function* generateInvoices(
  ctx: Context,
  input: GenerateInput,
): AsyncGenerator<RunProgress, GeneratedRun, void> {
  const batchSize = batchSizeOf(ctx)
  const { terms, run } = await begin(ctx, input)
  const tally = new Tally(terms, input.dryRun, run)
  try {
    await ctx.failpoint('billing.begun')
    const files = await readFiles(ctx, terms)
    const due = await dueSubscriptions(ctx, input.tenants, terms, ctx.clock.now())
    for (let at = 0; at < due.length; at += batchSize) {
      if (ctx.signal.aborted) throw interrupted(at, due.length)
      const batch = due.slice(at, at + batchSize)
      const documents = tally.take(
        await billBatch(ctx, run, batch, terms, files),
        input.everyDocument ?? false,
      )
      const { invoices, parked } = tally.totals
      await ctx.failpoint('billing.after_batch')
      yield {
        event: 'batch',
        done: Math.min(at + batchSize, due.length),
        total: due.length,
        invoices,
        parked,
        documents,
      }
    }
    tally.others(await countTenants(ctx, input.tenants))
    if (run) await end(ctx, run, tally.totals)
    return tally.result()
  } catch (thrown) {
    const error = translated(thrown)
    const known = error instanceof ErpmaxError ? error.code : 'unexpected'
    if (run) await failRun(ctx, run, { code: known, message: messageOf(error) }).catch(() => {})
    throw error
  }
}

/** Subscriptions in one transaction (rule 14). */
function batchSizeOf({ config }: Pick<Context, 'config'>): number {
  const text = config.text('ERPMAX_BILLING_BATCH') ?? ''
  const size = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (size >= 1 && size <= 20_000) return size
  throw new ErpmaxError(
    'usage',
    'config.invalid',
    `ERPMAX_BILLING_BATCH must be 1 to 20000, and not "${text}"`,
  )
}

/** Whoever waits may begin on another day than it was, after prices and rates that have changed since. */
async function begin(
  ctx: Context,
  { catchUp, ...input }: GenerateInput,
): Promise<{ terms: RunTerms; run: HeldRun | null }> {
  for (;;) {
    const terms = await readTerms(ctx, { ...input, catchUp: catchUp ?? mostCatchUp })
    try {
      const run = input.dryRun ? null : await beginRun(ctx, terms, input.dailyRunId ?? null)
      return { terms, run }
    } catch (error) {
      const busy = error instanceof ErpmaxError && error.code === 'billing.run_busy'
      if (!busy || !input.wait || ctx.signal.aborted) throw error
      await sleep(waitMs, undefined, { signal: ctx.signal }).catch(() => {})
    }
  }
}

async function end(ctx: Context, run: HeldRun, totals: RunTotals): Promise<void> {
  await transaction(ctx, async (inner) => {
    await endRun(inner, run, totals)
    await audit(inner, {
      action: 'invoice.generate',
      subjectKind: 'billing_run',
      subject: run.id,
      outcome: 'succeeded',
      after: { ...totals },
    })
  })
}

async function countTenants(ctx: Pick<Context, 'db'>, tenants: GenerateInput['tenants']): Promise<number> {
  const { count } = await oneRow<{ count: number }>(
    ctx.db,
    sql`select count(*)::int as count from public.tenants t
        where t.status <> 'deleted' and (${tenants}::uuid[] is null or t.id = any(${tenants}::uuid[]))`,
  )
  return count
}

function interrupted(done: number, total: number): ErpmaxError {
  return new ErpmaxError(
    'interrupted',
    'interrupted',
    `Interrupted after ${done} of ${total} due subscriptions`,
    {
      hint: 'The same command again goes on with the rest: what is billed stays billed',
      details: { done, total },
    },
  )
}

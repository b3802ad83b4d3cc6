/** The invoice run: everything due, batch by batch, each committed before the next; or, as a dry run, said and not done. */
import { setTimeout as sleep } from 'node:timers/promises'
import { oneRow, sql } from '../../database/sql.js'
import { translated } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { billBatch, type BatchResult } from './batch.js'
import { documentsOf, type DocumentJson } from './document-json.js'
import { dueSubscriptions } from './due.js'
import { beginRun, endRun, failRun, type HeldRun, type RunTotals } from './lease.js'
import { mostCatchUp } from '../plan.js'
import { readFiles, readTerms, type RunTerms } from './terms.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { TenantId } from '../../kernel/ids.js'
import type { PreparedAccount } from './prepare.js'

export interface GenerateInput {
  /** Null: every tenant. */
  tenants: readonly TenantId[] | null
  asOf: PlainDate | null
  catchUp: number | null
  dryRun: boolean
  /** Wait for a run of somebody else to end, instead of refusing. */
  wait: boolean
  /** The daily run it is a step of. */
  dailyRunId?: string | null
}

/** Told after each batch. */
export interface RunProgress {
  event: 'batch'
  done: number
  total: number
  invoices: number
  parked: number
  documents: DocumentJson[]
}

export interface GeneratedRun {
  run: { id: string | null; status: string; as_of: PlainDate | null; issue_date: PlainDate } & RunTotals
  dry_run: boolean
  documents: DocumentJson[]
  /** True where there were more documents than are repeated here; each was in the progress. */
  documents_truncated: boolean
  accounts: { tenant: string; outcome: 'parked' | 'skipped'; code: string; reason: string }[]
}

/** Subscriptions in one transaction (rule 14); failpoints try it with fewer. */
const batchSize = 5000
const mostDocuments = 1000
const waitMs = 1000

/** @throws busy `billing.run_busy`; conflict `billing.supplier_missing`; usage `billing.as_of_future` */
export async function* generateInvoices(
  ctx: Context,
  input: GenerateInput,
): AsyncGenerator<RunProgress, GeneratedRun, void> {
  const { terms, run } = await begin(ctx, input)
  const tally = new Tally(terms, input.dryRun, run)
  try {
    await ctx.failpoint('billing.begun')
    const files = await readFiles(ctx, terms)
    const due = await dueSubscriptions(ctx, input.tenants, terms, ctx.clock.now())
    for (let at = 0; at < due.length; at += batchSize) {
      if (ctx.signal.aborted) throw interrupted(at, due.length)
      const batch = due.slice(at, at + batchSize)
      const documents = tally.take(await billBatch(ctx, run, batch, terms, files))
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

/** A tenant with several subscriptions, an ended one and its successor, counts once, by what weighs most. */
const weight = { skipped: 0, nothing_due: 1, due: 2, parked: 3 } as const

/** Adds up a run so that each tenant ends as exactly one of invoiced, nothing due, parked and skipped. */
class Tally {
  readonly totals: RunTotals = {
    ...{ tenants: 0, invoiced: 0, nothing_due: 0, parked: 0, skipped: 0 },
    ...{ invoices: 0, credit_notes: 0, sums: {} },
  }
  readonly #tenants = new Map<string, PreparedAccount>()
  readonly #documents: DocumentJson[] = []
  #truncated = false

  constructor(
    private readonly terms: RunTerms,
    private readonly dryRun: boolean,
    private readonly run: HeldRun | null,
  ) {}

  take(result: BatchResult): DocumentJson[] {
    // Of a rehearsal they would be those of the first batch again.
    const numbers = this.dryRun ? [] : [...result.creditNotes, ...result.invoices].map(({ number }) => number)
    const documents = documentsOf(result.accounts, this.terms, numbers)
    for (const prepared of result.accounts) this.#count(prepared)
    for (const document of documents) this.#add(document)
    const room = mostDocuments - this.#documents.length
    this.#documents.push(...documents.slice(0, room))
    this.#truncated ||= documents.length > room
    return documents
  }

  #count(prepared: PreparedAccount): void {
    const { tenantId } = prepared.account
    const before = this.#tenants.get(tenantId)
    if (before && weight[before.outcome] >= weight[prepared.outcome]) return
    if (before) this.totals[columnOf[before.outcome]] -= 1
    this.#tenants.set(tenantId, slim(prepared))
    this.totals[columnOf[prepared.outcome]] += 1
  }

  #add({ kind, currency, total_minor }: DocumentJson): void {
    const sums = (this.totals.sums[currency] ??= { invoiced_minor: 0, credited_minor: 0 })
    if (kind === 'credit_note') {
      this.totals.credit_notes += 1
      sums.credited_minor += total_minor
    } else {
      this.totals.invoices += 1
      sums.invoiced_minor += total_minor
    }
  }

  /** Everybody whom nothing was due from. */
  others(tenants: number): void {
    this.totals.tenants = Math.max(tenants, this.#tenants.size)
    this.totals.nothing_due += this.totals.tenants - this.#tenants.size
  }

  result(): GeneratedRun {
    const status = this.dryRun ? 'dry_run' : this.totals.parked > 0 ? 'partial' : 'succeeded'
    return {
      run: {
        id: this.run?.id ?? null,
        status,
        as_of: this.terms.asOf,
        issue_date: this.terms.issueDate,
        ...this.totals,
      },
      dry_run: this.dryRun,
      documents: this.#documents,
      documents_truncated: this.#truncated,
      accounts: [...this.#tenants.values()].flatMap(({ account, outcome, reason }) =>
        outcome === 'parked' || outcome === 'skipped'
          ? [{ tenant: account.subdomain, outcome, code: reason?.code ?? '', reason: reason?.message ?? '' }]
          : [],
      ),
    }
  }
}

const columnOf = {
  due: 'invoiced',
  nothing_due: 'nothing_due',
  parked: 'parked',
  skipped: 'skipped',
} as const

/** What the result still needs of an account: a run of 100,000 keeps no documents. */
function slim(prepared: PreparedAccount): PreparedAccount {
  const { account } = prepared
  return { ...prepared, account: { ...account, items: [], adjustments: [] }, invoices: [], credits: [] }
}

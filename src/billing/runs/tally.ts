/** The sums of a run, and what it tells at its end. */
import { documentsOf, type DocumentJson } from './document-json.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { BatchResult } from './batch.js'
import type { HeldRun, RunTotals } from './lease.js'
import type { PreparedAccount } from './prepare.js'
import type { RunTerms } from './terms.js'
import type { WrittenInvoice } from './write.js'

export interface GeneratedRun {
  run: { id: string | null; status: string; as_of: PlainDate | null; issue_date: PlainDate } & RunTotals
  dry_run: boolean
  documents: DocumentJson[]
  /** True where there were more documents than are repeated here; each was in the progress. */
  documents_truncated: boolean
  accounts: { tenant: string; outcome: 'parked' | 'skipped'; code: string; reason: string }[]
}

/** More documents are in the progress alone. */
const mostDocuments = 1000

/** A tenant with several subscriptions, an ended one and its successor, counts once, by what weighs most. */
const weight = { skipped: 0, nothing_due: 1, due: 2, parked: 3 } as const

/** Adds up a run so that each tenant ends as exactly one of invoiced, nothing due, parked and skipped. */
export class Tally {
  readonly totals: RunTotals = {
    ...{ tenants: 0, invoiced: 0, nothing_due: 0, parked: 0, skipped: 0 },
    ...{ invoices: 0, credit_notes: 0, sums: {} },
  }
  #tenants = 0
  #last: PreparedAccount['account']['tenantId'] | null = null
  #outcome: PreparedAccount['outcome'] = 'nothing_due'
  readonly #aside: GeneratedRun['accounts'] = []
  readonly #documents: DocumentJson[] = []
  #truncated = false

  constructor(
    private readonly terms: RunTerms,
    private readonly dryRun: boolean,
    private readonly run: HeldRun | null,
  ) {}

  /** @returns the documents of the batch, where somebody wants each of them */
  take(result: BatchResult, everyDocument: boolean): DocumentJson[] {
    for (const prepared of result.accounts) this.#count(prepared)
    for (const note of result.creditNotes) this.#add('credit_notes', 'credited_minor', note)
    for (const invoice of result.invoices) this.#add('invoices', 'invoiced_minor', invoice)
    const room = mostDocuments - this.#documents.length
    const written = result.creditNotes.length + result.invoices.length
    this.#truncated ||= written > room
    if (room <= 0 && !everyDocument) return []
    // Of a rehearsal they would be those of the first batch again.
    const numbers = this.dryRun ? [] : [...result.creditNotes, ...result.invoices].map(({ number }) => number)
    const documents = documentsOf(result.accounts, this.terms, numbers)
    this.#documents.push(...documents.slice(0, room))
    return everyDocument ? documents : []
  }

  /** The subscriptions of a tenant follow each other. */
  #count({ account, outcome, reason }: PreparedAccount): void {
    const { tenantId, subdomain } = account
    const same = tenantId === this.#last
    if (same && weight[this.#outcome] >= weight[outcome]) return
    if (same) {
      this.totals[columnOf[this.#outcome]] -= 1
      if (isAside(this.#outcome)) this.#aside.pop()
    } else this.#tenants += 1
    this.#last = tenantId
    this.#outcome = outcome
    this.totals[columnOf[outcome]] += 1
    if (isAside(outcome))
      this.#aside.push({
        tenant: subdomain,
        outcome,
        code: reason?.code ?? '',
        reason: reason?.message ?? '',
      })
  }

  #add(
    column: 'invoices' | 'credit_notes',
    sum: 'invoiced_minor' | 'credited_minor',
    { currency, total_minor }: WrittenInvoice,
  ): void {
    const sums = (this.totals.sums[currency] ??= { invoiced_minor: 0, credited_minor: 0 })
    sums[sum] += total_minor
    this.totals[column] += 1
  }

  /** Everybody whom nothing was due from. */
  others(tenants: number): void {
    this.totals.tenants = Math.max(tenants, this.#tenants)
    this.totals.nothing_due += this.totals.tenants - this.#tenants
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
      accounts: this.#aside,
    }
  }
}

const columnOf = {
  due: 'invoiced',
  nothing_due: 'nothing_due',
  parked: 'parked',
  skipped: 'skipped',
} as const

function isAside(outcome: PreparedAccount['outcome']): outcome is 'parked' | 'skipped' {
  return outcome === 'parked' || outcome === 'skipped'
}

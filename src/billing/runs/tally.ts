/** The sums of a run, and what it tells at its end. */
import { documentsOf, type DocumentJson } from './document-json.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { TenantId } from '../../kernel/ids.js'
import type { BatchResult } from './batch.js'
import type { HeldRun, RunTotals } from './lease.js'
import type { PreparedAccount } from './prepare.js'
import type { RunTerms } from './terms.js'

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

/** What is kept of an account: a run of 100,000 keeps no documents. */
interface Outcome extends Pick<PreparedAccount, 'outcome' | 'reason'> {
  tenant: string
}

/** Adds up a run so that each tenant ends as exactly one of invoiced, nothing due, parked and skipped. */
export class Tally {
  readonly totals: RunTotals = {
    ...{ tenants: 0, invoiced: 0, nothing_due: 0, parked: 0, skipped: 0 },
    ...{ invoices: 0, credit_notes: 0, sums: {} },
  }
  readonly #tenants = new Map<TenantId, Outcome>()
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

  #count({ account, outcome, reason }: PreparedAccount): void {
    const { tenantId } = account
    const before = this.#tenants.get(tenantId)
    if (before && weight[before.outcome] >= weight[outcome]) return
    if (before) this.totals[columnOf[before.outcome]] -= 1
    this.#tenants.set(tenantId, { tenant: account.subdomain, outcome, reason })
    this.totals[columnOf[outcome]] += 1
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
      accounts: [...this.#tenants.values()].flatMap(({ tenant, outcome, reason }) =>
        outcome === 'parked' || outcome === 'skipped'
          ? [{ tenant, outcome, code: reason?.code ?? '', reason: reason?.message ?? '' }]
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

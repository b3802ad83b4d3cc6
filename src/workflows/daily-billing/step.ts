/** What a step of the daily run is: its code, and work that tells how far it has come and what it came to. */
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { AppliedToTenant } from '../apply-subscriptions.js'
import type { TenantOutcome } from '../each-tenant.js'
import type { SentMails } from '../mail-run.js'
import type { Effect } from '../../payments/dunning/decide.js'
import type { StageKind } from '../../payments/dunning/schedule.js'
import type { GeneratedRun } from '../../billing/runs/generate.js'

export const stepCodes = ['changes', 'invoices', 'reminders', 'dunning', 'documents', 'mails'] as const

export type StepCode = (typeof stepCodes)[number]

/** `partial`: some tenants failed or were parked, everybody else was served. */
export type StepStatus = 'succeeded' | 'partial' | 'failed' | 'skipped'

export interface ChangesResult {
  tenants: number
  applied: number
  failed: number
  items: TenantOutcome<AppliedToTenant>[]
  items_truncated: boolean
}

export type InvoicesResult = Omit<GeneratedRun, 'dry_run'>

export interface Reminder {
  tenant: string
  kind: 'trial_ending' | 'renewal'
  /** The day the trial ends, or the next annual term begins. */
  on: PlainDate
  /** Why it could not be written. */
  error: { code: string; message: string } | null
}

export interface RemindersResult {
  queued: number
  failed: number
  items: Reminder[]
  items_truncated: boolean
}

/** What dunning did with one tenant. */
export interface Dunned {
  tenant: string
  /** Its earliest unpaid one; null where nothing is overdue any more. */
  invoice: string | null
  /** Since the due date of that. */
  days: number | null
  stage: { kind: StageKind; day: number } | null
  /** Whether it has entered the stage by this run. */
  entered: boolean
  effects: (Effect | 'restored')[]
  /** The kind of the mail that tells the customer. */
  mail: StageKind | null
  error: { code: string; message: string; hint: string | null } | null
}

export interface DunningResult {
  /** With an invoice that is due, whether or not anything was to do. */
  tenants: number
  entered: number
  past_due: number
  suspended: number
  archived: number
  /** Past due or suspended no more: nothing is overdue. */
  restored: number
  /** Mails put into the queue. */
  queued: number
  failed: number
  items: Dunned[]
  items_truncated: boolean
}

/** Mails with a document attached that were put into the queue. */
export interface DocumentsResult {
  invoices: number
  credit_notes: number
}

/** As `mail send` counts them. */
export interface MailsResult extends Pick<
  SentMails,
  'configured' | 'sent' | 'deferred' | 'failed' | 'unknown'
> {
  /** Left in the queue; in a dry run what would come to wait there. */
  waiting: number
}

/** What each step comes to; null where it did not. */
export interface StepResults {
  changes: ChangesResult | null
  invoices: InvoicesResult | null
  reminders: RemindersResult | null
  dunning: DunningResult | null
  documents: DocumentsResult | null
  mails: MailsResult | null
}

export interface StepInput {
  asOf: PlainDate | null
  dryRun: boolean
  wait: boolean
  catchUp: number | null
  /** Null in a dry run. */
  runId: string | null
  /** What the steps before it came to. */
  before: StepResults
}

/** Told while a step goes on, so that the lease is renewed and people see how far it has come. */
export interface StepProgress {
  event: 'progress'
  step: StepCode
  done: number
  total: number
  detail: object
}

export interface StepOutcome<Result> {
  result: Result
  partial: boolean
  /** What of it is kept with the run: numbers, no lists. */
  summary: object
}

export interface DailyStep<Code extends StepCode = StepCode> {
  code: Code
  /** @throws what makes the step fail; what it has committed stays, and the next run goes on from there */
  run(
    ctx: Context,
    input: StepInput,
  ): AsyncGenerator<StepProgress, StepOutcome<NonNullable<StepResults[Code]>>, void>
}

/** Lists in results are repeated up to here; the numbers beside them count all. */
export const mostItems = 1000

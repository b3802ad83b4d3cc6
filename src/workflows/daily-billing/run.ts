/** `billing run`: the daily steps in order, each by itself; what one of them cannot do keeps no other from its work. */
import { isConnectionError, translated } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { dayIn, type PlainDate } from '../../kernel/dates.js'
import { ErpmaxError, messageOf, type ErrorKind } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { findSupplier } from '../../billing/supplier.js'
import { beginDaily, beginStep, endDaily, endStep, renewDaily } from './lease.js'
import { dailySteps } from './steps.js'
import type { Context } from '../../kernel/context.js'
import type { DailyStatus, StepError } from './lease.js'
import type { DailyStep, StepCode, StepProgress, StepResults, StepStatus } from './step.js'

export interface DailyInput {
  asOf: PlainDate | null
  dryRun: boolean
  wait: boolean
  catchUp: number | null
  skip: readonly StepCode[]
}

export interface StepReport {
  code: StepCode
  status: StepStatus
  duration_ms: number
  error: StepError | null
}

export interface DailyResult {
  run: {
    /** Null in a dry run, which leaves no record. */
    id: string | null
    status: DailyStatus | 'dry_run'
    as_of: PlainDate | null
    duration_ms: number
    steps: StepReport[]
  }
  dry_run: boolean
  results: StepResults
}

export type DailyEvent =
  | { event: 'step_started'; step: StepCode }
  | ({ event: 'step_done'; step: StepCode } & Omit<StepReport, 'code'>)
  | StepProgress

const renewAfterMs = 15_000

/**
 * Safe to start twice, and after any interruption: each step finds what is left of its work.
 * @throws busy `billing.daily_busy`, `billing.lease_lost`; usage `billing.as_of_future`; interrupted; dependency where the
 *   database is out of reach
 */
export async function* runDaily(
  ctx: Context,
  input: DailyInput,
): AsyncGenerator<DailyEvent, DailyResult, void> {
  await refuseFuture(ctx, input)
  const began = performance.now()
  const { asOf, dryRun, skip } = input
  const runId = dryRun ? null : await beginDaily(ctx, { ...input, skipped: skip })
  const steps: StepReport[] = []
  const results: StepResults = {
    changes: null,
    invoices: null,
    reminders: null,
    dunning: null,
    documents: null,
    mails: null,
  }
  try {
    await ctx.failpoint('daily.begun')
    for (const [index, step] of dailySteps.entries()) {
      if (skip.includes(step.code)) {
        steps.push({ code: step.code, status: 'skipped', duration_ms: 0, error: null })
        continue
      }
      if (ctx.signal.aborted)
        throw new ErpmaxError('interrupted', 'interrupted', `Interrupted before ${step.code}`)
      yield { event: 'step_started', step: step.code }
      if (runId) await beginStep(ctx, runId, index + 1, step.code)
      const report = yield* oneStep(ctx, step, { ...input, runId, before: results })
      steps.push(report)
      await ctx.failpoint(`daily.after_${step.code}`)
      const { code, ...told } = report
      yield { event: 'step_done', step: code, ...told }
    }
    const status = statusOf(steps)
    if (runId) await end(ctx, runId, status, steps)
    return {
      run: {
        ...{ id: runId, status: dryRun ? 'dry_run' : status, as_of: asOf },
        ...{ duration_ms: Math.round(performance.now() - began), steps },
      },
      dry_run: dryRun,
      results,
    }
  } catch (thrown) {
    const error = known(thrown)
    if (runId) await endDaily(ctx, runId, 'failed', stepError(error)).catch(() => {})
    throw error.kind === 'interrupted' ? resumable(error) : thrown
  }
}

async function* oneStep(
  ctx: Context,
  step: DailyStep,
  input: Parameters<DailyStep['run']>[1],
): AsyncGenerator<StepProgress, StepReport, void> {
  const began = performance.now()
  const took = (): number => Math.round(performance.now() - began)
  const { code } = step
  try {
    const { result, partial, summary } = yield* whileRenewed(ctx, input.runId, step.run(ctx, input))
    ;(input.before as Record<StepCode, unknown>)[code] = result
    const status = partial ? 'partial' : 'succeeded'
    if (input.runId) await endStep(ctx, input.runId, code, { status, summary, error: null })
    return { code, status, duration_ms: took(), error: null }
  } catch (thrown) {
    const error = known(thrown)
    if (stopsAll(thrown, error)) throw thrown
    if (input.runId)
      await endStep(ctx, input.runId, code, { status: 'failed', summary: {}, error: stepError(error) })
    return { code, status: 'failed', duration_ms: took(), error: stepError(error) }
  }
}

async function* whileRenewed<Result>(
  ctx: Context,
  runId: string | null,
  events: AsyncGenerator<StepProgress, Result, void>,
): AsyncGenerator<StepProgress, Result, void> {
  let renewed = performance.now()
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    if (runId && performance.now() - renewed > renewAfterMs) {
      renewed = performance.now()
      await renewDaily(ctx, runId)
    }
    yield next.value
  }
}

/** The other steps would meet the same, or must not go on. */
function stopsAll(thrown: unknown, error: ErpmaxError): boolean {
  return (
    isConnectionError(thrown) ||
    error.kind === 'interrupted' ||
    error.code === 'database.unreachable' ||
    error.code === 'billing.lease_lost'
  )
}

function statusOf(steps: readonly StepReport[]): DailyStatus {
  const has = (status: StepStatus): boolean => steps.some((step) => step.status === status)
  return has('failed') ? 'failed' : has('partial') ? 'partial' : 'succeeded'
}

/** From the worst down: which exit code stands for the whole run. */
const worstFirst: ErrorKind[] = [
  ...(['failure', 'dependency', 'permission', 'conflict', 'not_found', 'usage', 'busy', 'declined'] as const),
]

/** What the run as a whole came to; null where every step did all of its work. */
export function worstOf({ run: { steps } }: DailyResult): ErrorKind | null {
  const kinds = steps.flatMap(({ error }) => (error ? [error.kind] : []))
  const worst = worstFirst.find((kind) => kinds.includes(kind))
  if (worst) return worst
  return steps.some(({ status }) => status === 'partial') ? 'partial' : null
}

async function end(
  ctx: Context,
  id: string,
  status: DailyStatus,
  steps: readonly StepReport[],
): Promise<void> {
  const failed = steps.find((step) => step.error)
  await transaction(ctx, async (inner) => {
    const ended = await endDaily(inner, id, status, failed?.error ?? null)
    if (!ended) await renewDaily(inner, id)
    await audit(inner, {
      ...{ action: 'billing.run', subjectKind: 'daily_run', subject: id },
      outcome: status === 'failed' ? 'failed' : 'succeeded',
      after: { status, steps: Object.fromEntries(steps.map((step) => [step.code, step.status])) },
      ...(failed?.error ? { errorCode: failed.error.code } : {}),
    })
  })
}

async function refuseFuture(ctx: Context, { asOf, dryRun }: DailyInput): Promise<void> {
  if (asOf === null || dryRun) return
  const supplier = await findSupplier(ctx)
  const today = dayIn(supplier?.time_zone ?? 'UTC', ctx.clock.now())
  if (asOf <= today) return
  throw new ErpmaxError(
    'usage',
    'billing.as_of_future',
    `${asOf} is later than today, ${today}: nothing is due yet`,
    { hint: `erpmax billing run --as-of ${asOf} --dry-run` },
  )
}

function known(thrown: unknown): ErpmaxError {
  const error = translated(thrown)
  return error instanceof ErpmaxError
    ? error
    : new ErpmaxError('failure', 'unexpected', messageOf(error), { cause: thrown })
}

function stepError({ kind, code, message, hint }: ErpmaxError): StepError {
  return { kind, code, message, hint: hint ?? null }
}

function resumable(error: ErpmaxError): ErpmaxError {
  return new ErpmaxError('interrupted', error.code, error.message, {
    ...{ details: error.details, cause: error },
    hint: 'The same command again goes on with the rest: what is done stays done',
  })
}

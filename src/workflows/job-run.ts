/** A workflow under a job: the lease kept alive, each step's transaction fenced, the end of it told truthfully. */
import { isConnectionError, translated } from '../database/sql-errors.js'
import { transaction } from '../database/transaction.js'
import { ErpmaxError, messageOf } from '../kernel/errors.js'
import { failJob, recordStep, renewAfterMs, renewLease, type HeldJob } from '../operations/jobs.js'
import type { Context } from '../kernel/context.js'
import type { WorkflowEvent, WorkflowHooks } from '../kernel/workflow.js'

export class JobRun {
  #job: HeldJob | undefined
  #fresh = false
  #positions = new Map<string, number>()
  #renewedAt = performance.now()
  #stepBegan = performance.now()
  #undone = false

  /** @param name failpoints are called after it: `create.before_schema` */
  constructor(
    private readonly ctx: Context,
    private readonly name: string,
  ) {}

  /** @param fresh whether everything there is was made by this run, so that undoing it is right */
  hold(job: HeldJob, fresh: boolean): void {
    this.#job = job
    this.#fresh = fresh
  }

  /** From here on nothing is undone: what the job was for is in use. */
  keep(): void {
    this.#fresh = false
  }

  get job(): HeldJob {
    if (!this.#job) throw new Error('no job is held')
    return this.#job
  }

  hooks(): WorkflowHooks {
    return {
      elapsed: () => performance.now(),
      onEvent: (event) => this.#onEvent(event),
      canUndo: (error) => this.#canUndo(error),
      onUndone: () => (this.#undone = true),
      checkInterrupted: () => {
        if (this.ctx.signal.aborted) throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted')
      },
    }
  }

  /** One transaction of a step: still ours, the work, the step's row. */
  async step<Result>(name: string, work: (ctx: Context) => Promise<Result>): Promise<Result> {
    return transaction(this.ctx, (ctx) => this.within(ctx, name, work))
  }

  /** The same in a transaction that the caller has begun, at its end: from here on the job's row is locked. */
  async within<Result>(ctx: Context, name: string, work: (ctx: Context) => Promise<Result>): Promise<Result> {
    await renewLease(ctx, this.job)
    const result = await work(ctx)
    await recordStep(ctx, this.job, {
      name,
      position: this.#position(name),
      status: 'succeeded',
      elapsedMs: performance.now() - this.#stepBegan,
    })
    await ctx.failpoint(`${this.name}.in_${name}`)
    return result
  }

  /**
   * The error to throw, once the state tells the truth: rolled back, or failed and resumable.
   * @param fail marks what the job was about as failed, in the transaction that fails the job
   */
  async settle(error: unknown, subject: string, fail: (ctx: Context) => Promise<void>): Promise<unknown> {
    if (!this.#job) return error
    if (this.#undone) return withOutcome(error, 'rolled_back', `nothing is left of ${subject}`)
    await transaction(this.ctx, async (ctx) => {
      await renewLease(ctx, this.job)
      await fail(ctx)
      await failJob(ctx, this.job, { code: codeOf(error), message: messageOf(error) })
    }).catch(() => {})
    return withOutcome(error, 'resumable', 'the same command again continues from here')
  }

  /** Failpoints around every step and in its middle; the lease renewed while a step goes on. */
  async #onEvent(event: WorkflowEvent): Promise<void> {
    if (event.event === 'step_started') {
      this.#stepBegan = performance.now()
      await this.ctx.failpoint(`${this.name}.before_${event.step}`)
    }
    if (event.event === 'step_done') await this.ctx.failpoint(`${this.name}.after_${event.step}`)
    if (event.event !== 'progress') return
    if (event.done === Math.ceil(event.total / 2))
      await this.ctx.failpoint(`${this.name}.during_${event.step}`)
    if (!this.#job || performance.now() - this.#renewedAt < renewAfterMs) return
    this.#renewedAt = performance.now()
    await renewLease(this.ctx, this.#job)
  }

  /** What an earlier run made is never taken back; and with the database out of reach nothing can be. */
  #canUndo(error: unknown): boolean {
    const unreachable =
      isConnectionError(error) || isConnectionError(error instanceof Error ? error.cause : null)
    const lost = error instanceof ErpmaxError && error.code === 'job.lease_lost'
    const interruption = error instanceof ErpmaxError && error.kind === 'interrupted'
    return this.#fresh && !lost && (interruption || !unreachable)
  }

  #position(name: string): number {
    const position = this.#positions.get(name) ?? this.#positions.size + 1
    this.#positions.set(name, position)
    return position
  }
}

function codeOf(error: unknown): string {
  const known = translated(error)
  return known instanceof ErpmaxError ? known.code : 'unexpected'
}

/** Says what became of the work, in words and in `details.outcome`, unless the error says so itself. */
function withOutcome(thrown: unknown, outcome: 'rolled_back' | 'resumable', words: string): unknown {
  const error = translated(thrown)
  if (!(error instanceof ErpmaxError)) return annotated(error, words)
  if (error.details.outcome !== undefined) return error
  return new ErpmaxError(error.kind, error.code, `${error.message.replace(/\.$/, '')}; ${words}`, {
    ...(error.hint ? { hint: error.hint } : {}),
    details: { ...error.details, outcome },
    retryable: error.retryable,
    cause: error,
  })
}

/** What nobody foresaw stays as it is, stack and all. */
function annotated(error: unknown, words: string): unknown {
  if (error instanceof Error) error.message = `${error.message}; ${words}`
  return error
}

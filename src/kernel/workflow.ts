/**
 * A workflow is a list of steps, each safe to repeat, each with an optional undo, and yields what
 * happens as it happens. It draws nothing: terminal/progress.ts does.
 */
import { messageOf } from './errors.js'

/** One thing of many that a step has finished: one table of a schema. */
export interface StepProgress {
  /** The group it belongs to (a module) and its own name (a table). */
  group: string
  item: string
  done: number
  total: number
  groupDone: number
  groupTotal: number
  /** Of data moved so far, where the step moves data. */
  bytes?: number
}

/** A group of the things a step goes through: a module with its number of tables. */
export interface ProgressGroup {
  name: string
  total: number
}

export interface PlannedStep {
  name: string
  title: string
  groups?: ProgressGroup[]
}

export type WorkflowEvent =
  | { event: 'plan'; steps: PlannedStep[] }
  | { event: 'step_started'; step: string; title: string }
  | ({ event: 'progress'; step: string } & StepProgress)
  | { event: 'step_done'; step: string; duration_ms: number; note?: string }
  | { event: 'step_failed'; step: string; message: string }
  | { event: 'step_undoing'; step: string }
  | { event: 'step_undone'; step: string }

export interface Step {
  name: string
  title: string
  /** Known beforehand, where the progress comes in groups. */
  groups?: ProgressGroup[]
  /** Does the work; yields progress; returns a short note for people, or nothing. */
  run(): AsyncGenerator<StepProgress, string | void, void>
  /** Takes back what this run did. Not called when the step never began. */
  undo?(): Promise<void>
}

export interface WorkflowHooks {
  /** Milliseconds of a steady clock. */
  elapsed(): number
  /** Awaited around and within steps: a place for leases, job rows and failpoints. */
  onEvent?(event: WorkflowEvent): Promise<void>
  /** Whether undoing makes sense after this error (not when the database is out of reach). */
  canUndo(error: unknown): boolean
  /** Told once everything that began has been taken back. */
  onUndone(): void
  /** Throws when the run should stop before the next step. */
  checkInterrupted(): void
}

/** Runs the steps in order. On an error undoes what began, last first, and throws the first error, even where undoing failed. */
export async function* runWorkflow(
  steps: readonly Step[],
  hooks: WorkflowHooks,
): AsyncGenerator<WorkflowEvent, void, void> {
  const begun: Step[] = []
  const tell = async (event: WorkflowEvent): Promise<WorkflowEvent> => {
    await hooks.onEvent?.(event)
    return event
  }
  yield {
    event: 'plan',
    steps: steps.map(({ name, title, groups }) => ({ name, title, ...(groups ? { groups } : {}) })),
  }
  try {
    for (const step of steps) {
      hooks.checkInterrupted()
      const from = hooks.elapsed()
      begun.push(step)
      yield await tell({ event: 'step_started', step: step.name, title: step.title })
      hooks.checkInterrupted()
      const work = step.run()
      let note: string | void
      try {
        let next = await work.next()
        while (!next.done) {
          yield await tell({ event: 'progress', step: step.name, ...next.value })
          next = await work.next()
        }
        note = next.value
      } finally {
        // Where a hook stops it in its middle it lets go of what it holds, before anything is taken back.
        await work.return(undefined)
      }
      const duration = Math.round(hooks.elapsed() - from)
      yield await tell({
        event: 'step_done',
        step: step.name,
        duration_ms: duration,
        ...(note ? { note } : {}),
      })
    }
  } catch (error) {
    const failed = begun.at(-1)
    if (failed)
      yield {
        event: 'step_failed',
        step: failed.name,
        message: messageOf(error),
      }
    if (hooks.canUndo(error) && (yield* undoAll(begun))) hooks.onUndone()
    throw error
  }
}

/** Takes back what began; false where one of the undos failed, and the rest stays. */
async function* undoAll(begun: Step[]): AsyncGenerator<WorkflowEvent, boolean, void> {
  for (const step of begun.toReversed()) {
    if (!step.undo) continue
    yield { event: 'step_undoing', step: step.name }
    try {
      await step.undo()
    } catch (error) {
      yield { event: 'step_failed', step: step.name, message: messageOf(error) }
      return false
    }
    yield { event: 'step_undone', step: step.name }
  }
  return true
}

/** A step that has no progress to tell. */
export function silent(work: () => Promise<string | void>): Step['run'] {
  return async function* () {
    return work()
  }
}

/** Runs it to its end, with nobody watching, and gives its result. */
export async function drain<Result>(events: AsyncGenerator<unknown, Result, void>): Promise<Result> {
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
  }
}

/** The rows of the progress tree, as the workflow's events leave them: what each says, and in which state it is. */
import { formatBytes, formatDuration } from './format.js'
import { outcomeOf } from './progress.js'
import type { PlannedStep, ProgressGroup, StepProgress, WorkflowEvent } from '../kernel/workflow.js'

export type RowState = 'waiting' | 'running' | 'done' | 'failed' | 'undone'

/** One row: a title, and beside it how far it is. */
export interface Row {
  state: RowState
  title: string
  detail(): string
  /** Fulfilled when nothing of this row will change any more. */
  ended: Promise<void>
}

/** Milliseconds of a steady clock. */
export type Elapsed = () => number

export type StepEvent = Exclude<WorkflowEvent, { event: 'plan' }>

class Ending {
  readonly promise: Promise<void>
  resolve!: () => void

  constructor() {
    this.promise = new Promise((resolve) => (this.resolve = resolve))
  }
}

/** A group under a step: a module, and the table being built in it. */
export class GroupRow implements Row {
  state: RowState = 'waiting'
  readonly title: string
  #at: StepProgress | undefined
  #endedAfter: number | undefined
  #ending = new Ending()

  constructor(private readonly group: ProgressGroup) {
    this.title = group.name
  }

  get ended(): Promise<void> {
    return this.#ending.promise
  }

  take(progress: StepProgress, after: number): void {
    this.state = 'running'
    this.#at = progress
    if (progress.groupDone < progress.groupTotal) return
    this.#endedAfter = after
    this.end('done')
  }

  end(state: RowState): void {
    if (this.state !== 'done') this.state = state
    this.#ending.resolve()
  }

  detail(): string {
    const { total } = this.group
    if (this.state === 'done') {
      const time = this.#endedAfter === undefined ? 'there already' : formatDuration(this.#endedAfter)
      return `${counter(total, total)}  ${time}`
    }
    return `${counter(this.#at?.groupDone ?? 0, total)}  ${this.state === 'running' ? (this.#at?.item ?? '') : ''}`.trimEnd()
  }
}

/** A step of the workflow with its groups. */
export class StepRow implements Row {
  state: RowState = 'waiting'
  readonly title: string
  readonly groups: GroupRow[]
  #outcome = ''
  #at: StepProgress | undefined
  /** Undefined where it failed before it began. */
  #from: number | undefined
  #beginning = new Ending()
  #ending = new Ending()

  constructor(
    planned: PlannedStep,
    private readonly elapsed: Elapsed,
    private readonly signal: AbortSignal,
  ) {
    this.title = planned.title
    this.groups = (planned.groups ?? []).map((group) => new GroupRow(group))
  }

  /** Fulfilled when the step begins, or when it is certain that it never will. */
  get begun(): Promise<void> {
    return this.#beginning.promise
  }

  get ended(): Promise<void> {
    return this.#ending.promise
  }

  take(event: StepEvent): void {
    switch (event.event) {
      case 'step_started':
        this.#from = this.elapsed()
        this.state = 'running'
        return this.#beginning.resolve()
      case 'progress':
        this.#at = event
        return this.groups.find(({ title }) => title === event.group)?.take(event, this.#sinceStart() ?? 0)
      case 'step_done':
        this.#outcome = outcomeOf(event)
        return this.#end('done')
      case 'step_failed':
        this.#outcome = this.#stand()
        return this.#end('failed')
      case 'step_undoing':
      case 'step_undone':
        return
    }
  }

  /** Nothing may wait for this step any longer, whether it began or not. */
  settle(): void {
    if (this.state === 'running') this.#end('failed')
    this.#beginning.resolve()
    this.#ending.resolve()
  }

  detail(): string {
    if (this.state === 'waiting') return ''
    if (this.state !== 'running') return this.#outcome
    return this.signal.aborted ? 'stopping; Ctrl-C again stops at once' : this.#stand()
  }

  /** How far it is, and since when. */
  #stand(): string {
    const after = this.#sinceStart()
    const parts = [
      this.#at && counter(this.#at.done, this.#at.total),
      this.#at?.bytes !== undefined && formatBytes(this.#at.bytes),
      after !== undefined && formatDuration(after),
    ]
    return parts.filter(Boolean).join('  ')
  }

  #sinceStart(): number | undefined {
    return this.#from === undefined ? undefined : this.elapsed() - this.#from
  }

  #end(state: 'done' | 'failed'): void {
    this.state = state
    for (const group of this.groups) {
      group.end(state === 'done' ? 'done' : group.state === 'running' ? 'failed' : 'waiting')
    }
    this.#ending.resolve()
  }
}

/** A step being taken back. */
export class UndoRow implements Row {
  state: RowState = 'running'
  readonly title: string
  #from: number
  #outcome = ''
  #ending = new Ending()

  constructor(
    title: string,
    private readonly elapsed: Elapsed,
  ) {
    this.title = `Undo: ${title}`
    this.#from = elapsed()
  }

  get ended(): Promise<void> {
    return this.#ending.promise
  }

  end(state: 'undone' | 'failed'): void {
    this.state = state
    this.#outcome = formatDuration(this.elapsed() - this.#from)
    this.#ending.resolve()
  }

  detail(): string {
    return this.state === 'running' ? formatDuration(this.elapsed() - this.#from) : this.#outcome
  }
}

function counter(done: number, total: number): string {
  return `${String(done).padStart(2)}/${total}`
}

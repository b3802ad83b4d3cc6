/** Draws what a workflow yields: a tree on a terminal, a line a step elsewhere, events as NDJSON, or nothing. */
import { formatDuration } from './format.js'
import type { ProgressGroup, StepProgress, WorkflowEvent } from '../kernel/workflow.js'
import type { Terminal } from './terminal.js'

export type ProgressMode = 'tree' | 'lines' | 'ndjson' | 'silent'

type Events<Result> = AsyncGenerator<WorkflowEvent, Result, void>

/** Runs the workflow to its end, drawing on stderr (NDJSON on stdout), and gives its result. */
export async function follow<Result>(
  events: Events<Result>,
  mode: ProgressMode,
  terminal: Terminal,
): Promise<Result> {
  if (mode === 'tree') return followTree(events, terminal)
  const draw = mode === 'ndjson' ? drawNdjson : mode === 'lines' ? lineDrawer(terminal) : () => {}
  return each(events, draw)
}

async function each<Result>(events: Events<Result>, draw: (event: WorkflowEvent) => void): Promise<Result> {
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    draw(next.value)
  }
}

function drawNdjson(event: WorkflowEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

/** A line when a step ends: readable in a CI log, where nothing can be redrawn. */
function lineDrawer({ err }: Terminal): (event: WorkflowEvent) => void {
  let total = 0
  let ended = 0
  const titles = new Map<string, string>()
  return (event) => {
    switch (event.event) {
      case 'plan':
        total = event.steps.length
        for (const step of event.steps) titles.set(step.name, step.title)
        return
      case 'step_done':
        ended += 1
        return write(`${err.green('done')}    [${ended}/${total}] ${titles.get(event.step)}${detail(event)}`)
      case 'step_failed':
        return write(`${err.red('failed')}  [${ended + 1}/${total}] ${titles.get(event.step)}`)
      case 'step_undone':
        return write(`${err.yellow('undone')}  ${titles.get(event.step)}`)
      case 'step_started':
      case 'step_undoing':
      case 'progress':
        return
    }
  }
}

function write(line: string): void {
  process.stderr.write(`${line}\n`)
}

function detail({ note, duration_ms }: { note?: string; duration_ms: number }): string {
  return note?.endsWith(' ms') ? `: ${note}` : `: ${note ? `${note}, ` : ''}${formatDuration(duration_ms)}`
}

/** One listr2 task for each step; under a step with groups one for each group, naming what it is at. */
async function followTree<Result>(events: Events<Result>, terminal: Terminal): Promise<Result> {
  const first = await events.next()
  if (first.done) return first.value
  if (first.value.event !== 'plan') throw new Error('a workflow begins with its plan')
  const stages = first.value.steps.map((step) => new Stage(step.title, step.groups ?? []))
  const byName = new Map(first.value.steps.map((step, index) => [step.name, stages[index]]))
  const tree = drawTree(stages, terminal)
  try {
    return await each(events, (event) => {
      if (event.event === 'plan') return
      byName.get(event.step)?.take(event)
    })
  } finally {
    for (const stage of stages) stage.settle()
    await tree
  }
}

async function drawTree(stages: readonly Stage[], { err }: Terminal): Promise<void> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2')
  const logger = new ListrLogger({
    useIcons: true,
    processOutput: new ProcessOutput(process.stderr as never, process.stderr as never),
  })
  const list = new Listr(
    stages.map((stage) => ({
      title: stage.title,
      task: async (
        _: unknown,
        task: { title: string; skip(reason?: string): void; newListr: (...args: never[]) => unknown },
      ) => {
        if (!(await stage.started)) return void task.skip(`${stage.title} ${err.dim('not done')}`)
        stage.onTitle = (title) => (task.title = title)
        if (stage.groups.length === 0) return stage.ended
        return (task.newListr as unknown as (tasks: unknown[], options: unknown) => unknown)(
          stage.groups.map((group) => ({
            title: group.name,
            task: async (__: unknown, subtask: { title: string }) => {
              stage.onProgress.set(group.name, (progress) => {
                subtask.title = `${group.name.padEnd(19)} ${String(progress.groupDone).padStart(2)}/${progress.groupTotal}  ${err.dim(progress.item)}`
              })
              await stage.groupEnded(group.name)
              subtask.title = `${group.name.padEnd(19)} ${group.total} tables`
            },
          })),
          { concurrent: true, exitOnError: false },
        )
      },
    })),
    {
      concurrent: false,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: 'default',
      forceColor: false,
      rendererOptions: {
        logger,
        collapseSubtasks: true,
        collapseErrors: true,
        showErrorMessage: false,
        formatOutput: 'truncate',
      },
    } as never,
  )
  await list.run().catch(() => {})
}

interface Deferred<Value> {
  promise: Promise<Value>
  resolve(value: Value): void
  reject(error: Error): void
}

function deferred<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void
  let reject!: (error: Error) => void
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}

/** A step as the tree sees it: promises that listr2 waits for, fulfilled by the workflow's events. */
class Stage {
  onTitle: (title: string) => void = () => {}
  readonly onProgress = new Map<string, (progress: StepProgress) => void>()
  #started = deferred<boolean>()
  #ended = deferred<void>()
  #groups: Map<string, Deferred<void>>

  constructor(
    readonly title: string,
    readonly groups: readonly ProgressGroup[],
  ) {
    this.#groups = new Map(groups.map(({ name }) => [name, deferred<void>()]))
  }

  get started(): Promise<boolean> {
    return this.#started.promise
  }

  get ended(): Promise<void> {
    return this.#ended.promise
  }

  async groupEnded(name: string): Promise<void> {
    await Promise.race([this.#groups.get(name)?.promise, this.ended])
  }

  take(event: Exclude<WorkflowEvent, { event: 'plan' }>): void {
    switch (event.event) {
      case 'step_started':
        return this.#started.resolve(true)
      case 'progress':
        this.onProgress.get(event.group)?.(event)
        if (event.groupDone === event.groupTotal) this.#groups.get(event.group)?.resolve()
        return
      case 'step_done':
        this.onTitle(`${this.title}${detail(event)}`)
        return this.#ended.resolve()
      case 'step_failed':
        this.#started.resolve(true)
        return this.#ended.reject(new Error(event.message))
      case 'step_undoing':
        return this.onTitle(`${this.title}: taking it back`)
      case 'step_undone':
        return this.onTitle(`${this.title}: taken back`)
    }
  }

  /** At the end of the workflow, whatever it was: nothing may wait any longer. */
  settle(): void {
    this.#started.resolve(false)
    this.#ended.reject(new Error('not done'))
  }
}

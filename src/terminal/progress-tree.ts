/** The tree on a terminal: follows a workflow with listr2, and shows below it what a failed run takes back. */
import { Listr, ListrLogger, ProcessOutput, type DefaultRenderer, type ListrBaseClassOptions } from 'listr2'
import { eachEvent, type WorkflowEvents } from './progress.js'
import { rendererOf, showCursor, type DrawnRows } from './progress-renderer.js'
import { StepRow, UndoRow, type Row } from './progress-rows.js'
import type { Terminal } from './terminal.js'
import type { WorkflowEvent } from '../kernel/workflow.js'

export async function followTree<Result>(
  events: WorkflowEvents<Result>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Result> {
  const first = await events.next()
  if (first.done) return first.value
  if (first.value.event !== 'plan') throw new Error('a workflow begins with its plan')
  const elapsed = (): number => performance.now()
  const rows = new Map(first.value.steps.map((step) => [step.name, new StepRow(step, elapsed, signal)]))
  const story = drawSteps([...rows.values()], terminal)
  let undo: { row: UndoRow; drawn: Promise<void> } | undefined
  const endStory = async (): Promise<void> => {
    for (const row of rows.values()) row.settle()
    await story
  }
  const endUndo = async (state: 'undone' | 'failed'): Promise<void> => {
    undo?.row.end(state)
    await undo?.drawn
    undo = undefined
  }
  const draw = async (event: WorkflowEvent): Promise<void> => {
    if (event.event === 'plan') return
    const row = rows.get(event.step)
    row?.take(event)
    if (event.event === 'step_failed') await endStory()
    if (event.event === 'step_undone') await endUndo('undone')
    if (event.event === 'step_undoing') {
      const undone = new UndoRow(row?.title ?? event.step, elapsed)
      undo = { row: undone, drawn: drawUndo(undone, terminal) }
    }
  }
  try {
    return await eachEvent(events, draw)
  } finally {
    await endStory()
    await endUndo('failed')
  }
}

/** One task for each step, one below it for each of its groups. listr2 waits for them; the rows say how it went. */
async function drawSteps(steps: readonly StepRow[], terminal: Terminal): Promise<void> {
  const drawn: DrawnRows = new Map()
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (_context, task): Promise<unknown> => {
        await step.begun
        if (step.groups.length === 0 || step.state === 'waiting') return step.ended
        const groups = task.newListr(
          step.groups.map((group) => ({ title: group.title, task: () => group.ended })),
          { concurrent: true },
        )
        register(drawn, groups.tasks, step.groups)
        return groups
      },
    })),
    options(drawn, terminal),
  )
  register(drawn, list.tasks, steps)
  await run(list)
}

async function drawUndo(row: UndoRow, terminal: Terminal): Promise<void> {
  const drawn: DrawnRows = new Map()
  const list = new Listr([{ title: row.title, task: () => row.ended }], options(drawn, terminal))
  register(drawn, list.tasks, [row])
  await run(list)
}

function options(
  drawn: DrawnRows,
  terminal: Terminal,
): ListrBaseClassOptions<unknown, typeof DefaultRenderer, 'silent'> {
  const stderr = new ProcessOutput(process.stderr, process.stderr, { leaveEmptyLine: false })
  return {
    concurrent: false,
    exitOnError: false,
    // Its own handler would exit before anything is rolled back.
    registerSignalListeners: false,
    renderer: rendererOf(drawn, terminal),
    rendererOptions: {
      logger: new ListrLogger({ useIcons: true, processOutput: stderr }),
      collapseSubtasks: false,
    },
  }
}

function register(
  drawn: DrawnRows,
  tasks: readonly { id: string; title?: string }[],
  rows: readonly Row[],
): void {
  tasks.forEach((task, index) => {
    const row = rows[index]
    if (row) drawn.set(task.id, { row, task })
  })
}

/** The second signal ends the process at once: the cursor must be there again all the same. */
async function run(list: { run(): Promise<unknown> }): Promise<void> {
  const write = process.stderr.write.bind(process.stderr)
  const restore = (): void => void write(`${showCursor}\n`)
  process.once('exit', restore)
  try {
    await list.run()
  } finally {
    process.off('exit', restore)
  }
}

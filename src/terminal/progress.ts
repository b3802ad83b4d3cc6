/** How a workflow is shown while it runs: a tree on a terminal, a line a step elsewhere, events as NDJSON, or nothing. */
import { formatDuration } from './format.js'
import { jsonText } from './json-text.js'
import type { WorkflowEvent } from '../kernel/workflow.js'
import type { Terminal } from './terminal.js'

export type ProgressMode = 'tree' | 'lines' | 'ndjson' | 'silent'

export type WorkflowEvents<Result> = AsyncGenerator<WorkflowEvent, Result, void>

/**
 * Runs the workflow to its end, drawing on stderr (NDJSON on stdout), and gives its result.
 * @param signal aborted when the run was asked to stop: the tree says so
 */
export async function follow<Result>(
  events: WorkflowEvents<Result>,
  mode: ProgressMode,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Result> {
  if (mode === 'tree') {
    const { followTree } = await import('./progress-tree.js')
    return followTree(events, terminal, signal)
  }
  const draw = mode === 'ndjson' ? drawNdjson : mode === 'lines' ? lineDrawer(terminal) : () => {}
  return eachEvent(events, draw)
}

/** Hands every event on, waiting where the drawing takes its time, and gives what the workflow returns. */
export async function eachEvent<Result>(
  events: WorkflowEvents<Result>,
  draw: (event: WorkflowEvent) => void | Promise<void>,
): Promise<Result> {
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    await draw(next.value)
  }
}

/** What a finished step says of itself: its note and how long it took. */
export function outcomeOf({ note, duration_ms }: { note?: string; duration_ms: number }): string {
  return `${note ? `${note}, ` : ''}${formatDuration(duration_ms)}`
}

function drawNdjson(event: WorkflowEvent): void {
  process.stdout.write(jsonText(event, 'line'))
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
        return write(
          `${err.green('done')}    [${ended}/${total}] ${titles.get(event.step)}: ${outcomeOf(event)}`,
        )
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

/** The daily run while it goes on: a line that changes on a terminal, a line a step elsewhere, NDJSON, or nothing. */
import { formatDuration, hanging } from './format.js'
import { jsonText } from './json-text.js'
import { symbolsOf } from './symbols.js'
import type { DailyEvent, DailyResult } from '../workflows/daily-billing/run.js'
import type { StepCode } from '../workflows/daily-billing/step.js'
import type { ProgressMode } from './progress.js'
import type { Terminal } from './terminal.js'

/** What each step does, for people. */
export const stepTitles: Record<StepCode, string> = {
  changes: 'Apply changes',
  invoices: 'Bill what is due',
  reminders: 'Remind',
  dunning: 'Follow up unpaid',
  documents: 'Queue documents',
  mails: 'Send mails',
}

export async function followDaily(
  events: AsyncGenerator<DailyEvent, DailyResult, void>,
  mode: ProgressMode,
  terminal: Terminal,
): Promise<DailyResult> {
  const drawer = await drawerFor(mode, terminal)
  try {
    for (;;) {
      const next = await events.next()
      if (next.done) return next.value
      drawer.draw(next.value)
    }
  } finally {
    drawer.stop()
  }
}

interface Drawer {
  draw(event: DailyEvent): void
  stop(): void
}

async function drawerFor(mode: ProgressMode, terminal: Terminal): Promise<Drawer> {
  const stop = (): void => {}
  if (mode === 'tree') return spinner(terminal)
  if (mode === 'ndjson')
    return { stop, draw: (event) => void process.stdout.write(jsonText(stamped(event), 'line')) }
  return { stop, draw: mode === 'lines' ? (event) => drawLine(event, terminal) : () => {} }
}

/** A log wants to know when. */
function stamped({ event, ...facts }: DailyEvent): object {
  return { event, at: new Date().toISOString(), ...facts }
}

function drawLine(event: DailyEvent, terminal: Terminal): void {
  if (event.event === 'step_done') process.stderr.write(`${ended(event, terminal)}\n`)
}

async function spinner(terminal: Terminal): Promise<Drawer> {
  const { default: ora } = await import('ora')
  const line = ora({ text: 'Beginning', stream: process.stderr, discardStdin: false }).start()
  return {
    stop: () => void line.stop(),
    draw(event) {
      if (event.event === 'step_started') line.text = stepTitles[event.step]
      if (event.event === 'progress') line.text = `${stepTitles[event.step]}: ${event.done} of ${event.total}`
      if (event.event !== 'step_done') return
      line.stop()
      process.stderr.write(`${ended(event, terminal)}\n`)
      line.start()
    },
  }
}

function ended(event: Extract<DailyEvent, { event: 'step_done' }>, terminal: Terminal): string {
  const { tick, cross } = symbolsOf(terminal)
  const { err } = terminal
  const sign =
    event.status === 'succeeded'
      ? err.green(tick)
      : event.status === 'partial'
        ? err.yellow('!')
        : err.red(cross)
  const text = `${stepTitles[event.step]}, ${formatDuration(event.duration_ms)}`
  return `${sign} ${hanging(event.error ? `${text}: ${event.error.message}` : text, 2, terminal.errWidth)}`
}

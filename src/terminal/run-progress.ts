/** A run that goes from batch to batch: a line that changes on a terminal, a line a batch elsewhere, NDJSON, or nothing. */
import { keepHeapSmall } from './small-heap.js'
import { formatDuration } from './format.js'
import { jsonText } from './json-text.js'
import type { ProgressMode } from './progress.js'

/** What every batch tells. */
interface Batch {
  done: number
  total: number
}

/**
 * @param format what there is to say of the batch beside how far it has come
 * @param opening what is said before the first one
 */
export async function followRun<Event extends Batch, Result>(
  events: AsyncGenerator<Event, Result, void>,
  mode: ProgressMode,
  format: (batch: Event) => string,
  opening = 'Looking for what is due',
): Promise<Result> {
  keepHeapSmall()
  const began = performance.now()
  const spinner =
    mode === 'tree'
      ? (await import('ora')).default({ text: opening, stream: process.stderr, discardStdin: false }).start()
      : null
  try {
    for (;;) {
      const next = await events.next()
      if (next.done) return next.value
      const text = `${percent(next.value)}, ${format(next.value)}${left(next.value, performance.now() - began)}`
      if (spinner) spinner.text = text
      if (mode === 'lines') process.stderr.write(`${text}\n`)
      if (mode === 'ndjson') process.stdout.write(jsonText(next.value, 'line'))
    }
  } finally {
    spinner?.stop()
  }
}

function percent({ done, total }: Batch): string {
  return `${done} of ${total} (${total === 0 ? 100 : Math.floor((done / total) * 100)} %)`
}

/** How long the rest takes at the speed so far. */
function left({ done, total }: Batch, elapsedMs: number): string {
  return done === 0 || done >= total
    ? ''
    : `, about ${formatDuration((elapsedMs / done) * (total - done))} left`
}

/** The log of the listener for a person at a terminal: a short line for each; elsewhere it stays JSON. */
import type { Terminal } from './terminal.js'

interface Line {
  level?: string
  time?: string
  msg?: string
  [name: string]: unknown
}

/** Nothing where stderr is no terminal. */
export function logFormatter(terminal: Terminal): { log?: { write(line: string): void } } {
  if (!Number.isFinite(terminal.errWidth)) return {}
  return { log: { write: (line) => void process.stderr.write(`${formatLogLine(line, terminal)}\n`) } }
}

/** `14:03:07 200 POST /webhooks/stripe 3.1 ms stored evt_1 payment_intent.succeeded`. */
export function formatLogLine(text: string, { err }: Pick<Terminal, 'err'>): string {
  let line: Line
  try {
    line = JSON.parse(text) as Line
  } catch {
    return text.trimEnd()
  }
  const { level, time, msg = '', method, path, status, ms, provider, event, type, outcome, ...rest } = line
  const clock = err.dim((time ?? '').slice(11, 19))
  const paint = level === 'error' || level === 'fatal' ? err.red : level === 'warn' ? err.yellow : err.green
  const words =
    status === undefined
      ? [paint(msg), provider, outcome]
      : [paint(String(status)), method, path, `${String(ms)} ms`, outcome ?? msg, event, type]
  const others = Object.entries(rest).filter(([name]) => name !== 'reqId' && name !== 'ip')
  const more = others.map(([name, value]) =>
    err.dim(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  )
  return [clock, ...words.filter((word) => word !== undefined).map(String), ...more].join(' ')
}

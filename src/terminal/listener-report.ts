/** What a person reads when the listener is ready, and when it has stopped. */
import { formatFacts } from './format.js'
import { symbolsOf } from './symbols.js'
import type { Listener, Tally } from '../http/listen.js'
import type { Terminal } from './terminal.js'

export function formatReady({ url, serves }: Pick<Listener, 'url' | 'serves'>, terminal: Terminal): string {
  const { out, width } = terminal
  const title = `${out.green(symbolsOf(terminal).tick)} Listening on ${out.bold(url)}. Ctrl-C stops it.`
  return `${title}\n${formatFacts([['  Serves', serves.join(' ')]], width)}`
}

export function formatStopped({ listener }: { listener: Tally }, { width }: Terminal): string {
  const { requests, webhooks, inbox } = listener
  return [
    `Stopped after ${requests === 1 ? '1 request' : `${requests} requests`}.`,
    formatFacts(
      [
        ['Webhooks', counts(webhooks)],
        ['Processed', counts({ ...inbox })],
      ],
      width,
    ),
  ]
    .filter((text) => text !== '')
    .join('\n')
}

function counts(found: Readonly<Record<string, number>>): string {
  return Object.entries(found)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
    .join(', ')
}

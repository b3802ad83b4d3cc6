/** What a person reads after `webhook dismiss`. */
import { symbolsOf } from './symbols.js'
import type { DismissedEvent } from '../payments/inbox/dismiss.js'
import type { Terminal } from './terminal.js'

export function formatDismissed({ changed, event }: DismissedEvent, terminal: Terminal): string {
  const name = `${event.type} of ${event.provider}`
  if (!changed) return `${name} had been dismissed before; nothing was done.`
  return `${terminal.out.green(symbolsOf(terminal).tick)} ${name} is dismissed: it was laid aside for ${event.was}.`
}

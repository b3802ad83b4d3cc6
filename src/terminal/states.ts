/** Which states are good, on their way, bad or over: the colour they are shown in. */
import type { ChalkInstance } from 'chalk'

const good = ['active', 'succeeded', 'trialing', 'whole', 'accepted', 'paid', 'sent']
const bad = ['failed', 'past_due', 'different', 'absent', 'refused', 'disabled', 'uncollectible']
const over = ['archived', 'deleting', 'deleted', 'cancelled', 'removed', 'void']

/** A job's state; one that nobody works at any more says so. */
export function paintJobState(
  { status, stalled }: { status: string; stalled: boolean },
  out: ChalkInstance,
): string {
  return stalled ? out.red('stalled') : paintState(status, out)
}

export function paintState(state: string, out: ChalkInstance): string {
  if (good.includes(state)) return out.green(state)
  if (bad.includes(state)) return out.red(state)
  return over.includes(state) ? out.dim(state) : out.yellow(state)
}

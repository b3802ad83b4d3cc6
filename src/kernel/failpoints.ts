/**
 * Failpoints: places where a test can make the program die, hang, break or see its connection cut.
 * `ERPMAX_FAILPOINT=create.after_schema:kill,create.before_seed:error`; outside production only.
 */
import { ErpmaxError } from './errors.js'

export type FailpointAction = 'kill' | 'error' | 'hang' | 'interrupt' | 'disconnect'

export type Failpoint = (name: string) => Promise<void>

const actions: readonly string[] = [
  'kill',
  'error',
  'hang',
  'interrupt',
  'disconnect',
] satisfies FailpointAction[]

/** What the composition root must be able to do to the process. */
export interface FailpointEffects {
  kill(): void
  /** Sends SIGINT to this process and waits until it has arrived. */
  interrupt(): Promise<void>
  /** Ends the database connections of this process from the server's side. */
  disconnect(): Promise<void>
}

/** Reads `name:action,name:action`; throws a usage error on anything else. */
export function parseFailpoints(text: string): Map<string, FailpointAction> {
  const parsed = new Map<string, FailpointAction>()
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [name, action, ...rest] = part.split(':')
    if (!name || !action || rest.length > 0 || !actions.includes(action)) {
      throw new ErpmaxError(
        'usage',
        'config.failpoint_invalid',
        `ERPMAX_FAILPOINT has no meaning in "${part}"`,
        {
          hint: `Write name:action, the action one of ${actions.join(', ')}`,
        },
      )
    }
    parsed.set(name, action as FailpointAction)
  }
  return parsed
}

export function failpoints(
  active: ReadonlyMap<string, FailpointAction>,
  effects: FailpointEffects,
): Failpoint {
  return async (name) => {
    switch (active.get(name)) {
      case undefined:
        return
      case 'kill':
        effects.kill()
        return new Promise(() => {})
      case 'hang':
        return new Promise(() => {})
      case 'interrupt':
        return effects.interrupt()
      case 'disconnect':
        return effects.disconnect()
      case 'error':
        throw new ErpmaxError('failure', 'failpoint', `failpoint ${name}`)
    }
  }
}

/** placeholder */
import type { Context } from '../kernel/context.js'
import type { Secret } from '../kernel/secret.js'
import type { FileAnswers } from './create-tenant-answers.js'
import type { Terminal } from './terminal.js'
export async function askForTenant(
  _ctx: Pick<Context, 'db' | 'clock'>,
  answers: FileAnswers,
  _terminal: Terminal,
): Promise<{ answers: FileAnswers; password: Secret | null }> {
  return { answers, password: null }
}

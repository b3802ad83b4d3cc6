/** The audit row of a command that failed: written after the rollback, by itself. */
import { isUuid } from '../kernel/ids.js'
import { redactKeys } from '../kernel/secret.js'
import type { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'

/** What a failure is written under. */
export interface AuditSubject {
  action: string
  kind: string
  subject: string
}

/** Kinds that say no to what was asked; the others broke on the way. */
const refusals = ['usage', 'permission', 'conflict', 'busy', 'declined', 'not_found']

/** What is neither may be a password that was typed into the wrong place. */
function namesPerson(text: string): boolean {
  return isUuid(text.trim()) || /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text.trim())
}

/** Where the database is down nothing can be written: the error itself is what counts. */
export async function auditFailure(
  ctx: Pick<Context, 'db' | 'actor'>,
  { action, kind, subject }: AuditSubject,
  error: ErpmaxError,
): Promise<void> {
  const { audit } = await import('../operations/audit.js')
  await audit(ctx, {
    action,
    subjectKind: kind,
    subject: kind === 'user' && !namesPerson(subject) ? 'unknown' : redactKeys(subject),
    outcome: refusals.includes(error.kind) ? 'refused' : 'failed',
    errorCode: error.code,
  }).catch(() => {})
}

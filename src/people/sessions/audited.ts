/** Refusals of sign-in, by whichever door they came: an audit row after the rollback, with what was really wrong. */
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

/** Whom it is about, filled in as it becomes known. */
export interface Subject {
  action: string
  kind: 'user' | 'session' | 'token' | 'api_key'
  subject: string
  tenantId?: TenantId | null
}

/** An error whose cause is one of ours is told to the outside alone: the log has the cause's code. */
export async function auditedRefusals<Result>(
  ctx: Pick<Context, 'db' | 'actor'>,
  about: Subject,
  work: (about: Subject) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(about)
  } catch (error) {
    if (error instanceof ErpmaxError) {
      const { code } = error.cause instanceof ErpmaxError ? error.cause : error
      await audit(ctx, {
        action: about.action,
        subjectKind: about.kind,
        subject: about.subject,
        tenantId: about.tenantId ?? null,
        outcome: error.kind === 'dependency' || error.kind === 'failure' ? 'failed' : 'refused',
        errorCode: code,
      }).catch(() => {})
    }
    throw error
  }
}

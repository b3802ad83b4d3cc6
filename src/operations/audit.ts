/** The audit log: who did what and what came of it. */
import { execute, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

export interface AuditEntry {
  action: string
  subjectKind: string
  subject: string
  tenantId?: string | null
  outcome: 'succeeded' | 'failed' | 'refused'
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  errorCode?: string
}

/** Writes one row in the connection or transaction of `ctx`. The caller keeps secrets out of before and after. */
export async function audit(ctx: Pick<Context, 'db' | 'actor'>, entry: AuditEntry): Promise<void> {
  const { actor } = ctx
  await execute(
    ctx.db,
    sql`insert into public.audit_log
          (operator, os_user, host, ci_job, action, subject_kind, subject, tenant_id, outcome, before, after, error_code)
        values (${actor.operator}, ${actor.osUser}, ${actor.host}, ${actor.ciJob}, ${entry.action}, ${entry.subjectKind},
                ${entry.subject.slice(0, 200)}, ${entry.tenantId ?? null}, ${entry.outcome},
                ${entry.before ? JSON.stringify(entry.before) : null}, ${entry.after ? JSON.stringify(entry.after) : null},
                ${entry.errorCode ?? null})`,
  )
}

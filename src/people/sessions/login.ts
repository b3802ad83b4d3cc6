/** `auth login`: a password becomes a session in one tenant. */
import { execute, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { audit } from '../../operations/audit.js'
import { addressIn } from '../particulars.js'
import { requireReadable } from '../passwords.js'
import { auditedRefusals } from './audited.js'
import { enter } from './place.js'
import { passwordWrong, provePassword } from './prove-password.js'
import { beginSession } from './session-rows.js'
import { signedIn, type SessionContext, type SignedIn } from './signed-in.js'
import type { Secret } from '../../kernel/secret.js'

export interface LoginInput {
  email: string
  password: Secret
  /** Subdomain or id; null: the default one, or the only one. */
  tenant: string | null
}

/**
 * @throws usage `password.invalid` (73 bytes and more are refused, not cut), `auth.tenant_needed`; permission
 * `auth.refused`, `user.disabled`, `auth.no_tenant`, `auth.not_a_member`; conflict `tenant.suspended`,
 * `tenant.archived`, `tenant.not_active`
 */
export async function login(
  ctx: SessionContext,
  { password, tenant, ...input }: LoginInput,
): Promise<SignedIn> {
  const email = addressIn(input.email)
  // What is no address is not written down: people type their password into the wrong field.
  const about = { action: 'auth.login', kind: 'user', subject: email ?? 'unknown' } as const
  return auditedRefusals(ctx, { ...about }, async (subject) => {
    requireReadable(password)
    const proven = await provePassword(ctx, email, password)
    return transaction(ctx, async (inner) => {
      const { user, place } = await enter(inner, proven.id, tenant, 'no key update')
      if (user.password_hash !== proven.password_hash) throw passwordWrong()
      await execute(
        inner.db,
        sql`update public.users set last_login_at = ${ctx.clock.now()} where id = ${user.id}`,
      )
      subject.tenantId = place.tenantId
      const session = await beginSession(inner, user.id, place.tenantId)
      const result = await signedIn(inner, user, place, session)
      await audit(inner, {
        ...{ action: about.action, subjectKind: about.kind, subject: user.email },
        ...{ tenantId: place.tenantId, outcome: 'succeeded' },
        after: { session_id: session.id, tenant: place.subdomain, role: place.role },
      })
      return result
    })
  })
}

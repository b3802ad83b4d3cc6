/** What a token of an invitation stands for, and whether it is still good. Looking consumes nothing. */
import { firstRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import { tokenIn } from '../links.js'
import { hashOf } from '../one-time-token.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'
import type { UserStatus } from '../find-user.js'

export interface FoundInvitation {
  id: string
  tenantId: TenantId
  subdomain: string
  company: string
  timeZone: string
  userId: UserId
  email: string
  fullName: string
  userStatus: UserStatus
  language: string
  hasPassword: boolean
  role: { code: string; name: string }
  status: 'pending' | 'accepted' | 'revoked' | 'expired'
  expiresAt: Date
  /** Null: it was taken away. */
  membership: 'invited' | 'active' | null
}

/** @throws not_found `invitation.not_found` */
export async function findInvitation(ctx: Pick<Context, 'db'>, token: string): Promise<FoundInvitation> {
  const found = await firstRow<Omit<FoundInvitation, 'role'> & { code: string; role_name: string }>(
    ctx.db,
    sql`select i.id, i.tenant_id as "tenantId", t.subdomain, t.name as company, t.time_zone as "timeZone", i.user_id as "userId", u.email,
               u.full_name as "fullName", u.status as "userStatus", u.language, u.password_hash is not null as "hasPassword",
               coalesce(r.code, '') as code, coalesce(r.name, '') as role_name, i.status, i.expires_at as "expiresAt", m.status as membership
        from public.invitations i
        join public.tenants t on t.id = i.tenant_id
        join public.users u on u.id = i.user_id
        left join public.memberships m on m.tenant_id = i.tenant_id and m.user_id = i.user_id and m.status <> 'removed'
        left join public.roles r on r.id = coalesce(m.role_id, i.role_id)
        where i.token_hash = ${hashOf(tokenIn(token))}`,
  )
  if (!found) {
    throw new ErpmaxError('not_found', 'invitation.not_found', 'There is no such invitation', {
      hint: 'Check that the whole token was copied, or ask for a new invitation',
    })
  }
  const { code, role_name, ...invitation } = found
  return { ...invitation, role: { code, name: role_name } }
}

/**
 * @throws conflict `invitation.used`, `invitation.revoked`, `invitation.expired`, `user.disabled`, and where the tenant
 * lets nobody sign in
 */
export async function requireOpen(ctx: Pick<Context, 'db' | 'clock'>, found: FoundInvitation): Promise<void> {
  const { status, expiresAt, membership, subdomain, email } = found
  const again = `erpmax user invitations resend ${subdomain} ${email}`
  const refuse = (code: string, message: string, hint: string): never => {
    throw new ErpmaxError('conflict', code, message, { hint })
  }
  if (status === 'accepted')
    refuse('invitation.used', 'This invitation was accepted already', `erpmax user show ${email}`)
  if (status === 'revoked' || membership === null)
    refuse(
      'invitation.revoked',
      'This invitation was taken back',
      `erpmax user invitations list ${subdomain}`,
    )
  if (status === 'expired' || expiresAt <= ctx.clock.now())
    refuse('invitation.expired', `This invitation ended at ${expiresAt.toISOString()}`, again)
  if (found.userStatus === 'disabled')
    refuse('user.disabled', 'This account is disabled', `erpmax user enable ${email}`)
  await assertTenantMay(ctx, { id: found.tenantId }, 'sign_in')
}

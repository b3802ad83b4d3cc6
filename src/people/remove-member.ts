/** Takes somebody out of a tenant: the membership ends, their sessions there too, and the ERP shuts them out. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, firstRow, sql } from '../database/sql.js'
import { audit } from '../operations/audit.js'
import { findTenant } from '../tenants/find.js'
import { actingEmail, actingIn, requireMayHandle } from './acting.js'
import { endSessions } from './end-sessions.js'
import { followInErp } from './erp-follow.js'
import { isOwnerRole } from './find-role.js'
import { findUser } from './find-user.js'
import { closePending } from './invitations/issue.js'
import { withdraw } from './invitations/renew.js'
import { holdPeople, memberOf, notAMember } from './members.js'
import { requireAnotherOwner } from './owners.js'
import { settleDefault } from './seats.js'
import type { Context } from '../kernel/context.js'

export interface RemovedMember {
  dry_run: boolean
  /** False where they had been removed before. */
  changed: boolean
  member: { tenant: string; user: string; role: string | null; status: 'removed' }
  sessions_ended: number
}

/**
 * Somebody who is only invited loses the invitation. The account stays, and places in other tenants. Safe to repeat.
 * @throws not_found `user.not_a_member`; permission `access.owner_only`; conflict `user.last_owner`
 */
export async function removeMember(
  ctx: Context,
  input: { tenant: string; user: string; as: string | null; dryRun: boolean },
): Promise<RemovedMember> {
  const tenant = await findTenant(ctx, input.tenant)
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    await holdPeople(inner, tenant)
    const acting = await actingIn(inner, tenant, input.as)
    const user = await findUser(inner, input.user, { lock: true })
    const member = await memberOf(inner, tenant.id, user)
    const result = (role: string | null, changed: boolean, sessions: number): RemovedMember => ({
      ...{ dry_run: input.dryRun, changed, sessions_ended: sessions },
      member: { tenant: tenant.subdomain, user: user.email, role, status: 'removed' },
    })
    if (!member) {
      const once = await firstRow(
        inner.db,
        sql`select 1 from public.memberships where tenant_id = ${tenant.id} and user_id = ${user.id}`,
      )
      return once ? result(null, false, 0) : notAMember(tenant, user)
    }
    requireMayHandle(acting, tenant, member.role)
    if (isOwnerRole(member.role)) await requireAnotherOwner(inner, tenant, member)
    await closePending(inner, tenant.id, user.id)
    await withdraw(inner, tenant, member)
    await execute(
      inner.db,
      sql`update public.memberships set status = 'removed', is_default = false, updated_at = now()
          where id = ${member.membershipId} and status = 'active'`,
    )
    await settleDefault(inner, user.id)
    const sessions = await endSessions(inner, user.id, { tenantId: tenant.id, reason: 'removed' })
    await followInErp(inner, tenant.id, user.id)
    const by = actingEmail(acting)
    await audit(inner, {
      ...{ action: 'user.remove', subjectKind: 'user', subject: user.email, tenantId: tenant.id },
      outcome: 'succeeded',
      before: { tenant: tenant.subdomain, role: member.role.code, status: member.status },
      after: { status: 'removed', ...(by ? { as: by } : {}) },
    })
    return result(member.role.code, true, sessions)
  })
}

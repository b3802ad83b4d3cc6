/** Disables an account, which ends every session of it, and enables it again. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { endSessions } from './end-sessions.js'
import { followInErp } from './erp-follow.js'
import { holdAccount } from './everywhere.js'
import { requireOwnersWithout } from './owners.js'
import { closeResets } from './reset-password.js'
import type { Context } from '../kernel/context.js'

export interface StatusChange {
  user: string
  to: 'active' | 'disabled'
  reason: string | null
  /** A member who does it; null: the operator. */
  as: string | null
  dryRun: boolean
}

export interface ChangedStatus {
  dry_run: boolean
  /** False where it was so already. */
  changed: boolean
  user: { id: string; email: string; status: string }
  /** Where the account has a place. */
  tenants: string[]
  sessions_ended: number
}

/**
 * Safe to repeat. The places in tenants stay, and the roles in them.
 * @throws conflict `user.last_owner`, `user.not_active` for somebody who never accepted an invitation; permission
 *   `access.owner_only`, `access.denied`
 */
export async function setUserStatus(ctx: Context, input: StatusChange): Promise<ChangedStatus> {
  return changeOrRehearse(ctx, input.dryRun, async (inner) => {
    const { user, tenants } = await holdAccount(inner, input.user, input.as)
    if (user.status === 'invited') {
      throw new ErpmaxError(
        'conflict',
        'user.not_active',
        `${user.email} has not accepted an invitation yet`,
        {
          hint: `erpmax user show ${user.email}`,
        },
      )
    }
    const changed = user.status !== input.to
    let sessions = 0
    if (changed) {
      if (input.to === 'disabled') {
        await requireOwnersWithout(inner, user)
        await closeResets(inner, user.id)
        sessions = await endSessions(inner, user.id, { reason: 'disabled' })
      }
      await execute(
        inner.db,
        sql`update public.users set status = ${input.to}, updated_at = now() where id = ${user.id}`,
      )
      await audit(inner, {
        ...{ action: `user.${input.to === 'disabled' ? 'disable' : 'enable'}`, subjectKind: 'user' },
        ...{ subject: user.email, outcome: 'succeeded' },
        before: { status: user.status },
        after: { status: input.to, reason: input.reason, ...(input.as === null ? {} : { as: input.as }) },
      })
    }
    for (const tenant of tenants) await followInErp(inner, tenant.id, user.id)
    return {
      ...{ dry_run: input.dryRun, changed, sessions_ended: sessions },
      user: { id: user.id, email: user.email, status: input.to },
      tenants: tenants.map(({ subdomain }) => subdomain).sort(),
    }
  })
}

/** Ends the sessions of a person, in the transaction that takes their access away. */
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'

/**
 * @param ctx in a transaction
 * @param only in one tenant; without one everywhere
 * @returns how many were ended
 */
export function endSessions(
  _ctx: Pick<Context, 'db'>,
  _userId: UserId,
  _only: { tenantId?: TenantId | null; reason: string },
): Promise<number> {
  return Promise.resolve(0)
}

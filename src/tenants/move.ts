/** Moves a tenant from state to state; the database refuses what is not legal and writes the history. */
import { execute, firstRow, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/** Who, why and when, for the rows the triggers write until this transaction ends. */
export async function asOperator(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  reason: string | null = null,
): Promise<void> {
  await rows(
    ctx.db,
    sql`select set_config('erpmax.operator', ${ctx.actor.operator}, true), set_config('erpmax.reason', ${reason ?? ''}, true),
               set_config('erpmax.now', ${ctx.clock.now().toISOString()}, true)`,
  )
}

/** The tenant's state as it is now, held until the transaction ends. */
export async function lockTenant(ctx: Pick<Context, 'db'>, id: TenantId): Promise<string> {
  const found = await firstRow<{ status: string }>(
    ctx.db,
    sql`select status from public.tenants where id = ${id} for update`,
  )
  if (!found)
    throw new ErpmaxError('not_found', 'tenant.not_found', 'The tenant is gone', {
      hint: 'erpmax tenant list',
    })
  return found.status
}

/**
 * For moves that carry nothing but the state.
 * @throws SQLSTATE ERX02 (conflict `state.illegal_move`) where the move is not legal
 */
export async function moveTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  id: TenantId,
  to: string,
  reason: string | null = null,
): Promise<void> {
  await asOperator(ctx, reason)
  await execute(ctx.db, sql`update public.tenants set status = ${to}, updated_at = now() where id = ${id}`)
}

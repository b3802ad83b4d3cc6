/** The moves of a tenant that is being restored: out of the state it was in, and back into it. */
import { execute, oneRow, sql } from '../database/sql.js'
import { schemaName, type SchemaName, type TenantId } from '../kernel/ids.js'
import { asOperator } from './move.js'
import type { Context } from '../kernel/context.js'

/** The state to go back to, with what belongs to a suspension. */
export interface StateBefore {
  status: 'active' | 'suspended' | 'archived'
  suspension_cause: string | null
  suspension_reason: string | null
}

export interface ClaimedSchema {
  schema: SchemaName
  generation: number
}

/** As it is now; the row is locked by the caller. Null in any other state. */
export async function stateBefore(ctx: Pick<Context, 'db'>, id: TenantId): Promise<StateBefore | null> {
  const found = await oneRow<{ status: string } & Omit<StateBefore, 'status'>>(
    ctx.db,
    sql`select status, suspension_cause, suspension_reason from public.tenants where id = ${id}`,
  )
  const { status } = found
  return status === 'active' || status === 'suspended' || status === 'archived' ? { ...found, status } : null
}

/** A failed tenant is built anew, which is `provisioning`; every other one is `restoring`. Earlier holders are fenced off. */
export async function beginRestoring(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  id: TenantId,
): Promise<ClaimedSchema> {
  await asOperator(ctx, 'a backup is being restored')
  await execute(
    ctx.db,
    sql`update public.tenants set status = case status when 'failed' then 'provisioning' else 'restoring' end, updated_at = now()
        where id = ${id} and status in ('active', 'suspended', 'archived', 'failed')`,
  )
  return claimSchema(ctx, id)
}

/** A new generation: whoever works on the schema under an earlier one can record nothing any more. */
export async function claimSchema(ctx: Pick<Context, 'db'>, id: TenantId): Promise<ClaimedSchema> {
  const placed = await oneRow<{ schema_name: string; generation: number }>(
    ctx.db,
    sql`update public.tenant_placements set generation = generation + 1, updated_at = now() where tenant_id = ${id}
        returning schema_name, generation`,
  )
  return { schema: schemaName(placed.schema_name), generation: placed.generation }
}

/** Back to where it was; by way of `active` where it had failed in between. */
export async function endRestoring(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  id: TenantId,
  before: StateBefore,
  reason: string,
): Promise<void> {
  await asOperator(ctx, reason)
  const { status, suspension_cause: cause, suspension_reason: why } = before
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'active', activated_at = coalesce(activated_at, now()), updated_at = now()
        where id = ${id} and status = 'provisioning'`,
  )
  const suspended = status === 'suspended'
  await execute(
    ctx.db,
    sql`update public.tenants set status = ${status}, suspension_cause = ${suspended ? (cause ?? 'operator') : null},
               suspension_reason = ${suspended ? why : null}, updated_at = now()
        where id = ${id} and status in ('restoring', 'active') and status <> ${status}`,
  )
}

/** Its data is not whole any more. */
export async function failRestoring(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  id: TenantId,
): Promise<void> {
  await asOperator(ctx, 'a restore failed')
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'failed', suspension_cause = null, suspension_reason = null, updated_at = now()
        where id = ${id} and status in ('restoring', 'provisioning')`,
  )
}

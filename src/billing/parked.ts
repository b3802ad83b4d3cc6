/** Accounts that the biller leaves alone until a person has looked: released, they are billed again. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface ReleasedAccount {
  tenant: string
  code: string
  reason: string
  parked_at: string
  released_by: string
  note: string | null
  dry_run: boolean
}

/**
 * A price that was parked for its jump counts as looked at from here on.
 * @throws conflict `billing.not_parked`
 */
export async function releaseAccount(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: { id: TenantId; subdomain: string },
  { note, dryRun }: { note: string | null; dryRun: boolean },
): Promise<ReleasedAccount> {
  return changeOrRehearse(ctx, dryRun, (inner) => release(inner, tenant, note, dryRun))
}

async function release(
  ctx: Pick<Context, 'db' | 'actor'>,
  tenant: { id: TenantId; subdomain: string },
  note: string | null,
  dryRun: boolean,
): Promise<ReleasedAccount> {
  await assertTenantMay(ctx, tenant, 'pay')
  const parked = await firstRow<{ id: string; code: string; reason: string; parked_at: Date }>(
    ctx.db,
    sql`select id, code, reason, parked_at from public.parked_accounts
        where tenant_id = ${tenant.id} and released_at is null for update`,
  )
  if (!parked) throw notParked(tenant.subdomain)
  const { operator } = ctx.actor
  await execute(
    ctx.db,
    sql`update public.parked_accounts set released_at = clock_timestamp(), released_by = ${operator}, release_note = ${note}
        where id = ${parked.id}`,
  )
  const { code, reason } = parked
  await audit(ctx, {
    ...{ action: 'billing.release', subjectKind: 'tenant', subject: tenant.subdomain, tenantId: tenant.id },
    ...{ outcome: 'succeeded', before: { code, reason }, after: { note } },
  })
  return {
    ...{ tenant: tenant.subdomain, code, reason },
    ...{ parked_at: parked.parked_at.toISOString(), released_by: operator, note },
    dry_run: dryRun,
  }
}

export function notParked(subdomain: string): ErpmaxError {
  return new ErpmaxError('conflict', 'billing.not_parked', `${subdomain} is not parked`, {
    hint: 'erpmax billing parked list',
  })
}

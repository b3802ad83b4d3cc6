/** The one gate: what a tenant may do in the state it is in. Every command, endpoint and job passes through it. */
import { rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/**
 * `subscribe`: change what it subscribes to; `work`: jobs, features, usage, credentials; `sign_in`: people of the
 * tenant and their tokens; `update`: its particulars; `pay`, `restore`, `export`: while there is something to; `repair`:
 * finish or mend its schema, `drop` it; `show`: always.
 */
export const tenantActions = [
  ...(['show', 'pay', 'export', 'restore', 'update', 'subscribe', 'work', 'sign_in'] as const),
  ...(['repair', 'drop'] as const),
] as const

export type TenantAction = (typeof tenantActions)[number]

const open: Readonly<Record<string, readonly TenantAction[]>> = {
  pending: ['show'],
  provisioning: ['show', 'repair'],
  active: ['show', 'pay', 'export', 'restore', 'update', 'subscribe', 'work', 'sign_in', 'repair'],
  suspended: ['show', 'pay', 'export', 'restore', 'update'],
  archived: ['show', 'pay', 'export', 'restore', 'drop'],
  restoring: ['show'],
  failed: ['show', 'restore', 'repair', 'drop'],
  deleting: ['show', 'drop'],
  deleted: ['show'],
}

interface GatedTenant {
  id: TenantId
  subdomain: string
  status: string
  suspension_cause: string | null
  suspension_reason: string | null
}

/** The rule alone, without asking the database. */
export function stateAllows(status: string, action: TenantAction): boolean {
  return open[status]?.includes(action) ?? false
}

/**
 * Reads the tenant's state in the transaction of `ctx` and holds it there, so that it does not change meanwhile.
 * @throws conflict `tenant.suspended`, `tenant.archived`, or `tenant.not_active` with the state and its reason
 */
export async function assertTenantMay(
  ctx: Pick<Context, 'db'>,
  tenant: Pick<GatedTenant, 'id'>,
  action: TenantAction,
): Promise<void> {
  const refused = (await refusals(ctx, [tenant.id], action)).get(tenant.id)
  if (refused === undefined) throw new Error(`there is no tenant ${tenant.id}`)
  if (refused) throw refused
}

/** The same for many at once: null for each that may, an error to throw or to note for each that may not. */
export async function refusals(
  ctx: Pick<Context, 'db'>,
  ids: readonly TenantId[],
  action: TenantAction,
): Promise<Map<TenantId, ErpmaxError | null>> {
  // In one order, so that two who ask for many do not wait for each other.
  const found = await rows<GatedTenant>(
    ctx.db,
    sql`select id, subdomain, status, suspension_cause, suspension_reason from public.tenants
        where id = any(${ids}::uuid[]) order by id for share`,
  )
  return new Map(
    found.map((tenant) => [tenant.id, stateAllows(tenant.status, action) ? null : refusal(tenant)]),
  )
}

function refusal({
  subdomain,
  status,
  suspension_cause: cause,
  suspension_reason: reason,
}: GatedTenant): ErpmaxError {
  const details = { status, cause, reason }
  if (status === 'suspended') {
    const why = reason ? `: ${reason}` : ''
    return new ErpmaxError(
      'conflict',
      'tenant.suspended',
      `${subdomain} is suspended by ${cause ?? 'operator'}${why}`,
      {
        hint: cause === 'billing' ? `erpmax tenant show ${subdomain}` : `erpmax tenant resume ${subdomain}`,
        details,
      },
    )
  }
  if (status === 'archived') {
    return new ErpmaxError('conflict', 'tenant.archived', `${subdomain} is archived`, {
      hint: `erpmax tenant unarchive ${subdomain}`,
      details,
    })
  }
  return new ErpmaxError('conflict', 'tenant.not_active', `${subdomain} is ${status}`, {
    hint: `erpmax tenant show ${subdomain}`,
    details,
  })
}

/** The one gate: what a tenant may do in the state it is in. Every command, endpoint and job passes through it. */
import { oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/**
 * `subscribe`: change what it subscribes to; `work`: jobs, features, usage, credentials; `sign_in`: people of the
 * tenant and their tokens; `update`: its particulars; `pay`, `restore`, `export`, `show`: always, while it exists.
 */
export type TenantAction = 'show' | 'pay' | 'export' | 'restore' | 'update' | 'subscribe' | 'work' | 'sign_in'

const open: Readonly<Record<string, readonly TenantAction[]>> = {
  active: ['show', 'pay', 'export', 'restore', 'update', 'subscribe', 'work', 'sign_in'],
  suspended: ['show', 'pay', 'export', 'restore', 'update'],
  archived: ['show', 'pay', 'export', 'restore'],
  failed: ['show', 'restore'],
  deleted: ['show'],
}

interface GatedTenant {
  id: TenantId
  subdomain: string
  status: string
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
  const found = await oneRow<
    GatedTenant & { suspension_cause: string | null; suspension_reason: string | null }
  >(
    ctx.db,
    sql`select id, subdomain, status, suspension_cause, suspension_reason from public.tenants where id = ${tenant.id} for share`,
  )
  if (open[found.status]?.includes(action)) return
  throw refusal(found, found.suspension_cause, found.suspension_reason)
}

function refusal(
  { subdomain, status }: GatedTenant,
  cause: string | null,
  reason: string | null,
): ErpmaxError {
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

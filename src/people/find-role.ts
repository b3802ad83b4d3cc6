/** Finds one role, of a tenant or of all, with what it allows. */
import { firstRow, rows, sql, verbatim } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { nearest } from '../kernel/nearest.js'
import { quoted } from './particulars.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface KnownRole {
  id: string
  code: string
  name: string
  description: string
  is_built_in: boolean
  /** Null: of all tenants. */
  tenant_id: TenantId | null
  /** `module:action`, in order. */
  permissions: string[]
}

/** The columns of a role r, its permissions among them. */
export const roleColumns = verbatim(`r.id, r.code, r.name, r.description, r.is_built_in, r.tenant_id,
  coalesce((select array_agg(p.permission_code order by p.permission_code) from public.role_permissions p where p.role_id = r.id), '{}') as permissions`)

/**
 * The tenant's own role of this code before that of all tenants.
 * @param tenantId null: only those of all tenants
 * @throws not_found `role.not_found`
 */
export async function findRole(
  ctx: Pick<Context, 'db'>,
  code: string,
  tenantId: TenantId | null,
): Promise<KnownRole> {
  const found = await firstRow<KnownRole>(
    ctx.db,
    sql`select ${roleColumns} from public.roles r
        where r.code = ${code.trim().toLowerCase()} and (r.tenant_id is null or r.tenant_id = ${tenantId}::uuid)
        order by r.tenant_id nulls last limit 1`,
  )
  if (found) return found
  const others = await rows<{ code: string }>(
    ctx.db,
    sql`select code from public.roles where tenant_id is null or tenant_id = ${tenantId}::uuid order by code`,
  )
  const meant = nearest(
    code,
    others.map((other) => other.code),
  )
  throw new ErpmaxError(
    'not_found',
    'role.not_found',
    `There is no role ${quoted(code)}${meant ? `; ${meant}?` : ''}`,
    { hint: 'erpmax role list' },
  )
}

export function isOwnerRole({ code, is_built_in }: Pick<KnownRole, 'code' | 'is_built_in'>): boolean {
  return is_built_in && code === 'owner'
}

/** Finds a site by its address or its id. */
import { firstRow, sql, verbatim } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { redactKeys } from '../../kernel/secret.js'
import { isUuid, type TenantId } from '../../kernel/ids.js'
import { siteOrigin } from './site-origin.js'
import type { Context } from '../../kernel/context.js'

export interface Site {
  id: string
  tenant_id: TenantId
  /** The subdomain. */
  tenant: string
  origin: string
  created_at: Date
  removed_at: Date | null
}

/**
 * By its address the one in use; where there is none, the one that was removed last.
 * @param lock holds it until the transaction ends
 * @throws usage `sso.site_invalid`; not_found `sso.site_unknown`
 */
export async function findSite(
  ctx: Pick<Context, 'db' | 'config'>,
  text: string,
  { lock = false } = {},
): Promise<Site> {
  const chosen = isUuid(text)
    ? sql`s.id = ${text}`
    : sql`s.origin = ${siteOrigin(text, ctx.config.environment === 'production')}`
  const found = await firstRow<Site>(
    ctx.db,
    sql`select s.id, s.tenant_id, t.subdomain as tenant, s.origin, s.created_at, s.removed_at
        from public.sso_sites s join public.tenants t on t.id = s.tenant_id
        where ${chosen} order by s.removed_at desc nulls first limit 1 ${verbatim(lock ? 'for update of s' : '')}`,
  )
  if (found) return found
  throw new ErpmaxError(
    'not_found',
    'sso.site_unknown',
    `There is no site ${JSON.stringify(redactKeys(text).slice(0, 80))}`,
    {
      hint: 'erpmax sso-site list',
    },
  )
}

/** @throws conflict `sso.site_removed` */
export function requireInUse({ origin, tenant, removed_at }: Site): void {
  if (removed_at === null) return
  throw new ErpmaxError('conflict', 'sso.site_removed', `${origin} was removed`, {
    hint: `erpmax sso-site add ${tenant} --site ${origin}`,
    details: { removed_at: removed_at.toISOString() },
  })
}

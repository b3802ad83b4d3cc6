/** `sso-site list`: the sites that people are signed in to, with what is known of their keys. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { sql, verbatim, type Sql } from '../database/sql.js'
import { findKnownTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'
import type { SiteJson } from '../people/sso/sites.js'

export const siteStates = ['active', 'removed'] as const

export interface SiteListItem extends SiteJson {
  /** Of the key in use; null for a site that was removed. */
  key_prefix: string | null
  key_created_at: string | null
  /** Until when an earlier key is taken too; null where none is. */
  earlier_keys_until: string | null
  last_redeemed_at: string | null
}

interface SiteRow {
  id: string
  tenant: string
  site: string
  created_at: Date
  removed_at: Date | null
  key_prefix: string | null
  key_created_at: Date | null
  earlier_keys_until: Date | null
  last_redeemed_at: Date | null
}

const keys = { site: { by: verbatim('s.origin'), type: 'text' } } satisfies Record<string, SortKey>
const id: SortKey = { by: verbatim('s.id'), type: 'uuid' }

/** By address. @throws not_found `tenant.not_found` */
export async function listSites(
  ctx: Pick<Context, 'db' | 'clock'>,
  { tenant, status }: { tenant: string | null; status: readonly string[] },
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<SiteListItem>> {
  const now = sql`${ctx.clock.now().toISOString()}::timestamptz`
  const where: Sql[] = []
  if (tenant !== null) where.push(sql`s.tenant_id = ${(await findKnownTenant(ctx, tenant)).id}`)
  if (status.length > 0)
    where.push(sql`case when s.removed_at is null then 'active' else 'removed' end = any(${status}::text[])`)
  const found = await readPage<SiteRow>(
    ctx.db,
    {
      columns: sql`s.id, t.subdomain as tenant, s.origin as site, s.created_at, s.removed_at,
        k.key_prefix, k.created_at as key_created_at,
        (select max(e.expires_at) from public.sso_site_keys e where e.site_id = s.id and s.removed_at is null and e.expires_at > ${now}) as earlier_keys_until,
        (select max(u.redeemed_at) from public.sso_tokens u where u.site_id = s.id) as last_redeemed_at`,
      from: verbatim(`public.sso_sites s join public.tenants t on t.id = s.tenant_id
        left join public.sso_site_keys k on k.site_id = s.id and k.expires_at is null and s.removed_at is null`),
      ...{ where, keys, id },
    },
    { ...page, sort: 'site' },
  )
  return { items: found.items.map(shaped), next_cursor: found.next_cursor }
}

function shaped(row: SiteRow): SiteListItem {
  const { id: siteId, tenant, site, created_at, removed_at, key_prefix } = row
  return {
    ...{ id: siteId, tenant, site, status: removed_at ? 'removed' : 'active' },
    created_at: created_at.toISOString(),
    removed_at: removed_at?.toISOString() ?? null,
    key_prefix,
    key_created_at: row.key_created_at?.toISOString() ?? null,
    earlier_keys_until: row.earlier_keys_until?.toISOString() ?? null,
    last_redeemed_at: row.last_redeemed_at?.toISOString() ?? null,
  }
}

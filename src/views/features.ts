/** `feature list`: the flags of a tenant, those of the tenant as a whole first. */
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { sql, verbatim, type Sql } from '../database/sql.js'
import { requireModule } from '../subscriptions/entitlements.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'
import type { Json } from '../subscriptions/features.js'

export interface FeatureListItem {
  flag: string
  /** Null: a flag of the tenant as a whole. */
  module: string | null
  enabled: boolean
  config: Json
  updated_at: string
}

export async function listFeatures(
  ctx: Pick<Context, 'db'>,
  subdomainOrId: string,
  module: string | null,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<FeatureListItem>> {
  const tenant = await findTenant(ctx, subdomainOrId)
  const where: Sql[] = [sql`f.tenant_id = ${tenant.id}`]
  if (module !== null) {
    await requireModule(ctx, module)
    where.push(sql`f.module_code = ${module}`)
  }
  const found = await readPage<Omit<FeatureListItem, 'updated_at'> & { updated_at: Date }>(
    ctx.db,
    {
      columns: verbatim('f.flag, f.module_code as module, f.enabled, f.config, f.updated_at'),
      from: verbatim('public.tenant_features f'),
      where,
      // A space comes before every letter, and no code holds one.
      keys: {
        name: { by: verbatim(`(coalesce(f.module_code, '') || ' ' || f.flag) collate "C"`), type: 'text' },
      },
      id: { by: verbatim('f.id'), type: 'uuid' },
    },
    { ...page, sort: 'name' },
  )
  const items = found.items.map((item) => ({ ...item, updated_at: item.updated_at.toISOString() }))
  return { items, next_cursor: found.next_cursor }
}

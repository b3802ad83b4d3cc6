/** `tenant list`: tenants with their plan, page by page, and how many there are of each state. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { join, rows, sql, verbatim, type Sql } from '../database/sql.js'
import { filterConditions, filteredTenants, heldOn, type TenantFilter } from './tenant-filter.js'
import { dayOfTenant } from '../tenants/local-day.js'
import type { Context } from '../kernel/context.js'

export interface TenantListItem {
  id: string
  subdomain: string
  name: string
  status: string
  country: string
  schema: string
  tier: string | null
  subscription_status: string | null
  cycle: string | null
  currency: string
  modules: string[]
  people: number
  created_at: string
  activated_at: string | null
}

export interface TenantList extends Page<TenantListItem> {
  /** Tenants that match the filters, on all pages. */
  total: number
  by_status: Record<string, number>
}

export interface TenantFilters extends TenantFilter {
  /** Part of the subdomain, a name or the billing e-mail. */
  search: string | null
}

const keys = {
  subdomain: { by: verbatim('t.subdomain'), type: 'text' },
  name: { by: verbatim('lower(t.name)'), type: 'text' },
  status: { by: verbatim('t.status'), type: 'text' },
  created: { by: verbatim('t.created_at'), type: 'timestamptz' },
} satisfies Record<string, SortKey>

/** Each order both ways. */
export const tenantOrders = Object.keys(keys).flatMap((key) => [key, `-${key}`])

export async function listTenants(
  ctx: Pick<Context, 'db' | 'clock'>,
  filters: TenantFilters,
  page: PageRequest,
): Promise<TenantList> {
  const where = await conditions(ctx, filters)
  // One after the other: a second connection, for the sake of doing both at once, takes longer than the query.
  const found = await readPage<Omit<TenantListItem, 'created_at' | 'activated_at'> & Times>(
    ctx.db,
    {
      columns: columns(await dayOfTenant(ctx)),
      from: filteredTenants,
      where,
      keys,
      id: { by: verbatim('t.id'), type: 'uuid' },
    },
    page,
  )
  const counts = await rows<{ status: string; tenants: number }>(
    ctx.db,
    sql`select t.status, count(*)::int as tenants from ${filteredTenants} where ${join(where, ' and ')} group by t.status order by t.status`,
  )
  return {
    items: found.items.map(({ created_at, activated_at, ...item }) => ({
      ...item,
      created_at: created_at.toISOString(),
      activated_at: activated_at?.toISOString() ?? null,
    })),
    next_cursor: found.next_cursor,
    total: counts.reduce((sum, { tenants }) => sum + tenants, 0),
    by_status: Object.fromEntries(counts.map(({ status, tenants }) => [status, tenants])),
  }
}

interface Times {
  created_at: Date
  activated_at: Date | null
}

/** @param today where the tenant is */
function columns(today: Sql): Sql {
  return sql`t.id, t.subdomain, t.name, t.status, t.country_code as country, coalesce(p.schema_name, d.schema_name) as schema, s.tier_code as tier,
    s.status as subscription_status, s.cycle, coalesce(s.currency, t.currency) as currency,
    array(select i.product_code from public.subscription_items i join public.modules m on m.code = i.product_code
          where i.subscription_id = s.id and ${heldOn(today)} order by m.position) as modules,
    (select count(*)::int from public.memberships b where b.tenant_id = t.id and b.status <> 'removed') as people,
    t.created_at, t.activated_at`
}

async function conditions(ctx: Pick<Context, 'db' | 'clock'>, filters: TenantFilters): Promise<Sql[]> {
  const where = await filterConditions(ctx, filters)
  const { search } = filters
  if (search !== null) {
    where.push(
      sql`strpos(lower(concat_ws(' ', t.subdomain, t.name, t.legal_name, t.billing_email)), lower(${search})) > 0`,
    )
  }
  return where
}

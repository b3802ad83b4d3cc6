/** `tenant list`: tenants with their plan, page by page, and how many there are of each state. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { join, rows, sql, verbatim, type Sql } from '../database/sql.js'
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { readCatalogue } from '../subscriptions/catalogue.js'
import { findTier } from '../subscriptions/selection.js'
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

export interface TenantFilters {
  /** Deleted tenants are left out unless they are asked for. */
  status: readonly string[]
  tier: string | null
  module: string | null
  /** Part of the subdomain, a name or the billing e-mail. */
  search: string | null
}

export const tenantStates = [
  'pending',
  'provisioning',
  'active',
  'suspended',
  'archived',
  'restoring',
  'failed',
  'deleting',
  'deleted',
] as const

const keys = {
  subdomain: { by: verbatim('t.subdomain'), type: 'text' },
  name: { by: verbatim('lower(t.name)'), type: 'text' },
  status: { by: verbatim('t.status'), type: 'text' },
  created: { by: verbatim('t.created_at'), type: 'timestamptz' },
} satisfies Record<string, SortKey>

/** Each order both ways. */
export const tenantOrders = Object.keys(keys).flatMap((key) => [key, `-${key}`])

const from = verbatim(`public.tenants t
  left join public.tenant_placements p on p.tenant_id = t.id
  left join public.tenant_deletions d on d.tenant_id = t.id
  left join public.subscriptions s on s.tenant_id = t.id and s.status <> 'cancelled'`)

export async function listTenants(
  ctx: Pick<Context, 'db' | 'clock'>,
  filters: TenantFilters,
  page: PageRequest,
): Promise<TenantList> {
  const where = await conditions(ctx, filters)
  // One after the other: a second connection, for the sake of doing both at once, takes longer than the query.
  const found = await readPage<Omit<TenantListItem, 'created_at' | 'activated_at'> & Times>(
    ctx.db,
    { columns: columns(ctx), from, where, keys, id: { by: verbatim('t.id'), type: 'uuid' } },
    page,
  )
  const counts = await rows<{ status: string; tenants: number }>(
    ctx.db,
    sql`select t.status, count(*)::int as tenants from ${from} where ${join(where, ' and ')} group by t.status order by t.status`,
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

function columns(ctx: Pick<Context, 'clock'>): Sql {
  return sql`t.id, t.subdomain, t.name, t.status, t.country_code as country, coalesce(p.schema_name, d.schema_name) as schema, s.tier_code as tier,
    s.status as subscription_status, s.cycle, coalesce(s.currency, t.currency) as currency,
    array(select i.product_code from public.subscription_items i join public.modules m on m.code = i.product_code
          where i.subscription_id = s.id and ${heldNow(ctx)} order by m.position) as modules,
    (select count(*)::int from public.memberships b where b.tenant_id = t.id and b.status <> 'removed') as people,
    t.created_at, t.activated_at`
}

/** Modules the tenant has now. A day's grace at the beginning: east of UTC it is tomorrow already. */
function heldNow({ clock }: Pick<Context, 'clock'>): Sql {
  const today = dayIn('UTC', clock.now())
  return sql`i.kind = 'module' and i.active && daterange(${today}::date, ${today}::date + 1, '[]')`
}

async function conditions(ctx: Pick<Context, 'db' | 'clock'>, filters: TenantFilters): Promise<Sql[]> {
  const { status, tier, module, search } = filters
  const where = [status.length > 0 ? sql`t.status = any(${status}::text[])` : sql`t.status <> 'deleted'`]
  if (tier !== null || module !== null) {
    const catalogue = await readCatalogue(ctx, dayIn('UTC', ctx.clock.now()))
    if (tier !== null) where.push(sql`s.tier_code = ${findTier(catalogue, tier).code}`)
    if (module !== null) {
      if (!catalogue.modules.some(({ code }) => code === module)) {
        throw new ErpmaxError('usage', 'module.unknown', `There is no module "${module}"`, {
          hint: 'erpmax module list',
        })
      }
      where.push(sql`exists (select 1 from public.subscription_items i
        where i.subscription_id = s.id and i.product_code = ${module} and ${heldNow(ctx)})`)
    }
  }
  if (search !== null) {
    where.push(
      sql`strpos(lower(concat_ws(' ', t.subdomain, t.name, t.legal_name, t.billing_email)), lower(${search})) > 0`,
    )
  }
  return where
}

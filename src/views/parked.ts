/** `billing parked`: accounts that wait for a person, why, and who released them. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { rows, sql, verbatim, type Sql } from '../database/sql.js'
import { notParked } from '../billing/parked.js'
import { findKnownTenant } from '../tenants/find.js'
import { selectKnownTenants, type TenantSelector } from './tenant-selection.js'
import type { Context } from '../kernel/context.js'
import { isUuid, type TenantId } from '../kernel/ids.js'

export interface ParkedItem {
  id: string
  tenant: string
  code: string
  reason: string
  details: Record<string, unknown>
  run_id: string | null
  parked_at: string
  released_at: string | null
  released_by: string | null
  note: string | null
}

export interface ParkedFilters {
  /** Released ones too. */
  released: boolean
  code: string | null
  /** Id of an invoice run. */
  runId: string | null
}

const keys = { parked: { by: verbatim('p.parked_at'), type: 'timestamptz' } } satisfies Record<
  string,
  SortKey
>

type Row = Omit<ParkedItem, 'parked_at' | 'released_at'> & { parked_at: Date; released_at: Date | null }

/** The last parked first. */
export async function listParked(
  ctx: Pick<Context, 'db'>,
  { released, code, runId }: ParkedFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<ParkedItem>> {
  const where: Sql[] = []
  if (!released) where.push(sql`p.released_at is null`)
  if (code !== null) where.push(sql`p.code = ${code}`)
  if (runId !== null) where.push(isUuid(runId) ? sql`p.run_id = ${runId}` : sql`false`)
  const found = await readPage<Row>(
    ctx.db,
    {
      columns: verbatim(`p.id, t.subdomain as tenant, p.code, p.reason, p.details, p.run_id, p.parked_at,
        p.released_at, p.released_by, p.release_note as note`),
      from: verbatim('public.parked_accounts p join public.tenants t on t.id = p.tenant_id'),
      where,
      keys,
      id: { by: verbatim('p.id'), type: 'uuid' },
    },
    { ...page, sort: '-parked' },
  )
  return {
    items: found.items.map((item) => ({
      ...item,
      parked_at: item.parked_at.toISOString(),
      released_at: item.released_at?.toISOString() ?? null,
    })),
    next_cursor: found.next_cursor,
  }
}

/**
 * The chosen ones among the accounts that are parked, in the order of their subdomains.
 * @param chosen a subdomain or id, or a selector
 * @param code only those parked for it
 * @throws conflict `billing.not_parked` where the one that is named is not; not_found `tenant.not_found`
 */
export async function selectParked(
  ctx: Pick<Context, 'db' | 'clock'>,
  chosen: string | TenantSelector,
  code: string | null,
): Promise<{ id: TenantId; subdomain: string }[]> {
  const tenants =
    typeof chosen === 'string'
      ? [await findKnownTenant(ctx, chosen)]
      : await selectKnownTenants(ctx, chosen, { deleted: false })
  const parked = await rows<{ id: TenantId; subdomain: string }>(
    ctx.db,
    sql`select t.id, t.subdomain from public.parked_accounts p join public.tenants t on t.id = p.tenant_id
        where p.released_at is null and t.id = any(${tenants.map(({ id }) => id)}::uuid[])
          and (${code}::text is null or p.code = ${code}) order by t.subdomain`,
  )
  const [named] = tenants
  if (typeof chosen === 'string' && parked.length === 0 && named) throw notParked(named.subdomain)
  return parked
}

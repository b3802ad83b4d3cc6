/** API keys as they are shown: by prefix, never by what they are. */
import { readPage, type Page, type PageRequest } from '../../database/keyset.js'
import { sql, verbatim } from '../../database/sql.js'
import { dayIn, type PlainDate } from '../../kernel/dates.js'
import { findTenant } from '../../tenants/find.js'
import type { Context } from '../../kernel/context.js'

export interface ApiKeyJson {
  id: string
  prefix: string
  name: string
  tenant: string
  /** `active`, `expired` or `revoked`. */
  state: string
  scopes: string[]
  created_by: string
  created_at: string
  /** The first moment it does not work any more. */
  expires_at: string
  /** The last day it works, where the tenant is. */
  last_day: PlainDate
  last_used_at: string | null
  revoked_at: string | null
}

type Times = 'created_at' | 'expires_at' | 'last_used_at' | 'revoked_at'
export type ApiKeyRow = Omit<ApiKeyJson, Times | 'state' | 'last_day'> & {
  status: string
  time_zone: string
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
  revoked_at: Date | null
}

/** Of `public.api_keys k`. */
export const keyColumns = verbatim(
  `k.id, k.prefix, k.name, k.scopes, k.created_by, k.created_at, k.expires_at, k.last_used_at, k.revoked_at, k.status,
   (select time_zone from public.tenants where id = k.tenant_id) as time_zone`,
)

export function keyJson({ status, ...row }: ApiKeyRow, now: Date): ApiKeyJson {
  return {
    id: row.id,
    prefix: row.prefix,
    name: row.name,
    tenant: row.tenant,
    state: status === 'active' && row.expires_at <= now ? 'expired' : status,
    scopes: row.scopes,
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    last_day: dayIn(row.time_zone, new Date(row.expires_at.getTime() - 1)),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  }
}

/** Newest first. @param tenant null: of all. @throws not_found `tenant.not_found` */
export async function listApiKeys(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenant: string | null,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<ApiKeyJson>> {
  const found = tenant === null ? null : await findTenant(ctx, tenant)
  const { items, next_cursor } = await readPage<ApiKeyRow>(
    ctx.db,
    {
      columns: sql`${keyColumns}, t.subdomain as tenant`,
      from: verbatim('public.api_keys k join public.tenants t on t.id = k.tenant_id'),
      where: found ? [sql`k.tenant_id = ${found.id}`] : [],
      keys: { created: { by: verbatim('k.created_at'), type: 'timestamptz' } },
      id: { by: verbatim('k.id'), type: 'uuid' },
    },
    { ...page, sort: '-created' },
  )
  return { items: items.map((row) => keyJson(row, ctx.clock.now())), next_cursor }
}

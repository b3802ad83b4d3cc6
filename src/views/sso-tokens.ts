/** `sso-token list`: who was let in where, and what became of it. The tokens themselves are nowhere. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { sql, verbatim, type Sql } from '../database/sql.js'
import { findUser } from '../people/find-user.js'
import { findSite } from '../people/sso/find-site.js'
import {
  tokenColumns,
  tokenJson,
  tokenTables,
  type SsoTokenJson,
  type TokenRow,
} from '../people/sso/tokens.js'
import { findKnownTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export const ssoTokenStates = ['issued', 'redeemed', 'revoked', 'expired'] as const

export interface SsoTokenFilters {
  /** Subdomain or id. */
  tenant: string | null
  /** E-mail address or id. */
  user: string | null
  /** Address or id. */
  site: string | null
  status: readonly string[]
}

const keys = { issued: { by: verbatim('k.issued_at'), type: 'timestamptz' } } satisfies Record<
  string,
  SortKey
>
const id: SortKey = { by: verbatim('k.id'), type: 'uuid' }

/** Newest first. @throws not_found `tenant.not_found`, `user.not_found`, `sso.site_unknown` */
export async function listSsoTokens(
  ctx: Pick<Context, 'db' | 'clock' | 'config'>,
  { tenant, user, site, status }: SsoTokenFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<SsoTokenJson>> {
  const now = ctx.clock.now()
  const where: Sql[] = []
  if (tenant !== null) where.push(sql`k.tenant_id = ${(await findKnownTenant(ctx, tenant)).id}`)
  if (user !== null) where.push(sql`k.user_id = ${(await findUser(ctx, user)).id}`)
  if (site !== null) where.push(sql`k.site_id = ${(await findSite(ctx, site)).id}`)
  if (status.length > 0)
    where.push(
      sql`case when k.status = 'issued' and k.expires_at <= ${now.toISOString()}::timestamptz then 'expired' else k.status end = any(${status}::text[])`,
    )
  const found = await readPage<TokenRow>(
    ctx.db,
    { columns: tokenColumns, from: tokenTables, where, keys, id },
    { ...page, sort: '-issued' },
  )
  return { items: found.items.map((row) => tokenJson(row, now)), next_cursor: found.next_cursor }
}

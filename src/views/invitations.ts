/** `user invitations list`: who was invited where, by whom, and what came of it. Newest first. */
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { sql, verbatim, type Sql } from '../database/sql.js'
import { findTenant } from '../tenants/find.js'
import { statusAt } from './users.js'
import type { Context } from '../kernel/context.js'

export const invitationStates = ['pending', 'accepted', 'revoked', 'expired'] as const

export interface InvitationListItem {
  id: string
  tenant: string
  email: string
  role: string
  status: string
  expires_at: string
  created_at: string
  invited_by: string | null
}

type Row = Omit<InvitationListItem, 'expires_at' | 'created_at'> & { expires_at: Date; created_at: Date }

/** @param filters `tenant`: null for all; `status`: empty for all */
export async function listInvitations(
  ctx: Pick<Context, 'db' | 'clock'>,
  { tenant, status }: { tenant: string | null; status: readonly string[] },
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<InvitationListItem>> {
  const where: Sql[] = []
  if (tenant !== null) where.push(sql`i.tenant_id = ${(await findTenant(ctx, tenant)).id}`)
  if (status.length > 0) where.push(sql`${statusAt(ctx)} = any(${status}::text[])`)
  const found = await readPage<Row>(
    ctx.db,
    {
      columns: sql`i.id, t.subdomain as tenant, u.email, coalesce(r.code, '') as role, ${statusAt(ctx)} as status,
        i.expires_at, i.created_at, i.invited_by`,
      from: verbatim(`public.invitations i join public.tenants t on t.id = i.tenant_id
        join public.users u on u.id = i.user_id left join public.roles r on r.id = i.role_id`),
      where,
      keys: { created: { by: verbatim('i.created_at'), type: 'timestamptz' } },
      id: { by: verbatim('i.id'), type: 'uuid' },
    },
    { ...page, sort: '-created' },
  )
  const items = found.items.map((item) => ({
    ...item,
    ...{ expires_at: item.expires_at.toISOString(), created_at: item.created_at.toISOString() },
  }))
  return { items, next_cursor: found.next_cursor }
}

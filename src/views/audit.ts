/** `audit list`: who did what and what came of it, newest first unless asked otherwise. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { sql, verbatim, type Sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

export interface AuditListItem {
  id: string
  at: string
  operator: string
  os_user: string
  host: string
  ci_job: string | null
  action: string
  subject_kind: string
  subject: string
  tenant_id: string | null
  outcome: string
  error_code: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export type AuditList = Page<AuditListItem>

export interface AuditFilters {
  /** Subdomains or ids; what was refused before a tenant existed is found by its subdomain. */
  tenant: readonly string[]
  /** An action, or the part of it before a dot: `tenant` finds `tenant.create`. */
  action: string | null
  outcome: readonly string[]
  operator: string | null
  since: Date | null
  /** Exclusive. */
  until: Date | null
}

export const auditOutcomes = ['succeeded', 'failed', 'refused'] as const

const keys = {
  at: { by: verbatim('a.at'), type: 'timestamptz' },
  action: { by: verbatim('a.action'), type: 'text' },
  subject: { by: verbatim('a.subject'), type: 'text' },
  operator: { by: verbatim('a.operator'), type: 'text' },
} satisfies Record<string, SortKey>

/** Each order both ways. */
export const auditOrders = Object.keys(keys).flatMap((key) => [key, `-${key}`])

export async function listAudit(
  ctx: Pick<Context, 'db'>,
  filters: AuditFilters,
  page: PageRequest,
): Promise<AuditList> {
  const found = await readPage<Omit<AuditListItem, 'at'> & { at: Date }>(
    ctx.db,
    {
      columns:
        verbatim(`a.id, a.at, a.operator, a.os_user, a.host, a.ci_job, a.action, a.subject_kind, a.subject,
        a.tenant_id, a.outcome, a.error_code, a.before, a.after`),
      from: verbatim('public.audit_log a'),
      where: conditions(filters),
      keys,
      id: { by: verbatim('a.id'), type: 'uuid' },
    },
    page,
  )
  return {
    items: found.items.map((item) => ({ ...item, at: item.at.toISOString() })),
    next_cursor: found.next_cursor,
  }
}

function conditions({ tenant, action, outcome, operator, since, until }: AuditFilters): Sql[] {
  const where: Sql[] = []
  if (tenant.length > 0)
    where.push(sql`(a.subject_kind = 'tenant' and a.subject = any(${tenant}::text[])
      or a.tenant_id in (select t.id from public.tenants t
                         where t.subdomain = any(${tenant}::text[]) or t.id::text = any(${tenant}::text[])))`)
  if (action !== null) where.push(sql`(a.action = ${action} or starts_with(a.action, ${`${action}.`}))`)
  if (outcome.length > 0) where.push(sql`a.outcome = any(${outcome}::text[])`)
  if (operator !== null) where.push(sql`a.operator = ${operator}`)
  if (since !== null) where.push(sql`a.at >= ${since}`)
  if (until !== null) where.push(sql`a.at < ${until}`)
  return where
}

/** Whether the states of tenants tell the truth about their schemas, at a glance: `doctor` counts, it does not compare. */
import { oneRow, rows, sql } from '../../database/sql.js'
import { ok, problem, warning, type Check } from './check.js'
import type { Context } from '../../kernel/context.js'

/** Names shown of a long list. */
const shown = 3

export async function countTenants(ctx: Pick<Context, 'db'>): Promise<number> {
  const { tenants } = await oneRow<{ tenants: number }>(
    ctx.db,
    sql`select count(*)::int as tenants from public.tenants where status <> 'deleted'`,
  )
  return tenants
}

export async function checkTenants(ctx: Pick<Context, 'db'>, tenants: number): Promise<Check> {
  const found = await rows<{ name: string; fault: 'no_schema' | 'unfinished' | 'orphan' }>(
    ctx.db,
    sql`select t.subdomain as name, 'no_schema' as fault from public.tenants t
        left join public.tenant_placements p on p.tenant_id = t.id
        left join pg_catalog.pg_namespace n on n.nspname = p.schema_name
        where t.status in ('active', 'suspended') and n.oid is null
        union all
        select t.subdomain, 'unfinished' from public.tenants t
        where t.status in ('provisioning', 'restoring', 'deleting') and not exists (
          select 1 from public.jobs j where j.tenant_id = t.id and j.status = 'running' and j.lease_until > clock_timestamp())
        union all
        select n.nspname, 'orphan' from pg_catalog.pg_namespace n
        where starts_with(n.nspname, 'tenant_')
          and not exists (select 1 from public.tenant_placements p where p.schema_name = n.nspname)
        order by 1`,
  )
  const named = (fault: string): string[] => found.filter((one) => one.fault === fault).map((one) => one.name)
  const [lost, unfinished, orphans] = [named('no_schema'), named('unfinished'), named('orphan')]
  const faults = [
    ...(lost.length > 0 ? [`active without a schema: ${list(lost)}`] : []),
    ...(unfinished.length > 0 ? [`left unfinished: ${list(unfinished)}`] : []),
    ...(orphans.length > 0 ? [`schemas of no tenant: ${list(orphans)}`] : []),
  ]
  const hint = 'erpmax tenant reconcile'
  if (lost.length > 0) return problem('tenants', faults.join('; '), hint)
  if (faults.length > 0) return warning('tenants', faults.join('; '), hint)
  return ok('tenants', tenants === 0 ? 'none yet' : `${tenants}, and each active one has its schema`)
}

function list(names: readonly string[]): string {
  const rest = names.length - shown
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ')
}

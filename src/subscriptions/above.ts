/** Which tenants of a tier hold or use more than it allows today: nobody loses anything by that, but somebody asks. */
import { rows, sql } from '../database/sql.js'
import { dayOfTenant, monthOfTenant } from '../tenants/local-day.js'
import type { Context } from '../kernel/context.js'

export interface AboveLimits {
  paid_modules: number
  users: number
  storage_gb: number
  api_calls: number
}

export interface TenantsAbove {
  counts: AboveLimits
  /** Their subdomains in order. */
  tenants: Record<keyof AboveLimits, string[]>
}

/**
 * Paid modules held today, active people, storage as measured or as recorded this month, and the calls of this month.
 * Storage is measured by the statistics of the tables, and to the byte only where those are near the limit: a fleet
 * has millions of tables and indexes.
 */
export async function tenantsAbove(ctx: Pick<Context, 'db' | 'clock'>, tier: string): Promise<TenantsAbove> {
  const [day, month] = [await dayOfTenant(ctx), await monthOfTenant(ctx)]
  const found = await rows<{ subdomain: string } & Record<keyof AboveLimits, boolean>>(
    ctx.db,
    sql`select a.* from (select h.subdomain, coalesce(h.modules > r.max_paid_modules, false) as paid_modules,
               coalesce(h.users > r.max_users, false) as users,
               coalesce(greatest(h.measured, h.recorded) > r.max_storage_gb * 1000000000::bigint, false) as storage_gb,
               coalesce(h.calls > r.max_api_calls_per_month, false) as api_calls
        from public.tiers r
        cross join lateral (
          select t.subdomain,
            (select count(*) from public.subscription_items i join public.modules m on m.code = i.product_code
             where i.subscription_id = s.id and i.kind = 'module' and not m.is_base and i.active @> ${day}) as modules,
            (select count(*) from public.memberships b where b.tenant_id = t.id and b.status = 'active') as users,
            case when 2 * e.bytes > r.max_storage_gb * 1000000000::bigint
                 then (select coalesce(sum(pg_catalog.pg_total_relation_size(c.oid)), 0) from pg_catalog.pg_class c
                       where c.relnamespace = e.namespace and c.relkind in ('r', 'm'))
                 else e.bytes end as measured,
            (select u.quantity from public.usage_records u
             where u.tenant_id = t.id and u.metric = 'storage_bytes' and u.at >= ${month}
             order by u.at desc, u.recorded_at desc limit 1) as recorded,
            (select sum(u.quantity) from public.usage_records u
             where u.tenant_id = t.id and u.metric = 'api_calls' and u.at >= ${month}) as calls
          from public.subscriptions s
          join public.tenants t on t.id = s.tenant_id
          left join public.tenant_placements p on p.tenant_id = t.id
          left join lateral (
            select n.oid as namespace,
                   coalesce(sum(c.relpages + coalesce(o.relpages, 0)), 0) * current_setting('block_size')::bigint as bytes
            from pg_catalog.pg_namespace n
            left join pg_catalog.pg_class c on c.relnamespace = n.oid and r.max_storage_gb is not null
            left join pg_catalog.pg_class o on o.oid = c.reltoastrelid
            where n.nspname = p.schema_name group by n.oid
          ) e on true
          where s.tier_code = r.code and s.status <> 'cancelled'
        ) h
        where r.code = ${tier}) a
        where a.paid_modules or a.users or a.storage_gb or a.api_calls order by a.subdomain`,
  )
  const of = (limit: keyof AboveLimits): string[] =>
    found.filter((tenant) => tenant[limit]).map(({ subdomain }) => subdomain)
  const tenants = {
    ...{ paid_modules: of('paid_modules'), users: of('users') },
    ...{ storage_gb: of('storage_gb'), api_calls: of('api_calls') },
  }
  return {
    tenants,
    counts: {
      ...{ paid_modules: tenants.paid_modules.length, users: tenants.users.length },
      ...{ storage_gb: tenants.storage_gb.length, api_calls: tenants.api_calls.length },
    },
  }
}

/** A fleet of rows for the biller, which never looks at schemas: seconds for 100,000 tenants. */
import { execute, rows, sql, verbatim } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'

export interface Fleet {
  tenants: number
  /** All of them start on it, without a trial, monthly, in rupees, on STARTER with Finance and CRM: three items each. */
  startedOn: PlainDate
  /** Of the subdomains: `fleet` gives fleet-000001 on. */
  name?: string
}

/**
 * Two of three are in the supplier's state of Maharashtra, the third in Karnataka. Triggers do not fire meanwhile:
 * the rows are those the program would have written.
 */
export async function insertFleet(
  ctx: Pick<Context, 'db'>,
  { tenants, startedOn, name = 'fleet' }: Fleet,
): Promise<void> {
  await transaction(ctx, async ({ db }) => {
    await rows(db, verbatim(`set local session_replication_role = replica; set local statement_timeout = 0`))
    await execute(
      db,
      sql`insert into public.tenants (subdomain, status, name, legal_name, country_code, state_code, gst_state_code, billing_email,
                                      address_line1, city, postal_code, time_zone, currency, language)
          select ${name} || '-' || lpad(n::text, 6, '0'), 'active', 'Company ' || n, 'Company ' || n || ' Private Limited', 'IN',
                 case when n % 3 = 0 then 'KA' else 'MH' end, case when n % 3 = 0 then '29' else '27' end,
                 'billing@' || ${name} || n || '.test', n || ' Station Road', 'Town', '400001', 'Asia/Kolkata', 'INR', 'en'
          from generate_series(1, ${tenants}::int) n`,
    )
    await execute(db, sql`update public.database_servers set max_tenants = max_tenants + ${tenants}::int`)
    await execute(
      db,
      sql`insert into public.tenant_placements (tenant_id, server_id, schema_name)
          select t.id, (select id from public.database_servers limit 1), 'tenant_' || replace(t.subdomain, '-', '_') from public.tenants t
          where t.subdomain like ${`${name}-%`}`,
    )
    await execute(
      db,
      sql`insert into public.subscriptions (tenant_id, status, tier_code, currency, cycle, started_on, anchor_date, next_billing_on)
          select id, 'active', 'STARTER', 'INR', 'monthly', ${startedOn}, ${startedOn}, ${startedOn} from public.tenants
          where subdomain like ${`${name}-%`}`,
    )
    await execute(
      db,
      sql`insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
          select s.id, p.product_kind, p.product_code, p.id, daterange(s.started_on, null)
          from public.subscriptions s join public.tenants t on t.id = s.tenant_id
          cross join public.prices p
          where t.subdomain like ${`${name}-%`} and p.currency = 'INR' and p.cycle = 'monthly' and p.validity @> s.started_on
            and (p.product_kind, p.product_code) in (('platform', 'STARTER'), ('module', 'finance'), ('module', 'crm'))`,
    )
  })
  await rows(ctx.db, verbatim('analyze public.tenants, public.subscriptions, public.subscription_items'))
}

/** A small fleet with a past, as rows alone: tenants in many states, with plans, whose numbers can be worked out by hand. */
import { execute, sql, verbatim } from '../../src/database/sql.js'
import type { Knex } from 'knex'
import type { Context } from '../../src/kernel/context.js'

export interface Company {
  name: string
  /** `2026-01-05 active`: each change of state with its time in UTC; the first day is also that of the subscription. */
  moves: string[]
  cause?: 'billing' | 'operator'
  plan?: {
    tier: string
    modules?: string[]
    currency?: string
    cycle?: string
    trial?: string
    status?: string
    cancel?: string
  }
}

/** At the end of March 2026. */
export const fleet: readonly Company[] = [
  // 100.10 + 1,000.00 EUR a year: 91.675 a month each, 91.68 rounded.
  ...['a1', 'a2'].map((name) => ({
    name,
    // Nobody is lost who is being restored for two days.
    moves: ['2025-06-15 active', '2026-03-10 restoring', '2026-03-12 active'],
    plan: { tier: 'STARTER', modules: ['crm'], currency: 'EUR', cycle: 'annual' },
  })),
  // The last half hour of the year in UTC is the next one in India.
  { name: 'u1', moves: ['2025-12-31T23:30 active'], plan: { tier: 'STARTER', modules: ['crm'] } },
  {
    name: 'u2',
    moves: ['2026-03-27 active'],
    plan: { tier: 'PROFESSIONAL', modules: ['finance'], trial: '2026-04-10', status: 'trialing' },
  },
  // Its trial ended today, though no run has said so.
  {
    name: 'u3',
    moves: ['2026-03-17 active'],
    plan: { tier: 'STARTER', trial: '2026-03-31', status: 'trialing' },
  },
  {
    name: 'u4',
    moves: ['2026-01-05 active', '2026-03-20 suspended'],
    cause: 'billing',
    plan: { tier: 'STARTER' },
  },
  {
    name: 'u5',
    moves: ['2026-01-05 active', '2026-03-20 suspended'],
    cause: 'operator',
    plan: { tier: 'STARTER' },
  },
  { name: 'f1', moves: ['2026-02-28 active'], plan: { tier: 'FREE' } },
  {
    name: 'c1',
    moves: ['2026-01-10 active'],
    plan: { tier: 'STARTER', cancel: '2026-03-16', status: 'cancelled' },
  },
  { name: 'r1', moves: ['2025-11-01 active', '2026-01-20 archived'], plan: { tier: 'STARTER' } },
  {
    name: 'd1',
    moves: ['2025-11-01 active', '2026-02-02 archived', '2026-03-05 deleting', '2026-03-05 deleted'],
    plan: { tier: 'STARTER' },
  },
  {
    name: 'b1',
    moves: ['2025-10-10 active', '2026-02-10 archived', '2026-02-25 restoring', '2026-02-25 active'],
    plan: { tier: 'STARTER' },
  },
  // Its end is decided and still to come.
  { name: 'l1', moves: ['2026-03-01 active'], plan: { tier: 'STARTER', cancel: '2026-05-01' } },
  { name: 'p1', moves: ['2026-03-30 provisioning'] },
  { name: 'x1', moves: ['2026-03-30 provisioning', '2026-03-30 failed'] },
]

/** Tenants move as they do; then their history gets the times of the fleet, which the triggers would not write. */
export async function insertFleet({ db: outer }: Pick<Context, 'db'>): Promise<void> {
  for (const company of fleet) await insertTenant(outer, company)
  await outer.transaction(async (db) => {
    await execute(db, verbatim('set local session_replication_role = replica'))
    await execute(db, verbatim('delete from public.tenant_history'))
    await execute(
      db,
      sql`update public.prices set validity = daterange('2020-01-01', '2026-03-01')
          where product_code = 'crm' and currency = 'USD' and cycle = 'monthly'`,
    )
    await execute(
      db,
      verbatim(`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity) values
        ('module', 'crm', 'USD', 'monthly', 24900, '[2026-03-01,)'), ('module', 'crm', 'EUR', 'annual', 100000, '[2020-01-01,)'),
        ('platform', 'STARTER', 'EUR', 'annual', 10010, '[2020-01-01,)'), ('module', 'system_admin', 'EUR', 'annual', 0, '[2020-01-01,)')`),
    )
    for (const company of fleet) {
      await insertHistory(db, company)
      await insertPlan(db, company)
    }
  })
}

async function insertTenant(db: Knex, { name, moves, cause }: Company): Promise<void> {
  await execute(
    db,
    sql`with tenant as (
          insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
          values (${`fleet-${name}`}, 'provisioning', ${name}, ${name}, 'IN', 'a@b.test', 'Asia/Kolkata', 'USD', 'en') returning id)
        insert into public.tenant_placements (tenant_id, server_id, schema_name)
        select tenant.id, s.id, ${`tenant_fleet_${name}`} from tenant, public.database_servers s`,
  )
  for (const status of moves.map((move) => move.split(' ')[1])) {
    await execute(
      db,
      sql`update public.tenants set status = ${status}, suspension_cause = ${status === 'suspended' ? (cause ?? null) : null}
          where subdomain = ${`fleet-${name}`}`,
    )
  }
}

async function insertHistory(db: Knex, { name, moves, cause }: Company): Promise<void> {
  for (const [at = '', status = ''] of moves.map((move) => move.split(' '))) {
    await execute(
      db,
      sql`insert into public.tenant_history (tenant_id, at, to_status, cause, operator)
          select id, ${`${at}${at.includes('T') ? '' : 'T06:00'}Z`}, ${status}, ${status === 'suspended' ? (cause ?? null) : null}, 'test'
          from public.tenants where subdomain = ${`fleet-${name}`}`,
    )
  }
}

async function insertPlan(db: Knex, { name, moves, plan }: Company): Promise<void> {
  if (!plan) return
  const day = moves[0]?.slice(0, 10)
  const { tier, modules = [], currency = 'USD', cycle = 'monthly', status = 'active' } = plan
  const anchor = plan.trial ?? day
  const until = status === 'cancelled' ? plan.cancel : null
  await execute(
    db,
    sql`with contract as (
          insert into public.subscriptions (tenant_id, status, tier_code, currency, cycle, started_on, trial_ends_on, anchor_date, next_billing_on, cancel_on)
          select id, ${status}, ${tier}, ${currency}, ${cycle}, ${day}, ${plan.trial ?? null}, ${anchor}, ${anchor}, ${plan.cancel ?? null}
          from public.tenants where subdomain = ${`fleet-${name}`} returning id)
        insert into public.subscription_items (subscription_id, kind, product_code, price_id, active)
        select contract.id, p.product_kind, p.product_code, p.id, daterange(${day}::date, ${until}::date)
        from contract, public.prices p where p.currency = ${currency} and p.cycle = ${cycle} and p.validity @> ${day}::date
          and (p.product_kind = 'platform' and p.product_code = ${tier}
               or p.product_kind = 'module' and p.product_code = any(${['system_admin', ...modules]}::text[]))`,
  )
}

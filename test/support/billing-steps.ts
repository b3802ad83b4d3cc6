/** What happens to a subscription between two runs, by the program's own functions, and what the book says afterwards. */
import { execute, firstRow, rows, sql } from '../../src/database/sql.js'
import { setPrice } from '../../src/subscriptions/prices.js'
import { cancelSubscription } from '../../src/workflows/cancel-subscription.js'
import { changeSubscription } from '../../src/workflows/change-subscription.js'
import { subscribeModules } from '../../src/workflows/subscribe-modules.js'
import { unsubscribeModules } from '../../src/workflows/unsubscribe-modules.js'
import { bookOf } from './billing.js'
import type { Context } from '../../src/kernel/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'
import type { Cycle } from '../../src/subscriptions/catalogue.js'
import type { Wish } from '../../src/subscriptions/decide.js'

const forReal = { reason: null, dryRun: false }

export const add = (ctx: Context, tenant: string, ...modules: string[]): Promise<unknown> =>
  subscribeModules(ctx, { tenant, modules, withRequired: true, dryRun: false })

export const remove = (
  ctx: Context,
  tenant: string,
  module: string,
  { now = false } = {},
): Promise<unknown> => unsubscribeModules(ctx, { tenant, modules: [module], now, ...forReal })

export const change = (ctx: Context, tenant: string, wish: Partial<Wish>): Promise<unknown> =>
  changeSubscription(ctx, tenant, { tier: null, cycle: null, when: null, ...wish }, false)

export const cancel = (ctx: Context, tenant: string, { now = false, credit = true } = {}): Promise<unknown> =>
  cancelSubscription(ctx, tenant, { now, credit, ...forReal })

/** The price of a module, or of a tier in capitals, from that day on; in dollars a month unless it says otherwise. */
export async function price(
  ctx: Context,
  product: string,
  amountMinor: bigint,
  from: PlainDate,
  { currency = 'USD', cycle = 'monthly' as Cycle } = {},
): Promise<void> {
  await setPrice(ctx, {
    ...{
      product: isTier(product) ? { tier: product } : { module: product },
      cycle,
      from,
      replace: false,
      dryRun: false,
    },
    money: { amountMinor, currency },
  })
}

function isTier(code: string): boolean {
  return code === code.toUpperCase()
}

/** Prices in a currency that the catalogue has none in, by code, in minor units a month; a year costs ten. */
export async function priced(
  ctx: Pick<Context, 'db'>,
  currency: string,
  prices: Record<string, number>,
): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.prices (product_kind, product_code, currency, cycle, amount_minor, validity)
        select case when code = upper(code) then 'platform' else 'module' end, code, ${currency}, cycle, amount::bigint * months,
               daterange('2020-01-01', null)
        from jsonb_each_text(${JSON.stringify(prices)}::jsonb) as p (code, amount), (values ('monthly', 1), ('annual', 10)) as c (cycle, months)`,
  )
}

/** `ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-05-05 19900`: the lines without tax, the tenant's name and `+ 0`. */
export async function netLines(ctx: Pick<Context, 'db'>): Promise<string[]> {
  return (await bookOf(ctx)).map((line) => line.replace(/^\S+ /, '').replace(/ \+ 0$/, ''))
}

/** `ERP/26/00001 2026-04-05 2026-05-05 24800 due 2026-04-12`: documents with period, total and day, credit notes first. */
export async function documentsOf(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select number || ' of ' || issue_date || ' ' || coalesce(lower(period) || ' ' || upper(period), kind) || ' ' || total_minor as line
        from public.invoices
        union all
        select number || ' of ' || issue_date || ' ' || total_minor from public.credit_notes order by 1`,
  )
  return found.map(({ line }) => line)
}

/** `ERP/26/00001 open 24800 = 9950 credited + 0 from balance + 0 paid`: what is settled of each invoice. */
export async function settledOf(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select number || ' ' || status || ' ' || total_minor || ': ' || credited_minor || ' credited, ' || credit_applied_minor
               || ' from the balance, ' || paid_minor || ' paid' as line
        from public.invoices order by number`,
  )
  return found.map(({ line }) => line)
}

/** As `payment record` leaves them: whatever is open is paid in full. */
export async function payAll(ctx: Pick<Context, 'db'>): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.payments (tenant_id, invoice_id, status, provider, provider_payment_id, method, currency, amount_minor, applied_minor)
        select tenant_id, id, 'succeeded', 'manual', id::text, 'bank_transfer', currency, open, open
        from (select *, total_minor - credit_applied_minor - settled_minor - credited_minor as open from public.invoices) i where status = 'open'`,
  )
}

/** `USD 24950` */
export async function balancesOf(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select currency || ' ' || balance_minor as line from public.credit_balances order by 1`,
  )
  return found.map(({ line }) => line)
}

/** `billing.price_jump`, or null: why the tenant stands parked. */
export async function parkedOf(ctx: Pick<Context, 'db'>, tenant: string): Promise<string | null> {
  const found = await firstRow<{ code: string }>(
    ctx.db,
    sql`select p.code from public.parked_accounts p join public.tenants t on t.id = p.tenant_id
        where t.subdomain = ${tenant} and p.released_at is null`,
  )
  return found?.code ?? null
}

/** As `billing parked release` leaves them. */
export async function releaseAll(ctx: Pick<Context, 'db'>): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.parked_accounts set released_at = clock_timestamp(), released_by = 'test' where released_at is null`,
  )
}

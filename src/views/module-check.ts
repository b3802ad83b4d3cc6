/** `module check`: is a tenant entitled to a module today, until when, and why or why not. */
import { firstRow, oneRow, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { findModule, readCatalogue } from '../subscriptions/catalogue.js'
import { findTenant } from '../tenants/find.js'
import { readTenant } from '../tenants/read.js'
import type { Context } from '../kernel/context.js'

export interface ModuleCheck {
  tenant: string
  module: string
  entitled: boolean
  /** `subscribed`, or why not: the state of the tenant first, then of its subscription, then the module. */
  reason:
    | 'subscribed'
    | `tenant_${string}`
    | 'subscription_none'
    | 'subscription_cancelled'
    | 'subscription_suspended'
    | 'not_subscribed'
  /** The first day it is not entitled any more; null: no end is known, or it is not entitled. */
  until: PlainDate | null
  message: string
}

interface Facts {
  status: string
  suspension_cause: string | null
  suspension_reason: string | null
  subscription: string | null
  cancel_on: PlainDate | null
}

/** @throws not_found `tenant.not_found`, `module.unknown` */
export async function checkModule(
  ctx: Pick<Context, 'db' | 'clock'>,
  subdomainOrId: string,
  code: string,
): Promise<ModuleCheck> {
  const { id, subdomain } = await findTenant(ctx, subdomainOrId)
  const { time_zone } = await readTenant(ctx, id)
  const today = dayIn(time_zone, ctx.clock.now())
  const module = findModule((await readCatalogue(ctx, today)).modules, code)
  const facts = await oneRow<Facts>(
    ctx.db,
    sql`select t.status, t.suspension_cause, t.suspension_reason, s.status as subscription, s.cancel_on
        from public.tenants t
        left join lateral (select status, cancel_on from public.subscriptions where tenant_id = t.id
                           order by status = 'cancelled', created_at desc limit 1) s on true
        where t.id = ${id}`,
  )
  const held = await firstRow<{ to: PlainDate | null }>(
    ctx.db,
    sql`select upper(i.active) as to from public.subscription_items i
        join public.subscriptions s on s.id = i.subscription_id and s.status <> 'cancelled'
        where s.tenant_id = ${id} and i.kind = 'module' and i.product_code = ${module.code} and i.active @> ${today}::date`,
  )
  const reason = refusal(facts, held !== null, today)
  const ends = [held?.to, facts.cancel_on].filter((day) => typeof day === 'string').sort()
  const check = {
    tenant: subdomain,
    module: module.code,
    entitled: reason === null,
    reason: reason ?? ('subscribed' as const),
    until: reason === null ? (ends[0] ?? null) : null,
  }
  return { ...check, message: explained(check, facts, module.name) }
}

function refusal(facts: Facts, held: boolean, today: PlainDate): ModuleCheck['reason'] | null {
  const { status, subscription, cancel_on } = facts
  if (status !== 'active') return `tenant_${status}`
  if (subscription === null) return 'subscription_none'
  if (subscription === 'cancelled' || (cancel_on !== null && cancel_on <= today))
    return 'subscription_cancelled'
  if (subscription === 'suspended') return 'subscription_suspended'
  return held ? null : 'not_subscribed'
}

function explained(
  { tenant, reason, until }: Omit<ModuleCheck, 'message'>,
  { status, suspension_cause: cause, suspension_reason: why }: Facts,
  name: string,
): string {
  if (reason === 'subscribed')
    return `${tenant} has ${name}${until ? `; ${until} is the first day without it` : ''}`
  if (reason === 'not_subscribed') return `${tenant} is not subscribed to ${name}`
  if (reason === 'subscription_none') return `${tenant} has no subscription`
  if (reason === 'subscription_cancelled') return `The subscription of ${tenant} is cancelled`
  if (reason === 'subscription_suspended') return `The subscription of ${tenant} is suspended`
  return `${tenant} is ${status}${cause ? ` by ${cause}` : ''}${why ? `: ${why}` : ''}`
}

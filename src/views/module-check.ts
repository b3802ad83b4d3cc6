/** `module check`: is a tenant entitled to a module today, until when, and why or why not. */
import { oneRow, sql } from '../database/sql.js'
import { findModule, readCatalogue } from '../subscriptions/catalogue.js'
import { entitlementOf, type Entitlement } from '../subscriptions/entitlements.js'
import { todayOf } from '../subscriptions/hold.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

/** The rule is that of the view tenant_entitlements; its reasons are listed in subscriptions/entitlements.ts. */
export interface ModuleCheck extends Entitlement {
  tenant: string
  message: string
}

/** @throws not_found `tenant.not_found`, `module.unknown` */
export async function checkModule(
  ctx: Pick<Context, 'db' | 'clock'>,
  subdomainOrId: string,
  code: string,
): Promise<ModuleCheck> {
  const tenant = await findTenant(ctx, subdomainOrId)
  const today = await todayOf(ctx, tenant)
  const module = findModule((await readCatalogue(ctx, today)).modules, code)
  const entitlement = await entitlementOf(ctx, tenant, module.code, today)
  const check = { tenant: tenant.subdomain, ...entitlement }
  return { ...check, message: await explained(ctx, tenant, check, module.name) }
}

async function explained(
  ctx: Pick<Context, 'db'>,
  { id, subdomain, status }: Awaited<ReturnType<typeof findTenant>>,
  { entitled, reason, until }: Entitlement,
  name: string,
): Promise<string> {
  if (entitled) return `${subdomain} has ${name}${until ? `; ${until} is the first day without it` : ''}`
  if (reason === 'not_subscribed') return `${subdomain} is not subscribed to ${name}`
  if (reason === 'no_subscription') return `${subdomain} has no subscription`
  if (reason === 'subscription_cancelled') return `The subscription of ${subdomain} is cancelled`
  if (reason === 'subscription_suspended') return `The subscription of ${subdomain} is suspended`
  const { cause, why } = await oneRow<{ cause: string | null; why: string | null }>(
    ctx.db,
    sql`select suspension_cause as cause, suspension_reason as why from public.tenants where id = ${id}`,
  )
  return `${subdomain} is ${status}${cause ? ` by ${cause}` : ''}${why ? `: ${why}` : ''}`
}

/** Which modules a tenant may use on a day, and why: the rule is the SQL function behind the view tenant_entitlements. */
import { firstRow, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { nearest } from '../kernel/nearest.js'
import { assertTenantMay } from './gate.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'

export interface Entitlement {
  module: string
  entitled: boolean
  /** The first day it is not entitled any more; null while nothing ends it, and where it is not entitled. */
  until: PlainDate | null
  /**
   * Entitled: base, trial, subscribed, past_due, scheduled_removal, scheduled_cancellation. Not: not_subscribed,
   * no_subscription, subscription_suspended, subscription_cancelled, or `tenant_` and the tenant's state.
   */
  reason: string
}

interface NamedTenant {
  id: TenantId
  subdomain: string
}

/**
 * @param today where the tenant is
 * @throws usage `module.unknown`
 */
export async function entitlementOf(
  ctx: Pick<Context, 'db'>,
  tenant: Pick<NamedTenant, 'id'>,
  module: string,
  today: PlainDate,
): Promise<Entitlement> {
  const found = await firstRow<Entitlement>(
    ctx.db,
    sql`select module, entitled, until, reason from public.entitlements_of(${tenant.id}::uuid, ${today}::date)
        where module = ${module}`,
  )
  if (found) return found
  throw unknownModule(await moduleCodes(ctx), module)
}

/** @throws usage `module.unknown` */
export async function requireModule(ctx: Pick<Context, 'db'>, code: string): Promise<void> {
  const known = await moduleCodes(ctx)
  if (!known.includes(code)) throw unknownModule(known, code)
}

async function moduleCodes(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const found = await rows<{ code: string }>(ctx.db, sql`select code from public.modules order by position`)
  return found.map(({ code }) => code)
}

function unknownModule(known: readonly string[], code: string): ErpmaxError {
  const meant = nearest(code, known)
  return new ErpmaxError(
    'usage',
    'module.unknown',
    `There is no module "${code.slice(0, 80)}"${meant ? `; ${meant}?` : ''}`,
    {
      hint: 'erpmax module list',
    },
  )
}

/**
 * The gate for what belongs to a module: the tenant may work, and is entitled to the module.
 * @throws conflict as `assertTenantMay` does, or `module.not_entitled` with the reason
 */
export async function assertMayUseModule(
  ctx: Pick<Context, 'db'>,
  tenant: NamedTenant,
  module: string,
  today: PlainDate,
): Promise<void> {
  await assertTenantMay(ctx, tenant, 'work')
  const { entitled, reason } = await entitlementOf(ctx, tenant, module, today)
  if (entitled) return
  throw new ErpmaxError(
    'conflict',
    'module.not_entitled',
    `${tenant.subdomain} may not use ${module}: ${words[reason] ?? reason}`,
    {
      hint:
        reason === 'not_subscribed'
          ? `erpmax module subscribe ${tenant.subdomain} ${module}`
          : `erpmax subscription show ${tenant.subdomain}`,
      details: { module, reason },
    },
  )
}

const words: Readonly<Record<string, string>> = {
  not_subscribed: 'it is not subscribed to it',
  no_subscription: 'it has no subscription',
  subscription_suspended: 'its subscription is suspended',
  subscription_cancelled: 'its subscription is cancelled',
}

/** Whether a tenant fits a tier: the paid modules it holds on a day, and the people it has. */
import { oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { TenantId } from '../kernel/ids.js'
import type { Catalogue, Tier } from './catalogue.js'
import type { RunningItem, RunningSubscription } from './running.js'

/** Codes of the modules held on that day that count towards the tier's limit, in catalogue order. */
export function paidModulesOn(catalogue: Catalogue, items: readonly RunningItem[], day: PlainDate): string[] {
  const held = items.filter(
    (item) => item.kind === 'module' && item.from <= day && (item.to === null || item.to > day),
  )
  return catalogue.modules
    .filter((module) => !module.is_base && held.some((item) => item.code === module.code))
    .map((module) => module.code)
}

/** People with an active membership: those count towards the limit of users. */
export async function activeUsers(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<number> {
  const { users } = await oneRow<{ users: number }>(
    ctx.db,
    sql`select count(*)::int as users from public.memberships where tenant_id = ${tenantId} and status = 'active'`,
  )
  return users
}

export interface FitFacts {
  subdomain: string
  /** The tier there is, or '' where none is yet. */
  current: string
  day: PlainDate
  /** Whether the tier is to hold at once, so that what is removed at a period's end does not help. */
  atOnce: boolean
}

export interface Load {
  modules: readonly string[]
  users: number
  /** People who are to join them. */
  coming?: number
}

/**
 * @throws conflict `tier.too_many_modules`, `tier.too_many_users`, naming everything that is too much
 */
export function requireFits(
  catalogue: Catalogue,
  tier: Tier,
  { modules, users, coming = 0 }: Load,
  { subdomain, current, day, atOnce }: FitFacts,
): void {
  const wanted = users + coming
  const tooManyModules = tier.max_paid_modules !== null && modules.length > tier.max_paid_modules
  const tooManyUsers = tier.max_users !== null && wanted > tier.max_users
  if (!tooManyModules && !tooManyUsers) return
  const fits = catalogue.tiers.find(
    (one) =>
      (one.max_paid_modules ?? Infinity) >= modules.length &&
      (one.max_users ?? Infinity) >= wanted &&
      one.code !== tier.code,
  )
  const problems = [
    ...(tooManyModules
      ? [
          `takes ${tier.max_paid_modules} paid modules, and ${modules.length} are held on ${day}: ${modules.join(', ')}`,
        ]
      : []),
    ...(tooManyUsers ? [`takes ${tier.max_users} users, and there are ${users}`] : []),
  ]
  const surplus = surplusOf(catalogue, modules, tier.max_paid_modules ?? modules.length)
  throw new ErpmaxError(
    'conflict',
    tooManyModules ? 'tier.too_many_modules' : 'tier.too_many_users',
    `${tier.name} ${problems.join('; it ')}`,
    {
      hint: tooManyModules
        ? `erpmax module unsubscribe ${subdomain} ${surplus.join(' ')}${atOnce ? ' --now' : ''}`
        : fits && fits.code !== current
          ? `erpmax subscription change ${subdomain} --tier ${fits.code}`
          : `erpmax tenant show ${subdomain}`,
      details: {
        ...{ tier: tier.code, day, modules, users },
        ...{ max_paid_modules: tier.max_paid_modules, max_users: tier.max_users },
        tier_that_fits: fits?.code ?? null,
      },
    },
  )
}

/** Enough modules to get below the limit that no other one left needs, the last of the catalogue first. */
function surplusOf(catalogue: Catalogue, held: readonly string[], most: number): string[] {
  const left = [...held]
  const surplus: string[] = []
  const needed = (code: string): boolean =>
    catalogue.modules.some((module) => left.includes(module.code) && module.requires.includes(code))
  while (left.length > most) {
    const next = left.findLast((code) => !needed(code))
    if (next === undefined) break
    left.splice(left.indexOf(next), 1)
    surplus.push(next)
  }
  return surplus
}

/** What counts on a day, read for `requireFits`. */
export async function loadOn(
  ctx: Pick<Context, 'db'>,
  catalogue: Catalogue,
  subscription: RunningSubscription,
  day: PlainDate,
): Promise<Load> {
  return {
    modules: paidModulesOn(catalogue, subscription.items, day),
    users: await activeUsers(ctx, subscription.tenant_id),
  }
}

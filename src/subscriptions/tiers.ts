/** Changes a tier's limits, its trial and its name. Nobody loses anything by it: whoever is above a limit stays there. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { tenantsAbove, type AboveLimits, type TenantsAbove } from './above.js'
import { longestTrial } from './selection.js'
import type { Context } from '../kernel/context.js'

export interface TierSettings {
  name: string
  max_paid_modules: number | null
  max_users: number | null
  max_storage_gb: number | null
  max_api_calls_per_month: number | null
  trial_days: number
}

export interface ChangedTier {
  dry_run: boolean
  changed: boolean
  plan: { code: string } & TierSettings
  before: TierSettings
  /** How many tenants hold or use more than the new limits, and which. */
  above: AboveLimits
  tenants_above: TenantsAbove['tenants']
}

/** @throws not_found `tier.not_found`; usage `tier.nothing_to_change`, `tier.limit_invalid`, `trial.invalid` */
export async function setTier(
  ctx: Context,
  code: string,
  wanted: Partial<TierSettings>,
  dryRun: boolean,
): Promise<ChangedTier> {
  check(wanted)
  const changed = await changeOrRehearse(ctx, dryRun, async (inner) => {
    const { code: found, ...before } = await lockTier(inner, code)
    const after: TierSettings = { ...before, ...wanted }
    const differs = Object.entries(after).some(([key, value]) => value !== before[key as keyof TierSettings])
    if (differs) {
      await execute(
        inner.db,
        sql`update public.tiers
            set name = ${after.name}, max_paid_modules = ${after.max_paid_modules}, max_users = ${after.max_users},
                max_storage_gb = ${after.max_storage_gb}, max_api_calls_per_month = ${after.max_api_calls_per_month},
                trial_days = ${after.trial_days}
            where code = ${found}`,
      )
      await audit(inner, {
        ...{ action: 'plan.set', subjectKind: 'tier', subject: found, outcome: 'succeeded' },
        ...{ before: { ...before }, after: { ...after } },
      })
    }
    const { counts: above, tenants: tenants_above } = await tenantsAbove(inner, found)
    const plan = { code: found, ...after }
    return { dry_run: dryRun, changed: differs, plan, before, above, tenants_above }
  })
  warnOf(ctx, changed)
  return changed
}

/** The smallest limit there can be, and the flag it is given by. */
const limits: [keyof TierSettings, number, string][] = [
  ['max_paid_modules', 0, '--max-modules'],
  ['max_users', 1, '--max-users'],
  ['max_storage_gb', 1, '--max-storage-gb'],
  ['max_api_calls_per_month', 1, '--max-api-calls'],
]
const most = 2_147_483_647

function check(wanted: Partial<TierSettings>): void {
  if (Object.keys(wanted).length === 0) {
    throw new ErpmaxError('usage', 'tier.nothing_to_change', 'Nothing is said of what to change', {
      hint: 'erpmax plan set STARTER --max-users 15',
    })
  }
  for (const [key, minimum, flag] of limits) {
    const value = wanted[key]
    const highest = key === 'max_api_calls_per_month' ? Number.MAX_SAFE_INTEGER : most
    if (typeof value === 'number' && (!Number.isInteger(value) || value < minimum || value > highest)) {
      throw new ErpmaxError(
        'usage',
        'tier.limit_invalid',
        `${flag} takes a whole number from ${minimum} on, or none`,
        {
          hint: `${flag} none`,
          details: { [key]: value },
        },
      )
    }
  }
  if (wanted.name !== undefined && !/^\S.{0,59}$/u.test(wanted.name))
    throw new ErpmaxError('usage', 'tier.name_invalid', 'A name has 1 to 60 characters')
  const { trial_days: days } = wanted
  if (days !== undefined && (!Number.isInteger(days) || days < 0 || days > longestTrial))
    throw new ErpmaxError('usage', 'trial.invalid', `A trial lasts 0 to ${longestTrial} days`)
}

async function lockTier(ctx: Pick<Context, 'db'>, code: string): Promise<{ code: string } & TierSettings> {
  const found = await firstRow<{ code: string } & TierSettings>(
    ctx.db,
    sql`select code, name, max_paid_modules, max_users, max_storage_gb, max_api_calls_per_month::float8 as max_api_calls_per_month,
               trial_days
        from public.tiers where code = ${code.toUpperCase()} for update`,
  )
  if (found) return found
  throw new ErpmaxError('not_found', 'tier.not_found', `There is no tier "${code.slice(0, 40)}"`, {
    hint: 'erpmax plan list',
  })
}

/** Names in a warning; JSON has all of them. */
const named = 5

function warnOf(ctx: Pick<Context, 'warn'>, { plan, above, tenants_above }: ChangedTier): void {
  const limits: [keyof AboveLimits, string][] = [
    ['paid_modules', `the ${plan.max_paid_modules} paid modules`],
    ['users', `the ${plan.max_users} users`],
    ['storage_gb', `the ${plan.max_storage_gb} GB`],
    ['api_calls', `the ${plan.max_api_calls_per_month} API calls a month`],
  ]
  for (const [limit, words] of limits) {
    const count = above[limit]
    if (count === 0) continue
    const who = tenants_above[limit].slice(0, named).join(', ') + (count > named ? ', ...' : '')
    const many = count === 1 ? `1 tenant (${who}) has` : `${count} tenants (${who}) have`
    const message = `${many} more than ${words} of ${plan.name}, and ${count === 1 ? 'keeps' : 'keep'} what there is`
    ctx.warn({ code: 'tier.tenants_above', message })
  }
}

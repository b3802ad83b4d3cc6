/** What `feature set` and `feature unset` are about: one tenant and a flag, or a flag of the tenants that flags choose. */
import { Args, Flags } from '@oclif/core'
import { ErpmaxError } from '../kernel/errors.js'
import { flagName, type FeatureName } from '../subscriptions/features.js'
import { selectorFlags, type SelectorFlags } from './tenants-command.js'

export const featureArguments = {
  tenant: Args.string({
    description: 'subdomain or id; left out where flags choose the tenants',
  }),
  flag: Args.string({ description: 'name of the flag' }),
}

/** A selector takes one value at a time: what follows it may be the name of the flag. */
const selectors = Object.fromEntries(
  Object.entries(selectorFlags).map(([name, flag]) => [
    name,
    'multiple' in flag && flag.multiple ? { ...flag, multipleNonGreedy: true } : flag,
  ]),
) as typeof selectorFlags

export const featureFlags = {
  ...selectors,
  module: Flags.string({
    char: 'm',
    description: 'the flag is of this module; of many tenants, those subscribed to it',
    multiple: true,
    multipleNonGreedy: true,
  }),
  yes: Flags.boolean({ description: 'do not ask, however many tenants' }),
  confirm: Flags.string({ description: 'the number of tenants, where there are several' }),
  'dry-run': Flags.boolean({
    char: 'n',
    description: 'say what would change, change nothing',
    default: false,
  }),
}

export interface FeatureTarget extends FeatureName {
  /** Null where the selectors choose. */
  tenant: string | null
  selectors: SelectorFlags
}

/** @throws usage where no flag is named, or more than one module */
export function featureTarget(
  args: { tenant?: string | undefined; flag?: string | undefined },
  flags: SelectorFlags,
): FeatureTarget {
  const { module: modules, ...rest } = flags
  const named = args.flag !== undefined
  const flag = args.flag ?? args.tenant
  const { tenant, all, status, tier, exclude } = rest
  const chosen = [modules, tenant, all || undefined, status, tier, exclude, rest['from-file']]
  if (flag === undefined || (!named && chosen.every((one) => one === undefined))) {
    throw new ErpmaxError(
      'usage',
      'usage.missing',
      'Name a tenant and a flag; or a flag alone, and choose the tenants with flags',
      {
        hint: `erpmax feature list ${flag ?? '<tenant>'}`,
      },
    )
  }
  if (modules && modules.length > 1)
    throw new ErpmaxError('usage', 'usage.modules', 'A flag is of one module: --module is given once')
  return {
    tenant: named ? (args.tenant ?? null) : null,
    flag: flagName(flag),
    module: modules?.[0] ?? null,
    selectors: named ? rest : flags,
  }
}

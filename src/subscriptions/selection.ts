/** What somebody wants to subscribe to, checked against the catalogue: known, complete, within the tier, priced. */
import { ErpmaxError } from '../kernel/errors.js'
import { sumMoney, type Money } from '../kernel/money.js'
import { findPrice, type Catalogue, type Cycle, type Module, type Price, type Tier } from './catalogue.js'

export interface SelectionInput {
  /** Codes of modules; the base module need not be named. */
  modules: readonly string[]
  tier: string
  cycle: string
  currency: string
  /** Days before the first charge; null: the tier's own. */
  trialDays: number | null
}

export interface Selection {
  tier: Tier
  cycle: Cycle
  currency: string
  trialDays: number
  /** The tier's fee first, then the modules in catalogue order, the base one among them. */
  prices: Price[]
  perPeriod: Money
  /** Names of the modules by code. */
  names: ReadonlyMap<string, string>
}

/** Days. */
export const longestTrial = 365

/** @throws usage for what does not exist, conflict for what does not fit */
export function select(catalogue: Catalogue, input: SelectionInput): Selection {
  const tier = findTier(catalogue, input.tier)
  const cycle = cycleOf(input.cycle)
  const wanted = modulesOf(catalogue, input.modules)
  requireRequirements(wanted, input.modules)
  requireWithinTier(catalogue, wanted, tier)
  const prices = [
    priced(catalogue, 'platform', tier.code, input.currency, cycle),
    ...wanted.map((module) => priced(catalogue, 'module', module.code, input.currency, cycle)),
  ]
  return {
    tier,
    cycle,
    currency: input.currency,
    trialDays: trialOf(tier, input.trialDays),
    prices,
    names: new Map(wanted.map((module) => [module.code, module.name])),
    perPeriod: sumMoney(
      input.currency,
      prices.map((price) => price.amount_minor),
    ),
  }
}

/** @throws usage `tier.unknown` */
export function findTier(catalogue: Catalogue, code: string): Tier {
  const tier = catalogue.tiers.find((one) => one.code === code.toUpperCase())
  if (tier) return tier
  throw new ErpmaxError('usage', 'tier.unknown', `There is no tier "${code}"`, {
    hint: `One of ${catalogue.tiers.map((one) => one.code).join(', ')}`,
  })
}

/** @throws usage `module.unknown` */
export function findModule(catalogue: Catalogue, code: string): Module {
  const module = catalogue.modules.find((one) => one.code === code)
  if (module) return module
  throw new ErpmaxError('usage', 'module.unknown', `There is no module "${code}"`, {
    hint: 'erpmax module list',
  })
}

/** The smallest tier that takes so many paid modules. */
export function tierFor(catalogue: Catalogue, paidModules: number): Tier | null {
  return (
    catalogue.tiers.find((tier) => tier.max_paid_modules === null || tier.max_paid_modules >= paidModules) ??
    null
  )
}

function cycleOf(text: string): Cycle {
  if (text === 'monthly' || text === 'annual') return text
  throw new ErpmaxError('usage', 'cycle.unknown', `"${text}" is not a billing cycle`, {
    hint: 'monthly or annual',
  })
}

function modulesOf(catalogue: Catalogue, codes: readonly string[]): Module[] {
  for (const code of codes) findModule(catalogue, code)
  return catalogue.modules.filter((module) => module.is_base || codes.includes(module.code))
}

function requireRequirements(wanted: readonly Module[], typed: readonly string[]): void {
  for (const module of wanted) {
    const missing = module.requires.filter((code) => !wanted.some((other) => other.code === code))
    if (missing.length === 0) continue
    throw new ErpmaxError('conflict', 'module.requires', `${module.name} needs ${missing.join(' and ')}`, {
      hint: `--modules ${[...typed, ...missing].join(',')}`,
      details: { module: module.code, missing },
    })
  }
}

function requireWithinTier(catalogue: Catalogue, wanted: readonly Module[], tier: Tier): void {
  const paid = wanted.filter((module) => !module.is_base).length
  if (tier.max_paid_modules === null || paid <= tier.max_paid_modules) return
  const enough = tierFor(catalogue, paid)
  throw new ErpmaxError(
    'conflict',
    'tier.too_many_modules',
    `${tier.name} takes ${tier.max_paid_modules} paid modules, and ${paid} are asked for`,
    {
      ...(enough ? { hint: `--tier ${enough.code}` } : {}),
      details: {
        tier: tier.code,
        limit: tier.max_paid_modules,
        asked: paid,
        tier_that_fits: enough?.code ?? null,
      },
    },
  )
}

export function priced(
  catalogue: Catalogue,
  kind: 'module' | 'platform',
  code: string,
  currency: string,
  cycle: Cycle,
): Price {
  const price = findPrice(catalogue, kind, code, currency, cycle)
  if (price) return price
  throw new ErpmaxError(
    'conflict',
    'price.missing',
    `There is no ${cycle} price in ${currency} for ${code}`,
    {
      hint: 'erpmax module list --currency USD',
      details: { product: code, currency, cycle },
    },
  )
}

/** FREE has no trial; the others their own, or what was asked for. */
function trialOf(tier: Tier, asked: number | null): number {
  if (asked === null) return tier.trial_days
  if (!Number.isInteger(asked) || asked < 0 || asked > longestTrial) {
    throw new ErpmaxError('usage', 'trial.invalid', `A trial lasts 0 to ${longestTrial} days`)
  }
  if (asked > 0 && tier.trial_days === 0) {
    throw new ErpmaxError('conflict', 'trial.not_in_tier', `${tier.name} has no trial: it costs nothing`, {
      hint: '--trial-days 0',
    })
  }
  return asked
}

/** What a subscription's modules would be after a change: known, complete, within the tier. Decides, writes nothing. */
import { ErpmaxError } from '../kernel/errors.js'
import { findModule, type Catalogue, type Module } from './catalogue.js'
import { withModule, withoutModule } from './requirements.js'
import { tierFor, findTier } from './selection.js'
import type { PlainDate } from '../kernel/dates.js'
import type { RunningItem, RunningSubscription } from './running.js'

export interface ModulesChange {
  add: readonly string[]
  remove: readonly string[]
  /** The first day without what is removed: today, or the end of the period. */
  removeOn: PlainDate
  /** What the added ones need comes along. */
  withRequired: boolean
}

/** In the order of the catalogue. */
export interface FittedModules {
  /** Held from today on. */
  added: Module[]
  /** Held, with an end that is taken back. */
  kept: RunningItem[]
  /** Held, with an end from now on, or an earlier one than before. */
  removed: RunningItem[]
  /** As they were asked to be already: held without end, ending no later, or not held at all. */
  unchanged: string[]
}

export interface FittingContext {
  catalogue: Catalogue
  subscription: RunningSubscription
  subdomain: string
  today: PlainDate
  /** Code of the tier that a scheduled change leads to, or null. */
  tierAhead: string | null
  /** The command for another choice of modules: what hints print. */
  command(add: readonly string[], remove: readonly string[]): string
}

/** After every day there is: what has no end. */
const never: PlainDate = '9999-12-31'

/**
 * @throws not_found `module.unknown`; conflict `module.base`, `module.requires`, `module.required_by`,
 *   `tier.too_many_modules`
 */
export function fitModules(context: FittingContext, change: ModulesChange): FittedModules {
  const { modules } = context.catalogue
  const add = change.add.map((code) => findModule(modules, code).code)
  const remove = change.remove.map((code) => findModule(modules, code).code)
  refuseBase(context, remove)
  const held = heldModules(context.subscription)
  const wanted = change.withRequired ? withAllRequired(modules, held, add) : new Set(add)
  const inOrder = modules.filter(({ code }) => wanted.has(code))
  const added = inOrder.filter(({ code }) => !held.has(code))
  const kept = inOrder.flatMap(({ code }) => itemsEnding(held, code))
  const removed = [...held.values()].filter(
    ({ code, to }) => remove.includes(code) && (to ?? never) > change.removeOn,
  )
  const ends = endsAfter(held, { added, kept, removed }, change.removeOn)
  requireComplete(context, ends, { add: [...wanted], remove })
  if (added.length > 0 || kept.length > 0) requireRoom(context, ends)
  const changed = new Set([...added, ...kept, ...removed].map(({ code }) => code))
  const unchanged = modules
    .map(({ code }) => code)
    .filter((code) => !changed.has(code) && (wanted.has(code) || remove.includes(code)))
  return { added, kept, removed, unchanged }
}

/** Modules held today or later, each by its latest item. */
export function heldModules({ items }: RunningSubscription): Map<string, RunningItem> {
  return new Map(items.filter(({ kind }) => kind === 'module').map((item) => [item.code, item]))
}

function itemsEnding(held: ReadonlyMap<string, RunningItem>, code: string): RunningItem[] {
  const item = held.get(code)
  return item && item.to !== null ? [item] : []
}

function withAllRequired(
  modules: readonly Module[],
  held: ReadonlyMap<string, RunningItem>,
  add: readonly string[],
): Set<string> {
  const staying = new Set([...held.values()].filter(({ to }) => to === null).map(({ code }) => code))
  const all = add.reduce((chosen, code) => withModule(modules, chosen, code), staying)
  return new Set([...add, ...[...all].filter((code) => held.get(code)?.to !== null)])
}

/** The first day without each module that is held from today on; `never` where nothing ends it. */
function endsAfter(
  held: ReadonlyMap<string, RunningItem>,
  { added, kept, removed }: Omit<FittedModules, 'unchanged'>,
  removeOn: PlainDate,
): Map<string, PlainDate> {
  const ends = new Map([...held].map(([code, { to }]) => [code, to ?? never]))
  for (const { code } of [...added, ...kept]) ends.set(code, never)
  for (const { code } of removed) ends.set(code, removeOn)
  return ends
}

function refuseBase({ catalogue }: FittingContext, remove: readonly string[]): void {
  const base = catalogue.modules.find((module) => module.is_base && remove.includes(module.code))
  if (!base) return
  throw new ErpmaxError('conflict', 'module.base', `${base.name} belongs to every tenant: it stays`, {
    hint: `erpmax module show ${base.code}`,
    details: { module: base.code },
  })
}

/** Nothing is held longer than what it needs. */
function requireComplete(
  context: FittingContext,
  ends: ReadonlyMap<string, PlainDate>,
  { add, remove }: { add: readonly string[]; remove: readonly string[] },
): void {
  const { modules } = context.catalogue
  const lacking = modules.flatMap((module) => {
    const end = ends.get(module.code)
    if (end === undefined || end <= context.today) return []
    const missing = module.requires.filter((code) => (ends.get(code) ?? '') < end)
    return missing.length > 0 ? [{ module, missing }] : []
  })
  const first = lacking[0]
  if (!first) return
  const taken = first.missing.find((code) => remove.includes(code))
  if (taken !== undefined) throw requiredBy(context, taken, { add, remove })
  const all = add.reduce((chosen, code) => withModule(modules, chosen, code), new Set<string>())
  const missing = modules
    .filter(({ code }) => all.has(code) && !add.includes(code) && ends.get(code) !== never)
    .map(({ code }) => code)
  const tooSmall = misfit(context, new Map([...ends, ...missing.map((code) => [code, never] as const)]))
  const { module } = first
  throw new ErpmaxError(
    'conflict',
    'module.requires',
    `${module.name} needs ${namesOf(modules, first.missing)}${tooSmall ? `, and ${tooSmall.reason}` : ''}`,
    {
      hint: tooSmall?.hint ?? context.command([...add, ...missing], remove),
      details: { module: module.code, missing: first.missing },
    },
  )
}

function requiredBy(
  context: FittingContext,
  code: string,
  { add, remove }: { add: readonly string[]; remove: readonly string[] },
): ErpmaxError {
  const { modules } = context.catalogue
  const held = heldModules(context.subscription)
  const all = new Set([...held.keys(), ...add])
  const rest = withoutModule(modules, all, code)
  const dependents = modules
    .map((module) => module.code)
    .filter((one) => all.has(one) && !rest.has(one) && !remove.includes(one))
  return new ErpmaxError(
    'conflict',
    'module.required_by',
    `${namesOf(modules, [code])} cannot go: ${namesOf(modules, dependents)} ${dependents.length === 1 ? 'needs' : 'need'} it`,
    {
      hint: context.command(
        add.filter((one) => rest.has(one)),
        [...remove, ...dependents.filter((one) => held.has(one))],
      ),
      details: { module: code, required_by: dependents },
    },
  )
}

/** @throws conflict `tier.too_many_modules` with the tier that would do */
function requireRoom(context: FittingContext, ends: ReadonlyMap<string, PlainDate>): void {
  const wrong = misfit(context, ends)
  if (!wrong) return
  throw new ErpmaxError('conflict', 'tier.too_many_modules', capitalized(wrong.reason), {
    ...(wrong.hint === undefined ? {} : { hint: wrong.hint }),
    details: wrong.details,
  })
}

interface Misfit {
  reason: string
  hint?: string
  details: { tier: string; limit: number; asked: number; tier_that_fits: string | null }
}

/** What is held today has to fit the tier there is, what stays the one that is to come. */
function misfit(
  { catalogue, subscription, subdomain, today, tierAhead }: FittingContext,
  ends: ReadonlyMap<string, PlainDate>,
): Misfit | null {
  const paid = catalogue.modules.filter(({ is_base }) => !is_base).map(({ code }) => code)
  const heldNow = paid.filter((code) => (ends.get(code) ?? '') > today).length
  const staying = paid.filter((code) => ends.get(code) === never).length
  const checks = [
    { tier: findTier(catalogue, subscription.tier), asked: heldNow, ahead: false },
    ...(tierAhead === null ? [] : [{ tier: findTier(catalogue, tierAhead), asked: staying, ahead: true }]),
  ]
  const wrong = checks.find(
    ({ tier, asked }) => tier.max_paid_modules !== null && asked > tier.max_paid_modules,
  )
  if (!wrong) return null
  const { tier, asked, ahead } = wrong
  const enough = tierFor(catalogue, asked)
  const limit = tier.max_paid_modules ?? 0
  return {
    reason: `${tier.name}${ahead ? ', which is to come,' : ''} takes ${limit} paid modules: this makes ${asked}`,
    ...(enough ? { hint: `erpmax subscription change ${subdomain} --tier ${enough.code}` } : {}),
    details: { tier: tier.code, limit, asked, tier_that_fits: enough?.code ?? null },
  }
}

function namesOf(modules: readonly Module[], codes: readonly string[]): string {
  return modules
    .filter(({ code }) => codes.includes(code))
    .map(({ name }) => name)
    .join(' and ')
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

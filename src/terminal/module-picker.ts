/** Chooses modules: what one needs comes along, and the total with the tier's fee is shown while one chooses. */
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isUpKey,
  usePagination,
  useKeypress,
  usePrefix,
  useState,
} from '@inquirer/core'
import { formatMoney, type Money } from '../kernel/money.js'
import { findPrice, type Catalogue, type Cycle, type Module, type Tier } from '../subscriptions/catalogue.js'
import { withModule, withoutModule } from '../subscriptions/requirements.js'
import { select, tierFor } from '../subscriptions/selection.js'
import { cutText } from './format.js'
import { limitsOf } from './tier-text.js'
import type { Looks } from './prompter.js'

export interface ModulePickerConfig {
  catalogue: Catalogue
  currency: string
  cycle: Cycle
  /** Given beforehand: what is chosen has to fit it. Null: the smallest one that fits is shown. */
  tier: Tier | null
  /** Codes of modules that are chosen from the start. */
  chosen: readonly string[]
  /** Codes of those that stay chosen: the tenant has them. */
  held?: readonly string[]
  looks: Looks
}

const hideCursor = '\u001B[?25l'
/** Lines around the list: heading, blank, about, note, total, tier, keys, and the one that stays free. */
const linesAround = 8
const codeWidth = 21
const costWidth = 12

/** Gives the codes of the paid modules, in the order of the catalogue. */
export const modulePicker = createPrompt<string[], ModulePickerConfig>((config, done) => {
  const { catalogue, looks } = config
  const { modules } = catalogue
  const [status, setStatus] = useState<'idle' | 'done'>('idle')
  const [active, setActive] = useState(
    Math.max(
      0,
      modules.findIndex((module) => !module.is_base),
    ),
  )
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() =>
    config.chosen.reduce((all, code) => withModule(modules, all, code), new Set<string>()),
  )
  const [note, setNote] = useState('')
  const prefix = usePrefix({ status, theme: looks.theme })
  const current = modules[active]
  const picked = modules.filter((module) => chosen.has(module.code))

  useKeypress((key) => {
    if (status !== 'idle') return
    if (isEnterKey(key)) {
      const wrong = misfit(config, picked.length)
      if (wrong) return setNote(wrong)
      setStatus('done')
      return done(picked.map((module) => module.code))
    }
    if (isUpKey(key) || isDownKey(key)) {
      setNote('')
      setActive(Math.min(modules.length - 1, Math.max(0, active + (isUpKey(key) ? -1 : 1))))
    } else if (isSpaceKey(key) && current) {
      const next = toggled(config, chosen, current)
      setChosen(next.chosen)
      setNote(next.note)
    } else if (key.name === 'a') {
      const priced = modules.filter((module) => !module.is_base && priceOf(config, module))
      const all = chosen.size < priced.length
      const kept = priced.filter((module) => all || config.held?.includes(module.code))
      setChosen(new Set(kept.map((module) => module.code)))
      setNote('')
    }
  })

  const heading = `Modules, in ${config.currency} ${period(config.cycle)}:`
  const message = `${prefix} ${looks.theme.style.message(heading, status)}`
  const cut = (text: string): string => cutText(text, looks.width(), looks.symbols.ellipsis)
  if (status === 'done') {
    const room = Math.max(10, looks.width() - heading.length - 3)
    const answer = picked.map((module) => module.code).join(', ') || 'none but the base'
    return `${message} ${looks.theme.style.answer(cutText(answer, room, looks.symbols.ellipsis))}`
  }
  const list = usePagination({
    items: modules,
    active,
    loop: false,
    pageSize: Math.max(3, Math.min(modules.length, looks.height() - linesAround)),
    renderItem: ({ item, isActive }) => {
      const line = cut(rowOf(config, item, chosen, isActive))
      return isActive ? looks.theme.style.highlight(line) : line
    },
  })
  const keys = `  ${looks.symbols.upDown} move, space choose, a all or none, ${looks.symbols.enter} done`
  const lines = [
    message,
    list,
    '',
    looks.paint.dim(cut(`  ${current ? about(config, current) : ''}`)),
    looks.paint.yellow(cut(`  ${note}`)),
    ...totalOf(config, picked).map(cut),
    looks.paint.dim(cut(keys)),
  ]
  return `${lines.join('\n')}${hideCursor}`
})

function toggled(
  config: ModulePickerConfig,
  chosen: ReadonlySet<string>,
  module: Module,
): { chosen: ReadonlySet<string>; note: string } {
  const { modules } = config.catalogue
  if (module.is_base) return { chosen, note: `${module.name} belongs to every tenant` }
  if (config.held?.includes(module.code)) return { chosen, note: `${module.name} is subscribed to already` }
  const names = (codes: Iterable<string>): string =>
    modules
      .filter(({ code }) => code !== module.code && [...codes].includes(code))
      .map(({ name }) => name)
      .join(' and ')
  if (chosen.has(module.code)) {
    const rest = withoutModule(modules, chosen, module.code)
    const gone = names([...chosen].filter((code) => !rest.has(code)))
    return { chosen: rest, note: gone && `- ${gone}: not without ${module.name}` }
  }
  const more = withModule(modules, chosen, module.code)
  const come = [...more].filter((code) => !chosen.has(code))
  const unpriced = modules.find((one) => come.includes(one.code) && !priceOf(config, one))
  if (unpriced) return { chosen, note: `${unpriced.name} has no price in ${config.currency}` }
  const added = names(come)
  return { chosen: more, note: added && `+ ${added}: ${module.name} needs it` }
}

function rowOf(
  config: ModulePickerConfig,
  module: Module,
  chosen: ReadonlySet<string>,
  isActive: boolean,
): string {
  const { symbols, width } = config.looks
  const nameWidth = Math.max(...config.catalogue.modules.map(({ name }) => name.length))
  const box = module.is_base || chosen.has(module.code) ? '[x]' : '[ ]'
  const price = priceOf(config, module)
  const cost = module.is_base ? 'included' : price ? formatAmount(price) : 'no price'
  const pointer = isActive ? symbols.pointer : ' '
  // Where it is narrow the code gives way: name and price are what one chooses by.
  const code = width() < codeWidth + nameWidth + costWidth + 8 ? '' : module.code.padEnd(codeWidth)
  return `${pointer} ${box} ${code}${module.name.padEnd(nameWidth)}  ${cost.padStart(costWidth)}`
}

function about({ catalogue }: ModulePickerConfig, module: Module): string {
  const needed = catalogue.modules.filter(({ code }) => module.requires.includes(code))
  return needed.length === 0
    ? module.summary
    : `Needs ${needed.map(({ name }) => name).join(' and ')}. ${module.summary}`
}

/** The running total and the tier it is reckoned with, by the same reckoning that subscribes. */
function totalOf(config: ModulePickerConfig, picked: readonly Module[]): string[] {
  const { catalogue, currency, cycle } = config
  const tier = config.tier ?? tierFor(catalogue, picked.length)
  const wrong = misfit(config, picked.length)
  if (!tier || wrong) return ['', `  ${wrong}`]
  const codes = picked.map(({ code }) => code)
  const { perPeriod, prices } = select(catalogue, {
    modules: codes,
    tier: tier.code,
    cycle,
    currency,
    trialDays: null,
  })
  const fee = { amountMinor: prices.find(({ kind }) => kind === 'platform')?.amount_minor ?? 0n, currency }
  const sum = { amountMinor: perPeriod.amountMinor - fee.amountMinor, currency }
  const count = `${picked.length} ${picked.length === 1 ? 'module' : 'modules'}`
  return [
    `  ${formatMoney(perPeriod)} ${period(cycle)}: ${count} ${formatAmount(sum)} + ${tier.name} fee ${formatAmount(fee)}`,
    `  ${config.tier ? '' : 'Fits '}${tier.name}: ${limitsOf(tier)}`,
  ]
}

/** Why so many modules cannot be had, or nothing. */
function misfit({ catalogue, tier }: ModulePickerConfig, paid: number): string {
  if (!tier) return tierFor(catalogue, paid) ? '' : `No tier takes ${paid} paid modules`
  const most = tier.max_paid_modules
  return most === null || paid <= most
    ? ''
    : `${tier.name} takes ${most} paid modules, and ${paid} are chosen`
}

function priceOf({ catalogue, currency, cycle }: ModulePickerConfig, module: Module): Money | null {
  const price = findPrice(catalogue, 'module', module.code, currency, cycle)
  return price && { amountMinor: price.amount_minor, currency }
}

/** Without the currency: the heading names it. */
function formatAmount(money: Money): string {
  return formatMoney(money).replace(` ${money.currency}`, '')
}

export function period(cycle: Cycle): string {
  return cycle === 'monthly' ? 'a month' : 'a year'
}

/** The questions of `tenant create` about the subscription: currency, cycle, modules, tier, trial. */
import { formatMoney } from '../kernel/money.js'
import { select, tierFor } from '../subscriptions/selection.js'
import { defaultCurrency } from '../tenants/profile.js'
import { judged, type Dialogue, type Question } from './create-tenant-dialogue.js'
import { modulePicker, period } from './module-picker.js'
import { limitsOf } from './tier-text.js'
import type { Catalogue, Cycle, Tier } from '../subscriptions/catalogue.js'
import type { Choice } from './prompter.js'

export const planQuestions: readonly Question[] = [
  { gives: ['currency'], label: 'Currency', ask: currencyOf },
  {
    gives: ['cycle'],
    label: 'Billing cycle',
    ask: async (dialogue) => ({
      cycle: await dialogue.prompter.select<Cycle>({
        message: 'Billing cycle:',
        choices: [
          { name: 'monthly', value: 'monthly' },
          {
            name: `annual${savingOf(await dialogue.catalogue(), dialogue.text('currency'))}`,
            value: 'annual',
            short: 'annual',
          },
        ],
        default: cycleOf(dialogue.suggestion('cycle')),
      }),
    }),
  },
  {
    gives: ['modules'],
    label: 'Modules',
    unsettles: ['tier', 'trial-days'],
    ask: async (dialogue) => ({
      modules: (
        await dialogue.prompter.custom(modulePicker, {
          catalogue: await dialogue.catalogue(),
          currency: dialogue.text('currency'),
          cycle: cycleOf(dialogue.text('cycle')),
          tier: await givenTier(dialogue),
          chosen: codesIn(dialogue.suggestion('modules')),
          looks: dialogue.prompter.looks,
        })
      ).join(','),
    }),
  },
  { gives: ['tier'], label: 'Tier', unsettles: ['trial-days'], ask: tierOf },
  { gives: ['trial-days'], label: 'Trial', ask: trialOf },
]

/** What was given beforehand, refused as the workflow would refuse it: before a person has answered anything. */
export async function checkGivenPlan(dialogue: Dialogue): Promise<void> {
  const catalogue = await dialogue.catalogue()
  const { currency } = await dialogue.profile()
  const { modules, tier, cycle, trialDays } = dialogue.input().subscription
  // The largest tier takes every module and has a trial.
  const widest = catalogue.tiers.at(-1)?.code ?? ''
  select(catalogue, {
    modules,
    tier: tier ?? widest,
    cycle: cycle ?? 'monthly',
    currency,
    trialDays: trialDays ?? null,
  })
}

/** Only currencies with prices can be chosen; where there is one, there is nothing to choose. */
async function currencyOf(dialogue: Dialogue): Promise<{ currency: string }> {
  const { prices } = await dialogue.catalogue()
  const currencies = [...new Set(prices.map((price) => price.currency))].sort()
  const [only, ...others] = currencies
  if (only !== undefined && others.length === 0) return { currency: only }
  return {
    currency: await dialogue.prompter.select({
      message: 'Currency:',
      choices: currencies.map((code) => ({
        name: `${code}  ${nameOfCurrency(code)}`,
        value: code,
        short: code,
      })),
      default: dialogue.suggestion('currency', defaultCurrency(dialogue.country)),
    }),
  }
}

async function tierOf(dialogue: Dialogue): Promise<{ tier: string }> {
  const catalogue = await dialogue.catalogue()
  const paid = paidCodes(catalogue, dialogue)
  const smallest = tierFor(catalogue, paid.length)
  const fitting = catalogue.tiers.filter(
    (tier) => tier.max_paid_modules === null || tier.max_paid_modules >= paid.length,
  )
  const costs = fitting.map((tier) => ({ tier, ...costOf(dialogue, catalogue, tier) }))
  const widest = (texts: string[]): number => Math.max(...texts.map((text) => text.length))
  const widths = {
    name: widest(fitting.map((tier) => tier.name)),
    fee: widest(costs.map(({ fee }) => fee)),
    total: widest(costs.map(({ total }) => total)),
  }
  const choices = costs.map(({ tier, fee, total }): Choice<string> => {
    const recommended = tier === smallest ? '  recommended' : ''
    return {
      name: `${tier.name.padEnd(widths.name)}  ${fee.padStart(widths.fee)}  in all ${total.padStart(widths.total)}${recommended}`,
      short: tier.name,
      value: tier.code,
      description: `${limitsOf(tier)} a month`,
    }
  })
  const earlier = dialogue.suggestion('tier')
  return {
    tier: await dialogue.prompter.select({
      message: `Tier, platform fee ${period(cycleOf(dialogue.text('cycle')))}:`,
      choices,
      ...(fitting.some((tier) => tier.code === earlier) ? { default: earlier } : {}),
    }),
  }
}

function costOf(dialogue: Dialogue, catalogue: Catalogue, tier: Tier): { fee: string; total: string } {
  const { prices, perPeriod, currency } = selection(dialogue, catalogue, { tier: tier.code })
  const fee = prices.find((price) => price.kind === 'platform')?.amount_minor ?? 0n
  return { fee: formatMoney({ amountMinor: fee, currency }), total: formatMoney(perPeriod) }
}

async function trialOf(dialogue: Dialogue): Promise<{ 'trial-days': number }> {
  const catalogue = await dialogue.catalogue()
  const { tier } = selection(dialogue, catalogue, {})
  if (tier.trial_days === 0) return { 'trial-days': 0 }
  const days = await dialogue.prompter.input({
    message: 'Trial in days, 0 for none:',
    default: dialogue.suggestion('trial-days', String(tier.trial_days)),
    validate: (text) => judged(() => selection(dialogue, catalogue, { trialDays: wholeNumber(text) })),
  })
  return { 'trial-days': wholeNumber(days) }
}

function selection(
  dialogue: Dialogue,
  catalogue: Catalogue,
  over: { tier?: string; trialDays?: number },
): ReturnType<typeof select> {
  return select(catalogue, {
    modules: codesIn(dialogue.text('modules')),
    tier: dialogue.text('tier'),
    cycle: dialogue.text('cycle'),
    currency: dialogue.text('currency').toUpperCase(),
    trialDays: null,
    ...over,
  })
}

async function givenTier(dialogue: Dialogue): Promise<Tier | null> {
  const code = dialogue.text('tier').toUpperCase()
  return (await dialogue.catalogue()).tiers.find((tier) => tier.code === code) ?? null
}

function paidCodes(catalogue: Catalogue, dialogue: Dialogue): string[] {
  const bases = catalogue.modules.filter((module) => module.is_base).map((module) => module.code)
  return codesIn(dialogue.text('modules')).filter((code) => !bases.includes(code))
}

function codesIn(text: string): string[] {
  return text
    .split(',')
    .map((code) => code.trim())
    .filter((code) => code !== '')
}

/** NaN for anything else, which the selection refuses. */
function wholeNumber(text: string): number {
  return /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
}

function cycleOf(text: string): Cycle {
  return text === 'annual' ? 'annual' : 'monthly'
}

function nameOfCurrency(code: string): string {
  return new Intl.DisplayNames('en', { type: 'currency' }).of(code) ?? code
}

/** What a year costs less than twelve months, by the prices on file: `, 20 % less than twelve months`. */
function savingOf({ prices }: Catalogue, currency: string): string {
  const sum = (cycle: Cycle): bigint =>
    prices
      .filter((price) => price.currency === currency && price.cycle === cycle)
      .reduce((total, price) => total + price.amount_minor, 0n)
  const year = 12n * sum('monthly')
  const percent = year === 0n ? 0n : (100n * (year - sum('annual')) + year / 2n) / year
  return percent > 0n ? `, ${percent} % less than twelve months` : ''
}

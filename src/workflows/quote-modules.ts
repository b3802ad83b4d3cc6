/** `module quote`: what adding and removing modules would cost, line for line before tax; writes nothing. */
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { fitModules } from '../subscriptions/fitting.js'
import { dayOfRemoval, fittingContext, openScene, quoteFitted } from './module-scene.js'
import type { Quote } from '../billing/quote.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface QuoteInput {
  tenant: string
  add: readonly string[]
  remove: readonly string[]
  withRequired: boolean
  /** What is removed ends with the period, as it does without `--now`; what is added begins today all the same. */
  atPeriodEnd: boolean
}

export interface QuotedModules {
  tenant: { id: string; subdomain: string }
  /** Codes in the order of the catalogue. */
  added: string[]
  removed: string[]
  /** Asked for, and so already. */
  unchanged: string[]
  /** The first day of the one, the first day without the other. */
  add_on: PlainDate
  remove_on: PlainDate
  /** Null inside a trial, where nothing is charged. */
  period: { from: PlainDate; to: PlainDate } | null
  cycle: string
  quote: Quote
}

/** The checks of `module subscribe` and `module unsubscribe`, and the prices of today. */
export async function quoteModules(ctx: Context, input: QuoteInput): Promise<QuotedModules> {
  requireSense(input)
  return transaction(ctx, async (inner) => {
    const scene = await openScene(inner, input.tenant, { lock: false })
    const { tenant, subscription, today, period } = scene
    const removeOn = dayOfRemoval(scene, !input.atPeriodEnd)
    const fitted = fitModules(
      fittingContext(scene, (add, remove) => commandFor(tenant.subdomain, add, remove, input.atPeriodEnd)),
      { add: input.add, remove: input.remove, removeOn, withRequired: input.withRequired },
    )
    return {
      tenant: { id: tenant.id, subdomain: tenant.subdomain },
      added: [...fitted.added, ...fitted.kept].map(({ code }) => code),
      removed: fitted.removed.map(({ code }) => code),
      unchanged: fitted.unchanged,
      add_on: today,
      remove_on: removeOn,
      period,
      cycle: subscription.cycle,
      quote: await quoteFitted(inner, scene, fitted, removeOn),
    }
  })
}

function requireSense({ tenant, add, remove }: QuoteInput): void {
  if (add.length + remove.length === 0) {
    throw new ErpmaxError('usage', 'usage.modules', 'What is to be added or removed?', {
      hint: `erpmax module quote ${tenant} --add <module>, or --remove <module>`,
    })
  }
  const both = add.find((code) => remove.includes(code))
  if (both === undefined) return
  throw new ErpmaxError('usage', 'usage.contradiction', `${both} cannot be added and removed at once`)
}

function commandFor(
  subdomain: string,
  add: readonly string[],
  remove: readonly string[],
  atPeriodEnd: boolean,
): string {
  const flags = [
    ...(add.length > 0 ? [`--add ${add.join(',')}`] : []),
    ...(remove.length > 0 ? [`--remove ${remove.join(',')}`] : []),
    ...(atPeriodEnd ? ['--at-period-end'] : []),
  ]
  return `erpmax module quote ${[subdomain, ...flags].join(' ')}`
}

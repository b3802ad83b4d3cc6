/** Amounts, days and counts as the commands about documents print them. */
import { addDays, type PlainDate } from '../kernel/dates.js'
import { formatMoney, type MoneyJson } from '../kernel/money.js'

/** `49,900.00 INR`. */
export function moneyText({ amount_minor, currency }: MoneyJson): string {
  return formatMoney({ amountMinor: BigInt(amount_minor), currency })
}

/** `49,900.00`, where the currency stands in the heading. */
export function bareAmount(money: MoneyJson): string {
  return moneyText(money).slice(0, -money.currency.length - 1)
}

/** `1 invoice`, `12 invoices`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A half-open period by its first and its last day, as documents print it: `2026-04-05 - 2026-05-04`. */
export function daysText({ from, to }: { from: PlainDate; to: PlainDate }): string {
  const last = addDays(to, -1)
  return last === from ? from : `${from} - ${last}`
}

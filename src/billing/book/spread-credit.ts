/** What a credit of an invoice, of a line or of an amount gives back of each line: pure, to the last minor unit. */
import { taxesOfCredit } from '../credit-plan.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney } from '../../kernel/money.js'
import type { CreditNoteLine } from '../credit-notes.js'
import type { InvoiceLine } from '../runs/charged.js'

/** Of a line where `line` is given, else of the invoice; `net` before tax, in minor units, null: all that is left. */
export interface CreditRequest {
  line: number | null
  net: bigint | null
  /** Without tax. */
  commercial: boolean
}

/**
 * An amount is spread over the lines by what is left of each, the last units by the largest remainders; tax is that of
 * each rounded net.
 * @throws not_found `invoice.line_not_found`; conflict `credit.nothing_left`, `credit.exceeds`
 */
export function spreadCredit(
  lines: readonly InvoiceLine[],
  { line, net, commercial }: CreditRequest,
  currency: string,
): CreditNoteLine[] {
  const chosen = line === null ? lines : lines.filter(({ position }) => position === line)
  if (chosen.length === 0) throw noSuchLine(line, lines.length)
  const left = chosen.map((one) => one.net - one.creditedNet)
  const all = left.reduce((sum, one) => sum + one, 0n)
  if (all === 0n)
    throw new ErpmaxError('conflict', 'credit.nothing_left', 'All of it is credited already', {
      hint: 'erpmax invoice list',
    })
  if (net !== null && net > all) throw exceeds(net, all, currency)
  const parts = net === null ? left : spread(net, left)
  return chosen.flatMap((one, index) => {
    const part = parts[index] ?? 0n
    if (part === 0n) return []
    // Days are given back by a credit of all that was charged for them; else they would be taken twice.
    const period = part === one.net ? one.period : null
    const taxes = commercial ? [] : taxesOfCredit(one, part)
    return [{ line: one, period, net: part, taxes, adjustmentId: null }]
  })
}

/**
 * By largest remainder, ties to the first. No part exceeds its weight while the amount does not exceed their sum.
 * @param weights not negative, not all zero
 */
export function spread(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, one) => total + one, 0n)
  const parts = weights.map((weight) => (amount * weight) / sum)
  const remainders = weights.map((weight, index) => ({ index, rest: (amount * weight) % sum }))
  remainders.sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))
  let missing = amount - parts.reduce((total, one) => total + one, 0n)
  for (const { index } of remainders) {
    if (missing === 0n) break
    parts[index] = (parts[index] ?? 0n) + 1n
    missing -= 1n
  }
  return parts
}

function noSuchLine(line: number | null, count: number): ErpmaxError {
  return new ErpmaxError('not_found', 'invoice.line_not_found', `The invoice has no line ${line}`, {
    hint: `Its lines are numbered 1 to ${count}`,
    details: { line, lines: count },
  })
}

function exceeds(net: bigint, left: bigint, currency: string): ErpmaxError {
  const text = (amountMinor: bigint): string => formatMoney({ amountMinor, currency })
  return new ErpmaxError(
    'conflict',
    'credit.exceeds',
    `${text(net)} is more than the ${text(left)} before tax that are left to credit`,
    {
      hint: `--amount ${text(left).replace(/[^\d.]/g, '')}`,
      details: { left_minor: Number(left), currency },
    },
  )
}

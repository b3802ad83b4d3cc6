/** How much before tax is credited so that a credit note comes to a given total: pure, to the last minor unit. */
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney } from '../../kernel/money.js'
import { spreadCredit } from './spread-credit.js'
import type { InvoiceLine } from '../runs/charged.js'

/**
 * Every net has its tax, but not every total has a net: of 18 % in two heads, rounded each by itself, no net comes to
 * 0.05. The credit is then the smallest that reaches the total.
 * @param total above zero, in minor units
 * @returns a net whose credit note comes to the total, or to a few minor units more
 * @throws conflict `credit.nothing_left`, `credit.exceeds_total`
 */
export function netForTotal(
  lines: readonly InvoiceLine[],
  total: bigint,
  commercial: boolean,
  currency: string,
): bigint {
  const left = lines.reduce((sum, line) => sum + line.net - line.creditedNet, 0n)
  const totalOf = (net: bigint): bigint => totalOfCredit(lines, net, commercial, currency)
  const most = left > 0n ? totalOf(left) : 0n
  if (most < total) throw exceeds(total, most, currency)
  let low = 1n
  let high = left
  while (low < high) {
    const middle = (low + high) / 2n
    if (totalOf(middle) >= total) high = middle
    else low = middle + 1n
  }
  // Rounding by line and head lets the total go down a little where the net goes up: the neighbours are looked at too.
  const around = BigInt(2 * lines.reduce((sum, { taxes }) => sum + taxes.length + 1, 0) + 2)
  let best: { net: bigint; over: bigint } | null = null
  for (let net = low > around ? low - around : 1n; net <= low + around && net <= left; net += 1n) {
    const over = totalOf(net) - total
    if (over >= 0n && (best === null || over < best.over)) best = { net, over }
  }
  return best?.net ?? left
}

/** What a credit of so much before tax comes to with it. */
export function totalOfCredit(
  lines: readonly InvoiceLine[],
  net: bigint,
  commercial: boolean,
  currency: string,
): bigint {
  return spreadCredit(lines, { line: null, net, commercial }, currency).reduce(
    (sum, part) => sum + part.net + part.taxes.reduce((tax, { amount_minor }) => tax + amount_minor, 0n),
    0n,
  )
}

function exceeds(total: bigint, most: bigint, currency: string): ErpmaxError {
  const text = (amountMinor: bigint): string => formatMoney({ amountMinor, currency })
  return new ErpmaxError(
    'conflict',
    'credit.exceeds_total',
    `${text(total)} would have to be credited, and credit notes of this invoice can come to ${text(most)} more`,
    { details: { total_minor: Number(total), left_minor: Number(most), currency } },
  )
}

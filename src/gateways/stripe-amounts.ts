/** Amounts as Stripe writes them: minor units of ISO 4217, but for the currencies it counts otherwise. */
import { minorDigits, type Money } from '../kernel/money.js'
import { ProviderError } from '../kernel/payment-gateway.js'
import { integer, text, type Json } from './provider-json.js'

/** Decimals that Stripe counts in, where they are not those of ISO 4217 (docs.stripe.com/currencies, "special cases"). */
const decimals = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
])

/** @throws ProviderError refused `amount_not_payable` */
export function toStripe({ amountMinor, currency }: Money): number {
  const scale = (decimals.get(currency) ?? minorDigits(currency)) - minorDigits(currency)
  const divisor = scale < 0 ? 10n ** BigInt(-scale) : 1n
  if (amountMinor % divisor !== 0n || (minorDigits(currency) === 3 && amountMinor % 10n !== 0n)) {
    throw new ProviderError(
      'stripe',
      'refused',
      'amount_not_payable',
      minorDigits(currency) === 3
        ? `Stripe takes amounts in ${currency} that end in 0: ${amountMinor} minor units cannot be paid there`
        : `Stripe takes whole ${currency} only: ${amountMinor} minor units cannot be paid there`,
    )
  }
  return Number(scale > 0 ? amountMinor * 10n ** BigInt(scale) : amountMinor / divisor)
}

/** @throws SyntaxError */
export function fromStripe(from: Json, name: string): Money {
  const currency = text(from, 'currency').toUpperCase()
  const amount = BigInt(integer(from, name))
  const scale = (decimals.get(currency) ?? minorDigits(currency)) - minorDigits(currency)
  return {
    amountMinor: scale > 0 ? amount / 10n ** BigInt(scale) : amount * 10n ** BigInt(-scale),
    currency,
  }
}

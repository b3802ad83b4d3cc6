/** Which provider an invoice is paid by, and what each takes at least. */
import { ErpmaxError } from '../../kernel/errors.js'
import { plainAmount } from '../../kernel/amounts.js'
import { formatMoney, minorDigits, type Money } from '../../kernel/money.js'
import type { Config } from '../../kernel/config.js'
import { providerNames, type ProviderName } from '../../kernel/payment-gateway.js'
import { configuredProviders, providerKeys } from '../provider-keys.js'

/**
 * The one that was asked for, else the one that is configured; of both, Razorpay takes rupees.
 * @throws usage `payment.not_configured`
 */
export function chooseProvider(config: Config, wanted: ProviderName | null, currency: string): ProviderName {
  const configured = configuredProviders(config)
  if (wanted !== null && configured.includes(wanted)) return wanted
  const [first] = configured
  if (wanted !== null || first === undefined) throw notConfigured(wanted)
  return currency === 'INR' && configured.includes('razorpay') ? 'razorpay' : first
}

function notConfigured(wanted: ProviderName | null): ErpmaxError {
  const keys = (wanted === null ? providerNames : [wanted]).map((name) =>
    providerKeys[name].settings.join(' and '),
  )
  return new ErpmaxError(
    'usage',
    'payment.not_configured',
    wanted === null ? 'No payment provider is configured' : `${wanted} is not configured`,
    {
      hint: `Set ${keys.join(', or ')}`,
      details: { provider: wanted },
    },
  )
}

/** Of Stripe, in minor units (docs.stripe.com/currencies, minimum charge amounts); Razorpay takes 100 of any. */
const stripeMinimums: Readonly<Record<string, bigint>> = {
  ...{
    USD: 50n,
    AED: 200n,
    AUD: 50n,
    BGN: 100n,
    BRL: 50n,
    CAD: 50n,
    CHF: 50n,
    CZK: 1500n,
    DKK: 250n,
    EUR: 50n,
  },
  ...{ GBP: 30n, HKD: 400n, HUF: 17500n, INR: 50n, JPY: 50n, MXN: 1000n, MYR: 200n, NOK: 300n, NZD: 50n },
  ...{ PLN: 200n, RON: 200n, SEK: 300n, SGD: 50n, THB: 1000n },
}

/**
 * Whether the provider takes an amount at all: what it would refuse is told before anything is written.
 * @throws conflict `checkout.amount_too_small`, `checkout.amount_not_payable`
 */
export function requirePayable(provider: ProviderName, money: Money, invoice: string): void {
  const { amountMinor, currency } = money
  const details = { provider, invoice, amount_minor: Number(amountMinor), currency }
  const hint = `erpmax payment record ${invoice} --amount ${plainAmount(amountMinor, currency)}`
  const least = provider === 'razorpay' ? 100n : (stripeMinimums[currency] ?? 1n)
  if (amountMinor < least)
    throw new ErpmaxError(
      'conflict',
      'checkout.amount_too_small',
      `${formatMoney(money)} is open of ${invoice}, and ${provider} takes no less than ${formatMoney({ amountMinor: least, currency })}`,
      { hint, details: { ...details, least_minor: Number(least) } },
    )
  if (minorDigits(currency) === 3 && amountMinor % 10n !== 0n)
    throw new ErpmaxError(
      'conflict',
      'checkout.amount_not_payable',
      `${provider} takes ${currency} in steps of ten of its smallest unit, and ${formatMoney(money)} is open of ${invoice}`,
      { hint, details },
    )
}

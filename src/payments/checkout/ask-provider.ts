/** One exchange with a provider about a checkout, outside of any transaction; what it answers is written down. */
import { ErpmaxError } from '../../kernel/errors.js'
import { listedSince } from '../listed-since.js'
import { failureOf, providerError } from '../provider-failure.js'
import { noteAbsence, noteFailure, settleCheckout, type SettledCheckout } from './settle-checkout.js'
import type { Context } from '../../kernel/context.js'
import type { CheckoutRow } from './checkout-rows.js'
import type { CheckoutRequest, PaymentGateway, ProviderCheckout } from '../../kernel/payment-gateway.js'

/**
 * Asks for the page, or for what became of it; under one reference the provider makes one.
 * @param first nothing was sent under its reference before
 * @throws dependency `payment.provider_down`, `payment.outcome_unknown`; conflict `payment.refused`;
 *   usage `payment.keys_refused`
 */
export async function askProvider(
  ctx: Context,
  gateway: PaymentGateway,
  row: CheckoutRow,
  first: boolean,
): Promise<SettledCheckout> {
  requireMode(gateway, row)
  let answer: ProviderCheckout | null
  try {
    answer = row.repeatable
      ? await gateway.openCheckout(requestOf(row))
      : await gateway.findCheckout(row.reference, listedSince(row.created_at))
  } catch (thrown) {
    const error = providerError(row.provider, thrown)
    if (error.code === 'absent') return { row: await noteAbsence(ctx, row), strange: false, booked: [] }
    await noteFailure(ctx, row, error, first)
    throw failureOf(
      error,
      `The checkout of ${row.invoice}`,
      `erpmax payment reconcile --provider ${row.provider}`,
    )
  }
  await ctx.failpoint('checkout.answered')
  if (answer === null) return { row: await noteAbsence(ctx, row), strange: false, booked: [] }
  const settled = await settleCheckout(ctx, gateway, row, answer)
  if (!settled.strange && settled.row.status !== 'open' && answer.status === 'open')
    requireUnpaid(row, answer)
  if (settled.strange && answer.status === 'open')
    await closed(gateway, { ...row, provider_checkout_id: answer.id })
  await ctx.failpoint('checkout.settled')
  return settled
}

function requestOf({ request, reference, amount_minor, currency, expires_at }: CheckoutRow): CheckoutRequest {
  if (request === null || expires_at === null) throw new Error('there is nothing to repeat')
  const { return_url, ...asked } = request
  return {
    ...asked,
    reference,
    amount: { amountMinor: amount_minor, currency },
    returnUrl: return_url,
    expiresAt: expires_at,
  }
}

/**
 * Closes the page at the provider, and says what it is now: it may have been paid a moment before.
 * @throws dependency, where it may still be open: whoever would open another now could be paid twice
 */
export async function closed(gateway: PaymentGateway, row: CheckoutRow): Promise<ProviderCheckout> {
  requireMode(gateway, row)
  try {
    return await gateway.closeCheckout(row.provider_checkout_id ?? '')
  } catch (thrown) {
    const error = providerError(row.provider, thrown)
    throw failureOf(
      error,
      `The open checkout of ${row.invoice} could not be closed`,
      `erpmax payment reconcile --provider ${row.provider}`,
    )
  }
}

/** Test keys see nothing of what live keys made. */
function requireMode({ live, name }: PaymentGateway, row: CheckoutRow): void {
  if (live === row.live) return
  const mode = (real: boolean): string => (real ? 'live' : 'test')
  throw new ErpmaxError(
    'conflict',
    'checkout.other_mode',
    `The checkout of ${row.invoice} is of ${name}'s ${mode(row.live)} mode, and the keys are ${mode(live)} ones`,
    { hint: `Set the ${mode(row.live)} keys of ${name}`, details: { provider: name, live: row.live } },
  )
}

/** Paid, and not here yet: the bank takes its days, and may say no. Nothing else is opened meanwhile. */
export function requireUnpaid({ invoice, provider }: CheckoutRow, { status, url }: ProviderCheckout): void {
  if (status !== 'open' || url !== null) return
  throw new ErpmaxError(
    'conflict',
    'checkout.payment_pending',
    `${invoice} has been paid at ${provider}, and the bank takes its time to confirm it`,
    { hint: `erpmax payment reconcile --provider ${provider}`, details: { invoice, provider } },
  )
}

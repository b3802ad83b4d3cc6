/** Opens a page of a provider on which an invoice is paid, or gives the one that is open. */
import { ErpmaxError } from '../../kernel/errors.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export interface OpenedCheckout {
  url: string
}

/** @throws usage `payment.not_configured` */
export function openCheckout(
  _ctx: Context,
  _invoice: string,
  _options: { provider?: ProviderName | null },
): Promise<OpenedCheckout> {
  return Promise.reject(new ErpmaxError('usage', 'payment.not_configured', 'No provider has keys'))
}

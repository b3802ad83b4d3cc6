/** Which provider's parts are used; each loads when it is first needed. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Config } from '../kernel/config.js'
import type { PaymentGateway, ProviderName, WebhookReader } from '../kernel/payment-gateway.js'

/** @throws usage `payment.not_configured` */
export async function paymentGateway(provider: ProviderName, config: Config): Promise<PaymentGateway> {
  await Promise.resolve(config)
  throw new ErpmaxError('usage', 'payment.not_configured', `${provider} has no keys`)
}

export async function webhookReader(provider: ProviderName): Promise<WebhookReader> {
  await Promise.resolve()
  throw new ErpmaxError('usage', 'payment.not_configured', `${provider} cannot be read`)
}

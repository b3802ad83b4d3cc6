/** Which provider's parts are used, by its settings; each loads when it is first needed. */
import { ErpmaxError } from '../kernel/errors.js'
import { isLiveKey, type Config, type SettingName } from '../kernel/config.js'
import { connectionOf, invalid, type ProviderClocks } from './provider-connection.js'
import type { PaymentGateway, ProviderName, WebhookReader } from '../kernel/payment-gateway.js'

/** @throws usage `payment.not_configured`, `config.invalid` */
export async function paymentGateway(
  provider: ProviderName,
  config: Config,
  clocks: ProviderClocks,
): Promise<PaymentGateway> {
  if (provider === 'stripe') {
    const key = config.secret('STRIPE_SECRET_KEY')?.reveal() ?? null
    if (key === null) throw notConfigured('Stripe', 'STRIPE_SECRET_KEY')
    if (!/^(sk|rk)_(test|live)_[\x21-\x7e]+$/.test(key))
      throw invalid(
        'STRIPE_SECRET_KEY',
        'is not a secret key of Stripe',
        'It begins with sk_test_, sk_live_, rk_test_ or rk_live_',
      )
    const connection = connectionOf(config, 'ERPMAX_STRIPE_API_BASE')
    const { stripeGateway } = await import('./stripe.js')
    return stripeGateway({ key, live: isLiveKey(key), ...connection, ...clocks })
  }
  const keyId = config.text('RAZORPAY_KEY_ID')
  const keySecret = config.secret('RAZORPAY_KEY_SECRET')?.reveal() ?? null
  if (keyId === null) throw notConfigured('Razorpay', 'RAZORPAY_KEY_ID')
  if (keySecret === null) throw notConfigured('Razorpay', 'RAZORPAY_KEY_SECRET')
  if (!/^rzp_(test|live)_[\x21-\x7e]+$/.test(keyId))
    throw invalid('RAZORPAY_KEY_ID', 'is not a key of Razorpay', 'It begins with rzp_test_ or rzp_live_')
  const connection = connectionOf(config, 'ERPMAX_RAZORPAY_API_BASE')
  const { razorpayGateway } = await import('./razorpay.js')
  return razorpayGateway({ keyId, keySecret, live: isLiveKey(keyId), ...connection, ...clocks })
}

function notConfigured(name: string, setting: SettingName): ErpmaxError {
  return new ErpmaxError('usage', 'payment.not_configured', `${name} is not set up: ${setting} is not set`, {
    hint: `Set ${setting}, then: erpmax payment providers check`,
    details: { setting },
  })
}

export async function webhookReader(provider: ProviderName): Promise<WebhookReader> {
  if (provider === 'stripe') return (await import('./stripe-webhooks.js')).stripeWebhooks
  return (await import('./razorpay-webhooks.js')).razorpayWebhooks
}

/** What webhooks are verified with: several secrets at once while one is being replaced, newest first. */
import type { Config, SettingName } from '../../kernel/config.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export const webhookSecretSettings = {
  stripe: 'STRIPE_WEBHOOK_SECRET',
  razorpay: 'RAZORPAY_WEBHOOK_SECRET',
} as const satisfies Record<ProviderName, SettingName>

/** Empty where none is set. */
export function webhookSecrets(config: Pick<Config, 'secret'>, provider: ProviderName): string[] {
  const value = config.secret(webhookSecretSettings[provider])?.reveal() ?? ''
  return value
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '')
}

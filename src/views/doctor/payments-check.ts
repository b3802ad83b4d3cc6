/** Which payment providers are set up, and whether their webhooks can be believed; asks none of them. */
import { isLiveKey, type Config } from '../../kernel/config.js'
import { providerNames, providerTitles, type ProviderName } from '../../kernel/payment-gateway.js'
import { isConfigured, modeKey, providerKeys } from '../../payments/provider-keys.js'
import { webhookSecrets, webhookSecretSettings } from '../../payments/inbox/webhook-secrets.js'
import { ok, warning, type Check } from './check.js'

const name = 'payments'

/** Null where invoices are paid without a provider. */
export function checkPayments(config: Config): Check | null {
  const configured = providerNames.filter((provider) => isConfigured(config, provider))
  if (configured.length === 0) return null
  const message = configured
    .map((provider) => `${providerTitles[provider]} (${modeOf(config, provider)})`)
    .join(', ')
  const unset = configured.flatMap((provider) => [
    ...providerKeys[provider].settings.filter((setting) => config.origin(setting) === 'unset'),
    ...(webhookSecrets(config, provider).length === 0 ? [webhookSecretSettings[provider]] : []),
  ])
  if (unset.length > 0)
    return warning(name, `${message}; not set: ${unset.join(', ')}`, 'erpmax payment providers check')
  return ok(name, message)
}

function modeOf(config: Config, provider: ProviderName): string {
  return isLiveKey(modeKey(config, provider) ?? '') ? 'live' : 'test'
}

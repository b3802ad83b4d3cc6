/** The keys of payment providers: which settings they are, whether they are set, and which says what money it moves. */
import { providerNames, type ProviderName } from '../kernel/payment-gateway.js'
import type { Config, SettingName } from '../kernel/config.js'

/** What each is spoken to with. */
export const providerKeys = {
  stripe: { settings: ['STRIPE_SECRET_KEY'], base: 'ERPMAX_STRIPE_API_BASE' },
  razorpay: { settings: ['RAZORPAY_KEY_ID', 'RAZORPAY_KEY_SECRET'], base: 'ERPMAX_RAZORPAY_API_BASE' },
} as const satisfies Record<ProviderName, { settings: readonly SettingName[]; base: SettingName }>

/** Whether any of its keys is set. */
export function isConfigured(config: Config, name: ProviderName): boolean {
  return providerKeys[name].settings.some((setting) => config.origin(setting) !== 'unset')
}

/** Those whose keys are all set. */
export function configuredProviders(config: Config): ProviderName[] {
  return providerNames.filter((name) =>
    providerKeys[name].settings.every((setting) => config.origin(setting) !== 'unset'),
  )
}

/** The key by which `isLiveKey` knows whether money is real, or null. */
export function modeKey(config: Config, name: ProviderName): string | null {
  return name === 'stripe'
    ? (config.secret('STRIPE_SECRET_KEY')?.reveal() ?? null)
    : config.text('RAZORPAY_KEY_ID')
}

/** Whether money is real here: events of the other mode are laid aside. */
import { isLiveKey, type Config } from '../../kernel/config.js'
import { modeKey } from '../provider-keys.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

/** By the provider's key; where there is none, as in a listener that only stores, by the environment. */
export function expectsLive(config: Config, provider: ProviderName): boolean {
  const key = modeKey(config, provider)
  return key ? isLiveKey(key) : config.environment === 'production'
}

/** @param live null where the provider does not say: whose secret signed the event is all there is to tell it by */
export function modeDiffers(live: boolean | null, expected: boolean): boolean {
  return live !== null && live !== expected
}

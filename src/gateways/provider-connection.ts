/** Where a provider is reached and how long it may take: settings, checked. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Config, SettingName } from '../kernel/config.js'
import type { Clock } from '../kernel/context.js'

export interface ProviderConnection {
  /** Another server in place of the provider's. */
  base: URL | null
  timeLimitMs: number
}

export interface ProviderClocks {
  /** The program's, which `ERPMAX_NOW` may have moved. */
  clock: Clock
  /** The real one, which providers go by. */
  wall: Clock
}

/** @throws usage `config.invalid` */
export function connectionOf(config: Config, baseSetting: SettingName): ProviderConnection {
  const text = config.text(baseSetting)
  const seconds = config.text('ERPMAX_PROVIDER_TIMEOUT') ?? ''
  if (!/^\d{1,3}(\.\d+)?$/.test(seconds) || Number(seconds) < 0.1)
    throw invalid('ERPMAX_PROVIDER_TIMEOUT', 'is not a number of seconds', 'ERPMAX_PROVIDER_TIMEOUT=20')
  return {
    base: text === null ? null : baseUrl(text, baseSetting),
    timeLimitMs: Math.round(Number(seconds) * 1000),
  }
}

function baseUrl(text: string, setting: SettingName): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  // Stripe's SDK takes host, port and protocol; a path would be dropped without a word.
  const plain =
    url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.username === ''
  if (!plain) throw invalid(setting, 'is not the address of a server', `${setting}=http://127.0.0.1:12111`)
  return url
}

export function invalid(setting: SettingName, fault: string, hint: string): ErpmaxError {
  return new ErpmaxError('usage', 'config.invalid', `${setting} ${fault}`, { hint })
}

/**
 * An instant of the program's clock as the provider's, or back: with `ERPMAX_NOW` a link that is to live for a day
 * lives for one from now.
 */
export function towardsProvider(at: Date, { clock, wall }: ProviderClocks): Date {
  return new Date(at.getTime() - clock.now().getTime() + wall.now().getTime())
}

export function fromProvider(at: Date, { clock, wall }: ProviderClocks): Date {
  return new Date(at.getTime() - wall.now().getTime() + clock.now().getTime())
}

/** From when on to list, so that nothing is missed whichever of the two clocks `since` was told by. */
export function earliest(since: Date, clocks: ProviderClocks): Date {
  return new Date(Math.min(since.getTime(), towardsProvider(since, clocks).getTime()))
}

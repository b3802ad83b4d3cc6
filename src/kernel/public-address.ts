/** Where the listener is reached from outside: what mailed links begin with. */
import type { Config } from './config.js'

/** `ERPMAX_PUBLIC_URL` without a slash at its end; null where nobody has said. */
export function publicAddress(config: Config): string | null {
  return config.text('ERPMAX_PUBLIC_URL')?.replace(/\/+$/, '') ?? null
}

/** Where the listener is reached from outside, which may be a folder of a site. */
import { publicAddress } from '../../kernel/public-address.js'
import type { Config } from '../../kernel/config.js'

/** @returns `base`: the path before the pages' own, without a slash at its end */
export function publicPlace(config: Config): { base: string; secure: boolean } {
  const url = publicAddress(config)
  if (url === null || !URL.canParse(url)) return { base: '', secure: false }
  const { pathname, protocol } = new URL(url)
  return { base: pathname.replace(/\/+$/, ''), secure: protocol === 'https:' }
}

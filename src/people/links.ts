/** Links that are mailed to people: `ERPMAX_PUBLIC_URL` and a path, or nothing where it is not set. */
import { publicAddress } from '../kernel/public-address.js'
import type { Context } from '../kernel/context.js'
import type { Secret } from '../kernel/secret.js'

/** @returns null where nobody has said how the listener is reached: the token is handed over by a person then */
export function linkTo(
  { config }: Pick<Context, 'config'>,
  page: 'invitations' | 'reset',
  token: Secret,
): string | null {
  const base = publicAddress(config)
  return base === null ? null : `${base}/${page}/${token.reveal()}`
}

/** The token alone, where somebody gives the whole link. */
export function tokenIn(text: string): string {
  return text.trim().replace(/^.*\/(?:invitations|reset)\//s, '')
}

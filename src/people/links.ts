/** Links that are mailed to people: `ERPMAX_PUBLIC_URL` and a path, or nothing where it is not set. */
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

/** Where the listener is reached from outside, without a slash at its end; null where nobody has said. */
export function publicAddress(config: Context['config']): string | null {
  return config.text('ERPMAX_PUBLIC_URL')?.replace(/\/+$/, '') ?? null
}

/** The token alone, where somebody gives the whole link. */
export function tokenIn(text: string): string {
  return text.trim().replace(/^.*\/(?:invitations|reset)\//s, '')
}

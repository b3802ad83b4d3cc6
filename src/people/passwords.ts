/** Passwords: 12 characters or more, at most 72 bytes, hashed by bcrypt. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Secret } from '../kernel/secret.js'

const shortest = 12
/** bcrypt reads 72 bytes and no more: a longer password is refused, not cut. */
const longestBytes = 72
const cost = 12

/** @throws usage `password.invalid` */
export function requireGoodPassword(password: Secret): void {
  const text = password.reveal()
  const wrong =
    [...text].length < shortest
      ? ([`A password has at least ${shortest} characters`, 'short'] as const)
      : Buffer.byteLength(text) > longestBytes
        ? ([`A password has at most ${longestBytes} bytes`, 'long'] as const)
        : null
  if (wrong) throw new ErpmaxError('usage', 'password.invalid', wrong[0], { details: { problem: wrong[1] } })
}

export async function hashPassword(password: Secret): Promise<string> {
  requireGoodPassword(password)
  const { default: bcrypt } = await import('bcryptjs')
  return bcrypt.hash(password.reveal(), cost)
}

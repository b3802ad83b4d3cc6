/** Passwords: 12 characters or more, at most 72 bytes, hashed by bcrypt at a cost that is configuration. */
import { ErpmaxError } from '../kernel/errors.js'
import { inThread } from './password-threads.js'
import type { ComparedPassword } from './bcrypt.js'
import type { Config } from '../kernel/config.js'
import type { Secret } from '../kernel/secret.js'

const shortest = 12
/** bcrypt reads 72 bytes and no more: a longer password is refused, not cut. */
const longestBytes = 72
const usualCost = 12
const leastInProduction = 10

/** @throws usage `password.invalid` */
export function requireGoodPassword(password: Secret): void {
  const short = [...password.reveal()].length < shortest
  if (short) throw invalid('short', `A password has at least ${shortest} characters`)
  requireReadable(password)
}

/**
 * What bcrypt reads to its end: for passwords that are tried, too.
 * @throws usage `password.invalid`
 */
export function requireReadable(password: Secret): void {
  const text = password.reveal()
  if (Buffer.byteLength(text) > longestBytes)
    throw invalid('long', `A password has at most ${longestBytes} bytes`)
  // bcrypt repeats the password with a zero byte between: "a" and "a", zero, "a" would be one.
  if (text.includes('\0')) throw invalid('zero_byte', 'A password has no zero byte in it')
}

function invalid(problem: 'short' | 'long' | 'zero_byte', message: string): ErpmaxError {
  return new ErpmaxError('usage', 'password.invalid', message, { details: { problem } })
}

/** @throws usage `password.invalid`, `config.invalid`; busy `password.busy` */
export async function hashPassword(password: Secret, config: Config): Promise<string> {
  requireGoodPassword(password)
  return inThread({ kind: 'hash', password: password.reveal(), cost: bcryptCost(config) })
}

/** The configured cost: each step doubles the work. @throws usage `config.invalid` */
export function bcryptCost(config: Config): number {
  const text = config.text('ERPMAX_BCRYPT_COST') ?? String(usualCost)
  const least = config.environment === 'production' ? leastInProduction : 4
  const cost = /^\d{1,2}$/.test(text) ? Number(text) : NaN
  if (cost >= least && cost <= 15) return cost
  throw new ErpmaxError('usage', 'config.invalid', `ERPMAX_BCRYPT_COST is a number from ${least} to 15`, {
    hint: `ERPMAX_BCRYPT_COST=${usualCost}`,
  })
}

/** As long for nobody's password (`hash` null) as for a wrong one. @throws busy `password.busy`; usage `config.invalid` */
export async function comparePassword(
  password: Secret,
  hash: string | null,
  config: Config,
): Promise<ComparedPassword> {
  return inThread({ kind: 'compare', password: password.reveal(), hash, cost: bcryptCost(config) })
}

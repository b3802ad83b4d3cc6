/** What the server keeps of a password, computed here: a password in ALTER ROLE would end up in the server's log. */
import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '../kernel/secret.js'

const derive = promisify(pbkdf2)

/** The server's own default; RFC 7677 asks for 4,096 at least. */
const defaultIterations = 4096
const keyBytes = 32

/**
 * `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, the form in which Postgres stores it (RFC 5802 and 7677).
 * @param password ASCII, for which SASLprep changes nothing
 */
export async function scramVerifier(
  password: Secret,
  salt: Buffer,
  iterations = defaultIterations,
): Promise<string> {
  const salted = await derive(password.reveal(), salt, iterations, keyBytes, 'sha256')
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest('base64')
  const server = key('Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`
}

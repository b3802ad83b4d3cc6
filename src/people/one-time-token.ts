/** Tokens that are shown once: 256 bits, of which only the SHA-256 is stored. */
import { createHash } from 'node:crypto'
import { Secret } from '../kernel/secret.js'
import type { Context } from '../kernel/context.js'

const tokenBytes = 32

/** A new token, base64url, and what is stored of it. */
export function newToken(ctx: Pick<Context, 'random'>): { token: Secret; hash: Buffer } {
  const token = ctx.random.bytes(tokenBytes).toString('base64url')
  return { token: new Secret(token), hash: hashOf(token) }
}

/** What a token is looked up by. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

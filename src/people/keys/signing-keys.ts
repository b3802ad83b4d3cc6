/** The public halves of the keys that sign access tokens: on record before a token is, and verifying until the last one has expired. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { execute, firstRow, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { loadSigningKey, type PublicJwk, type SigningKey } from '../signing-key.js'
import type { Context } from '../../kernel/context.js'

export type KeyContext = Pick<Context, 'db' | 'clock' | 'signingKey' | 'processes'>

/** A key as verifiers fetch it (RFC 7517). */
export interface JsonWebKey extends PublicJwk {
  kid: string
  use: 'sig'
  alg: 'ES256'
}

/**
 * The key to sign with, its public half on record. Read anew for each token, so that a rotation is seen at once.
 * @throws dependency `key.unreadable`, `key.open_to_others`; `key.retired`: it was rotated on another machine
 */
export async function currentKey(ctx: KeyContext): Promise<SigningKey> {
  const key = await loadSigningKey(ctx.signingKey.file, ctx.signingKey.create)
  await registerKey(ctx, key)
  const known = await firstRow<{ status: string }>(
    ctx.db,
    sql`select status from public.signing_keys where kid = ${key.kid}`,
  )
  if (known?.status !== 'retired') return key
  throw new ErpmaxError('dependency', 'key.retired', `The key in ${ctx.signingKey.file} was retired`, {
    hint: 'Copy the new key from where it was rotated, or erpmax token key rotate',
    details: { kid: key.kid },
    retryable: false,
  })
}

/** Once; a key that is on record stays as it is. */
export async function registerKey(
  ctx: Pick<Context, 'db' | 'clock' | 'signingKey' | 'processes'>,
  { kid, publicJwk }: SigningKey,
): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.signing_keys (kid, public_jwk, place, created_at)
        select ${kid}, ${JSON.stringify(publicJwk)}::jsonb, ${placeOf(ctx)}, ${ctx.clock.now()}
        where not exists (select 1 from public.signing_keys where kid = ${kid})
        on conflict (kid) do nothing`,
  )
}

/** Host and file, as far as a person needs them to find the key. */
export function placeOf(ctx: Pick<Context, 'signingKey' | 'processes'>): string {
  return `${ctx.processes.self.host}:${ctx.signingKey.file}`
}

/**
 * What a token of this kid is verified by; null where there is no such key, or its time is over. The kid is looked
 * up and nothing else: it never becomes part of a path or a query.
 */
export async function verificationKey(
  ctx: Pick<Context, 'db' | 'clock' | 'signingKey'>,
  kid: unknown,
): Promise<KeyObject | null> {
  if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(kid)) return null
  const known = await firstRow<{ jwk: PublicJwk; usable: boolean }>(
    ctx.db,
    sql`select public_jwk as jwk, status = 'active' or verify_until > ${ctx.clock.now()} as usable
        from public.signing_keys where kid = ${kid}`,
  )
  if (known) return known.usable ? createPublicKey({ key: { ...known.jwk }, format: 'jwk' }) : null
  const own = await ownKey(ctx)
  return own?.kid === kid ? createPublicKey(own.key as never) : null
}

/** The keys that verify now, the newest first; this machine's own is among them before it has signed anything. */
export async function publicKeys(
  ctx: Pick<Context, 'db' | 'clock' | 'signingKey'>,
): Promise<{ keys: JsonWebKey[] }> {
  const found = await rows<{ kid: string; jwk: PublicJwk; usable: boolean }>(
    ctx.db,
    sql`select kid, public_jwk as jwk, status = 'active' or verify_until > ${ctx.clock.now()} as usable
        from public.signing_keys order by created_at desc, kid`,
  )
  const own = await ownKey(ctx)
  const all = found.filter(({ usable }) => usable)
  if (own && !found.some(({ kid }) => kid === own.kid))
    all.unshift({ kid: own.kid, jwk: own.publicJwk, usable: true })
  return {
    keys: all.map(({ kid, jwk: { kty, crv, x, y } }) => ({ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' })),
  }
}

/** The key of this machine, where there is one; never made here. */
export async function ownKey(ctx: Pick<Context, 'signingKey'>): Promise<SigningKey | null> {
  const { file } = ctx.signingKey
  return (await stat(file).catch(() => null)) ? loadSigningKey(file, false) : null
}

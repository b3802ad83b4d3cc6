/** A new key for access tokens: on record first, then in the place of the old one, which verifies until its tokens have expired. */
import { rows, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { audit } from '../../operations/audit.js'
import { accessMinutes } from '../access-token.js'
import { loadSigningKey, newSigningKey, replaceSigningKey } from '../signing-key.js'
import { placeOf, registerKey } from './signing-keys.js'
import type { Context } from '../../kernel/context.js'

export interface RotatedKey {
  key: { kid: string; file: string }
  /** The keys that sign no more. */
  retired: { kid: string; verify_until: string }[]
}

type RotatingContext = Pick<Context, 'db' | 'clock' | 'signingKey' | 'processes' | 'actor' | 'failpoint'>

/** Somebody who read the old key a moment ago may still sign with it. */
const marginMs = 60_000

/** A key that was registered so long ago and lies nowhere was left by a rotation that died. */
const strayMs = 3_600_000

/**
 * Two at once rotate one after the other. One that dies leaves a key that signs and is on record, and the next one
 * retires what it left.
 * @throws dependency `key.unreadable`, `key.open_to_others`, `key.unwritable`
 */
export async function rotateKey(ctx: RotatingContext): Promise<RotatedKey> {
  const { file, create } = ctx.signingKey
  const next = newSigningKey()
  // Committed before anybody can sign with it, whatever becomes of the transaction below.
  await registerKey(ctx, await loadSigningKey(file, create))
  await registerKey(ctx, next)
  return transaction(ctx, async (inner) => {
    const place = placeOf(ctx)
    await rows(inner.db, sql`select pg_advisory_xact_lock(hashtextextended(${`signing-key ${place}`}, 0))`)
    const former = await loadSigningKey(file, false)
    await replaceSigningKey(file, next)
    await ctx.failpoint('key.replaced')
    const now = ctx.clock.now()
    const until = new Date(now.getTime() + accessMinutes * 60_000 + marginMs)
    const stray = new Date(now.getTime() - strayMs)
    const retired = await rows<{ kid: string }>(
      inner.db,
      sql`update public.signing_keys set status = 'retired', retired_at = ${now}, verify_until = ${until}
          where status = 'active' and kid <> ${next.kid} and (kid = ${former.kid} or place = ${place} and created_at < ${stray})
          returning kid`,
    )
    await audit(inner, {
      action: 'token.key.rotate',
      subjectKind: 'signing_key',
      subject: next.kid,
      outcome: 'succeeded',
      before: { kids: retired.map(({ kid }) => kid) },
      after: { kid: next.kid, file },
    })
    return {
      key: { kid: next.kid, file },
      retired: retired.map(({ kid }) => ({ kid, verify_until: until.toISOString() })),
    }
  })
}

/** Whether an API key counts: found by its hash, active, not expired, and its tenant at work. */
import { execute, firstRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import { hashOf } from '../one-time-token.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

export interface KeyClaims {
  id: string
  tenantId: TenantId
  subdomain: string
  prefix: string
  name: string
  scopes: string[]
  expiresAt: Date
}

type FoundKey = KeyClaims & { status: string }

export async function findApiKey(ctx: Pick<Context, 'db'>, key: string): Promise<FoundKey | null> {
  return firstRow<FoundKey>(
    ctx.db,
    sql`select k.id, k.tenant_id as "tenantId", t.subdomain, k.prefix, k.name, k.scopes, k.expires_at as "expiresAt", k.status
        from public.api_keys k join public.tenants t on t.id = k.tenant_id where k.key_hash = ${hashOf(key)}`,
  )
}

/**
 * Notes the use, to the minute.
 * @throws permission `token.unknown`, `token.revoked`, `token.expired`; conflict as `assertTenantMay`
 */
export async function verifyApiKey(ctx: Pick<Context, 'db' | 'clock'>, key: string): Promise<KeyClaims> {
  return transaction(ctx, async (inner) => {
    const found = await findApiKey(inner, key)
    if (!found) throw refused('token.unknown', 'This is no API key that was given out')
    const { status, ...claims } = found
    const now = ctx.clock.now()
    if (status === 'revoked') throw refused('token.revoked', `The API key ${claims.prefix} was revoked`)
    if (claims.expiresAt <= now) throw refused('token.expired', `The API key ${claims.prefix} has expired`)
    await assertTenantMay(inner, { id: claims.tenantId }, 'sign_in')
    const minuteAgo = new Date(now.getTime() - 60_000)
    await execute(
      inner.db,
      sql`update public.api_keys set last_used_at = ${now}
          where id = ${claims.id} and (last_used_at is null or last_used_at < ${minuteAgo})`,
    )
    return claims
  })
}

function refused(code: string, message: string): ErpmaxError {
  return new ErpmaxError('permission', code, message)
}

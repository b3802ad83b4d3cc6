/** `api-key revoke`: at once and for good, whatever the state of its tenant. */
import { execute, firstRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { keyColumns, keyJson, type ApiKeyJson, type ApiKeyRow } from './read-key.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

export interface RevokedApiKey {
  key: ApiKeyJson
  /** False where it had been revoked before. */
  changed: boolean
}

/** @param name prefix or id. @throws not_found `api_key.not_found` */
export async function revokeApiKey(
  ctx: Pick<Context, 'db' | 'clock' | 'actor'>,
  name: string,
): Promise<RevokedApiKey> {
  // Whoever holds a key that leaked types what there is of it.
  const named = /^erpmax_[0-9a-f]{8}(?=_)/.exec(name)?.[0] ?? name
  return transaction(ctx, async (inner) => {
    const found = await firstRow<ApiKeyRow & { tenant_id: TenantId }>(
      inner.db,
      sql`select ${keyColumns}, k.tenant_id, t.subdomain as tenant from public.api_keys k join public.tenants t on t.id = k.tenant_id
          where k.prefix = ${named} or k.id::text = ${named} for update of k`,
    )
    if (!found)
      throw new ErpmaxError('not_found', 'api_key.not_found', 'There is no API key of that prefix or id', {
        hint: 'erpmax api-key list',
      })
    const now = ctx.clock.now()
    if (found.status === 'revoked') return { key: keyJson(found, now), changed: false }
    await execute(
      inner.db,
      sql`update public.api_keys set status = 'revoked', revoked_at = ${now} where id = ${found.id}`,
    )
    await audit(inner, {
      ...{ action: 'api_key.revoke', subjectKind: 'api_key', subject: found.prefix },
      ...{ tenantId: found.tenant_id, outcome: 'succeeded' },
      before: { status: 'active' },
      after: { status: 'revoked', name: found.name },
    })
    return { key: keyJson({ ...found, status: 'revoked', revoked_at: now }, now), changed: true }
  })
}

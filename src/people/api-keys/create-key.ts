/** `api-key create`: a key for a program, within scopes, to a day. Shown once; only its hash is kept. */
import { oneRow, rows, sql } from '../../database/sql.js'
import { isUniqueViolation } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { addDays, dayIn, dayBegins, type PlainDate } from '../../kernel/dates.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import { findTenant } from '../../tenants/find.js'
import { hashOf } from '../one-time-token.js'
import { keyJson, keyColumns, type ApiKeyJson, type ApiKeyRow } from './read-key.js'
import type { Context } from '../../kernel/context.js'

export interface NewApiKey {
  name: string
  /** `module:action`, at least one. */
  scopes: readonly string[]
  /** The last day it works, where the tenant is; null: a year from today. */
  lastDay: PlainDate | null
}

export interface CreatedApiKey {
  key: ApiKeyJson
  /** Shown this once. */
  token: string
}

const usualDays = 365

/**
 * @throws not_found `tenant.not_found`; usage `api_key.name_invalid`, `permission.unknown`, `api_key.expires_invalid`;
 * conflict `api_key.name_taken`, and as `assertTenantMay`
 */
export async function createApiKey(
  ctx: Pick<Context, 'db' | 'clock' | 'random' | 'actor'>,
  tenantName: string,
  { name: given, scopes, lastDay }: NewApiKey,
): Promise<CreatedApiKey> {
  const tenant = await findTenant(ctx, tenantName)
  const name = given.trim()
  if (name === '' || name.length > 100 || /\p{Cc}/u.test(name))
    throw new ErpmaxError(
      'usage',
      'api_key.name_invalid',
      'The name of a key has 1 to 100 characters, on one line',
      {
        hint: '--name "stock sync"',
      },
    )
  const prefix = `erpmax_${ctx.random.bytes(4).toString('hex')}`
  const token = `${prefix}_${ctx.random.bytes(32).toString('base64url')}`
  const work = transaction(ctx, async (inner) => {
    await assertTenantMay(inner, tenant, 'work')
    const sorted = await requireScopes(inner, scopes)
    const { time_zone: zone } = await oneRow<{ time_zone: string }>(
      inner.db,
      sql`select time_zone from public.tenants where id = ${tenant.id}`,
    )
    const now = ctx.clock.now()
    const today = dayIn(zone, now)
    const last = lastDay ?? addDays(today, usualDays)
    if (last < today)
      throw new ErpmaxError(
        'usage',
        'api_key.expires_invalid',
        `${last} is over: the key would not work for a moment`,
        {
          hint: `--expires ${addDays(today, usualDays)}`,
        },
      )
    const row = await oneRow<ApiKeyRow>(
      inner.db,
      sql`insert into public.api_keys as k (tenant_id, name, prefix, key_hash, scopes, created_by, created_at, expires_at)
          values (${tenant.id}, ${name}, ${prefix}, ${hashOf(token)}, ${sorted}::text[], ${ctx.actor.operator}, ${now},
                  ${dayBegins(zone, addDays(last, 1))})
          returning ${keyColumns}, ${tenant.subdomain}::text as tenant`,
    )
    const key = keyJson(row, now)
    await audit(inner, {
      ...{ action: 'api_key.create', subjectKind: 'api_key', subject: prefix },
      ...{ tenantId: tenant.id, outcome: 'succeeded' },
      after: { name, scopes: sorted, expires_at: key.expires_at },
    })
    return { key, token }
  })
  return work.catch((error: unknown) => {
    if (!isUniqueViolation(error, 'api_keys_name_key')) throw error
    throw new ErpmaxError(
      'conflict',
      'api_key.name_taken',
      `${tenant.subdomain} has a key named "${name}" already`,
      {
        hint: `erpmax api-key list ${tenant.subdomain}`,
      },
    )
  })
}

async function requireScopes(ctx: Pick<Context, 'db'>, scopes: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(scopes)].sort()
  const known = await rows<{ code: string }>(ctx.db, sql`select code from public.permissions order by code`)
  const unknown = wanted.filter((scope) => !known.some(({ code }) => code === scope))
  const [first] = unknown
  if (wanted.length > 0 && first === undefined) return wanted
  throw new ErpmaxError(
    'usage',
    'permission.unknown',
    first === undefined ? 'A key needs at least one scope' : `There is no permission "${first.slice(0, 80)}"`,
    {
      hint: '--scope finance:read --scope crm:write',
      details: { unknown, known: known.map(({ code }) => code) },
    },
  )
}

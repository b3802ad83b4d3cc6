/** Tokens as they are on record: found by themselves or by their id, shown, revoked; those whose time is over swept. */
import { execute, firstRow, rows, sql, verbatim } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid, type TenantId, type UserId } from '../../kernel/ids.js'
import { audit } from '../../operations/audit.js'
import { hashOf } from '../one-time-token.js'
import type { Context } from '../../kernel/context.js'
import type { Secret } from '../../kernel/secret.js'

export interface SsoTokenJson {
  id: string
  tenant: string
  user: string
  site: string
  redirect: string
  /** `expired` as soon as its time is over, swept or not. */
  status: string
  issued_at: string
  expires_at: string
  redeemed_at: string | null
  /** Who had it issued for somebody else, and why; null where it was the user. */
  operator: string | null
  reason: string | null
}

export interface TokenRow extends Omit<SsoTokenJson, 'issued_at' | 'expires_at' | 'redeemed_at'> {
  tenant_id: TenantId
  user_id: UserId
  site_id: string
  issued_at: Date
  expires_at: Date
  redeemed_at: Date | null
}

/** By the token itself, or by its id or enough of the beginning. */
export type TokenChoice = { token: Secret } | { id: string }

export const tokenColumns = verbatim(
  `k.id, k.tenant_id, t.subdomain as tenant, k.user_id, u.email as user, k.site_id, s.origin as site, k.redirect, k.status,
   k.issued_at, k.expires_at, k.redeemed_at, k.operator, k.reason`,
)
export const tokenTables = verbatim(
  `public.sso_tokens k join public.tenants t on t.id = k.tenant_id join public.users u on u.id = k.user_id
   join public.sso_sites s on s.id = k.site_id`,
)

/** @throws not_found `sso.token_unknown`; conflict `sso.token_ambiguous` */
export async function findToken(ctx: Pick<Context, 'db'>, choice: TokenChoice): Promise<TokenRow> {
  const found = 'token' in choice ? await tokenAt(ctx, choice.token) : await tokenById(ctx, choice.id)
  if (found) return found
  throw unknownToken()
}

export async function tokenAt(ctx: Pick<Context, 'db'>, token: Secret): Promise<TokenRow | null> {
  return firstRow<TokenRow>(
    ctx.db,
    sql`select ${tokenColumns} from ${tokenTables} where k.token_hash = ${hashOf(token.reveal())}`,
  )
}

async function tokenById(ctx: Pick<Context, 'db'>, text: string): Promise<TokenRow | null> {
  const beginning = text.toLowerCase()
  if (!isUuid(text) && !/^[0-9a-f-]{4,35}$/.test(beginning)) return null
  const found = await rows<TokenRow>(
    ctx.db,
    sql`select ${tokenColumns} from ${tokenTables}
        where ${isUuid(text) ? sql`k.id = ${text}` : sql`k.id::text like ${`${beginning}%`}`}
        order by k.issued_at desc limit 3`,
  )
  if (found.length < 2) return found[0] ?? null
  throw new ErpmaxError('conflict', 'sso.token_ambiguous', `More than one token begins with ${text}`, {
    hint: 'erpmax sso-token list',
    details: { ids: found.map(({ id }) => id) },
  })
}

export function unknownToken(): ErpmaxError {
  return new ErpmaxError('not_found', 'sso.token_unknown', 'There is no such token', {
    hint: 'erpmax sso-token list',
  })
}

/** @throws conflict `sso.token_used`, `sso.token_revoked`, `sso.token_expired` */
export function requireIssued({ status, expires_at }: TokenRow, now: Date): void {
  const hint = 'erpmax sso-token issue --help'
  if (status === 'redeemed')
    throw new ErpmaxError('conflict', 'sso.token_used', 'This token has been used: each opens once', { hint })
  if (status === 'revoked')
    throw new ErpmaxError('conflict', 'sso.token_revoked', 'This token was revoked', { hint })
  if (status === 'expired' || expires_at <= now)
    throw new ErpmaxError('conflict', 'sso.token_expired', 'This token has expired', { hint })
}

export interface InspectedToken {
  sso_token: SsoTokenJson & {
    /** Whether its site could redeem it now, as far as the token itself goes. */
    redeemable: boolean
  }
}

/** Shows what a token would open, and leaves it as it is. @throws not_found `sso.token_unknown` */
export async function inspectToken(
  ctx: Pick<Context, 'db' | 'clock'>,
  token: Secret,
): Promise<InspectedToken> {
  const shown = tokenJson(await findToken(ctx, { token }), ctx.clock.now())
  return { sso_token: { ...shown, redeemable: shown.status === 'issued' } }
}

export interface RevokedToken {
  /** False where it opened nothing any more already. */
  changed: boolean
  sso_token: SsoTokenJson
}

/** Safe to repeat. @throws conflict `sso.token_used` where it has opened a session; `sso.token_ambiguous`; not_found */
export async function revokeToken(
  ctx: Pick<Context, 'db' | 'clock' | 'actor'>,
  choice: TokenChoice,
): Promise<RevokedToken> {
  return transaction(ctx, async (inner) => {
    const { id } = await findToken(inner, choice)
    const now = ctx.clock.now()
    const revoked = await execute(
      inner.db,
      sql`update public.sso_tokens set status = 'revoked', ended_at = ${now.toISOString()}
          where id = ${id} and status = 'issued' and expires_at > ${now.toISOString()}::timestamptz`,
    )
    const row = await findToken(inner, { id })
    if (row.status === 'redeemed') requireIssued(row, now)
    const sso_token = tokenJson(row, now)
    if (revoked > 0)
      await audit(inner, {
        ...{ action: 'sso_token.revoke', subjectKind: 'sso_token', subject: id, tenantId: row.tenant_id },
        ...{ outcome: 'succeeded' as const, after: { user_id: row.user_id, site: row.site } },
      })
    return { changed: revoked > 0, sso_token }
  })
}

/** So long what became of a token is kept. */
const keptDays = 90
const sweptAtOnce = 1000

/** Marks what has expired, and deletes the records of long ago; what another sweep is at is left to it. */
export async function sweepTokens(ctx: Pick<Context, 'db' | 'clock'>): Promise<{ expired: number }> {
  const now = ctx.clock.now().toISOString()
  const expired = await execute(
    ctx.db,
    sql`update public.sso_tokens set status = 'expired', ended_at = ${now}
        where id in (select id from public.sso_tokens where status = 'issued' and expires_at <= ${now}::timestamptz
                     order by expires_at limit ${sweptAtOnce} for update skip locked) and status = 'issued'`,
  )
  await execute(
    ctx.db,
    sql`delete from public.sso_tokens
        where id in (select id from public.sso_tokens where status <> 'issued' and issued_at < ${now}::timestamptz - make_interval(days => ${keptDays})
                     order by issued_at limit ${sweptAtOnce} for update skip locked)`,
  )
  return { expired }
}

export function tokenJson(row: TokenRow, now: Date): SsoTokenJson {
  const { id, tenant, user, site, redirect, operator, reason } = row
  const over = row.status === 'issued' && row.expires_at <= now
  return {
    ...{ id, tenant, user, site, redirect, status: over ? 'expired' : row.status },
    issued_at: row.issued_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    redeemed_at: row.redeemed_at?.toISOString() ?? null,
    ...{ operator, reason },
  }
}

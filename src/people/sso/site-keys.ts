/** The keys by which a site proves itself: made, ended, and the site that one belongs to. */
import { execute, firstRow, sql } from '../../database/sql.js'
import { Secret } from '../../kernel/secret.js'
import { hashOf } from '../one-time-token.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

/** Says what it is wherever it turns up, so that scanners for secrets find it. */
const mark = 'erpsite_'
const keyBytes = 32
/** Of the random part: enough to tell the keys of an installation apart, and no help to anybody. */
const shownCharacters = 6

/** The site that a key stands for. */
export interface CallingSite {
  id: string
  tenant_id: TenantId
  origin: string
  key_prefix: string
}

/** A new key for the site; those it had end at `others`, unless they end earlier. */
export async function giveKey(
  ctx: Pick<Context, 'db' | 'random' | 'clock'>,
  siteId: string,
  others: Date,
): Promise<{ key: Secret; prefix: string }> {
  const key = mark + ctx.random.bytes(keyBytes).toString('base64url')
  const prefix = key.slice(0, mark.length + shownCharacters)
  await execute(
    ctx.db,
    sql`update public.sso_site_keys set expires_at = least(expires_at, ${others.toISOString()}::timestamptz) where site_id = ${siteId}`,
  )
  await execute(
    ctx.db,
    sql`insert into public.sso_site_keys (site_id, key_hash, key_prefix, created_at)
        values (${siteId}, ${hashOf(key)}, ${prefix}, ${ctx.clock.now().toISOString()})`,
  )
  return { key: new Secret(key), prefix }
}

/** Null for a key nobody has, one whose time is over, and one of a site that was removed. */
export async function siteOfKey(
  ctx: Pick<Context, 'db' | 'clock'>,
  key: Secret,
): Promise<CallingSite | null> {
  return firstRow<CallingSite>(
    ctx.db,
    sql`select s.id, s.tenant_id, s.origin, k.key_prefix
        from public.sso_site_keys k join public.sso_sites s on s.id = k.site_id
        where k.key_hash = ${hashOf(key.reveal())} and s.removed_at is null
          and (k.expires_at is null or k.expires_at > ${ctx.clock.now().toISOString()}::timestamptz)`,
  )
}

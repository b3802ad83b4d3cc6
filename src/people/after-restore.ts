/** After the control plane was replaced by a backup: what was used, ended or rotated since would count again. */
import { execute, oneRow, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'

/** What has been ended by now: hashes of keys and ids of sites, as JSON of its own. */
export type EndedKeys = { ended: string }

/**
 * Read before the control plane goes, with its tables locked: a backup knows nothing of what was revoked, rotated away,
 * accepted or removed after it. What goes with a tenant that is deleted is not on record, and is not ended again.
 */
export async function readEndedKeys(ctx: Pick<Context, 'db'>): Promise<EndedKeys> {
  return oneRow<EndedKeys>(
    ctx.db,
    sql`select jsonb_build_object(
          'api_keys', (select coalesce(jsonb_agg(jsonb_build_object('hash', encode(key_hash, 'hex'), 'at', revoked_at)), '[]')
                       from public.api_keys where status = 'revoked'),
          'site_keys', (select coalesce(jsonb_agg(jsonb_build_object('hash', encode(key_hash, 'hex'), 'at', expires_at)), '[]')
                        from public.sso_site_keys where expires_at is not null),
          'sites', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'at', removed_at)), '[]')
                    from public.sso_sites where removed_at is not null),
          'invitations', (select coalesce(jsonb_agg(jsonb_build_object('hash', encode(token_hash, 'hex'))), '[]')
                          from public.invitations where status <> 'pending'))::text as ended`,
  )
}

/** Those that the backup brought back are ended once more, as of when they were. */
async function endAgain(ctx: Pick<Context, 'db'>, { ended }: EndedKeys): Promise<void> {
  const keys = (name: 'api_keys' | 'site_keys') =>
    sql`jsonb_to_recordset(${ended}::jsonb -> ${name}) as was (hash text, at timestamptz)`
  await execute(
    ctx.db,
    sql`update public.api_keys k set status = 'revoked', revoked_at = was.at
        from ${keys('api_keys')} where k.status = 'active' and encode(k.key_hash, 'hex') = was.hash`,
  )
  await execute(
    ctx.db,
    sql`update public.sso_site_keys k set expires_at = least(k.expires_at, was.at)
        from ${keys('site_keys')} where encode(k.key_hash, 'hex') = was.hash`,
  )
  await execute(
    ctx.db,
    sql`update public.sso_sites s set removed_at = greatest(was.at, s.created_at)
        from jsonb_to_recordset(${ended}::jsonb -> 'sites') as was (id uuid, at timestamptz)
        where s.id = was.id and s.removed_at is null`,
  )
  await execute(
    ctx.db,
    sql`update public.invitations i set status = 'revoked', updated_at = now()
        from jsonb_to_recordset(${ended}::jsonb -> 'invitations') as was (hash text)
        where i.status = 'pending' and encode(i.token_hash, 'hex') = was.hash`,
  )
}

/**
 * Everybody logs in anew and asks for a new link. Keys come back on record where a machine still signs with them; one
 * that was rotated away since lies nowhere, and what it has signed counts no more.
 */
export async function endRestoredWaysIn(ctx: Pick<Context, 'db' | 'clock'>, ended: EndedKeys): Promise<void> {
  const now = ctx.clock.now()
  await endAgain(ctx, ended)
  await execute(
    ctx.db,
    sql`update public.sessions set status = 'ended', ended_at = ${now}, end_reason = 'restored' where status = 'active'`,
  )
  await execute(
    ctx.db,
    sql`update public.password_resets set status = 'revoked', updated_at = now() where status = 'pending'`,
  )
  await execute(
    ctx.db,
    sql`update public.sso_tokens set status = 'revoked', ended_at = ${now} where status = 'issued'`,
  )
  await execute(ctx.db, sql`delete from public.signing_keys where status = 'active'`)
}

/** A new invitation: seven days, one link, whose token is shown and mailed once. Earlier ones of the person die. */
import { execute, firstRow, oneRow, rows, sql } from '../../database/sql.js'
import { dayIn } from '../../kernel/dates.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { linkTo } from '../links.js'
import { newToken } from '../one-time-token.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'
import type { Secret } from '../../kernel/secret.js'
import type { Acting } from '../acting.js'
import type { KnownRole } from '../find-role.js'
import type { KnownUser } from '../find-user.js'
import type { KnownTenantName } from '../members.js'

const invitationDays = 7

export interface IssuedInvitation {
  id: string
  token: Secret
  expiresAt: Date
}

/** What is handed over, once: the link, or where nobody knows how the listener is reached the token alone. */
export interface Handover {
  /** Null where nobody knows the address of the listener, or it is mailed only. */
  invitation_url: string | null
  token: string | null
  /** Whether the link waits in the queue of mails. */
  mailed: boolean
}

/** @param invitedBy who stands in the records for it */
export async function issueInvitation(
  ctx: Pick<Context, 'db' | 'clock' | 'random'>,
  tenantId: TenantId,
  userId: UserId,
  { roleId, invitedBy }: { roleId: string; invitedBy: string | null },
): Promise<IssuedInvitation> {
  await closePending(ctx, tenantId, userId)
  const { token, hash } = newToken(ctx)
  const now = ctx.clock.now()
  const expiresAt = new Date(now.getTime() + invitationDays * 86_400_000)
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.invitations (tenant_id, user_id, role_id, token_hash, status, expires_at, created_at, invited_by)
        values (${tenantId}, ${userId}, ${roleId}, ${hash}, 'pending', ${expiresAt}, ${now}, ${invitedBy}) returning id`,
  )
  return { id, token, expiresAt }
}

/** The open invitation of somebody, if there is one, is none any more, nor does its mail go out. */
export async function closePending(
  ctx: Pick<Context, 'db' | 'clock'>,
  tenantId: TenantId,
  userId: UserId,
): Promise<'revoked' | 'expired' | null> {
  const closed = await rows<{ id: string; status: 'revoked' | 'expired' }>(
    ctx.db,
    sql`update public.invitations
        set status = case when expires_at <= ${ctx.clock.now()} then 'expired' else 'revoked' end, updated_at = now()
        where tenant_id = ${tenantId} and user_id = ${userId} and status = 'pending' returning id, status`,
  )
  await execute(
    ctx.db,
    sql`delete from public.mails where status = 'queued' and dedupe_key = any(${closed.map(({ id }) => `invitation:${id}`)}::text[])`,
  )
  return closed[0]?.status ?? null
}

/** Mails the link where there is one, and says what the operator is to hand over. */
export async function handOver(
  ctx: Pick<Context, 'db' | 'config' | 'warn'>,
  tenant: KnownTenantName,
  { user, role, acting }: { user: KnownUser; role: Pick<KnownRole, 'code' | 'name'>; acting: Acting },
  issued: IssuedInvitation,
): Promise<Handover> {
  const { token } = issued
  const url = linkTo(ctx, 'invitations', token)
  const shown = await mayBeShown(ctx, tenant, user, acting)
  // Ended by the database where the person gets another role, or a place elsewhere.
  if (shown && acting !== 'operator')
    await execute(ctx.db, sql`update public.invitations set shown = true where id = ${issued.id}`)
  if (url === null) {
    if (!shown) {
      throw new ErpmaxError(
        'usage',
        'config.public_url_missing',
        `${user.email} is invited elsewhere too: the link goes to them alone, and ERPMAX_PUBLIC_URL is not set`,
        { hint: 'Set ERPMAX_PUBLIC_URL, or let the operator do it, without --as' },
      )
    }
    ctx.warn({
      code: 'config.public_url_missing',
      message:
        'ERPMAX_PUBLIC_URL is not set: nothing is mailed. Hand the token over by a safe way; it is taken by erpmax user accept --token-stdin',
    })
    return { invitation_url: null, token: token.reveal(), mailed: false }
  }
  await mailInvitation(ctx, tenant.id, { user, role, url }, issued)
  return { invitation_url: shown ? url : null, token: null, mailed: true }
}

/** Into the queue, in the transaction of `ctx`; once for one invitation. */
export async function mailInvitation(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  {
    user,
    role,
    url,
  }: {
    user: Pick<KnownUser, 'email' | 'full_name' | 'language'>
    role: Pick<KnownRole, 'code' | 'name'>
    url: string
  },
  { id, expiresAt }: IssuedInvitation,
): Promise<void> {
  const { company, time_zone } = await oneRow<{ company: string; time_zone: string }>(
    ctx.db,
    sql`select name as company, time_zone from public.tenants where id = ${tenantId}`,
  )
  await enqueueMail(ctx.db, {
    tenantId,
    kind: 'invitation',
    dedupeKey: `invitation:${id}`,
    to: user.email,
    language: mailLanguage(user.language),
    data: {
      ...{ name: user.full_name, company, role: { code: role.code, name: role.name } },
      expires_on: dayIn(time_zone, expiresAt),
    },
    secrets: { url },
  })
}

/**
 * The link sets the first password of an account. Whoever leads one tenant is not shown one for somebody who is on
 * their way into another too: with it they would come in there.
 */
async function mayBeShown(
  ctx: Pick<Context, 'db'>,
  tenant: KnownTenantName,
  user: KnownUser,
  acting: Acting,
): Promise<boolean> {
  if (acting === 'operator' || user.has_password) return true
  const elsewhere = await firstRow(
    ctx.db,
    sql`select 1 from public.memberships where user_id = ${user.id} and tenant_id <> ${tenant.id} and status <> 'removed'`,
  )
  return elsewhere === null
}

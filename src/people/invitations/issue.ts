/** A new invitation: seven days, one link, whose token is shown and mailed once. Earlier ones of the person die. */
import { execute, oneRow, rows, sql } from '../../database/sql.js'
import { dayIn } from '../../kernel/dates.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { linkTo } from '../links.js'
import { newToken } from '../one-time-token.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId, UserId } from '../../kernel/ids.js'
import type { Secret } from '../../kernel/secret.js'
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
  { user, role }: { user: KnownUser; role: Pick<KnownRole, 'code' | 'name'> },
  { id, token, expiresAt }: IssuedInvitation,
): Promise<Handover> {
  const url = linkTo(ctx, 'invitations', token)
  if (url === null) {
    ctx.warn({
      code: 'config.public_url_missing',
      message:
        'ERPMAX_PUBLIC_URL is not set: nothing is mailed. Hand the token over by a safe way; it is taken by erpmax user accept --token-stdin',
    })
    return { invitation_url: null, token: token.reveal(), mailed: false }
  }
  const { company, time_zone } = await oneRow<{ company: string; time_zone: string }>(
    ctx.db,
    sql`select name as company, time_zone from public.tenants where id = ${tenant.id}`,
  )
  await enqueueMail(ctx.db, {
    tenantId: tenant.id,
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
  return { invitation_url: url, token: null, mailed: true }
}

/** `mail list` and `mail show`: what waits, what has gone, what failed and why, and a mail as its reader sees it. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { oneRow, sql, verbatim, type Sql } from '../database/sql.js'
import { mailOrigin } from '../billing/mail-sender.js'
import { messageOf } from '../kernel/errors.js'
import { redacted } from '../kernel/secret.js'
import { findMail } from '../operations/mail/find.js'
import { renderMail } from '../operations/mail/render.js'
import type { Context } from '../kernel/context.js'
import type { MailAttachment, MailLanguage } from '../operations/mail.js'

export const mailStates = ['queued', 'sending', 'sent', 'failed', 'unknown'] as const

export interface MailListItem {
  id: string
  kind: string
  tenant: string | null
  to: string
  language: MailLanguage
  status: string
  /** Being sent on paper only: its sender has not been heard of for longer than its lease. */
  stalled: boolean
  attempts: number
  /** When a queued one is due. */
  next_attempt_at: string | null
  created_at: string
  sent_at: string | null
  error_code: string | null
}

export type MailList = Page<MailListItem>

export interface ShownMail extends MailListItem {
  dedupe_key: string
  handed_over_at: string | null
  error: { code: string; message: string } | null
  /** The last words of the server about it. */
  response: string | null
  attachments: { kind: string; id: string }[]
  headers: { from: string; reply_to: string | null; to: string; subject: string | null; message_id: string }
  text: string | null
  html: string | null
  /** Why it cannot be rendered. */
  template_error: string | null
}

export interface MailFilters {
  status: readonly string[]
  kind: string | null
  /** Subdomains or ids. */
  tenant: readonly string[]
}

const keys = { created: { by: verbatim('m.created_at'), type: 'timestamptz' } } satisfies Record<
  string,
  SortKey
>
const id: SortKey = { by: verbatim('m.id'), type: 'uuid' }
const from = verbatim('public.mails m left join public.tenants t on t.id = m.tenant_id')
const columns =
  verbatim(`m.id, m.kind, t.subdomain as tenant, m.to_address as to, m.language, m.status, m.attempts,
  m.status = 'sending' and m.lease_until <= clock_timestamp() as stalled,
  case when m.status = 'queued' then m.next_attempt_at end as next_attempt_at, m.created_at, m.sent_at,
  m.last_error ->> 'code' as error_code`)

type Times = 'created_at' | 'sent_at' | 'next_attempt_at'
type MailRow = Omit<MailListItem, Times> & {
  created_at: Date
  sent_at: Date | null
  next_attempt_at: Date | null
}

/** Newest first. */
export async function listMails(
  ctx: Pick<Context, 'db'>,
  { status, kind, tenant }: MailFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<MailList> {
  const where: Sql[] = []
  if (status.length > 0) where.push(sql`m.status = any(${status}::text[])`)
  if (kind !== null) where.push(sql`m.kind = ${kind}`)
  if (tenant.length > 0)
    where.push(sql`(t.subdomain = any(${tenant}::text[]) or m.tenant_id::text = any(${tenant}::text[]))`)
  const found = await readPage<MailRow>(
    ctx.db,
    { columns, from, where, keys, id },
    { ...page, sort: '-created' },
  )
  return { items: found.items.map(shaped), next_cursor: found.next_cursor }
}

type MailDetails = MailRow & {
  dedupe_key: string
  handed_over_at: Date | null
  last_error: { code: string; message: string } | null
  response: string | null
  attachments: MailAttachment[]
  message_id: string
  data: Record<string, unknown>
  secrets: Record<string, unknown> | null
}

/**
 * Rendered as it would be sent now, its secrets hidden.
 * @param idOrBeginning the id, or enough of its beginning to tell it from the others
 * @throws not_found `mail.not_found`; conflict `mail.ambiguous`
 */
export async function showMail(
  ctx: Pick<Context, 'db' | 'clock' | 'config' | 'actor' | 'warn' | 'openMailer'>,
  idOrBeginning: string,
): Promise<ShownMail> {
  const mailId = await findMail(ctx, idOrBeginning)
  const mail = await oneRow<MailDetails>(
    ctx.db,
    sql`select ${columns}, m.dedupe_key, m.handed_over_at, m.last_error, m.response, m.attachments, m.message_id, m.data, m.secrets
        from ${from} where m.id = ${mailId}`,
  )
  const origin = await mailOrigin(ctx, await ctx.openMailer())
  const { name, address } = origin.from
  const rendered = await rendering(mail, name, origin.contact)
  return {
    ...shaped(mail),
    dedupe_key: mail.dedupe_key,
    handed_over_at: mail.handed_over_at?.toISOString() ?? null,
    error: mail.last_error,
    response: mail.response,
    attachments: mail.attachments.map(({ documentKind, documentId }) => ({
      ...{ kind: documentKind, id: documentId },
    })),
    headers: {
      from: `${name} <${address}>`,
      reply_to: origin.replyTo && `${origin.replyTo.name} <${origin.replyTo.address}>`,
      ...{ to: mail.to, subject: rendered.subject, message_id: mail.message_id },
    },
    ...{ text: rendered.text, html: rendered.html, template_error: rendered.template_error },
  }
}

async function rendering(
  mail: MailDetails,
  name: string,
  contact: string,
): Promise<Record<'subject' | 'text' | 'html' | 'template_error', string | null>> {
  const hidden = Object.keys(mail.secrets ?? {}).map((key) => [key, redacted] as const)
  try {
    const { kind, language, data } = mail
    const secrets = Object.fromEntries(hidden)
    const rendered = await renderMail({ kind, language, data, secrets }, { name, contact })
    return { ...rendered, template_error: null }
  } catch (error) {
    return { subject: null, text: null, html: null, template_error: messageOf(error) }
  }
}

function shaped(mail: MailRow): MailListItem {
  const { kind, tenant, to, language, status, stalled, attempts, error_code } = mail
  return {
    ...{ id: mail.id, kind, tenant, to, language, status, stalled, attempts },
    next_attempt_at: mail.next_attempt_at?.toISOString() ?? null,
    created_at: mail.created_at.toISOString(),
    sent_at: mail.sent_at?.toISOString() ?? null,
    error_code,
  }
}

/** One mail of the queue: rendered, its documents attached, given to the server, settled. */
import { ErpmaxError } from '../kernel/errors.js'
import { markHandedOver, settleMail, type ClaimedMail, type SettledMail } from '../operations/mail/queue.js'
import { renderMail } from '../operations/mail/render.js'
import type { MailOrigin } from '../billing/mail-sender.js'
import type { Context } from '../kernel/context.js'
import type { Delivery, MailFile, MailMessage, MailSession } from '../kernel/mailer.js'
import type { MailAttachment } from '../operations/mail.js'

/** Renders a document that a mail carries; null where there is none of this kind and id. */
export type AttachmentSource = (wanted: MailAttachment) => Promise<MailFile | null>

export interface Post {
  origin: MailOrigin
  attachmentsFrom: AttachmentSource
}

/**
 * What cannot be rendered has failed; what happens on the way to the server decides the rest.
 * @throws what the database throws, the mail left for the next run to judge; busy `mail.lease_lost`
 */
export async function deliverMail(
  ctx: Context,
  session: MailSession,
  mail: ClaimedMail,
  post: Post,
): Promise<SettledMail> {
  await ctx.failpoint('mail.claimed')
  const message = await composed(ctx, mail, post)
  const delivery = 'outcome' in message ? message : await session.send(message, () => handOver(ctx, mail))
  await ctx.failpoint('mail.answered')
  const settled = await settleMail(ctx, mail, delivery)
  await ctx.failpoint('mail.settled')
  return settled
}

async function handOver(ctx: Context, mail: ClaimedMail): Promise<void> {
  await ctx.failpoint('mail.before_handover')
  await markHandedOver(ctx, mail)
  await ctx.failpoint('mail.handed_over')
}

async function composed(
  ctx: Context,
  mail: ClaimedMail,
  { origin, attachmentsFrom }: Post,
): Promise<MailMessage | Delivery> {
  try {
    const { from, replyTo, contact } = origin
    const rendered = await renderMail(mail, { name: from.name, contact })
    const files: MailFile[] = []
    for (const wanted of mail.attachments) files.push(await attached(wanted, attachmentsFrom))
    return {
      ...{ from, replyTo, to: mail.to_address, ...rendered },
      ...{ messageId: mail.message_id, date: ctx.clock.now(), files },
    }
  } catch (error) {
    if (!(error instanceof ErpmaxError) || error.kind === 'dependency' || error.kind === 'interrupted')
      throw error
    const { code, message } = error
    return { outcome: 'refused', code, message, response: null }
  }
}

async function attached(wanted: MailAttachment, source: AttachmentSource): Promise<MailFile> {
  const file = await source(wanted)
  if (file) return file
  const { documentKind, documentId } = wanted
  throw new ErpmaxError(
    'not_found',
    'mail.attachment_missing',
    `There is no ${documentKind.replace('_', ' ')} ${documentId} to attach`,
    { details: { document_kind: documentKind, document_id: documentId } },
  )
}

/** `mail test`: one message at once, past the queue, so that what is wrong shows here and now. */
import { ErpmaxError, type ErrorKind } from '../kernel/errors.js'
import { shellWord } from '../kernel/shell-word.js'
import { mailOrigin } from '../billing/mail-sender.js'
import { audit } from '../operations/audit.js'
import { renderMail } from '../operations/mail/render.js'
import type { Context } from '../kernel/context.js'
import type { Delivery, Mailer, MailMessage } from '../kernel/mailer.js'
import type { MailLanguage } from '../operations/mail.js'

export interface TestedMail {
  to: string
  from: string
  server: string
  encrypted: boolean
  authenticated: boolean
  subject: string
  message_id: string
  /** What the server said on taking it. */
  response: string
}

/**
 * @throws conflict `mail.not_configured`, `mail.recipient_refused`, `mail.address_invalid`, `mail.refused`,
 * `mail.too_large`; dependency `mail.dns`, `mail.connection`, `mail.tls`, `mail.auth`, `mail.protocol`,
 * `mail.sender_refused`, `mail.refused_for_now`, `mail.connection_lost`, `mail.outcome_unknown`
 */
export async function testMail(ctx: Context, to: string, language: MailLanguage): Promise<TestedMail> {
  const mailer = await ctx.openMailer()
  if (mailer === null)
    throw new ErpmaxError(
      'conflict',
      'mail.not_configured',
      'There is no mail server to try: SMTP_URL is not set',
      {
        hint: `SMTP_URL=smtp://user:password@smtp.example.com:587 erpmax mail test ${shellWord(to)}`,
      },
    )
  const { from, replyTo, contact } = await mailOrigin(ctx, mailer)
  const rendered = await renderMail(
    { kind: 'test', language, data: { host: ctx.actor.host }, secrets: null },
    { name: from.name, contact },
  )
  const messageId = `<test-${ctx.random.bytes(16).toString('hex')}@erpmax.invalid>`
  const { encrypted, authenticated, response } = await given(mailer, {
    ...{ from, replyTo, to, messageId, date: ctx.clock.now(), files: [] },
    ...rendered,
  })
  const { server } = mailer
  await audit(ctx, {
    ...{ action: 'mail.test', subjectKind: 'mail', subject: to, outcome: 'succeeded', after: { server } },
  })
  return {
    ...{ to, from: from.address, server, encrypted, authenticated },
    ...{ subject: rendered.subject, message_id: messageId, response },
  }
}

async function given(
  mailer: Mailer,
  message: MailMessage,
): Promise<{ encrypted: boolean; authenticated: boolean; response: string }> {
  const session = await mailer.open()
  try {
    const delivery = await session.send(message, () => Promise.resolve())
    if (delivery.outcome !== 'accepted') throw notTaken(mailer.server, message, delivery)
    const { encrypted, authenticated } = session
    return { encrypted, authenticated, response: delivery.response }
  } finally {
    session.close()
  }
}

type NotAccepted = Exclude<Delivery, { outcome: 'accepted' }>

function notTaken(server: string, { to, from }: MailMessage, delivery: NotAccepted): ErpmaxError {
  const { outcome, code, message, response } = delivery
  const [kind, text, hint] = explained(outcome, { server, to, from: from.address, message })
  return new ErpmaxError(kind, code, text, {
    hint,
    details: { server, response },
    retryable: outcome === 'deferred',
  })
}

function explained(
  outcome: NotAccepted['outcome'],
  { server, to, from, message }: { server: string; to: string; from: string; message: string },
): [ErrorKind, string, string] {
  switch (outcome) {
    case 'refused':
      return ['conflict', `${server} does not take the message to ${to}: ${message}`, 'Check the address']
    case 'barred':
      return [
        'dependency',
        `${server} takes no mail from ${from}: ${message}`,
        'Check the user in SMTP_URL and the address in ERPMAX_MAIL_FROM',
      ]
    case 'deferred':
      return [
        'dependency',
        `${server} does not take the message to ${to} for now: ${message}`,
        'Try again in some minutes',
      ]
    case 'unknown':
      return ['dependency', `${server}: ${message}`, `See whether it has arrived at ${to}`]
  }
}

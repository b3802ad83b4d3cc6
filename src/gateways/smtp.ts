/** Mail by SMTP, through nodemailer: its connection and its MIME; what an answer means is decided beside this. */
import { Readable } from 'node:stream'
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection, { type SMTPEnvelope } from 'nodemailer/lib/smtp-connection'
import { failedDelivery, openingError } from './smtp-errors.js'
import { parseSmtpUrl, type SmtpTarget } from './smtp-url.js'
import type { Delivery, Mailer, MailMessage, MailSession } from '../kernel/mailer.js'
import type { Secret } from '../kernel/secret.js'

/** Milliseconds for one message from its first command on, however busily the server keeps talking. */
export const messageLimit = 120_000
/** Servers end a session after so many, or sooner. */
const messagesPerSession = 50
/** Bytes given to the server at a time. */
const pieceLength = 16 * 1024
/** Milliseconds for a server to take leave. */
const partingLimit = 2_000

/** @throws usage `config.invalid` */
export function smtpMailer(url: Secret): Mailer {
  const target = parseSmtpUrl(url)
  const { host, port } = target.options
  const server = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const { user } = target
  return {
    server,
    userAddress: user && /^[^\s@<>]+@[^\s@<>]+$/.test(user.name) ? user.name : null,
    open: () => openSession(target, server),
  }
}

async function openSession({ options, user }: SmtpTarget, server: string): Promise<MailSession> {
  const connection = new SMTPConnection(options)
  const hide = hider(user?.password)
  try {
    await new Promise<void>((resolve, reject) => {
      // Stays for good: without a listener an error of an idle session would end the process.
      connection.on('error', reject)
      connection.connect((error) => (error ? reject(error) : resolve()))
    })
    if (user && connection.allowsAuth) {
      const credentials = { user: user.name, pass: user.password }
      await new Promise<void>((resolve, reject) => {
        connection.once('error', reject)
        connection.login({ credentials }, (error) => (error ? reject(error) : resolve()))
      })
    }
  } catch (error) {
    connection.close()
    throw openingError(error, server, hide)
  }
  return new SmtpSession(connection, hide)
}

class SmtpSession implements MailSession {
  #ended = false
  #sent = 0

  constructor(
    private readonly connection: SMTPConnection,
    private readonly hide: (text: string) => string,
  ) {
    connection.once('end', () => (this.#ended = true))
  }

  get usable(): boolean {
    return !this.#ended && !this.connection.destroyed && this.#sent < messagesPerSession
  }

  get encrypted(): boolean {
    return this.connection.secure
  }

  get authenticated(): boolean {
    return this.connection.authenticated
  }

  async send(message: MailMessage, beforeHandover: () => Promise<void>): Promise<Delivery> {
    this.#sent += 1
    if (!singleAddress.test(message.to)) {
      const words = 'This is not one address'
      return { outcome: 'refused', code: 'mail.address_invalid', message: words, response: null }
    }
    const { envelope, content } = await compose(message)
    let whole = false
    let objection: { error: unknown } | undefined
    const handover = async (): Promise<void> => {
      try {
        await beforeHandover()
      } catch (error) {
        objection = { error }
        // Not the error itself: nodemailer would write its own codes on it.
        throw new Error('held back')
      }
    }
    const body = Readable.from(
      pieces(content, handover, () => (whole = true)),
      { objectMode: false },
    )
    try {
      const response = await this.#transmit(envelope, body)
      return { outcome: 'accepted', response: this.hide(response).slice(0, 500) }
    } catch (error) {
      if (objection) {
        // In the middle of a message that will not come: only the end of the connection ends it.
        this.connection.close()
        throw objection.error
      }
      await this.#reset()
      return failedDelivery(error, whole, this.hide)
    }
  }

  close(): void {
    const { connection } = this
    if (this.#ended || connection.destroyed) return
    connection.quit()
    setTimeout(() => connection.close(), partingLimit).unref()
  }

  /** The server's words on taking it. */
  #transmit(envelope: SMTPEnvelope, body: Readable): Promise<string> {
    const { connection } = this
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`no end after ${messageLimit / 1000} s`))
        connection.close()
      }, messageLimit)
      connection.send(envelope, body, (error, info) => {
        clearTimeout(limit)
        if (error) reject(error)
        else resolve(info.response)
      })
    })
  }

  /** After a refusal the server still holds half an envelope. */
  async #reset(): Promise<void> {
    if (!this.usable) return
    await new Promise<void>((resolve) => {
      this.connection.once('end', () => resolve())
      this.connection.reset((error) => {
        if (error) this.connection.close()
        resolve()
      })
    })
  }
}

/** One mailbox, and nothing that would make it a list, a group or a header. */
const singleAddress = /^[^\s@<>()[\],;:"\\\p{Cc}]+@[^\s@<>()[\],;:"\\\p{Cc}]+$/u

async function* pieces(
  content: Buffer,
  handover: () => Promise<void>,
  onWhole: () => void,
): AsyncGenerator<Buffer, void, void> {
  await handover()
  for (let at = 0; at < content.length; at += pieceLength) {
    if (at + pieceLength >= content.length) onWhole()
    yield content.subarray(at, at + pieceLength)
  }
}

async function compose(message: MailMessage): Promise<{ envelope: SMTPEnvelope; content: Buffer }> {
  const { from, replyTo, to, subject, text, html, messageId, date, files } = message
  const mail = new MailComposer({
    ...{ from, subject, text, html, messageId, date },
    to: { name: '', address: to },
    ...(replyTo ? { replyTo } : {}),
    // RFC 3834: answering machines keep quiet.
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: files.map(({ name, mediaType, content }) => ({
      ...{ filename: name, contentType: mediaType },
      content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  const content = await mail.build()
  return { envelope: { ...mail.getEnvelope(), size: content.length }, content }
}

/** Takes a password out of what a server says, as it is and as logging in writes it. */
function hider(password: string | undefined): (text: string) => string {
  // One so short would be found in every answer.
  if (!password || password.length < 4) return (text) => text
  const forms = [password, Buffer.from(password).toString('base64')]
  return (text) => forms.reduce((hidden, form) => hidden.replaceAll(form, '[redacted]'), text)
}

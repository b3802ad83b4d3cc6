/** What nodemailer's errors mean: why there is no session, and what became of a message. */
import { ErpmaxError, messageOf } from '../kernel/errors.js'
import type { Delivery, DeliveryProblem } from '../kernel/mailer.js'

/** What nodemailer puts on its errors. */
interface SmtpError extends Error {
  code?: string
  /** Of the system, where nodemailer has put its own in its place. */
  originalCode?: string
  command?: string
  response?: string
  responseCode?: number
  timeoutType?: string
}

const aboutTls =
  /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH|ERR_OSSL)/

/**
 * @param hide takes the password out of a text
 * @returns dependency `mail.dns`, `mail.connection`, `mail.tls`, `mail.auth` or `mail.protocol`
 */
export function openingError(thrown: unknown, server: string, hide: (text: string) => string): ErpmaxError {
  const error = thrown as SmtpError
  const words = hide(firstLine(messageOf(thrown)))
  const response = error.response === undefined ? null : hide(firstLine(error.response))
  const told = (code: string, message: string, hint: string): ErpmaxError =>
    new ErpmaxError('dependency', code, message, { hint, details: { server, response }, cause: thrown })
  const host = server.replace(/:\d+$/, '')
  if (error.code === 'EDNS' || error.originalCode === 'ENOTFOUND')
    return told(
      'mail.dns',
      `There is no mail server of the name ${host}: ${words}`,
      'Check the host in SMTP_URL',
    )
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH')
    return told(
      'mail.auth',
      `The mail server ${server} refuses the user or the password: ${response ?? words}`,
      'Check user and password in SMTP_URL; @ : / # and ? in them are written %40 %3A %2F %23 and %3F',
    )
  if (
    error.code === 'ETLS' ||
    aboutTls.test(error.originalCode ?? '') ||
    error.timeoutType === 'UPGRADE_TIMEOUT'
  )
    return told(
      'mail.tls',
      `No TLS with the mail server ${server}: ${words}`,
      'smtps:// is TLS from the start (465), smtp:// turns to it later (587); a certificate of your own: ?tls.rejectUnauthorized=false',
    )
  if (error.code === 'EPROTOCOL' || response !== null)
    return told(
      'mail.protocol',
      `The mail server ${server} will not talk: ${response ?? words}`,
      'Check host and port in SMTP_URL',
    )
  const silent = error.code === 'ETIMEDOUT'
  return told(
    'mail.connection',
    `The mail server ${server} ${silent ? 'does not answer' : 'cannot be reached'}: ${words}`,
    'Check host and port in SMTP_URL, and that the server runs',
  )
}

/**
 * @param whole whether the server had the message to its end: what it did with it is unknown unless it says so
 */
export function failedDelivery(
  thrown: unknown,
  whole: boolean,
  hide: (text: string) => string,
): Exclude<Delivery, { outcome: 'accepted' }> {
  const error = thrown as SmtpError
  const status = error.responseCode
  const words = hide(firstLine(messageOf(thrown)))
  const response = error.response === undefined ? null : hide(firstLine(error.response))
  const problem = (code: string, message: string): DeliveryProblem => ({ code, message, response })
  if (status === undefined) {
    if (error.command === 'API' && error.code === 'EENVELOPE')
      return { outcome: 'refused', ...problem('mail.address_invalid', words) }
    if (error.code === 'EMESSAGE') return { outcome: 'refused', ...problem('mail.too_large', words) }
    return whole
      ? {
          outcome: 'unknown',
          ...problem('mail.outcome_unknown', `The server had the message and did not answer: ${words}`),
        }
      : {
          outcome: 'deferred',
          ...problem('mail.connection_lost', `The server was lost before it had the message: ${words}`),
        }
  }
  const said = response ?? words
  const permanent = status >= 500 && status !== 503
  if (!permanent) return { outcome: 'deferred', ...problem('mail.refused_for_now', said) }
  if (status === 552 || error.code === 'EMESSAGE')
    return { outcome: 'refused', ...problem(status === 552 ? 'mail.too_large' : 'mail.refused', said) }
  if (error.command === 'MAIL FROM') return { outcome: 'barred', ...problem('mail.sender_refused', said) }
  return { outcome: 'refused', ...problem('mail.recipient_refused', said) }
}

function firstLine(text: string): string {
  // Of OpenSSL's line only what is for people.
  return text
    .replace(/\w+:error:\w+:SSL routines:\w*:([^:]+):.*/s, '$1')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 500)
}

/** From whom mails come: `ERPMAX_MAIL_FROM`, else the company that issues the invoices, else this machine. */
import { ErpmaxError } from '../kernel/errors.js'
import { findSupplier } from './supplier.js'
import type { Context } from '../kernel/context.js'
import type { MailAddress, Mailer } from '../kernel/mailer.js'

export interface MailOrigin {
  from: MailAddress
  replyTo: MailAddress | null
  /** Where questions go: printed in the mail. */
  contact: string
}

/**
 * Without a configured address and without a supplier's, the user of the mail server or the name of this machine
 * stands in, the latter with a warning.
 * @throws usage `config.invalid`
 */
export async function mailOrigin(
  ctx: Pick<Context, 'db' | 'clock' | 'config' | 'actor' | 'warn'>,
  mailer: Mailer | null,
): Promise<MailOrigin> {
  const supplier = await findSupplier(ctx)
  const configured = configuredSender(ctx.config.text('ERPMAX_MAIL_FROM'))
  const name = configured?.name || supplier?.name || 'erpmax'
  const own = configured?.address ?? supplier?.email ?? mailer?.userAddress ?? null
  if (own === null && mailer !== null)
    ctx.warn({
      code: 'mail.sender_guessed',
      message: `Mails come from ${guess(ctx.actor.host)}: set ERPMAX_MAIL_FROM, or billing supplier set --email`,
    })
  const from = { name, address: own ?? guess(ctx.actor.host) }
  const answers = supplier?.email ?? null
  return {
    from,
    replyTo:
      answers !== null && answers !== from.address
        ? { name: supplier?.name ?? name, address: answers }
        : null,
    contact: answers ?? from.address,
  }
}

/** `Acme Billing <billing@acme.test>`, or the address alone. */
function configuredSender(text: string | null): MailAddress | null {
  if (text === null) return null
  const [, name = '', inBrackets] = /^\s*"?([^"<>]*?)"?\s*<([^<>]*)>\s*$/.exec(text) ?? []
  const address = inBrackets ?? text.trim()
  if (/^[^\s@<>()[\],;:"\\]+@[^\s@<>()[\],;:"\\]+$/.test(address)) return { name, address }
  throw new ErpmaxError('usage', 'config.invalid', 'ERPMAX_MAIL_FROM is not an address', {
    hint: 'ERPMAX_MAIL_FROM="Acme Billing <billing@example.com>"',
  })
}

function guess(host: string): string {
  return `erpmax@${/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host) ? host : 'localhost'}`
}

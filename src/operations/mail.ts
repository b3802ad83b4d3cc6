/** Puts a mail into the queue, in the transaction that causes it; `mail send` renders and sends it after commit. */
import type { Knex } from 'knex'
import { firstRow, oneRow, sql } from '../database/sql.js'

export type MailLanguage = 'en' | 'hi' | 'uk'

/** A document that is rendered when the mail is sent. */
export interface MailAttachment {
  documentKind: 'invoice' | 'credit_note'
  documentId: string
}

export interface NewMail {
  tenantId: string | null
  /** A folder of `templates/mail`. */
  kind: string
  /** Unique for ever: `invoice:<id>`, `reminder:<invoice>:+3`. */
  dedupeKey: string
  to: string
  language: MailLanguage
  /**
   * Every key of `templates/mail/<kind>/sample.json`, null where there is nothing to say: a mail whose template
   * misses a value fails. Money is `{amount_minor, currency}`, days are `YYYY-MM-DD`.
   */
  data: Record<string, unknown>
  /** Texts for the template that are shown to nobody and kept no longer than it takes: tokens in links. */
  secrets?: Record<string, string>
  attachments?: readonly MailAttachment[]
}

/**
 * Once for each `dedupeKey`: a second call changes nothing and gives the id of the first.
 * @param db the caller's transaction
 * @returns the id
 */
export async function enqueueMail(db: Knex, mail: NewMail): Promise<string> {
  const written = await firstRow<{ id: string }>(
    db,
    sql`insert into public.mails (id, message_id, tenant_id, kind, dedupe_key, to_address, language, data, secrets, attachments, status)
        select new.id, '<' || new.id || '@erpmax.invalid>', ${mail.tenantId}::uuid, ${mail.kind}, ${mail.dedupeKey}, ${mail.to},
               ${mail.language}, ${JSON.stringify(mail.data)}::jsonb, ${mail.secrets ? JSON.stringify(mail.secrets) : null}::jsonb,
               ${JSON.stringify(mail.attachments ?? [])}::jsonb, 'queued'
        from (select gen_random_uuid() as id) new
        on conflict (dedupe_key) do nothing returning id`,
  )
  if (written) return written.id
  const there = await oneRow<{ id: string }>(
    db,
    sql`select id from public.mails where dedupe_key = ${mail.dedupeKey}`,
  )
  return there.id
}

/** The language of a mail to somebody who reads `language` (BCP 47): English where there are no words in theirs. */
export function mailLanguage(language: string): MailLanguage {
  const [primary] = language.toLowerCase().split('-')
  return primary === 'hi' || primary === 'uk' ? primary : 'en'
}

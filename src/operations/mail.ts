/** Puts a mail into the queue, in the transaction that causes it; `mail send` renders and sends it after commit. */
import type { Knex } from 'knex'
import { oneRow, rows, sql } from '../database/sql.js'
import type { WrittenLanguage } from '../kernel/amounts.js'

export type MailLanguage = WrittenLanguage

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
  const [written] = await enqueueMails(db, [mail])
  if (written !== undefined) return written
  const there = await oneRow<{ id: string }>(
    db,
    sql`select id from public.mails where dedupe_key = ${mail.dedupeKey}`,
  )
  return there.id
}

/**
 * Many in one statement.
 * @returns the ids of those that were not there
 */
export async function enqueueMails(db: Knex, mails: readonly NewMail[]): Promise<string[]> {
  const asRows = mails.map(
    ({ tenantId, kind, dedupeKey, to, language, data, secrets, attachments = [] }) => ({
      ...{ tenant_id: tenantId, kind, dedupe_key: dedupeKey, to_address: to, language, data, attachments },
      secrets: secrets ?? null,
    }),
  )
  const written = await rows<{ id: string }>(
    db,
    sql`insert into public.mails (id, message_id, tenant_id, kind, dedupe_key, to_address, language, data, secrets, attachments, status)
        select m.id, '<' || m.id || '@erpmax.invalid>', m.tenant_id, m.kind, m.dedupe_key, m.to_address, m.language, m.data,
               m.secrets, m.attachments, 'queued'
        from (select gen_random_uuid() as id, r.*
              from jsonb_to_recordset(${JSON.stringify(asRows)}::jsonb)
                as r (tenant_id uuid, kind text, dedupe_key text, to_address text, language text, data jsonb, secrets jsonb,
                      attachments jsonb)) m
        on conflict (dedupe_key) do nothing returning id`,
  )
  return written.map(({ id }) => id)
}

/** The language of a mail to somebody who reads `language` (BCP 47): English where there are no words in theirs. */
export function mailLanguage(language: string): MailLanguage {
  const [primary] = language.toLowerCase().split('-')
  return primary === 'hi' || primary === 'uk' ? primary : 'en'
}

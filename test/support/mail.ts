/** Mails for tests: samples of every kind, and a context that sends to a server of the test's own. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { execute, rows, sql } from '../../src/database/sql.js'
import { smtpMailer } from '../../src/gateways/smtp.js'
import { Secret } from '../../src/kernel/secret.js'
import { enqueueMail, type NewMail } from '../../src/operations/mail.js'
import { mailTemplates } from '../../src/operations/mail/render.js'
import type { Context } from '../../src/kernel/context.js'

export const mailKinds = readdirSync(mailTemplates, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'words')
  .map(({ name }) => name)
  .sort()

export function mailSample(kind: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(mailTemplates, kind, 'sample.json'), 'utf8')) as Record<
    string,
    unknown
  >
}

/** `null`: no mail server is configured. */
export function sendingTo<C extends Context>(ctx: C, url: string | null): C {
  const openMailer: Context['openMailer'] = () =>
    Promise.resolve(url === null ? null : smtpMailer(new Secret(url)))
  return { ...ctx, openMailer }
}

let mails = 0

/** A mail of the kind `test` unless something else is said. */
export function queue(ctx: Pick<Context, 'db'>, to: string, changes: Partial<NewMail> = {}): Promise<string> {
  mails += 1
  return enqueueMail(ctx.db, {
    ...{ tenantId: null, kind: 'test', dedupeKey: `test:${mails}`, to, language: 'en' },
    data: { host: 'here.test' },
    ...changes,
  })
}

export interface MailState {
  to_address: string
  status: string
  attempts: number
  code: string | null
  response: string | null
  /** Minutes, rounded. */
  waits: number
}

/** By address. */
export async function mailStates(ctx: Pick<Context, 'db'>): Promise<MailState[]> {
  return rows<MailState>(
    ctx.db,
    sql`select to_address, status, attempts, last_error ->> 'code' as code, response,
               round(extract(epoch from next_attempt_at - clock_timestamp()) / 60)::int as waits
        from public.mails order by to_address, created_at`,
  )
}

export async function clearMails(ctx: Pick<Context, 'db'>): Promise<void> {
  await execute(ctx.db, sql`delete from public.mails`)
}

/** What waits for another attempt is due now. */
export async function bringForward(ctx: Pick<Context, 'db'>): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.mails set next_attempt_at = clock_timestamp() where status = 'queued'`,
  )
}

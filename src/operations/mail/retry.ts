/** `mail retry`: puts mails back into the queue, at once. */
import { oneRow, rows, sql, type Sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../audit.js'
import { findMail } from './find.js'
import type { Context } from '../../kernel/context.js'

export interface RetriedMails {
  retried: number
  ids: string[]
}

/** One mail by its id or the beginning of it, or all in a state. */
export type RetryChoice = { id: string } | 'failed' | 'unknown'

/**
 * Its attempts are counted anew. One that waits for its next attempt is brought forward.
 * @param acceptDouble whether one with an unknown outcome may go out again
 * @throws conflict `mail.outcome_unknown`, `mail.sent`; busy `mail.sending`; not_found `mail.not_found`
 */
export async function retryMails(
  ctx: Pick<Context, 'db' | 'actor'>,
  choice: RetryChoice,
  acceptDouble: boolean,
): Promise<RetriedMails> {
  return transaction(ctx, async (inner) => {
    const id = typeof choice === 'object' ? await requireRetryable(inner, choice.id, acceptDouble) : null
    const chosen: Sql =
      id === null ? sql`status = ${choice}` : sql`id = ${id} and status in ('queued', 'failed', 'unknown')`
    const back = await rows<{ id: string }>(
      inner.db,
      sql`update public.mails set status = 'queued', attempts = 0, next_attempt_at = clock_timestamp(), updated_at = clock_timestamp()
          where ${chosen} returning id`,
    )
    const ids = back.map(({ id }) => id).sort()
    if (ids.length > 0) {
      await audit(inner, {
        action: 'mail.retry',
        subjectKind: 'mails',
        subject: ids.length === 1 ? (ids[0] ?? '') : `${ids.length} mails`,
        outcome: 'succeeded',
        after: { retried: ids.length, chosen: id ?? choice },
      })
    }
    return { retried: ids.length, ids }
  })
}

async function requireRetryable(
  ctx: Pick<Context, 'db'>,
  text: string,
  acceptDouble: boolean,
): Promise<string> {
  const id = await findMail(ctx, text)
  const { status } = await oneRow<{ status: string }>(
    ctx.db,
    sql`select status from public.mails where id = ${id} for update`,
  )
  const no = (kind: 'conflict' | 'busy', code: string, message: string, hint: string): ErpmaxError =>
    new ErpmaxError(kind, code, message, { hint, details: { id, status } })
  if (status === 'sent')
    throw no('conflict', 'mail.sent', 'This mail has been sent', `erpmax mail show ${id}`)
  if (status === 'sending')
    throw no('busy', 'mail.sending', 'This mail is being sent', `erpmax mail show ${id}`)
  if (status === 'unknown' && !acceptDouble)
    throw no(
      'conflict',
      'mail.outcome_unknown',
      'This mail may have arrived: sent again, it may arrive twice',
      `erpmax mail retry ${id} --unknown`,
    )
  return id
}

/** `mail retry`: puts mails back into the queue, at once. */
import { rows, sql, type Sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../audit.js'
import type { Context } from '../../kernel/context.js'

export interface RetriedMails {
  retried: number
  ids: string[]
}

/** One mail, or all that failed. */
export type RetryChoice = { id: string } | 'failed' | 'unknown'

interface Row {
  id: string
  status: string
}

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
    if (typeof choice === 'object') await requireRetryable(inner, choice.id, acceptDouble)
    const chosen: Sql =
      typeof choice === 'object'
        ? sql`id = ${choice.id} and status in ('queued', 'failed', 'unknown')`
        : sql`status = ${choice}`
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
        after: { choice: typeof choice === 'object' ? 'one' : choice, retried: ids.length },
      })
    }
    return { retried: ids.length, ids }
  })
}

async function requireRetryable(ctx: Pick<Context, 'db'>, id: string, acceptDouble: boolean): Promise<void> {
  const [mail] = await rows<Row>(ctx.db, sql`select id, status from public.mails where id = ${id} for update`)
  if (!mail)
    throw new ErpmaxError('not_found', 'mail.not_found', 'The mail is gone', { hint: 'erpmax mail list' })
  const details = { id, status: mail.status }
  if (mail.status === 'sent')
    throw new ErpmaxError('conflict', 'mail.sent', 'This mail has been sent', {
      hint: `erpmax mail show ${id}`,
      details,
    })
  if (mail.status === 'sending')
    throw new ErpmaxError('busy', 'mail.sending', 'This mail is being sent', {
      hint: `erpmax mail show ${id}`,
      details,
    })
  if (mail.status === 'unknown' && !acceptDouble)
    throw new ErpmaxError(
      'conflict',
      'mail.outcome_unknown',
      'This mail may have arrived: sent again it may arrive twice',
      { hint: `erpmax mail retry ${id} --unknown`, details },
    )
}

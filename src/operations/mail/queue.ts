/** The queue of mails: claimed under a lease, marked before a server gets them, settled by what came of it. */
import { execute, firstRow, oneRow, rows, sql, verbatim, type Sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { redacted } from '../../kernel/secret.js'
import type { Context, Holder } from '../../kernel/context.js'
import type { Delivery, DeliveryProblem } from '../../kernel/mailer.js'
import type { MailAttachment, MailLanguage } from '../mail.js'

/** How long a sender that says nothing keeps its mail: longer than a message may take (gateways/smtp.ts). */
const lease = verbatim(`clock_timestamp() + interval '180 seconds'`)

/** Minutes after each attempt that came to nothing; after one more the mail has failed. Two days and a half in all. */
const pauses = [1, 5, 15, 60, 180, 360, 720, 1440, 1440] as const

/** A mail this process is sending. */
export interface ClaimedMail {
  id: string
  generation: number
  attempts: number
  tenant_id: string | null
  kind: string
  to_address: string
  language: MailLanguage
  data: Record<string, unknown>
  secrets: Record<string, unknown> | null
  attachments: MailAttachment[]
  message_id: string
}

/** The state a mail was left in. */
export interface SettledMail {
  status: 'sent' | 'queued' | 'failed' | 'unknown'
  problem: DeliveryProblem | null
  /** When it is tried again. */
  nextAttemptAt: string | null
}

/** What the server has got is kept no longer. */
const overwritten = sql`(select jsonb_object_agg(key, ${redacted}::text) from jsonb_object_keys(secrets) key)`

export async function countDue(ctx: Pick<Context, 'db'>): Promise<number> {
  const { due } = await oneRow<{ due: number }>(
    ctx.db,
    sql`select count(*)::int as due from public.mails where status = 'queued' and next_attempt_at <= clock_timestamp()`,
  )
  return due
}

/** Takes the mail that has been due longest, unless others have it in hand; null where nothing is left. */
export async function claimMail(ctx: Pick<Context, 'db' | 'processes'>): Promise<ClaimedMail | null> {
  return firstRow<ClaimedMail>(
    ctx.db,
    sql`with due as materialized (
          select id from public.mails where status = 'queued' and next_attempt_at <= clock_timestamp()
          order by next_attempt_at, id limit 1 for update skip locked)
        update public.mails m
        set status = 'sending', holder = ${JSON.stringify(ctx.processes.self)}, lease_until = ${lease}, handed_over_at = null,
            generation = m.generation + 1, attempts = m.attempts + 1, updated_at = clock_timestamp()
        from due where m.id = due.id
        returning m.id, m.generation, m.attempts, m.tenant_id, m.kind, m.to_address, m.language, m.data, m.secrets,
                  m.attachments, m.message_id`,
  )
}

/**
 * From here on the server may have it. Committed before the server gets the first byte.
 * @throws busy `mail.lease_lost` where the mail has passed to somebody else, or is gone with its tenant
 */
export async function markHandedOver(ctx: Pick<Context, 'db'>, mail: ClaimedMail): Promise<void> {
  const marked = await execute(
    ctx.db,
    sql`update public.mails set handed_over_at = clock_timestamp(), updated_at = clock_timestamp()
        where id = ${mail.id} and generation = ${mail.generation} and status = 'sending' and lease_until > clock_timestamp()`,
  )
  if (marked === 1) return
  throw new ErpmaxError('busy', 'mail.lease_lost', 'This mail is no longer ours to send', {
    hint: `erpmax mail show ${mail.id}`,
  })
}

/** Writes down what came of it. A mail given up meanwhile, its outcome unknown, is settled too: the answer was late. */
export async function settleMail(
  ctx: Pick<Context, 'db'>,
  mail: ClaimedMail,
  delivery: Delivery,
): Promise<SettledMail> {
  if (delivery.outcome === 'accepted') {
    const { response } = delivery
    await settle(
      ctx,
      mail,
      sql`status = 'sent', sent_at = clock_timestamp(), response = ${response}, last_error = null, secrets = ${overwritten}`,
    )
    return { status: 'sent', problem: null, nextAttemptAt: null }
  }
  const { outcome, code, message, response } = delivery
  const problem = { code, message, response }
  const told = sql`last_error = ${JSON.stringify({ code, message })}::jsonb, response = ${response}`
  if (outcome === 'barred') {
    await settle(ctx, mail, sql`status = 'queued', attempts = attempts - 1, ${told}`)
    return { status: 'queued', problem, nextAttemptAt: null }
  }
  if (outcome !== 'deferred') {
    const status = outcome === 'refused' ? 'failed' : 'unknown'
    await settle(ctx, mail, sql`status = ${status}, ${told}`)
    return { status, problem, nextAttemptAt: null }
  }
  const pause = pauses[mail.attempts - 1]
  if (pause === undefined) {
    await settle(ctx, mail, sql`status = 'failed', ${told}`)
    return { status: 'failed', problem, nextAttemptAt: null }
  }
  const at = await settle(
    ctx,
    mail,
    sql`status = 'queued', next_attempt_at = clock_timestamp() + ${pause}::int * interval '1 minute', ${told}`,
  )
  return { status: 'queued', problem, nextAttemptAt: at }
}

/** Gives when it is next due; null where the mail is no longer ours, or is gone. */
async function settle(ctx: Pick<Context, 'db'>, mail: ClaimedMail, changes: Sql): Promise<string | null> {
  const row = await firstRow<{ next_attempt_at: Date }>(
    ctx.db,
    sql`update public.mails set ${changes}, holder = null, lease_until = null, updated_at = clock_timestamp()
        where id = ${mail.id} and generation = ${mail.generation} and status in ('sending', 'unknown')
        returning next_attempt_at`,
  )
  return row && row.next_attempt_at.toISOString()
}

export interface AbandonedMails {
  queued: number
  unknown: number
}

/**
 * What senders that are gone have left: back into the queue where no server had it yet, else `unknown`. The mail
 * may have arrived, and only a person decides whether it goes out again.
 */
export async function takeBackAbandoned(ctx: Pick<Context, 'db' | 'processes'>): Promise<AbandonedMails> {
  const sending = await rows<{ id: string; generation: number; holder: Holder }>(
    ctx.db,
    sql`select id, generation, holder from public.mails where status = 'sending'`,
  )
  const orphans = sending.filter(({ holder }) => ctx.processes.isGone(holder))
  // Only as they were seen: somebody may have taken one up since.
  const seen = sql`select * from unnest(${orphans.map(({ id }) => id)}::uuid[], ${orphans.map((one) => one.generation)}::int[])`
  const error = {
    code: 'mail.outcome_unknown',
    message: 'The program that sent it ended while the server had it',
  }
  const left = await rows<{ status: 'queued' | 'unknown' }>(
    ctx.db,
    sql`update public.mails
        set status = case when handed_over_at is null then 'queued' else 'unknown' end,
            last_error = case when handed_over_at is null then last_error else ${JSON.stringify(error)}::jsonb end,
            holder = null, lease_until = null, updated_at = clock_timestamp()
        where status = 'sending' and (lease_until <= clock_timestamp() or (id, generation) in (${seen}))
        returning status`,
  )
  const queued = left.filter(({ status }) => status === 'queued').length
  return { queued, unknown: left.length - queued }
}

/** A queue that was restored from a backup: whether these have gone since nobody knows. */
export async function doubtQueuedMails(ctx: Pick<Context, 'db'>): Promise<number> {
  const error = {
    code: 'mail.outcome_unknown',
    message: 'It waited when the backup was made that was restored',
  }
  return execute(
    ctx.db,
    sql`update public.mails set status = 'unknown', last_error = ${JSON.stringify(error)}::jsonb, holder = null, lease_until = null,
               updated_at = clock_timestamp()
        where status in ('queued', 'sending')`,
  )
}

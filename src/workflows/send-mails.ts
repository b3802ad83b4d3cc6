/** `mail send`: drains the queue over a few sessions at once; for `billing run` too, which may run it as a step. */
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { merged } from '../kernel/merged.js'
import { runWorkflow, type StepProgress, type WorkflowEvent } from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { claimMail, countDue, takeBackAbandoned, type SettledMail } from '../operations/mail/queue.js'
import { mailOrigin } from '../billing/mail-sender.js'
import { findAttachment } from '../billing/book/attachments.js'
import { deliverMail, type AttachmentSource, type Post } from './deliver-mail.js'
import { JobRun } from './job-run.js'
import { MailRun, type SentMails } from './mail-run.js'
import type { Context } from '../kernel/context.js'
import type { Mailer, MailSession } from '../kernel/mailer.js'

export interface SendOptions {
  /** Mails at most; null: all that are due. */
  limit: number | null
  /** Sessions at once. */
  connections: number
  /** Left out: the documents of the book. */
  attachmentsFrom?: AttachmentSource
}

/**
 * Safe to start twice at once: each mail is claimed by one. Ends with exit-worthy counts, not with an error, where
 * single mails fail.
 * @throws dependency `mail.dns`, `mail.connection`, `mail.tls`, `mail.auth`, `mail.protocol`, `mail.sender_refused`:
 * the server takes nothing, the mails are kept; interrupted. Both carry the counts in their details.
 */
export async function* sendMails(
  ctx: Context,
  options: SendOptions,
): AsyncGenerator<WorkflowEvent, SentMails, void> {
  let result: SentMails | undefined
  const step = {
    name: 'send',
    title: 'Send mails',
    async *run(): AsyncGenerator<StepProgress, string, void> {
      result = yield* drainQueue(ctx, options)
      return `${result.sent} sent`
    },
  }
  yield* runWorkflow([step], new JobRun(ctx, 'mails').hooks())
  if (!result) throw new Error('the step gave no result')
  return result
}

/**
 * The step by itself, for a workflow of several: it throws where the server takes nothing, and that the mails wait
 * need not end the workflow.
 */
export async function* drainQueue(
  ctx: Context,
  { limit, connections, ...options }: SendOptions,
): AsyncGenerator<StepProgress, SentMails, void> {
  const abandoned = await takeBackAbandoned(ctx)
  const due = await countDue(ctx)
  const mailer = await ctx.openMailer()
  const run = new MailRun(due, limit)
  run.tally.unknown = abandoned.unknown
  if (mailer === null) {
    ctx.warn({ code: 'mail.not_configured', message: keptMessage(due) })
    return { ...run.result(null), kept: due }
  }
  if (run.total > 0) {
    const attachmentsFrom: AttachmentSource =
      options.attachmentsFrom ?? ((wanted) => findAttachment(ctx, wanted))
    const post = { origin: await mailOrigin(ctx, mailer), attachmentsFrom }
    const senders = Array.from({ length: Math.min(connections, run.total) }, () =>
      send(ctx, mailer, post, run),
    )
    yield* merged(senders)
  }
  const result = { ...run.result(mailer.server), kept: await countDue(ctx) }
  await auditRun(ctx, result)
  const details = { ...result, problems: undefined }
  if (run.barrier) {
    const { kind, code, message, hint } = run.barrier
    throw new ErpmaxError(kind, code, message, {
      ...(hint === undefined ? {} : { hint }),
      details: { ...run.barrier.details, ...details },
      cause: run.barrier,
    })
  }
  if (ctx.signal.aborted)
    throw new ErpmaxError(
      'interrupted',
      'interrupted',
      `Interrupted: ${result.sent} mails sent, ${result.kept} kept`,
      {
        hint: 'erpmax mail send',
        details,
      },
    )
  return result
}

/** One session's work: it is open before a mail is claimed, so that no mail pays for a server that is down. */
async function* send(
  ctx: Context,
  mailer: Mailer,
  post: Post,
  run: MailRun,
): AsyncGenerator<StepProgress, void, void> {
  let session: MailSession | null = null
  try {
    while (!ctx.signal.aborted && run.barrier === null && run.take()) {
      if (!session?.usable) {
        session?.close()
        session = await openOrBar(mailer, run)
        if (session === null) return
      }
      const mail = await claimMail(ctx)
      if (mail === null) return run.giveBack()
      const settled = await deliverMail(ctx, session, mail, post).catch(unlessLost)
      // Somebody else has it: so slow were we.
      if (settled === null) continue
      if (settled.problem?.code === 'mail.sender_refused') bar(run, mailer, settled)
      else yield run.count(mail, settled)
    }
  } finally {
    session?.close()
  }
}

function unlessLost(error: unknown): null {
  if (error instanceof ErpmaxError && error.code === 'mail.lease_lost') return null
  throw error
}

async function openOrBar(mailer: Mailer, run: MailRun): Promise<MailSession | null> {
  try {
    return await mailer.open()
  } catch (error) {
    if (!(error instanceof ErpmaxError)) throw error
    run.barrier ??= error
    return null
  }
}

function bar(run: MailRun, { server }: Mailer, { problem }: SettledMail): void {
  run.barrier ??= new ErpmaxError(
    'dependency',
    'mail.sender_refused',
    `The mail server ${server} takes no mail from this sender: ${problem?.message}`,
    {
      hint: 'Check the user in SMTP_URL and the address in ERPMAX_MAIL_FROM, then: erpmax mail test <address>',
      details: { server, response: problem?.response ?? null },
    },
  )
}

function keptMessage(due: number): string {
  const what = due === 0 ? 'mails are' : due === 1 ? '1 mail is' : `${due} mails are`
  return `SMTP_URL is not set: ${what} kept, not sent`
}

async function auditRun(ctx: Context, { sent, deferred, failed, unknown, server }: SentMails): Promise<void> {
  if (sent + deferred + failed + unknown === 0) return
  const whole = deferred + failed + unknown === 0
  await transaction(ctx, (inner) =>
    audit(inner, {
      ...{
        action: 'mail.send',
        subjectKind: 'mails',
        subject: `${sent + deferred + failed + unknown} mails`,
      },
      outcome: whole ? 'succeeded' : 'failed',
      after: { server, sent, deferred, failed, unknown },
      ...(whole ? {} : { errorCode: 'mail.partial' }),
    }),
  )
}

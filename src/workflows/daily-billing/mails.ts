/** The last step: what waits in the queue of mails is sent. */
import { oneRow, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { DailyStep, MailsResult } from './step.js'

export const mailsStep: DailyStep<'mails'> = {
  code: 'mails',
  async *run(ctx, { dryRun, before }) {
    const sent = dryRun ? { sent: 0, failed: 0 } : yield* deliver(ctx)
    const coming = dryRun
      ? (before.reminders?.queued ?? 0) +
        (before.documents ? before.documents.invoices + before.documents.credit_notes : 0)
      : 0
    const result = { ...sent, waiting: (await countQueued(ctx)) + coming }
    return { result, partial: result.failed > 0, summary: result }
  },
}

/** The one place to wire the sender: `sendMails` of `workflows/send-mails.ts` goes here, its events told as progress. */
// eslint-disable-next-line require-yield
async function* deliver(_ctx: Context): AsyncGenerator<never, Omit<MailsResult, 'waiting'>, void> {
  return { sent: 0, failed: 0 }
}

async function countQueued(ctx: Pick<Context, 'db'>): Promise<number> {
  const { waiting } = await oneRow<{ waiting: number }>(
    ctx.db,
    sql`select count(*)::int as waiting from public.mails where status in ('queued', 'sending')`,
  )
  return waiting
}

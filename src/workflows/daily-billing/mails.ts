/** The last step: what waits in the queue of mails is sent, whatever has put it there. */
import { oneRow, sql } from '../../database/sql.js'
import { drainQueue, type SendOptions } from '../send-mails.js'
import type { Context } from '../../kernel/context.js'
import type { DailyStep, MailsResult } from './step.js'

/** How the queue is drained. */
const options: SendOptions = { limit: null, connections: 4 }

const none = { configured: false, sent: 0, deferred: 0, failed: 0, unknown: 0 }

export const mailsStep: DailyStep<'mails'> = {
  code: 'mails',
  async *run(ctx, { dryRun, before }) {
    if (dryRun) {
      const coming = (before.documents?.invoices ?? 0) + (before.documents?.credit_notes ?? 0)
      const reminding = (before.reminders?.queued ?? 0) + (before.dunning?.queued ?? 0)
      const waiting = (await countQueued(ctx)) + coming + reminding
      const result = { ...none, configured: (await ctx.openMailer()) !== null, waiting }
      return { result, partial: false, summary: result }
    }
    // Without anything in the queue nobody needs to hear that no server is set.
    if ((await countQueued(ctx)) === 0) {
      const result = { ...none, configured: (await ctx.openMailer()) !== null, waiting: 0 }
      return { result, partial: false, summary: result }
    }
    const events = drainQueue(ctx, options)
    for (;;) {
      const next = await events.next()
      if (next.done) {
        const { configured, sent, deferred, failed, unknown } = next.value
        const result: MailsResult = {
          ...{ configured, sent, deferred, failed, unknown },
          waiting: await countQueued(ctx),
        }
        return { result, partial: deferred + failed + unknown > 0, summary: result }
      }
      const { done, total, item } = next.value
      yield { event: 'progress', step: 'mails', done, total, detail: { item } }
    }
  },
}

/** Those that wait for another attempt too. */
async function countQueued(ctx: Pick<Context, 'db'>): Promise<number> {
  const { waiting } = await oneRow<{ waiting: number }>(
    ctx.db,
    sql`select count(*)::int as waiting from public.mails where status in ('queued', 'sending')`,
  )
  return waiting
}

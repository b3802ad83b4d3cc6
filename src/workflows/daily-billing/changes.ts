/** First step: trials end, cancellations and scheduled changes happen, each on its own day. */
import { dueTenants } from '../../subscriptions/due.js'
import { applySubscriptions } from '../apply-subscriptions.js'
import { mostItems, type ChangesResult, type DailyStep } from './step.js'

export const changesStep: DailyStep<'changes'> = {
  code: 'changes',
  async *run(ctx, { asOf, dryRun }) {
    const due = await dueTenants(ctx, { asOf, dryRun })
    const result: ChangesResult = {
      ...{ tenants: due.length, applied: 0, failed: 0 },
      ...{ items: [], items_truncated: due.length > mostItems },
    }
    // Without anybody it would leave a row in the audit log every day.
    if (due.length === 0) return { result, partial: false, summary: summaryOf(result) }
    let done = 0
    for await (const outcome of applySubscriptions(ctx, due, dryRun)) {
      done += 1
      result.applied += outcome.result?.changes.length ?? 0
      if (!outcome.ok) result.failed += 1
      if (result.items.length < mostItems) result.items.push(outcome)
      await ctx.failpoint('daily.after_change')
      yield { event: 'progress', step: 'changes', done, total: due.length, detail: outcome }
    }
    return { result, partial: result.failed > 0, summary: summaryOf(result) }
  },
}

function summaryOf({ tenants, applied, failed }: ChangesResult): object {
  return { tenants, applied, failed }
}

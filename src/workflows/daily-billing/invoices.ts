/** The second step: everything due is billed, under the lease of the invoice run. */
import { generateInvoices } from '../../billing/runs/generate.js'
import type { DailyStep } from './step.js'

export const invoicesStep: DailyStep<'invoices'> = {
  code: 'invoices',
  async *run(ctx, { asOf, dryRun, wait, catchUp, runId }) {
    const events = generateInvoices(ctx, {
      ...{ tenants: null, asOf, catchUp, dryRun, wait },
      dailyRunId: runId,
    })
    for (;;) {
      const next = await events.next()
      if (next.done) {
        const { dry_run: _, ...result } = next.value
        return { result, partial: result.run.parked > 0, summary: result.run }
      }
      // Its documents are in the result and in the book: in a log they would be most of it.
      const { event: _, documents: __, done, total, ...detail } = next.value
      yield { event: 'progress', step: 'invoices', done, total, detail }
    }
  },
}

/** The daily run in tests: driven to its end, and its JSON without what differs from run to run. */
import { runDaily, type DailyInput, type DailyResult } from '../../src/workflows/daily-billing/run.js'
import { finished } from './schemas.js'
import type { Context } from '../../src/kernel/context.js'

export function ranDaily(ctx: Context, input: Partial<DailyInput> = {}): Promise<DailyResult> {
  return finished(
    runDaily(ctx, { ...{ asOf: null, dryRun: false, wait: false, catchUp: null, skip: [] }, ...input }),
  )
}

/** As JSON, without ids, states of the run, durations, numbers of documents and what was sent. */
export function comparable({ run, results }: DailyResult): unknown {
  const { invoices, mails: _, ...others } = results
  const content = {
    ...others,
    steps: run.steps.map(({ code, status, error }) => ({ code, status, error })),
    invoices: invoices && {
      ...invoices,
      run: { ...invoices.run, id: null, status: null },
      documents: invoices.documents.map((document) => ({ ...document, number: null })),
    },
  }
  return JSON.parse(JSON.stringify(content))
}

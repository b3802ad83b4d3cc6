/** `payment reconcile`: our book of payments against those of the providers. */
import { Flags } from '@oclif/core'
import { sinceFrom } from '../../kernel/dates.js'
import { providerNames } from '../../kernel/payment-gateway.js'
import { reconcile, type ReconciledPayments } from '../../payments/reconcile/reconcile.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatReconciledItem, formatReconciledPayments } from '../../terminal/payment-reconcile-report.js'

export default class PaymentReconcile extends BaseCommand {
  static override summary = 'Ask the providers about everything unknown or open, and compare both books.'
  static override description =
    'What got no answer is settled: the same request is sent once more under the same reference, so that nothing is made or given back twice. Payments and refunds that are at the provider and not here are booked, what differs is told. Exits 3 where something is left for a person.'
  static override examples = [
    '<%= config.bin %> payment reconcile',
    '<%= config.bin %> payment reconcile --since 2026-04-01 --provider stripe',
    '<%= config.bin %> payment reconcile --since 24h --dry-run --json',
  ]
  static override flags = {
    since: Flags.string({
      description: 'compare what came in since: 2026-04-01, 2026-04-01T00:00:00Z, or an age: 24h, 7d',
      default: '7d',
    }),
    provider: Flags.option({ description: 'only this one', options: providerNames })(),
    ndjson: Flags.boolean({ description: 'an item a line, the result last' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'ask, and write nothing', default: false }),
  }

  async run(): Promise<ReconciledPayments> {
    const { flags } = await this.parse(PaymentReconcile)
    const { provider = null, 'dry-run': dryRun } = flags
    if (!dryRun)
      this.auditFailuresAs({ action: 'payment.reconcile', kind: 'providers', subject: provider ?? 'all' })
    const ctx = await this.open('use')
    const since = sinceFrom(flags.since, ctx.clock.now())
    const items = reconcile(ctx, { since, provider, dryRun })
    const result = flags.ndjson
      ? await this.stream('item', items)
      : await this.reportEach(items, formatReconciledItem)
    if (result.left > 0) this.endAs('partial')
    return this.report(result, formatReconciledPayments)
  }
}

/** `webhook backfill`: fetches the events that were missed. */
import { Flags } from '@oclif/core'
import { sinceFrom } from '../../kernel/dates.js'
import { backfillEvents, type Backfilled } from '../../payments/inbox/backfill.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { providerFlag } from '../../terminal/webhook-input.js'
import { formatBackfilled } from '../../terminal/webhook-report.js'

export default class WebhookBackfill extends BaseCommand {
  static override summary = 'Fetch the events that the provider told while nobody listened.'
  static override description =
    'Stripe lists its events of the last 30 days; what the inbox has is left as it is. The API of Razorpay lists none: there, payment reconcile asks for the payments instead. What came in is processed at once, unless --no-process says otherwise.'
  static override examples = [
    '<%= config.bin %> webhook backfill --since 24h',
    '<%= config.bin %> webhook backfill --provider stripe --since 2026-03-31T18:30:00Z --no-process --json',
  ]
  static override flags = {
    provider: providerFlag({ description: 'whose events', default: 'stripe' }),
    since: Flags.string({
      description: 'that happened since: 2026-03-31T18:30:00Z, 2026-03-31, or an age: 24h, 7d',
      required: true,
    }),
    'no-process': Flags.boolean({ description: 'only store them; a listener or webhook work does the rest' }),
  }

  async run(): Promise<{ backfill: Backfilled }> {
    const { flags } = await this.parse(WebhookBackfill)
    const { provider } = flags
    this.auditFailuresAs({ action: 'webhook.backfill', kind: 'webhook events', subject: provider })
    const ctx = await this.open('use')
    const since = sinceFrom(flags.since, ctx.clock.now())
    const backfill = await backfillEvents(ctx, { provider, since, process: !flags['no-process'] })
    if (backfill.done.failed + backfill.done.retried > 0) this.endAs('partial')
    return this.report({ backfill }, formatBackfilled)
  }
}

/** `webhook work`: processes the inbox, beside a listener or in place of its own processing. */
import { Flags } from '@oclif/core'
import { workInbox } from '../../payments/inbox/work.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatWork, formatWorkEvent } from '../../terminal/webhook-report.js'
import type { Processed } from '../../payments/inbox/process-events.js'

export default class WebhookWork extends BaseCommand {
  static override summary = 'Process the events of the inbox until it is stopped, or once with --once.'
  static override description =
    'Any number of them may run at once: each event is done by one, and what a killed one had in hand is taken over. One that goes wrong is tried again after 5 s, then later and later, and has failed after two days. Runs until SIGINT or SIGTERM, ends what is under way, and exits with 130 or 143; with --once it exits 0, or 3 where something is to be tried again or has failed.'
  static override examples = [
    '<%= config.bin %> webhook work',
    '<%= config.bin %> webhook work --once',
    '<%= config.bin %> webhook work --once --limit 100 --ndjson',
  ]
  static override flags = {
    once: Flags.boolean({ description: 'end when nothing is due' }),
    limit: Flags.integer({ description: 'events at most', min: 1 }),
    ndjson: Flags.boolean({ description: 'a line for each event as it is done, the result last' }),
  }

  async run(): Promise<{ done: Processed }> {
    const { flags } = await this.parse(WebhookWork)
    const ctx = await this.open('use')
    const events = workInbox(ctx, { once: flags.once, limit: flags.limit ?? null })
    const done = await this.reportEach(this.tapped(events), formatWorkEvent)
    if (ctx.signal.aborted) await this.untilStopped()
    else if (done.failed + done.retried > 0) this.endAs('partial')
    return this.report({ done }, formatWork)
  }
}

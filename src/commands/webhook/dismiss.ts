/** `webhook dismiss`: moderate. */
import { Args, Flags } from '@oclif/core'
import { dismissEvent, type DismissedEvent } from '../../payments/inbox/dismiss.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { reasonFlag, reasonFrom } from '../../terminal/correction-flags.js'
import { formatDismissed } from '../../terminal/dismissed-report.js'

export default class WebhookDismiss extends BaseCommand {
  static override summary = 'Say that an event that is parked or failed is dealt with.'
  static override description =
    'Nothing is booked, and it is not replayed any more: first record the payment, or refund it at the provider. The reason stays with the event and in the audit log.'
  static override examples = [
    '<%= config.bin %> webhook dismiss 1f6b2c9e --reason "recorded by hand as UTR123" --yes',
  ]
  static override args = {
    event: Args.string({ description: "id, its beginning, or the provider's own id", required: true }),
  }
  static override flags = {
    reason: reasonFlag('what was done about it'),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  }

  async run(): Promise<DismissedEvent> {
    const { args, flags } = await this.parse(WebhookDismiss)
    const reason = reasonFrom(flags.reason)
    this.auditFailuresAs({ action: 'webhook.dismiss', kind: 'webhook events', subject: args.event })
    const ctx = await this.open('use')
    await confirmYes(`Dismiss ${args.event}`, flags.yes, this.terminal)
    return this.report(await dismissEvent(ctx, args.event, reason), formatDismissed)
  }
}

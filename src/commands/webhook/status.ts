/** `webhook status`: how the inbox stands. */
import { BaseCommand } from '../../terminal/base-command.js'
import { formatInboxStatus } from '../../terminal/webhook-report.js'
import { readInboxStatus, type InboxStatus } from '../../views/inbox-status.js'

export default class WebhookStatus extends BaseCommand {
  static override summary = 'Say how the inbox stands: what waits and since when, what needs somebody.'
  static override examples = ['<%= config.bin %> webhook status', '<%= config.bin %> webhook status --json']

  async run(): Promise<{ inbox: InboxStatus }> {
    await this.parse(WebhookStatus)
    const inbox = await readInboxStatus(await this.open('use'))
    return this.report({ inbox }, formatInboxStatus)
  }
}

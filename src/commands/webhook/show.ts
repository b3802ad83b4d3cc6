/** `webhook show`: one event, what came of it, and what the provider said. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatEvent } from '../../terminal/webhook-report.js'
import { showEvent, type ShownEvent } from '../../views/webhook-events.js'

export default class WebhookShow extends BaseCommand {
  static override summary = 'Show an event: what came of it, why, and what the provider said.'
  static override description =
    'What tells who paid, and keys and tokens, are hidden in the body. The beginning of an id is enough where only one event begins with it.'
  static override examples = [
    '<%= config.bin %> webhook show 1f6b2c9e',
    '<%= config.bin %> webhook show evt_1PgafyB7WZ01zgkW --json',
  ]
  static override args = {
    event: Args.string({
      description: "id, at least four characters of its beginning, or the provider's own id",
      required: true,
    }),
  }

  async run(): Promise<{ event: ShownEvent }> {
    const { args } = await this.parse(WebhookShow)
    const event = await showEvent(await this.open('use'), args.event)
    return this.report({ event }, formatEvent)
  }
}

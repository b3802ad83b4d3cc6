/** `webhook list`: what the providers have told, newest first. */
import { Flags } from '@oclif/core'
import { providerNames } from '../../kernel/payment-gateway.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { commaList, fieldsFlag, pageFlags, withFields } from '../../terminal/lists.js'
import { eventFields, formatEvents } from '../../terminal/webhook-report.js'
import { eventStates, listEvents, type WebhookEventList } from '../../views/webhook-events.js'

export default class WebhookList extends BaseCommand {
  static override summary =
    'List the events of the inbox, newest first: what waits, what was booked, what is parked.'
  static override description =
    'A parked event waits for a person: its outcome says why, and webhook replay takes it up again. A failed one was tried eleven times in two days.'
  static override examples = [
    '<%= config.bin %> webhook list',
    '<%= config.bin %> webhook list --status parked,failed',
    '<%= config.bin %> webhook list --provider stripe --type "charge.dispute.*" --since 7d --json',
  ]
  static override flags = {
    status: commaList('states, by comma', eventStates),
    provider: commaList('providers, by comma', providerNames),
    type: Flags.string({
      description: 'type of event; * stands for anything; may be given again',
      multiple: true,
    }),
    since: Flags.string({ description: 'came since: 2026-03-31T18:30:00Z, 2026-03-31, or an age: 24h, 7d' }),
    fields: fieldsFlag(eventFields),
    ...pageFlags,
  }

  async run(): Promise<WebhookEventList> {
    const { flags } = await this.parse(WebhookList)
    const { status = [], provider = [], type = [], since = null } = flags
    const filters = { status, provider, type, since }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const filtered = Object.values(filters).some((filter) => filter !== null && filter.length > 0)
    const list = withFields(await listEvents(await this.open('use'), filters, page), flags.fields)
    return this.reportList(list, (shown, terminal) =>
      formatEvents(shown, { fields: flags.fields, filtered }, terminal),
    )
  }
}

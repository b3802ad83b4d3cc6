/** `mail list`: mails, newest first. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { commaList, pageFlags } from '../../terminal/lists.js'
import { formatMails } from '../../terminal/mail-report.js'
import { listMails, mailStates, type MailList as List } from '../../views/mails.js'

export default class MailList extends BaseCommand {
  static override summary = 'List mails, newest first: what waits, what has gone, what failed.'
  static override examples = [
    '<%= config.bin %> mail list',
    '<%= config.bin %> mail list --status failed,unknown',
    '<%= config.bin %> mail list --tenant acme --kind invoice --json',
  ]
  static override flags = {
    status: commaList('states, by comma', mailStates),
    kind: Flags.string({ description: 'kind of mail, such as invoice or reminder' }),
    tenant: Flags.string({ description: 'subdomain or id; may be given again', multiple: true }),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(MailList)
    const filters = { status: flags.status ?? [], kind: flags.kind ?? null, tenant: flags.tenant ?? [] }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listMails(await this.open('use'), filters, page)
    const filtered = Object.values(filters).some((filter) => filter !== null && filter.length > 0)
    return this.reportList(list, (shown, terminal) => formatMails(shown, filtered, terminal))
  }
}

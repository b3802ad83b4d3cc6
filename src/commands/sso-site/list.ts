/** `sso-site list`: the sites that people are signed in to. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { commaList, pageFlags } from '../../terminal/lists.js'
import { formatSites } from '../../terminal/sso-report.js'
import { listSites, siteStates, type SiteListItem } from '../../views/sso-sites.js'
import type { Page } from '../../database/keyset.js'

export default class SsoSiteList extends BaseCommand {
  static override summary = 'List the sites that people are signed in to, of all tenants or of one.'
  static override description = 'A key is shown by its first characters; the key itself is kept nowhere.'
  static override examples = [
    '<%= config.bin %> sso-site list',
    '<%= config.bin %> sso-site list acme --status active --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id' }) }
  static override flags = { status: commaList('states, by comma', siteStates), ...pageFlags }

  async run(): Promise<Page<SiteListItem>> {
    const { args, flags } = await this.parse(SsoSiteList)
    const filters = { tenant: args.tenant ?? null, status: flags.status ?? [] }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listSites(await this.open('use'), filters, page)
    const filtered = filters.tenant !== null || filters.status.length > 0
    return this.reportList(list, (shown, terminal) => formatSites(shown, filtered, terminal))
  }
}

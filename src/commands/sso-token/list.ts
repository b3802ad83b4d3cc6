/** `sso-token list`: who was let in where. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { commaList, pageFlags } from '../../terminal/lists.js'
import { formatTokens } from '../../terminal/sso-report.js'
import { listSsoTokens, ssoTokenStates } from '../../views/sso-tokens.js'
import type { Page } from '../../database/keyset.js'
import type { SsoTokenJson } from '../../people/sso/tokens.js'

export default class SsoTokenList extends BaseCommand {
  static override summary = 'List tokens, newest first: who was let in where, and by whom.'
  static override description = 'What became of a token is kept for 90 days. The tokens are kept nowhere.'
  static override examples = [
    '<%= config.bin %> sso-token list',
    '<%= config.bin %> sso-token list acme --status redeemed',
    '<%= config.bin %> sso-token list --user ann@acme.test --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id' }) }
  static override flags = {
    user: Flags.string({ description: 'e-mail address or id' }),
    site: Flags.string({ description: 'address or id of the site' }),
    status: commaList('states, by comma', ssoTokenStates),
    ...pageFlags,
  }

  async run(): Promise<Page<SsoTokenJson>> {
    const { args, flags } = await this.parse(SsoTokenList)
    const { user = null, site = null, status = [] } = flags
    const filters = { tenant: args.tenant ?? null, user, site, status }
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listSsoTokens(await this.open('use'), filters, page)
    const filtered = Object.values(filters).some((part) => part !== null && part.length > 0)
    return this.reportList(list, (shown, terminal) => formatTokens(shown, filtered, terminal))
  }
}

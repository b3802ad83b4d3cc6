/** `sso-token redeem`: takes a token as its site would. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { tokenAndKeyInput } from '../../terminal/sso-input.js'
import { formatSession } from '../../terminal/sso-report.js'
import { redeemToken } from '../../people/sso/redeem.js'
import type { SessionJson } from '../../people/sso/session.js'

export default class SsoTokenRedeem extends BaseCommand {
  static override summary = 'Redeem a token as its site, and show who is let in: the token is used up.'
  static override description =
    "Needs the site's key: from ERPMAX_SSO_SITE_KEY, from the file that ERPMAX_SSO_SITE_KEY_FILE names, or as the second line of stdin. A refusal is written to the audit log."
  static override examples = [
    'echo "$TOKEN" | ERPMAX_SSO_SITE_KEY_FILE=/etc/erpnext/site.key <%= config.bin %> sso-token redeem --site https://erp.acme.test --token-stdin',
    'printf "%s\\n%s\\n" "$TOKEN" "$KEY" | <%= config.bin %> sso-token redeem --site https://erp.acme.test --token-stdin --json',
  ]
  static override flags = {
    site: Flags.string({ description: 'address or id of the site', required: true }),
    'token-stdin': Flags.boolean({
      description: 'read the token from stdin, and the key from its second line where there is one',
      default: false,
    }),
  }

  async run(): Promise<{ session: SessionJson }> {
    const { flags } = await this.parse(SsoTokenRedeem)
    const ctx = await this.open('use')
    const asking = { terminal: this.terminal, signal: this.interruption() }
    const secrets = await tokenAndKeyInput(flags['token-stdin'], this.settings, asking)
    const session = await redeemToken(ctx, { ...secrets, site: flags.site, redirect: null })
    return this.report({ session }, formatSession)
  }
}

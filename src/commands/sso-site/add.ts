/** `sso-site add`: a site that people of a tenant are signed in to. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatAddedSite } from '../../terminal/sso-report.js'
import { addSite, type KeyedSite } from '../../people/sso/sites.js'

export default class SsoSiteAdd extends BaseCommand {
  static override summary = 'Add a site, an ERPNext for one, that people of a tenant are signed in to.'
  static override description =
    'The site gets a key of its own, shown once: with it the site redeems the tokens that are issued for it. Kept is the hash alone. Https only, but for this machine outside production.'
  static override examples = [
    '<%= config.bin %> sso-site add acme --site https://erp.acme.test',
    '<%= config.bin %> sso-site add acme --site http://localhost:8000 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    site: Flags.string({
      description: 'its address: scheme, host and port',
      helpValue: '<url>',
      required: true,
    }),
  }

  async run(): Promise<KeyedSite> {
    const { args, flags } = await this.parse(SsoSiteAdd)
    this.auditFailuresAs({ action: 'sso_site.add', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    return this.report(await addSite(ctx, args.tenant, flags.site), formatAddedSite)
  }
}

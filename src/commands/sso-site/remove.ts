/** `sso-site remove`: nobody is signed in to a site any more. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { formatRemovedSite } from '../../terminal/sso-report.js'
import { removeSite, type RemovedSite } from '../../people/sso/sites.js'

export default class SsoSiteRemove extends BaseCommand {
  static override summary = 'Remove a site: its keys and its tokens open nothing any more.'
  static override description =
    'Sessions that the site has opened are its own, and go on there. Added again, the site gets another key.'
  static override examples = [
    '<%= config.bin %> sso-site remove https://erp.acme.test',
    '<%= config.bin %> sso-site remove https://erp.acme.test --yes --json',
  ]
  static override args = { site: Args.string({ description: 'address or id', required: true }) }
  static override flags = { yes: Flags.boolean({ description: 'go on without asking' }) }

  async run(): Promise<RemovedSite> {
    const { args, flags } = await this.parse(SsoSiteRemove)
    this.auditFailuresAs({ action: 'sso_site.remove', kind: 'sso_site', subject: args.site })
    const ctx = await this.open('use')
    await confirmYes(`Remove ${args.site}`, flags.yes, this.terminal)
    return this.report(await removeSite(ctx, args.site), formatRemovedSite)
  }
}

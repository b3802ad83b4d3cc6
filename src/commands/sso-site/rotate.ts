/** `sso-site rotate`: gives a site another key. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { formatRotatedSite } from '../../terminal/sso-report.js'
import { rotateSite, type KeyedSite } from '../../people/sso/sites.js'

export default class SsoSiteRotate extends BaseCommand {
  static override summary = 'Give a site another key, shown once.'
  static override description =
    'Earlier keys are taken for a day more, or for --overlap hours, so that the site can change over. With --now they end at once: until the site has the new one, nobody is signed in to it.'
  static override examples = [
    '<%= config.bin %> sso-site rotate https://erp.acme.test',
    '<%= config.bin %> sso-site rotate https://erp.acme.test --overlap 1',
    '<%= config.bin %> sso-site rotate https://erp.acme.test --now --yes',
  ]
  static override args = { site: Args.string({ description: 'address or id', required: true }) }
  static override flags = {
    overlap: Flags.integer({
      description: 'hours for which earlier keys are taken too',
      helpValue: '<hours>',
      default: 24,
      min: 1,
      max: 720,
    }),
    now: Flags.boolean({ description: 'earlier keys end at once', default: false }),
    yes: Flags.boolean({ description: 'go on without asking' }),
  }

  async run(): Promise<KeyedSite> {
    const { args, flags } = await this.parse(SsoSiteRotate)
    this.auditFailuresAs({ action: 'sso_site.rotate', kind: 'sso_site', subject: args.site })
    const ctx = await this.open('use')
    if (flags.now) await confirmYes(`End the earlier keys of ${args.site} now`, flags.yes, this.terminal)
    return this.report(await rotateSite(ctx, args.site, flags.now ? 0 : flags.overlap), formatRotatedSite)
  }
}

/** `tenant check`: whether a subdomain could be a new tenant's. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatCheck } from '../../terminal/tenant-report.js'
import { checkSubdomain, type SubdomainCheck } from '../../tenants/subdomain.js'

export default class TenantCheck extends BaseCommand {
  static override summary = 'Check whether a subdomain is free, and name near ones where it is not.'
  static override description =
    'Exit code 0 where it is free, 4 where it is taken, reserved or malformed; the result is printed either way.'
  static override examples = [
    '<%= config.bin %> tenant check acme',
    '<%= config.bin %> tenant check acme --json',
  ]
  static override args = {
    subdomain: Args.string({
      description: 'name in the URL: 3 to 56 of a-z, 0-9 and inner hyphens',
      required: true,
    }),
  }

  async run(): Promise<{ check: SubdomainCheck }> {
    const { args } = await this.parse(TenantCheck)
    const check = await checkSubdomain(await this.open('use'), args.subdomain)
    if (!check.available) this.endAs('permission')
    return this.report({ check }, formatCheck)
  }
}

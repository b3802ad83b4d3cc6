/** `module usage`: how much of a tenant's data each module holds. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatUsage } from '../../terminal/module-detail-report.js'
import { showUsage, type ModuleUsage as Usage } from '../../views/module-usage.js'

export default class ModuleUsage extends BaseCommand {
  static override summary = "Show rows and bytes of a tenant's tables, module by module."
  static override description =
    "Rows are the database's estimates, at once however large the tables are; --exact counts them. Modules that are not subscribed to keep their tables."
  static override examples = [
    '<%= config.bin %> module usage acme',
    '<%= config.bin %> module usage acme --exact --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    exact: Flags.boolean({ description: 'count the rows: reads every table', default: false }),
  }

  async run(): Promise<Usage> {
    const { args, flags } = await this.parse(ModuleUsage)
    return this.report(await showUsage(await this.open('use'), args.tenant, flags.exact), formatUsage)
  }
}

/** `module check`: for scripts and gates, exit 0 or 4. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatModuleCheck } from '../../terminal/module-detail-report.js'
import { checkModule, type ModuleCheck as Check } from '../../views/module-check.js'

export default class ModuleCheck extends BaseCommand {
  static override summary = 'Tell whether a tenant is entitled to a module today, until when, and why.'
  static override description =
    'Exits 0 where it is, 4 where it is not, 5 where there is no such tenant or module.'
  static override examples = [
    '<%= config.bin %> module check acme finance',
    '<%= config.bin %> module check acme finance --json',
  ]
  static override args = {
    tenant: Args.string({ description: 'subdomain or id', required: true }),
    module: Args.string({ description: 'code of the module', required: true }),
  }

  async run(): Promise<{ check: Check }> {
    const { args } = await this.parse(ModuleCheck)
    const check = await checkModule(await this.open('use'), args.tenant, args.module)
    if (!check.entitled) this.endAs('permission')
    return this.report({ check }, formatModuleCheck)
  }
}

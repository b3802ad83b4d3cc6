/** `module show`: one module at a glance. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatModule } from '../../terminal/module-detail-report.js'
import { showModule, type ShownModule } from '../../views/module.js'

export default class ModuleShow extends BaseCommand {
  static override summary = 'Show a module: what it needs, what needs it, its prices over time, its tenants.'
  static override examples = [
    '<%= config.bin %> module show finance',
    '<%= config.bin %> module show logistics --json',
  ]
  static override args = { module: Args.string({ description: 'code of the module', required: true }) }

  async run(): Promise<{ module: ShownModule }> {
    const { args } = await this.parse(ModuleShow)
    const module = await showModule(await this.open('use'), args.module)
    return this.report({ module }, formatModule)
  }
}

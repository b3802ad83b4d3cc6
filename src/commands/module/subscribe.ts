/** `module subscribe`: modules for a tenant from today on. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatSubscribed } from '../../terminal/module-change-report.js'
import { chooseModules } from '../../terminal/module-prompts.js'
import { subscribeModules, type SubscribedModules } from '../../workflows/subscribe-modules.js'

export default class ModuleSubscribe extends BaseCommand {
  static override summary = 'Subscribe a tenant to modules from today on, and show what that costs.'
  static override description =
    'The rest of the current period is charged at once, each day at its part of the price; inside a trial nothing is. A module scheduled to be removed stays, without being charged again. Asks which modules where none is named and a person is there.'
  static override examples = [
    '<%= config.bin %> module subscribe acme hr',
    '<%= config.bin %> module subscribe acme logistics --with-required --dry-run',
    '<%= config.bin %> module subscribe acme procurement bi --json',
  ]
  static override args = {
    tenant: Args.string({ description: 'subdomain or id', required: true }),
    modules: Args.string({ description: 'codes of modules', multiple: true }),
  }
  static override flags = {
    'with-required': Flags.boolean({ description: 'take along what the modules need', default: false }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'check and show it all, write nothing',
      default: false,
    }),
  }

  async run(): Promise<SubscribedModules> {
    const { args, flags } = await this.parse(ModuleSubscribe)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'module.subscribe', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const modules = await chooseModules(ctx, args.tenant, args.modules, this.terminal)
    const input = {
      tenant: args.tenant,
      modules,
      withRequired: flags['with-required'],
      dryRun: flags['dry-run'],
    }
    return this.report(await subscribeModules(ctx, input), formatSubscribed)
  }
}

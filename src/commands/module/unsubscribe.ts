/** `module unsubscribe`: with the period's end, or today. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { formatUnsubscribed } from '../../terminal/module-change-report.js'
import { namedModules } from '../../terminal/module-prompts.js'
import { unsubscribeModules, type UnsubscribedModules } from '../../workflows/unsubscribe-modules.js'

export default class ModuleUnsubscribe extends BaseCommand {
  static override summary = 'Unsubscribe a tenant from modules, at the end of the period or now.'
  static override description =
    'At the end of the period nothing is given back, and until then `module subscribe` takes it back. With --now the days left are credited. Inside a trial it is at once. No data is touched: the tables stay.'
  static override examples = [
    '<%= config.bin %> module unsubscribe acme hr',
    '<%= config.bin %> module unsubscribe acme hr --now --reason "moved to another payroll" --yes',
    '<%= config.bin %> module unsubscribe acme oms_wms logistics --dry-run',
  ]
  static override args = {
    tenant: Args.string({ description: 'subdomain or id', required: true }),
    modules: Args.string({ description: 'codes of modules', multiple: true }),
  }
  static override flags = {
    now: Flags.boolean({ description: 'today, with a credit for the days left', default: false }),
    reason: Flags.string({ description: 'why, for the history' }),
    yes: Flags.boolean({ description: 'do not ask whether --now is meant' }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'check and show it all, write nothing',
      default: false,
    }),
  }

  async run(): Promise<UnsubscribedModules> {
    const { args, flags } = await this.parse(ModuleUnsubscribe)
    if (!flags['dry-run'])
      this.auditFailuresAs({ action: 'module.unsubscribe', kind: 'tenant', subject: args.tenant })
    const modules = namedModules(args.modules, 'erpmax module unsubscribe', args.tenant)
    const ctx = await this.open('use')
    if (flags.now && !flags['dry-run'])
      await confirmYes(
        `Unsubscribe ${args.tenant} from ${modules.join(', ')} today`,
        flags.yes,
        this.terminal,
      )
    const { now, reason = null } = flags
    const input = { tenant: args.tenant, modules, now, reason, dryRun: flags['dry-run'] }
    return this.report(await unsubscribeModules(ctx, input), formatUnsubscribed)
  }
}

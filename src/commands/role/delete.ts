/** `role delete`: a role of one's own that nobody has. */
import { deleteRole, type ChangedRoleSet } from '../../people/roles.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { formatChangedRoleSet } from '../../terminal/role-report.js'
import { dryRunFlag, yesFlag } from '../../terminal/subscription-input.js'
import { roleArg, roleTenantFlag } from '../../terminal/user-flags.js'

export default class RoleDelete extends BaseCommand {
  static override summary = 'Delete a role of your own that nobody has.'
  static override description = 'Exits 6 where somebody has it, or is invited with it.'
  static override examples = [
    '<%= config.bin %> role delete accountant --tenant acme',
    '<%= config.bin %> role delete auditor --yes --json',
  ]
  static override args = { role: roleArg }
  static override flags = { tenant: roleTenantFlag, yes: yesFlag, 'dry-run': dryRunFlag }

  async run(): Promise<ChangedRoleSet> {
    const { args, flags } = await this.parse(RoleDelete)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'role.delete', kind: 'role', subject: args.role })
    const ctx = await this.open('use')
    if (!dryRun) await confirmYes(`Delete the role ${args.role}`, flags.yes, this.terminal)
    const input = { role: args.role, tenant: flags.tenant ?? null, dryRun }
    return this.report(await deleteRole(ctx, input), (done, terminal) =>
      formatChangedRoleSet(done, 'deleted', terminal),
    )
  }
}

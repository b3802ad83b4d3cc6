/** `role update`: another name or description. */
import { Flags } from '@oclif/core'
import { updateRole, type ChangedRoleSet } from '../../people/roles.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatChangedRoleSet } from '../../terminal/role-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { roleArg, roleTenantFlag } from '../../terminal/user-flags.js'

export default class RoleUpdate extends BaseCommand {
  static override summary = 'Change the name or the description of a role of your own.'
  static override examples = [
    '<%= config.bin %> role update accountant --tenant acme --name "Senior accountant"',
    '<%= config.bin %> role update auditor --description "" --json',
  ]
  static override args = { role: roleArg }
  static override flags = {
    name: Flags.string({ description: 'what people read' }),
    description: Flags.string({ description: 'what it is for' }),
    tenant: roleTenantFlag,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ChangedRoleSet> {
    const { args, flags } = await this.parse(RoleUpdate)
    const { name, description, 'dry-run': dryRun } = flags
    if (!dryRun) this.auditFailuresAs({ action: 'role.update', kind: 'role', subject: args.role })
    const ctx = await this.open('use')
    const input = { role: args.role, tenant: flags.tenant ?? null, name, description, dryRun }
    return this.report(await updateRole(ctx, input), (done, terminal) =>
      formatChangedRoleSet(done, 'changed', terminal),
    )
  }
}

/** `role create`: a set of permissions gets a name. */
import { Flags } from '@oclif/core'
import { createRole, type ChangedRoleSet } from '../../people/roles.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatChangedRoleSet } from '../../terminal/role-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { roleArg, roleTenantFlag } from '../../terminal/user-flags.js'

export default class RoleCreate extends BaseCommand {
  static override summary = 'Create a role of your own, for a tenant or for all.'
  static override examples = [
    '<%= config.bin %> role create accountant --tenant acme --name Accountant --permissions finance:read,finance:write',
    '<%= config.bin %> role create auditor --name Auditor --description "Sees the books" --permissions finance:read',
  ]
  static override args = { role: roleArg }
  static override flags = {
    name: Flags.string({ description: 'what people read', required: true }),
    description: Flags.string({ description: 'what it is for', default: '' }),
    permissions: Flags.string({
      description: 'what it allows, by comma',
      multiple: true,
      delimiter: ',',
      default: [],
    }),
    tenant: roleTenantFlag,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ChangedRoleSet> {
    const { args, flags } = await this.parse(RoleCreate)
    const { name, description, permissions, 'dry-run': dryRun } = flags
    if (!dryRun) this.auditFailuresAs({ action: 'role.create', kind: 'role', subject: args.role })
    const ctx = await this.open('use')
    const input = { role: args.role, tenant: flags.tenant ?? null, name, description, permissions, dryRun }
    return this.report(await createRole(ctx, input), (done, terminal) =>
      formatChangedRoleSet(done, 'created', terminal),
    )
  }
}

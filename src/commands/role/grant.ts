/** `role grant`: what a role allows besides. */
import { changePermissions, type ChangedRoleSet } from '../../people/roles.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatChangedRoleSet } from '../../terminal/role-report.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { permissionsArg, roleArg, roleTenantFlag } from '../../terminal/user-flags.js'

export default class RoleGrant extends BaseCommand {
  static override summary = 'Let a role of your own do more.'
  static override description =
    'Whoever has it may at once. In the ERP a role that allows nothing but reading is read-only.'
  static override examples = [
    '<%= config.bin %> role grant accountant finance:write crm:read --tenant acme',
    '<%= config.bin %> role grant auditor bi:read --dry-run',
  ]
  static override args = { role: roleArg, permissions: permissionsArg }
  static override flags = { tenant: roleTenantFlag, 'dry-run': dryRunFlag }

  async run(): Promise<ChangedRoleSet> {
    const { args, flags } = await this.parse(RoleGrant)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'role.grant', kind: 'role', subject: args.role })
    const ctx = await this.open('use')
    const input = { ...args, tenant: flags.tenant ?? null, how: 'grant' as const, dryRun }
    return this.report(await changePermissions(ctx, input), (done, terminal) =>
      formatChangedRoleSet(done, 'changed', terminal),
    )
  }
}

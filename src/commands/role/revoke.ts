/** `role revoke`: what a role does not allow any more. */
import { PermissionsCommand } from '../../terminal/permissions-command.js'
import type { ChangedRoleSet } from '../../people/roles.js'

export default class RoleRevoke extends PermissionsCommand {
  static override summary = 'Take permissions away from a role of your own.'
  static override description =
    'Whoever has it loses them at once. In the ERP a role that allows nothing but reading is read-only.'
  static override examples = [
    '<%= config.bin %> role revoke accountant finance:write crm:read --tenant acme',
    '<%= config.bin %> role revoke auditor bi:read --dry-run',
  ]

  run(): Promise<ChangedRoleSet> {
    return this.change('revoke')
  }
}

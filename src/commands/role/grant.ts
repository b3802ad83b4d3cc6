/** `role grant`: what a role allows besides. */
import { PermissionsCommand } from '../../terminal/permissions-command.js'
import type { ChangedRoleSet } from '../../people/roles.js'

export default class RoleGrant extends PermissionsCommand {
  static override summary = 'Let a role of your own do more.'
  static override description =
    'Whoever has it may at once. In the ERP a role that allows nothing but reading is read-only.'
  static override examples = [
    '<%= config.bin %> role grant accountant finance:write crm:read --tenant acme',
    '<%= config.bin %> role grant auditor bi:read --dry-run',
  ]

  run(): Promise<ChangedRoleSet> {
    return this.change('grant')
  }
}

/** `role show`: what a role allows, and who has it. */
import { BaseCommand } from '../../terminal/base-command.js'
import { formatRole } from '../../terminal/role-report.js'
import { roleArg, roleTenantFlag } from '../../terminal/user-flags.js'
import { showRole, type ShownRole } from '../../views/roles.js'

export default class RoleShow extends BaseCommand {
  static override summary = 'Show a role: what it allows, and who has it.'
  static override examples = [
    '<%= config.bin %> role show admin',
    '<%= config.bin %> role show accountant --tenant acme --json',
  ]
  static override args = { role: roleArg }
  static override flags = { tenant: roleTenantFlag }

  async run(): Promise<{ role: ShownRole }> {
    const { args, flags } = await this.parse(RoleShow)
    const role = await showRole(await this.open('use'), args.role, flags.tenant ?? null)
    return this.report({ role }, formatRole)
  }
}

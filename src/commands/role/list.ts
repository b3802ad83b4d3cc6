/** `role list`: the roles there are. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatRoles } from '../../terminal/role-report.js'
import { listRoles, type RoleListItem } from '../../views/roles.js'
import type { Page } from '../../database/keyset.js'

export default class RoleList extends BaseCommand {
  static override summary = 'List roles: the built-in four, those of all tenants, those of single ones.'
  static override examples = [
    '<%= config.bin %> role list',
    '<%= config.bin %> role list --tenant acme --json',
  ]
  static override flags = {
    tenant: Flags.string({ description: 'only those that this tenant can give' }),
  }

  async run(): Promise<Page<RoleListItem>> {
    const { flags } = await this.parse(RoleList)
    return this.reportList(await listRoles(await this.open('use'), flags.tenant ?? null), formatRoles)
  }
}

/** `permission list`: what roles can allow. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatPermissions } from '../../terminal/role-report.js'
import { listPermissions, type PermissionItem } from '../../views/roles.js'
import type { Page } from '../../database/keyset.js'

export default class PermissionList extends BaseCommand {
  static override summary = 'List the permissions that roles are made of.'
  static override examples = [
    '<%= config.bin %> permission list',
    '<%= config.bin %> permission list --module finance --json',
  ]
  static override flags = { module: Flags.string({ char: 'm', description: 'only those of this module' }) }

  async run(): Promise<Page<PermissionItem>> {
    const { flags } = await this.parse(PermissionList)
    return this.reportList(
      await listPermissions(await this.open('use'), flags.module ?? null),
      formatPermissions,
    )
  }
}

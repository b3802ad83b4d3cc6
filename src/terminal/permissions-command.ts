/** What `role grant` and `role revoke` share: the role, the permissions, and what came of it. */
import { changePermissions, type ChangedRoleSet } from '../people/roles.js'
import { BaseCommand } from './base-command.js'
import { formatChangedRoleSet } from './role-report.js'
import { dryRunFlag } from './subscription-input.js'
import { permissionsArg, roleArg, roleTenantFlag } from './user-flags.js'

export abstract class PermissionsCommand extends BaseCommand {
  static override args = { role: roleArg, permissions: permissionsArg }
  static override flags = { tenant: roleTenantFlag, 'dry-run': dryRunFlag }

  protected async change(how: 'grant' | 'revoke'): Promise<ChangedRoleSet> {
    const { args, flags } = await this.parse(PermissionsCommand)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: `role.${how}`, kind: 'role', subject: args.role })
    const ctx = await this.open('use')
    const input = { ...args, tenant: flags.tenant ?? null, how, dryRun }
    return this.report(await changePermissions(ctx, input), (done, terminal) =>
      formatChangedRoleSet(done, 'changed', terminal),
    )
  }
}

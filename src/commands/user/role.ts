/** `user role`: another role for a member. */
import { Args, Flags } from '@oclif/core'
import { changeRole, type ChangedRole } from '../../people/change-role.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { asFlag, tenantArg, userArg } from '../../terminal/user-flags.js'
import { formatChangedRole } from '../../terminal/user-report.js'

export default class UserRole extends BaseCommand {
  static override summary = 'Give a member of a tenant another role; the ERP follows.'
  static override description =
    'In the ERP an owner is SUPER_ADMIN, an admin ADMIN, a user USER, a member USER who only reads. Users and roles of your own may be MANAGER by --erp-role; it stays until USER is given. The last owner stays one.'
  static override examples = [
    '<%= config.bin %> user role acme asha@acme.test admin',
    '<%= config.bin %> user role acme asha@acme.test user --erp-role MANAGER',
    '<%= config.bin %> user role acme asha@acme.test owner --as owner@acme.test --dry-run',
  ]
  static override args = {
    tenant: tenantArg,
    user: userArg,
    role: Args.string({ description: 'owner, admin, user, member, or a role of your own', required: true }),
  }
  static override flags = {
    'erp-role': Flags.string({ description: 'rank in the ERP', options: ['MANAGER', 'USER'] }),
    as: asFlag,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ChangedRole> {
    const { args, flags } = await this.parse(UserRole)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'user.role', kind: 'user', subject: args.user })
    const erpRole = flags['erp-role'] as 'MANAGER' | 'USER' | undefined
    const ctx = await this.open('use')
    const changed = await changeRole(ctx, { ...args, erpRole, as: flags.as ?? null, dryRun })
    return this.report(changed, formatChangedRole)
  }
}

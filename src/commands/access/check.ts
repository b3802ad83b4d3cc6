/** `access check`: may somebody do something, and why? For scripts: exit 0 or 4. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatAccess } from '../../terminal/role-report.js'
import { tenantArg, userArg } from '../../terminal/user-flags.js'
import { checkAccess } from '../../views/access.js'
import type { Access } from '../../people/access.js'

export default class AccessCheck extends BaseCommand {
  static override summary = 'Tell whether somebody may do something in a tenant, and what says so.'
  static override description =
    'Looks at the state of the tenant, the account, the membership, the role and the subscription to the module. Exits 0 where they may, 4 where they may not, 5 where there is no such user or tenant.'
  static override examples = [
    '<%= config.bin %> access check asha@acme.test acme finance:write',
    '<%= config.bin %> access check asha@acme.test acme crm:read --json',
  ]
  static override args = {
    user: userArg,
    tenant: tenantArg,
    permission: Args.string({ description: 'such as finance:write', required: true }),
  }

  async run(): Promise<{ access: Access }> {
    const { args } = await this.parse(AccessCheck)
    const access = await checkAccess(await this.open('use'), args)
    if (!access.allowed) this.endAs('permission')
    return this.report({ access }, formatAccess)
  }
}

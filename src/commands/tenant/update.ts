/** `tenant update`: the particulars and settings of one tenant. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatUpdated } from '../../terminal/lifecycle-report.js'
import { toProfileChanges, updateTenantFlags } from '../../terminal/update-tenant-flags.js'
import { updateTenant, type UpdatedTenant } from '../../workflows/update-tenant.js'

export default class TenantUpdate extends BaseCommand {
  static override summary =
    "Change a tenant's particulars and settings; its own record of its company follows."
  static override description =
    'Shows what was and what is. An empty text takes a particular away: --gstin "". Tax ids are checked by their check digits.'
  static override examples = [
    '<%= config.bin %> tenant update acme --billing-email bills@acme.test --city Pune --postal-code 411001',
    '<%= config.bin %> tenant update acme --gstin 27AAPFU0939F1ZV --dry-run',
    '<%= config.bin %> tenant update acme --set theme=dark --set beta=true --unset motto',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    ...updateTenantFlags,
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
  }

  async run(): Promise<UpdatedTenant> {
    const { args, flags } = await this.parse(TenantUpdate)
    const { set = [], unset = [], 'dry-run': dryRun } = flags
    if (!dryRun) this.auditFailuresAs({ action: 'tenant.update', kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const update = { profile: toProfileChanges(flags), set, unset, dryRun }
    return this.report(await updateTenant(ctx, args.tenant, update), formatUpdated)
  }
}

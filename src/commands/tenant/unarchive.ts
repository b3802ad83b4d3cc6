/** `tenant unarchive`: mild; one or many. */
import { Flags } from '@oclif/core'
import {
  confirmFlags,
  selectorFlags,
  TenantsCommand,
  tenantArgument,
} from '../../terminal/tenants-command.js'
import { formatMove, formatMoveLine } from '../../terminal/lifecycle-report.js'
import { unarchiveTenant } from '../../tenants/archive.js'
import { findTenant, type PlacedTenant } from '../../tenants/find.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { eachTenant } from '../../workflows/each-tenant.js'
import type { BulkResult } from '../../terminal/tenants-command.js'
import type { MovedTenant } from '../../tenants/change-state.js'

export default class TenantUnarchive extends TenantsCommand {
  static override summary =
    'Take tenants out of the archive: they are active again, with everything they had.'
  static override description =
    'One that billing had suspended when it was archived is suspended by billing again: only settling its invoices lifts that.'
  static override examples = [
    '<%= config.bin %> tenant unarchive acme',
    '<%= config.bin %> tenant unarchive --tenant acme --tenant globex --confirm 2',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    reason: Flags.string({ description: 'why, for the history' }),
    ...confirmFlags,
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
    ...selectorFlags,
  }

  async run(): Promise<MovedTenant | BulkResult<MovedTenant>> {
    const { args, flags } = await this.parse(TenantUnarchive)
    const action = 'tenant.unarchive'
    const dryRun = flags['dry-run']
    const selector = await this.selectorFrom(args.tenant, flags)
    if (args.tenant && !dryRun) this.auditFailuresAs({ action, kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const tenants = selector ? await selectTenants(ctx, selector) : [await findTenant(ctx, args.tenant ?? '')]
    if (!dryRun) await this.confirmMany('This unarchives', tenants, flags)
    const request = { reason: flags.reason ?? null, dryRun }
    const unarchive = (tenant: PlacedTenant): Promise<MovedTenant> => unarchiveTenant(ctx, tenant, request)
    const [one] = tenants
    if (!selector && one) return this.report(await unarchive(one), formatMove)
    const outcomes = eachTenant(ctx, tenants, dryRun ? null : action, unarchive)
    return this.reportOutcomes(outcomes, formatMoveLine, dryRun)
  }
}

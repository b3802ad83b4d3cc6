/** `tenant resume`: mild; one or many. */
import { Flags } from '@oclif/core'
import {
  confirmFlags,
  selectorFlags,
  TenantsCommand,
  tenantArgument,
} from '../../terminal/tenants-command.js'
import { formatMove, formatMoveLine } from '../../terminal/lifecycle-report.js'
import { findTenant, type PlacedTenant } from '../../tenants/find.js'
import { liftSuspension } from '../../tenants/suspend.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { eachTenant } from '../../workflows/each-tenant.js'
import type { BulkResult } from '../../terminal/tenants-command.js'
import type { MovedTenant } from '../../tenants/change-state.js'

export default class TenantResume extends TenantsCommand {
  static override summary = 'Lift the suspension of tenants that an operator suspended.'
  static override description =
    'A suspension by billing is refused here (exit 6): only settling every overdue invoice lifts it.'
  static override examples = [
    '<%= config.bin %> tenant resume acme',
    '<%= config.bin %> tenant resume --status suspended --confirm 12 --reason "maintenance is over"',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    reason: Flags.string({ description: 'why, for the history' }),
    ...confirmFlags,
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
    ...selectorFlags,
  }

  async run(): Promise<MovedTenant | BulkResult<MovedTenant>> {
    const { args, flags } = await this.parse(TenantResume)
    const action = 'tenant.resume'
    const dryRun = flags['dry-run']
    const selector = await this.selectorFrom(args.tenant, flags)
    if (args.tenant && !dryRun) this.auditFailuresAs({ action, kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const tenants = selector ? await selectTenants(ctx, selector) : [await findTenant(ctx, args.tenant ?? '')]
    if (!dryRun) await this.confirmMany('This resumes', tenants, flags)
    const request = { cause: 'operator', reason: flags.reason ?? null, dryRun } as const
    const resume = (tenant: PlacedTenant): Promise<MovedTenant> => liftSuspension(ctx, tenant, request)
    const [one] = tenants
    if (!selector && one) return this.report(await resume(one), formatMove)
    const outcomes = eachTenant(ctx, tenants, dryRun ? null : action, resume)
    return this.reportOutcomes(outcomes, formatMoveLine, dryRun)
  }
}

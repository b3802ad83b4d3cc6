/** `tenant suspend`: moderate; one or many. */
import { Flags } from '@oclif/core'
import {
  confirmFlags,
  selectorFlags,
  TenantsCommand,
  tenantArgument,
} from '../../terminal/tenants-command.js'
import { formatMove, formatMoveLine } from '../../terminal/lifecycle-report.js'
import { findTenant, type PlacedTenant } from '../../tenants/find.js'
import { suspendTenant } from '../../tenants/suspend.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { eachTenant } from '../../workflows/each-tenant.js'
import type { BulkResult } from '../../terminal/tenants-command.js'
import type { MovedTenant } from '../../tenants/change-state.js'

export default class TenantSuspend extends TenantsCommand {
  static override summary =
    'Suspend tenants: their people, jobs and new modules are refused, with your reason.'
  static override description =
    'Invoices go on unless --no-bill is given. Its data stays and can be shown and exported; tenant resume lifts it.'
  static override examples = [
    '<%= config.bin %> tenant suspend acme --reason "chargeback of 2026-02-10" --yes',
    '<%= config.bin %> tenant suspend acme --reason "asked for a break" --no-bill --dry-run',
    '<%= config.bin %> tenant suspend --tier FREE --exclude globex --reason "maintenance" --confirm 12',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    reason: Flags.string({ description: 'why; everybody who is refused is told', required: true }),
    'no-bill': Flags.boolean({ description: 'no invoices while it is suspended', default: false }),
    ...confirmFlags,
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
    ...selectorFlags,
  }

  async run(): Promise<MovedTenant | BulkResult<MovedTenant>> {
    const { args, flags } = await this.parse(TenantSuspend)
    const action = 'tenant.suspend'
    const dryRun = flags['dry-run']
    const selector = await this.selectorFrom(args.tenant, flags)
    if (args.tenant && !dryRun) this.auditFailuresAs({ action, kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const tenants = selector ? await selectTenants(ctx, selector) : [await findTenant(ctx, args.tenant ?? '')]
    if (!dryRun) await this.confirmModerate('suspend', tenants, flags)
    const suspension = { cause: 'operator', reason: flags.reason, bills: !flags['no-bill'], dryRun } as const
    const suspend = (tenant: PlacedTenant): Promise<MovedTenant> => suspendTenant(ctx, tenant, suspension)
    const [one] = tenants
    if (!selector && one) return this.report(await suspend(one), formatMove)
    const outcomes = eachTenant(ctx, tenants, dryRun ? null : action, suspend)
    return this.reportOutcomes(outcomes, formatMoveLine, dryRun)
  }
}

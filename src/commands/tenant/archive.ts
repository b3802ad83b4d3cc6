/** `tenant archive`: moderate; one or many. */
import { Flags } from '@oclif/core'
import { drain } from '../../kernel/workflow.js'
import {
  confirmFlags,
  selectorFlags,
  TenantsCommand,
  tenantArgument,
} from '../../terminal/tenants-command.js'
import { formatMove, formatMoveLine } from '../../terminal/lifecycle-report.js'
import { findTenant } from '../../tenants/find.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { archiveTenant, type ArchivedTenant } from '../../workflows/archive-tenant.js'
import { eachTenant } from '../../workflows/each-tenant.js'
import type { BulkResult } from '../../terminal/tenants-command.js'

export default class TenantArchive extends TenantsCommand {
  static override summary = 'Put tenants away: exported first, then out of use with everything they have.'
  static override description =
    'Nothing is lost: tenant unarchive brings it back. After 30 days it can be deleted.'
  static override examples = [
    '<%= config.bin %> tenant archive acme --reason "contract ended" --yes',
    '<%= config.bin %> tenant archive acme --no-backup --dry-run',
    '<%= config.bin %> tenant archive --from-file leaving.txt --confirm 7',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    reason: Flags.string({ description: 'why, for the history' }),
    'no-backup': Flags.boolean({ description: 'without the export before', default: false }),
    ...confirmFlags,
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
    ...selectorFlags,
  }

  async run(): Promise<ArchivedTenant | BulkResult<ArchivedTenant>> {
    const { args, flags } = await this.parse(TenantArchive)
    const action = 'tenant.archive'
    const dryRun = flags['dry-run']
    const selector = await this.selectorFrom(args.tenant, flags)
    if (args.tenant && !dryRun) this.auditFailuresAs({ action, kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const tenants = selector ? await selectTenants(ctx, selector) : [await findTenant(ctx, args.tenant ?? '')]
    if (!dryRun) await this.confirmModerate('archive', tenants, flags)
    const request = { reason: flags.reason ?? null, backup: !flags['no-backup'], dryRun }
    const [one] = tenants
    if (!selector && one) return this.report(await this.follow(archiveTenant(ctx, one, request)), formatMove)
    const outcomes = eachTenant(ctx, tenants, dryRun ? null : action, (tenant) =>
      drain(archiveTenant(ctx, tenant, request)),
    )
    return this.reportOutcomes(outcomes, formatMoveLine, dryRun)
  }
}

/** `tenant reconcile`: do rows and schemas agree? */
import { Flags } from '@oclif/core'
import { formatReconciled } from '../../terminal/reconcile-report.js'
import { selectorFlags, tenantArgument, TenantsCommand } from '../../terminal/tenants-command.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { inspect } from '../../workflows/reconcile/inspect.js'
import { mendable, settle, type Reconciled } from '../../workflows/reconcile/reconcile.js'

export default class TenantReconcile extends TenantsCommand {
  static override summary =
    'Compare the rows of tenants with their schemas, both ways; say what mends each difference.'
  static override description =
    'Without a choice of tenants the whole fleet, and the schemas that belong to nobody. Exits 0 where all agree, 3 where something was found and is left. --fix does only what is safe: it marks creations as failed that nobody works at any more, ends their jobs and others whose process is gone, records the fingerprint of a whole schema anew, and gives a subscription the free base module. It drops nothing.'
  static override examples = [
    '<%= config.bin %> tenant reconcile',
    '<%= config.bin %> tenant reconcile acme --deep',
    '<%= config.bin %> tenant reconcile --status active,suspended --json',
    '<%= config.bin %> tenant reconcile --all --fix --dry-run',
    '<%= config.bin %> tenant reconcile --all --fix --yes --ndjson',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    ...selectorFlags,
    ndjson: Flags.boolean({ description: 'a finding a line, then what --fix did of it, the result last' }),
    deep: Flags.boolean({
      description: 'compare columns, indexes and keys too, not the tables alone',
      default: false,
    }),
    fix: Flags.boolean({ description: 'mend what can be mended safely', default: false }),
    yes: Flags.boolean({ char: 'y', description: 'mend without asking', dependsOn: ['fix'] }),
    confirm: Flags.string({
      description: 'the number of tenants to mend, as confirmation',
      dependsOn: ['fix'],
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      description: 'with --fix: say what would be mended, mend nothing',
      default: false,
    }),
  }

  async run(): Promise<Reconciled> {
    const { args, flags } = await this.parse(TenantReconcile)
    const { deep, fix, 'dry-run': dryRun } = flags
    const selector = await this.choiceFrom(args.tenant, flags)
    if (fix && !dryRun)
      this.auditFailuresAs({ action: 'tenant.reconcile', kind: 'tenants', subject: args.tenant ?? 'fleet' })
    const ctx = await this.open('use')
    const tenants = selector === null ? null : await selectTenants(ctx, selector)
    const inspected = await this.stream('finding', inspect(ctx, { tenants, deep }))
    if (fix && !dryRun) await this.confirmMany('This mends', mendable(inspected), flags)
    const reconciled = await this.stream('mended', settle(ctx, inspected, { fix, dryRun }))
    if (reconciled.left > 0) this.endAs('partial')
    return this.report(reconciled, formatReconciled)
  }
}

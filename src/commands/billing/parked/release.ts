/** `billing parked release`: the next run bills them again. */
import { releaseAccount, type ReleasedAccount } from '../../../billing/parked.js'
import { formatReleased, formatReleasedLine } from '../../../terminal/parked-report.js'
import { parkedFlags } from '../../../terminal/parked-flags.js'
import {
  selectorFlags,
  tenantArgument,
  TenantsCommand,
  type BulkResult,
} from '../../../terminal/tenants-command.js'
import { selectParked } from '../../../views/parked.js'
import { eachTenant } from '../../../workflows/each-tenant.js'

export default class BillingParkedRelease extends TenantsCommand {
  static override summary = 'Release parked accounts: the next run bills them again.'
  static override description =
    'One that still cannot be billed is parked anew. A price that was parked for its jump is accepted by that. billing parked retry bills at once.'
  static override examples = [
    '<%= config.bin %> billing parked release acme --note "new price is agreed"',
    '<%= config.bin %> billing parked release --all --code fx.rate_missing --yes',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = { ...parkedFlags, ...selectorFlags }

  async run(): Promise<ReleasedAccount | BulkResult<ReleasedAccount>> {
    const { args, flags } = await this.parse(BillingParkedRelease)
    const [action, dryRun] = ['billing.release', flags['dry-run']]
    if (args.tenant && !dryRun) this.auditFailuresAs({ action, kind: 'tenant', subject: args.tenant })
    const selector = await this.selectorFrom(args.tenant, flags)
    const ctx = await this.open('use')
    const accounts = await selectParked(ctx, selector ?? args.tenant ?? '', flags.code ?? null)
    const release = (account: (typeof accounts)[number]): Promise<ReleasedAccount> =>
      releaseAccount(ctx, account, { note: flags.note ?? null, dryRun })
    const [one] = accounts
    if (!selector && one) return this.report(await release(one), formatReleased)
    if (!dryRun) await this.confirmMany('This releases', accounts, flags)
    return this.reportOutcomes(
      eachTenant(ctx, accounts, dryRun || accounts.length === 0 ? null : action, release),
      formatReleasedLine,
      dryRun,
    )
  }
}

/** `billing parked retry`: released and billed at once. */
import { Flags } from '@oclif/core'
import { formatRunProgress } from '../../../terminal/invoice-run-report.js'
import { formatRetried } from '../../../terminal/parked-report.js'
import { parkedFlags } from '../../../terminal/parked-flags.js'
import { followRun } from '../../../terminal/run-progress.js'
import { selectorFlags, tenantArgument, TenantsCommand } from '../../../terminal/tenants-command.js'
import { selectParked } from '../../../views/parked.js'
import { retryParked, type RetriedAccounts } from '../../../workflows/retry-parked.js'

export default class BillingParkedRetry extends TenantsCommand {
  static override summary = 'Release parked accounts and bill them at once.'
  static override description =
    'One that still cannot be billed is parked anew, with its reason; exit code 3 then. A price that was parked for its jump is accepted by that.'
  static override examples = [
    '<%= config.bin %> billing parked retry acme',
    '<%= config.bin %> billing parked retry --all --code fx.rate_missing --yes',
    '<%= config.bin %> billing parked retry acme --max-catch-up 60 --dry-run',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    'max-catch-up': Flags.integer({ description: 'periods of one subscription at most', min: 1, max: 600 }),
    wait: Flags.boolean({ description: 'wait while another run goes on, instead of exiting 7' }),
    ndjson: Flags.boolean({ description: 'each batch with its documents as a line, the result last' }),
    ...parkedFlags,
    ...selectorFlags,
  }

  async run(): Promise<RetriedAccounts | { released: string[]; dry_run: boolean }> {
    const { args, flags } = await this.parse(BillingParkedRetry)
    const dryRun = flags['dry-run']
    const subject = args.tenant ?? 'several tenants'
    if (!dryRun) this.auditFailuresAs({ action: 'billing.retry', kind: 'tenant', subject })
    const selector = await this.selectorFrom(args.tenant, flags)
    const ctx = await this.open('use')
    const accounts = await selectParked(ctx, selector ?? args.tenant ?? '', flags.code ?? null)
    if (accounts.length === 0)
      return this.report({ released: [], dry_run: dryRun }, () => 'No parked account matches.')
    if (selector && !dryRun) await this.confirmMany('This releases and bills', accounts, flags)
    const result = await followRun(
      retryParked(ctx, accounts, {
        ...{ note: flags.note ?? null, catchUp: flags['max-catch-up'] ?? null },
        ...{ wait: flags.wait ?? false, dryRun },
      }),
      this.progressMode,
      formatRunProgress,
    )
    if (result.run.parked > 0) this.endAs('partial')
    return this.report(result, formatRetried)
  }
}

/** `invoice generate`: bills everything that is due. */
import { Args, Flags } from '@oclif/core'
import { generateInvoices, type GeneratedRun } from '../../billing/runs/generate.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { formatRun, formatRunProgress } from '../../terminal/invoice-run-report.js'
import { followRun } from '../../terminal/run-progress.js'
import { selectorFlags, TenantsCommand } from '../../terminal/tenants-command.js'
import { dayFlag } from '../../terminal/day-flag.js'

export default class InvoiceGenerate extends TenantsCommand {
  static override summary =
    'Bill everything that is due: one invoice for each tenant and period, oldest first.'
  static override description =
    'Safe to start twice and after any interruption: what is billed stays billed and is not billed again. Exits 3 where an account was parked, 7 while another run goes on.'
  static override examples = [
    '<%= config.bin %> invoice generate --all',
    '<%= config.bin %> invoice generate acme --dry-run',
    '<%= config.bin %> invoice generate --all --as-of 2026-12-31 --dry-run --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id; or choose with the flags' }) }
  static override flags = {
    ...selectorFlags,
    'as-of': dayFlag('bill what is due up to and with this day; later than today only with --dry-run'),
    'max-catch-up': Flags.integer({ description: 'periods of one subscription at most', min: 1, max: 600 }),
    wait: Flags.boolean({ description: 'wait while another run goes on, instead of exiting 7' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'show every line, write nothing' }),
    ndjson: Flags.boolean({ description: 'each batch with its documents as a line, the result last' }),
  }

  async run(): Promise<GeneratedRun> {
    const { args, flags } = await this.parse(InvoiceGenerate)
    this.auditFailuresAs({
      action: 'invoice.generate',
      kind: 'billing_run',
      subject: args.tenant ?? 'several tenants',
    })
    const selector = await this.selectorFrom(args.tenant, flags)
    const ctx = await this.open('use')
    const everybody =
      flags.all &&
      selector !== null &&
      Object.values(selector).every((part) => part === null || part.length === 0)
    const tenants = everybody ? null : await selectTenants(ctx, selector ?? onlyThis(args.tenant ?? ''))
    const result = await followRun(
      generateInvoices(ctx, {
        tenants: tenants?.map(({ id }) => id) ?? null,
        asOf: flags['as-of'] ?? null,
        catchUp: flags['max-catch-up'] ?? null,
        dryRun: flags['dry-run'] ?? false,
        wait: flags.wait ?? false,
        everyDocument: flags.ndjson ?? false,
      }),
      this.progressMode,
      formatRunProgress,
    )
    if (result.run.parked > 0) this.endAs('partial')
    return this.report(result, formatRun)
  }
}

function onlyThis(tenant: string): Parameters<typeof selectTenants>[1] {
  return { named: [tenant], status: [], tier: [], module: [], exclude: [] }
}

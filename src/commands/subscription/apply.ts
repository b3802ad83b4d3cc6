/** `subscription apply`: what is due happens. */
import { Flags } from '@oclif/core'
import { plainDate } from '../../kernel/dates.js'
import { formatApplied } from '../../terminal/subscription-change-report.js'
import { dryRunFlag, yesFlag } from '../../terminal/subscription-input.js'
import {
  selectorFlags,
  tenantArgument,
  TenantsCommand,
  type BulkResult,
  type SelectorFlags,
} from '../../terminal/tenants-command.js'
import { applySubscriptions, type AppliedToTenant } from '../../workflows/apply-subscriptions.js'
import { selectDue } from '../../views/due-tenants.js'

export default class SubscriptionApply extends TenantsCommand {
  static override summary =
    'Apply what is due: trials that end, cancellations, scheduled changes of tier, cycle and modules.'
  static override description =
    'Without a choice of tenants: everything that is due, as a daily job runs it, without a question. Each takes effect on its own day, however late it is applied. A tenant whose change no longer fits is reported, its change stays scheduled, and the exit code is 3.'
  static override examples = [
    '<%= config.bin %> subscription apply',
    '<%= config.bin %> subscription apply --dry-run --as-of 2027-01-31',
    '<%= config.bin %> subscription apply acme --json',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    ...selectorFlags,
    'as-of': Flags.string({
      description: 'what is due on this day or before; a later one than today with --dry-run only',
      helpValue: '<date>',
    }),
    yes: yesFlag,
    confirm: Flags.string({ description: 'the number of chosen tenants, where there are several' }),
    'dry-run': dryRunFlag,
    ndjson: Flags.boolean({ description: 'an outcome a line, the result last' }),
  }

  async run(): Promise<BulkResult<AppliedToTenant>> {
    const { args, flags } = await this.parse(SubscriptionApply)
    const dryRun = flags['dry-run']
    const asOf = flags['as-of'] === undefined ? null : plainDate(flags['as-of'])
    const selector = this.#choosesAll(args.tenant, flags) ? null : await this.selectorFrom(args.tenant, flags)
    const ctx = await this.open('use')
    const due = await selectDue(ctx, args.tenant ?? selector, { asOf, dryRun })
    if (due.length === 0) return this.report(nothingDue(dryRun), () => 'Nothing is due.')
    if (selector && !dryRun) await this.confirmMany('This applies what is due to', due, flags)
    return this.reportOutcomes(applySubscriptions(ctx, due, dryRun), formatApplied, dryRun)
  }

  #choosesAll(argument: string | undefined, flags: SelectorFlags): boolean {
    return (
      argument === undefined &&
      Object.keys(selectorFlags).every((name) => flags[name as keyof SelectorFlags] === undefined)
    )
  }
}

function nothingDue(dryRun: boolean): BulkResult<AppliedToTenant> {
  return { items: [], next_cursor: null, succeeded: 0, failed: 0, dry_run: dryRun }
}

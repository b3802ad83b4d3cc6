/** `usage record`: what a tenant used, one record or a file of them. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { linesOf } from '../../terminal/line-input.js'
import { usageArguments, type UsageTally } from '../../terminal/usage-arguments.js'
import { formatRecorded, formatTallied } from '../../terminal/usage-report.js'
import { recordUsage, recordUsageLines, type UsageRecorded } from '../../subscriptions/record-usage.js'
import { metrics, usageLines } from '../../subscriptions/usage-lines.js'

export default class UsageRecordCommand extends BaseCommand {
  static override summary =
    'Record what a tenant used: people, storage or API calls. The same key counts once.'
  static override description =
    'api_calls add up over the month; users and storage_bytes are readings, of which the latest counts. A file holds NDJSON or CSV with a header, of the fields tenant, metric, quantity, key and at; the tenant and the metric may be given here instead. Each line stands for itself: exit 3 where some were refused.'
  static override examples = [
    '<%= config.bin %> usage record acme --metric api_calls --quantity 250 --key 2026-02-10T09:00-api',
    '<%= config.bin %> usage record acme --metric storage_bytes --quantity 5000000000 --key feb-10 --at 2026-02-10',
    '<%= config.bin %> usage record --from-file usage.csv --json',
    `printf '{"quantity": 3, "key": "k1"}\\n' | <%= config.bin %> usage record acme --metric api_calls --from-file -`,
  ]
  static override args = {
    tenant: Args.string({
      description: 'subdomain or id; in a file each line may name its own',
    }),
  }
  static override flags = {
    metric: Flags.option({ description: 'what was used', options: metrics })(),
    quantity: Flags.string({ description: 'a whole number', exclusive: ['from-file'] }),
    key: Flags.string({
      description: 'names the record: sent again it changes nothing',
      exclusive: ['from-file'],
    }),
    at: Flags.string({
      description: 'when it was, RFC 3339, a day in UTC, or an age; default now',
      exclusive: ['from-file'],
    }),
    'from-file': Flags.string({ char: 'f', description: 'a file of records, NDJSON or CSV; - is stdin' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, record nothing', default: false }),
    ndjson: Flags.boolean({ description: 'an outcome a line, the result last' }),
  }

  async run(): Promise<{ record: UsageRecorded } | UsageTally> {
    const { args, flags } = await this.parse(UsageRecordCommand)
    const { tenant = null } = args
    const { metric = null } = flags
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'usage.record', kind: 'tenant', subject: tenant ?? '' })
    if (flags['from-file'] === undefined) {
      const fields = usageArguments({ ...flags, tenant })
      const record = await recordUsage(await this.open('use'), fields, dryRun)
      return this.report({ record }, formatRecorded)
    }
    const lines = await linesOf(flags['from-file'])
    const ctx = await this.open('use')
    const parsed = usageLines(lines, { tenant, metric }, ctx.clock.now())
    const items = await this.collect(recordUsageLines(ctx, parsed, dryRun))
    const count = (outcome: string): number => items.filter((item) => item.outcome === outcome).length
    const failed = count('failed')
    if (failed > 0) this.endAs('partial')
    const counts = { recorded: count('recorded'), already_recorded: count('already_recorded'), failed }
    return this.report({ items, next_cursor: null, ...counts, dry_run: dryRun }, formatTallied)
  }
}

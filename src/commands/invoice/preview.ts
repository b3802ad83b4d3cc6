/** `invoice preview`: what the next run would bill. */
import { Args } from '@oclif/core'
import { previewInvoice, type InvoicePreview as Preview } from '../../billing/preview.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { dayFlag } from '../../terminal/day-flag.js'
import { formatPreview } from '../../terminal/invoice-preview-report.js'

export default class InvoicePreview extends BaseCommand {
  static override summary = 'Show what the next run would bill a tenant, and write nothing.'
  static override description =
    'What is due now; where nothing is, the next period. A day to come is taken for today: with the changes that are scheduled until then, and its prices, taxes and rates as far as they are on file.'
  static override examples = [
    '<%= config.bin %> invoice preview acme',
    '<%= config.bin %> invoice preview acme --as-of 2027-04-01 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = { 'as-of': dayFlag('bill up to and with this day') }

  async run(): Promise<{ preview: Preview }> {
    const { args, flags } = await this.parse(InvoicePreview)
    const ctx = await this.open('use')
    return this.report(await previewInvoice(ctx, args.tenant, flags['as-of'] ?? null), formatPreview)
  }
}

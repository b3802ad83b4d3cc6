/** `invoice list`: what was invoiced and what is open of it. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { invoiceFilter, invoiceFlags, isFiltered } from '../../terminal/document-flags.js'
import { formatInvoices, invoiceFields, sumsOf } from '../../terminal/invoice-list-report.js'
import { fieldsFlag, pageFlags, withFields } from '../../terminal/lists.js'
import { invoiceOrders, listInvoices, type InvoiceList as List } from '../../views/invoices.js'

export default class InvoiceList extends BaseCommand {
  static override summary = 'List invoices with what is open of them, and the sums in each currency.'
  static override description =
    'Newest first. The sums are of everything that matches, on all pages; void invoices count with nothing in them.'
  static override examples = [
    '<%= config.bin %> invoice list',
    '<%= config.bin %> invoice list --tenant acme --status open,paid',
    '<%= config.bin %> invoice list --overdue --sort due --json',
    '<%= config.bin %> invoice list --issued-from 2026-04-01 --issued-to 2026-04-30 --currency INR',
    '<%= config.bin %> invoice list --number ERP/26-27 --fields number,issue_date,total --limit 500',
  ]
  static override flags = {
    ...invoiceFlags,
    sort: Flags.string({
      description: 'order; - for descending',
      options: invoiceOrders,
      default: '-issued',
    }),
    fields: fieldsFlag(invoiceFields),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(InvoiceList)
    const filter = invoiceFilter(flags)
    const ctx = await this.open('use')
    const page = { sort: flags.sort, limit: flags.limit, cursor: flags.cursor ?? null }
    const list = withFields(await listInvoices(ctx, filter, page), flags.fields)
    const shown = { fields: flags.fields, filtered: isFiltered(filter) }
    return this.reportList(list, (page, terminal) => formatInvoices(page, shown, terminal), sumsOf(list))
  }
}

/** `invoice export`: invoices as PDF, web page, data or draft of an e-invoice. */
import { Args } from '@oclif/core'
import { invoiceFilter, invoiceFlags, isFiltered } from '../../terminal/document-flags.js'
import { ExportCommand, exportFlags, type ExportResult } from '../../terminal/export-command.js'
import { selectInvoices } from '../../views/exported-documents.js'
import { exportDocuments } from '../../workflows/export-documents.js'

export default class InvoiceExport extends ExportCommand {
  static override summary = 'Write invoices as PDF, HTML, JSON, CSV, or as drafts of Indian e-invoices.'
  static override description =
    'Named, or chosen with flags. Each gets a file of its own in a folder; CSV and JSON hold several in one file too. The same invoice gives the same bytes, until it is paid, credited or void. inv-01 is for supplies under GST to businesses, special economic zones and abroad; it carries the computed IRN and is marked a draft.'
  static override examples = [
    '<%= config.bin %> invoice export ERP/26-27/00001 --output invoice.pdf',
    '<%= config.bin %> invoice export ERP/26-27/00001 --format html > invoice.html',
    '<%= config.bin %> invoice export --tenant acme --issued-from 2026-04-01 --output invoices/ --force',
    '<%= config.bin %> invoice export --issued-from 2026-04-01 --issued-to 2026-04-30 --format csv -o april.csv',
    '<%= config.bin %> invoice export ERP/26-27/00001 --format inv-01 --output drafts/ --json',
  ]
  static override strict = false
  static override args = {
    invoice: Args.string({
      description: 'number or id; several of them one after the other',
    }),
  }
  static override flags = { ...exportFlags, ...invoiceFlags }

  async run(): Promise<ExportResult> {
    const { argv, flags } = await this.parse(InvoiceExport)
    const named = argv as string[]
    const filter = invoiceFilter(flags)
    this.requireChoice(named, isFiltered(filter), 'invoice')
    const input = this.exportTo(flags)
    const ctx = await this.open('use')
    const documents = await selectInvoices(ctx, named, filter)
    const outcomes = exportDocuments(ctx, { kind: 'invoice', documents, ...input })
    return this.reportExport(outcomes, { output: input.output, noun: 'invoice' })
  }
}

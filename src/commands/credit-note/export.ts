/** `credit-note export`: credit notes in the forms of invoices. */
import { Args } from '@oclif/core'
import { creditNoteFilter, creditNoteFlags, isFiltered } from '../../terminal/document-flags.js'
import { ExportCommand, exportFlags, type ExportResult } from '../../terminal/export-command.js'
import { selectCreditNotes } from '../../views/exported-documents.js'
import { exportDocuments } from '../../workflows/export-documents.js'

export default class CreditNoteExport extends ExportCommand {
  static override summary = 'Write credit notes as PDF, HTML, JSON, CSV, or as drafts of Indian e-invoices.'
  static override description =
    'Named, or chosen with flags. Each gets a file of its own in a folder; CSV and JSON hold several in one file too.'
  static override examples = [
    '<%= config.bin %> credit-note export CN/26-27/00001 --output credit-note.pdf',
    '<%= config.bin %> credit-note export --tenant acme --format csv --output -',
    '<%= config.bin %> credit-note export --invoice ERP/26-27/00001 --output credits/ --json',
  ]
  static override strict = false
  static override args = {
    credit_note: Args.string({
      description: 'number or id; several of them one after the other',
    }),
  }
  static override flags = { ...exportFlags, ...creditNoteFlags }

  async run(): Promise<ExportResult> {
    const { argv, flags } = await this.parse(CreditNoteExport)
    const named = argv as string[]
    const filter = creditNoteFilter(flags)
    this.requireChoice(named, isFiltered(filter), 'credit note')
    const input = this.exportTo(flags)
    const ctx = await this.open('use')
    const documents = await selectCreditNotes(ctx, named, filter)
    const outcomes = exportDocuments(ctx, { kind: 'credit_note', documents, ...input })
    return this.reportExport(outcomes, { output: input.output, noun: 'credit note' })
  }
}

/** `credit-note list`: what was credited. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { creditNoteFields, creditSumsOf, formatCreditNotes } from '../../terminal/credit-note-report.js'
import { creditNoteFilter, creditNoteFlags, isFiltered } from '../../terminal/document-flags.js'
import { fieldsFlag, pageFlags, withFields } from '../../terminal/lists.js'
import { creditNoteOrders, listCreditNotes, type CreditNoteList as List } from '../../views/credit-notes.js'

export default class CreditNoteList extends BaseCommand {
  static override summary = 'List credit notes with the invoices they correct, and the sums in each currency.'
  static override examples = [
    '<%= config.bin %> credit-note list',
    '<%= config.bin %> credit-note list --tenant acme --issued-from 2026-04-01 --json',
    '<%= config.bin %> credit-note list --invoice ERP/26-27/00001 --fields number,total,applied',
  ]
  static override flags = {
    ...creditNoteFlags,
    sort: Flags.string({
      description: 'order; - for descending',
      options: creditNoteOrders,
      default: '-issued',
    }),
    fields: fieldsFlag(creditNoteFields),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(CreditNoteList)
    const filter = creditNoteFilter(flags)
    const ctx = await this.open('use')
    const page = { sort: flags.sort, limit: flags.limit, cursor: flags.cursor ?? null }
    const list = withFields(await listCreditNotes(ctx, filter, page), flags.fields)
    const shown = { fields: flags.fields, filtered: isFiltered(filter) }
    return this.reportList(
      list,
      (page, terminal) => formatCreditNotes(page, shown, terminal),
      creditSumsOf(list),
    )
  }
}

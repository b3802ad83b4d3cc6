/** `credit-note show`: one credit note, and where its money went. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatCreditNote } from '../../terminal/credit-note-report.js'
import { showCreditNote, type ShownCreditNote } from '../../views/credit-notes.js'

export default class CreditNoteShow extends BaseCommand {
  static override summary =
    'Show a credit note: its lines, the invoice it corrects, and where its money went.'
  static override examples = [
    '<%= config.bin %> credit-note show CN/26-27/00001',
    '<%= config.bin %> credit-note show CN/26-27/00001 --json',
  ]
  static override args = { credit_note: Args.string({ description: 'number or id', required: true }) }

  async run(): Promise<{ credit_note: ShownCreditNote }> {
    const { args } = await this.parse(CreditNoteShow)
    return this.report(await showCreditNote(await this.open('use'), args.credit_note), formatCreditNote)
  }
}

/** What a person reads after `credit-note list` and `credit-note show`. */
import { formatAmounts, formatLines, taxAmounts } from './document-text.js'
import { formatFacts } from './format.js'
import { partyText } from './invoice-report.js'
import { formatColumns, type Fields } from './lists.js'
import { counted, moneyText } from './money-text.js'
import type { CreditNoteList, CreditNoteListItem, ShownCreditNote } from '../views/credit-notes.js'
import type { Terminal } from './terminal.js'

/** Each column reads the field of its own name alone: with `--fields` the others are not there. */
export const creditNoteFields: Fields<CreditNoteListItem> = {
  number: { title: 'Number', value: (note) => note.number, whole: true },
  tenant: { title: 'Tenant', value: (note) => note.tenant, flexible: true },
  invoice: { title: 'Invoice', value: (note) => note.invoice },
  issue_date: { title: 'Issued', value: (note) => note.issue_date },
  reason: { title: 'Reason', value: (note) => note.reason, flexible: true },
  taxed: { title: 'Tax', value: (note) => (note.taxed ? 'yes' : 'no') },
  total: { title: 'Total', value: (note) => moneyText(note.total), align: 'right' },
  applied: { title: 'To the invoice', value: (note) => moneyText(note.applied), align: 'right' },
  id: { title: 'Id', value: (note) => note.id },
}

const usual = ['number', 'tenant', 'invoice', 'issue_date', 'reason', 'total']
const roomy = [...usual, 'applied']
const roomyWidth = 110

export function formatCreditNotes(
  { items }: CreditNoteList,
  { fields, filtered }: { fields: readonly string[] | undefined; filtered: boolean },
  terminal: Terminal,
): string {
  if (items.length === 0) return filtered ? 'No credit note matches.' : 'There is no credit note yet.'
  return formatColumns(
    items,
    creditNoteFields,
    fields ?? (terminal.width < roomyWidth ? usual : roomy),
    terminal,
  )
}

/** `2 credit notes, 1,180.00 INR, 590.00 INR of it to invoices`; a line for each currency. */
export function creditSumsOf({ sums }: CreditNoteList): string | null {
  if (sums.length === 0) return null
  return sums
    .map(
      ({ credit_notes, total, applied }) =>
        `${counted(credit_notes, 'credit note')}, ${moneyText(total)}, ${moneyText(applied)} of it to invoices`,
    )
    .join('\n')
}

export function formatCreditNote(
  { credit_note: note }: { credit_note: ShownCreditNote },
  terminal: Terminal,
): string {
  const { out, width } = terminal
  const { place_of_supply: place, exchange, currency, total } = note
  const facts = formatFacts(
    [
      ['Customer', partyText(note.recipient)],
      ['Invoice', `${note.invoice} of ${note.invoice_date}`],
      ['Issued', note.issue_date],
      ['Reason', note.reason],
      ['Tax', note.taxed ? null : 'commercial: the tax of the invoice stays as it is'],
      ['Place of supply', place && `${place.name} (${place.code})`],
      ['Endorsement', note.endorsement],
      ['Exchange rate', exchange && `${exchange.rate} of ${exchange.date} (${exchange.source})`],
      ['In its currency', exchange && moneyText(exchange.total)],
      ['Id', note.id],
    ],
    width,
  )
  const amounts = formatAmounts(
    [
      ['Taxable value', note.taxable],
      ...taxAmounts(note.taxes),
      ['Total credited', total, 'strong'],
      ['Of it to the invoice', note.applied],
      ['To the credit balance', note.to_balance],
    ],
    terminal,
  )
  return [
    `${out.bold(note.number)}: ${note.tenant}, ${moneyText(total)} credited`,
    facts,
    `${out.bold(`Lines, in ${currency}`)}\n${formatLines(note.lines, terminal)}`,
    amounts,
  ].join('\n\n')
}

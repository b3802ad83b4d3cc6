/** What a person reads after `invoice preview`: the documents the next run would write, as far as they are known. */
import { formatAmounts, formatLines, minus, taxAmounts } from './document-text.js'
import { formatFacts, hanging } from './format.js'
import { daysText, moneyText } from './money-text.js'
import { partyText } from './invoice-report.js'
import type { InvoicePreview, PreviewDocument } from '../billing/preview.js'
import type { Terminal } from './terminal.js'

export function formatPreview({ preview }: { preview: InvoicePreview }, terminal: Terminal): string {
  const { tenant, documents, outcome, ahead, as_of, recipient, credit_balances } = preview
  const { out, width } = terminal
  const head = formatFacts(
    [
      ['Customer', `${tenant}: ${partyText(recipient)}`],
      ['Billed up to', ahead ? `${as_of}: nothing is due before` : as_of],
      ['Credit balance', credit_balances.map(moneyText).join(', ')],
    ],
    width,
  )
  if (outcome) {
    const next = outcome.status === 'parked' ? '\nNext: erpmax billing parked list' : ''
    return `${head}\n\n${hanging(`Not billed, ${outcome.status}: ${outcome.reason} (${outcome.code})`, 2, width)}${next}`
  }
  if (documents.length === 0) return `${head}\n\n${nothing(preview)}`
  const credits = new Set(documents.map(({ kind }) => kind === 'credit_note')).size === 2
  const remarks = [
    'A preview: nothing was written, and there are no numbers yet.',
    credits ? 'What the credit notes leave over goes to the credit balance first, and is applied too.' : null,
  ].filter((line) => line !== null)
  return [
    head,
    ...documents.map((document) => formatDocument(document, terminal)),
    remarks.map((line) => out.dim(line)).join('\n'),
  ].join('\n\n')
}

function nothing({ tenant, as_of, ahead, next_billing_on: next }: InvoicePreview): string {
  if (next === null)
    return `Nothing is due, and nothing will be: no subscription of ${tenant} goes on. Begin one: erpmax subscription start ${tenant}`
  if (ahead || next <= as_of)
    return `Nothing is to be paid up to ${as_of}: what ${tenant} holds costs nothing, or its days are not billed.`
  return `Nothing is due up to ${as_of}: the next period begins on ${next}.`
}

const titles = { cycle: 'Invoice', change: 'Invoice for a change', credit_note: 'Credit note' }

function formatDocument(document: PreviewDocument, terminal: Terminal): string {
  const { kind, period, issue_date, due_date, total, credit_applied } = document
  const facts = formatFacts(
    [
      ['Days', period && daysText(period)],
      ['Issued', issue_date],
      ['Due', due_date],
    ],
    terminal.width,
  )
  const toPay = { ...total, amount_minor: total.amount_minor - credit_applied.amount_minor }
  const amounts = formatAmounts(
    [
      ['Taxable value', document.taxable],
      ...taxAmounts(document.taxes),
      [kind === 'credit_note' ? 'Total credited' : 'Total', total, 'strong'],
      ['Credit balance applied', minus(credit_applied)],
      ['To pay', kind === 'credit_note' || credit_applied.amount_minor === 0 ? null : toPay, 'strong'],
    ],
    terminal,
  )
  return [
    `${terminal.out.bold(`${titles[kind]}, in ${total.currency}`)}\n${facts}`,
    formatLines(document.lines, terminal),
    amounts,
  ].join('\n\n')
}

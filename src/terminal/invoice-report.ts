/** What a person reads after `invoice show`. */
import { formatAmounts, formatLines, minus, taxAmounts } from './document-text.js'
import { formatCheckouts } from './checkout-report.js'
import { dunningFacts } from './dunning-report.js'
import { formatFacts, formatTime, hanging } from './format.js'
import { counted, daysText, moneyText } from './money-text.js'
import { formatDisputes, formatRefunds } from './refund-report.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { SentInvoice } from '../billing/book/send-invoice.js'
import type { ShownInvoice } from '../views/invoice.js'
import type { Terminal } from './terminal.js'

export function formatInvoice({ invoice }: { invoice: ShownInvoice }, terminal: Terminal): string {
  const { out, width } = terminal
  const { number, id, tenant, status, currency, open, due_date, days_overdue } = invoice
  const title = (text: string, body: string): string => `${out.bold(text)}\n${body}`
  const state = [tenant, paintState(status, out)]
  if (open.amount_minor > 0) state.push(`${moneyText(open)} open`)
  if (days_overdue) state.push(out.red(`${counted(days_overdue, 'day')} late`))
  else if (open.amount_minor > 0 && due_date) state.push(`due ${due_date}`)
  const sections = [
    `${out.bold(number ?? id)}: ${state.join(', ')}`,
    formatFacts(factsOf(invoice), width),
    title(`Lines, in ${currency}`, formatLines(invoice.lines, terminal)),
    formatAmounts(amountsOf(invoice), terminal),
    invoice.payments.length > 0 ? title('Payments', formatPayments(invoice, terminal)) : null,
    invoice.refunds.length > 0 ? title('Given back', formatRefunds(invoice.refunds, terminal)) : null,
    invoice.disputes.length > 0
      ? title('Contested at the bank', formatDisputes(invoice.disputes, terminal))
      : null,
    invoice.settlement_lines.length > 0
      ? title('Settled otherwise', formatSettlements(invoice, terminal))
      : null,
    invoice.credit_notes.length > 0 ? title('Credit notes', formatCredits(invoice, terminal)) : null,
    invoice.checkouts.length > 0
      ? title('Links to pay online', formatCheckouts(invoice.checkouts, terminal))
      : null,
    invoice.history.length > 0 ? title('History', formatHistory(invoice, terminal)) : null,
  ]
  return sections.filter((section) => section !== null).join('\n\n')
}

function factsOf(invoice: ShownInvoice): [string, string | null][] {
  const { recipient, period, place_of_supply: place, exchange } = invoice
  return [
    ['Customer', partyText(recipient)],
    ['Kind', invoice.kind],
    ['Days', period && daysText(period)],
    ['Issued', invoice.issue_date],
    ['Due', invoice.due_date],
    ...dunningFacts(invoice.dunning),
    ['Place of supply', place && `${place.name} (${place.code})`],
    ['Supply', invoice.supply.replaceAll('_', ' ')],
    ['Reverse charge', invoice.reverse_charge ? 'yes' : null],
    ['Endorsement', invoice.endorsement],
    ['Exchange rate', exchange && `${exchange.rate} of ${exchange.date} (${exchange.source})`],
    ['In its currency', exchange && moneyText(exchange.total)],
    ['Void', invoice.void_reason],
    ['IRN', invoice.irn],
    ['Sent', sentText(invoice)],
    ['Id', invoice.id],
  ]
}

function sentText({ number, id, status, sent_at, mail }: ShownInvoice): string | null {
  if (sent_at) return formatTime(sent_at)
  if (mail?.status === 'failed' || mail?.status === 'unknown')
    return `${mail.status === 'failed' ? 'its mail failed' : 'nobody knows'}: erpmax mail show ${mail.id}`
  if (mail) return 'not yet, it waits in the queue: erpmax mail send'
  return status === 'void' || status === 'draft' ? null : `not yet: erpmax invoice send ${number ?? id}`
}

export function partyText({ name, legal_name, gstin, vat_id }: ShownInvoice['recipient']): string {
  const names = legal_name === name ? name : `${name}, ${legal_name}`
  const taxId = gstin ? `GSTIN ${gstin}` : vat_id ? `VAT ${vat_id}` : null
  return taxId ? `${names}, ${taxId}` : names
}

function amountsOf(invoice: ShownInvoice): Parameters<typeof formatAmounts>[0] {
  const { credit_applied, paid, settled, credited, total, open, status } = invoice
  return [
    ['Taxable value', invoice.taxable],
    ...taxAmounts(invoice.taxes),
    ['Total', total, 'strong'],
    ['Credit balance applied', minus(credit_applied)],
    ['Paid', minus(paid)],
    ['Settled otherwise', minus(settled)],
    ['Credited', minus(credited)],
    ['Open', status === 'void' ? null : open, 'strong'],
  ]
}

function formatPayments({ payments }: ShownInvoice, { width, out }: Terminal): string {
  return formatTable(
    payments,
    [
      { title: 'Received', value: (one) => one.received_on },
      { title: 'Method', value: (one) => one.method },
      { title: 'Reference', value: (one) => one.reference, flexible: true },
      { title: 'Status', value: (one) => paintState(one.status, out) },
      { title: 'Amount', value: (one) => moneyText(one.amount), align: 'right' },
      { title: 'To this', value: (one) => moneyText(one.applied), align: 'right' },
    ],
    width,
    out.dim,
  )
}

function formatSettlements({ settlement_lines }: ShownInvoice, { width, out }: Terminal): string {
  return formatTable(
    settlement_lines,
    [
      { title: 'Day', value: (one) => one.settled_on },
      { title: 'Kind', value: (one) => one.kind.replaceAll('_', ' ') },
      {
        title: 'Note',
        value: (one) => [one.section, one.certificate, one.note].filter(Boolean).join(', ') || null,
        flexible: true,
      },
      { title: 'By', value: (one) => one.operator },
      { title: 'Amount', value: (one) => moneyText(one.amount), align: 'right' },
    ],
    width,
    out.dim,
  )
}

function formatCredits({ credit_notes }: ShownInvoice, { width, out }: Terminal): string {
  return formatTable(
    credit_notes,
    [
      { title: 'Number', value: (one) => one.number },
      { title: 'Issued', value: (one) => one.issue_date },
      { title: 'Reason', value: (one) => one.reason, flexible: true },
      { title: 'Total', value: (one) => moneyText(one.total), align: 'right' },
      { title: 'To this', value: (one) => moneyText(one.applied), align: 'right' },
    ],
    width,
    out.dim,
  )
}

function formatHistory({ history }: ShownInvoice, { width, out }: Terminal): string {
  return formatTable(
    history,
    [
      { title: 'At', value: (one) => formatTime(one.at) },
      { title: 'What', value: (one) => one.event },
      { title: 'Note', value: (one) => one.note, flexible: true },
      { title: 'Amount', value: (one) => one.amount && moneyText(one.amount), align: 'right' },
      { title: 'By', value: (one) => one.operator },
    ],
    width,
    out.dim,
  )
}

export function formatSent({ invoice, sent, to, mail_status }: SentInvoice, terminal: Terminal): string {
  const { number, sent_at } = invoice
  if (sent) return `${number} is in the queue of mails to ${to}.`
  const waits = mail_status === 'queued' || mail_status === 'sending'
  const already = waits
    ? `${number} waits in the queue of mails since ${formatTime(sent_at)}`
    : mail_status === 'failed'
      ? `The mail of ${number} failed`
      : mail_status === 'unknown'
        ? `Nobody knows whether the mail of ${number} arrived`
        : `${number} was sent on ${formatTime(sent_at)}`
  const next = waits ? 'Deliver it: erpmax mail send' : `Once more: erpmax invoice send ${number} --again`
  return `${hanging(`${already}: nothing was done.`, 2, terminal.width)}\n${next}`
}

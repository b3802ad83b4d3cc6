/** What a person reads after `payment record`, `payment list` and `payment show`. */
import { lifted, nothingWritten, standingText } from './correction-report.js'
import { formatFacts, formatTime } from './format.js'
import { formatColumns, type Fields } from './lists.js'
import { moneyText } from './money-text.js'
import { formatDisputes, formatRefunds } from './refund-report.js'
import { paintState } from './states.js'
import type { PaymentJson, SettlementLineJson } from '../billing/book/read-payment.js'
import type { RecordedPayment } from '../billing/book/record-payment.js'
import type { ShownPayment } from '../views/payment.js'
import type { PaymentList } from '../views/payments.js'
import type { Terminal } from './terminal.js'

const kinds: Readonly<Record<string, string>> = {
  tds: 'Tax withheld',
  bank_charges: 'Bank charges',
  round_off: 'Rounded off',
  write_off: 'Written off',
}

export function formatRecorded(result: RecordedPayment, terminal: Terminal): string {
  const { payment, invoice, changed, dry_run, credit_balance } = result
  const said = !changed
    ? 'It was recorded before under this reference; nothing was written.'
    : dry_run
      ? nothingWritten
      : null
  const facts = formatFacts(
    [
      ['Payment', payment && `${moneyText(payment.amount)} by ${payment.method.replaceAll('_', ' ')}`],
      ['Reference', payment?.reference],
      ['Received', payment?.received_on],
      ...result.settlement_lines.map((line) => settlementFact(line)),
      ['For', `${invoice.number} of ${invoice.tenant}, ${moneyText(invoice.total)}`],
      ['Invoice', standingText(invoice, terminal)],
      [
        'To credit balance',
        payment && payment.to_balance.amount_minor > 0 ? moneyText(payment.to_balance) : null,
      ],
      ['Balance now', credit_balance.amount_minor > 0 ? moneyText(credit_balance) : null],
      ['Suspension', result.suspension_lifted ? lifted(dry_run) : null],
      ['Id', dry_run ? null : payment?.id],
    ],
    terminal.width,
  )
  return said === null ? facts : `${facts}\n${said}`
}

function settlementFact(
  line: Pick<SettlementLineJson, 'kind' | 'amount' | 'section' | 'certificate'> & {
    section_2025?: string | null
  },
): readonly [string, string] {
  const { kind, amount, section, certificate } = line
  const act = line.section_2025 ? ` (${line.section_2025} of the Act of 2025)` : ''
  const under = section ? ` under section ${section}${act}` : ''
  return [
    kinds[kind] ?? kind,
    `${moneyText(amount)}${under}${certificate ? `, certificate ${certificate}` : ''}`,
  ]
}

export function formatPayment({ payment, refunds, disputes }: ShownPayment, terminal: Terminal): string {
  const { out } = terminal
  return [
    formatPaymentFacts(payment, terminal),
    refunds.length > 0 ? `${out.bold('Refunds')}\n${formatRefunds(refunds, terminal)}` : null,
    disputes.length > 0
      ? `${out.bold('Contested at the bank')}\n${formatDisputes(disputes, terminal)}`
      : null,
  ]
    .filter((part) => part !== null)
    .join('\n\n')
}

function formatPaymentFacts(payment: PaymentJson, { out, width }: Terminal): string {
  const some = (money: PaymentJson['amount']): string | null =>
    money.amount_minor === 0 ? null : moneyText(money)
  return formatFacts(
    [
      ['Payment', `${moneyText(payment.amount)} by ${payment.method.replaceAll('_', ' ')}`],
      ['Status', paintState(payment.status, out)],
      ['Tenant', payment.tenant],
      ['Invoice', payment.invoice ?? 'none'],
      ['Paid of it', some(payment.applied)],
      ['To credit balance', some(payment.to_balance)],
      ['Given back', some(payment.refunded)],
      ...payment.settlement_lines.map((line) => settlementFact(line)),
      ['Reference', payment.reference === payment.provider_payment_id ? null : payment.reference],
      ['Received', payment.received_on],
      ['Recorded', `${formatTime(payment.created_at)}${payment.operator ? ` by ${payment.operator}` : ''}`],
      ['Provider', payment.provider_payment_id && `${payment.provider}, ${payment.provider_payment_id}`],
      ['Id', payment.id],
    ],
    width,
  )
}

/** Each column reads the field of its own name alone: with `--fields` the others are not there. */
export const paymentFields: Fields<PaymentJson> = {
  received_on: { title: 'Received', value: ({ received_on }) => received_on },
  tenant: { title: 'Tenant', value: ({ tenant }) => tenant, flexible: true },
  invoice: { title: 'Invoice', value: ({ invoice }) => invoice, whole: true },
  method: { title: 'How', value: ({ method }) => method.replaceAll('_', ' ') },
  status: { title: 'Status', value: ({ status }) => status },
  amount: { title: 'Amount', value: ({ amount }) => moneyText(amount), align: 'right' },
  applied: { title: 'Paid of it', value: ({ applied }) => moneyText(applied), align: 'right' },
  to_balance: { title: 'To balance', value: ({ to_balance }) => moneyText(to_balance), align: 'right' },
  refunded: { title: 'Given back', value: ({ refunded }) => moneyText(refunded), align: 'right' },
  reference: { title: 'Reference', value: ({ reference }) => reference, flexible: true },
  provider: { title: 'Provider', value: ({ provider }) => provider },
  provider_payment_id: { title: 'There', value: ({ provider_payment_id }) => provider_payment_id },
  operator: { title: 'By', value: ({ operator }) => operator, flexible: true },
  created_at: { title: 'Recorded', value: ({ created_at }) => formatTime(created_at) },
  settlement_lines: {
    title: 'With it',
    value: ({ settlement_lines }) => settlement_lines.map(({ kind }) => kind).join(', ') || null,
  },
  id: { title: 'Id', value: ({ id }) => id },
}

const usual = ['received_on', 'tenant', 'invoice', 'status', 'amount', 'reference']

export function formatPayments(
  { items }: PaymentList,
  { fields, filtered }: { fields: readonly string[] | undefined; filtered: boolean },
  terminal: Terminal,
): string {
  if (items.length === 0)
    return filtered ? 'No payment matches.' : 'Nothing has come in yet. By hand: erpmax payment record'
  const painted = items.map((payment) =>
    payment.status ? { ...payment, status: paintState(payment.status, terminal.out) } : payment,
  )
  return formatColumns(painted, paymentFields, fields ?? usual, terminal)
}

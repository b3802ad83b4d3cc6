/** Why a refund is refused, in words a person can act on. */
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney, minorDigits } from '../../kernel/money.js'
import { plainAmount } from '../../kernel/amounts.js'
import type { FoundInvoice } from '../../billing/book/find-invoice.js'
import type { RefundedPayment, RefundRow } from './refund-rows.js'

export function notRefundable({ id, status }: RefundedPayment): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'refund.not_refundable',
    `The payment is ${status}: nothing has come in`,
    {
      hint: `erpmax payment show ${id}`,
      details: { payment_id: id, status },
    },
  )
}

export function nothingLeft(payment: RefundedPayment): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'refund.nothing_left',
    `All ${money(payment, payment.amount_minor)} of the payment were given back already, or are on their way`,
    { hint: `erpmax payment show ${payment.id}`, details: { payment_id: payment.id } },
  )
}

export function exceeds(payment: RefundedPayment, wanted: bigint, left: bigint): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'refund.exceeds',
    `${money(payment, wanted)} is more than the ${money(payment, left)} that are left of the payment`,
    {
      hint: `--amount ${plainAmount(left, payment.currency)}`,
      details: { payment_id: payment.id, left_minor: Number(left), currency: payment.currency },
    },
  )
}

/**
 * What its provider would refuse is refused before the credit note is issued, which nobody takes back.
 * @throws conflict `refund.amount_not_payable`
 */
export function requireReturnable(payment: RefundedPayment, wanted: bigint): void {
  const { provider, currency, id } = payment
  if (provider === 'manual') return
  const small = provider === 'razorpay' && currency === 'INR' && wanted < 100n
  if (!small && !(minorDigits(currency) === 3 && wanted % 10n !== 0n)) return
  throw new ErpmaxError(
    'conflict',
    'refund.amount_not_payable',
    small
      ? `${provider} gives back no less than ${money(payment, 100n)}`
      : `${provider} gives back ${currency} in steps of ten of its smallest unit, not ${money(payment, wanted)}`,
    {
      hint: `--amount ${plainAmount(small ? 100n : wanted - (wanted % 10n), currency)}`,
      details: { payment_id: id, provider, amount_minor: Number(wanted), currency },
    },
  )
}

export function referenceUsed(payment: RefundedPayment, { amount_minor, id }: RefundRow): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'refund.reference_used',
    `Another amount was given back under this reference: ${money(payment, amount_minor)}`,
    { hint: `erpmax payment show ${payment.id}`, details: { payment_id: payment.id, refund_id: id } },
  )
}

export function invoiceOpen(payment: RefundedPayment, invoice: FoundInvoice): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'refund.invoice_open',
    `${money(payment, invoice.open_minor)} of ${invoice.number} are open, and a credit note would lower that first. With --reopen what was paid is taken back from the invoice without a credit note; or credit the invoice first`,
    {
      hint: `erpmax invoice credit ${invoice.number} --whole --reason "..."`,
      details: {
        invoice: invoice.number,
        open_minor: Number(invoice.open_minor),
        currency: payment.currency,
      },
    },
  )
}

export function overpaymentUsed(payment: RefundedPayment, wanted: bigint, rest: bigint): ErpmaxError {
  const used = rest - payment.applied_minor
  const most = wanted - used
  return new ErpmaxError(
    'conflict',
    'refund.overpayment_used',
    `${money(payment, used)} of the payment were overpaid and have paid other invoices since`,
    {
      hint:
        most > 0n ? `--amount ${plainAmount(most, payment.currency)}` : `erpmax statement ${payment.tenant}`,
      details: { payment_id: payment.id, most_minor: Number(most), currency: payment.currency },
    },
  )
}

function money({ currency }: Pick<RefundedPayment, 'currency'>, amountMinor: bigint): string {
  return formatMoney({ amountMinor, currency })
}

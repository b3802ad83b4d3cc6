/** What providers say of one payment, as the readers of their webhooks give it. */
import type { InvoiceReference, PaymentNotice, ProviderPayment } from '../../src/kernel/payment-gateway.js'

export interface Said {
  id?: string
  status?: ProviderPayment['status']
  minor: bigint
  currency?: string
  about?: Partial<InvoiceReference>
  checkoutId?: string | null
  live?: boolean | null
  at?: string
  part?: boolean
}

/** @param about `invoice` and `tenant`, or `reference`; what is left out the object does not carry */
export function paymentSaid({ id = 'pi_1', status = 'succeeded', minor, ...said }: Said): PaymentNotice {
  return {
    kind: 'payment',
    payment: {
      ...{ id, status, amount: { amountMinor: minor, currency: said.currency ?? 'INR' }, refundedMinor: 0n },
      ...{ method: 'card', at: new Date(said.at ?? '2026-04-12T10:00:00Z'), live: said.live ?? false },
      failure: status === 'failed' ? { code: 'card_declined', message: 'No funds' } : null,
      about: { reference: null, invoice: null, tenant: null, ...said.about },
      checkoutId: said.checkoutId ?? null,
    },
    ...(said.part ? { part: true } : {}),
  }
}

export function disputeSaid(
  status: 'open' | 'won' | 'lost',
  minor: bigint,
  { id = 'dp_1', paymentId = 'pi_1' }: { id?: string; paymentId?: string } = {},
): PaymentNotice {
  return {
    ...{ kind: 'dispute', id, paymentId, status, amount: { amountMinor: minor, currency: 'INR' } },
    ...{ reason: 'fraudulent', respondBy: new Date('2026-05-01T00:00:00Z'), live: false },
  }
}

export function refundSaid(
  status: 'pending' | 'succeeded' | 'failed',
  minor: bigint,
  { id = 're_1', paymentId = 'pi_1' }: { id?: string; paymentId?: string } = {},
): PaymentNotice {
  return {
    ...{ kind: 'refund', live: false },
    refund: {
      ...{ id, paymentId, status, amount: { amountMinor: minor, currency: 'INR' }, reference: null },
      at: new Date('2026-04-13T10:00:00Z'),
    },
  }
}

export function closedSaid(
  status: 'expired' | 'cancelled',
  about: Partial<InvoiceReference>,
  checkoutId = 'cs_1',
): PaymentNotice {
  return {
    ...{ kind: 'checkout_closed', checkoutId, status, live: false },
    about: { reference: null, invoice: null, tenant: null, ...about },
  }
}

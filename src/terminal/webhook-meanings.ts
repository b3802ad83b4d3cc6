/** Of an event that waits for a person: what its outcome means, and what to do about it. */

export const meanings: Readonly<Record<string, string>> = {
  'event.unreadable': 'the body is not what the provider documents',
  'invoice.unknown': 'no invoice here has this number, of this tenant',
  'payment.wrong_amount': 'nobody was asked for this amount; nothing was booked',
  'payment.wrong_currency': 'the invoice is in another currency; nothing was booked',
  'payment.amount_differs': 'the payment is booked, with another amount than this event says',
  'payment.mode_differs': 'real money in test mode, or the other way round; nothing was booked',
  'payment.unknown': 'the payment has not come in here; it is taken up by itself once it has',
  'tenant.not_active': 'nothing is booked for a tenant that is deleted',
  'refund.wrong_amount': 'the refund is known with another amount or currency; nothing was booked',
  'refund.exceeds_payment': 'more would be given back than is left of the payment; nothing was booked',
  'refund.credit_used': 'what was left of the payment has paid another invoice since; nothing was booked',
  'dispute.wrong_amount':
    'the dispute is in another currency than the payment, or of nothing; nothing was noted',
  'dispute.exceeds_payment': 'more was lost than is left of the payment; nothing was booked',
  'dispute.balance_used': 'what was left of the payment has paid another invoice since',
  'dispute.decided_otherwise': 'the dispute was decided the other way before',
}

/** Money that went back of payments: refunds that were made or are on their way, and disputes that were lost. */
import { verbatim } from '../../database/sql.js'

/** A table expression; its `day` is the supplier's. */
export const givenBack = verbatim(`(
  select id, tenant_id, payment_id, credit_note_id, 'refund' as kind, provider, provider_refund_id as provider_id, status, refunded_on as day, currency,
         amount_minor, charged_minor, reopened_minor, reason, operator, created_at
    from public.refunds where status in ('pending', 'unknown', 'succeeded')
  union all
  select id, tenant_id, payment_id, null, 'dispute', provider, provider_dispute_id, status, lost_on, currency, amount_minor, charged_minor, reopened_minor, reason,
         null, created_at
    from public.disputes where status = 'lost')`)

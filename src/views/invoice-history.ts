/** What has happened to an invoice, oldest first: read off the book itself, and off the log where the book keeps no time. */
import { rows, sql, verbatim } from '../database/sql.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import type { FoundInvoice } from '../billing/book/find-invoice.js'
import type { Context } from '../kernel/context.js'

export interface InvoiceEvent {
  at: string
  /** `issued`, `payment` and `refund` with their states, `contested`, `dispute won` or `lost`, `settled`, `credited`, `dunning` with its stage or end, or what was done to it: `voided` and others. Its mail is `queued`, then `sent`, or `mail failed`, `mail unknown`. */
  event: string
  amount: MoneyJson | null
  /** A payment's reference, the day of a stage of dunning, the kind of a settlement, the number of a credit note, an address, a reason. */
  note: string | null
  operator: string | null
}

interface Row {
  at: Date
  event: string
  amount_minor: bigint | null
  note: string | null
  operator: string | null
}

/** Names of what commands write into the log. */
const logged: Readonly<Record<string, string>> = { 'invoice.void': 'voided' }

/** Of the mail m; one that is on record no more was sent. */
const mailState = verbatim(
  `(case when m.status in ('queued', 'sending') then 'queued' when m.status in ('failed', 'unknown') then 'mail ' || m.status else 'sent' end)`,
)

/** Told by the book already. */
const inTheBook = ['invoice.generate', 'invoice.credit']

export async function invoiceHistory(
  ctx: Pick<Context, 'db'>,
  { id, number, tenant_id, currency }: FoundInvoice,
): Promise<InvoiceEvent[]> {
  const found = await rows<Row>(
    ctx.db,
    sql`select i.finalized_at as at, 'issued' as event, i.total_minor as amount_minor, null as note, r.operator
          from public.invoices i left join public.billing_runs r on r.id = i.run_id where i.id = ${id} and i.finalized_at is not null
        union all
        select created_at, 'payment ' || status, amount_minor, concat_ws(', ', replace(method, '_', ' '), reference), operator
          from public.payments where invoice_id = ${id}
        union all
        select r.created_at, 'refund ' || r.status, r.amount_minor, r.reason, r.operator
          from public.refunds r join public.payments p on p.id = r.payment_id where p.invoice_id = ${id}
        union all
        select d.created_at, 'contested', d.amount_minor, concat_ws(', ', replace(d.reason, '_', ' '), d.provider_dispute_id), d.provider
          from public.disputes d join public.payments p on p.id = d.payment_id where p.invoice_id = ${id}
        union all
        select d.updated_at, 'dispute ' || d.status, d.amount_minor, d.provider_dispute_id, d.provider
          from public.disputes d join public.payments p on p.id = d.payment_id where p.invoice_id = ${id} and d.status <> 'open'
        union all
        select created_at, 'settled', amount_minor, concat_ws(', ', kind, section, certificate, note), operator
          from public.settlement_lines where invoice_id = ${id}
        union all
        select c.created_at, 'credited', c.total_minor, c.number,
               coalesce(r.operator, (select f.operator from public.refunds f where f.credit_note_id = c.id order by f.created_at limit 1),
                        (select a.operator from public.audit_log a where a.tenant_id = ${tenant_id} and a.action = 'invoice.credit'
                           and a.outcome = 'succeeded' and a.after ->> 'credit_note' = c.number limit 1))
          from public.credit_notes c left join public.billing_runs r on r.id = c.run_id where c.invoice_id = ${id}
        union all
        select coalesce(m.sent_at, m.created_at), ${mailState}, null, m.to_address, r.operator
          from public.mails m join public.invoices i on i.id = ${id} left join public.billing_runs r on r.id = i.run_id
          where m.dedupe_key = 'invoice:' || ${id}::text
            and not exists (select 1 from public.audit_log
                            where tenant_id = ${tenant_id} and action = 'invoice.send' and after ->> 'mail_id' = m.id::text)
        union all
        select h.at, 'dunning ' || replace(coalesce(h.outcome, h.stage), '_', ' '), null,
               case when h.outcome is null then 'day ' || h.stage_day end, h.operator
          from public.dunning_attempts a join public.dunning_history h on h.attempt_id = a.id
          where a.invoice_id = ${id} and h.outcome is distinct from 'archived'
        union all
        select coalesce(m.sent_at, l.at), case l.action when 'invoice.send' then ${mailState} else l.action end, null,
               coalesce(l.after ->> 'to', l.after ->> 'reason'), l.operator
          from public.audit_log l left join public.mails m on m.id = (l.after ->> 'mail_id')::uuid
          where l.tenant_id = ${tenant_id} and l.subject_kind = 'invoice' and l.subject = any(${[id, number]}::text[])
            and l.outcome = 'succeeded' and starts_with(l.action, 'invoice.') and l.action <> all(${inTheBook}::text[])
        order by 1`,
  )
  return found.map(({ at, event, amount_minor, note, operator }) => ({
    at: at.toISOString(),
    event: logged[event] ?? event.replace(/^invoice\./, ''),
    amount: amount_minor === null ? null : moneyJson({ amountMinor: amount_minor, currency }),
    note: note || null,
    operator,
  }))
}

/** Each document that a run has issued goes to its customer by mail, once: here it is put into the queue. */
import { execute, oneRow, rows, sql, verbatim } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { enqueueMails, mailLanguage, type NewMail } from '../../operations/mail.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { DailyStep } from './step.js'

/** In one transaction. */
const batchSize = 500

/** Without a mail, not sent by hand, and issued of late: who begins to send mails does not send those of years. */
const waiting = {
  invoice: verbatim(`public.invoices d join public.tenants t on t.id = d.tenant_id
    where d.run_id is not null and d.sent_at is null and d.status in ('open', 'paid', 'uncollectible') and t.status <> 'deleted'
      and d.finalized_at > clock_timestamp() - interval '31 days'
      and not exists (select 1 from public.mails m where m.dedupe_key = 'invoice:' || d.id)`),
  credit_note: verbatim(`public.credit_notes d join public.tenants t on t.id = d.tenant_id
    join public.invoices i on i.id = d.invoice_id
    where d.run_id is not null and t.status <> 'deleted' and d.created_at > clock_timestamp() - interval '31 days'
      and not exists (select 1 from public.mails m where m.dedupe_key = 'credit_note:' || d.id)`),
}

export const documentsStep: DailyStep<'documents'> = {
  code: 'documents',
  async *run(ctx, { dryRun, before }) {
    const result = { invoices: 0, credit_notes: 0 }
    const left = await countWaiting(ctx)
    if (dryRun) {
      result.invoices = left.invoices + (before.invoices?.run.invoices ?? 0)
      result.credit_notes = left.credit_notes + (before.invoices?.run.credit_notes ?? 0)
      return { result, partial: false, summary: result }
    }
    const total = left.invoices + left.credit_notes
    for (const [kind, queue] of [
      ['invoices', queueInvoices],
      ['credit_notes', queueCreditNotes],
    ] as const) {
      for (;;) {
        if (ctx.signal.aborted)
          throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted between two mails')
        const queued = await transaction(ctx, queue)
        if (queued === 0) break
        result[kind] += queued
        await ctx.failpoint('daily.after_document')
        const done = result.invoices + result.credit_notes
        yield { event: 'progress', step: 'documents', done, total, detail: result }
      }
    }
    return { result, partial: false, summary: result }
  },
}

async function countWaiting(ctx: Pick<Context, 'db'>): Promise<{ invoices: number; credit_notes: number }> {
  return oneRow(
    ctx.db,
    sql`select (select count(*)::int from ${waiting.invoice}) as invoices,
               (select count(*)::int from ${waiting.credit_note}) as credit_notes`,
  )
}

interface Addressed {
  id: string
  tenant_id: string
  billing_email: string
  language: string
  company: string
  number: string
  issue_date: PlainDate
  currency: string
  total_minor: bigint
}

/** Locked, so that none is voided while its mail is written. */
async function queueInvoices({ db }: Pick<Context, 'db'>): Promise<number> {
  const found = await rows<Addressed & { due_date: PlainDate | null; due_minor: bigint }>(
    db,
    sql`select d.id, d.tenant_id, t.billing_email, d.language, d.recipient ->> 'legal_name' as company, d.number, d.issue_date,
               d.due_date, d.currency, d.total_minor,
               d.total_minor - d.credit_applied_minor - d.paid_minor - d.settled_minor - d.credited_minor as due_minor
        from ${waiting.invoice} order by d.issue_date, d.number limit ${batchSize} for update of d`,
  )
  await enqueueMails(
    db,
    found.map((one) =>
      mailOf('invoice', one, {
        due_date: one.due_date,
        due: { amount_minor: Number(one.due_minor), currency: one.currency },
        pay_url: null,
      }),
    ),
  )
  // What is on its way to the customer is credited, not voided (rule 18).
  await execute(
    db,
    sql`update public.invoices set sent_at = clock_timestamp() where id = any(${found.map(({ id }) => id)}::uuid[])`,
  )
  return found.length
}

async function queueCreditNotes({ db }: Pick<Context, 'db'>): Promise<number> {
  const found = await rows<Addressed & { reason: string; invoice_number: string; invoice_date: PlainDate }>(
    db,
    sql`select d.id, d.tenant_id, t.billing_email, i.language, i.recipient ->> 'legal_name' as company, d.number, d.issue_date,
               d.currency, d.total_minor, d.reason, i.number as invoice_number, i.issue_date as invoice_date
        from ${waiting.credit_note} order by d.issue_date, d.number limit ${batchSize}`,
  )
  await enqueueMails(
    db,
    found.map(({ reason, invoice_number, invoice_date, ...one }) =>
      mailOf('credit_note', one, { reason, invoice_number, invoice_date }),
    ),
  )
  return found.length
}

function mailOf(
  kind: 'invoice' | 'credit_note',
  { id, tenant_id, billing_email, language, company, number, issue_date, ...one }: Addressed,
  more: Record<string, unknown>,
): NewMail {
  return {
    ...{ tenantId: tenant_id, kind, dedupeKey: `${kind}:${id}`, to: billing_email },
    language: mailLanguage(language),
    data: {
      ...{ company, number, issue_date },
      total: { amount_minor: Number(one.total_minor), currency: one.currency },
      ...more,
    },
    attachments: [{ documentKind: kind, documentId: id }],
  }
}

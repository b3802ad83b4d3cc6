/** Refunds in both books: those on their way are settled, those made at the provider alone are booked. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ProviderError, type ProviderRefund } from '../../kernel/payment-gateway.js'
import { listedSince } from '../listed-since.js'
import { askRefund, failRefund } from '../refunds/ask-refund.js'
import {
  findRefundedPayment,
  holdRefund,
  isRefundHeld,
  lockedRefund,
  type RefundRow,
} from '../refunds/refund-rows.js'
import {
  booked,
  bookedItem,
  failureCode,
  itemOf,
  sinceHere,
  type Items,
  type ReconciledItem,
  type Round,
} from './item.js'

interface Here {
  id: string
  payment_id: string
  provider_refund_id: string | null
  reference: string
  status: string
  created_at: Date
  tenant: string
  invoice: string | null
  currency: string
  amount_minor: bigint
}

export async function* reconcileRefunds(round: Round): Items {
  const here = await readHere(round)
  const oldest = here.reduce(
    (first, { created_at }) => (created_at < first ? created_at : first),
    round.since,
  )
  const there: ProviderRefund[] = []
  const names = new Set<string>()
  for await (const refund of round.gateway.refunds(listedSince(oldest))) {
    there.push(refund)
    names.add(`id ${refund.id}`).add(`reference ${refund.reference}`)
  }
  for (const row of here) {
    round.checked.refunds += 1
    const told = names.has(`id ${row.provider_refund_id}`) || names.has(`reference ${row.reference}`)
    const item = told ? null : await untold(round, row)
    if (item) yield item
  }
  for (const refund of there) {
    round.checked.provider_refunds += 1
    const item = await book(round, refund)
    if (item) yield item
  }
}

/** On their way, of any age; and those that are done, since then. */
async function readHere(round: Round): Promise<Here[]> {
  const { ctx, gateway } = round
  return rows<Here>(
    ctx.db,
    sql`select r.id, r.payment_id, r.provider_refund_id, r.reference, r.status, r.created_at, t.subdomain as tenant, i.number as invoice,
               r.currency, r.amount_minor
        from public.refunds r join public.tenants t on t.id = r.tenant_id join public.payments p on p.id = r.payment_id
        left join public.invoices i on i.id = p.invoice_id
        where r.provider = ${gateway.name} and (r.status in ('pending', 'unknown') or (r.status = 'succeeded' and r.created_at >= ${sinceHere(round)}))
        order by r.created_at, r.id`,
  )
}

/** The provider does not list it. */
async function untold(round: Round, row: Here): Promise<ReconciledItem | null> {
  const { ctx, gateway, dryRun } = round
  const tell = (outcome: string, settled: boolean, detail: string | null = null): ReconciledItem =>
    itemOf(round, {
      ...{
        kind: 'refund',
        id: row.id,
        provider_id: row.provider_refund_id,
        tenant: row.tenant,
        invoice: row.invoice,
      },
      ...{ outcome, settled, detail, money: { amountMinor: row.amount_minor, currency: row.currency } },
    })
  if (row.provider_refund_id !== null || row.status === 'succeeded') return tell('refund.absent', false)
  const held = dryRun ? await looked(round, row.id) : await taken(round, row.id)
  if (held === null) return null
  if (dryRun) return tell(held.repeatable ? 'refund.asked_again' : 'refund.failed', true)
  try {
    const payment = await findRefundedPayment(ctx, row.payment_id)
    if (held.repeatable) await askRefund(ctx, gateway, payment, held, false)
    else
      await failRefund(
        ctx,
        row.id,
        new ProviderError(gateway.name, 'refused', 'refund.absent', `${gateway.name} does not know it`),
      )
  } catch (error) {
    const { outcome, detail } = failureCode(error)
    return tell(outcome, false, detail)
  }
  const after = await transaction(ctx, (inner) => lockedRefund(inner, sql`r.id = ${row.id}`))
  return tell(`refund.${after?.status ?? 'absent'}`, true)
}

async function looked({ ctx }: Round, id: string): Promise<RefundRow | null> {
  const row = await transaction(ctx, (inner) => lockedRefund(inner, sql`r.id = ${id}`))
  return row && !isRefundHeld(ctx, row) ? row : null
}

/** Null where somebody waits for its answer, or has settled it meanwhile. */
async function taken({ ctx }: Round, id: string): Promise<RefundRow | null> {
  return transaction(ctx, async (inner) => {
    const row = await lockedRefund(
      inner,
      sql`r.id = ${id} and r.status in ('pending', 'unknown') and r.provider_refund_id is null`,
    )
    if (row === null || isRefundHeld(inner, row)) return null
    await holdRefund(inner, id)
    return row
  })
}

/** Nothing is told of one whose payment is no payment of this book: that has been told of already. */
async function book(round: Round, refund: ProviderRefund): Promise<ReconciledItem | null> {
  const outcome = await booked(round, { kind: 'refund', refund, live: round.gateway.live })
  if ('error' in outcome)
    return itemOf(round, {
      ...{ kind: 'refund', provider_id: refund.id, money: refund.amount, settled: false },
      ...{ ...(await ofPayment(round, refund)), ...outcome.error },
    })
  if (['refund.known', 'payment.unknown'].includes(outcome.outcome) || outcome.status === 'ignored')
    return null
  const item = await bookedItem(round, 'refund', refund, outcome)
  // Money has gone back, and no credit note says why: somebody credits the invoice, or it is owed again.
  return outcome.outcome === 'refund.reopened_invoice' ? { ...item, settled: false } : item
}

async function ofPayment(
  { ctx, gateway }: Round,
  { paymentId }: ProviderRefund,
): Promise<Pick<ReconciledItem, 'tenant' | 'invoice'> | null> {
  return firstRow<Pick<ReconciledItem, 'tenant' | 'invoice'>>(
    ctx.db,
    sql`select t.subdomain as tenant, i.number as invoice
        from public.payments p join public.tenants t on t.id = p.tenant_id left join public.invoices i on i.id = p.invoice_id
        where p.provider = ${gateway.name} and p.provider_payment_id = ${paymentId}`,
  )
}

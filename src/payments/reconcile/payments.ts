/** Payments in both books: what is at the provider and not here is booked, what differs is told. */
import { rows, sql } from '../../database/sql.js'
import { formatMoney } from '../../kernel/money.js'
import { booked, bookedItem, itemOf, sinceHere, type Items, type ReconciledItem, type Round } from './item.js'
import type { ProviderPayment } from '../../kernel/payment-gateway.js'

interface Row {
  id: string
  tenant: string
  invoice: string | null
  status: string
  provider_payment_id: string
  currency: string
  amount_minor: bigint
  /** By refunds alone: what a dispute took is no refund at the provider. */
  refunded_minor: bigint
  /** One is on its way, and the provider may have heard of it or not. */
  unsettled: boolean
}

const noOutcomes = ['payment.known', 'payment.pending', 'payment.failed', 'payment.succeeded_before']

/** @returns what the provider has, by its ids, for `comparePayments` */
export async function* reconcilePayments(
  round: Round,
): AsyncGenerator<ReconciledItem, Map<string, ProviderPayment>, void> {
  const { ctx, gateway, since } = round
  const seen = new Map<string, ProviderPayment>()
  const unsettled = await rows<{ id: string }>(
    ctx.db,
    sql`select provider_payment_id as id from public.payments
        where provider = ${gateway.name} and status in ('pending', 'unknown') order by created_at`,
  )
  for (const { id } of unsettled) {
    round.checked.payments += 1
    const payment = await gateway.readPayment(id)
    if (payment === null || seen.has(id)) continue
    seen.set(id, payment)
    yield* book(round, payment)
  }
  for await (const payment of gateway.payments(since)) {
    if (seen.has(payment.id)) continue
    seen.set(payment.id, payment)
    round.checked.provider_payments += 1
    yield* book(round, payment)
  }
  return seen
}

async function* book(round: Round, payment: ProviderPayment): Items {
  const [row] = await known(round, sql`p.provider_payment_id = ${payment.id}`)
  if (row?.status === 'succeeded' && payment.status === 'succeeded') return
  // What was never finished there, and nobody has heard of here, is no business of this book.
  if (!row && payment.status !== 'succeeded') return
  const outcome = await booked(round, { kind: 'payment', payment })
  if ('error' in outcome) {
    yield itemOf(round, {
      ...{ kind: 'payment', provider_id: payment.id, money: payment.amount, settled: false },
      ...{ id: row?.id ?? null, tenant: row?.tenant ?? payment.about.tenant },
      ...{ invoice: row?.invoice ?? payment.about.invoice, ...outcome.error },
    })
    return
  }
  if (noOutcomes.includes(outcome.outcome) || outcome.status === 'ignored') return
  yield await bookedItem(round, 'payment', payment, outcome)
}

/** After refunds are booked: what came in here, and what the provider says of it. */
export async function* comparePayments(round: Round, payments: ReadonlyMap<string, ProviderPayment>): Items {
  const here = await known(round, sql`p.status = 'succeeded' and p.created_at >= ${sinceHere(round)}`)
  const listed = await known(
    round,
    sql`p.status = 'succeeded' and p.created_at < ${sinceHere(round)} and p.provider_payment_id = any(${[...payments.keys()]}::text[])`,
  )
  for (const row of [...here, ...listed]) {
    round.checked.payments += 1
    const there =
      payments.get(row.provider_payment_id) ?? (await round.gateway.readPayment(row.provider_payment_id))
    // The list was made before refunds were asked for again: what differs is looked at once more.
    const first = faultOf(row, there)
    if (first === null) continue
    const fault = there === null ? first : faultOf(row, await round.gateway.readPayment(there.id))
    if (fault === null) continue
    yield itemOf(round, {
      ...{
        kind: 'payment',
        id: row.id,
        provider_id: row.provider_payment_id,
        tenant: row.tenant,
        invoice: row.invoice,
      },
      ...{ money: { amountMinor: row.amount_minor, currency: row.currency }, settled: false, ...fault },
    })
  }
}

function faultOf(row: Row, there: ProviderPayment | null): { outcome: string; detail: string } | null {
  const money = (amountMinor: bigint, currency = row.currency): string =>
    formatMoney({ amountMinor, currency })
  if (there === null) return { outcome: 'payment.absent', detail: 'The provider does not know it' }
  const { amountMinor, currency } = there.amount
  if (there.status !== 'succeeded')
    return { outcome: 'payment.status_differs', detail: `It is ${there.status} at the provider` }
  if (amountMinor !== row.amount_minor || currency !== row.currency)
    return {
      outcome: 'payment.amount_differs',
      detail: `At the provider it is ${money(amountMinor, currency)}`,
    }
  if (row.unsettled || there.refundedMinor === row.refunded_minor) return null
  return {
    outcome: 'payment.refunded_differs',
    detail: `Given back at the provider: ${money(there.refundedMinor)}, here: ${money(row.refunded_minor)}`,
  }
}

async function known({ ctx, gateway }: Round, where: ReturnType<typeof sql>): Promise<Row[]> {
  return rows<Row>(
    ctx.db,
    sql`select p.id, t.subdomain as tenant, i.number as invoice, p.status, p.provider_payment_id, p.currency, p.amount_minor,
               coalesce((select sum(r.amount_minor) from public.refunds r
                         where r.payment_id = p.id and r.status in ('pending', 'unknown', 'succeeded')), 0)::bigint as refunded_minor,
               exists (select 1 from public.refunds r where r.payment_id = p.id and r.status in ('pending', 'unknown')
                       and r.provider_refund_id is null) as unsettled
        from public.payments p join public.tenants t on t.id = p.tenant_id left join public.invoices i on i.id = p.invoice_id
        where p.provider = ${gateway.name} and ${where} order by p.created_at, p.id`,
  )
}

/** Checkouts whose outcome is unknown, or that are open: what the provider says of each. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { openAmount } from '../../billing/book/find-invoice.js'
import { transaction } from '../../database/transaction.js'
import { listedSince } from '../listed-since.js'
import { askProvider, closed } from '../checkout/ask-provider.js'
import { holdCheckout, isHeld, lockedCheckout, type CheckoutRow } from '../checkout/checkout-rows.js'
import {
  noteAbsence,
  rehearseCheckout,
  settleCheckout,
  type SettledCheckout,
} from '../checkout/settle-checkout.js'
import { failureCode, itemOf, type Items, type ReconciledItem, type Round } from './item.js'
import type { ProviderCheckout } from '../../kernel/payment-gateway.js'

export async function* reconcileCheckouts(round: Round): Items {
  const found = await rows<{ id: string }>(
    round.ctx.db,
    sql`select id from public.checkouts where provider = ${round.gateway.name} and status in ('creating', 'open', 'unknown')
        order by created_at, id`,
  )
  for (const { id } of found) {
    round.checked.checkouts += 1
    const row = await transaction(round.ctx, (inner) => lockedCheckout(inner, id))
    if (isHeld(round.ctx, row)) continue
    const item = await one(round, row)
    if (item) yield item
  }
}

/** Null where there is nothing to tell: it is open, as it should be. */
async function one(round: Round, row: CheckoutRow): Promise<ReconciledItem | null> {
  const { tenant, wanted } = await wantedOf(round, row)
  const tell = (outcome: string, settled: boolean, detail: string | null = null): ReconciledItem =>
    itemOf(round, {
      ...{
        kind: 'checkout',
        id: row.id,
        provider_id: row.provider_checkout_id,
        tenant,
        invoice: row.invoice,
      },
      ...{ outcome, settled, detail, money: { amountMinor: row.amount_minor, currency: row.currency } },
    })
  if (row.live !== round.gateway.live) return tell('checkout.other_mode', false)
  try {
    if (row.status !== 'open') return await unknown(round, row, wanted, tell)
    return await open(round, row, wanted, tell)
  } catch (error) {
    const { outcome, detail } = failureCode(error)
    return tell(outcome, false, detail)
  }
}

type Tell = (outcome: string, settled: boolean, detail?: string | null) => ReconciledItem

/** Asked for again, where the invoice still wants it: what the first request did comes out either way. */
async function unknown(
  round: Round,
  row: CheckoutRow,
  wanted: boolean,
  tell: Tell,
): Promise<ReconciledItem | null> {
  const { ctx, gateway, dryRun } = round
  const find = () => gateway.findCheckout(row.reference, listedSince(row.created_at))
  if (dryRun) {
    const there = await find()
    if (there) return foreseen(round, row, there, tell)
    return tell(wanted ? 'checkout.asked_again' : 'checkout.failed', true)
  }
  if (!(await hold(round, row))) return null
  if (wanted) return settledItem(await askProvider(ctx, gateway, row, false), tell)
  const there = await find()
  if (there === null) {
    await noteAbsence(ctx, row)
    return tell('checkout.failed', true)
  }
  const settled = await settleCheckout(ctx, gateway, row, there)
  if (settled.row.status !== 'open') return settledItem(settled, tell)
  return settledItem(await settleCheckout(ctx, gateway, row, await closed(gateway, settled.row)), tell)
}

async function open(
  round: Round,
  row: CheckoutRow,
  wanted: boolean,
  tell: Tell,
): Promise<ReconciledItem | null> {
  const { ctx, gateway, dryRun } = round
  const there = await gateway.readCheckout(row.provider_checkout_id ?? '')
  if (there === null) {
    if (!dryRun) await noteAbsence(ctx, row)
    return tell('checkout.absent', true)
  }
  if (there.status === 'open' && there.url === null) return tell('checkout.payment_pending', true)
  if (there.status === 'open' && wanted) return null
  if (dryRun)
    return there.status === 'open' ? tell('checkout.closed', true) : foreseen(round, row, there, tell)
  const answer: ProviderCheckout = there.status === 'open' ? await closed(gateway, row) : there
  return settledItem(await settleCheckout(ctx, gateway, row, answer), tell)
}

async function foreseen(
  { ctx, gateway }: Round,
  row: CheckoutRow,
  there: ProviderCheckout,
  tell: Tell,
): Promise<ReconciledItem> {
  return settledItem(await rehearseCheckout(ctx, gateway, row, there), tell)
}

function settledItem({ row, booked }: SettledCheckout, tell: Tell): ReconciledItem {
  const parked = booked.find(({ status }) => status === 'parked')
  return parked ? tell(parked.outcome, false) : tell(`checkout.${row.status}`, true)
}

/** False where somebody else has taken or settled it meanwhile. */
async function hold({ ctx }: Round, { id, status }: CheckoutRow): Promise<boolean> {
  return transaction(ctx, async (inner) => {
    const row = await lockedCheckout(inner, id)
    if (row.status !== status || isHeld(inner, row)) return false
    await holdCheckout(inner, id)
    return true
  })
}

/** Whether its amount is what is open of its invoice. */
async function wantedOf(
  { ctx }: Round,
  { invoice_id, amount_minor }: CheckoutRow,
): Promise<{ tenant: string | null; wanted: boolean }> {
  const found = await firstRow<{ tenant: string; wanted: boolean }>(
    ctx.db,
    sql`select t.subdomain as tenant, (${openAmount}) = ${amount_minor}::bigint as wanted
        from public.invoices i join public.tenants t on t.id = i.tenant_id where i.id = ${invoice_id}`,
  )
  return found ?? { tenant: null, wanted: false }
}

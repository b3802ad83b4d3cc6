/** What is to be done for an invoice that is to be paid online: decided under its lock, before a provider is asked. */
import { oneRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { findInvoice, type FoundInvoice } from '../../billing/book/find-invoice.js'
import { payUrl } from '../../billing/pay-link.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import { expectsLive } from '../notices/mode.js'
import { chooseProvider, requirePayable } from './choose-provider.js'
import {
  currentCheckout,
  holdCheckout,
  isHeld,
  lease,
  lockedCheckout,
  type CheckoutRow,
  type StoredRequest,
} from './checkout-rows.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export type Decision =
  /** Written now: the provider has not been asked. */
  | { todo: 'ask'; row: CheckoutRow }
  /** Asked before, and the answer is not known: the same is asked once more. */
  | { todo: 'ask_again'; row: CheckoutRow }
  /** Somebody else waits for the answer. */
  | { todo: 'wait'; row: CheckoutRow }
  | { todo: 'reuse'; row: CheckoutRow }
  /** Open for another amount, at another provider than is wanted, or about to end. */
  | { todo: 'close'; row: CheckoutRow }

/** How long a page of the provider stays: Stripe allows a day at most. */
const lasts: Record<ProviderName, string> = { stripe: '23 hours', razorpay: '3 days' }

/**
 * In the transaction of `ctx`, in which a new attempt is written and held.
 * @throws not_found `invoice.not_found`; conflict `invoice.void`, `invoice.paid`, `checkout.amount_too_small`,
 *   `checkout.amount_not_payable`, what the gate refuses; usage `payment.not_configured`
 */
export async function decideCheckout(
  ctx: Pick<Context, 'db' | 'config' | 'actor' | 'processes' | 'random'>,
  text: string,
  wanted: ProviderName | null,
): Promise<Decision> {
  const { tenant_id } = await findInvoice(ctx, text)
  await assertTenantMay(ctx, { id: tenant_id }, 'pay')
  const invoice = await findInvoice(ctx, text, { lock: true })
  requireOpen(invoice)
  const current = await currentCheckout(ctx, invoice.id)
  if (current === null) return { todo: 'ask', row: await begin(ctx, invoice, wanted) }
  if (current.status === 'open')
    return { todo: fits(current, invoice, wanted) ? 'reuse' : 'close', row: current }
  if (isHeld(ctx, current)) return { todo: 'wait', row: current }
  await holdCheckout(ctx, current.id)
  return { todo: 'ask_again', row: current }
}

function fits(row: CheckoutRow, invoice: FoundInvoice, wanted: ProviderName | null): boolean {
  const { amount_minor, currency, provider, ending } = row
  const same = amount_minor === invoice.open_minor && currency === invoice.currency
  return same && !ending && (wanted === null || wanted === provider)
}

function requireOpen({ number, status, open_minor }: FoundInvoice): void {
  const details = { invoice: number, status }
  if (status === 'void')
    throw new ErpmaxError('conflict', 'invoice.void', `${number} is void: nothing is owed on it`, {
      hint: 'erpmax invoice list',
      details,
    })
  if (open_minor === 0n)
    throw new ErpmaxError('conflict', 'invoice.paid', `${number} is paid: nothing is open of it`, {
      hint: `erpmax invoice show ${number}`,
      details,
    })
}

async function begin(
  ctx: Pick<Context, 'db' | 'config' | 'actor' | 'processes' | 'random'>,
  invoice: FoundInvoice,
  wanted: ProviderName | null,
): Promise<CheckoutRow> {
  const { id, tenant_id, currency, open_minor, tenant } = invoice
  const number = invoice.number ?? ''
  const provider = chooseProvider(ctx.config, wanted, currency)
  requirePayable(provider, { amountMinor: open_minor, currency }, number)
  const customer = await oneRow<StoredRequest['customer']>(
    ctx.db,
    sql`select legal_name as name, billing_email as email from public.tenants where id = ${tenant_id}`,
  )
  const request: StoredRequest = {
    ...{ invoice: number, tenant, description: `Invoice ${number}`, customer },
    return_url: await payUrl(ctx, id),
  }
  const { id: made } = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.checkouts
          (tenant_id, invoice_id, provider, attempt, reference, status, live, currency, amount_minor, expires_at, request, operator, holder,
           lease_until)
        select ${tenant_id}, ${id}::uuid, ${provider}, n.attempt, replace(${id}::text, '-', '') || '-' || n.attempt, 'creating', ${expectsLive(ctx.config, provider)},
               ${currency}, ${open_minor}, date_trunc('second', clock_timestamp() + ${lasts[provider]}::interval), ${JSON.stringify(request)}::jsonb,
               ${ctx.actor.operator}, ${JSON.stringify(ctx.processes.self)}::jsonb, ${lease}
        from (select coalesce(max(attempt), 0) + 1 as attempt from public.checkouts where invoice_id = ${id}) n
        returning id`,
  )
  return lockedCheckout(ctx, made)
}

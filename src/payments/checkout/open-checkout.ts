/** Opens the page on which an invoice is paid, or gives the one that is open: never two of one invoice (rules 24, 25). */
import { setTimeout as sleep } from 'node:timers/promises'
import { rehearse } from '../../database/rehearse.js'
import { execute, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { ProviderError, type PaymentGateway, type ProviderName } from '../../kernel/payment-gateway.js'
import { failureOf, notDone, providerError } from '../provider-failure.js'
import { askProvider, closed, requireUnpaid } from './ask-provider.js'
import { decideCheckout, type Decision } from './decide.js'
import { readCheckout, type CheckoutJson } from './read-checkout.js'
import { noteAbsence, settleCheckout } from './settle-checkout.js'
import type { Context } from '../../kernel/context.js'
import type { CheckoutRow } from './checkout-rows.js'

export interface OpenOptions {
  /** Null: the one that is open, else the one that is configured; of both, Razorpay for rupees. */
  provider?: ProviderName | null
  dryRun?: boolean
}

export interface OpenedCheckout {
  dry_run: boolean
  /** False where it was open already. */
  created: boolean
  /** In a dry run of one that is not there: without a link, and its id is of nothing that stays. */
  checkout: CheckoutJson
  /** What was open before, and is closed now. */
  replaced: string | null
}

/** Each round asks the provider once; a page that is closed or paid meanwhile costs one. */
const mostRounds = 6
const waitMs = 250
/** As long as a lease lasts. */
const patienceMs = 90_000

/**
 * Outside of any transaction.
 * @param text number or id of the invoice
 * @throws not_found `invoice.not_found`; conflict `invoice.void`, `invoice.paid`, `checkout.amount_too_small`,
 *   `checkout.amount_not_payable`, `checkout.other_mode`, `checkout.payment_parked`, `checkout.payment_pending`, `payment.refused`; usage
 *   `payment.not_configured`, `payment.keys_refused`; dependency `payment.provider_down`, `payment.outcome_unknown`;
 *   busy `checkout.busy`
 */
export async function openCheckout(
  ctx: Context,
  text: string,
  { provider = null, dryRun = false }: OpenOptions = {},
): Promise<OpenedCheckout> {
  if (dryRun) return planned(ctx, text, provider)
  let replaced: string | null = null
  let created = false
  const until = performance.now() + patienceMs
  for (let round = 0; round < mostRounds;) {
    const { todo, row } = await decide(ctx, text, provider)
    if (todo === 'wait') {
      if (ctx.signal.aborted || performance.now() > until) throw busy(row)
      await sleep(waitMs, undefined, { signal: ctx.signal }).catch(() => {})
      continue
    }
    round += 1
    const gateway = await ctx.openGateway(row.provider)
    if (todo === 'close') {
      if (provider !== null && provider !== row.provider) await requireUsable(ctx, provider)
      const answer = await closed(gateway, row)
      requireUnpaid(row, answer)
      requireBooked(row, (await settleCheckout(ctx, gateway, row, answer)).booked)
      replaced = row.id
    } else if (todo === 'reuse') {
      if (await isStillOpen(ctx, gateway, row)) return result(ctx, row, created, replaced)
    } else {
      if (todo === 'ask') await ctx.failpoint('checkout.written')
      const settled = await askProvider(ctx, gateway, row, todo === 'ask')
      requireBooked(row, settled.booked)
      created = settled.row.status === 'open'
      // What was asked for before may be of another amount than is open by now.
      if (created && todo === 'ask') return result(ctx, row, created, replaced)
    }
  }
  throw new ErpmaxError('busy', 'checkout.busy', 'The checkout changes faster than it can be read', {
    hint: 'The same command again',
  })
}

function decide(ctx: Context, text: string, provider: ProviderName | null): Promise<Decision> {
  return transaction(ctx, (inner) => decideCheckout(inner, text, provider))
}

/** Before the page that works is closed at the other: without this one the customer would have none. */
async function requireUsable(ctx: Context, provider: ProviderName): Promise<void> {
  const gateway = await ctx.openGateway(provider)
  try {
    await gateway.check()
  } catch (thrown) {
    const error = providerError(provider, thrown)
    // A question changes nothing, whatever became of it.
    const asked = error.outcome === 'unknown' ? notDone(error) : error
    throw failureOf(asked, 'The link there is stays open', '')
  }
}

/** Where the provider cannot be asked, what is known of the page holds: it cannot be used either way. */
async function isStillOpen(ctx: Context, gateway: PaymentGateway, row: CheckoutRow): Promise<boolean> {
  try {
    const answer =
      row.live === gateway.live ? await gateway.readCheckout(row.provider_checkout_id ?? '') : null
    if (answer) requireUnpaid(row, answer)
    if (answer?.status === 'open') return true
    if (answer === null) await noteAbsence(ctx, row)
    else requireBooked(row, (await settleCheckout(ctx, gateway, row, answer)).booked)
    return false
  } catch (error) {
    if (error instanceof ProviderError) return true
    throw error
  }
}

/** Money that came and could not be booked is for a person: whoever paid is not asked to pay once more. */
function requireBooked(row: CheckoutRow, booked: readonly { status: string; outcome: string }[]): void {
  const parked = booked.find(({ status }) => status === 'parked')
  if (!parked) return
  throw new ErpmaxError(
    'conflict',
    'checkout.payment_parked',
    `${row.invoice} was paid at ${row.provider}, and the payment could not be booked: ${parked.outcome}`,
    { hint: 'erpmax payment reconcile', details: { invoice: row.invoice, outcome: parked.outcome } },
  )
}

async function result(
  ctx: Pick<Context, 'db'>,
  { id }: CheckoutRow,
  created: boolean,
  replaced: string | null,
): Promise<OpenedCheckout> {
  return { dry_run: false, created, checkout: await readCheckout(ctx, id), replaced }
}

/** What would be asked for; nobody is. */
async function planned(ctx: Context, text: string, provider: ProviderName | null): Promise<OpenedCheckout> {
  return rehearse(ctx, async (inner) => {
    let { todo, row } = await decideCheckout(inner, text, provider)
    const replaced = todo === 'close' ? row.id : null
    if (todo === 'close') {
      await execute(inner.db, sql`update public.checkouts set status = 'cancelled' where id = ${row.id}`)
      ;({ todo, row } = await decideCheckout(inner, text, provider))
    }
    return {
      dry_run: true,
      created: todo === 'ask' || todo === 'ask_again',
      checkout: await readCheckout(inner, row.id),
      replaced,
    }
  })
}

function busy({ invoice, provider }: CheckoutRow): ErpmaxError {
  return new ErpmaxError(
    'busy',
    'checkout.busy',
    `Somebody else is opening a checkout of ${invoice} at ${provider} and has no answer yet`,
    { hint: 'The same command again, in a minute' },
  )
}

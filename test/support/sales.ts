/** Invoices of one tenant and the events by which providers tell that they were paid; what must come of them. */
import { oneRow, sql } from '../../src/database/sql.js'
import { effectsOf } from './inbox.js'
import { issued, untaxed } from './issued.js'
import { razorpayEvent, razorpayScenario, stripeEvent, stripeScenario } from './providers/events.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'
import type { Told } from './sender.js'

/** What there is once of each payment. */
const kinds = [
  'payment succeeded',
  'payment.received',
  'invoice.paid',
  'mail receipt',
  'audit payment.receive',
]

const amount = 58_882

export class Sales {
  /** How many there were. */
  count = 0

  constructor(
    readonly ctx: Pick<Context, 'db' | 'clock'>,
    readonly tenantId: TenantId,
  ) {}

  /** An invoice, and the three events of its payment, by turns at Stripe (first failed) and at Razorpay. */
  async next(): Promise<Told[]> {
    const serial = ++this.count
    const { number } = await issued(this.ctx, this.tenantId, [untaxed(BigInt(amount))], { on: '2026-04-10' })
    const of = { amount, invoice: number, tenant: 'acme', reference: '', at: new Date() }
    if (serial % 2 === 0) {
      const scenario = stripeScenario({ ...of, payment: `pi_s${serial}` })
      const types = [
        'payment_intent.payment_failed',
        'payment_intent.succeeded',
        'checkout.session.completed',
      ]
      return (types as Parameters<typeof stripeEvent>[0][]).map((type) => ({
        provider: 'stripe',
        ...stripeEvent(type, scenario),
      }))
    }
    const scenario = razorpayScenario({ ...of, payment: `pay_s${serial}` })
    const types = ['payment.authorized', 'payment.captured', 'payment_link.paid']
    return (types as Parameters<typeof razorpayEvent>[0][]).map((type) => ({
      provider: 'razorpay',
      ...razorpayEvent(type, scenario),
    }))
  }

  /** How many of each effect there are, and the money. */
  async effects(): Promise<Record<string, number>> {
    const all = await effectsOf(this.ctx, this.tenantId)
    const { paid } = await oneRow<{ paid: number }>(
      this.ctx.db,
      sql`select coalesce(sum(amount_minor), 0)::int as paid from public.payments where tenant_id = ${this.tenantId} and status = 'succeeded'`,
    )
    return { ...Object.fromEntries(kinds.map((kind) => [kind, all[kind] ?? 0])), paid }
  }

  /** The same, where each was paid once. */
  get wanted(): Record<string, number> {
    return { ...Object.fromEntries(kinds.map((kind) => [kind, this.count])), paid: this.count * amount }
  }
}

/** Links, refunds and both books by the built program, against stand-ins of the providers: exit codes, faults, kill -9. */
import { expect } from 'chai'
import { dayIn } from '../../src/kernel/dates.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { indianSupplier } from '../support/billing.js'
import { arrive } from '../support/inbox.js'
import { faultsOf, issued, local } from '../support/issued.js'
import { full, Place } from '../support/place.js'
import { makeVoid } from '../support/receipts.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import { transaction } from '../../src/database/transaction.js'
import { unusedUrl } from '../support/providers/calls.js'
import { startRazorpay, type RazorpayStandIn } from '../support/providers/razorpay.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import type { Delivery, Fault } from '../support/providers/stand-in.js'
import type { OpenedContext } from '../../src/context.js'
import type { TenantId } from '../../src/kernel/ids.js'
import type { Ran } from '../support/cli.js'

const today = dayIn('Asia/Kolkata', new Date())
const total = { amount_minor: 11_800, currency: 'INR' }
const page = /^POST \/v1\/(checkout\/sessions|payment_links)$/
const back = /^POST \/v1\/(refunds|payments\/[^/]+\/refund)$/

describe('payments by the built program', function () {
  this.timeout(120_000)
  const place = new Place()
  let ctx: OpenedContext
  let tenantId: TenantId
  let stripe: StripeStandIn
  let razorpay: RazorpayStandIn

  before(async () => {
    stripe = await startStripe()
    razorpay = await startRazorpay()
    ctx = await openThrowAway(place.home)
    await setSupplier(ctx, indianSupplier, false)
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
    tenantId = (await subscribedTenant(ctx, 'acme', { ...indian, startedOn: today })).id
  })
  after(async () => {
    await ctx.close()
    await stripe.close()
    await razorpay.close()
    await place.remove()
  })
  afterEach(async () => {
    expect([...stripe.faults, ...razorpay.faults], 'faults that nobody met').to.deep.equal([])
    expect(await faultsOf(ctx)).to.deep.equal([])
  })

  /** Open, of 118.00. */
  const invoice = async (): Promise<string> =>
    (await issued(ctx, tenantId, [local(10_000n, 900n)], { on: today })).number

  const keys = (): Record<string, string> => ({ ...stripe.env, ...razorpay.env })
  const payment = (words: string[], env: Record<string, string> = {}): Promise<Ran> =>
    place.here(['payment', ...words, '--json'], { env: { ...keys(), ...env } })
  const checkout = (number: string, ...words: string[]): Promise<Ran> =>
    payment(['checkout', number, '--provider', 'stripe', ...words])
  const failure = ({ code, json }: Ran): unknown => [code, json?.error?.code]

  async function texts(query: string, values: unknown[] = []): Promise<string[]> {
    return (await place.query<{ text: string }>(query, values)).map(({ text }) => text)
  }
  const attempts = (number: string): Promise<string[]> =>
    texts(
      `select c.attempt || ' ' || c.status as text from public.checkouts c join public.invoices i on i.id = c.invoice_id
       where i.number = $1 order by c.attempt`,
      [number],
    )
  const refunds = (number: string): Promise<string[]> =>
    texts(
      `select concat_ws(' ', r.status, r.amount_minor, case when n.id is not null then 'with its credit note' end) as text
       from public.refunds r join public.payments p on p.id = r.payment_id join public.invoices i on i.id = p.invoice_id
       left join public.credit_notes n on n.id = r.credit_note_id where i.number = $1 order by r.created_at`,
      [number],
    )
  const notes = async (number: string): Promise<number> =>
    (
      await place.query(
        `select 1 from public.credit_notes n join public.invoices i on i.id = n.invoice_id where i.number = $1`,
        [number],
      )
    ).length

  const pagesOf = (number: string): number =>
    [...stripe.sessions.values()].filter(
      (one) => (one.metadata as { erpmax_invoice?: string }).erpmax_invoice === number,
    ).length +
    [...razorpay.links.values()].filter(
      (one) => (one.notes as { erpmax_invoice?: string }).erpmax_invoice === number,
    ).length

  /** Opened, paid at Stripe, and told by its webhook. @returns the id there */
  async function paid(number: string): Promise<string> {
    const opened = await checkout(number)
    const id = opened.json?.data.checkout.provider_checkout_id as string
    await told(stripe.pay(id))
    return stripe.paymentOf(id) ?? ''
  }

  async function told(deliveries: readonly Delivery[]): Promise<void> {
    for (const one of deliveries) await arrive(ctx, one)
    const { code, stdout } = await place.here(['webhook', 'work', '--once', '--json'], { env: keys() })
    expect(code, stdout).to.equal(0)
  }

  it('checkout: made, reused, replaced once it is over, and not for what is paid', async () => {
    const number = await invoice()
    const asked = stripe.calls.length
    const dry = await checkout(number, '--dry-run')
    expect([dry.code, dry.json?.data.dry_run, dry.json?.data.created]).to.deep.equal([0, true, true])
    expect([stripe.calls.length - asked, await attempts(number)]).to.deep.equal([0, []])
    const first = await checkout(number)
    expect(first.json?.data, first.stdout).to.deep.include({ dry_run: false, created: true, replaced: null })
    const made = first.json?.data.checkout as { id: string; url: string; provider_checkout_id: string }
    expect(made).to.deep.include({ invoice: number, status: 'open', live: false, amount: total, attempt: 1 })
    const text = await place.run(['payment', 'checkout', number], { env: { ...keys(), COLUMNS: '80' } })
    expect([text.code, text.stdout.split('\n')[0]]).to.deep.equal([0, made.url])
    const again = await checkout(number)
    expect([again.json?.data.created, again.json?.data.checkout.id]).to.deep.equal([false, made.id])
    stripe.expire(made.provider_checkout_id)
    const next = await checkout(number)
    expect(next.json?.data).to.deep.include({ created: true })
    expect(next.json?.data.checkout).to.deep.include({ attempt: 2, status: 'open' })
    expect(await attempts(number)).to.deep.equal(['1 expired', '2 open'])
    stripe.pay(next.json?.data.checkout.provider_checkout_id as string)
    expect(failure(await checkout(number)), 'paid a moment ago').to.deep.equal([6, 'invoice.paid'])
    expect(failure(await checkout(number))).to.deep.equal([6, 'invoice.paid'])
    expect(await attempts(number)).to.deep.equal(['1 expired', '2 paid'])
    expect(pagesOf(number)).to.equal(2)
  })

  it('checkout: not for what is void or unknown, nor without keys; rupees go to Razorpay where both are set up', async () => {
    const number = await invoice()
    expect(failure(await payment(['checkout', 'ERP/99-99/00001']))).to.deep.equal([5, 'invoice.not_found'])
    const none = await place.run(['payment', 'checkout', number, '--json'])
    expect(failure(none)).to.deep.equal([2, 'payment.not_configured'])
    const other = await place.run(['payment', 'checkout', number, '--provider', 'razorpay', '--json'], {
      env: stripe.env,
    })
    expect(failure(other)).to.deep.equal([2, 'payment.not_configured'])
    expect(failure(await payment(['checkout', number, '--provider', 'paypal']))).to.deep.equal([2, 'usage'])
    const refused = await checkout(number, '--dry-run')
    expect(refused.code).to.equal(0)
    const rupees = await payment(['checkout', number])
    expect(rupees.json?.data.checkout.provider, rupees.stdout).to.equal('razorpay')
    const kept = await payment(['checkout', number, '--provider', 'razorpay'])
    expect(kept.json?.data.created).to.equal(false)
    const wrongKey = await payment(['checkout', await invoice(), '--provider', 'stripe'], {
      STRIPE_SECRET_KEY: 'sk_test_revoked_long_ago',
    })
    expect(failure(wrongKey)).to.deep.equal([2, 'payment.keys_refused'])
    // The link there is works: it is not closed for one that cannot be made.
    const instead = await payment(['checkout', number, '--provider', 'stripe'], {
      STRIPE_SECRET_KEY: 'sk_test_revoked_long_ago',
    })
    expect(failure(instead)).to.deep.equal([2, 'payment.keys_refused'])
    expect(await attempts(number)).to.deep.equal(['1 open'])
    const voided = await invoice()
    await transaction(ctx, (inner) => makeVoid(inner, voided, 'wrong customer'))
    expect(failure(await checkout(voided))).to.deep.equal([6, 'invoice.void'])
    expect(await attempts(voided)).to.deep.equal([])
  })

  const troubles: [fault: Fault, code: string, status: string][] = [
    ['500', 'payment.outcome_unknown', 'unknown'],
    ['500-after', 'payment.outcome_unknown', 'unknown'],
    ['500-kept', 'payment.outcome_unknown', 'unknown'],
    ['429', 'payment.provider_down', 'failed'],
    ['502', 'payment.outcome_unknown', 'unknown'],
    ['drop-before', 'payment.outcome_unknown', 'unknown'],
    ['drop-after', 'payment.outcome_unknown', 'unknown'],
    ['hang', 'payment.outcome_unknown', 'unknown'],
    ['hang-after', 'payment.outcome_unknown', 'unknown'],
  ]

  for (const provider of ['stripe', 'razorpay'] as const) {
    it(`checkout at ${provider} in trouble: exit 9, unknown until reconcile has asked, and never a second link`, async () => {
      const standIn = provider === 'stripe' ? stripe : razorpay
      const numbers = new Map<string, string>()
      const of = (fault: string): string => numbers.get(fault) ?? ''
      const met = troubles.filter(([fault]) => full || provider === 'stripe' || /429|after/.test(fault))
      for (const [fault, code, status] of met) {
        const number = await invoice()
        numbers.set(fault, number)
        standIn.faults.push({ fault, on: page })
        const ran = await payment(['checkout', number, '--provider', provider], {
          ERPMAX_PROVIDER_TIMEOUT: '1',
        })
        expect(failure(ran), `${fault} ${ran.stdout}`).to.deep.equal([9, code])
        expect(await attempts(number), fault).to.deep.equal([`1 ${status}`])
        if (fault === '429') expect(ran.json?.error?.details, fault).to.deep.include({ retry_after_ms: 2000 })
      }
      const gone = { ERPMAX_STRIPE_API_BASE: await unusedUrl(), ERPMAX_RAZORPAY_API_BASE: await unusedUrl() }
      numbers.set('unreachable', await invoice())
      const refused = await payment(['checkout', of('unreachable'), '--provider', provider], gone)
      expect(failure(refused)).to.deep.equal([9, 'payment.provider_down'])
      const dry = await payment(['reconcile', '--provider', provider, '--dry-run'])
      expect([dry.code, dry.json?.data?.settled], dry.stdout).to.deep.equal([0, met.length - 1])
      const settled = await payment(['reconcile', '--provider', provider])
      expect([settled.code, settled.json?.data?.left], settled.stdout).to.deep.equal([0, 0])
      // Stripe gives a failure that it remembers again and again: a look tells that it made nothing.
      const nothing = provider === 'stripe' ? ['500-kept', '429', 'unreachable'] : ['429', 'unreachable']
      for (const [fault, number] of numbers)
        expect([await attempts(number), pagesOf(number)], fault).to.deep.equal(
          nothing.includes(fault) ? [['1 failed'], 0] : [['1 open'], 1],
        )
      // Another reference, where the first one certainly made nothing; else the page there is.
      for (const fault of nothing.slice(0, 2)) {
        const retried = await payment(['checkout', of(fault), '--provider', provider])
        expect([retried.code, await attempts(of(fault)), pagesOf(of(fault))], fault).to.deep.equal([
          ...[0, ['1 failed', '2 open'], 1],
        ])
      }
      const known = await payment(['checkout', of('500-after'), '--provider', provider])
      expect([known.json?.data.created, pagesOf(of('500-after'))]).to.deep.equal([false, 1])
    })
  }

  it('checkout and refund killed with -9 at each step, then again: one page, one refund, one credit note', async () => {
    const kill = async (failpoint: string, words: string[]): Promise<void> => {
      const killed = await place.run(['payment', ...words, '--json'], {
        env: { ...keys(), ERPMAX_FAILPOINT: `${failpoint}:kill` },
      })
      expect(killed.signal, failpoint).to.equal('SIGKILL')
      const next = await payment(words)
      expect(next.code, `${failpoint} ${next.stdout}`).to.equal(0)
    }
    for (const failpoint of ['checkout.written', 'checkout.answered', 'checkout.settled']) {
      const number = await invoice()
      await kill(failpoint, ['checkout', number, '--provider', 'stripe'])
      expect([await attempts(number), pagesOf(number)], failpoint).to.deep.equal([['1 open'], 1])
    }
    for (const failpoint of ['refund.ordered', 'refund.answered', 'refund.settled']) {
      const number = await invoice()
      const id = await paid(number)
      const before = stripe.refunds.size
      await kill(failpoint, ['refund', id, '--reason', 'gone', '--confirm', number])
      expect([stripe.refunds.size - before, await notes(number)], failpoint).to.deep.equal([1, 1])
      expect(await refunds(number), failpoint).to.deep.equal(['succeeded 11800 with its credit note'])
    }
  })

  it('refund at Razorpay: a part, the same again, one that is refused, and the rest', async () => {
    const number = await invoice()
    const opened = await payment(['checkout', number, '--provider', 'razorpay'])
    await told(razorpay.pay(opened.json?.data.checkout.provider_checkout_id as string))
    const id = [...razorpay.payments.keys()].at(-1) ?? ''
    const before = razorpay.refunds.size
    const refund = (...words: string[]): Promise<Ran> =>
      payment(['refund', id, '--reason', 'outage', '--confirm', number, ...words])
    const part = await refund('--amount', '18.00')
    expect([part.code, part.json?.data.refund.status], part.stdout).to.deep.equal([0, 'succeeded'])
    expect((await refund('--amount', '18.00')).json?.data.changed).to.equal(false)
    expect(razorpay.refunds.size - before).to.equal(1)
    razorpay.faults.push({ fault: '400', on: back })
    const no = await refund()
    expect(failure(no)).to.deep.equal([6, 'payment.refused'])
    // The credit note cannot be taken back: whoever reads of the failure is told of it, and of the next command.
    expect(no.json?.error?.message).to.match(/credit note CN\S+ stays, its money is in the credit balance$/)
    expect(no.json?.error?.hint).to.match(/^erpmax payment show /)
    const rest = await refund()
    expect([rest.code, rest.json?.data.refund.amount], rest.stdout).to.deep.equal([
      0,
      { amount_minor: 10_000, currency: 'INR' },
    ])
    expect([razorpay.refunds.size - before, await notes(number)]).to.deep.equal([2, 2])
    expect(await refunds(number)).to.deep.equal([
      'succeeded 1800 with its credit note',
      'failed 10000 with its credit note',
      'succeeded 10000',
    ])
  })

  it('refund is severe: it wants the number, not --yes; a part, the same again, another, and the rest', async () => {
    const number = await invoice()
    const id = await paid(number)
    const asked = stripe.calls.filter((call) => back.test(call)).length
    const refund = (...words: string[]): Promise<Ran> =>
      payment(['refund', id, '--reason', 'outage', ...words])
    expect(failure(await refund())).to.deep.equal([2, 'usage.confirmation_missing'])
    expect(failure(await refund('--yes'))).to.deep.equal([2, 'usage'])
    expect(failure(await refund('--confirm', 'acme'))).to.deep.equal([8, 'declined'])
    const unsaid = await payment(['refund', id, '--confirm', number], { FORCE_COLOR: '1' })
    expect(failure(unsaid)).to.deep.equal([2, 'usage'])
    expect(unsaid.json?.error?.message, 'no colours in it').to.equal('Missing required flag reason')
    expect(
      failure(await payment(['refund', 'pi_nobody', '--reason', 'x', '--confirm', number])),
    ).to.deep.equal([5, 'payment.not_found'])
    expect(failure(await refund('--amount', '118.01', '--confirm', number))).to.deep.equal([
      6,
      'refund.exceeds',
    ])
    expect(stripe.calls.filter((call) => back.test(call)).length, 'nobody was asked').to.equal(asked)
    const dry = await refund('--amount', '59.00', '--dry-run')
    expect([dry.code, dry.json?.data.dry_run, dry.json?.data.credit_note.number]).to.deep.equal([
      0,
      true,
      null,
    ])
    expect(await refunds(number)).to.deep.equal([])
    const part = await refund('--amount', '59.00', '--confirm', number)
    expect(part.json?.data, part.stdout).to.deep.include({ dry_run: false, changed: true })
    expect(part.json?.data.refund).to.deep.include({ status: 'succeeded', refunded_on: today })
    expect(part.json?.data.credit_note.total).to.deep.equal({ amount_minor: 5900, currency: 'INR' })
    const same = await refund('--amount', '59.00')
    expect([same.code, same.json?.data.changed], 'asks for nothing where nothing is done').to.deep.equal([
      0,
      false,
    ])
    const second = await refund('--amount', '59.00', '--reference', 'second', '--confirm', number)
    expect([second.code, second.json?.data.changed]).to.deep.equal([0, true])
    expect(failure(await refund('--amount', '1.00', '--confirm', number))).to.deep.equal([
      6,
      'refund.nothing_left',
    ])
    expect(await refunds(number)).to.deep.equal(
      Array.from({ length: 2 }, () => 'succeeded 5900 with its credit note'),
    )
    expect(await notes(number)).to.equal(2)
  })

  it('refund in trouble: exit 9, unknown, the money stays out of the balance, and reconcile settles it', async () => {
    const ordered: { number: string; fault: string }[] = []
    const before = stripe.refunds.size
    for (const fault of [
      '500',
      '500-after',
      '502-after',
      'drop-before',
      'drop-after',
      'hang-after',
    ] as const) {
      const number = await invoice()
      const id = await paid(number)
      stripe.faults.push({ fault, on: back })
      const ran = await payment(['refund', id, '--reason', 'gone', '--confirm', number], {
        ERPMAX_PROVIDER_TIMEOUT: '1',
      })
      expect(failure(ran), `${fault} ${ran.stdout}`).to.deep.equal([9, 'payment.outcome_unknown'])
      expect(await refunds(number), fault).to.deep.equal(['unknown 11800 with its credit note'])
      ordered.push({ number, fault })
    }
    const limited = await invoice()
    const id = await paid(limited)
    stripe.faults.push({ fault: '429', on: back })
    const ran = await payment(['refund', id, '--reason', 'gone', '--confirm', limited])
    expect(failure(ran)).to.deep.equal([9, 'payment.provider_down'])
    const settled = await payment(['reconcile', '--provider', 'stripe'])
    expect(
      [settled.code, settled.json?.data?.settled, settled.json?.data?.left],
      settled.stdout,
    ).to.deep.equal([0, 6, 0])
    for (const { number, fault } of ordered) {
      expect(await refunds(number), fault).to.deep.equal(['succeeded 11800 with its credit note'])
      expect(await notes(number), fault).to.equal(1)
    }
    const again = await payment(['refund', id, '--reason', 'gone', '--confirm', limited])
    expect([again.code, await notes(limited)], again.stdout).to.deep.equal([0, 1])
    expect(stripe.refunds.size - before).to.equal(7)
  })

  it('reconcile --since: both books, both ways; what fits nothing is left for a person, exit 3', async () => {
    const number = await invoice()
    const opened = await payment(['checkout', number, '--provider', 'razorpay'])
    const link = opened.json?.data.checkout.provider_checkout_id as string
    // Nobody listened when it was paid.
    razorpay.pay(link)
    const dry = await payment(['reconcile', '--provider', 'razorpay', '--dry-run', '--since', '1h'])
    expect([dry.code, dry.json?.data.dry_run, dry.json?.data.settled], dry.stdout).to.deep.equal([0, true, 2])
    const ran = await payment(['reconcile', '--provider', 'razorpay', '--since', '1h'])
    expect([ran.code, ran.json?.data.left], ran.stdout).to.deep.equal([0, 0])
    expect(await attempts(number)).to.deep.equal(['1 paid'])
    const listed = await payment(['list', '--invoice', number, '--fields', 'status,provider,amount,applied'])
    expect(listed.json?.data.items).to.deep.equal([
      { status: 'succeeded', provider: 'razorpay', amount: total, applied: total },
    ])
    const quiet = await payment(['reconcile', '--provider', 'razorpay', '--since', '1h'])
    expect([quiet.code, quiet.json?.data.items]).to.deep.equal([0, []])
    // Given back at the console: no credit note says why, so somebody has to look.
    const there = [...razorpay.payments.keys()].at(-1) ?? ''
    razorpay.refund(there, 1800)
    const odd = await payment(['reconcile', '--provider', 'razorpay', '--since', '1h'])
    expect([odd.code, odd.json?.data.left], odd.stdout).to.deep.equal([3, 1])
    expect(odd.json?.data.items[0]).to.deep.include({
      outcome: 'refund.reopened_invoice',
      invoice: number,
      settled: false,
    })
    expect((await payment(['reconcile', '--since', 'long ago'])).code).to.equal(2)
    const lines = await place.run(['payment', 'reconcile', '--since', '2026-01-01', '--ndjson'], {
      env: keys(),
    })
    expect([lines.code, lines.stdout.trim().split('\n').at(-1)?.includes('"event":"result"')]).to.deep.equal([
      0,
      true,
    ])
    const down = { ERPMAX_STRIPE_API_BASE: await unusedUrl(), ERPMAX_RAZORPAY_API_BASE: await unusedUrl() }
    expect(failure(await payment(['reconcile'], down))).to.deep.equal([9, 'payment.provider_down'])
    expect(failure(await place.run(['payment', 'reconcile', '--json']))).to.deep.equal([
      2,
      'payment.not_configured',
    ])
    expect(await refunds(number)).to.deep.equal(['succeeded 1800'])
  })

  it('list, show and invoice show: the payment by the id of either side, what went back, what is contested', async () => {
    const number = await invoice()
    const id = await paid(number)
    await payment(['refund', id, '--amount', '18.00', '--reason', 'outage', '--confirm', number])
    await told(stripe.dispute(id, 5000))
    const shown = await payment(['show', id])
    expect(shown.json?.data.payment, shown.stdout).to.deep.include({
      ...{ invoice: number, provider: 'stripe', provider_payment_id: id, status: 'succeeded', amount: total },
      to_balance: { amount_minor: 0, currency: 'INR' },
      refunded: { amount_minor: 1800, currency: 'INR' },
    })
    expect(shown.json?.data.refunds).to.have.length(1)
    expect(shown.json?.data.disputes[0]).to.deep.include({
      status: 'open',
      amount: { amount_minor: 5000, currency: 'INR' },
    })
    const here = await payment(['show', shown.json?.data.payment.id as string])
    expect(here.json?.data).to.deep.equal(shown.json?.data)
    expect(
      failure(await payment(['refund', id, '--amount', '1.00', '--reason', 'x', '--confirm', number])),
    ).to.deep.equal([6, 'refund.disputed'])
    const [dispute = ''] = [...stripe.disputes.keys()].slice(-1)
    await told(stripe.closeDispute(dispute, 'lost'))
    const { json } = await place.run(['invoice', 'show', number, '--json'])
    expect(json?.data.invoice).to.deep.include({
      status: 'open',
      open: { amount_minor: 5000, currency: 'INR' },
    })
    expect(json?.data.invoice.disputes[0]).to.deep.include({
      status: 'lost',
      reopened: { amount_minor: 5000, currency: 'INR' },
    })
    expect(json?.data.invoice.checkouts[0].status).to.equal('paid')
    for (const words of [
      ['payment', 'show', id],
      ['payment', 'list'],
      ['invoice', 'show', number],
      ['statement', 'acme'],
    ]) {
      const text = await place.run(words, { env: { COLUMNS: '80' } })
      expect(text.code, text.stderr).to.equal(0)
      const long = text.stdout.split('\n').filter((line) => line.length > 80 && !line.includes('http'))
      expect(long, words.join(' ')).to.deep.equal([])
    }
    const audited = await place.run(['invoice', 'audit', '--json'])
    const found = audited.json?.data.findings as { code: string }[]
    // The invoices of this test have no place of supply.
    expect(found.filter(({ code }) => !code.startsWith('tax.'))).to.deep.equal([])
  })
})

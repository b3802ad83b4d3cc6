/** A stand-in for Razorpay: the part of its API that is used here, by its documented rules, and the events it would send. */
import { firstWrong, isObject, type Rule } from './parameters.js'
import { signed, StandIn, type Answer, type Asked, type Delivery, type StandInOptions } from './stand-in.js'
import {
  razorpayDispute,
  razorpayEnvelope,
  razorpayLink,
  razorpayOrder,
  razorpayPayment,
  razorpayRefund,
  razorpayScenario,
  seconds,
  type Fields,
  type Scenario,
} from './events.js'

export interface RazorpayPay {
  /** In Razorpay's units, where it is not the link's. */
  amount?: number
  currency?: string
  method?: string
  /** The payment that failed before and went through after all. */
  payment?: string
  /** As though it came from the other mode. */
  live?: boolean
}

const any: Rule = 'string'
const linkRule: Rule = {
  object: {
    accept_partial: 'boolean',
    amount: 'integer',
    callback_method: { oneOf: ['get'] },
    callback_url: any,
    currency: any,
    customer: { object: { contact: any, email: any, name: any } },
    description: { upTo: 2048 },
    expire_by: 'integer',
    first_min_partial_amount: 'integer',
    notes: 'map',
    notify: { object: { email: 'boolean', sms: 'boolean', whatsapp: 'boolean' } },
    options: { oneOf: [] },
    reference_id: { upTo: 40 },
    reminder_enable: 'boolean',
    upi_link: 'boolean',
  },
  required: ['amount'],
}
const refundRule: Rule = {
  object: { amount: 'integer', notes: 'map', receipt: any, speed: { oneOf: ['normal', 'optimum'] } },
}
const range: Readonly<Record<string, Rule>> = {
  count: 'integer',
  from: 'integer',
  skip: 'integer',
  to: 'integer',
}
const sixMonths = 184 * 86_400

class Refusal extends Error {
  constructor(
    readonly description: string,
    readonly status = 400,
    readonly field: string | null = null,
  ) {
    super(description)
  }
}

export class RazorpayStandIn extends StandIn {
  protected readonly provider = 'razorpay'
  readonly keyId = 'rzp_test_1DP5mmOlF5G5ag'
  readonly keySecret = 'stand-in-secret-of-razorpay'
  readonly webhookSecret = 'stand-in-webhook-secret'
  readonly links = new Map<string, Fields>()
  readonly payments = new Map<string, Fields>()
  readonly orders = new Map<string, Fields>()
  readonly refunds = new Map<string, Fields>()
  readonly disputes = new Map<string, Fields>()
  /** What becomes of refunds that are asked for; `settleRefund` ends those that are pending. */
  refundsAre: 'processed' | 'pending' = 'processed'
  #keys = new Map<string, { asked: string; refund: string }>()

  static start(options: StandInOptions = {}): Promise<RazorpayStandIn> {
    return new RazorpayStandIn(options).listen()
  }

  get env(): Record<string, string> {
    return {
      RAZORPAY_KEY_ID: this.keyId,
      RAZORPAY_KEY_SECRET: this.keySecret,
      RAZORPAY_WEBHOOK_SECRET: this.webhookSecret,
      ERPMAX_RAZORPAY_API_BASE: this.url,
    }
  }

  /** The customer pays: four events of one payment. */
  pay(checkout: string, given: RazorpayPay = {}): Delivery[] {
    const link = this.#open(checkout)
    const of = this.#scenario(link, given)
    const notes = link.notes
    const payment = this.#keep(this.payments, razorpayPayment(of, { notes: notes ?? [] }))
    const order = this.#keep(this.orders, razorpayOrder(of, { notes: notes ?? [] }))
    Object.assign(link, {
      ...{ status: 'paid', amount_paid: of.amount, order_id: of.order, updated_at: this.seconds() },
      payments: [
        {
          amount: of.amount,
          created_at: payment.created_at,
          method: of.method,
          payment_id: of.payment,
          plink_id: checkout,
          status: 'captured',
        },
      ],
    })
    const authorized = { ...payment, status: 'authorized', captured: false, fee: null, tax: null }
    const linkOrder = {
      ...{ ...order, id: of.order.replace('order_', ''), product_id: checkout.replace('plink_', '') },
      ...{ product_type: 'payment_link_v2', public_key: of.live ? 'rzp_live_1DP5mmOlF5G5ag' : this.keyId },
    }
    const { payments: _, ...told } = link
    return [
      this.#event('payment.authorized', { payment: authorized }),
      this.#event('payment.captured', { payment }),
      this.#event('order.paid', { payment, order }),
      this.#event('payment_link.paid', { payment_link: told, order: linkOrder, payment }),
    ]
  }

  /** The customer tries, and the bank says no; the link stays open. */
  fail(checkout: string, reason = 'payment_failed'): Delivery[] {
    const link = this.#open(checkout)
    const of = this.#scenario(link, {})
    link.order_id = of.order
    const declined = {
      ...{
        status: 'failed',
        captured: false,
        fee: null,
        tax: null,
        notes: link.notes ?? [],
        error_reason: reason,
      },
      ...{ error_code: 'BAD_REQUEST_ERROR', error_description: 'Payment failed', error_source: 'issuer' },
    }
    return [
      this.#event('payment.failed', { payment: this.#keep(this.payments, razorpayPayment(of, declined)) }),
    ]
  }

  /** Nobody paid in time. */
  expire(checkout: string): Delivery[] {
    const link = this.#open(checkout)
    Object.assign(link, { status: 'expired', expired_at: this.seconds() })
    return [this.#event('payment_link.expired', { payment_link: link })]
  }

  cancel(checkout: string): Delivery[] {
    const link = this.#open(checkout)
    Object.assign(link, { status: 'cancelled', cancelled_at: this.seconds() })
    return [this.#event('payment_link.cancelled', { payment_link: link })]
  }

  /** Money is given back from Razorpay's own console. */
  refund(payment: string, amount: number, notes: Fields | [] = []): Delivery[] {
    return this.#refunded(payment, { amount, notes }).deliveries
  }

  settleRefund(refund: string, status: 'processed' | 'failed'): Delivery[] {
    const object = this.#of(this.refunds, refund)
    object.status = status
    const payment = this.#of(this.payments, String(object.payment_id))
    if (status === 'failed') this.#give(payment, -Number(object.amount))
    return [this.#event(`refund.${status}`, { refund: object, payment })]
  }

  dispute(payment: string, amount?: number): Delivery[] {
    const paid = this.#of(this.payments, payment)
    const of = razorpayScenario({
      ...{ at: this.now(), payment, currency: String(paid.currency) },
      ...{ dispute: this.id('disp_'), part: amount ?? Number(paid.amount) },
    })
    const dispute = this.#keep(this.disputes, razorpayDispute(of))
    return [this.#event('payment.dispute.created', { payment: paid, dispute })]
  }

  closeDispute(id: string, status: 'won' | 'lost'): Delivery[] {
    const dispute = this.#of(this.disputes, id)
    Object.assign(dispute, { status, amount_deducted: status === 'lost' ? dispute.amount : 0 })
    const payment = this.#of(this.payments, String(dispute.payment_id))
    return [this.#event(`payment.dispute.${status}`, { payment, dispute })]
  }

  /** The payment that succeeded on a link, else the last that was tried; null where there was none. */
  paymentOf(checkout: string): string | null {
    const order = this.#of(this.links, checkout).order_id
    const tried = [...this.payments.values()].filter(
      (payment) => order !== undefined && payment.order_id === order,
    )
    const one = tried.find(({ status }) => status === 'captured') ?? tried.at(-1)
    return one ? String(one.id) : null
  }

  #open(checkout: string): Fields {
    const link = this.#of(this.links, checkout)
    if (link.status !== 'created') throw new Error(`${checkout} is ${String(link.status)}`)
    return link
  }

  #of(kind: Map<string, Fields>, id: string): Fields {
    const found = kind.get(id)
    if (!found) throw new Error(`Razorpay knows no ${id}`)
    return found
  }

  #keep(kind: Map<string, Fields>, object: Fields): Fields {
    kind.set(String(object.id), object)
    return object
  }

  #scenario(link: Fields, given: RazorpayPay): Scenario {
    return razorpayScenario({
      at: this.now(),
      checkout: String(link.id),
      amount: given.amount ?? Number(link.amount),
      currency: given.currency ?? String(link.currency),
      method: given.method ?? 'upi',
      live: given.live ?? false,
      reference: String(link.reference_id),
      order: (link.order_id as string | undefined) ?? this.id('order_'),
      payment: given.payment ?? this.id('pay_'),
    })
  }

  #refunded(id: string, given: Fields): { refund: Fields; deliveries: Delivery[] } {
    const payment = this.#of(this.payments, id)
    const rest = Number(payment.amount) - Number(payment.amount_refunded)
    const of = razorpayScenario({
      ...{ at: this.now(), payment: id, currency: String(payment.currency), refund: this.id('rfnd_') },
      part: given.amount === undefined ? rest : Number(given.amount),
    })
    const refund = this.#keep(
      this.refunds,
      razorpayRefund(of, {
        notes: given.notes ?? [],
        receipt: given.receipt ?? null,
        status: this.refundsAre,
      }),
    )
    this.#give(payment, of.part)
    const told = this.refundsAre === 'processed' ? ['refund.created', 'refund.processed'] : ['refund.created']
    return { refund, deliveries: told.map((type) => this.#event(type, { refund, payment })) }
  }

  #give(payment: Fields, amount: number): void {
    const refunded = Number(payment.amount_refunded) + amount
    const whole = refunded === payment.amount
    Object.assign(payment, {
      amount_refunded: refunded,
      refund_status: refunded === 0 ? null : whole ? 'full' : 'partial',
      status: whole ? 'refunded' : 'captured',
    })
  }

  #event(type: string, entities: Record<string, Fields>): Delivery {
    const id = this.id('')
    const delivery = signed(
      'razorpay',
      razorpayEnvelope(type, entities, this.now(), id),
      this.webhookSecret,
      this.now(),
    )
    this.events.push(delivery)
    return delivery
  }

  /* The API. */

  protected trouble(status: 400 | 429 | 500): Answer {
    if (status === 400)
      return failure(
        400,
        'BAD_REQUEST_ERROR',
        'Your account does not have enough balance to carry out the refund operation.',
      )
    return status === 429
      ? failure(429, 'BAD_REQUEST_ERROR', 'Too many requests')
      : failure(
          500,
          'SERVER_ERROR',
          'We are facing some trouble completing your request at the moment. Please try again shortly.',
        )
  }

  protected answer(asked: Asked): Answer {
    try {
      const basic = Buffer.from(`${this.keyId}:${this.keySecret}`).toString('base64')
      if (asked.headers.authorization !== `Basic ${basic}`) throw new Refusal('Authentication failed', 401)
      return { status: 200, body: structuredClone(this.#run(asked)) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return failure(error.status, 'BAD_REQUEST_ERROR', error.description, error.field)
    }
  }

  #run(asked: Asked): unknown {
    const { method, path } = asked
    const [, kind = '', id, action] =
      /^\/v1\/(payment_links|payments|refunds)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? []
    const route = `${method} ${kind}${id === undefined ? '' : '/*'}${action === undefined ? '' : `/${action}`}`
    switch (route) {
      case 'POST payment_links':
        return this.#createLink(this.#body(asked, linkRule))
      case 'GET payment_links': {
        const query = this.#query(asked, { ...range, payment_id: any, reference_id: any })
        const wanted = [...this.links.values()].filter(
          (link) => query.reference_id === undefined || link.reference_id === query.reference_id,
        )
        return { payment_links: this.#page(wanted, query) }
      }
      case 'GET payment_links/*':
        return this.#link(id)
      case 'POST payment_links/*/cancel': {
        const link = this.#link(id)
        if (link.status !== 'created')
          throw new Refusal(`Payment Link cannot be cancelled as it is in ${String(link.status)} state`)
        this.cancel(String(link.id))
        return link
      }
      case 'GET payments':
        return this.#collection(this.payments, this.#query(asked, { ...range, 'expand[]': any }))
      case 'GET payments/*':
        return this.#found(this.payments, id)
      case 'POST payments/*/refund':
        return this.#createRefund(this.#found(this.payments, id), asked)
      case 'GET refunds':
        return this.#collection(this.refunds, this.#query(asked, range))
      case 'GET refunds/*':
        return this.#found(this.refunds, id)
      default:
        throw new Refusal('The requested URL was not found on the server.', 404)
    }
  }

  #check(given: Fields, rule: Rule): Fields {
    const wrong = firstWrong(given, rule)
    if (!wrong) return given
    const said = {
      unknown: `${wrong.param} is/are not required and should not be sent`,
      missing: `The ${wrong.param} field is required.`,
      invalid: `The ${wrong.param} is invalid.`,
      too_long: `The ${wrong.param.replaceAll('_', ' ')} may not be greater than the allowed length.`,
    }
    throw new Refusal(said[wrong.why], 400, wrong.param)
  }

  #body(asked: Asked, rule: Rule): Fields {
    if (!/^application\/json\b/.test(asked.headers['content-type'] ?? ''))
      throw new Refusal('The content type must be application/json')
    const given: unknown = JSON.parse(asked.body)
    if (!isObject(given)) throw new Refusal('The body is invalid')
    // Unlike a form, JSON knows numbers from texts.
    for (const name of ['amount', 'expire_by'])
      if (given[name] !== undefined && typeof given[name] !== 'number')
        throw new Refusal(`The ${name} must be an integer.`, 400, name)
    return this.#check(given, rule)
  }

  #query(asked: Asked, rules: Readonly<Record<string, Rule>>): Fields {
    const query = this.#check(Object.fromEntries(asked.query), { object: rules })
    if (query.count !== undefined && (Number(query.count) < 1 || Number(query.count) > 100))
      throw new Refusal('The count must be between 1 and 100.', 400, 'count')
    return query
  }

  #found(kind: Map<string, Fields>, id: string | undefined): Fields {
    const found = kind.get(id ?? '')
    if (!found) throw new Refusal('The id provided does not exist')
    return found
  }

  #link(id: string | undefined): Fields {
    const link = this.#found(this.links, id)
    if (link.status === 'created' && Number(link.expire_by) > 0 && Number(link.expire_by) * 1000 < Date.now())
      this.expire(String(link.id))
    return link
  }

  #page(all: Fields[], query: Fields): Fields[] {
    const skip = Number(query.skip ?? 0)
    return all
      .reverse()
      .filter(
        ({ created_at }) =>
          Number(created_at) >= Number(query.from ?? 0) && Number(created_at) <= Number(query.to ?? Infinity),
      )
      .slice(skip, skip + Number(query.count ?? 10))
  }

  #collection(kind: Map<string, Fields>, query: Fields): Fields {
    const items = this.#page([...kind.values()], query)
    return { entity: 'collection', count: items.length, items }
  }

  #createLink(given: Fields): Fields {
    const amount = Number(given.amount)
    const currency = String(given.currency ?? 'INR')
    if (!/^[A-Z]{3}$/.test(currency)) throw new Refusal('The currency is invalid.', 400, 'currency')
    if (amount < (currency === 'INR' ? 100 : 1))
      throw new Refusal('The amount must be atleast INR 1.00', 400, 'amount')
    if (/^(BHD|JOD|KWD|OMR|TND)$/.test(currency) && amount % 10 !== 0)
      throw new Refusal('The last digit of the amount must be 0', 400, 'amount')
    const now = seconds(new Date())
    const until = Number(given.expire_by ?? 0)
    if (until !== 0 && until < now + 900)
      throw new Refusal('expire_by should be at least 15 minutes after the current time', 400, 'expire_by')
    if (until > now + sixMonths) throw new Refusal('expire_by should be within 6 months', 400, 'expire_by')
    if (given.callback_url !== undefined && given.callback_method !== 'get')
      throw new Refusal('The callback method is required with the callback url.', 400, 'callback_method')
    const email = (given.customer as Fields | undefined)?.email
    if (email !== undefined && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(String(email)))
      throw new Refusal('The customer email must be a valid email address.', 400, 'email')
    const reference = String(given.reference_id ?? '')
    if (reference !== '' && [...this.links.values()].some((link) => link.reference_id === reference))
      throw new Refusal(
        `payment link with given reference_id: (${reference}) already exists. Please create payment link with a different reference_id`,
      )
    const id = this.id('plink_')
    const of = razorpayScenario({ at: this.now(), checkout: id, amount, currency, reference })
    return this.#keep(
      this.links,
      razorpayLink(of, {
        ...{
          amount_paid: 0,
          created_at: this.seconds(),
          expire_by: until,
          payments: null,
          status: 'created',
        },
        ...{
          accept_partial: given.accept_partial ?? false,
          customer: given.customer ?? {},
          notes: given.notes ?? null,
        },
        ...{
          description: given.description ?? '',
          notify: given.notify ?? {},
          short_url: `${this.url}/i/${id}`,
        },
        ...{ callback_url: given.callback_url ?? '', callback_method: given.callback_method ?? '' },
      }),
    )
  }

  #createRefund(payment: Fields, asked: Asked): Fields {
    const given = this.#body(asked, refundRule)
    const key = asked.headers['x-refund-idempotency']
    if (key !== undefined && !/^[A-Za-z0-9_-]{10,}$/.test(key))
      throw new Refusal(
        'The idempotency key must be at least 10 characters of letters, digits, hyphens and underscores',
      )
    const known = key === undefined ? undefined : this.#keys.get(key)
    const content = `${asked.path} ${asked.body}`
    if (known) {
      if (known.asked !== content)
        throw new Refusal('Different request body sent for the same Idempotency Header')
      return this.#of(this.refunds, known.refund)
    }
    if (payment.status !== 'captured' && payment.status !== 'refunded')
      throw new Refusal('The payment must be captured before it can be refunded')
    const rest = Number(payment.amount) - Number(payment.amount_refunded)
    if (rest === 0) throw new Refusal('The payment has been fully refunded already')
    const amount = given.amount === undefined ? rest : Number(given.amount)
    if (amount > rest)
      throw new Refusal('The total refund amount is greater than the refund payment amount', 400, 'amount')
    if (payment.currency === 'INR' && amount < 100)
      throw new Refusal('The amount must be atleast INR 1.00', 400, 'amount')
    const { refund } = this.#refunded(String(payment.id), given)
    if (key !== undefined) this.#keys.set(key, { asked: content, refund: String(refund.id) })
    return refund
  }
}

function failure(status: number, code: string, description: string, field: string | null = null): Answer {
  const error = {
    code,
    description,
    source: 'business',
    step: null,
    reason: 'input_validation_failed',
    metadata: {},
  }
  return { status, body: { error: field === null ? error : { ...error, field } } }
}

export function startRazorpay(options: StandInOptions = {}): Promise<RazorpayStandIn> {
  return RazorpayStandIn.start(options)
}

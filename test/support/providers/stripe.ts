/** A stand-in for Stripe: the part of its API that is used here, by its documented rules, and the events it would send. */
import { firstWrong, nested, type Rule, type Wrong } from './parameters.js'
import { signed, StandIn, type Answer, type Asked, type Delivery, type StandInOptions } from './stand-in.js'
import {
  seconds,
  stripeCharge,
  stripeDispute,
  stripeEnvelope,
  stripeIntent,
  stripeRefund,
  stripeScenario,
  stripeSession,
  type Fields,
  type Scenario,
} from './events.js'

export interface StripePayment {
  /** In Stripe's units, where it is not the session's. */
  amount?: number
  currency?: string
  method?: string
  /** A method that takes days: the session is complete and unpaid until `settle` or `bounce`. */
  async?: boolean
  /** As though it came from the other mode. */
  live?: boolean
}

const page: Readonly<Record<string, Rule>> = {
  ending_before: { upTo: 5000 },
  expand: { list: 'string' },
  limit: 'integer',
  starting_after: { upTo: 5000 },
}
const expand: Rule = { object: { expand: { list: 'string' } } }
const any: Rule = 'string'

/** Every name that Stripe documents; those that are not used here are known, and no value of theirs is taken. */
const sessionRule: Rule = {
  object: {
    ...Object.fromEntries(
      [
        ...['after_expiration', 'automatic_tax', 'branding_settings', 'consent_collection', 'custom_fields'],
        ...['custom_text', 'customer_update', 'discounts', 'invoice_creation', 'managed_payments'],
        ...['name_collection', 'optional_items', 'payment_method_data', 'payment_method_options'],
        ...[
          'phone_number_collection',
          'setup_intent_data',
          'shipping_address_collection',
          'shipping_options',
        ],
        ...['subscription_data', 'tax_id_collection', 'wallet_options', 'customer_account', 'permissions'],
        ...['origin_context', 'saved_payment_method_options', 'excluded_payment_method_types'],
        ...['payment_method_configuration', 'redirect_on_completion', 'integration_identifier'],
        ...['allowed_payment_method_types', 'payment_method_collection'],
      ].map((name) => [name, { oneOf: [] } satisfies Rule]),
    ),
    adaptive_pricing: { object: { enabled: 'boolean' } },
    allow_promotion_codes: 'boolean',
    billing_address_collection: { oneOf: ['auto', 'required'] },
    cancel_url: { upTo: 5000 },
    client_reference_id: { upTo: 200 },
    currency: any,
    customer: { upTo: 5000 },
    customer_creation: { oneOf: ['always', 'if_required'] },
    customer_email: any,
    expand: { list: 'string' },
    expires_at: 'integer',
    line_items: {
      list: {
        object: {
          price: { upTo: 5000 },
          price_data: {
            object: {
              currency: any,
              product: { upTo: 5000 },
              product_data: {
                object: {
                  description: { upTo: 40_000 },
                  images: { list: 'string' },
                  metadata: 'map',
                  name: { upTo: 5000 },
                  tax_code: { upTo: 5000 },
                },
                required: ['name'],
              },
              tax_behavior: { oneOf: ['exclusive', 'inclusive', 'unspecified'] },
              unit_amount: 'integer',
              unit_amount_decimal: any,
            },
            required: ['currency'],
          },
          quantity: 'integer',
        },
      },
    },
    locale: any,
    metadata: 'map',
    mode: { oneOf: ['payment', 'setup', 'subscription'] },
    payment_intent_data: {
      object: {
        capture_method: { oneOf: ['automatic', 'automatic_async', 'manual'] },
        description: { upTo: 1000 },
        metadata: 'map',
        receipt_email: any,
        setup_future_usage: { oneOf: ['off_session', 'on_session'] },
        statement_descriptor: { upTo: 22 },
        statement_descriptor_suffix: { upTo: 22 },
        transfer_group: any,
      },
    },
    return_url: any,
    submit_type: { oneOf: ['auto', 'book', 'donate', 'pay'] },
    success_url: { upTo: 5000 },
    ui_mode: any,
  },
  required: ['success_url'],
}

const refundRule: Rule = {
  object: {
    amount: 'integer',
    charge: { upTo: 5000 },
    currency: any,
    expand: { list: 'string' },
    metadata: 'map',
    payment_intent: { upTo: 5000 },
    reason: { oneOf: ['duplicate', 'fraudulent', 'requested_by_customer'] },
    refund_application_fee: 'boolean',
    reverse_transfer: 'boolean',
  },
}

const threeDecimals = /^(bhd|jod|kwd|omr|tnd)$/

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: Fields,
  ) {
    super(String(error.message))
  }
}

export class StripeStandIn extends StandIn {
  protected readonly provider = 'stripe'
  readonly key = 'sk_test_51StandInStripeKey'
  readonly webhookSecret = 'whsec_stand_in'
  readonly account = 'acct_1StandIn'
  readonly sessions = new Map<string, Fields>()
  readonly intents = new Map<string, Fields>()
  readonly charges = new Map<string, Fields>()
  readonly refunds = new Map<string, Fields>()
  readonly disputes = new Map<string, Fields>()
  /** What becomes of refunds that are asked for; `settleRefund` ends those that are pending. */
  refundsAre: 'succeeded' | 'pending' = 'succeeded'
  /** A restricted key may not read the account. */
  restricted = false
  #keys = new Map<string, { asked: string; answer: Answer | null }>()

  static start(options: StandInOptions = {}): Promise<StripeStandIn> {
    return new StripeStandIn(options).listen()
  }

  get env(): Record<string, string> {
    return {
      STRIPE_SECRET_KEY: this.key,
      STRIPE_WEBHOOK_SECRET: this.webhookSecret,
      ERPMAX_STRIPE_API_BASE: this.url,
    }
  }

  /** The customer pays. */
  pay(checkout: string, { async = false, ...given }: StripePayment = {}): Delivery[] {
    const session = this.#open(checkout)
    const of = this.#scenario(session, given)
    const method = given.method ?? 'card'
    const changes = {
      amount_total: of.amount,
      currency: of.currency.toLowerCase(),
      payment_intent: of.payment,
      payment_method_types: [method],
    }
    Object.assign(session, changes, {
      status: 'complete',
      url: null,
      payment_status: async ? 'unpaid' : 'paid',
    })
    if (async) {
      this.#keep(
        this.intents,
        stripeIntent(of, {
          status: 'processing',
          amount_received: 0,
          latest_charge: null,
          metadata: this.#intentMetadata(session),
        }),
      )
      return [
        this.#event('payment_intent.processing', this.#of(this.intents, of.payment), of),
        this.#event('checkout.session.completed', session, of),
      ]
    }
    return [...this.#charged(session, of), this.#event('checkout.session.completed', session, of)]
  }

  /** A payment that takes days arrives. */
  settle(checkout: string): Delivery[] {
    const session = this.#of(this.sessions, checkout)
    const of = this.#scenario(session, {})
    session.payment_status = 'paid'
    return [
      ...this.#charged(session, of),
      this.#event('checkout.session.async_payment_succeeded', session, of),
    ]
  }

  /** A payment that takes days does not arrive. */
  bounce(checkout: string): Delivery[] {
    const session = this.#of(this.sessions, checkout)
    return [
      this.#failed(session, 'payment_method_provider_decline', 'The bank declined the debit.'),
      this.#event('checkout.session.async_payment_failed', session, this.#scenario(session, {})),
    ]
  }

  /** The customer tries, and the bank says no; the session stays open, and the next try has the same PaymentIntent. */
  fail(checkout: string, code = 'insufficient_funds'): Delivery[] {
    return [this.#failed(this.#open(checkout), code, 'Your card was declined.')]
  }

  /** Nobody paid in time. */
  expire(checkout: string): Delivery[] {
    const session = this.#open(checkout)
    Object.assign(session, { status: 'expired', url: null })
    return [this.#event('checkout.session.expired', session, this.#scenario(session, {}))]
  }

  /** Money is given back from Stripe's own console. */
  refund(payment: string, amount: number, metadata: Fields = {}): Delivery[] {
    return this.#refunded(payment, amount, metadata).deliveries
  }

  settleRefund(refund: string, status: 'succeeded' | 'failed'): Delivery[] {
    const object = this.#of(this.refunds, refund)
    object.status = status
    const intent = this.#of(this.intents, String(object.payment_intent))
    const charge = this.#of(this.charges, String(intent.latest_charge))
    if (status === 'failed') charge.amount_refunded = Number(charge.amount_refunded) - Number(object.amount)
    const of = { at: this.now(), live: false }
    return [this.#event(status === 'failed' ? 'refund.failed' : 'refund.updated', object, of)]
  }

  dispute(payment: string, amount?: number): Delivery[] {
    const of = this.#paid(payment, { dispute: this.id('dp_'), part: amount })
    this.#keep(this.disputes, stripeDispute(of))
    return [this.#event('charge.dispute.created', this.#of(this.disputes, of.dispute), of)]
  }

  closeDispute(dispute: string, status: 'won' | 'lost' | 'warning_closed'): Delivery[] {
    const object = this.#of(this.disputes, dispute)
    object.status = status
    return [this.#event('charge.dispute.closed', object, { at: this.now(), live: false })]
  }

  /** The PaymentIntent of a session; null where nobody tried to pay yet. */
  paymentOf(checkout: string): string | null {
    return this.#of(this.sessions, checkout).payment_intent as string | null
  }

  #open(checkout: string): Fields {
    const session = this.#of(this.sessions, checkout)
    if (session.status !== 'open') throw new Error(`${checkout} is ${String(session.status)}`)
    return session
  }

  #of(kind: Map<string, Fields>, id: string): Fields {
    const found = kind.get(id)
    if (!found) throw new Error(`Stripe knows no ${id}`)
    return found
  }

  #keep(kind: Map<string, Fields>, object: Fields): Fields {
    kind.set(String(object.id), object)
    return object
  }

  #scenario(session: Fields, given: StripePayment): Scenario {
    return stripeScenario({
      at: this.now(),
      checkout: String(session.id),
      amount: given.amount ?? Number(session.amount_total),
      currency: (given.currency ?? String(session.currency)).toUpperCase(),
      method: given.method ?? 'card',
      live: given.live ?? false,
      payment: (session.payment_intent as string | null) ?? this.id('pi_'),
      charge: this.id('ch_'),
    })
  }

  #intentMetadata(session: Fields): Fields {
    return session.intentMetadata as Fields
  }

  #charged(session: Fields, of: Scenario): Delivery[] {
    const metadata = this.#intentMetadata(session)
    this.#keep(this.charges, stripeCharge(of, { metadata }))
    this.#keep(this.intents, stripeIntent(of, { metadata }))
    return [
      this.#event('payment_intent.succeeded', this.#of(this.intents, of.payment), of),
      this.#event('charge.succeeded', this.#of(this.charges, of.charge), of),
    ]
  }

  #failed(session: Fields, decline: string, message: string): Delivery {
    const of = this.#scenario(session, {})
    session.payment_intent = of.payment
    const error = { type: 'card_error', code: 'card_declined', decline_code: decline, message }
    const changes = {
      status: 'requires_payment_method',
      amount_received: 0,
      latest_charge: null,
      last_payment_error: error,
    }
    const intent = this.#keep(
      this.intents,
      stripeIntent(of, { ...changes, metadata: this.#intentMetadata(session) }),
    )
    return this.#event('payment_intent.payment_failed', intent, of)
  }

  #paid(
    payment: string,
    { part, ...given }: { dispute?: string; refund?: string; part?: number | undefined },
  ): Scenario {
    const intent = this.#of(this.intents, payment)
    const amount = Number(intent.amount)
    return stripeScenario({
      ...{
        at: this.now(),
        payment,
        amount,
        currency: String(intent.currency).toUpperCase(),
        part: part ?? amount,
      },
      charge: String(intent.latest_charge),
      ...given,
    })
  }

  #refunded(
    payment: string,
    amount: number | undefined,
    metadata: Fields,
  ): { refund: Fields; deliveries: Delivery[] } {
    const intent = this.#of(this.intents, payment)
    const charge = this.#of(this.charges, String(intent.latest_charge))
    const rest = Number(charge.amount) - Number(charge.amount_refunded)
    const of = this.#paid(payment, { refund: this.id('re_'), part: amount ?? rest })
    const refund = this.#keep(this.refunds, stripeRefund(of, { metadata, status: this.refundsAre }))
    charge.amount_refunded = Number(charge.amount_refunded) + of.part
    charge.refunded = charge.amount_refunded === charge.amount
    return {
      refund,
      deliveries: [this.#event('refund.created', refund, of), this.#event('charge.refunded', charge, of)],
    }
  }

  #event(type: string, object: Fields, of: Pick<Scenario, 'at' | 'live'>): Delivery {
    const { intentMetadata: _, ...shown } = object
    const event = stripeEnvelope(type, shown, of, this.id('evt_'))
    const delivery = signed('stripe', event, this.webhookSecret, of.at)
    this.events.push(delivery)
    return delivery
  }

  /* The API. */

  protected trouble(status: 400 | 429 | 500): Answer {
    const error =
      status === 400
        ? {
            type: 'invalid_request_error',
            code: 'balance_insufficient',
            message: 'Insufficient funds in your Stripe balance to refund this amount.',
          }
        : status === 429
          ? {
              type: 'invalid_request_error',
              code: 'rate_limit',
              message: 'Too many requests hit the API too quickly.',
            }
          : { type: 'api_error', message: 'Sorry! There was an error while talking to one of our backends.' }
    return { status, body: { error } }
  }

  protected answer(asked: Asked): Answer {
    try {
      this.#authenticate(asked)
      const key = asked.method === 'POST' ? asked.headers['idempotency-key'] : undefined
      const known = key === undefined ? undefined : this.#keys.get(key)
      const content = `${asked.path} ${asked.body}`
      if (known) {
        if (known.asked !== content)
          throw new Refusal(400, {
            type: 'idempotency_error',
            message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
          })
        if (known.answer) return { ...known.answer, headers: { 'idempotent-replayed': 'true' } }
      }
      return { status: 200, body: this.#run(asked) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: error.status, body: { error: error.error } }
    }
  }

  /** The result of a request that began to execute, be it an error; one whose parameters were refused did not. */
  protected override remember(asked: Asked, answer: Answer): void {
    const key = asked.method === 'POST' ? asked.headers['idempotency-key'] : undefined
    if (key === undefined || this.#keys.has(key) || (answer.status >= 400 && answer.status < 500)) return
    this.#keys.set(key, { asked: `${asked.path} ${asked.body}`, answer: structuredClone(answer) })
  }

  #authenticate({ headers }: Asked): void {
    const [, given] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
    if (given === this.key) return
    throw new Refusal(401, {
      type: 'invalid_request_error',
      message: given === undefined ? 'You did not provide an API key.' : `Invalid API Key provided: ${given}`,
    })
  }

  #run(asked: Asked): unknown {
    const { method, path } = asked
    const [, kind = '', id, action] =
      /^\/v1\/(account|checkout\/sessions|payment_intents|refunds|events)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
        path,
      ) ?? []
    const route = `${method} ${kind}${id === undefined ? '' : '/*'}${action === undefined ? '' : `/${action}`}`
    switch (route) {
      case 'GET account':
        if (this.restricted)
          throw new Refusal(403, {
            type: 'invalid_request_error',
            message: 'The provided key does not have the required permissions.',
          })
        return { id: this.account, object: 'account', country: 'IN' }
      case 'POST checkout/sessions':
        return shown(this.#createSession(this.#parameters(new URLSearchParams(asked.body), sessionRule)))
      case 'GET checkout/sessions':
        return this.#list(this.sessions, asked, {
          ...page,
          ...{ customer: any, payment_intent: any, payment_link: any, subscription: any },
          customer_details: { object: { email: any } },
        })
      case 'GET checkout/sessions/*':
        this.#parameters(asked.query, expand)
        return shown(this.#found(this.sessions, id, 'checkout.session'))
      case 'POST checkout/sessions/*/expire': {
        this.#parameters(new URLSearchParams(asked.body), expand)
        const session = this.#found(this.sessions, id, 'checkout.session')
        if (session.status !== 'open')
          throw new Refusal(400, {
            type: 'invalid_request_error',
            message: `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${String(session.status)}.`,
          })
        this.expire(String(session.id))
        return shown(session)
      }
      case 'GET payment_intents':
        return this.#list(this.intents, asked, { ...page, created: 'range', customer: any })
      case 'GET payment_intents/*':
        return this.#expanded(
          this.#found(this.intents, id, 'payment_intent'),
          this.#parameters(asked.query, expand),
          'latest_charge',
        )
      case 'POST refunds':
        return this.#createRefund(this.#parameters(new URLSearchParams(asked.body), refundRule))
      case 'GET refunds':
        return this.#list(this.refunds, asked, {
          ...page,
          charge: any,
          created: 'range',
          payment_intent: any,
        })
      case 'GET refunds/*':
        return this.#found(this.refunds, id, 'refund')
      case 'GET events':
        return this.#list(
          new Map(this.events.map((event) => [event.id, JSON.parse(event.body.toString()) as Fields])),
          asked,
          { ...page, created: 'range', delivery_success: 'boolean', type: any, types: { list: 'string' } },
        )
      default:
        throw new Refusal(404, {
          type: 'invalid_request_error',
          message: `Unrecognized request URL (${method}: ${path}).`,
        })
    }
  }

  #parameters(form: URLSearchParams, rule: Rule): Fields {
    const given = nested(form)
    const wrong = firstWrong(given, rule)
    if (wrong) throw new Refusal(400, { type: 'invalid_request_error', param: wrong.param, ...said(wrong) })
    return given
  }

  #found(kind: Map<string, Fields>, id: string | undefined, name: string): Fields {
    const found = kind.get(id ?? '')
    if (!found)
      throw new Refusal(404, {
        ...{ type: 'invalid_request_error', code: 'resource_missing', param: 'id' },
        message: `No such ${name}: '${id}'`,
      })
    if (
      name === 'checkout.session' &&
      found.status === 'open' &&
      Number(found.expires_at) * 1000 < Date.now()
    )
      this.expire(String(found.id))
    return found
  }

  #expanded(object: Fields, parameters: Fields, path: string): Fields {
    const wanted = Object.values((parameters.expand ?? {}) as Fields)
    const charge = this.charges.get(String(object.latest_charge))
    return wanted.includes(path) && charge ? { ...object, latest_charge: charge } : object
  }

  #list(kind: Map<string, Fields>, asked: Asked, rules: Readonly<Record<string, Rule>>): unknown {
    const parameters = this.#parameters(asked.query, { object: rules })
    const limit = Number(parameters.limit ?? 10)
    if (limit < 1 || limit > 100)
      throw new Refusal(400, { type: 'invalid_request_error', param: 'limit', message: 'Invalid limit' })
    const created = (typeof parameters.created === 'object' ? parameters.created : {}) as Fields
    const types = Object.values((parameters.types ?? {}) as Fields)
    if (types.length > 20)
      throw new Refusal(400, { type: 'invalid_request_error', param: 'types', message: 'Too many types' })
    // Newest first.
    const all = [...kind.values()]
      .reverse()
      .filter(
        (object) =>
          Number(object.created) >= Number(created.gte ?? 0) &&
          (types.length === 0 || types.includes(object.type)),
      )
    const after = parameters.starting_after
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
    const data = all
      .slice(start, start + limit)
      .map((object) => shown(this.#expanded(object, parameters, 'data.latest_charge')))
    return { object: 'list', url: asked.path, has_more: start + limit < all.length, data }
  }

  #createSession(given: Fields): Fields {
    const refuse = (param: string, message: string, code?: string) =>
      new Refusal(400, { type: 'invalid_request_error', param, message, ...(code && { code }) })
    if (given.mode !== 'payment') throw refuse('mode', 'The stand-in takes payment mode only')
    const items = Object.values((given.line_items ?? {}) as Record<string, Fields>)
    if (items.length === 0) throw refuse('line_items', '`line_items` is required in `payment` mode')
    const prices = items.map((item) => item.price_data as Fields | undefined)
    const [currency = ''] = prices.map((price) => String(price?.currency))
    if (!/^[a-z]{3}$/.test(currency))
      throw refuse('line_items[0][price_data][currency]', `Invalid currency: ${currency}`)
    let amount = 0
    for (const [index, item] of items.entries()) {
      if (prices[index]?.unit_amount === undefined)
        throw refuse(`line_items[${index}]`, 'A price is required')
      const unit = Number(prices[index].unit_amount)
      if (unit < 0)
        throw refuse(
          `line_items[${index}][price_data][unit_amount]`,
          'Invalid non-negative integer',
          'parameter_invalid_integer',
        )
      amount += unit * Number(item.quantity ?? 1)
    }
    if (threeDecimals.test(currency) && amount % 10 !== 0)
      throw refuse('line_items', 'The least significant digit must be 0')
    if (amount < 50)
      throw refuse(
        'line_items',
        'The Checkout Session total amount must convert to at least 50 cents.',
        'amount_too_small',
      )
    const email = given.customer_email
    if (email !== undefined && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(String(email)))
      throw refuse('customer_email', `Invalid email address: ${String(email)}`, 'email_invalid')
    for (const name of ['success_url', 'cancel_url'])
      if (given[name] !== undefined && !URL.canParse(String(given[name])))
        throw refuse(name, 'Not a valid URL', 'url_invalid')
    const now = seconds(new Date())
    const until = given.expires_at === undefined ? now + 86_400 : Number(given.expires_at)
    if (until < now + 1800 || until > now + 86_460)
      throw refuse(
        'expires_at',
        'The `expires_at` timestamp must be between 30 minutes and 24 hours from now',
      )
    const id = this.id('cs_test_')
    const of = stripeScenario({ at: this.now(), checkout: id, amount, currency: currency.toUpperCase() })
    const intent = given.payment_intent_data as Fields | undefined
    return this.#keep(
      this.sessions,
      stripeSession(of, {
        ...{
          created: this.seconds(),
          expires_at: until,
          metadata: given.metadata ?? {},
          payment_intent: null,
        },
        ...{ client_reference_id: given.client_reference_id ?? null, customer_email: email ?? null },
        ...{ status: 'open', payment_status: 'unpaid', payment_method_types: ['card', 'link'] },
        ...{
          success_url: given.success_url,
          cancel_url: given.cancel_url ?? null,
          url: `${this.url}/pay/${id}`,
        },
        adaptive_pricing: { enabled: (given.adaptive_pricing as Fields | undefined)?.enabled !== 'false' },
        intentMetadata: intent?.metadata ?? {},
      }),
    )
  }

  #createRefund(given: Fields): Fields {
    const intent = this.#found(this.intents, given.payment_intent as string | undefined, 'payment_intent')
    const charge = this.charges.get(String(intent.latest_charge))
    const refuse = (code: string, message: string) =>
      new Refusal(400, { type: 'invalid_request_error', code, message })
    if (!charge)
      throw refuse('charge_not_refundable', 'This PaymentIntent does not have a successful charge to refund.')
    const rest = Number(charge.amount) - Number(charge.amount_refunded)
    if (rest === 0)
      throw refuse('charge_already_refunded', `Charge ${String(charge.id)} has already been refunded.`)
    const amount = given.amount === undefined ? rest : Number(given.amount)
    if (amount <= 0) throw refuse('parameter_invalid_integer', 'Invalid positive integer')
    if (amount > rest)
      throw refuse(
        'amount_too_large',
        `Refund amount (${amount}) is greater than unrefunded amount on charge (${rest})`,
      )
    return this.#refunded(String(intent.id), amount, (given.metadata ?? {}) as Fields).refund
  }
}

function shown({ intentMetadata: _, ...object }: Fields): Fields {
  return object
}

function said({ param, why }: Wrong): { code: string; message: string } {
  switch (why) {
    case 'unknown':
      return { code: 'parameter_unknown', message: `Received unknown parameter: ${param}` }
    case 'missing':
      return { code: 'parameter_missing', message: `Missing required param: ${param}.` }
    case 'too_long':
      return { code: 'parameter_invalid', message: `Invalid string: ${param} is too long` }
    case 'invalid':
      return { code: 'parameter_invalid', message: `Invalid ${param}` }
  }
}

export function startStripe(options: StandInOptions = {}): Promise<StripeStandIn> {
  return StripeStandIn.start(options)
}

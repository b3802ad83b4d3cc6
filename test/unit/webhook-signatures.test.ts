/** Which webhooks are a provider's (rule 26), each judged by the provider's own SDK as well. */
import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import Razorpay from 'razorpay'
import Stripe from 'stripe'
import { webhookReader } from '../../src/gateways/payment-providers.js'
import { razorpayEvent, razorpayScenario, stripeEvent, stripeScenario } from '../support/providers/events.js'
import { signed } from '../support/providers/stand-in.js'

type Headers = Record<string, string | undefined>

const now = new Date('2026-11-21T10:00:00.900Z')
const old = 'whsec_old'
const secret = 'whsec_new'

/** A header with one signature for each of the secrets. */
function stripeHeader(body: Buffer, at: Date, ...secrets: string[]): string {
  const seconds = Math.floor(at.getTime() / 1000)
  const v1 = secrets.map((one) => {
    const mac = createHmac('sha256', one)
    mac.update(`${seconds}.`)
    return `v1=${mac.update(body).digest('hex')}`
  })
  return [`t=${seconds}`, ...v1].join(',')
}

const before = (seconds: number) => new Date(now.getTime() - seconds * 1000)

describe('the signature of a webhook', () => {
  describe('of Stripe', () => {
    const { body, id } = stripeEvent('checkout.session.completed', stripeScenario({ at: now }))
    const altered = Buffer.from(body.toString().replace('58882', '1'))
    const again = Buffer.from(JSON.stringify(JSON.parse(body.toString())))
    const right = stripeHeader(body, now, secret)
    const [time = '', hex = ''] = right.split(',v1=')
    const cases: [string, Buffer, string | undefined, string[], string][] = [
      ['right', body, right, [secret], 'accepted'],
      ['wrong secret', body, right, ['whsec_other'], 'wrong'],
      ['no secret at all', body, right, [], 'wrong'],
      ['empty secret', body, stripeHeader(body, now, ''), [''], 'wrong'],
      ['altered body', altered, right, [secret], 'wrong'],
      ['body serialised again', again, right, [secret], 'wrong'],
      [
        'two v1, the second right',
        body,
        stripeHeader(body, now, 'whsec_other', secret),
        [secret],
        'accepted',
      ],
      ['two v1, the first right', body, stripeHeader(body, now, secret, 'whsec_other'), [secret], 'accepted'],
      ['old secret still in the list', body, stripeHeader(body, now, old), [secret, old], 'accepted'],
      ['old secret taken off the list', body, stripeHeader(body, now, old), [secret], 'wrong'],
      ['299 s old', body, stripeHeader(body, before(299), secret), [secret], 'accepted'],
      ['300 s old', body, stripeHeader(body, before(300), secret), [secret], 'accepted'],
      ['301 s old', body, stripeHeader(body, before(301), secret), [secret], 'stale'],
      ['301 s old and altered', altered, stripeHeader(body, before(301), secret), [secret], 'wrong'],
      [
        'time changed without signing again',
        body,
        `t=${Number(time.slice(2)) + 1},v1=${hex}`,
        [secret],
        'wrong',
      ],
      ['missing', body, undefined, [secret], 'missing'],
      ['empty', body, '', [secret], 'missing'],
      ['of no form', body, 'signature', [secret], 'malformed'],
      ['without a time', body, `v1=${hex}`, [secret], 'malformed'],
      ['without a signature', body, time, [secret], 'malformed'],
      ['with an empty signature', body, `${time},v1=`, [secret], 'malformed'],
      ['of another scheme only', body, `${time},v0=${hex}`, [secret], 'malformed'],
      ['of no body', Buffer.alloc(0), right, [secret], 'malformed'],
      ['cut short', body, right.slice(0, -1), [secret], 'wrong'],
    ]
    for (const [name, bytes, header, secrets, expected] of cases) {
      it(`${name}: ${expected}`, async () => {
        const reader = await webhookReader('stripe')
        const judged = reader.verify(bytes, { 'stripe-signature': header }, secrets, now)
        expect('fault' in judged ? judged.fault : 'accepted').to.equal(expected)
        const sdk = secrets.some((one) => {
          try {
            Stripe.webhooks.constructEvent(bytes, header ?? '', one, 300, undefined, now.getTime())
            return true
          } catch {
            return false
          }
        })
        expect(sdk, 'the SDK').to.equal(expected === 'accepted')
      })
    }

    it('says what the event is', async () => {
      const reader = await webhookReader('stripe')
      expect(reader.verify(body, { 'stripe-signature': right }, [secret], now)).to.deep.equal({
        event: {
          ...{ id, type: 'checkout.session.completed', live: false },
          happenedAt: new Date('2026-11-21T10:00:00.000Z'),
        },
      })
    })

    it('of something that is no event, rightly signed, is told as such', async () => {
      const reader = await webhookReader('stripe')
      for (const text of [
        'not JSON',
        '[]',
        'null',
        '{"object":"event"}',
        '{"object":"v2.core.event","id":"evt_1"}',
      ]) {
        const bytes = Buffer.from(text)
        const headers = { 'stripe-signature': stripeHeader(bytes, now, secret) }
        expect(reader.verify(bytes, headers, [secret], now), text).to.deep.equal({ fault: 'not_an_event' })
      }
    })

    it('is made so that it is accepted', async () => {
      const reader = await webhookReader('stripe')
      const headers = reader.sign(body, secret, now, id)
      expect(headers).to.deep.equal({ 'stripe-signature': right })
      expect(reader.verify(body, headers, [secret], now)).to.have.property('event')
    })
  })

  describe('of Razorpay', () => {
    const event = razorpayEvent('payment_link.paid', razorpayScenario({ at: now }))
    const { body } = event
    const altered = Buffer.from(body.toString().replace('58882', '1'))
    const again = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 2))
    const by = (one: string) => createHmac('sha256', one).update(body).digest('hex')
    const right = by(secret)
    const cases: [string, Buffer, string | undefined, string[], string][] = [
      ['right', body, right, [secret], 'accepted'],
      ['wrong secret', body, right, ['other'], 'wrong'],
      ['no secret at all', body, right, [], 'wrong'],
      ['altered body', altered, right, [secret], 'wrong'],
      ['body serialised again', again, right, [secret], 'wrong'],
      ['old secret still in the list', body, by(old), [secret, old], 'accepted'],
      ['old secret taken off the list', body, by(old), [secret], 'wrong'],
      ['missing', body, undefined, [secret], 'missing'],
      ['empty', body, '', [secret], 'missing'],
      ['of no form', body, 'signature', [secret], 'malformed'],
      ['in capitals', body, right.toUpperCase(), [secret], 'malformed'],
      ['cut short', body, right.slice(0, -1), [secret], 'malformed'],
      ['with more behind it', body, `${right}00`, [secret], 'malformed'],
      ['of no body', Buffer.alloc(0), right, [secret], 'wrong'],
    ]
    for (const [name, bytes, header, secrets, expected] of cases) {
      it(`${name}: ${expected}`, async () => {
        const reader = await webhookReader('razorpay')
        const headers: Headers = { 'x-razorpay-signature': header, 'x-razorpay-event-id': event.id }
        const judged = reader.verify(bytes, headers, secrets, now)
        expect('fault' in judged ? judged.fault : 'accepted').to.equal(expected)
        const sdk = secrets.some((one) => {
          try {
            return Razorpay.validateWebhookSignature(bytes.toString(), header ?? '', one)
          } catch {
            return false
          }
        })
        expect(sdk, 'the SDK').to.equal(expected === 'accepted')
      })
    }

    it('an empty secret accepts nothing', async () => {
      const reader = await webhookReader('razorpay')
      const empty = createHmac('sha256', '').update(body).digest('hex')
      expect(reader.verify(body, { 'x-razorpay-signature': empty }, [''], now)).to.deep.equal({
        fault: 'wrong',
      })
    })

    it('says what the event is: its id is in the header, its time the payment’s', async () => {
      const reader = await webhookReader('razorpay')
      const { headers } = signed('razorpay', event, secret, now)
      expect(reader.verify(body, headers, [secret], now)).to.deep.equal({
        event: {
          ...{ id: event.id, type: 'payment_link.paid', live: false },
          happenedAt: new Date('2026-11-21T10:00:00.000Z'),
        },
      })
    })

    it('without an id in the header the bytes are the id, the same every time', async () => {
      const reader = await webhookReader('razorpay')
      const id = reader.identify(body, {})?.id
      expect(id).to.match(/^sha256_[0-9a-f]{64}$/)
      expect(reader.identify(body, { 'x-razorpay-event-id': '' })?.id).to.equal(id)
      expect(reader.identify(again, {})?.id).to.not.equal(id)
    })

    it('an id of no form is malformed', async () => {
      const reader = await webhookReader('razorpay')
      for (const id of ['a b', 'x'.repeat(201), 'é']) {
        const headers = { 'x-razorpay-signature': right, 'x-razorpay-event-id': id }
        expect(reader.verify(body, headers, [secret], now), id).to.deep.equal({ fault: 'malformed' })
      }
    })

    it('is made so that it is accepted', async () => {
      const reader = await webhookReader('razorpay')
      const headers = reader.sign(body, secret, now, 'event_1')
      expect(headers['x-razorpay-signature']).to.equal(right)
      expect(reader.verify(body, headers, [secret], now)).to.have.nested.property('event.id', 'event_1')
    })
  })
})

/** What of an event is shown, and what is told of its signature. */
import { expect } from 'chai'
import fc from 'fast-check'
import { webhookReader } from '../../src/gateways/payment-providers.js'
import { resolveConfig } from '../../src/kernel/config.js'
import { explainSignature, type ExplainedSignature } from '../../src/payments/inbox/explain-signature.js'
import { redactBody } from '../../src/payments/inbox/redact-body.js'
import { refusalOf } from '../support/errors.js'
import { razorpayEvent, stripeEvent } from '../support/providers/events.js'
import type { ProviderName } from '../../src/kernel/payment-gateway.js'

describe('the body of an event, as it is shown', () => {
  it('says what was paid and for what, and not by whom', () => {
    const [session, paid] = [
      stripeEvent('checkout.session.completed'),
      razorpayEvent('payment_link.paid'),
    ].map(({ body }) => redactBody(JSON.parse(body.toString())))
    const text = JSON.stringify([session, paid])
    for (const hidden of [
      'accounts@acme.test',
      'acme@okexample',
      '+919000090000',
      '_secret_',
      '103608848276',
      'rzp_test_1',
    ])
      expect(text, hidden).not.to.include(hidden)
    expect(session).to.have.nested.property('data.object.amount_total', 58_882)
    expect(session).to.have.nested.property('data.object.metadata.erpmax_invoice', 'ERP/26-27/00001')
    expect(paid).to.have.nested.property('payload.payment.entity.id', 'pay_Qfldmt5StKZFCB')
    expect(paid).to.have.nested.property('payload.payment.entity.notes.erpmax_tenant', 'acme')
  })

  it('hides addresses, keys and card numbers in any text, at any depth, and leaves ids and amounts', () => {
    const deep = { a: [{ message: 'from jane@x.test with 4242 4242 4242 4242 and whsec_abcdefgh' }] }
    expect(redactBody(deep)).to.deep.equal({
      a: [{ message: 'from [redacted] with [redacted] and [redacted]' }],
    })
    const plain = {
      id: 'pi_3PgafyB7WZ01zgkW',
      amount: 4_242_424_242_424_242,
      created: 1767225600,
      at: '2026-04-12',
    }
    expect(redactBody(plain)).to.deep.equal(plain)
    expect(redactBody({ email: null, name: '', phone: '1' })).to.deep.equal({
      email: null,
      name: '',
      phone: '[redacted]',
    })
  })

  it('is the same JSON otherwise', () => {
    const json = fc.jsonValue({ depthSize: 'small' })
    fc.assert(fc.property(json, (value) => void expect(shape(redactBody(value))).to.equal(shape(value))))
  })
})

/** The keys of an object, in order. */
function shape(value: unknown): string {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.keys(value).join()
    : typeof value
}

describe('a signature, explained', () => {
  const signedAt = new Date('2026-04-12T10:00:00Z')
  const secrets = { STRIPE_WEBHOOK_SECRET: 'whsec_new, whsec_old', RAZORPAY_WEBHOOK_SECRET: 'rzp-secret' }

  async function explained(
    provider: ProviderName,
    body: Buffer,
    headers: Record<string, string>,
    { age = 0, values = secrets }: { age?: number; values?: Record<string, string> } = {},
  ): Promise<ExplainedSignature> {
    const config = resolveConfig([{ origin: 'test', values: { ERPMAX_ENV: 'test', ...values } }], () => '')
    const clock = { now: () => new Date(signedAt.getTime() + age * 1000) }
    return explainSignature({ config, clock, webhookReader }, { provider, body, headers })
  }

  for (const [provider, body, newest] of [
    ['stripe', stripeEvent('payment_intent.succeeded').body, 'whsec_new'],
    ['razorpay', razorpayEvent('payment.captured').body, 'rzp-secret'],
  ] as const) {
    const sign = async (secret: string, signed: Buffer = body) =>
      (await webhookReader(provider)).sign(signed, secret, signedAt, 'evt_1')
    const verdictOf = async (...given: Parameters<typeof explained>) => {
      const { verdict, alteration } = await explained(...given)
      return alteration === null ? verdict : `${verdict}: ${alteration}`
    }

    it(`of ${provider}: right, missing, malformed, of another secret, over another body`, async () => {
      const right = await explained(provider, body, await sign(newest))
      expect(right).to.deep.include({ ok: true, verdict: 'right', secret: 1, provider })
      expect(right.event?.type).to.match(/^payment/)
      expect(await verdictOf(provider, body, {})).to.equal('missing')
      const { header } = await webhookReader(provider)
      for (const odd of ['', 'nonsense', 't=1'])
        expect(await verdictOf(provider, body, { [header]: odd })).to.equal(
          odd === '' ? 'missing' : 'malformed',
        )
      expect(await verdictOf(provider, body, await sign('another'))).to.equal('wrong')
      const altered = Buffer.from(body.toString().replace('58882', '1'))
      expect(await verdictOf(provider, altered, await sign(newest))).to.equal('wrong')
    })

    it(`of ${provider}: right, over what is no event`, async () => {
      for (const text of ['not JSON', '[]', '{"object":"event"}', '{"entity":"event"}', '{}']) {
        const other = Buffer.from(text)
        const found = await explained(provider, other, await sign(newest, other))
        expect(found, text).to.deep.include({ ok: false, verdict: 'not_an_event', event: null })
        expect(await verdictOf(provider, other, await sign('another', other)), text).to.equal('wrong')
      }
    })

    it(`of ${provider}: over a body that was touched on its way`, async () => {
      const text = body.toString()
      const touched = {
        'a line break was added at its end': `${text}\n`,
        'it was parsed and written anew': JSON.stringify(
          JSON.parse(text),
          null,
          provider === 'stripe' ? 0 : 2,
        ),
        // The SDK of Stripe passes over the mark, and so do we: there it is right.
        ...(provider === 'stripe'
          ? { 'its line breaks became CR LF': text.replaceAll('\n', '\r\n') }
          : { 'a byte order mark was put before it': `\ufeff${text}` }),
      }
      for (const [alteration, form] of Object.entries(touched))
        expect(await verdictOf(provider, Buffer.from(form), await sign(newest))).to.equal(
          `body_altered: ${alteration}`,
        )
    })

    it(`of ${provider}: signed with the secret of the other provider`, async () => {
      const values = { STRIPE_WEBHOOK_SECRET: 'a', RAZORPAY_WEBHOOK_SECRET: 'b' }
      const other = provider === 'stripe' ? 'b' : 'a'
      expect(await verdictOf(provider, body, await sign(other), { values })).to.equal('other_provider')
    })

    it(`of ${provider}: without a secret there is nothing to verify with`, async () => {
      expect(await refusalOf(explained(provider, body, {}, { values: {} }))).to.equal(
        'usage webhook.not_configured',
      )
    })
  }

  it('of Stripe: an old secret of the list, and one that is too old', async () => {
    const { body } = stripeEvent('payment_intent.succeeded')
    const headers = (await webhookReader('stripe')).sign(body, 'whsec_old', signedAt, '')
    expect(await explained('stripe', body, headers)).to.deep.include({
      verdict: 'right',
      secret: 2,
      age_seconds: 0,
    })
    expect(await explained('stripe', body, headers, { age: 299 })).to.deep.include({ verdict: 'right' })
    expect(await explained('stripe', body, headers, { age: 301 })).to.deep.include({
      ...{ ok: false, verdict: 'stale', secret: 2, age_seconds: 301 },
    })
  })
})

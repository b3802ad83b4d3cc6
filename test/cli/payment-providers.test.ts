/** `payment providers check` of the built program, against stand-ins, without any database. */
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { erpmax, type Ran } from '../support/cli.js'
import { unusedUrl } from '../support/providers/calls.js'
import { startRazorpay, type RazorpayStandIn } from '../support/providers/razorpay.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { throwAwayFolder } from '../support/server.js'
import type { CheckedProvider } from '../../src/payments/check-providers.js'

describe('payment providers check', function () {
  this.timeout(60_000)
  const home = throwAwayFolder()
  let stripe: StripeStandIn
  let razorpay: RazorpayStandIn
  before(async () => {
    stripe = await startStripe()
    razorpay = await startRazorpay()
  })
  after(async () => {
    await stripe.close()
    await razorpay.close()
    rmSync(home, { recursive: true, force: true })
  })

  /** Nothing it prints may hold a secret. */
  async function check(env: Record<string, string>, ...words: string[]): Promise<Ran> {
    const ran = await erpmax(['payment', 'providers', 'check', ...words], {
      env: { ERPMAX_HOME: home, ...env },
    })
    for (const name of [
      'STRIPE_SECRET_KEY',
      'STRIPE_WEBHOOK_SECRET',
      'RAZORPAY_KEY_SECRET',
      'RAZORPAY_WEBHOOK_SECRET',
    ])
      for (const secret of (env[name] ?? '').split(',').filter((part) => part.length > 10))
        expect(`${ran.stdout}${ran.stderr}`, name).to.not.include(secret)
    return ran
  }

  const items = (ran: Ran): CheckedProvider[] => ran.json?.data.items as CheckedProvider[]
  const told = (ran: Ran) =>
    items(ran).map(({ provider, reachable, key_accepted, problems }) => [
      provider,
      ...[reachable, key_accepted, ...problems.map(({ code }) => code)],
    ])

  it('both in order: mode, account, secrets, clock; no database is made', async () => {
    const ran = await check(
      { ...stripe.env, ...razorpay.env, RAZORPAY_WEBHOOK_SECRET: 'newest,older' },
      '--json',
    )
    expect(ran.code, ran.stdout).to.equal(0)
    expect(told(ran)).to.deep.equal([
      ['stripe', true, true],
      ['razorpay', true, true],
    ])
    expect(items(ran)[0]).to.deep.include({
      mode: 'test',
      account: stripe.account,
      webhook_secrets: 1,
      api_base: stripe.url,
    })
    expect(items(ran)[1]).to.deep.include({
      mode: 'test',
      account: null,
      webhook_secrets: 2,
      api_base: razorpay.url,
    })
    expect(Math.abs(items(ran)[0]?.clock_skew_ms ?? Infinity)).to.be.below(30_000)
    expect(existsSync(path.join(home, 'pg18'))).to.equal(false)
    expect((await check({ ...stripe.env, ...razorpay.env })).code).to.equal(0)
  })

  it('none set up: exit 2, whichever is asked for', async () => {
    const ran = await check({}, '--json')
    expect([ran.code, ran.json?.error?.code]).to.deep.equal([2, 'payment.not_configured'])
    const other = await check(stripe.env, '--provider', 'razorpay', '--json')
    expect([other.code, other.json?.error?.code]).to.deep.equal([2, 'payment.not_configured'])
  })

  it('one of two set up: the other is said not to be', async () => {
    const ran = await check(razorpay.env, '--json')
    expect(ran.code).to.equal(0)
    expect(items(ran).map(({ configured }) => configured)).to.deep.equal([false, true])
  })

  it('half a key, or a key of another kind: exit 2', async () => {
    const half = await check({ ...razorpay.env, RAZORPAY_KEY_SECRET: '' }, '--json')
    expect([half.code, half.json?.error?.code, half.json?.error?.details.setting]).to.deep.equal([
      ...[2, 'payment.not_configured', 'RAZORPAY_KEY_SECRET'],
    ])
    for (const STRIPE_SECRET_KEY of ['pk_test_publishable', 'sk_test_']) {
      const wrong = await check({ ...stripe.env, STRIPE_SECRET_KEY }, '--json')
      expect([wrong.code, wrong.json?.error?.code], STRIPE_SECRET_KEY).to.deep.equal([2, 'config.invalid'])
    }
  })

  it('what cannot be reached, or is in trouble: exit 9, and the other is checked all the same', async () => {
    const gone = { ...stripe.env, ...razorpay.env, ERPMAX_STRIPE_API_BASE: await unusedUrl() }
    const ran = await check(gone, '--json')
    expect(ran.code, ran.stdout).to.equal(9)
    expect(told(ran)).to.deep.equal([
      ['stripe', false, null, 'unreachable'],
      ['razorpay', true, true],
    ])
    for (const fault of ['502', 'hang'] as const) {
      razorpay.faults.push(fault)
      const troubled = await check(
        { ...razorpay.env, ERPMAX_PROVIDER_TIMEOUT: '0.5' },
        '--provider',
        'razorpay',
        '--json',
      )
      expect(troubled.code, fault).to.equal(9)
      expect(told(troubled)).to.deep.equal([
        fault === 'hang' ? ['razorpay', false, null, 'unreachable'] : ['razorpay', true, null, 'in_trouble'],
      ])
    }
    for (const fault of ['500', '429', '502'] as const) {
      stripe.faults.push(fault, fault, fault)
      const troubled = await check(stripe.env, '--provider', 'stripe', '--json')
      stripe.faults.length = 0
      expect([troubled.code, ...told(troubled)], fault).to.deep.equal([
        9,
        ['stripe', true, null, 'in_trouble'],
      ])
    }
    expect((await check(gone)).code).to.equal(9)
  })

  it('a key that is refused: exit 4', async () => {
    const ran = await check({ ...stripe.env, STRIPE_SECRET_KEY: 'sk_test_revoked_long_ago' }, '--json')
    expect(ran.code, ran.stdout).to.equal(4)
    expect(told(ran)[0]).to.deep.equal(['stripe', true, false, 'key_refused'])
    const text = await check({ ...razorpay.env, RAZORPAY_KEY_SECRET: 'changed-long-ago' })
    expect(text.code).to.equal(4)
  })

  it('no webhook secret and a clock that is off are problems, and money can be asked for all the same', async () => {
    const env = { ...stripe.env, STRIPE_WEBHOOK_SECRET: '', ERPMAX_NOW: '2026-01-01T00:00:00Z' }
    const ran = await check(env, '--provider', 'stripe', '--json')
    expect(ran.code, ran.stdout).to.equal(0)
    expect(told(ran)).to.deep.equal([['stripe', true, true, 'webhook_secret_missing', 'clock_off']])
  })
})

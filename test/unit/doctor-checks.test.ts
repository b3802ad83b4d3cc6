/** What `doctor` concludes from the figures of a server. */
import { expect } from 'chai'
import { lockBudget } from '../../src/schemas/lock-budget.js'
import * as checks from '../../src/views/doctor/server-checks.js'
import { resolveConfig } from '../../src/kernel/config.js'
import { checkPayments } from '../../src/views/doctor/payments-check.js'
import { judgeIsolation } from '../../src/views/doctor/isolation-check.js'
import type { Openness } from '../../src/schemas/login-reach.js'
import type { ServerFacts } from '../../src/views/doctor/server-checks.js'

const good: ServerFacts = {
  version: '18.4 (Debian 18.4-1)',
  versionNumber: 180_004,
  database: 'erp',
  user: 'app',
  mayCreate: true,
  mayUsePublic: true,
  readOnly: false,
  btreeGist: 'installed',
  freeConnections: 90,
  maxConnections: 100,
  syncMethod: 'fsync',
  canSyncFileSystem: true,
}

describe('checks of a server', () => {
  it('15 is the oldest version that works, 17 the oldest that is well', () => {
    const status = (versionNumber: number): string => checks.checkVersion({ ...good, versionNumber }).status
    expect([140_019, 150_000, 160_009, 170_000, 180_004].map(status)).to.deep.equal([
      'problem',
      'warning',
      'warning',
      'ok',
      'ok',
    ])
  })

  it('a user without rights is told the grants', () => {
    expect(checks.checkRights(good).status).to.equal('ok')
    const poor = checks.checkRights({ ...good, mayCreate: false, mayUsePublic: false })
    expect(poor).to.include({
      status: 'problem',
      hint: 'grant create on database "erp" to "app"; grant create on schema public to "app";',
    })
    expect(checks.checkRights({ ...good, readOnly: true }).status).to.equal('problem')
  })

  it('what is open to everybody is a problem once a tenant can sign in', () => {
    const closed = { reachable: [], functions: [], databases: [] }
    const leak = { thing: 'relation tenants', remedy: 'revoke all on tenants from public' }
    const status = (open: Partial<Openness>, logins: number): string =>
      judgeIsolation({ ...closed, ...open }, logins).status
    expect([0, 2].map((logins) => status({}, logins))).to.deep.equal(['ok', 'ok'])
    expect([0, 2].map((logins) => status({ reachable: [leak] }, logins))).to.deep.equal([
      'warning',
      'problem',
    ])
    for (const open of [{ functions: ['pg_advisory_lock(bigint)'] }, { databases: ['postgres'] }])
      expect([0, 2].map((logins) => status(open, logins))).to.deep.equal(['ok', 'warning'])
    expect(judgeIsolation({ ...closed, reachable: [leak] }, 1).hint).to.include(leak.remedy)
  })

  it('btree_gist must be there or be installable', () => {
    const status = (btreeGist: ServerFacts['btreeGist']): string =>
      checks.checkExtension({ ...good, btreeGist }).status
    expect([status('installed'), status('available'), status('missing')]).to.deep.equal([
      'ok',
      'ok',
      'problem',
    ])
  })

  it('the lock table of a stock server is small, and the value to set is enough', () => {
    const stock = checks.checkLocks(lockBudget(64, 100, 0))
    expect(stock.status).to.equal('warning')
    const value = Number(/max_locks_per_transaction = (\d+)/.exec(stock.hint ?? '')?.[1])
    expect(lockBudget(value, 100, 0).slots).to.be.at.least(4)
    expect(checks.checkLocks(lockBudget(value, 100, 0)).status).to.equal('ok')
    expect(checks.checkLocks(lockBudget(10, 20, 0)).status).to.equal('warning')
  })

  it('connections run short before they are gone', () => {
    const status = (freeConnections: number): string =>
      checks.checkConnections({ ...good, freeConnections }).status
    expect([4, 5, 19, 20].map(status)).to.deep.equal(['problem', 'warning', 'warning', 'ok'])
  })

  it('migrations: pending ones are a problem where nobody applies them by itself', () => {
    const state = { applied: ['1'], pending: ['2'], unknown: [] }
    expect(checks.checkMigrations(state, false).status).to.equal('problem')
    expect(checks.checkMigrations(state, true).status).to.equal('warning')
    expect(checks.checkMigrations({ ...state, pending: [], unknown: ['9'] }, true).status).to.equal('problem')
    expect(checks.checkMigrations({ ...state, pending: [] }, false).status).to.equal('ok')
  })

  it('the sync method matters with many tenants, and only where there is another one', () => {
    expect(checks.checkRecovery(good, 99).status).to.equal('ok')
    expect(checks.checkRecovery(good, 100).status).to.equal('warning')
    expect(checks.checkRecovery({ ...good, syncMethod: 'syncfs' }, 1000).status).to.equal('ok')
    expect(checks.checkRecovery({ ...good, canSyncFileSystem: false }, 1000).status).to.equal('ok')
  })

  it('clocks may differ a little, either way', () => {
    const status = (ms: number): string => checks.checkClock(ms, null).status
    expect([0, -4_999, 5_000, -59_999, 60_000, -60_000].map(status)).to.deep.equal([
      'ok',
      'ok',
      'warning',
      'warning',
      'problem',
      'problem',
    ])
    expect(checks.checkClock(0, '2026-03-31T18:30:00Z').status).to.equal('warning')
  })
})

describe('the check of payment providers', () => {
  const check = (values: Record<string, string>) =>
    checkPayments(resolveConfig([{ origin: 'test', values }], () => ''))
  const stripe = { STRIPE_SECRET_KEY: 'sk_test_hidden', STRIPE_WEBHOOK_SECRET: 'whsec_hidden' }

  it('says nothing where none is set up', () => expect(check({})).to.equal(null))

  it('names those that are, with their mode', () => {
    expect(check(stripe)).to.deep.include({ status: 'ok', message: 'Stripe (test)' })
    const live = { ERPMAX_ENV: 'production', STRIPE_SECRET_KEY: 'rk_live_hidden', STRIPE_WEBHOOK_SECRET: 'x' }
    expect(check(live)).to.deep.include({ status: 'ok', message: 'Stripe (live)' })
  })

  it('warns of what is not set, and repeats no secret', () => {
    const half = check({ ...stripe, RAZORPAY_KEY_ID: 'rzp_test_1', STRIPE_WEBHOOK_SECRET: ' , ' })
    expect(half?.status).to.equal('warning')
    for (const setting of ['STRIPE_WEBHOOK_SECRET', 'RAZORPAY_KEY_SECRET', 'RAZORPAY_WEBHOOK_SECRET'])
      expect(half?.message).to.include(setting)
    expect(half?.message).to.not.include('hidden')
  })
})

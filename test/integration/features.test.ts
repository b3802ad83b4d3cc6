/** Feature flags: one row a flag, of the tenant or of a module it is entitled to. */
import { expect } from 'chai'
import { rows, sql } from '../../src/database/sql.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'
import {
  flagConfig,
  flagName,
  setFeature,
  unsetFeature,
  type FeatureChange,
} from '../../src/subscriptions/features.js'
import { listFeatures } from '../../src/views/features.js'
import { rejection, thrown } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

const page = { limit: 50, cursor: null }

let ctx: OpenedContext
let named = 0

async function tenant(): Promise<SubscribedTenant> {
  named += 1
  return subscribedTenant(ctx, `flags-${named}`, { modules: ['finance'] })
}

const on = (flag: string, more: Partial<FeatureChange> = {}): FeatureChange => ({
  ...{ flag, module: null, enabled: true, config: undefined },
  ...more,
})

/** `flag module on|off config`. */
async function listed({ id }: SubscribedTenant, module: string | null = null): Promise<string[]> {
  return (await listFeatures(ctx, id, module, page)).items.map((one) =>
    [one.flag, one.module ?? '-', one.enabled ? 'on' : 'off', JSON.stringify(one.config)].join(' '),
  )
}

describe('feature flags', () => {
  before(async () => (ctx = await sharedContext()))

  it('are set, switched and unset; what is so already changes nothing', async () => {
    const acme = await tenant()
    expect(await listed(acme)).to.deep.equal([])
    expect(await setFeature(ctx, acme.subdomain, on('beta'), false)).to.include({
      enabled: true,
      changed: true,
    })
    expect(await setFeature(ctx, acme.id, on('beta'), false)).to.include({ changed: false })
    expect(await setFeature(ctx, acme.id, on('beta', { enabled: false }), false)).to.include({
      changed: true,
    })
    expect(await listed(acme)).to.deep.equal(['beta - off {}'])
    const gone = await unsetFeature(ctx, acme.id, on('beta'), false)
    expect(gone).to.include({ enabled: null, changed: true })
    expect(await unsetFeature(ctx, acme.id, on('beta'), false)).to.include({ changed: false })
    const audited = await rows<{ action: string; before: object | null; after: object }>(
      ctx.db,
      sql`select action, before, after from public.audit_log where tenant_id = ${acme.id} and action like 'feature.%' order by at`,
    )
    expect(audited).to.deep.equal([
      {
        action: 'feature.set',
        before: null,
        after: { flag: 'beta', module: null, enabled: true, config: {} },
      },
      {
        action: 'feature.set',
        before: { flag: 'beta', module: null, enabled: true, config: {} },
        after: { flag: 'beta', module: null, enabled: false, config: {} },
      },
      {
        action: 'feature.unset',
        before: { flag: 'beta', module: null, enabled: false, config: {} },
        after: { flag: 'beta', module: null },
      },
    ])
  })

  it('keep their configuration until another is given', async () => {
    const acme = await tenant()
    await setFeature(ctx, acme.id, on('dial', { config: { lines: 4, on: [null, true] } }), false)
    const off = await setFeature(ctx, acme.id, on('dial', { enabled: false }), false)
    expect(off.config).to.deep.equal({ lines: 4, on: [null, true] })
    expect(await setFeature(ctx, acme.id, on('dial', { config: null }), false)).to.include({
      config: null,
      changed: true,
    })
    expect(await setFeature(ctx, acme.id, on('dial', { config: null }), false)).to.include({ changed: false })
    expect(await setFeature(ctx, acme.id, on('dial', { config: 'text' }), false)).to.include({
      config: 'text',
    })
  })

  it('of a module are others than those of the tenant, and want the module', async () => {
    const acme = await tenant()
    await setFeature(ctx, acme.id, on('beta'), false)
    await setFeature(ctx, acme.id, on('alpha', { module: 'finance' }), false)
    await setFeature(ctx, acme.id, on('beta', { module: 'finance', enabled: false }), false)
    expect(await listed(acme)).to.deep.equal(['beta - on {}', 'alpha finance on {}', 'beta finance off {}'])
    expect(await listed(acme, 'finance')).to.deep.equal(['alpha finance on {}', 'beta finance off {}'])
    const first = await listFeatures(ctx, acme.id, null, { limit: 2, cursor: null })
    const second = await listFeatures(ctx, acme.id, null, { limit: 2, cursor: first.next_cursor })
    expect([...first.items, ...second.items]).to.have.length(3)
    expect(second.next_cursor).to.equal(null)
    const refused = await rejection(setFeature(ctx, acme.id, on('beta', { module: 'hr' }), false))
    expect(refused).to.include({ kind: 'conflict', code: 'module.not_entitled' })
    for (const work of [
      () => setFeature(ctx, acme.id, on('beta', { module: 'nope' }), false),
      () => unsetFeature(ctx, acme.id, on('beta', { module: 'nope' }), false),
      () => listFeatures(ctx, acme.id, 'nope', page),
    ])
      expect(await rejection(work())).to.include({ kind: 'usage', code: 'module.unknown' })
  })

  it('rehearsed, stay as they are', async () => {
    const acme = await tenant()
    await setFeature(ctx, acme.id, on('kept'), false)
    expect(await setFeature(ctx, acme.id, on('beta'), true)).to.include({ changed: true, dry_run: true })
    expect(await unsetFeature(ctx, acme.id, on('kept'), true)).to.include({ changed: true, dry_run: true })
    expect(await listed(acme)).to.deep.equal(['kept - on {}'])
  })

  it('set by two at once are one row, and one of the two changed it', async () => {
    const acme = await tenant()
    const both = await Promise.all([1, 2].map(() => setFeature(ctx, acme.id, on('beta'), false)))
    expect(both.map(({ changed }) => changed).sort()).to.deep.equal([false, true])
    expect(await listed(acme)).to.deep.equal(['beta - on {}'])
  })

  it('are not changed while the tenant is archived, but shown', async () => {
    const acme = await tenant()
    await setFeature(ctx, acme.id, on('beta'), false)
    await rows(ctx.db, sql`update public.tenants set status = 'archived' where id = ${acme.id}`)
    for (const work of [setFeature, unsetFeature])
      expect(await rejection(work(ctx, acme.id, on('beta'), false))).to.include({ code: 'tenant.archived' })
    expect(await listed(acme)).to.have.length(1)
  })

  it('have names that are names', () => {
    for (const good of ['a', 'new-dashboard', 'crm.dialer_2', `a${'b'.repeat(62)}`])
      expect(flagName(good)).to.equal(good)
    for (const bad of ['', 'A', '1a', 'a b', `a${'b'.repeat(63)}`, 'ä', '-a', 'a\n'])
      expect((thrown(() => flagName(bad)) as ErpmaxError).code, bad).to.equal('feature.flag_invalid')
  })

  it('have configurations that Postgres stores', async () => {
    const acme = await tenant()
    for (const good of [
      '{}',
      '[1.5, "ü \\\\u0000"]',
      'null',
      '"\\ud83d\\ude00"',
      '7',
      `"${'x'.repeat(31_990)}"`,
    ]) {
      const config = flagConfig(good)
      const stored = await setFeature(ctx, acme.id, on('f', { config }), false)
      expect(stored.config, good).to.deep.equal(JSON.parse(good))
    }
    const large = flagConfig(JSON.stringify(Array.from({ length: 15_000 }, () => 1)))
    await setFeature(ctx, acme.id, on('f', { config: large }), false)
    for (const bad of [
      '',
      '{',
      "{'a': 1}",
      '"\\u0000"',
      '{"\\u0000": 1}',
      '"\\ud83d"',
      '"\\\\\\u0000"',
      `"${'x'.repeat(32_000)}"`,
    ])
      expect((thrown(() => flagConfig(bad)) as ErpmaxError).code, bad.slice(0, 20)).to.equal(
        'feature.config_invalid',
      )
  })
})

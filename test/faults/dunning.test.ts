/** Unpaid invoices walked through time on the built program; runs of dunning that are killed, and two at once. */
import { existsSync } from 'node:fs'
import { expect } from 'chai'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { drain } from '../../src/kernel/workflow.js'
import { dunningStep } from '../../src/workflows/daily-billing/dunning.js'
import { indianSupplier } from '../support/billing.js'
import { atInstant } from '../support/clock.js'
import { issued, untaxed } from '../support/issued.js'
import { full, Place } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { PlainDate } from '../../src/kernel/dates.js'
import type { Ran } from '../support/cli.js'

const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR', schema: true }
/** It is billed for nothing: what it owes is what a test has issued. */
const free = { ...indian, tier: 'FREE', startedOn: '2026-04-05' }

/** Where a run that archives somebody may be killed; in short those where something stays half done. */
const failpoints = full
  ? [
      ...['dunning.before_export', 'backup.before_publish', 'backup.after_copy', 'backup.after_record'],
      ...['dunning.after_export', 'dunning.in_archive', 'dunning.after_tenant'],
    ]
  : ['backup.before_publish', 'dunning.after_export', 'dunning.in_archive']

describe('dunning on the built program', () => {
  const place = new Place()
  let ctx: OpenedContext

  before(async function () {
    this.timeout(120_000)
    ctx = await openThrowAway(place.home)
    await setSupplier(atInstant(ctx, '2026-04-05T06:30:00Z'), indianSupplier, false)
  })
  after(async () => {
    await ctx.close()
    await place.remove()
  })

  const on = (day: PlainDate, words: string[], env: Record<string, string> = {}): Promise<Ran> =>
    place.run([...words, '--json'], { env: { ERPMAX_NOW: `${day}T06:30:00Z`, ...env }, seconds: 240 })

  const billed = (day: PlainDate, env: Record<string, string> = {}): Promise<Ran> =>
    on(day, ['billing', 'run', '--skip', 'mails'], env)

  /** Everything that dunning leaves of a tenant. */
  async function leftOf(name: string): Promise<Record<string, unknown>> {
    const [found] = await place.query<Record<string, unknown>>(
      `select concat_ws(' ', t.status, t.suspension_cause) as tenant,
              (select string_agg(s.status || coalesce(' ' || s.cancel_on, ''), ',') from public.subscriptions s where s.tenant_id = t.id) as subscription,
              (select string_agg(concat_ws(' ', a.status, a.outcome, a.stage, a.stage_day, a.stage_on), ',' order by a.created_at)
               from public.dunning_attempts a where a.tenant_id = t.id) as attempts,
              (select string_agg(h.stage, ',' order by h.id) from public.dunning_history h
               join public.dunning_attempts a on a.id = h.attempt_id where a.tenant_id = t.id and h.status = 'running') as stages,
              (select string_agg(m.kind, ',' order by m.created_at) from public.mails m where m.tenant_id = t.id and m.kind <> 'invoice') as mails,
              (select string_agg(h.to_status, ',' order by h.id) from public.tenant_history h where h.tenant_id = t.id and h.from_status = any('{active,suspended}')) as moves,
              (select count(*)::int from public.backups b where b.tenant_id = t.id) as exports
       from public.tenants t where t.subdomain = $1`,
      [name],
    )
    return found ?? {}
  }

  it('walks: reminded, past due, suspended, one rupee, settled, restored', async () => {
    await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-04-05' })
    const first = await billed('2026-04-05')
    expect(first.code, first.stdout).to.equal(0)
    const number = String(first.json?.data.results.invoices.documents[0].number)
    const dry = await on('2026-04-13', ['billing', 'run', '--dry-run', '--skip', 'mails'])
    const walk: string[] = []
    for (const day of ['11', '12', '13', '14', '15', '17', '19', '25', '26', '27']) {
      const ran = await billed(`2026-04-${day}`)
      expect(ran.code, ran.stdout).to.equal(0)
      for (const { stage, effects, mail } of ran.json?.data.results.dunning.items ?? [])
        walk.push(`${day} ${stage.kind} ${stage.day} ${effects.join()} ${mail}`)
      if (day === '13') expect(ran.json?.data.results.dunning.items[0].effects).to.deep.equal(['past_due'])
    }
    expect(dry.json?.data.results.dunning, 'nothing of the day before was written').to.deep.include({
      ...{ tenants: 1, past_due: 1, queued: 1 },
    })
    expect(walk).to.deep.equal([
      ...['12 reminder 0  reminder', '13 past_due 1 past_due past_due', '15 reminder 3  reminder'],
      ...['17 reminder 5  reminder', '19 reminder 7  reminder', '26 suspended 14 suspended suspended'],
    ])
    const refused = await on('2026-04-27', ['module', 'subscribe', 'acme', 'hr'])
    expect(refused.code, refused.stdout).to.equal(6)
    expect(refused.json?.error).to.deep.include({ code: 'tenant.suspended' })
    expect(refused.json?.error?.details).to.deep.include({ cause: 'billing' })
    const shown = await on('2026-04-27', ['invoice', 'show', number])
    expect(shown.json?.data.invoice.dunning).to.deep.include({
      ...{ invoice: number, days: 15, stage: { day: 14, kind: 'suspended', on: '2026-04-26' } },
      next: { day: 30, kind: 'archived', on: '2026-05-12', due_now: false },
    })
    const resumed = await on('2026-04-27', ['tenant', 'resume', 'acme'])
    expect(resumed.code, 'an operator does not lift it').to.equal(6)

    const rupee = await on('2026-04-28', ['payment', 'record', number, '--amount', '1'])
    expect(rupee.json?.data, rupee.stdout).to.deep.include({ suspension_lifted: false })
    expect(await leftOf('acme')).to.deep.include({ tenant: 'suspended billing', subscription: 'suspended' })
    const open = Number(rupee.json?.data.invoice.open.amount_minor) / 100
    const rest = await on('2026-04-28', ['payment', 'record', number, '--amount', String(open)])
    expect(rest.json?.data, rest.stdout).to.deep.include({ suspension_lifted: true })
    expect(await leftOf('acme')).to.deep.equal({
      ...{ tenant: 'active', subscription: 'active', moves: 'suspended,active', exports: 0 },
      attempts: 'ended settled suspended 14 2026-04-26',
      stages: 'reminder,past_due,reminder,reminder,reminder,suspended',
      mails: 'reminder,past_due,reminder,reminder,reminder,suspended,restored',
    })
    const again = await on('2026-04-28', ['module', 'subscribe', 'acme', 'crm', '--dry-run'])
    expect(again.code, again.stdout).to.equal(0)
    const { json } = await on('2026-04-28', [
      'subscription',
      'cancel',
      'acme',
      '--now',
      '--no-credit',
      '--yes',
    ])
    expect(json?.data.changed).to.equal(true)
  }).timeout(240_000)

  it('slept: straight to the archive, suspended on the way; money comes late and stays money', async () => {
    const { id } = await subscribedTenant(ctx, 'sleepy', free)
    const { number } = await issued(ctx, id, [untaxed(100_000n)], { on: '2026-05-01', due: '2026-05-02' })
    const ran = await billed('2026-06-04')
    expect(ran.code, ran.stdout).to.equal(0)
    expect(ran.json?.data.results.dunning.items).to.deep.equal([
      {
        ...{ tenant: 'sleepy', invoice: number, days: 33, entered: true, mail: 'archived', error: null },
        ...{ stage: { kind: 'archived', day: 30 }, effects: ['past_due', 'suspended', 'archived'] },
      },
    ])
    const left = {
      ...{
        tenant: 'archived',
        subscription: 'cancelled 2026-06-04',
        moves: 'suspended,archived',
        exports: 1,
      },
      ...{
        attempts: 'ended archived archived 30 2026-06-04',
        stages: 'suspended,archived',
        mails: 'archived',
      },
    }
    expect(await leftOf('sleepy')).to.deep.equal(left)
    const [made] = await place.query<{ file: string; purpose: string }>(
      `select b.file, b.purpose from public.backups b where b.tenant_id = $1`,
      [id],
    )
    expect(made?.purpose).to.equal('archive')
    expect(existsSync(made?.file ?? '')).to.equal(true)
    const paid = await on('2026-06-10', ['payment', 'record', number, '--amount', '1000'])
    expect(paid.json?.data, paid.stdout).to.deep.include({ suspension_lifted: false })
    expect(paid.json?.data.invoice.status).to.equal('paid')
    const next = await billed('2026-06-11')
    expect(next.json?.data.results.dunning).to.deep.include({ tenants: 0, items: [] })
    expect(await leftOf('sleepy')).to.deep.equal(left)
    // Taken out again it is suspended as it was, and the next run finds that it has paid.
    await on('2026-06-12', ['tenant', 'unarchive', 'sleepy'])
    expect(await leftOf('sleepy')).to.deep.include({ tenant: 'suspended billing' })
    await billed('2026-06-12')
    expect(await leftOf('sleepy')).to.deep.include({ tenant: 'active', subscription: 'cancelled 2026-06-04' })
  }).timeout(240_000)

  it('once archived and taken out again unpaid, it is dunned for what comes due later alone', async () => {
    const { id } = await subscribedTenant(ctx, 'again', free)
    await issued(ctx, id, [untaxed(100_000n)], { on: '2026-06-12', due: '2026-06-13' })
    await billed('2026-07-13')
    await on('2026-07-14', ['tenant', 'unarchive', 'again'])
    const ran = await billed('2026-07-15')
    expect(ran.json?.data.results.dunning).to.deep.include({ tenants: 0, items: [] })
    expect(await leftOf('again')).to.deep.include({ tenant: 'suspended billing', exports: 1 })
    await issued(ctx, id, [untaxed(100n)], { on: '2026-07-15', due: '2026-07-20' })
    const later = await billed('2026-07-21')
    expect(later.json?.data.results.dunning.items[0]).to.deep.include({
      days: 1,
      effects: [],
      mail: 'past_due',
    })
    await on('2026-07-21', ['tenant', 'archive', 'again', '--no-backup', '--yes'])
  }).timeout(240_000)

  for (const [index, name] of failpoints.entries()) {
    it(`killed at ${name} goes on: archived once, exported once, told once`, async () => {
      const tenant = `killed-${index}`
      const { id } = await subscribedTenant(ctx, tenant, free)
      await issued(ctx, id, [untaxed(100n)], { on: '2026-07-21', due: '2026-07-22' })
      const killed = await billed('2026-08-25', { ERPMAX_FAILPOINT: `${name}:kill` })
      expect(killed.signal, killed.stdout + killed.stderr).to.equal('SIGKILL')
      const ran = await billed('2026-08-25')
      expect(ran.code, ran.stdout).to.equal(0)
      expect(await leftOf(tenant)).to.deep.equal({
        ...{
          tenant: 'archived',
          subscription: 'cancelled 2026-08-25',
          moves: 'suspended,archived',
          exports: 1,
        },
        ...{
          attempts: 'ended archived archived 30 2026-08-25',
          stages: 'suspended,archived',
          mails: 'archived',
        },
      })
      const again = await billed('2026-08-25')
      expect(again.json?.data.results.dunning.items).to.deep.equal([])
    }).timeout(240_000)
  }

  it('killed within a stage leaves nothing of it, and goes on', async () => {
    const { id } = await subscribedTenant(ctx, 'staged', free)
    await issued(ctx, id, [untaxed(100n)], { on: '2026-08-25', due: '2026-08-26' })
    const killed = await billed('2026-09-09', { ERPMAX_FAILPOINT: 'dunning.in_stage:kill' })
    expect(killed.signal, killed.stdout).to.equal('SIGKILL')
    expect(await leftOf('staged')).to.deep.include({ tenant: 'active', attempts: null, mails: null })
    await billed('2026-09-09')
    const left = {
      tenant: 'suspended billing',
      stages: 'suspended',
      mails: 'suspended',
      subscription: 'suspended',
    }
    expect(await leftOf('staged')).to.deep.include(left)
    await place.query(
      `update public.tenants set status = 'archived', suspension_cause = null where id = $1`,
      [id],
    )
  }).timeout(240_000)

  it('one whose schema is gone is not archived, is told of its suspension, and holds nobody up; exit 3', async () => {
    const { id } = await subscribedTenant(ctx, 'broken', { ...free, schema: false })
    const sound = await subscribedTenant(ctx, 'sound', free)
    for (const [tenant, due] of [
      [id, '2026-09-10'],
      [sound.id, '2026-10-19'],
    ] as const)
      await issued(ctx, tenant, [untaxed(100n)], { on: '2026-09-09', due })
    const ran = await billed('2026-10-20')
    expect(ran.code, ran.stdout).to.equal(3)
    expect(ran.json?.data.results.dunning).to.deep.include({ failed: 1, archived: 0, past_due: 1 })
    expect(ran.json?.data.results.dunning.items[0].error.code).to.equal('backup.schema_absent')
    expect(await leftOf('broken')).to.deep.include({
      tenant: 'suspended billing',
      mails: 'suspended',
      exports: 0,
    })
    expect((await billed('2026-10-20')).code).to.equal(3)
    expect(await leftOf('broken')).to.deep.include({ mails: 'suspended' })
    expect(await leftOf('sound')).to.deep.include({
      tenant: 'active',
      subscription: 'past_due',
      mails: 'past_due',
    })
    await place.query(
      `update public.tenants set status = 'archived', suspension_cause = null where id = any($1)`,
      [[id, sound.id]],
    )
  }).timeout(240_000)

  it('two at once, without the lease of the run between them, do it once', async () => {
    for (const name of ['both-1', 'both-2', 'both-3']) {
      const { id } = await subscribedTenant(ctx, name, free)
      await issued(ctx, id, [untaxed(100n)], { on: '2026-12-01', due: '2026-12-02' })
    }
    const other = await openThrowAway(place.home)
    try {
      const input = { asOf: null, dryRun: false, wait: false, catchUp: null, runId: null }
      const before = {
        changes: null,
        invoices: null,
        reminders: null,
        dunning: null,
        documents: null,
        mails: null,
      }
      const step = (one: OpenedContext): Promise<unknown> =>
        drain(dunningStep.run(atInstant(one, '2026-12-17T06:30:00Z'), { ...input, before }))
      await Promise.all([step(ctx), step(other), step(ctx), step(other)])
    } finally {
      await other.close()
    }
    for (const name of ['both-1', 'both-2', 'both-3'])
      expect(await leftOf(name)).to.deep.equal({
        ...{ tenant: 'suspended billing', subscription: 'suspended', moves: 'suspended', exports: 0 },
        ...{ attempts: 'running suspended 14 2026-12-17', stages: 'suspended', mails: 'suspended' },
      })
  }).timeout(240_000)
})

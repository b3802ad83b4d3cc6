/** Daily runs that are killed, cut, interrupted and started many times at once: the same day as an unbroken run makes of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { addDays, billingDate, type PlainDate } from '../../src/kernel/dates.js'
import { insertFleet } from '../support/billing-fleet.js'
import { payAll } from '../support/billing-steps.js'
import { indianSupplier } from '../support/billing.js'
import { ranDaily } from '../support/daily.js'
import { Place, times } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { ChildProcess } from 'node:child_process'
import type { OpenedContext } from '../../src/context.js'
import type { Ran } from '../support/cli.js'

const first = '2026-04-05'
const tenants = 20
const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }

const failpoints = [
  'daily.begun',
  'daily.after_change',
  'daily.after_changes',
  'billing.begun',
  'billing.in_batch',
  'billing.before_commit',
  'billing.after_batch',
  'daily.after_invoices',
  'daily.after_reminder',
  'daily.after_reminders',
  'daily.after_dunning',
  'daily.after_document',
  'daily.after_documents',
  'daily.after_mails',
]
/** Within each step, and between those that write. */
const inShort = [
  'daily.after_change',
  'billing.before_commit',
  'daily.after_invoices',
  'daily.after_document',
]

/** A home of its own with a supplier and a fleet; every month it has trials that end and trials that will. */
class Town {
  private constructor(
    readonly place: Place,
    readonly ctx: OpenedContext,
  ) {}

  static async build(): Promise<Town> {
    const place = new Place()
    const ctx = await openThrowAway(place.home)
    const clock = { now: () => new Date(`${first}T12:00:00Z`) }
    await setSupplier({ ...ctx, clock }, indianSupplier, false)
    await insertFleet(ctx, { tenants, startedOn: first })
    return new Town(place, ctx)
  }

  /** Work for every step of the month's day. */
  async month(month: number): Promise<void> {
    const day = dayOf(month)
    // Who owes nothing is not dunned: that has a test of its own.
    await payAll(this.ctx)
    const begun = (subdomain: string, startedOn: PlainDate): Promise<unknown> =>
      subscribedTenant(this.ctx, subdomain, { ...indian, startedOn, trialDays: 14 })
    await begun(`ends-${month}`, addDays(day, -14))
    await begun(`late-${month}`, addDays(day, -20))
    await begun(`soon-${month}`, addDays(day, -9))
  }

  run(month: number, { env = {}, args = [], ...options }: RunChoice = {}): Promise<Ran> {
    return this.place.run(['billing', 'run', '--json', ...args], {
      env: { ERPMAX_NOW: `${dayOf(month)}T12:00:00Z`, ...env },
      seconds: 240,
      ...options,
    })
  }

  /** Everything that the steps leave behind, but for ids and times. */
  async content(): Promise<string[]> {
    const found = await this.place.query<{ line: string }>(
      `select concat_ws(' ', i.number, t.subdomain, i.issue_date, i.period, i.status, l.description, l.period, l.taxable_minor, l.taxes) as line
       from public.invoices i join public.tenants t on t.id = i.tenant_id join public.invoice_lines l on l.invoice_id = i.id
       union all
       select concat_ws(' ', 'mail', t.subdomain, m.kind, m.to_address, m.status, m.data)
       from public.mails m join public.tenants t on t.id = m.tenant_id
       union all
       select concat_ws(' ', 'change', t.subdomain, c.kind, c.status, c.effective_on)
       from public.subscription_changes c join public.subscriptions s on s.id = c.subscription_id join public.tenants t on t.id = s.tenant_id
       union all
       select concat_ws(' ', 'subscription', t.subdomain, s.status, s.next_billing_on)
       from public.subscriptions s join public.tenants t on t.id = s.tenant_id
       order by 1`,
    )
    return found.map(({ line }) => line)
  }

  async remove(): Promise<void> {
    await this.ctx.close()
    await this.place.remove()
  }
}

interface RunChoice {
  env?: Record<string, string>
  args?: string[]
  onStart?: (child: ChildProcess) => void
}

function dayOf(month: number): PlainDate {
  return billingDate(first, 'monthly', month)
}

describe('daily runs', () => {
  let [broken, whole]: Town[] = []
  let month = 0
  before(async function () {
    this.timeout(120_000)
    ;[broken, whole] = await Promise.all([Town.build(), Town.build()])
  })
  after(() => Promise.all([broken?.remove(), whole?.remove()]))

  /** The next month's work is there in both; `spoil` is what happens to the first run of one of them. */
  async function spoiled(spoil: (town: Town, month: number) => Promise<void>): Promise<void> {
    if (!broken || !whole) throw new Error('no place')
    await broken.month(month)
    await whole.month(month)
    await spoil(broken, month)
    const again = await broken.run(month)
    expect(again.code, again.stdout + again.stderr).to.equal(0)
    await ranDaily({ ...whole.ctx, clock: { now: () => new Date(`${dayOf(month)}T12:00:00Z`) } })
    month += 1
    expect(await broken.content()).to.deep.equal(await whole.content())
    const [left] = await broken.place.query(
      `select (select count(*)::int from public.daily_runs where status = 'running') as runs,
              (select count(*)::int from public.daily_run_steps where status = 'running') as steps,
              (select count(*)::int from public.billing_runs where status = 'running') as billing`,
    )
    expect(left).to.deep.equal({ runs: 0, steps: 0, billing: 0 })
  }

  it('pass every failpoint there is: the list is what occurs', () =>
    spoiled(async (town, at) => {
      const seen = new Set<string>()
      const ctx = {
        ...town.ctx,
        clock: { now: () => new Date(`${dayOf(at)}T12:00:00Z`) },
        failpoint: async (name: string) => void seen.add(name),
      }
      const { results } = await ranDaily(ctx)
      expect(results).to.deep.include({ documents: { invoices: tenants + 2, credit_notes: 0 } })
      expect(results.changes?.applied).to.equal(2)
      expect(results.reminders?.queued).to.equal(1)
      expect([...seen].filter((name) => /^(daily|billing)/.test(name)).sort()).to.deep.equal(
        [...failpoints].sort(),
      )
    }))

  for (const name of times(0, 1) === 1 ? failpoints : inShort) {
    it(`killed at ${name} go on`, () =>
      spoiled(async (town, at) => {
        const killed = await town.run(at, { env: { ERPMAX_FAILPOINT: `${name}:kill` } })
        expect(killed.signal, killed.stdout + killed.stderr).to.equal('SIGKILL')
      }))
  }

  for (let round = 1; round <= times(2, 30); round++) {
    it(`killed at a random moment go on, ${round}`, () =>
      spoiled(async (town, at) => {
        const moment = 250 + ((round - Math.random()) / times(2, 30)) * 1200
        const onStart = (child: ChildProcess): void => void sleep(moment).then(() => child.kill('SIGKILL'))
        await town.run(at, { onStart })
      }))
  }

  it('cut off from the server go on', () =>
    spoiled(async (town, at) => {
      const cut = await town.run(at, { env: { ERPMAX_FAILPOINT: 'billing.before_commit:disconnect' } })
      expect(cut.code, cut.stdout).to.equal(9)
    }))

  it('stopped by Ctrl-C end with what is done, and go on', () =>
    spoiled(async (town, at) => {
      const stopped = await town.run(at, { env: { ERPMAX_FAILPOINT: 'daily.after_changes:interrupt' } })
      expect(stopped.code, stopped.stdout).to.equal(130)
      const [run] = await town.place.query(
        `select status, error ->> 'code' as code from public.daily_runs order by started_at desc limit 1`,
      )
      expect(run).to.deep.equal({ status: 'failed', code: 'interrupted' })
    }))

  it('at once: one does it, the others exit 7 or find it done', () =>
    spoiled(async (town, at) => {
      const runs = await Promise.all(Array.from({ length: times(4, 12) }, () => town.run(at)))
      for (const { code, json, stdout, stderr } of runs) {
        expect(code, stdout + stderr).to.be.oneOf([0, 7])
        if (code === 7) expect(json?.error?.code).to.equal('billing.daily_busy')
      }
      expect(runs.some(({ code }) => code === 0)).to.equal(true)
    })).timeout(240_000)

  it('while one is held: the second exits 7 and names it, another waits until it is gone', () =>
    spoiled(async (town, at) => {
      let holder: ChildProcess | undefined
      const held = town.run(at, {
        env: { ERPMAX_FAILPOINT: 'billing.in_batch:hang' },
        onStart: (child) => (holder = child),
      })
      await until(async () => {
        const running = `select 1 from public.daily_run_steps where status = 'running' and code = 'invoices'`
        return (await town.place.query(running)).length > 0
      })
      const second = await town.run(at)
      expect(second.code, second.stdout).to.equal(7)
      expect(second.json?.error).to.deep.include({ code: 'billing.daily_busy', retryable: true })
      expect(second.json?.error?.details.holder).to.deep.include({ pid: holder?.pid })
      const status = await town.place.run(['billing', 'status', '--json'])
      expect(status.json?.data.status.running).to.deep.include({ pid: holder?.pid, stalled: false })
      const waiting = town.run(at, { args: ['--wait'] })
      await sleep(1500)
      holder?.kill('SIGKILL')
      expect((await held).signal).to.equal('SIGKILL')
      const waited = await waiting
      expect(waited.code, waited.stdout).to.equal(0)
      expect(waited.json?.data.results.invoices.run.invoices).to.be.greaterThan(tenants)
    })).timeout(240_000)

  it('find another run of invoices going on: the other steps are done, exit 7', () =>
    spoiled(async (town, at) => {
      let holder: ChildProcess | undefined
      const held = town.place.run(['invoice', 'generate', '--all', '--json'], {
        env: { ERPMAX_NOW: `${dayOf(at)}T12:00:00Z`, ERPMAX_FAILPOINT: 'billing.begun:hang' },
        onStart: (child) => (holder = child),
      })
      await until(async () => {
        const running = `select 1 from public.billing_runs where status = 'running'`
        return (await town.place.query(running)).length > 0
      })
      const ran = await town.run(at)
      expect(ran.code, ran.stdout).to.equal(7)
      const steps = (ran.json?.data.run.steps as { code: string; status: string }[]).map(
        ({ code, status }) => `${code} ${status}`,
      )
      expect(steps).to.deep.equal([
        ...['changes succeeded', 'invoices failed', 'reminders succeeded', 'dunning succeeded'],
        ...['documents succeeded', 'mails succeeded'],
      ])
      holder?.kill('SIGKILL')
      await held
    })).timeout(240_000)
})

async function until(happened: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await happened()) return
    await sleep(50)
  }
  throw new Error('it did not happen')
}

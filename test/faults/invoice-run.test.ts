/** Invoice runs that are killed, cut and started many times at once: each period is billed once, without a gap. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { addDays, billingDate } from '../../src/kernel/dates.js'
import { insertFleet } from '../support/billing-fleet.js'
import { indianSupplier } from '../support/billing.js'
import { Place, times } from '../support/place.js'
import { openThrowAway } from '../support/server.js'
import type { ChildProcess } from 'node:child_process'
import type { Ran } from '../support/cli.js'

const first = '2026-04-05'
const failpoints = ['billing.begun', 'billing.in_batch', 'billing.before_commit', 'billing.after_batch']

/** A place with a supplier and a fleet whose first period begins on `first`. */
async function fleetOf(tenants: number): Promise<Place> {
  const place = new Place()
  const ctx = await openThrowAway(place.home)
  try {
    const clock = { now: () => new Date(`${first}T12:00:00Z`) }
    await setSupplier({ ...ctx, clock }, indianSupplier, false)
    await insertFleet(ctx, { tenants, startedOn: first })
  } finally {
    await ctx.close()
  }
  return place
}

interface RunChoice {
  /** Of the n-th period the first day. */
  month?: number
  args?: string[]
  env?: Record<string, string>
  onStart?: (child: ChildProcess) => void
}

function generate(place: Place, { month = 0, args = [], env = {}, onStart }: RunChoice = {}): Promise<Ran> {
  const now = `${billingDate(first, 'monthly', month)}T12:00:00Z`
  return place.run(['invoice', 'generate', '--all', '--json', ...args], {
    env: { ERPMAX_NOW: now, ERPMAX_BILLING_BATCH: '10', ...env },
    seconds: 240,
    ...(onStart ? { onStart } : {}),
  })
}

/** What an accountant sees of the book: everything but ids and times. */
async function bookOf(place: Place): Promise<string[]> {
  const found = await place.query<{ line: string }>(
    `select concat_ws(' ', i.number, t.subdomain, i.issue_date, i.due_date, i.period, i.status, i.taxable_minor, i.tax_minor,
                      i.total_minor, l.position, l.description, l.period, l.taxable_minor, l.taxes) as line
     from public.invoices i join public.tenants t on t.id = i.tenant_id join public.invoice_lines l on l.invoice_id = i.id
     order by i.number, l.position`,
  )
  return found.map(({ line }) => line)
}

async function expectBilledOnce(place: Place, tenants: number, periods: number): Promise<void> {
  const [found] = await place.query(
    `select sum(invoices)::int as invoices, sum(numbers)::int as numbers, sum(last)::int as last, sum(periods)::int as periods
     from (select count(*) as invoices, count(distinct number) as numbers, max(split_part(number, '/', 3)::int) as last,
                  count(distinct (tenant_id, period)) as periods
           from public.invoices group by split_part(number, '/', 2)) year`,
  )
  const count = tenants * periods
  expect(found).to.deep.equal({ invoices: count, numbers: count, last: count, periods: count })
  const [running] = await place.query<{ runs: number }>(
    `select count(*)::int as runs from public.billing_runs where status = 'running'`,
  )
  expect(running).to.deep.equal({ runs: 0 })
}

describe('invoice runs', () => {
  describe('at once', () => {
    const tenants = times(60, 500)
    let place: Place
    before(async () => (place = await fleetOf(tenants)))
    after(() => place.remove())

    it('bill everybody once, numbers without a gap, and exit 0 or 7', async function () {
      this.timeout(300_000)
      const runs = await Promise.all(Array.from({ length: times(6, 24) }, () => generate(place)))
      for (const { code, json, stdout, stderr } of runs) {
        expect(code, stdout + stderr).to.be.oneOf([0, 7])
        if (code === 7) expect(json?.error?.code).to.equal('billing.run_busy')
      }
      expect(runs.some(({ code }) => code === 0)).to.equal(true)
      await expectBilledOnce(place, tenants, 1)
    })

    it('name the holder to whoever comes second, or let it wait', async function () {
      this.timeout(120_000)
      let holder: ChildProcess | undefined
      const held = generate(place, {
        month: 1,
        env: { ERPMAX_FAILPOINT: 'billing.in_batch:hang' },
        onStart: (child) => (holder = child),
      })
      await until(async () => {
        const [row] = await place.query(`select 1 from public.billing_runs where status = 'running'`)
        return row !== undefined
      })
      const second = await generate(place, { month: 1 })
      expect(second.code, second.stdout).to.equal(7)
      expect(second.json?.error).to.deep.include({ code: 'billing.run_busy', retryable: true })
      expect(second.json?.error?.details.holder).to.deep.include({ pid: holder?.pid })
      expect(second.json?.error?.message).to.include(String(holder?.pid))
      const waiting = generate(place, { month: 1, args: ['--wait'] })
      await sleep(1500)
      holder?.kill('SIGKILL')
      expect((await held).signal).to.equal('SIGKILL')
      const waited = await waiting
      expect(waited.code, waited.stdout).to.equal(0)
      await expectBilledOnce(place, tenants, 2)
    })
  })

  describe('that are killed', () => {
    const tenants = 60
    let [broken, whole]: Place[] = []
    let month = 0
    before(async () => ([broken, whole] = await Promise.all([fleetOf(tenants), fleetOf(tenants)])))
    after(() => Promise.all([broken?.remove(), whole?.remove()]))

    async function goesOn(): Promise<void> {
      if (!broken || !whole) throw new Error('no place')
      const again = await generate(broken, { month })
      expect(again.code, again.stdout + again.stderr).to.equal(0)
      expect((await generate(whole, { month })).code).to.equal(0)
      month += 1
      await expectBilledOnce(broken, tenants, month)
      expect(await bookOf(broken)).to.deep.equal(await bookOf(whole))
    }

    for (const name of failpoints) {
      it(`at ${name} go on`, async () => {
        const killed = await generate(broken as Place, { month, env: { ERPMAX_FAILPOINT: `${name}:kill` } })
        expect(killed.signal, killed.stdout).to.equal('SIGKILL')
        await goesOn()
      })
    }

    for (let round = 1; round <= times(2, 30); round++) {
      it(`at a random moment go on, ${round}`, async () => {
        const moment = 200 + ((round - Math.random()) / times(2, 30)) * 900
        await generate(broken as Place, {
          month,
          onStart: (child) => void sleep(moment).then(() => child.kill('SIGKILL')),
        })
        await goesOn()
      })
    }

    it('by the server: a cut connection loses nothing and doubles nothing', async () => {
      const cut = await generate(broken as Place, {
        month,
        env: { ERPMAX_FAILPOINT: 'billing.before_commit:disconnect' },
      })
      expect(cut.code, cut.stdout).to.be.oneOf([1, 9])
      await goesOn()
    })

    it('by Ctrl-C: what is billed stays billed', async () => {
      const stopped = await generate(broken as Place, {
        month,
        env: { ERPMAX_FAILPOINT: 'billing.after_batch:interrupt' },
      })
      expect(stopped.code, stopped.stdout).to.equal(130)
      const [found] = await (broken as Place).query<{ billed: number }>(
        `select count(*)::int as billed from public.invoices where period @> $1::date`,
        [addDays(billingDate(first, 'monthly', month), 1)],
      )
      expect(found?.billed).to.be.within(1, tenants - 1)
      await goesOn()
    })
  })
})

async function until(true_: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await true_()) return
    await sleep(50)
  }
  throw new Error('it did not happen')
}

/** `webhook listen` under load: killed, without its database, told to stop, attacked. Nothing that it answered 200 is lost. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { indianSupplier } from '../support/billing.js'
import { faultsOf } from '../support/issued.js'
import { runListener, type RunningListener } from '../support/listener.js'
import { Place, times } from '../support/place.js'
import { Sales } from '../support/sales.js'
import { Sender, type Told } from '../support/sender.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import { webhookSettings } from '../support/webhooks.js'
import type { OpenedContext } from '../../src/context.js'

const secrets = {
  stripe: webhookSettings.STRIPE_WEBHOOK_SECRET.split(',')[0] ?? '',
  razorpay: webhookSettings.RAZORPAY_WEBHOOK_SECRET,
}

describe('the listener, under load', function () {
  this.timeout(times(120_000, 900_000))
  const place = new Place()
  let ctx: OpenedContext
  let sales: Sales
  let listener: RunningListener | null = null
  let sender: Sender

  before(async () => {
    ctx = await openThrowAway(place.home)
    await setSupplier(ctx, indianSupplier, false)
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
    const { id } = await subscribedTenant(ctx, 'acme', { ...indian, startedOn: '2026-04-10' })
    sales = new Sales(ctx, id)
  })
  after(async () => {
    await ctx.close()
    await place.remove()
  })
  beforeEach(() => {
    sender = new Sender({ to: () => listener?.url ?? null, secrets, atOnce: 12, pause: 30 })
  })
  afterEach(async () => {
    open = false
    await sender.end()
    listener?.child.kill('SIGKILL')
    listener = null
  })

  const env = { ERPMAX_HOME: place.home, ...webhookSettings }
  const listening = async (...args: string[]): Promise<RunningListener> =>
    (listener = await runListener(env, args))

  let open = false

  /** Opens the shop until it is closed: each event is told three times. @param stock sold first; then no more, if any */
  async function sell(stock: Told[][] = []): Promise<void> {
    const limited = stock.length > 0
    open = true
    while (open && (!limited || stock.length > 0)) {
      const events = stock.shift() ?? (await sales.next())
      sender.send(...events, ...events, ...events)
      await sleep(60)
    }
  }

  async function processed(): Promise<void> {
    const until = Date.now() + times(40_000, 300_000)
    for (;;) {
      const [row] = await place.query<{ left: number }>(
        `select count(*)::int as left from public.webhook_events where status not in ('processed', 'ignored')`,
      )
      if (row?.left === 0) return
      expect(Date.now(), `${row?.left} events are left`).to.be.below(until)
      await sleep(100)
    }
  }

  async function expectAll(): Promise<void> {
    await sender.settled()
    expect(await sender.missing(place)).to.deep.equal([])
    await processed()
    expect(await sales.effects()).to.deep.equal(sales.wanted)
    expect(await faultsOf(ctx)).to.deep.equal([])
  }

  it('killed at any moment, and a processor beside it: what was answered is there, every effect once, none lost', async () => {
    const shop = sell()
    for (let round = 0; round < times(2, 50); round++) {
      const killed = place.run(['webhook', 'work', '--ndjson'], {
        // Half a second goes into starting.
        onStart: (child) => void sleep(400 + Math.random() * 1600).then(() => child.kill('SIGKILL')),
      })
      const { child, end } = await listening()
      const before = sender.taken.length
      while (sender.taken.length === before) await sleep(5)
      await sleep(Math.random() * 800)
      expect(child.exitCode).to.equal(null)
      await end('SIGKILL')
      listener = null
      expect((await killed).signal).to.equal('SIGKILL')
      expect(await sender.missing(place), `round ${round}`).to.deep.equal([])
    }
    open = false
    await shop
    await listening()
    await expectAll()
    expect(sender.refused.cut ?? 0, 'something was under way').to.be.greaterThan(0)
  })

  /** An answer that does not come is given up after 3 s. */
  const outages = {
    'shut down': {
      shortest: 2000,
      from: () => place.stop(),
      to: async () => void expect((await place.run(['db', 'start', '--json'])).code).to.equal(0),
    },
    frozen: { shortest: 5000, from: () => signalServer('SIGSTOP'), to: () => signalServer('SIGCONT') },
  }
  for (const [name, { shortest, from, to }] of Object.entries(outages)) {
    it(`with Postgres ${name} says 503, lives on, and takes and processes everything afterwards`, async function () {
      if (process.platform !== 'linux') this.skip()
      const { child, url } = await listening()
      // It is made beforehand: no invoice is written while there is no database.
      const stock: Told[][] = []
      while (stock.length < times(40, 200)) stock.push(await sales.next())
      const shop = sell(stock)
      while (sender.taken.length < 50) await sleep(20)
      const status = async (path: string): Promise<number> => (await fetch(new URL(path, url))).status
      try {
        await from()
        // What was sent before is still being answered.
        await sleep(500)
        const before = { ...sender.refused }
        const taken = sender.taken.length
        await sleep(times(shortest, 10_000))
        const answers = Object.keys(sender.refused).filter((key) => sender.refused[key] !== before[key])
        expect(answers).to.deep.equal(['503'])
        expect(sender.taken.length).to.equal(taken)
        expect([await status('/healthz'), await status('/readyz')]).to.deep.equal([200, 503])
      } finally {
        await to()
      }
      await shop
      await expectAll()
      expect(await status('/readyz')).to.equal(200)
      expect([child.exitCode, listener?.url]).to.deep.equal([null, url])
    })
  }

  /** Every process of the server. */
  function signalServer(signal: NodeJS.Signals): void {
    const server = place.serverPid
    if (server === null) throw new Error('no server runs')
    const children = readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(server)
      } catch {
        return false
      }
    })
    for (const pid of [server, ...children.map(Number)]) process.kill(pid, signal)
  }
})

/** `webhook listen` told to stop under load, and with the worst of senders beside the good ones. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { formatBytes } from '../../src/terminal/format.js'
import { runListener, type RunningListener } from '../support/listener.js'
import { Place, times } from '../support/place.js'
import { stripeEnvelope } from '../support/providers/events.js'
import { post, Sender, type Told } from '../support/sender.js'
import { openThrowAway } from '../support/server.js'
import { stripeWebhook, webhookSettings } from '../support/webhooks.js'

const secrets = {
  stripe: webhookSettings.STRIPE_WEBHOOK_SECRET.split(',')[0] ?? '',
  razorpay: webhookSettings.RAZORPAY_WEBHOOK_SECRET,
}

describe('the listener, in a crowd', function () {
  this.timeout(120_000)
  const place = new Place()
  let listener: RunningListener
  let sender: Sender
  /** Told to stop at the beginning, while a request is under way that never ends. */
  let patient: RunningListener
  let ended: Promise<number | null>

  const env = { ERPMAX_HOME: place.home, ...webhookSettings }

  before(async () => {
    await (await openThrowAway(place.home)).close()
    patient = await runListener(env)
    await lingering(patient)
    ended = patient.end('SIGTERM')
  })
  after(async () => {
    patient.child.kill('SIGKILL')
    await place.remove()
  })
  beforeEach(async () => {
    await place.query('delete from public.webhook_events')
    listener = await runListener(env)
    sender = new Sender({ to: () => listener.url, secrets, atOnce: 12 })
  })
  afterEach(async () => {
    listener.child.kill('SIGKILL')
    await sender.end()
  })

  let serial = 0
  /** About nothing that is known here. */
  function some(count: number): Told[] {
    const of = { at: new Date(), live: false }
    return Array.from({ length: count }, () => {
      const id = `evt_crowd${++serial}`
      return { provider: 'stripe', ...stripeEnvelope('customer.created', { id, object: 'customer' }, of, id) }
    })
  }

  async function answered(count: number): Promise<void> {
    while (sender.taken.length < count) await sleep(5)
  }

  /** A request that stays under way: the listener has its head, and its body never ends. */
  async function lingering({ port }: RunningListener): Promise<net.Socket> {
    const socket = net.connect(port, '127.0.0.1').on('error', () => {})
    const head = 'POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n'
    socket.write(`${head}\r\n`)
    expect(String((await once(socket, 'data'))[0])).to.include('100 Continue')
    return socket
  }

  const said = (of: RunningListener, message: string): boolean => of.log().some(({ msg }) => msg === message)

  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)
    it(`told to stop by ${signal}: what is under way is answered, what was answered is there, exit ${code}`, async () => {
      sender.send(...some(20_000))
      await answered(300)
      expect(await listener.end(signal)).to.equal(code)
      expect(listener.log()[0], 'told once where it listens').to.deep.include({
        msg: 'ready',
        url: listener.url,
      })
      await sender.end()
      expect(await sender.missing(place)).to.deep.equal([])
      const [row] = await place.query<{ kept: number }>(
        'select count(*)::int as kept from public.webhook_events',
      )
      expect(row, 'no answer was cut off').to.deep.equal({ kept: sender.taken.length })
    })

  it('told twice stops at once, though a request is under way; what was answered is there', async () => {
    sender.send(...some(20_000))
    await answered(100)
    const socket = await lingering(listener)
    listener.child.kill('SIGTERM')
    while (!said(listener, 'stopping')) await sleep(5)
    await sleep(300)
    expect([listener.child.exitCode, said(listener, 'stopped')], 'it waits for the request').to.deep.equal([
      null,
      false,
    ])
    expect(await listener.end('SIGTERM')).to.equal(143)
    expect(said(listener, 'stopped')).to.equal(false)
    socket.destroy()
    await sender.end()
    expect(await sender.missing(place)).to.deep.equal([])
  })

  it('slow senders, bodies of 10 MB and bad signatures without end: so much memory, and good events go in', async function () {
    if (process.platform !== 'linux') this.skip()
    sender.send(...some(500))
    await sender.settled()
    const before = memory('VmRSS')
    const attack = new Attack(listener)
    const good = some(times(600, 8000))
    sender.send(...good, ...good)
    await Promise.all([sender.settled(), sleep(times(3000, 30_000))])
    const most = memory('VmHWM')
    await attack.end()
    const told = `${formatBytes(before)} before, ${formatBytes(most)} at most; ${JSON.stringify(attack.answers)}`
    if (this.test) this.test.title += ` (${told})`
    expect(most - before, told).to.be.below(200e6)
    // 408 is for those that were slow for longer than they may.
    expect(Object.keys(attack.answers)).to.include.members(['400', '413', '429'])
    expect(sender.refused).to.deep.equal({})
    expect(await sender.missing(place)).to.deep.equal([])
    expect(new Set(sender.taken).size).to.equal(500 + good.length)
    const [kept] = await place.query<{ others: number }>(
      `select count(*)::int as others from public.webhook_events where event_id not like 'evt_crowd%'`,
    )
    expect(kept).to.deep.equal({ others: 0 })
  })

  it('told to stop waits no longer than a request may take to arrive, and ends in order', async () => {
    expect(await ended).to.equal(143)
    expect(said(patient, 'stopped'), patient.printed()).to.equal(true)
    expect(patient.printed()).to.match(/^\{"event":"result","ok":true/m)
  })

  /** Bytes, as the system counts them. */
  function memory(kind: 'VmRSS' | 'VmHWM'): number {
    const text = readFileSync(`/proc/${listener.child.pid}/status`, 'utf8')
    return Number(new RegExp(`${kind}:\\s+(\\d+) kB`).exec(text)?.[1]) * 1024
  }
})

/** Goes on from its making to its end. */
class Attack {
  /** How many there were of each status. */
  readonly answers: Record<string, number> = {}
  readonly #url: URL
  readonly #ends: (() => void)[] = []
  readonly #all: Promise<void>
  #going = true

  constructor({ url, port }: RunningListener) {
    this.#url = new URL('/webhooks/stripe', url)
    for (let n = 0; n < 400; n++) this.#slow(port, n)
    const loops = [
      ...Array.from({ length: 8 }, () => () => this.#large()),
      ...Array.from({ length: 32 }, () => () => this.#bad()),
      ...Array.from({ length: 4 }, () => () => this.#crumbs()),
    ]
    this.#all = Promise.all(loops.map((turn) => this.#again(turn))).then(() => {})
  }

  async end(): Promise<void> {
    this.#going = false
    for (const end of this.#ends) end()
    await this.#all
  }

  async #again(turn: () => Promise<number | 'cut'>): Promise<void> {
    while (this.#going) {
      const status = await turn()
      this.answers[status] = (this.answers[status] ?? 0) + 1
    }
  }

  #bad(): Promise<number | 'cut'> {
    return post(this.#url, stripeWebhook('evt_bad', { secret: 'whsec_of-nobody' }))
  }

  #large(): Promise<number | 'cut'> {
    const headers = { 'content-type': 'application/json', 'stripe-signature': 't=1,v1=1' }
    return post(this.#url, { headers, body: tooLarge })
  }

  /** Each byte by itself: in memory it would be two hundred. */
  async #crumbs(): Promise<'cut'> {
    const socket = net.connect(Number(this.#url.port), '127.0.0.1').on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.resume()
    this.#ends.push(() => socket.destroy())
    socket.write(
      `POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(1_000_000)}`,
    )
    await closed
    await sleep(200)
    return 'cut'
  }

  /** The head, or the body, of nearly a mebibyte, the last of it a byte at a time. */
  #slow(port: number, n: number): void {
    const socket = net.connect(port, '127.0.0.1').on('error', () => {})
    const head = `POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: ${most.length + 100}\r\n`
    socket.resume()
    socket.write(n % 4 === 0 ? head.slice(0, 20) : `${head}\r\n`)
    if (n % 4 !== 0) socket.write(most)
    const drip = setInterval(() => socket.write('x'), 200)
    socket.on('close', () => clearInterval(drip))
    this.#ends.push(() => socket.destroy())
  }
}

const most = Buffer.alloc(1_000_000, 'x')
const tooLarge = Buffer.alloc(10_000_000, 'x')

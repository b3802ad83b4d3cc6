/** What both stand-ins share: a local HTTP server that answers as the provider's rules say, or as a queue of faults does. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/**
 * What happens to a request in place of its answer: `-after` has been acted on; `500-kept` has not, and is remembered
 * where the provider remembers answers. `429` says `Retry-After: 2`, and
 * `400` refuses a refund for want of money; `502` is the page of a proxy. `drop` cuts the connection; `hang` never answers. `cut-answer` and `trickle` act, and
 * begin to answer: one is cut in the middle, the other goes on for ever, a byte at a time.
 */
export type Fault =
  | '400'
  | '500'
  | '500-after'
  | '500-kept'
  | '429'
  | '502'
  | '502-after'
  | 'drop-before'
  | 'drop-after'
  | 'hang'
  | 'hang-after'
  | 'cut-answer'
  | 'trickle'

/** A fault for the next request, or for the next one that fits `on`, a pattern for `POST /v1/refunds`. */
export type QueuedFault = Fault | { fault: Fault; on: RegExp }

export interface Recorded {
  method: string
  path: string
  query: URLSearchParams
  headers: Readonly<Record<string, string | undefined>>
  body: string
  /** Of the answer; null where there was none. */
  status: number | null
  fault: Fault | null
}

/** An event as the provider would deliver it. */
export interface Delivery {
  provider: 'stripe' | 'razorpay'
  id: string
  type: string
  body: Buffer
  /** Signature and all. */
  headers: Record<string, string>
}

export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  headers: Readonly<Record<string, string | undefined>>
  body: string
}

export interface StandInOptions {
  /** What payments and events are dated with, and signatures made with; links expire by the real clock. */
  now?: () => Date
}

export abstract class StandIn {
  readonly requests: Recorded[] = []
  /** Taken off as they are met. */
  readonly faults: QueuedFault[] = []
  /** Every event there was, oldest first; none is delivered by itself. */
  readonly events: Delivery[] = []
  readonly now: () => Date
  protected abstract readonly provider: Delivery['provider']
  #server: Server
  #sockets = new Set<Socket>()
  #serial = 0

  protected constructor({ now }: StandInOptions) {
    this.now = now ?? (() => new Date())
    this.#server = createServer((request, response) => void this.#meet(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** As `ERPMAX_..._API_BASE`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The settings of a program that is to use it. */
  abstract get env(): Record<string, string>

  /** What the provider answers, and what it does. */
  protected abstract answer(asked: Asked): Answer

  /** The answer of a provider that is in trouble. */
  protected abstract trouble(status: 400 | 429 | 500): Answer

  /** An answer that is given is remembered where the provider does so. */
  protected remember(_asked: Asked, _answer: Answer): void {}

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  /** Requests that were made, as `POST /v1/refunds`. */
  get calls(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`)
  }

  /** A number nobody had before. */
  protected serial(): number {
    return ++this.#serial
  }

  /** An id in the provider's form: the prefix and 14 letters and digits. */
  protected id(prefix: string): string {
    return `${prefix}${`T${this.serial().toString(36).toUpperCase()}`.padEnd(14, 'x')}`
  }

  protected seconds(): number {
    return Math.floor(this.now().getTime() / 1000)
  }

  #fault(line: string): Fault | null {
    const index = this.faults.findIndex((queued) => typeof queued === 'string' || queued.on.test(line))
    const [queued] = index === -1 ? [] : this.faults.splice(index, 1)
    return queued === undefined ? null : typeof queued === 'string' ? queued : queued.fault
  }

  async #meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const asked: Asked = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers as Record<string, string | undefined>,
      body: Buffer.concat(chunks).toString('utf8'),
    }
    const fault = this.#fault(`${asked.method} ${asked.path}`)
    const recorded: Recorded = { ...asked, status: null, fault }
    this.requests.push(recorded)
    const acts = fault === null || /-after$|^cut-answer$|^trickle$/.test(fault)
    const answer = acts ? this.answer(asked) : null
    const given = this.#given(fault, answer)
    if (answer && given !== 'cut') this.remember(asked, given === 'silence' ? answer : given)
    else if (answer) this.remember(asked, answer)
    else if (fault === '500-kept' && typeof given === 'object') this.remember(asked, given)
    if (given === 'silence') return
    if (given === 'cut') return void request.socket.destroy()
    recorded.status = given.status
    const text = typeof given.body === 'string' ? given.body : JSON.stringify(given.body)
    response.writeHead(given.status, {
      'content-type': typeof given.body === 'string' ? 'text/html' : 'application/json',
      'request-id': `req_${this.requests.length}`,
      ...given.headers,
    })
    if (fault === 'cut-answer') {
      response.write(text.slice(0, text.length / 2), () => request.socket.destroy())
    } else if (fault === 'trickle') {
      const drip = setInterval(() => response.write(' '), 50)
      request.socket.on('close', () => clearInterval(drip))
    } else response.end(text)
  }

  #given(fault: Fault | null, answer: Answer | null): Answer | 'cut' | 'silence' {
    switch (fault) {
      case null:
      case 'cut-answer':
      case 'trickle':
        return answer as Answer
      case '400':
        return this.trouble(400)
      case '500':
      case '500-after':
      case '500-kept':
        return this.trouble(500)
      case '429':
        return { ...this.trouble(429), headers: { 'retry-after': '2' } }
      case '502':
      case '502-after':
        return { status: 502, body: '<html><head><title>502 Bad Gateway</title></head><body></body></html>' }
      case 'drop-before':
      case 'drop-after':
        return 'cut'
      case 'hang':
      case 'hang-after':
        return 'silence'
    }
  }
}

/** Signed as each provider documents it, without its SDK and without our own code. */
export function signed(
  provider: Delivery['provider'],
  event: { id: string; type: string; body: Buffer },
  secret: string,
  at: Date,
): Delivery {
  const seconds = Math.floor(at.getTime() / 1000)
  const hmac = (...parts: (string | Buffer)[]) => {
    const mac = createHmac('sha256', secret)
    for (const part of parts) mac.update(part)
    return mac.digest('hex')
  }
  const headers =
    provider === 'stripe'
      ? { 'stripe-signature': `t=${seconds},v1=${hmac(`${seconds}.`, event.body)}` }
      : { 'x-razorpay-signature': hmac(event.body), 'x-razorpay-event-id': event.id }
  return { provider, ...event, headers: { 'content-type': 'application/json', ...headers } }
}

/** Delivers events to a listener, all at once, each `times` times; the statuses of the answers. */
export async function deliver(base: string, deliveries: readonly Delivery[], times = 1): Promise<number[]> {
  const posts = deliveries.flatMap((delivery) =>
    Array.from({ length: times }, async () => {
      const { status } = await fetch(new URL(`/webhooks/${delivery.provider}`, base), {
        method: 'POST',
        headers: delivery.headers,
        body: new Uint8Array(delivery.body),
      })
      return status
    }),
  )
  return Promise.all(posts)
}

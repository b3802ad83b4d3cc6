/** Sends events as the providers do: so many at once, each again until it is answered 200, signed anew for each try. */
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { signed, type Delivery } from './providers/stand-in.js'
import type { Place } from './place.js'

export type Told = Pick<Delivery, 'provider' | 'id' | 'type' | 'body'>

interface SenderOptions {
  /** Where to; null: nobody listens there now. */
  to: () => string | null
  secrets: Record<Delivery['provider'], string>
  /** Tries at once. */
  atOnce: number
  /** Milliseconds between two tries of a connection. */
  pause?: number
}

/** Both that the listener has for Stripe. */
const paths = {
  stripe: ['/webhooks/stripe', '/api/v1/billing/webhook'],
  razorpay: ['/webhooks/razorpay'],
} as const

/** Providers wait 5 s and more. */
const patienceMs = 20_000

export class Sender {
  /** `provider id` of what was answered 200, as often as it was. */
  readonly taken: string[] = []
  /** Other answers, by status; `cut` where there was none. */
  readonly refused: Record<string, number> = {}
  readonly #options: SenderOptions
  readonly #agent: http.Agent
  readonly #waiting: Told[] = []
  #underWay = 0
  #ended = false

  constructor(options: SenderOptions) {
    this.#options = options
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: options.atOnce })
    for (let n = 0; n < options.atOnce; n++) void this.#work(n)
  }

  /** In any order. */
  send(...events: readonly Told[]): void {
    this.#waiting.push(...shuffled(events))
  }

  /** Resolves when everything has been answered 200. */
  async settled(): Promise<void> {
    while (!this.#ended && this.#waiting.length + this.#underWay > 0) await sleep(10)
  }

  /** Of what was answered 200 what is not in the inbox. */
  async missing(place: Place): Promise<string[]> {
    const rows = await place.query<{ id: string }>(
      `select provider || ' ' || event_id as id from public.webhook_events`,
    )
    const there = new Set(rows.map(({ id }) => id))
    return this.taken.filter((id) => !there.has(id))
  }

  /** Gives up what waits, and resolves when nothing is under way. */
  async end(): Promise<void> {
    this.#ended = true
    while (this.#underWay > 0) await sleep(10)
    this.#agent.destroy()
  }

  async #work(n: number): Promise<void> {
    for (let turn = n; !this.#ended; turn++) {
      const to = this.#options.to()
      const event = to === null ? undefined : this.#waiting.shift()
      if (event === undefined || to === null) {
        await sleep(10)
        continue
      }
      this.#underWay += 1
      const { provider, id } = event
      const { headers, body } = signed(provider, event, this.#options.secrets[provider], new Date())
      const path = paths[provider][turn % paths[provider].length] ?? ''
      const status = await post(new URL(path, to), { headers, body }, this.#agent)
      if (status === 200) this.taken.push(`${provider} ${id}`)
      else {
        this.refused[status] = (this.refused[status] ?? 0) + 1
        this.#waiting.push(event)
      }
      this.#underWay -= 1
      await sleep(this.#options.pause ?? 0)
    }
  }
}

/** The status; `cut` where the connection ended without one. */
export function post(
  url: URL,
  { headers, body }: { headers: Record<string, string>; body: Buffer | string },
  agent?: http.Agent,
): Promise<number | 'cut'> {
  return new Promise((resolve) => {
    const request = http.request(url, {
      method: 'POST',
      headers,
      timeout: patienceMs,
      agent: agent ?? false,
    })
    request
      .on('response', (response) => {
        // An answer counts when it has come whole.
        response
          .on('error', () => {})
          .on('close', () => resolve(response.complete ? (response.statusCode ?? 'cut') : 'cut'))
          .resume()
      })
      .on('timeout', () => request.destroy())
      .on('error', () => resolve('cut'))
      .end(body)
  })
}

export function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

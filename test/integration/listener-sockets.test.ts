/** The listener on a real socket: slow, large and malformed requests, and whoever comes properly beside them. */
import http from 'node:http'
import net from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { execute, oneRow, sql } from '../../src/database/sql.js'
import { listen, type Listener } from '../../src/http/listen.js'
import { resolveConfig } from '../../src/kernel/config.js'
import { refusalOf } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { testConfig } from '../support/settings.js'
import { stripeWebhook, webhookSettings, type Webhook } from '../support/webhooks.js'
import type { Context } from '../../src/kernel/context.js'

const options = {
  ...{ host: '127.0.0.1', port: 0, trustProxy: false, process: false, api: false, erpnextCompat: false },
  corsOrigins: [],
  arrivalMs: 2500,
}

describe('the listener on a socket', () => {
  let ctx: Context
  let listener: Listener
  let port = 0
  let log = ''

  before(async () => {
    const values = { ERPMAX_ENV: 'test', ...webhookSettings }
    ctx = { ...(await sharedContext()), config: resolveConfig([{ origin: 'test', values }], () => '') }
    listener = await listen(ctx, { ...options, log: { write: (line) => void (log += line) } })
    port = Number(new URL(listener.url).port)
  })
  after(async () => {
    await listener.stop()
    await execute(ctx.db, sql`delete from public.webhook_events where event_id like 'evt_sockets%'`)
  })

  /** Sends bytes and gives what came back when the other side, or the patience, ended. */
  async function raw(
    pieces: readonly (string | Buffer)[],
    { patience = 5000, pause = 0 } = {},
  ): Promise<string> {
    const socket = net.connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.on('error', () => {})
    await once(socket, 'connect')
    const closed = once(socket, 'close').catch(() => {})
    for (const piece of pieces) {
      if (socket.destroyed) break
      socket.write(piece)
      if (pause > 0) await sleep(pause)
    }
    await Promise.race([closed, sleep(patience, null, { ref: false }), answered()])
    socket.destroy()
    return answer

    async function answered(): Promise<void> {
      while (!answer.includes('\r\n\r\n')) await sleep(20, null, { ref: false })
    }
  }

  async function post({ path, headers, body }: Webhook): Promise<number> {
    const answer = await fetch(new URL(path, listener.url), { method: 'POST', headers, body })
    await answer.arrayBuffer()
    return answer.status
  }

  const statusOf = (answer: string): string => answer.split('\r\n')[0] ?? ''

  it('answers 413 to 10 MB before and after it has said how much it is, and keeps nothing of them', async () => {
    const body = Buffer.alloc(10_000_000, 'x')
    const head = 'POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nStripe-Signature: t=1,v1=1\r\n'
    const said = await raw([`${head}Content-Length: ${body.length}\r\n\r\n`, body])
    expect(statusOf(said)).to.include('413')
    const answer = await new Promise<number>((resolve, reject) => {
      const request = http.request({ port, path: '/webhooks/stripe', method: 'POST' }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      request.on('error', reject)
      for (let at = 0; at < body.length; at += 100_000) request.write(body.subarray(at, at + 100_000))
      request.end()
    })
    expect(answer).to.equal(413)
    expect(await post(stripeWebhook('evt_sockets_large'))).to.equal(200)
  })

  it('refuses what is no HTTP, and headers without end', async () => {
    const long = 'x'.repeat(20_000)
    const tries: [string, string][] = [
      ['400', 'hello there\r\n\r\n'],
      [
        '400',
        'POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      ],
      ['400', 'POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
      ['400', 'POST /webhooks/stripe HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
      ['431', `POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nX-Long: ${long}\r\n\r\n`],
      ['404', 'POST /webhooks/other HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'],
      ['400', 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n'],
      ['400', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ]
    for (const [status, text] of tries) {
      const answer = await raw([text])
      expect(statusOf(answer), JSON.stringify(text.slice(0, 60))).to.include(status)
    }
    expect(await post(stripeWebhook('evt_sockets_malformed'))).to.equal(200)
  })

  it('gives slow senders so long and no longer, and serves others meanwhile', async function () {
    this.timeout(40_000)
    const { headers, body } = stripeWebhook('evt_sockets_slow')
    const head = Object.entries({ host: 'x', ...headers, 'content-length': body.length })
    const lines = [
      'POST /webhooks/stripe HTTP/1.1',
      ...head.map(([name, value]) => `${name}: ${value}`),
      '',
      '',
    ]
    const started = performance.now()
    const drip = (text: string): string[] => text.split('').slice(0, 400)
    const slow = [
      // Headers a letter at a time, a body a letter at a time, a body that never comes.
      ...Array.from({ length: 20 }, () => raw(drip(lines.join('\r\n')), { pause: 100, patience: 20_000 })),
      ...Array.from({ length: 20 }, () =>
        raw([lines.join('\r\n'), ...drip(body)], { pause: 100, patience: 20_000 }),
      ),
      ...Array.from({ length: 20 }, () => raw([lines.join('\r\n')], { patience: 20_000 })),
    ]
    const good: number[] = []
    while (performance.now() - started < 2000) {
      good.push(await post(stripeWebhook(`evt_sockets_beside${good.length}`)))
      await sleep(50)
    }
    expect(new Set(good)).to.deep.equal(new Set([200]))
    const answers = await Promise.all(slow)
    expect(new Set(answers.map(statusOf))).to.deep.equal(new Set(['HTTP/1.1 408 Request Timeout']))
    const { kept } = await oneRow<{ kept: number }>(
      ctx.db,
      sql`select count(*)::int as kept from public.webhook_events where event_id = 'evt_sockets_slow'`,
    )
    expect(kept).to.equal(0)
  })

  it('takes a body in single bytes as it is, and does not bear with a million of them', async () => {
    const { headers, body } = stripeWebhook('evt_sockets_crumbs')
    const lines = Object.entries({ host: 'x', ...headers, 'transfer-encoding': 'chunked' })
    const head = `POST /webhooks/stripe HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    const crumbs = (text: string): string => [...text].map((letter) => `1\r\n${letter}\r\n`).join('')
    expect(statusOf(await raw([`${head}${crumbs(body)}0\r\n\r\n`]))).to.include('200')
    const kept = await oneRow<{ body: Buffer }>(
      ctx.db,
      sql`select body from public.webhook_events where event_id = 'evt_sockets_crumbs'`,
    )
    expect(kept.body.toString()).to.equal(body)
    const began = performance.now()
    expect(await raw([`${head}${crumbs('x'.repeat(1_000_000))}`])).to.equal('')
    expect(performance.now() - began, 'cut off, not given up').to.be.below(4900)
    expect(await post(stripeWebhook('evt_sockets_after_crumbs'))).to.equal(200)
  })

  it('survives senders that go away in the middle', async () => {
    const { headers, body } = stripeWebhook('evt_sockets_gone')
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const head = `POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n`
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => raw([head, body.slice(0, index * 20)], { patience: 50 })),
    )
    expect(await post(stripeWebhook('evt_sockets_gone'))).to.equal(200)
    expect(log).not.to.include('"level":"error"')
  })

  it('tells health, readiness with the lag of the inbox, and metrics', async () => {
    const get = (path: string): Promise<Response> => fetch(new URL(path, listener.url))
    for (const path of ['/health', '/healthz']) expect((await get(path)).status).to.equal(200)
    const ready = await get('/readyz')
    expect(ready.status).to.equal(200)
    const told = (await ready.json()) as { inbox: { due: number; lag_seconds: number } }
    expect(told).to.deep.include({ status: 'ready', database: 'up', migrations: 'applied' })
    expect(told.inbox.due).to.be.greaterThan(0)
    expect(told.inbox.lag_seconds).to.be.greaterThan(0)
    const text = await (await get('/metrics')).text()
    expect(text).to.match(/^erpmax_webhooks_total\{provider="stripe",outcome="stored"\} [1-9]/m)
    expect(text).to.match(/^erpmax_webhooks_total\{provider="stripe",outcome="too_large"\} 2$/m)
    expect(text).to.match(/^erpmax_database_up 1$/m)
    expect(text).to.match(/^erpmax_inbox_due [1-9]/m)
    expect(text).not.to.match(/evt_|geheim|\/pay\/[^:]/)
  })

  it('warns where nothing can be mailed that the API is asked to mail', async () => {
    for (const [api, values, codes] of [
      [true, {}, ['config.public_url_missing']],
      [true, { ERPMAX_PUBLIC_URL: 'https://erp.test' }, []],
      [false, {}, []],
    ] as const) {
      const told: string[] = []
      const config = testConfig({ ...webhookSettings, ...values })
      const at = { ...ctx, config, warn: ({ code }: { code: string }) => void told.push(code) }
      const one = await listen(at, { ...options, api, log: { write: () => {} } })
      await one.stop()
      expect(told).to.deep.equal(codes)
    }
  })

  it('says so where the port is taken', async () => {
    const refusal = await refusalOf(listen(ctx, { ...options, port, log: { write: () => {} } }))
    expect(refusal).to.equal('conflict listen.port_in_use')
  })
})

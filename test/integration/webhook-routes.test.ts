/** What the listener answers to what providers, and others, send: in this process, on the shared database. */
import { expect } from 'chai'
import { openPool } from '../../src/database/connect.js'
import { execute, rows, sql } from '../../src/database/sql.js'
import { openLogger } from '../../src/http/logger.js'
import { buildServer } from '../../src/http/server.js'
import { webhookRoutes } from '../../src/http/webhook-routes.js'
import { resolveConfig } from '../../src/kernel/config.js'
import { eventWriter } from '../../src/payments/inbox/event-writer.js'
import { razorpayWebhook, stripeWebhook, webhookSettings, type Webhook } from '../support/webhooks.js'
import { sharedContext } from '../support/server.js'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Context } from '../../src/kernel/context.js'

let counter = 0
const fresh = (): string => `evt_routes${++counter}`

interface Front {
  app: FastifyInstance
  ctx: Context
  log: string[]
  /** The events that were told to be new. */
  told: string[]
  post(webhook: Webhook, changes?: Partial<Webhook>): Promise<LightMyRequestResponse>
}

async function front(
  work: (front: Front) => Promise<void>,
  settings: Record<string, string> = webhookSettings,
  changes: Partial<Context> = {},
): Promise<void> {
  const shared = await sharedContext()
  const config = resolveConfig([{ origin: 'test', values: { ERPMAX_ENV: 'test', ...settings } }], () => '')
  const ctx = { ...shared, config, ...changes }
  const log: string[] = []
  const told: string[] = []
  const { logger } = openLogger(config, { write: (line) => void log.push(line) })
  const stored = (_provider: string, { id }: { id: string }): void => void told.push(id)
  const routes = [webhookRoutes({ writer: eventWriter(ctx), stored })]
  const app = await buildServer(ctx, { routes, logger, trustProxy: true })
  const post = (webhook: Webhook, change: Partial<Webhook> = {}): Promise<LightMyRequestResponse> => {
    const { path, headers, body } = { ...webhook, ...change }
    return app.inject({ method: 'POST', url: path, headers, payload: body })
  }
  try {
    await work({ app, ctx, log, told, post })
  } finally {
    await app.close()
  }
}

async function kept(ctx: Context, id: string): Promise<{ provider: string; type: string; body: Buffer }[]> {
  return rows(
    ctx.db,
    sql`select provider, type, body, status, live, source from public.webhook_events where event_id = ${id}`,
  )
}

const codeOf = (answer: LightMyRequestResponse): string =>
  (answer.json() as { error: { code: string } }).error.code

describe('webhook routes', () => {
  after(async () => {
    const { db } = await sharedContext()
    await execute(db, sql`delete from public.webhook_events where event_id like 'evt_routes%'`)
  })

  it('stores the bytes that were signed, whatever they call themselves, under every path', () =>
    front(async ({ ctx, post, told }) => {
      const types = ['application/json', 'text/plain; charset=utf-16', ';;;', '', null]
      for (const type of types) {
        for (const path of ['/webhooks/stripe', '/api/v1/billing/webhook']) {
          const id = fresh()
          const webhook = stripeWebhook(id, { type: 'type.nobody.knows' })
          const { 'content-type': _dropped, ...rest } = webhook.headers
          const headers = type === null ? rest : { ...rest, 'content-type': type }
          const answer = await post(webhook, { path, headers })
          expect(answer.statusCode, `${type} ${answer.body}`).to.equal(200)
          const [row, ...others] = await kept(ctx, id)
          expect(others).to.deep.equal([])
          expect(row).to.deep.include({ provider: 'stripe', type: 'type.nobody.knows', status: 'received' })
          expect(row).to.deep.include({ live: false, source: 'webhook' })
          expect(row?.body.toString()).to.equal(webhook.body)
          expect(told.at(-1)).to.equal(id)
        }
      }
      const id = fresh()
      expect((await post(razorpayWebhook(id))).statusCode).to.equal(200)
      expect((await kept(ctx, id))[0]).to.deep.include({ provider: 'razorpay', type: 'payment.captured' })
    }))

  it('answers 200 to what it has already, and keeps one, twelve at once too', () =>
    front(async ({ ctx, post, told }) => {
      const ids = [fresh(), fresh(), fresh(), fresh()]
      const all = ids.flatMap((id) => Array.from({ length: 12 }, () => stripeWebhook(id)))
      const answers = await Promise.all(all.sort(() => Math.random() - 0.5).map((one) => post(one)))
      expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(all.map(() => 200))
      for (const id of ids) expect(await kept(ctx, id)).to.have.length(1)
      expect([...told].sort()).to.deep.equal([...ids].sort())
    }))

  it('takes each of the secrets', () =>
    front(async ({ ctx, post }) => {
      for (const secret of webhookSettings.STRIPE_WEBHOOK_SECRET.split(',')) {
        const id = fresh()
        expect((await post(stripeWebhook(id, { secret }))).statusCode).to.equal(200)
        expect(await kept(ctx, id)).to.have.length(1)
      }
    }))

  it('refuses what is not rightly signed, and keeps nothing of it', () =>
    front(async ({ ctx, post }) => {
      const now = Math.floor(Date.now() / 1000)
      const id = fresh()
      const right = stripeWebhook(id)
      const tries: [string, Webhook][] = [
        ['webhook.signature_wrong', stripeWebhook(id, { secret: 'whsec_other' })],
        ['webhook.signature_wrong', { ...right, body: right.body.replace('58882', '58883') }],
        ['webhook.signature_wrong', { ...right, body: JSON.stringify(JSON.parse(right.body), null, 1) }],
        ['webhook.signature_stale', stripeWebhook(id, { at: now - 310 })],
        ['webhook.signature_missing', { ...right, headers: {} }],
        ['webhook.signature_malformed', { ...right, body: '' }],
        ['webhook.signature_wrong', { ...razorpayWebhook(id), body: '{}' }],
        ['webhook.signature_missing', { ...razorpayWebhook(id), headers: {} }],
      ]
      for (const [code, webhook] of tries) {
        const answer = await post(webhook)
        expect([answer.statusCode, codeOf(answer)], code).to.deep.equal([400, code])
      }
      expect(await kept(ctx, id)).to.deep.equal([])
    }))

  it('judges the size first: a mebibyte goes in, one byte more does not', () =>
    front(async ({ ctx, post }) => {
      const [id, larger] = [fresh(), fresh()]
      const room = 1024 * 1024 - stripeWebhook(id, { size: 0 }).body.length
      const whole = await post(stripeWebhook(id, { size: room }))
      expect(whole.statusCode, whole.body).to.equal(200)
      expect((await kept(ctx, id))[0]?.body.length).to.equal(1024 * 1024)
      const over = await post(stripeWebhook(larger, { size: room + 1 - (larger.length - id.length) }))
      expect([over.statusCode, codeOf(over)]).to.deep.equal([413, 'webhook.too_large'])
      expect(await kept(ctx, larger)).to.deep.equal([])
    }))

  it('limits bad signatures of an address, and nothing else of it', () =>
    front(async ({ ctx, post, log }) => {
      const from = (address: string, webhook: Webhook): Promise<LightMyRequestResponse> =>
        post(webhook, { headers: { ...webhook.headers, 'x-forwarded-for': address } })
      const bad = (): Webhook => stripeWebhook(fresh(), { secret: 'whsec_other' })
      const statuses: number[] = []
      for (let n = 0; n < 200; n++) statuses.push((await from('203.0.113.7', bad())).statusCode)
      expect(statuses.slice(0, 30)).to.deep.equal(statuses.slice(0, 30).map(() => 400))
      expect(new Set(statuses.slice(30))).to.deep.equal(new Set([429]))
      expect(log.length).to.equal(31)
      const id = fresh()
      expect((await from('203.0.113.7', stripeWebhook(id))).statusCode).to.equal(200)
      expect(await kept(ctx, id)).to.have.length(1)
      expect((await from('203.0.113.8', bad())).statusCode).to.equal(400)
    }))

  it('says 503 where the secret is not set, and where the database cannot be reached', async () => {
    await front(async ({ post, log }) => {
      const answer = await post(stripeWebhook(fresh()))
      expect([answer.statusCode, codeOf(answer)]).to.deep.equal([503, 'webhook.not_configured'])
      expect(log.join('')).to.include('STRIPE_WEBHOOK_SECRET')
    }, {})
    const db = openPool({ host: '127.0.0.1', port: 1, user: 'u', password: 'geheim-db', database: 'd' })
    try {
      const settings = { ...webhookSettings, DATABASE_URL: 'postgresql://u:geheim-db@127.0.0.1:1/d' }
      await front(
        async ({ post, log }) => {
          const answers = await Promise.all([post(stripeWebhook(fresh())), post(razorpayWebhook(fresh()))])
          expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal([503, 503])
          expect(answers.map(codeOf)).to.deep.equal(['database.unreachable', 'database.unreachable'])
          expect(answers.map(({ headers }) => headers['retry-after'])).to.deep.equal(['5', '5'])
          expect(answers.map(({ body }) => body).join() + log.join()).not.to.include('geheim')
        },
        settings,
        { db },
      )
    } finally {
      await db.destroy()
    }
  })

  it('logs a line for each, and nothing that is secret', () =>
    front(async ({ app, post, log }) => {
      const [right, wrong] = [stripeWebhook(fresh()), stripeWebhook(fresh(), { secret: 'whsec_other' })]
      await post(right)
      await post(wrong)
      const token = 'AbCdEfGhIjKlMnOpQrStUv'
      await app.inject({ url: `/pay/${token}?access_token=${token}` })
      await app.inject({ url: `/pay/kurz?token=kurz` })
      expect(log).to.have.length(4)
      const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(lines[0]).to.deep.include({ level: 'info', status: 200, provider: 'stripe', outcome: 'stored' })
      expect(lines[1]).to.deep.include({
        level: 'warn',
        status: 400,
        fault: 'wrong',
        outcome: 'bad_signature',
      })
      expect(lines[2]).to.deep.include({ status: 404, path: '/pay/[redacted]' })
      const text = log.join('')
      for (const secret of ['geheim', 'v1=', '58882', token, 'kurz', 'xxxx'])
        expect(text).not.to.include(secret)
    }))

  it('says how it is meant to whoever comes by GET', () =>
    front(async ({ app }) => {
      const answer = await app.inject({ url: '/webhooks/stripe' })
      expect([answer.statusCode, answer.headers.allow]).to.deep.equal([405, 'POST'])
    }))
})

/** `/pay/{token}`: the invoice of whoever has its link, from the page to the provider and back; in a browser, too. */
import { expect } from 'chai'
import { payUrl } from '../../src/billing/pay-link.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { recordPayment } from '../../src/billing/book/record-payment.js'
import { voidInvoice } from '../../src/billing/book/void-invoice.js'
import { execute, rows, sql } from '../../src/database/sql.js'
import { paymentGateway, webhookReader } from '../../src/gateways/payment-providers.js'
import { openLogger } from '../../src/http/logger.js'
import { payRoutes } from '../../src/http/pay-routes.js'
import { buildServer } from '../../src/http/server.js'
import { webhookRoutes } from '../../src/http/webhook-routes.js'
import { eventWriter } from '../../src/payments/inbox/event-writer.js'
import { processDueEvents } from '../../src/payments/inbox/process-events.js'
import { billing } from '../support/billing.js'
import { browserPath, startBrowser } from '../support/browser.js'
import { deliver, type Delivery } from '../support/providers/stand-in.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { withSettings } from '../support/settings.js'
import { subscribedTenant } from '../support/tenants.js'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Browser } from 'puppeteer-core'
import type { Context } from '../../src/kernel/context.js'

const day = '2026-04-10'

interface Scene {
  ctx: Context
  app: FastifyInstance
  stripe: StripeStandIn
  invoice: { id: string; number: string }
  /** `/pay/...` of the invoice. */
  path: string
  log: string[]
  get(path: string, language?: string): Promise<LightMyRequestResponse>
  /** Presses the button. */
  press(path?: string): Promise<LightMyRequestResponse>
  /** What Stripe tells, taken and processed. */
  told(base: string, deliveries: readonly Delivery[]): Promise<void>
}

interface Wanted {
  language?: string
  online?: boolean
  /** `ERPMAX_PUBLIC_URL` */
  site?: string
  /** Payment details of the supplier. */
  bank?: string
}

/** One tenant of Mumbai with a bill of its first month, Stripe, and the front door. */
function scene(
  work: (scene: Scene) => Promise<void>,
  { language = 'en', online = true, site = 'https://billing.test/', bank = '' }: Wanted = {},
): Promise<void> {
  return billing(day, async (outer, biller) => {
    const stripe = await startStripe()
    const values = { ERPMAX_PUBLIC_URL: site, ...(online ? stripe.env : {}) }
    const ctx = withSettings(outer, values)
    Object.assign(ctx, gatewaysOf(ctx))
    const place = { country: 'IN', currency: 'INR', timeZone: 'Asia/Kolkata' }
    const { id } = await subscribedTenant(ctx, 'acme', { startedOn: day, ...place, profile: { state: 'MH' } })
    await execute(
      ctx.db,
      sql`update public.tenants set language = ${language}, legal_name = 'Acme <b>& Sons</b>', name = 'Acme <b>& Sons</b>' where id = ${id}`,
    )
    await setSupplier(ctx, { paymentDetails: bank }, false)
    await biller.bill(day)
    // Billed in April; looked at, and paid, today: the providers' clock is no other.
    ctx.clock = { now: () => new Date() }
    const [invoice] = await rows<Scene['invoice']>(ctx.db, sql`select id, number from public.invoices`)
    if (!invoice) throw new Error('there is no invoice')
    const { pathname: path } = new URL((await payUrl(ctx, invoice.id)) ?? '')
    const log: string[] = []
    const { logger } = openLogger(ctx.config, { write: (line) => void log.push(line) })
    const routes = [webhookRoutes({ writer: eventWriter(ctx), stored: () => {} }), payRoutes]
    const app = await buildServer(ctx, { routes, logger, trustProxy: false })
    try {
      await work({
        ...{ ctx, app, stripe, invoice, path, log },
        get: (url, accepted) => app.inject({ url, headers: accepted ? { 'accept-language': accepted } : {} }),
        press: (url = path) =>
          app.inject({
            method: 'POST',
            url: `${url}/checkout`,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          }),
        async told(base, deliveries) {
          expect(new Set(await deliver(base, deliveries))).to.deep.equal(new Set([200]))
          const ids = await rows<{ id: string }>(
            ctx.db,
            sql`select id from public.webhook_events where event_id = any(${deliveries.map(({ id }) => id)})`,
          )
          // In one transaction, one at a time; other tests have put theirs into the inbox.
          await processDueEvents(ctx, { limit: 20, parallel: 1, only: ids.map(({ id }) => id) })
        },
      })
    } finally {
      await app.close()
      await stripe.close()
    }
  })
}

/** The real gateways, under the settings of this scene. */
function gatewaysOf(ctx: Context): Pick<Context, 'openGateway' | 'webhookReader'> {
  return {
    openGateway: (provider) => paymentGateway(provider, ctx.config, { clock: ctx.clock, wall: ctx.clock }),
    webhookReader,
  }
}

describe('the page of an invoice', () => {
  it('says how it is paid by bank, while it is open', () =>
    scene(
      async ({ ctx, get, path, invoice }) => {
        expect((await get(path)).body).to.include(`Bank transfer: HDFC Bank, account 1, ${invoice.number}`)
        expect((await get(`${path}?returned=1`)).body).not.to.include('HDFC')
        const clock = { now: () => new Date(`${day}T12:00:00Z`) }
        await voidInvoice({ ...ctx, clock }, invoice.number, { reason: 'slip', dryRun: false })
        expect((await get(path)).body).not.to.include('HDFC')
      },
      { bank: 'HDFC Bank, account 1' },
    ))

  it('may be in a folder of a site, which the proxy takes off', () =>
    scene(
      async ({ ctx, get, press, path, invoice }) => {
        expect(path).to.match(/^\/billing\/pay\/[\w-]+$/)
        const inside = path.slice('/billing'.length)
        expect((await get(inside)).body).to.include(`action="${path}/checkout"`)
        const clock = { now: () => new Date(`${day}T12:00:00Z`) }
        await voidInvoice({ ...ctx, clock }, invoice.number, { reason: 'slip', dryRun: false })
        expect((await press(inside)).headers.location).to.equal(path)
      },
      { site: 'https://shop.test/billing/' },
    ))

  it('shows lines, totals and a button, escaped, and nothing from elsewhere', () =>
    scene(async ({ get, path, invoice }) => {
      const answer = await get(path)
      expect(answer.statusCode, answer.body).to.equal(200)
      const { body, headers } = answer
      expect(body).to.include(invoice.number).and.to.include('Acme Private Limited').and.to.include('CGST 9%')
      expect(body)
        .to.include('Acme &lt;b&gt;&amp; Sons&lt;/b&gt;')
        .and.to.include('<button type="submit">Pay ₹')
      expect(body).to.include('10 Apr 2026 – 09 May 2026')
      expect(body).not.to.match(/<script|javascript:|onclick|<link|<img|@import|url\(|https?:/i)
      expect(headers['content-security-policy']).to.match(/^default-src 'none'; style-src 'sha256-[^']+'; /)
      expect(headers).to.deep.include({
        ...{
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
        },
        ...{ 'content-language': 'en', 'content-type': 'text/html; charset=utf-8' },
      })
    }))

  for (const [language, words] of [
    ['hi', ['का भुगतान करें', 'lang="hi"', '₹']],
    ['uk-UA', ['Сплатити', 'lang="uk"', '₹']],
  ] as const) {
    it(`speaks the language of the invoice: ${language}`, () =>
      scene(
        async ({ get, path }) => {
          const { body } = await get(path)
          for (const word of words) expect(body).to.include(word)
        },
        { language },
      ))
  }

  it('leads to one checkout, however often it is pressed; an expired one is replaced', () =>
    scene(async ({ press, stripe, log, path }) => {
      const first = await press()
      expect(first.statusCode, first.body + log.join('')).to.equal(303)
      expect(first.headers.location).to.match(new RegExp(`^${stripe.url}/pay/cs_`))
      expect(first.headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      expect((await press()).headers.location).to.equal(first.headers.location)
      expect(stripe.sessions.size).to.equal(1)
      stripe.expire([...stripe.sessions.keys()][0] ?? '')
      const second = await press()
      expect(second.statusCode).to.equal(303)
      expect(second.headers.location)
        .to.match(/\/pay\/cs_/)
        .and.not.to.equal(first.headers.location)
      expect(stripe.sessions.size).to.equal(2)
      expect(log.join('')).not.to.include(path.slice('/pay/'.length))
    }))

  it('says that it is paid, once it is, and that it is on its way, before', () =>
    scene(async ({ ctx, app, press, get, stripe, path, invoice, told }) => {
      const base = await app.listen({ port: 0, host: '127.0.0.1' })
      await press()
      const deliveries = stripe.pay([...stripe.sessions.keys()][0] ?? '')
      const waiting = await get(`${path}?returned=1`)
      expect(waiting.body).to.include('class="state waiting"')
      await told(base, [...deliveries, ...deliveries])
      const { body } = await get(`${path}?returned=1`)
      expect(body).to.include('class="state paid"').and.not.to.include('<button')
      expect(body).not.to.include('class="state waiting"')
      const again = await press()
      expect([again.statusCode, again.headers.location]).to.deep.equal([303, path])
      expect(stripe.sessions.size).to.equal(1)
      const [found] = await rows<{ status: string }>(
        ctx.db,
        sql`select status from public.invoices where id = ${invoice.id}`,
      )
      expect(found?.status).to.equal('paid')
    }))

  it('of a void invoice says so, and has no button', () =>
    scene(async ({ ctx, get, press, path, invoice, stripe }) => {
      const clock = { now: () => new Date(`${day}T12:00:00Z`) }
      await voidInvoice({ ...ctx, clock }, invoice.number, { reason: 'slip', dryRun: false })
      const { body } = await get(path)
      expect(body).to.include('class="state void"').and.not.to.include('<button')
      expect((await press()).headers.location).to.equal(path)
      expect(stripe.sessions.size).to.equal(0)
    }))

  it('paid while it was being looked at: the button leads back to it', () =>
    scene(async ({ ctx, get, press, path, invoice }) => {
      const { body } = await get(path)
      expect(body).to.include('<button')
      const [open] = await rows<{ total: bigint }>(
        ctx.db,
        sql`select total_minor as total from public.invoices`,
      )
      expect(body).to.include('Amount due').and.not.to.include('Balance open')
      const amount = (Number(open?.total) / 100).toFixed(2)
      await recordPayment(ctx, invoice.number, { amount, reference: 'UTR1' }, false)
      const answer = await press()
      expect([answer.statusCode, answer.headers.location]).to.deep.equal([303, path])
      expect((await get(path)).body)
        .to.include('Balance open')
        .and.not.to.include('Amount due')
    }))

  it('without keys of a provider there is no button', () =>
    scene(
      async ({ get, press, path }) => {
        const { body } = await get(path)
        expect(body).to.include('class="state waiting"').and.not.to.include('<button')
        expect((await press()).statusCode).to.equal(503)
      },
      { online: false },
    ))

  it('a provider that is down is no page of errors, and charges nothing', () =>
    scene(async ({ press, stripe, log }) => {
      for (let n = 0; n < 6; n++) stripe.faults.push('500')
      const answer = await press()
      expect(answer.statusCode).to.equal(503)
      expect(answer.headers['content-type']).to.include('text/html')
      expect(answer.body).to.include('<h1>That did not work</h1>')
      expect(log.join('') + answer.body).not.to.include(stripe.key)
    }))

  it('a link that leads nowhere is 404 in the language of the browser', () =>
    scene(async ({ get, press, path }) => {
      for (const other of ['/pay/x', `${path}x`, `/pay/${'A'.repeat(22)}`, '/pay/%27or%201=1', '/pay/%00'])
        expect((await get(other)).statusCode, other).to.equal(404)
      const { body, headers } = await get(`/pay/${'A'.repeat(22)}`, 'fr-FR,uk;q=0.8')
      expect(body).to.include('lang="uk"').and.to.include('Такої сторінки немає')
      expect(headers['content-security-policy']).to.include("default-src 'none'")
      expect((await press(`/pay/${'A'.repeat(22)}`)).statusCode).to.equal(404)
    }))

  it('is limited: who guesses tokens is told to wait', () =>
    scene(async ({ get, press, path }) => {
      const statuses = new Map<number, number>()
      for (let n = 0; n < 130; n++) {
        const { statusCode } = await get(`/pay/${'A'.repeat(20)}${100 + n}`)
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
      }
      expect([...statuses]).to.deep.equal([
        [404, 120],
        [429, 10],
      ])
      for (let n = 0; n < 20; n++) expect((await press(`/pay/${'A'.repeat(22)}`)).statusCode).to.equal(404)
      expect((await press(path)).statusCode).to.equal(429)
    }))
})

describe('the page of an invoice in a browser', function () {
  this.timeout(120_000)
  let browser: Browser | undefined

  before(async function () {
    const program = browserPath()
    if (program === null) return this.skip()
    browser = await startBrowser(program)
  })
  after(() => browser?.close())

  it('is readable on a phone, leads to the checkout, and says that it is paid', () =>
    scene(async ({ app, stripe, path, told }) => {
      const base = await app.listen({ port: 0, host: '127.0.0.1' })
      const page = await (browser as Browser).newPage()
      const asked: string[] = []
      const wrong: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      page.on('console', (message) => wrong.push(message.text()))
      await page.setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true })
      await page.goto(base + path)
      expect(asked.filter((url) => !url.endsWith('/favicon.ico'))).to.deep.equal([base + path])
      const seen = await page.evaluate(
        `({ width: document.documentElement.scrollWidth, text: document.body.innerText, scripts: document.scripts.length,
            size: getComputedStyle(document.body).fontSize, button: document.querySelector('button').getBoundingClientRect().height,
            styled: getComputedStyle(document.querySelector('.totals')).width !== 'auto' && getComputedStyle(document.querySelector('.amount')).textAlign })`,
      )
      const { text, ...rest } = seen as { text: string; width: number; button: number }
      expect(rest).to.deep.include({ width: 360, scripts: 0, size: '16px', styled: 'right' })
      expect(rest.button).to.be.at.least(44)
      expect(text).to.match(/Pay ₹[\d,]+\.\d\d/)
      if (process.env.ERPMAX_SCREENSHOTS)
        await page.screenshot({ path: `${process.env.ERPMAX_SCREENSHOTS}/pay.png`, fullPage: true })
      await Promise.all([page.waitForNavigation(), page.click('button')])
      expect(page.url()).to.match(new RegExp(`^${stripe.url}/pay/cs_`))
      const first = page.url()
      // It expires at the provider while the customer looks elsewhere.
      stripe.expire([...stripe.sessions.keys()][0] ?? '')
      await page.goto(base + path)
      await Promise.all([page.waitForNavigation(), page.click('button')])
      expect(page.url())
        .to.match(/\/pay\/cs_/)
        .and.not.to.equal(first)
      await told(base, stripe.pay([...stripe.sessions.keys()][1] ?? ''))
      await page.goto(base + path)
      expect(await page.$('button')).to.equal(null)
      expect(await page.$eval('.state', (element) => element.className)).to.equal('state paid')
      expect(wrong.filter((line) => /Content Security|Refused/i.test(line))).to.deep.equal([])
      await page.close()
    }))
})

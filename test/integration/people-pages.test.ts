/** The pages for invited people: by plain HTTP and in a browser, from the mail to the membership. */
import { createServer, type Server } from 'node:http'
import { expect } from 'chai'
import { openLogger } from '../../src/http/logger.js'
import { peoplePages } from '../../src/http/people-pages.js'
import { buildServer } from '../../src/http/server.js'
import { requestReset } from '../../src/people/reset-password.js'
import { revokeInvitation } from '../../src/people/invitations/renew.js'
import { tokenIn } from '../../src/people/links.js'
import { sendMails } from '../../src/workflows/send-mails.js'
import { browserPath, startBrowser } from '../support/browser.js'
import { atInstant } from '../support/clock.js'
import { clearMails, sendingTo } from '../support/mail.js'
import { keptAnywhere } from '../support/kept.js'
import { invited, member, peopledTenant, placeOf, reachedAt, setTenant } from '../support/people.js'
import { finished } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import { TestSmtp } from '../support/smtp.js'
import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Context } from '../../src/kernel/context.js'
import type { SubscribedTenant } from '../support/tenants.js'

const password = 'a password of many words'

describe('pages for people', function () {
  this.timeout(90_000)
  let ctx: Context
  let tenant: SubscribedTenant
  let app: FastifyInstance

  const listen = (at: Context): Promise<FastifyInstance> =>
    buildServer(at, { routes: [peoplePages], logger: false, trustProxy: false })

  before(async () => {
    ctx = reachedAt(await sharedContext(), 'https://erp.test')
    tenant = await peopledTenant(ctx, 'paged')
    app = await listen(ctx)
  })
  after(() => app.close())

  const get = (url: string, headers: Record<string, string> = {}, from = app) =>
    from.inject({ method: 'GET', url, headers })
  const post = (url: string, form: Record<string, string>, cookie: string | null = null, from = app) =>
    from.inject({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(cookie === null ? {} : { cookie }),
      },
      payload: new URLSearchParams(form).toString(),
    })

  /** As a browser does it: the cookie of the first answer, the form behind the redirect. */
  async function opened(
    page: 'invitations' | 'reset',
    secret: string,
  ): Promise<{ cookie: string; csrf: string; html: string }> {
    const first = await get(`/${page}/${secret}`)
    expect(first.statusCode).to.equal(303)
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
    const form = await get(String(first.headers.location), { cookie })
    expect(form.statusCode, form.body).to.equal(200)
    return { cookie, csrf: /name="csrf" value="([^"]+)"/.exec(form.body)?.[1] ?? '', html: form.body }
  }

  it('the token leaves the address at once, for a cookie that is ours alone', async () => {
    const { secret } = await invited(ctx, 'paged', 'first@paged.test')
    const { statusCode, headers, body } = await get(`/invitations/${secret}`)
    expect(statusCode).to.equal(303)
    expect(headers.location).to.equal('/invitations')
    expect(body).not.to.include(secret)
    expect(headers['set-cookie']).to.equal(
      `erpmax_invitation=${secret}; Path=/invitations; HttpOnly; SameSite=Strict; Max-Age=1800; Secure`,
    )
    const { html } = await opened('invitations', secret)
    expect(html)
      .not.to.include(secret)
      .and.not.to.match(/<script|javascript:|src=|@import/i)
    expect(html).to.include('first@paged.test').and.include('width=device-width')
  })

  it('every answer keeps itself from caches, frames, scripts and referrers', async () => {
    const { secret } = await invited(ctx, 'paged', 'heads@paged.test')
    const answers = [
      await get(`/invitations/${secret}`),
      await get('/invitations'),
      await get('/reset/none'),
      await post('/reset', {}),
    ]
    for (const { headers } of answers) {
      expect(headers).to.include({
        ...{ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-frame-options': 'DENY' },
        'x-content-type-options': 'nosniff',
      })
      expect(headers['content-security-policy']).to.match(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
      )
    }
  })

  it('looking consumes nothing: scanners may open a link as often as they like', async () => {
    const { secret } = await invited(ctx, 'paged', 'scanned@paged.test')
    for (const method of ['GET', 'HEAD', 'GET'] as const)
      await app.inject({ method, url: `/invitations/${secret}` })
    const { cookie } = await opened('invitations', secret)
    await get('/invitations', { cookie })
    expect(await placeOf(ctx, tenant, 'scanned@paged.test')).to.equal('invited user')
  })

  it('a new person joins by plain HTTP; the second time it says so', async () => {
    const { secret } = await invited(ctx, 'paged', 'plain@paged.test')
    const { cookie, csrf } = await opened('invitations', secret)
    const form = { csrf, name: 'Plain Person', password, password_again: password }
    const done = await post('/invitations', form, cookie)
    expect(done.statusCode, done.body).to.equal(200)
    expect(String(done.headers['set-cookie'])).to.match(/^erpmax_invitation=;.*Max-Age=0/)
    expect(await placeOf(ctx, tenant, 'plain@paged.test')).to.equal('active user')
    expect((await post('/invitations', form, cookie)).statusCode).to.equal(410)
    expect((await get('/invitations', { cookie })).statusCode).to.equal(410)
    expect(await keptAnywhere(ctx, '"operator": "plain@paged.test"')).to.deep.equal(['audit_log'])
    expect(await keptAnywhere(ctx, secret)).to.deep.equal(['mails'])
    expect(await keptAnywhere(ctx, password)).to.deep.equal([])
  })

  it('a form posted to the link itself works too, the token being its right', async () => {
    const { secret } = await invited(ctx, 'paged', 'direct@paged.test')
    expect((await post(`/invitations/${secret}`, { password })).statusCode).to.equal(200)
    expect(await placeOf(ctx, tenant, 'direct@paged.test')).to.equal('active user')
  })

  it('another site cannot post: without the cookie, or without what stands in our form', async () => {
    const { secret } = await invited(ctx, 'paged', 'forged@paged.test')
    const { cookie, csrf } = await opened('invitations', secret)
    expect((await post('/invitations', { csrf, password })).statusCode).to.equal(400)
    for (const wrong of ['', 'x', secret]) {
      const form = wrong === '' ? { password } : { csrf: wrong, password }
      expect((await post('/invitations', form as Record<string, string>, cookie)).statusCode).to.equal(403)
    }
    expect(await placeOf(ctx, tenant, 'forged@paged.test')).to.equal('invited user')
  })

  it('what is wrong with a password is said on the form, which keeps the name and nothing else', async () => {
    const { secret } = await invited(ctx, 'paged', 'wrong@paged.test')
    const { cookie, csrf } = await opened('invitations', secret)
    for (const wrong of ['short', 'x'.repeat(73), '']) {
      const form = { csrf, name: '"><b>Eve</b>', password: wrong, password_again: wrong }
      const answer = await post('/invitations', form, cookie)
      expect(answer.statusCode, wrong).to.equal(422)
      expect(answer.body).to.include('role="alert"').and.include('&lt;b&gt;Eve').and.not.include('<b>')
      if (wrong) expect(answer.body).not.to.include(wrong)
    }
    const different = await post('/invitations', { csrf, password, password_again: `${password}!` }, cookie)
    expect(different.statusCode).to.equal(422)
    expect(await placeOf(ctx, tenant, 'wrong@paged.test')).to.equal('invited user')
  })

  it('somebody with an account is asked for no password, and none is taken', async () => {
    await member(ctx, await peopledTenant(ctx, 'paged-too'), 'known@paged.test', 'user')
    const { secret } = await invited(ctx, 'paged', 'known@paged.test')
    const { cookie, csrf, html } = await opened('invitations', secret)
    expect(html).not.to.include('type="password"')
    expect((await post('/invitations', { csrf, password }, cookie)).statusCode).to.equal(200)
    expect(await placeOf(ctx, tenant, 'known@paged.test')).to.equal('active user')
  })

  it('dead links say why, in the language of the reader', async () => {
    const gone = await invited(ctx, 'paged', 'gone@paged.test')
    await revokeInvitation(ctx, { tenant: 'paged', user: 'gone@paged.test', as: null })
    const late = await invited(ctx, 'paged', 'late@paged.test')
    const after = await listen(atInstant(ctx, new Date(Date.parse(late.invitation.expires_at)).toISOString()))
    const statuses: Record<string, number> = {}
    for (const [name, secret, from] of [
      ['revoked', gone.secret, app],
      ['expired', late.secret, after],
      ['unknown', 'x'.repeat(43), app],
    ] as const) {
      const cookie = `erpmax_invitation=${secret}`
      statuses[name] = (await get('/invitations', { cookie }, from)).statusCode
      statuses[`${name}, posted`] = (
        await post(`/invitations/${secret}`, { password }, null, from)
      ).statusCode
    }
    await after.close()
    statuses['no token'] = (await get('/invitations/%27%20or%201=1')).statusCode
    expect(statuses).to.deep.equal({
      ...{ revoked: 410, 'revoked, posted': 410, expired: 410, 'expired, posted': 410 },
      ...{ unknown: 404, 'unknown, posted': 404, 'no token': 404 },
    })
    const texts = new Set<string>()
    for (const language of ['en', 'hi-IN,hi;q=0.9', 'uk', 'de']) {
      const { body } = await get('/reset/none', { 'accept-language': language })
      texts.add(body)
      expect(body).to.match(/<html lang="(en|hi|uk)">/)
    }
    expect(texts.size).to.equal(3)
  })

  it('the form is in the language of the person, or in the one they choose', async () => {
    const { secret } = await invited(ctx, 'paged', 'hindi@paged.test', { language: 'hi' })
    const { cookie, html } = await opened('invitations', secret)
    expect(html).to.include('<html lang="hi">').and.include('href="/invitations?lang=uk"')
    expect((await get('/invitations?lang=uk', { cookie })).body).to.include('<html lang="uk">')
    expect((await get('/invitations?lang=xx"><script>', { cookie })).body)
      .to.include('<html lang="hi">')
      .and.not.include('<script')
  })

  it('a suspended tenant takes nobody in, and says so on the page', async () => {
    const { secret } = await invited(ctx, 'paged', 'suspended@paged.test')
    await setTenant(ctx, tenant, 'suspended')
    const shown = await get('/invitations', { cookie: `erpmax_invitation=${secret}` })
    const answer = await post(`/invitations/${secret}`, { password })
    await setTenant(ctx, tenant, 'active')
    expect(shown.body).not.to.include('<form')
    for (const { statusCode, body } of [shown, answer]) {
      expect(statusCode).to.equal(409)
      expect(body).not.to.include('erpmax ')
    }
  })

  it('a new password is set by its link, once', async () => {
    const { reset_url } = await requestReset(ctx, { user: 'plain@paged.test', as: null })
    const { cookie, csrf, html } = await opened('reset', tokenIn(reset_url ?? ''))
    expect(html).to.include('plain@paged.test')
    const form = { csrf, password: 'another long password', password_again: 'another long password' }
    expect((await post('/reset', form, cookie)).statusCode).to.equal(200)
    expect((await post('/reset', form, cookie)).statusCode).to.equal(410)
    // The cookie of one page is no right on the other.
    const { secret } = await invited(ctx, 'paged', 'mixed@paged.test')
    expect((await get('/reset', { cookie: `erpmax_reset=${secret}` })).statusCode).to.equal(404)
  })

  it('behind a folder of a site the redirect, the cookie and the form stay in it', async () => {
    const at = await listen(reachedAt(ctx, 'http://erp.test/tools/'))
    const { secret } = await invited(ctx, 'paged', 'folder@paged.test')
    const { headers } = await get(`/invitations/${secret}`, {}, at)
    expect(headers.location).to.equal('/tools/invitations')
    expect(headers['set-cookie']).to.include('Path=/tools/invitations;').and.not.include('Secure')
    const form = await get('/invitations', { cookie: `erpmax_invitation=${secret}` }, at)
    expect(form.body).to.include('action="/tools/invitations"')
    await at.close()
  })

  it('whatever else is wrong is a page too, and is logged without the token', async () => {
    const { secret } = await invited(ctx, 'paged', 'odd@paged.test')
    const lines: string[] = []
    const { logger } = openLogger(ctx.config, { write: (line) => void lines.push(line) })
    const broken = {
      ...ctx,
      clock: {
        now: () => {
          throw new Error('the clock has stopped')
        },
      },
    }
    const odd = await buildServer(broken, { routes: [peoplePages], logger, trustProxy: false })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'uk' }
    const url = `/invitations/${secret}`
    const answers = {
      down: await odd.inject({ method: 'POST', url, headers, payload: 'password=x' }),
      large: await odd.inject({ method: 'POST', url, headers, payload: `name=${'x'.repeat(20_000)}` }),
      json: await odd.inject({
        method: 'POST',
        url,
        headers: { ...headers, 'content-type': 'application/json' },
        payload: '{',
      }),
    }
    await odd.close()
    const statuses = Object.entries(answers).map(([name, { statusCode }]) => [name, statusCode])
    expect(Object.fromEntries(statuses)).to.deep.equal({ down: 500, large: 413, json: 400 })
    for (const { headers: told, body } of Object.values(answers)) {
      expect(told['content-type']).to.include('text/html')
      expect(told['referrer-policy']).to.equal('no-referrer')
      expect(body).to.include('lang="uk"').and.not.include('clock')
    }
    expect(lines.join('')).to.include('the clock has stopped').and.not.include(secret)
  })

  it('is limited: who guesses tokens is told to wait', async () => {
    const limited = await listen(ctx)
    const statuses = new Map<number, number>()
    for (let n = 0; n < 130; n++) {
      const { statusCode } = await get(`/invitations/${'A'.repeat(39)}${1000 + n}`, {}, limited)
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
    }
    expect([...statuses]).to.deep.equal([
      [303, 120],
      [429, 10],
    ])
    await limited.close()
  })

  describe('in a browser', () => {
    let program: string | null = null
    let elsewhere: Server
    let smtp: TestSmtp

    before(async function () {
      program = browserPath()
      if (program === null) return this.skip()
      smtp = await TestSmtp.start()
      elsewhere = createServer((request, response) => {
        const link = new URL(request.url ?? '/', 'http://mail.test').searchParams.get('to') ?? ''
        response.setHeader('content-type', 'text/html')
        response.end(`<a id="link" href="${link}">the mail</a>`)
      })
      await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    })
    after(async () => {
      elsewhere?.close()
      await smtp?.stop()
    })

    it('somebody follows the link in their web mail, on a phone, and joins', async () => {
      // The public address is known before the port: the browser maps every name to this machine.
      const bare = await listen(ctx)
      await bare.listen({ port: 0, host: '127.0.0.1' })
      const { port } = bare.server.address() as AddressInfo
      await bare.close()
      const here = reachedAt(ctx, `http://erp.test:${port}`)
      const listener = await listen(here)
      await listener.listen({ port, host: '127.0.0.1' })
      await clearMails(ctx)
      await invited(here, 'paged', 'browser@paged.test', { language: 'uk' })
      await finished(sendMails(sendingTo(here, smtp.url()), { limit: null, connections: 1 }))
      const [mail] = await smtp.parsed()
      const link = /https?:\/\/\S+\/invitations\/[\w-]+/.exec(mail?.text ?? '')?.[0] ?? ''
      expect(link).to.match(/^http:\/\/erp\.test:\d+\/invitations\/[\w-]{43}$/)

      const chromium = await startBrowser(program ?? '')
      try {
        const page = await chromium.newPage()
        await page.setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true })
        await page.setJavaScriptEnabled(false)
        const { port: mailPort } = elsewhere.address() as AddressInfo
        await page.goto(`http://mail.test:${mailPort}/?to=${encodeURIComponent(link)}`)
        await Promise.all([page.waitForNavigation(), page.click('#link')])
        await page.waitForSelector('form', { timeout: 20_000 })
        expect(page.url()).not.to.include(tokenIn(link))
        await page.setJavaScriptEnabled(true)
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        expect(wide, 'nothing is wider than the phone').to.be.at.most(360)
        expect(await page.evaluate('document.documentElement.lang')).to.equal('uk')
        expect(await page.evaluate('document.cookie'), 'no script reads the token').to.equal('')
        const painted = await page.evaluate(
          `getComputedStyle(document.querySelector('button')).backgroundColor`,
        )
        expect(painted, 'the policy lets our style through').to.equal('rgb(31, 63, 110)')
        await page.type('#name', 'Оксана')
        await page.type('#password', password)
        await page.type('#password_again', password)
        await Promise.all([page.waitForNavigation(), page.click('button')])
        expect(await page.$('form')).to.equal(null)
        expect(await placeOf(ctx, tenant, 'browser@paged.test')).to.equal('active user')
      } finally {
        await chromium.close()
        await listener.close()
      }
    })
  })
})

/** Single sign-on as sites ask for it: POST /sso/redeem, and the two paths of ERPNext, through a real server. */
import { Writable } from 'node:stream'
import { expect } from 'chai'
import { pino } from 'pino'
import { execute, sql } from '../../src/database/sql.js'
import { erpnextRoutes } from '../../src/http/erpnext-routes.js'
import { routesOf } from '../../src/http/routes.js'
import { buildServer, type ServerOptions } from '../../src/http/server.js'
import { ssoRoutes } from '../../src/http/sso-routes.js'
import { removeSite, rotateSite } from '../../src/people/sso/sites.js'
import { atInstant } from '../support/clock.js'
import { times } from '../support/place.js'
import { sharedContext } from '../support/server.js'
import { auditOf, disableUser, issued, ssoScene, statusOf, type SsoScene } from '../support/sso.js'
import type { OpenedContext } from '../../src/context.js'

type Server = Awaited<ReturnType<typeof buildServer>>
type Answer = Awaited<ReturnType<Server['inject']>>

let ctx: OpenedContext
let named = 0
let written = ''
const servers: Server[] = []
const scene = (): Promise<SsoScene> => ssoScene(ctx, `site-${(named += 1)}`)

/** Everything it logs is in `written`. */
async function server(routes = [ssoRoutes, erpnextRoutes], at = ctx): Promise<Server> {
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString()
      done()
    },
  })
  const logger = pino({ level: 'trace' }, sink) as unknown as NonNullable<ServerOptions['logger']>
  const app = await buildServer(at, { routes, logger, trustProxy: false })
  servers.push(app)
  return app
}

const redeem = (app: Server, key: string | null, token: unknown): Promise<Answer> =>
  app.inject({
    ...{ method: 'POST', url: '/sso/redeem', payload: { token } },
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
  })
const told = (answer: Answer): [number, string] => [
  answer.statusCode,
  answer.json<{ error?: { code: string } }>().error?.code ?? 'none',
]

describe('SSO over HTTP', () => {
  let app: Server

  before(async () => {
    ctx = await sharedContext()
    app = await server()
  })
  after(async () => {
    await Promise.all(servers.map((one) => one.close()))
  })

  it('lets a user in who brings a token, by the key in either header', async () => {
    const acme = await scene()
    const answer = await redeem(app, acme.key, await issued(ctx, acme, '/app/crm'))
    expect(told(answer)).to.deep.equal([200, 'none'])
    const { data } = answer.json<{ data: { session: Record<string, unknown> } }>()
    expect(data.session).to.deep.include({
      ...{
        role: 'user',
        erp_role: 'USER',
        modules: ['system_admin', 'finance', 'crm'],
        redirect: '/app/crm',
      },
      ...{ site: acme.site.origin, operator: { name: ctx.actor.operator, reason: 'a test' } },
    })
    expect(answer.headers['cache-control']).to.equal('no-store')
    const other = await app.inject({
      ...{ method: 'POST', url: '/sso/redeem', payload: { token: await issued(ctx, acme) } },
      headers: { 'x-site-key': acme.key },
    })
    expect(told(other)).to.deep.equal([200, 'none'])
    expect((await auditOf(ctx, acme)).map(({ operator, outcome }) => [operator, outcome])).to.deep.equal(
      Array(2).fill([acme.site.origin, 'succeeded']),
    )
  })

  it('takes nothing but JSON', async () => {
    const sent = (type: string, payload: string): Promise<Answer> =>
      app.inject({ method: 'POST', url: '/sso/redeem', payload, headers: { 'content-type': type } })
    expect(told(await sent('application/json', '{'))).to.deep.equal([400, 'http.malformed'])
    expect(told(await sent('text/plain', 'x'))).to.deep.equal([415, 'http.media_type'])
  })

  it('says no, and neither to whom nor about whom', async () => {
    const acme = await scene()
    const other = await scene()
    const token = await issued(ctx, acme)
    const late = await server(
      [ssoRoutes],
      atInstant(ctx, new Date(ctx.clock.now().getTime() + 61_000).toISOString()),
    )
    const answers = [
      await redeem(app, null, token),
      await redeem(app, 'erpsite_nobody', token),
      await redeem(app, other.key, token),
      await redeem(app, acme.key, 'never-was'),
      ...(await Promise.all(
        [undefined, null, 7, '', {}, ['x'], 'x'.repeat(1000)].map((one) => redeem(app, acme.key, one)),
      )),
      await redeem(late, acme.key, token),
    ]
    const nothing = [404, 'sso.token_unknown']
    expect(answers.map(told)).to.deep.equal([
      ...[[401, 'sso.key_unknown'], [401, 'sso.key_unknown'], nothing, nothing],
      ...Array<unknown>(7).fill(nothing),
      [410, 'sso.token_expired'],
    ])
    // What belongs to another site is told exactly like what never was.
    expect(answers[2]?.body).to.equal(answers[3]?.body)
    expect(answers[0]?.headers['www-authenticate']).to.equal('Bearer')
    expect(told(await redeem(app, acme.key, token))).to.deep.equal([200, 'none'])
    answers.push(await redeem(app, acme.key, token))
    expect(told(answers.at(-1) as Answer)).to.deep.equal([410, 'sso.token_used'])
    await disableUser(ctx, other)
    const disabled = await issued(ctx, acme)
    await disableUser(ctx, acme)
    answers.push(await redeem(app, acme.key, disabled))
    await execute(ctx.db, sql`update public.users set status = 'active' where id = ${acme.user.id}`)
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'suspended', suspension_cause = 'operator', suspension_reason = 'quarrel' where id = ${acme.tenant.id}`,
    )
    answers.push(await redeem(app, acme.key, disabled))
    expect(answers.slice(-2).map(told)).to.deep.equal(Array(2).fill([403, 'sso.not_allowed']))
    for (const { body } of answers)
      for (const hidden of [
        acme.user.id,
        acme.user.email,
        acme.tenant.id,
        acme.tenant.subdomain,
        acme.site.id,
        'quarrel',
      ])
        expect(body).not.to.include(hidden)
    const codes = (await auditOf(ctx, acme)).map(({ error_code }) => error_code)
    expect(codes).to.include.members([
      'sso.key_unknown',
      'sso.wrong_site',
      'user.not_active',
      'tenant.suspended',
    ])
  })

  it('takes what makes no sense for nothing', async () => {
    const acme = await scene()
    const headers = { authorization: `Bearer ${acme.key}`, 'content-type': 'application/json' }
    for (const payload of ['', '[]', '"x"', 'null', '{"token":', `{"token":"${'x'.repeat(9000)}"}`]) {
      const answer = await app.inject({ method: 'POST', url: '/sso/redeem', payload, headers })
      expect(answer.statusCode, payload.slice(0, 20)).to.be.oneOf([400, 404, 413])
      expect(answer.json()).to.deep.include({ ok: false })
    }
    expect((await app.inject({ method: 'GET', url: '/sso/redeem', headers })).statusCode).to.equal(405)
    for (const authorization of ['Basic eA==', 'Bearer', 'Bearer a b', acme.key])
      expect(
        (
          await app.inject({
            method: 'POST',
            url: '/sso/redeem',
            payload: { token: 'x' },
            headers: { authorization },
          })
        ).statusCode,
      ).to.equal(401)
  })

  it('lets one in of many who bring one token at the same time', async () => {
    const acme = await scene()
    const token = await issued(ctx, acme)
    const count = times(100, 1000)
    // Each a server of its own, as if there were several listeners, and none that is asked too often.
    const apps = await Promise.all(Array.from({ length: Math.ceil(count / 200) }, () => server([ssoRoutes])))
    const base = await Promise.all(apps.map((one) => one.listen({ port: 0, host: '127.0.0.1' })))
    const asked = Array.from({ length: count }, async (_, index) => {
      const { status } = await fetch(`${base[index % base.length]}/sso/redeem`, {
        method: 'POST',
        headers: { authorization: `Bearer ${acme.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      })
      return status
    })
    const answers = await Promise.all(asked)
    expect(answers.filter((status) => status === 200)).to.have.length(1)
    expect(answers.filter((status) => status === 410)).to.have.length(count - 1)
  }).timeout(120_000)

  it('takes a key that was rotated while it overlaps, and none of a site that was removed', async () => {
    const acme = await scene()
    const { token: next } = await rotateSite(ctx, acme.site.origin, 1)
    for (const key of [acme.key, next])
      expect(told(await redeem(app, key, await issued(ctx, acme)))).to.deep.equal([200, 'none'])
    await rotateSite(ctx, acme.site.origin, 0)
    expect(told(await redeem(app, next, await issued(ctx, acme)))).to.deep.equal([401, 'sso.key_unknown'])
    const { token: last } = await rotateSite(ctx, acme.site.origin, 0)
    const token = await issued(ctx, acme)
    await removeSite(ctx, acme.site.origin)
    expect(told(await redeem(app, last, token))).to.deep.equal([401, 'sso.key_unknown'])
  })

  it('is asked so often by one address, and no more', async () => {
    const limited = await server([ssoRoutes])
    const codes: number[] = []
    for (let count = 0; count < 245; count += 1) codes.push((await redeem(limited, null, 'x')).statusCode)
    expect(codes.slice(0, 240).every((code) => code === 401)).to.equal(true)
    expect(codes.slice(240)).to.deep.equal(Array(5).fill(429))
    const answer = await redeem(limited, null, 'x')
    expect(told(answer)).to.deep.equal([429, 'http.rate_limited'])
    expect(Number(answer.headers['retry-after'])).to.be.greaterThan(0)
    // Whoever has one address of IPv6 has 2^64.
    const statuses: number[] = []
    for (let count = 0; count < 241; count += 1) {
      const remoteAddress = `2001:db8:1:2::${count.toString(16)}`
      const { statusCode } = await limited.inject({ method: 'POST', url: '/sso/redeem', remoteAddress })
      statuses.push(statusCode)
    }
    expect(statuses.slice(239)).to.deep.equal([401, 429])
  })

  describe('as ERPNext asks today', () => {
    const get = (
      acme: Pick<SsoScene, 'key'> | null,
      path: string,
      method: 'GET' | 'HEAD' = 'GET',
    ): Promise<Answer> =>
      app.inject({
        ...{ method, url: `/api/v1/sso/erpnext/${path}` },
        headers: acme ? { 'x-site-key': acme.key } : {},
      })

    it('is off unless it is asked for', async () => {
      const bare = await server(routesOf({ api: false, erpnextCompat: false }))
      const compat = await server(routesOf({ api: false, erpnextCompat: true }))
      for (const path of ['callback?token=x', 'validate/x']) {
        const url = `/api/v1/sso/erpnext/${path}`
        expect((await bare.inject({ method: 'GET', url })).statusCode).to.equal(404)
        expect((await compat.inject({ method: 'GET', url })).statusCode).to.equal(401)
      }
      const asked = { method: 'POST', url: '/sso/redeem', payload: {} } as const
      for (const one of [bare, compat]) expect((await one.inject(asked)).statusCode).to.equal(401)
    })

    it('answers callback and validate with whom to let in, once', async () => {
      const acme = await scene()
      const first = await issued(ctx, acme, '/app/Über uns?a=b&c=d')
      const path = encodeURIComponent('/app/%C3%9Cber%20uns?a=b&c=d')
      const called = await get(acme, `callback?token=${first}&redirect=${path}`)
      expect(called.json()).to.deep.include({
        ...{
          ok: true,
          valid: true,
          role: 'user',
          erp_role: 'USER',
          redirect: '/app/%C3%9Cber%20uns?a=b&c=d',
        },
        ...{
          redirect_url: `${acme.site.origin}/app/%C3%9Cber%20uns?a=b&c=d`,
          modules: ['system_admin', 'finance', 'crm'],
        },
      })
      expect(called.json<{ user: { email: string } }>().user.email).to.equal(acme.user.email)
      const second = await issued(ctx, acme)
      expect((await get(acme, `validate/${second}`)).json()).to.deep.include({
        valid: true,
        redirect: '/app',
      })
      for (const used of [first, second]) {
        const again = await get(acme, `validate/${used}`)
        expect(told(again)).to.deep.equal([410, 'sso.token_used'])
        expect(again.json()).to.deep.include({ valid: false })
      }
      const third = await issued(ctx, acme)
      expect((await get(acme, `callback?token=${third}`)).json()).to.deep.include({
        valid: true,
        redirect: '/app',
      })
    })

    it("wants the site's key, and uses nothing up where it says no", async () => {
      const acme = await scene()
      const other = await scene()
      const token = await issued(ctx, acme)
      const asked: [string, Pick<SsoScene, 'key'> | null, [number, string]][] = [
        [`validate/${token}`, null, [401, 'sso.key_unknown']],
        [`callback?token=${token}&redirect=/app`, null, [401, 'sso.key_unknown']],
        [`validate/${token}`, { key: 'erpsite_x' }, [401, 'sso.key_unknown']],
        [`validate/${token}`, other, [404, 'sso.token_unknown']],
        [`validate/${'x'.repeat(43)}`, acme, [404, 'sso.token_unknown']],
        ['callback', acme, [404, 'sso.token_unknown']],
        [`callback?token=${token}&token=${token}`, acme, [404, 'sso.token_unknown']],
        ...[
          '/other',
          '//evil.test',
          'https://evil.test',
          '/%5Cevil.test',
          'javascript:alert(1)',
          '',
          '/app&redirect=/app',
        ].map((to): [string, SsoScene, [number, string]] => [
          `callback?token=${token}&redirect=${to}`,
          acme,
          [400, 'sso.redirect_mismatch'],
        ]),
      ]
      for (const [path, by, answer] of asked) expect(told(await get(by, path)), path).to.deep.equal(answer)
      // HEAD, as link checkers send it, finds nothing.
      expect((await get(acme, `validate/${token}`, 'HEAD')).statusCode).to.equal(405)
      expect(await statusOf(ctx, acme)).to.deep.equal(['issued'])
      expect((await get(acme, `validate/${token}`)).statusCode).to.equal(200)
    })
  })

  it('writes no token and no key into its log', async () => {
    const acme = await scene()
    const token = await issued(ctx, acme)
    const headers = { 'x-site-key': acme.key }
    for (const url of [
      `/api/v1/sso/erpnext/validate/${token}`,
      `/api/v1/sso/erpnext/validate/${token}/more`,
      `/api/v1/sso/erpnext/callback?token=${token}&redirect=//evil`,
      `/api/v1/sso/nothing?token=${token}`,
      `/sso/redeem?token=${token}`,
    ])
      for (const method of ['GET', 'POST', 'HEAD', 'PUT'] as const) await app.inject({ method, url, headers })
    const broken = await server([ssoRoutes, erpnextRoutes], {
      ...ctx,
      failpoint: () => Promise.reject(new Error('out of order')),
    })
    const next = await issued(ctx, acme)
    const answer = await broken.inject({
      method: 'GET',
      url: `/api/v1/sso/erpnext/validate/${next}`,
      headers,
    })
    expect(told(answer)).to.deep.equal([500, 'failure'])
    expect(answer.body).not.to.include('out of order')
    expect(written).to.include('"msg":"failed"')
    for (const secret of [token, next, acme.key]) expect(written).not.to.include(secret)
    // What broke took nothing.
    expect(told(await redeem(app, acme.key, next))).to.deep.equal([200, 'none'])
  })
})

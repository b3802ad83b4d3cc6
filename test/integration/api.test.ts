/** The API for front ends: each answer is of the schema that is published, each refusal of the shape of the commands. */
import { expect } from 'chai'
import * as z from 'zod'
import { execute, rows, sql } from '../../src/database/sql.js'
import { authEndpoints } from '../../src/http/api/auth-endpoints.js'
import { onboardingEndpoints } from '../../src/http/api/onboarding-endpoints.js'
import { failure } from '../../src/http/api/shapes.js'
import { routesOf } from '../../src/http/routes.js'
import { buildServer } from '../../src/http/server.js'
import { currentKey } from '../../src/people/keys/signing-keys.js'
import { forgotPassword, requestReset } from '../../src/people/reset-password.js'
import { verifyAccess } from '../../src/people/sessions/verify-access.js'
import { atInstant } from '../support/clock.js'
import { refusalOf } from '../support/errors.js'
import { withSettings } from '../support/settings.js'
import { reachedAt } from '../support/people.js'
import { cheaply, goodPassword, person, type Person } from '../support/sign-in.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { FastifyInstance } from 'fastify'
import type { OpenedContext } from '../../src/context.js'

interface Answer {
  status: number
  // The shape is each endpoint's own, and is checked against its schema.
  body: any // eslint-disable-line @typescript-eslint/no-explicit-any
  headers: Record<string, unknown>
}

const endpoints = [...authEndpoints(), ...onboardingEndpoints()]

describe('the API', () => {
  let ctx: OpenedContext
  let app: FastifyInstance
  let acme: SubscribedTenant
  let globex: SubscribedTenant
  let asha: Person
  let address = 1

  /** As somebody else each time, so that the limits count what a test means to count. */
  async function call(
    method: 'GET' | 'POST',
    url: string,
    { body, token, from = `10.0.0.${(address += 1)}` }: { body?: object; token?: string; from?: string } = {},
  ): Promise<Answer> {
    const answer = await app.inject({
      ...{ method, url, remoteAddress: from },
      ...(body ? { payload: body } : {}),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    const parsed: unknown = answer.body === '' ? null : JSON.parse(answer.body)
    const one = endpoints.find((known) => known.method === method && known.path === url.split('?')[0])
    if (one && answer.statusCode === one.status)
      z.strictObject({ ok: z.literal(true), data: one.answer }).parse(parsed)
    if (answer.statusCode >= 400) failure.parse(parsed)
    return { status: answer.statusCode, body: parsed, headers: answer.headers }
  }

  const post = (path: string, body: object, more: { token?: string; from?: string } = {}): Promise<Answer> =>
    call('POST', `/api/v1/${path}`, { body, ...more })
  const get = (path: string, token?: string): Promise<Answer> =>
    call('GET', `/api/v1/${path}`, token === undefined ? {} : { token })
  const signIn = (more: object = {}): Promise<Answer> =>
    post('auth/login', { email: asha.email, password: goodPassword, ...more })
  const outcome = ({ status, body }: Answer): string => `${status} ${body.error?.code ?? 'ok'}`

  before(async () => {
    ctx = cheaply(await sharedContext())
    acme = await subscribedTenant(ctx, 'api-acme')
    globex = await subscribedTenant(ctx, 'api-globex')
    asha = await person(ctx, 'asha@api.test', [
      { tenant: acme.id, isDefault: true, role: 'admin' },
      { tenant: globex.id },
    ])
    const routes = routesOf({ api: true, erpnextCompat: false })
    app = await buildServer(ctx, { routes, logger: false, trustProxy: false })
  })
  after(() => app.close())

  it('signs in, shows who it is, switches, refreshes and leaves', async () => {
    const { status, body, headers } = await signIn()
    expect(status).to.equal(200)
    expect(headers['cache-control']).to.equal('no-store')
    const { access_token, refresh_token } = body.data
    const me = await get('auth/me', access_token)
    expect(me.body.data).to.deep.include({ role: 'admin', session: body.data.session })
    const tenants = await get('tenants', access_token)
    expect(tenants.body.data.items.map((one: { subdomain: string }) => one.subdomain)).to.deep.equal([
      'api-acme',
      'api-globex',
    ])
    const there = await post('auth/switch-tenant', { tenant: 'api-globex' }, { token: access_token })
    expect(there.body.data).to.deep.include({ role: 'user', refresh_token: null })
    const next = await post('auth/refresh', { refresh_token })
    expect(next.body.data.tenant.subdomain).to.equal('api-globex')
    const again = await post('auth/switch-tenant', {
      ...{ tenant: acme.id, refresh_token: next.body.data.refresh_token },
    })
    expect(again.body.data.tenant.subdomain).to.equal('api-acme')
    const left = await post('auth/logout', {}, { token: again.body.data.access_token })
    expect(left.body.data).to.deep.equal({ ended: 1 })
    expect(outcome(await get('auth/me', access_token))).to.equal('401 token.session_ended')
    expect(outcome(await post('auth/refresh', { refresh_token: again.body.data.refresh_token }))).to.equal(
      '401 token.session_ended',
    )
    const [logged] = await rows<{ operator: string }>(
      ctx.db,
      sql`select operator from public.audit_log where action = 'auth.login' and subject = ${asha.email}`,
    )
    expect(logged?.operator).to.match(/^api 10\.0\.0\.\d+$/)
  })

  it('says who is not signed in, who may not, and what is wrong with a body', async () => {
    const wrong = await post('auth/login', { email: asha.email, password: 'wrong horse battery' })
    const unknown = await post('auth/login', { email: 'nobody@api.test', password: 'wrong horse battery' })
    expect(outcome(wrong)).to.equal('401 auth.refused')
    expect(unknown.body).to.deep.equal(wrong.body)
    expect(wrong.headers['www-authenticate']).to.equal('Bearer')
    expect(outcome(await get('auth/me'))).to.equal('401 token.missing')
    expect(outcome(await get('tenants', 'a.b.c'))).to.equal('401 token.malformed')
    expect(outcome(await post('auth/logout', {}))).to.equal('401 token.missing')
    expect(outcome(await signIn({ tenant: 'nowhere' }))).to.equal('403 auth.not_a_member')
    expect(outcome(await post('auth/login', { email: asha.email }))).to.equal('400 usage.invalid')
    expect(outcome(await signIn({ password: 'x'.repeat(73) }))).to.equal('400 password.invalid')
    expect(outcome(await signIn({ admin: true }))).to.equal('400 usage.invalid')
    expect(outcome(await signIn({ email: { $ne: '' } }))).to.equal('400 usage.invalid')
    const noJson = await app.inject({
      ...{ method: 'POST', url: '/api/v1/auth/login', payload: '{', remoteAddress: '10.0.1.1' },
      headers: { 'content-type': 'application/json' },
    })
    expect(noJson.statusCode).to.equal(400)
    failure.parse(JSON.parse(noJson.body))
  })

  it('a suspended tenant is told the reason, without the hints of operators', async () => {
    const late = await subscribedTenant(ctx, 'api-late')
    const ravi = await person(ctx, 'ravi@api.test', [{ tenant: late.id }])
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'suspended', suspension_cause = 'operator', suspension_reason = 'unpaid' where id = ${late.id}`,
    )
    const answer = await post('auth/login', { email: ravi.email, password: goodPassword })
    expect(outcome(answer)).to.equal('409 tenant.suspended')
    expect(answer.body.error.message).to.include('unpaid')
    expect(JSON.stringify(answer.body)).not.to.include('erpmax tenant')
  })

  it('a login is tried ten times a minute from one address', async () => {
    const from = '10.9.9.9'
    const answers: string[] = []
    for (let n = 0; n < 12; n++)
      answers.push(
        outcome(await post('auth/login', { email: `n${n}@api.test`, password: 'wrong horse' }, { from })),
      )
    expect(answers.slice(0, 10).every((one) => one === '401 auth.refused')).to.equal(true)
    expect(answers.slice(10)).to.deep.equal(['429 http.rate_limited', '429 http.rate_limited'])
  })

  it('a forgotten password is answered alike for everybody', async () => {
    const answers = [
      await post('auth/forgot-password', { email: asha.email }),
      await post('auth/forgot-password', { email: 'nobody@api.test' }),
      await post('auth/forgot-password', { email: 'not an address' }),
      await post('auth/forgot-password', { email: asha.email }),
    ]
    for (const { status, body } of answers) {
      expect(status).to.equal(202)
      expect(body).to.deep.equal({ ok: true, data: { accepted: true } })
    }
    const from = '10.9.9.8'
    const many: number[] = []
    for (let n = 0; n < 6; n++)
      many.push((await post('auth/forgot-password', { email: `n${n}@api.test` }, { from })).status)
    expect(many).to.deep.equal([202, 202, 202, 202, 202, 429])
  })

  it('a forgotten password fills no mailbox and takes back no link that was handed over', async () => {
    const meera = await person(ctx, 'meera@api.test', [{ tenant: acme.id }])
    const reached = reachedAt(ctx, 'https://erp.example.test')
    const links = async (): Promise<string[]> => {
      const found = await rows<{ status: string }>(
        ctx.db,
        sql`select status from public.password_resets where user_id = ${meera.id} order by created_at`,
      )
      return found.map(({ status }) => status)
    }
    const at = (time: string): Promise<void> => forgotPassword(atInstant(reached, time), ' Meera@API.test ')
    await requestReset(atInstant(ctx, '2026-03-02T11:00:00Z'), { user: meera.email, as: null })
    await forgotPassword(atInstant(ctx, '2026-03-02T11:30:00Z'), meera.email)
    expect(await links(), 'nothing can be mailed').to.deep.equal(['pending'])
    await at('2026-03-02T12:00:00Z')
    await at('2026-03-02T12:04:59Z')
    expect(await links()).to.deep.equal(['revoked', 'pending'])
    await at('2026-03-02T12:05:00Z')
    expect(await links()).to.deep.equal(['revoked', 'revoked', 'pending'])
    for (const nobody of [meera.id, 'nobody@api.test', 'not an address', 'a\u0000b@api.test'])
      await forgotPassword(reached, nobody)
    expect(await links()).to.have.length(3)
  })

  it('pages of other origins are told apart as browsers write them', async () => {
    const routes = routesOf({ api: true, erpnextCompat: false })
    const opened = (corsOrigins: string[]): Promise<FastifyInstance> =>
      buildServer(ctx, { routes, logger: false, trustProxy: false, corsOrigins })
    for (const wrong of [
      '*',
      'https://erp.test/',
      'https://ERP.test',
      'erp.test',
      'null',
      'file://x',
      'https://erp.test:443',
    ])
      expect(await refusalOf(opened([wrong]).then((one) => one.ready())), wrong).to.equal(
        'usage listen.origin_invalid',
      )
    const one = await opened(['https://erp.test'])
    const answers = await Promise.all(
      ['https://erp.test', 'https://erp.test.evil.test', 'null'].map(async (origin) => {
        const { headers } = await one.inject({ method: 'GET', url: '/openapi.json', headers: { origin } })
        return [
          headers['access-control-allow-origin'],
          headers['access-control-allow-credentials'],
          headers.vary,
        ]
      }),
    )
    expect(answers).to.deep.equal([
      ['https://erp.test', undefined, 'Origin'],
      [undefined, undefined, 'Origin'],
      [undefined, undefined, 'Origin'],
    ])
    await one.close()
  })

  it('onboarding knows free names, modules and prices, and tells nothing about tenants', async () => {
    const taken = await get('onboarding/check-subdomain?subdomain=api-acme')
    expect(taken.body.data).to.deep.include({ available: false, reason: 'taken' })
    expect(JSON.stringify(taken.body)).not.to.include(acme.id)
    const free = await post('onboarding/check-subdomain', { subdomain: 'api-nobodys' })
    expect(free.body.data).to.deep.include({ available: true, alternatives: [] })
    expect(outcome(await get('onboarding/check-subdomain'))).to.equal('400 usage.invalid')
    const { body } = await get('onboarding/modules?currency=INR&cycle=annual')
    expect(body.data.modules).to.have.length(10)
    const prices = body.data.modules.flatMap((one: { prices: object[] }) => one.prices)
    expect(new Set(prices.map((one: { cycle: string }) => one.cycle))).to.deep.equal(new Set(['annual']))
    expect(outcome(await get('onboarding/modules?currency=XXX'))).to.equal('400 currency.unpriced')
  })

  it('publishes the public keys, and its tokens are verified by them', async () => {
    const { body, headers } = await call('GET', '/.well-known/jwks.json')
    expect(body.keys.map(({ kid }: { kid: string }) => kid)).to.include((await currentKey(ctx)).kid)
    expect(JSON.stringify(body)).not.to.include('"d"')
    expect(headers['cache-control']).to.equal('public, max-age=300')
    const { body: signed } = await signIn()
    await verifyAccess(ctx, signed.data.access_token)
  })

  it('publishes a document with every endpoint, from the same schemas', async () => {
    const { body } = await call('GET', '/openapi.json')
    expect(body.openapi).to.equal('3.1.0')
    const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).to.deep.equal(endpoints.map(({ method, path }) => `${method} ${path}`).sort())
    const { requestBody, responses } = body.paths['/api/v1/auth/login'].post
    expect(requestBody.content['application/json'].schema.required).to.deep.equal(['email', 'password'])
    expect(Object.keys(responses)).to.deep.equal(['200', '400', '401', '403', '409', '429', '503'])
    const ids = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
      (one) => Object.values(one).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).to.equal(endpoints.length)
    expect(ids).to.include('postAuthSwitchTenant')
  })

  it('names its own address in the document without a slash at the end', async () => {
    const at = withSettings(ctx, { ERPMAX_PUBLIC_URL: 'https://erp.test/base//' })
    const routes = routesOf({ api: true, erpnextCompat: false })
    const one = await buildServer(at, { routes, logger: false, trustProxy: false })
    const document = await one.inject('/openapi.json')
    expect(document.json().servers).to.deep.equal([{ url: 'https://erp.test/base' }])
    await one.close()
  })

  it('without the API there are the public keys alone', async () => {
    const routes = routesOf({ api: false, erpnextCompat: false })
    const bare = await buildServer(ctx, { routes, logger: false, trustProxy: false })
    const statuses = await Promise.all(
      ['/.well-known/jwks.json', '/openapi.json', '/api/v1/auth/me'].map(
        async (url) => (await bare.inject({ method: 'GET', url })).statusCode,
      ),
    )
    expect(statuses).to.deep.equal([200, 404, 404])
    await bare.close()
  })
})

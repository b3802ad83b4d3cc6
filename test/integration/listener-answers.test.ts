/** What the listener answers to what nobody should send, and to browsers of other origins; and the document of its API. */
import net from 'node:net'
import { once } from 'node:events'
import { expect } from 'chai'
import * as z from 'zod'
import { authEndpoints } from '../../src/http/api/auth-endpoints.js'
import { onboardingEndpoints } from '../../src/http/api/onboarding-endpoints.js'
import { failure } from '../../src/http/api/shapes.js'
import { cheaply, goodPassword, person } from '../support/sign-in.js'
import { wholeFront, type WholeFront } from '../support/front.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { OpenedContext } from '../../src/context.js'

const erp = 'https://erp.example.com'
const check = '/api/v1/onboarding/check-subdomain?subdomain=listener-free'
const json = { 'content-type': 'application/json' }

/** Of every refusal that is not a page. */
const refused = z.strictObject({
  ok: z.literal(false),
  error: failure.shape.error.extend({ code: z.string().regex(/^[a-z_]+(\.[a-z_]+)+$/) }),
})

describe('the answers of the listener', () => {
  let ctx: OpenedContext
  let front: WholeFront
  const opened: WholeFront[] = []

  async function open(options: Parameters<typeof wholeFront>[1] = {}): Promise<WholeFront> {
    const one = await wholeFront(ctx, options)
    opened.push(one)
    await one.app.ready()
    return one
  }
  const inject = (options: InjectOptions | string, { app } = front): Promise<LightMyRequestResponse> =>
    app.inject(options)
  const codeOf = (answer: LightMyRequestResponse): string => refused.parse(answer.json()).error.code

  before(async () => {
    ctx = cheaply(await sharedContext())
    front = await open({ corsOrigins: [erp] })
    const tenant = await subscribedTenant(ctx, 'listener-acme')
    await person(ctx, 'asha@listener.test', [{ tenant: tenant.id }])
  })
  after(() => Promise.all(opened.map(({ app }) => app.close())))

  it('name the methods of a path that is asked by another', async () => {
    for (const route of front.routes) {
      const url = route.replace(/^\S+ /, '').replace(/:\w+/, 'x'.repeat(43))
      const answer = await inject({ method: 'DELETE', url })
      expect([answer.statusCode, codeOf(answer)], route).to.deep.equal([405, 'http.method'])
      expect(String(answer.headers.allow).split(', '), route).to.include(route.split(' ')[0])
      expect(answer.body).not.to.include('xxx')
    }
    expect(front.routes).to.include('GET /api/v1/sso/erpnext/validate/:token')
    const head = await inject({ method: 'HEAD', url: '/api/v1/sso/erpnext/validate/x' })
    expect([head.statusCode, head.headers.allow]).to.deep.equal([405, 'GET'])
    for (const url of [
      '/',
      '/pay',
      '/api/v1',
      '/api/v1/auth',
      '/healthz/x',
      '/webhooks/other',
      '//',
      '/.env',
    ])
      expect(codeOf(await inject(url)), url).to.equal('http.not_found')
  })

  it('are the same with a slash at the end', async () => {
    for (const url of ['/healthz/', '/openapi.json/', '/.well-known/jwks.json/', '/webhooks/stripe/'])
      expect((await inject(url)).statusCode, url).to.equal((await inject(url.slice(0, -1))).statusCode)
    const answer = await inject({ method: 'POST', url: '/api/v1/auth/login/', payload: {} })
    expect(codeOf(answer)).to.equal('usage.invalid')
  })

  it('say what is wrong with a body in codes of ours', async () => {
    const posts = [...authEndpoints(), ...onboardingEndpoints()].filter(({ method }) => method === 'POST')
    const tries: [Record<string, string>, string, number, string][] = [
      [{ 'content-type': 'text/xml' }, '<a/>', 415, 'http.media_type'],
      [{ 'content-type': 'text/plain' }, '{}', 415, 'http.media_type'],
      [{ 'content-type': 'application/x-www-form-urlencoded' }, 'email=a', 415, 'http.media_type'],
      [json, '{"email"', 400, 'http.malformed'],
      [json, '{"__proto__": {"admin": true}}', 400, 'http.malformed'],
      [json, `"${'x'.repeat(20_000)}"`, 413, 'http.too_large'],
      [json, '[]', 400, 'usage.invalid'],
    ]
    let from = 1
    for (const { path } of posts)
      for (const [headers, payload, status, code] of tries) {
        const remoteAddress = `10.77.0.${(from += 1)}`
        const answer = await inject({ method: 'POST', url: path, headers, payload, remoteAddress })
        expect([answer.statusCode, codeOf(answer)], `${path} ${payload.slice(0, 20)}`).to.deep.equal([
          status,
          code,
        ])
      }
    const empty = { method: 'POST', url: '/api/v1/auth/logout', headers: json, payload: '' } as const
    expect(codeOf(await inject(empty))).to.equal('token.missing')
    const site = {
      method: 'POST',
      url: '/sso/redeem',
      headers: { 'content-type': 'text/plain' },
      payload: 'x',
    }
    expect(codeOf(await inject(site as InjectOptions))).to.equal('http.media_type')
  })

  it('take a text that no database holds for nobody’s address', async () => {
    const login = (email: string): Promise<LightMyRequestResponse> =>
      inject({ method: 'POST', url: '/api/v1/auth/login', payload: { email, password: goodPassword } })
    const answer = await login('as\u0000ha@listener.test')
    expect([answer.statusCode, codeOf(answer)]).to.deep.equal([401, 'auth.refused'])
  })

  it('have one shape, even where there is no request yet', async () => {
    const { port } = new URL(await front.app.listen({ port: 0, host: '127.0.0.1' }))
    const raw = async (text: string): Promise<string> => {
      const socket = net.connect(Number(port), '127.0.0.1')
      let answer = ''
      socket.on('data', (chunk) => (answer += chunk.toString())).on('error', () => {})
      socket.write(text)
      await once(socket, 'close')
      return answer
    }
    const tries: [string, string, string][] = [
      ['FOO / HTTP/1.1\r\nHost: x\r\n\r\n', '400', 'http.malformed'],
      [`GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, '431', 'http.headers_too_large'],
      [`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'x'.repeat(17_000)}\r\n\r\n`, '431', 'http.headers_too_large'],
      [
        `GET /reset/${'x'.repeat(9_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        '414',
        'http.path_too_long',
      ],
      ['GET /%ff%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '400', 'http.malformed'],
    ]
    for (const [text, status, code] of tries) {
      const [head = '', body = ''] = (await raw(text)).split('\r\n\r\n')
      expect(head.split(' ')[1], text.slice(0, 40)).to.equal(status)
      expect(refused.parse(JSON.parse(body)).error.code, text.slice(0, 40)).to.equal(code)
      expect(head.toLowerCase()).to.include(`content-length: ${Buffer.byteLength(body)}`)
    }
  })

  describe('to pages of other origins', () => {
    const preflight = (origin: string, url = '/api/v1/auth/login'): Promise<LightMyRequestResponse> =>
      inject({
        ...{ method: 'OPTIONS', url },
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,authorization',
        },
      })

    it('are open to those of the list alone', async () => {
      const asked = await preflight(erp)
      expect(asked.headers['access-control-allow-origin']).to.equal(erp)
      expect(asked.headers['access-control-allow-methods']).to.equal('GET, HEAD, POST')
      expect(asked.headers['access-control-allow-headers']).to.equal('content-type,authorization')
      expect((await inject({ url: check, headers: { origin: erp } })).headers).to.deep.include({
        ...{ 'access-control-allow-origin': erp, vary: 'Origin' },
        'access-control-expose-headers': 'retry-after, www-authenticate',
      })
      const failed = await inject({ url: '/api/v1/auth/me', headers: { origin: erp } })
      expect([failed.statusCode, failed.headers['access-control-allow-origin']]).to.deep.equal([401, erp])
      for (const origin of [
        ...['https://evil.example.com', 'null', `${erp}.evil.test`, 'https://erp.example.com:444'],
        ...['http://erp.example.com', 'https://ERP.example.com.', '*', `${erp}, ${erp}`],
      ])
        for (const answer of [await preflight(origin), await inject({ url: check, headers: { origin } })])
          expect(answer.headers, origin).not.to.have.any.keys(
            ...['access-control-allow-origin', 'access-control-allow-credentials'],
          )
    })

    it('are closed where no list was given, and for everything that is not the API', async () => {
      const bare = await open()
      for (const url of [check, '/api/v1/auth/me', '/openapi.json'])
        expect((await inject({ url, headers: { origin: erp } }, bare)).headers).not.to.have.property(
          'access-control-allow-origin',
        )
      expect((await inject({ method: 'OPTIONS', url: '/api/v1/auth/me' }, bare)).statusCode).to.equal(405)
      for (const url of [
        '/invitations',
        '/reset',
        '/pay/x',
        '/healthz',
        '/readyz',
        '/sso/redeem',
        '/webhooks/stripe',
      ])
        expect((await inject({ url, headers: { origin: erp } })).headers, url).not.to.have.property(
          'access-control-allow-origin',
        )
      // What everybody may read is read from everywhere.
      const keys = await inject({ url: '/.well-known/jwks.json', headers: { origin: 'https://any.test' } })
      expect(keys.headers['access-control-allow-origin']).to.equal('*')
    })
  })

  describe('count and log an address', () => {
    /** So many wrong logins, each said to be from another address. */
    async function logins(one: WholeFront, remoteAddress: string, count: number): Promise<number[]> {
      const codes: number[] = []
      for (let n = 0; n < count; n += 1) {
        const headers = {
          'x-forwarded-for': `203.0.113.${n}`,
          forwarded: `for=203.0.113.${n}`,
          'x-real-ip': `203.0.113.${n}`,
        }
        const payload = { email: `nobody-${n}@listener.test`, password: 'wrong horse battery' }
        codes.push(
          (await inject({ method: 'POST', url: '/api/v1/auth/login', payload, headers, remoteAddress }, one))
            .statusCode,
        )
      }
      return codes
    }
    const addresses = ({ log }: WholeFront): Set<unknown> =>
      new Set(log.map((line) => (JSON.parse(line) as { ip?: string }).ip))

    const warnings = ({ log }: WholeFront): number =>
      log.filter((line) => line.includes('--trust-proxy')).length

    it('that is the one of the socket', async () => {
      const one = await open()
      expect((await logins(one, '127.0.0.1', 11)).slice(-2)).to.deep.equal([401, 429])
      expect(addresses(one)).to.deep.equal(new Set(['127.0.0.1']))
      expect(warnings(one), 'that a proxy is in front').to.equal(1)
    })

    it('that a proxy near by tells, where it is trusted, and nobody else', async () => {
      const one = await open({ trustProxy: true })
      expect(await logins(one, '127.0.0.1', 11)).to.deep.equal(Array(11).fill(401))
      expect(await logins(one, '10.1.2.3', 11)).to.include(401)
      expect(addresses(one)).to.include('203.0.113.7').and.not.include('127.0.0.1')
      expect(warnings(one)).to.equal(0)
      const far = await open({ trustProxy: true })
      expect((await logins(far, '198.51.100.9', 11)).at(-1)).to.equal(429)
      expect(addresses(far)).to.deep.equal(new Set(['198.51.100.9']))
      // What stood there before the proxy added its own is hearsay.
      const headers = { 'x-forwarded-for': '127.0.0.1, 203.0.113.200, 198.51.100.77, 10.0.0.8' }
      await inject({ url: '/nothing', headers, remoteAddress: '127.0.0.1' }, far)
      expect(JSON.parse(far.log.at(-1) ?? '')).to.include({ ip: '198.51.100.77' })
    })
  })

  describe('are described', () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    let document: any

    before(async () => (document = (await inject('/openapi.json')).json()))

    it('by a document of the structure of OpenAPI 3.1', () => {
      const schema = z.record(z.string(), z.unknown())
      const content = z.strictObject({ 'application/json': z.strictObject({ schema }) })
      const status = z.string().regex(/^[1-5]\d\d$/)
      const operation = z.strictObject({
        operationId: z.string().regex(/^[a-z]+[A-Za-z]+$/),
        summary: z.string().min(5),
        security: z.array(z.record(z.literal('bearer'), z.tuple([])).or(z.strictObject({}))).optional(),
        parameters: z
          .array(
            z.strictObject({
              name: z.string(),
              in: z.enum(['query', 'path', 'header']),
              required: z.boolean(),
              schema,
            }),
          )
          .optional(),
        requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
        responses: z.record(status, z.strictObject({ description: z.string().min(3), content })),
      })
      const method = z.enum(['get', 'put', 'post', 'delete', 'patch'])
      const described = z
        .strictObject({
          openapi: z.string().regex(/^3\.1\.\d+$/),
          info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
          servers: z.array(z.strictObject({ url: z.url() })).optional(),
          paths: z.record(z.string().startsWith('/'), z.partialRecord(method, operation)),
          components: z.strictObject({
            schemas: z.record(z.string(), schema),
            securitySchemes: z.record(
              z.string(),
              z.strictObject({
                type: z.literal('http'),
                scheme: z.literal('bearer'),
                bearerFormat: z.string(),
              }),
            ),
          }),
        })
        .parse(document)
      const text = JSON.stringify(document)
      for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
        expect(described.components.schemas).to.have.property(name)
      for (const [ref] of text.matchAll(/"\$ref":"[^"]*"/g)) expect(ref).to.include('#/components/schemas/')
      // Every schema is one, by a reader that is not ours.
      const schemas = [...text.matchAll(/"application\/json":/g)]
      expect(schemas.length).to.be.greaterThan(40)
      for (const one of Object.values(described.components.schemas))
        z.fromJSONSchema(one as z.core.JSONSchema.JSONSchema)
    })

    it('as they are: each answer and each refusal is of the schema that is published for its status', async () => {
      const login = { email: 'asha@listener.test', password: goodPassword }
      const signed = await inject({
        method: 'POST',
        url: '/api/v1/auth/login',
        payload: login,
        remoteAddress: '10.78.0.1',
      })
      const { access_token, refresh_token } = signed.json<{ data: Record<string, string> }>().data
      const bearer = { authorization: `Bearer ${access_token}` }
      const post = (url: string, payload: object, headers = {}): InjectOptions => ({
        method: 'POST',
        url,
        payload,
        headers,
      })
      const asked: InjectOptions[] = [
        post('/api/v1/auth/login', login),
        post('/api/v1/auth/login', { ...login, password: 'wrong horse battery' }),
        post('/api/v1/auth/login', {}),
        post('/api/v1/auth/login', { ...login, tenant: 'nowhere' }),
        { url: '/api/v1/auth/me', headers: bearer },
        { url: '/api/v1/auth/me' },
        { url: '/api/v1/tenants', headers: bearer },
        { url: '/api/v1/tenants', headers: { authorization: 'Bearer x' } },
        post('/api/v1/auth/switch-tenant', { tenant: 'listener-acme' }, bearer),
        post('/api/v1/auth/switch-tenant', { tenant: 'nowhere' }, bearer),
        post('/api/v1/auth/refresh', { refresh_token }),
        post('/api/v1/auth/refresh', { refresh_token: 'x' }),
        post('/api/v1/auth/forgot-password', { email: 'nobody@listener.test' }),
        post('/api/v1/auth/forgot-password', { email: 7 }),
        { url: check },
        { url: '/api/v1/onboarding/check-subdomain' },
        post('/api/v1/onboarding/check-subdomain', { subdomain: 'listener-acme' }),
        post('/api/v1/onboarding/check-subdomain', { subdomain: ['a'] }),
        { url: '/api/v1/onboarding/modules?currency=INR&cycle=annual' },
        { url: '/api/v1/onboarding/modules?cycle=weekly' },
        post('/api/v1/auth/logout', {}, bearer),
        post('/api/v1/auth/logout', { all: 'yes' }, bearer),
      ]
      const seen = new Set<string>()
      for (const [at, options] of asked.entries()) {
        const answer = await inject({ ...options, remoteAddress: `10.78.1.${at}` })
        const path = String(options.url).split('?')[0] ?? ''
        const method = (options.method ?? 'GET').toLowerCase()
        const where = `${method} ${path} ${answer.statusCode}`
        const { content } = document.paths[path][method].responses[answer.statusCode] ?? {}
        expect(content, `${where} ${answer.body}`).not.to.equal(undefined)
        const published = content['application/json'].schema
        const schema = published.$ref ? document.components.schemas.Failure : published
        z.fromJSONSchema(schema).parse(answer.json())
        seen.add(`${method} ${path}`)
      }
      const all = Object.entries(document.paths as Record<string, object>)
      expect(seen.size).to.equal(all.flatMap(([, methods]) => Object.keys(methods)).length)
    })
  })
})

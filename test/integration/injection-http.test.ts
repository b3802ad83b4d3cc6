/**
 * Strings that are code elsewhere, in every path, query, header and body that the listener reads: they are text here.
 * In this process, on a server of its own.
 */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { payUrl } from '../../src/billing/pay-link.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { generateInvoices } from '../../src/billing/runs/generate.js'
import { oneRow, rows, sql } from '../../src/database/sql.js'
import { failure } from '../../src/http/api/shapes.js'
import { requestReset } from '../../src/people/reset-password.js'
import { tokenIn } from '../../src/people/links.js'
import { europeanSupplier } from '../support/billing.js'
import { wholeFront, type WholeFront } from '../support/front.js'
import { control, evaluated, injected, oneLiner } from '../support/injected.js'
import { invited, peopledTenant } from '../support/people.js'
import { full, times } from '../support/place.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import { goodPassword, person, signIn, type Person } from '../support/sign-in.js'
import { issued, siteOf, type SsoScene } from '../support/sso.js'
import { razorpayWebhook, stripeWebhook, webhookSettings } from '../support/webhooks.js'
import type { InjectOptions } from 'fastify'
import type { OpenedContext } from '../../src/context.js'

type Fields = Record<string, string>

/** A request that does what the route is there for; each of its fields can be another text. */
interface Asked {
  params?: Fields
  query?: Fields
  json?: Fields
  form?: Fields
  headers?: Fields
  /** Made of its fields, signature and all. */
  raw?: (fields: Fields) => { headers: Record<string, string>; body: string }
}

/** They go with every request. */
const everywhere = [
  'user-agent',
  'accept-language',
  'accept',
  'origin',
  'referer',
  'cookie',
  'host',
  'x-forwarded-for',
]

describe('text that is code elsewhere, over HTTP', function () {
  this.timeout(600_000)
  const home = throwAwayFolder()
  let ctx: OpenedContext
  let front: WholeFront
  let stripe: StripeStandIn
  let scene: SsoScene
  let asha: Person
  let payToken = ''
  let invoice = ''
  let count = 0
  const secrets: string[] = [goodPassword]

  const secret = (text: string): string => {
    secrets.push(text)
    return text
  }
  const fresh = (): string => `h${(count += 1)}@inject.test`
  const csrf = (path: string, token: string): string =>
    createHash('sha256').update(`csrf ${path} ${token}`).digest('base64url')
  const tokens = async (): Promise<{ access: string; refresh: string }> => {
    const { access_token, refresh_token } = await signIn(ctx, asha.email)
    return { access: secret(access_token), refresh: secret(refresh_token ?? '') }
  }
  const bearer = async (): Promise<Fields> => ({ authorization: `Bearer ${(await tokens()).access}` })
  const invitation = async (): Promise<string> => secret((await invited(ctx, 'inject', fresh())).secret)
  const reset = async (): Promise<string> => {
    const { reset_url, token } = await requestReset(ctx, { user: asha.email, as: null })
    return secret(tokenIn(reset_url ?? token ?? ''))
  }
  const passwords = { password: goodPassword, password_again: goodPassword }
  const ofStripe = (fields: Fields): ReturnType<NonNullable<Asked['raw']>> => {
    const { id = '', type = '' } = fields
    return stripeWebhook(id, { type })
  }

  const asked: Record<string, () => Asked | Promise<Asked>> = {
    'POST /webhooks/stripe': () => ({
      raw: ofStripe,
      json: { id: `evt_${fresh()}`, type: 'customer.created' },
    }),
    'POST /api/v1/billing/webhook': () => ({
      raw: ofStripe,
      json: { id: `evt_${fresh()}`, type: 'customer.created' },
    }),
    'POST /webhooks/razorpay': () => ({
      raw: ({ id = '' }) => razorpayWebhook(inHeader(String(id))),
      json: { id: `evt_${fresh()}` },
    }),
    'GET /health': () => ({}),
    'GET /healthz': () => ({}),
    'GET /readyz': () => ({}),
    'GET /metrics': () => ({}),
    'GET /pay/:token': () => ({
      params: { token: payToken },
      query: { returned: '1', razorpay_payment_link_status: 'paid' },
    }),
    'POST /pay/:token/checkout': () => ({ params: { token: payToken }, form: { anything: 'x' } }),
    'GET /invitations/:token': async () => ({ params: { token: await invitation() }, query: { lang: 'hi' } }),
    'GET /invitations': async () => ({
      query: { lang: 'uk', c: '1' },
      headers: { cookie: `erpmax_invitation=${await invitation()}` },
    }),
    'POST /invitations/:token': async () => ({
      ...{
        params: { token: await invitation() },
        query: { lang: 'en' },
        form: { name: 'New', ...passwords },
      },
    }),
    'POST /invitations': async () => {
      const token = await invitation()
      const form = { name: 'New', ...passwords, csrf: csrf('/invitations', token) }
      return { form, headers: { cookie: `erpmax_invitation=${token}` } }
    },
    'GET /reset/:token': async () => ({ params: { token: await reset() }, query: { lang: 'hi' } }),
    'GET /reset': async () => ({
      query: { lang: 'uk', c: '1' },
      headers: { cookie: `erpmax_reset=${await reset()}` },
    }),
    'POST /reset/:token': async () => ({ params: { token: await reset() }, form: passwords }),
    'POST /reset': async () => {
      const token = await reset()
      return {
        form: { ...passwords, csrf: csrf('/reset', token) },
        headers: { cookie: `erpmax_reset=${token}` },
      }
    },
    'GET /.well-known/jwks.json': () => ({}),
    'GET /openapi.json': () => ({}),
    'POST /sso/redeem': async () => ({
      ...{ json: { token: secret(await issued(ctx, scene)) }, headers: { 'x-site-key': scene.key } },
    }),
    'GET /api/v1/sso/erpnext/callback': async () => ({
      query: { token: secret(await issued(ctx, scene)), redirect: '/app' },
      headers: { 'x-site-key': scene.key },
    }),
    'GET /api/v1/sso/erpnext/validate/:token': async () => ({
      params: { token: secret(await issued(ctx, scene)) },
      headers: { authorization: `Bearer ${scene.key}` },
    }),
    // Somebody else each time: five wrong passwords lock an account.
    'POST /api/v1/auth/login': async () => {
      const { email } = await person(ctx, fresh(), [{ tenant: scene.tenant.id }])
      return { json: { email, password: goodPassword, tenant: 'inject' } }
    },
    'POST /api/v1/auth/refresh': async () => ({ json: { refresh_token: (await tokens()).refresh } }),
    'POST /api/v1/auth/switch-tenant': async () => ({
      json: { tenant: 'inject', refresh_token: (await tokens()).refresh },
      headers: await bearer(),
    }),
    'POST /api/v1/auth/logout': async () => ({
      json: { refresh_token: (await tokens()).refresh, all: 'x' },
      headers: await bearer(),
    }),
    'POST /api/v1/auth/forgot-password': () => ({ json: { email: 'nobody@inject.test' } }),
    'GET /api/v1/auth/me': async () => ({ headers: await bearer() }),
    'GET /api/v1/tenants': async () => ({ headers: await bearer() }),
    'GET /api/v1/onboarding/check-subdomain': () => ({ query: { subdomain: 'free-one' } }),
    'POST /api/v1/onboarding/check-subdomain': () => ({ json: { subdomain: 'free-one' } }),
    'GET /api/v1/onboarding/modules': () => ({ query: { currency: 'USD', cycle: 'monthly' } }),
  }

  before(async () => {
    stripe = await startStripe()
    ctx = await openThrowAway(home, {
      ...{ ...stripe.env, ...webhookSettings, ERPMAX_BCRYPT_COST: '4' },
      ERPMAX_PUBLIC_URL: 'https://people.inject.test',
    })
    const tenant = await peopledTenant(ctx, 'inject', { modules: ['crm'], tier: 'ENTERPRISE' })
    asha = await person(ctx, 'asha@inject.test', [{ tenant: tenant.id, role: 'admin' }])
    scene = { tenant, user: asha, ...(await siteOf(ctx, tenant, 'https://erp.inject.test')) }
    secret(scene.key)
    await setSupplier(ctx, europeanSupplier, false)
    const run = generateInvoices(ctx, {
      ...{ tenants: null, asOf: null, catchUp: null, dryRun: false, wait: false },
    })
    for (;;) if ((await run.next()).done) break
    const { id } = await oneRow<{ id: string }>(ctx.db, sql`select id from public.invoices`)
    invoice = id
    payToken = secret(((await payUrl(ctx, invoice)) ?? '').split('/').pop() ?? '')
    front = await wholeFront(ctx, { trustProxy: true, corsOrigins: ['https://erp.example.com'] })
    await front.app.ready()
  })
  after(async () => {
    await front?.app.close()
    await ctx?.close()
    await stripe?.close()
    await removeServer(home)
  })

  /** The request of the route with the text in the place of one field, or everywhere as it is meant. */
  async function requestOf(route: string, place: string | null, value: unknown): Promise<InjectOptions> {
    const [method = '', pattern = ''] = route.split(' ')
    const one = await asked[route]?.()
    const [part = '', name = ''] = place?.split('.') ?? []
    const put = (fields: Fields | undefined, of: string): Fields =>
      part === of ? { ...fields, [name]: value as string } : { ...fields }
    const params = put(one?.params, 'params')
    const path = pattern.replace(/:(\w+)/g, (_, key: string) => encoded(String(params[key] ?? '')))
    const query = Object.entries(put(one?.query, 'query')).map(
      ([key, text]) => `${encoded(key)}=${encoded(String(text))}`,
    )
    const url = [path, ...(query.length > 0 ? [query.join('&')] : [])].join('?')
    // Each from an address of its own: what is asked too often is refused before it is read.
    const from = `10.${(count += 1) >> 16}.${(count >> 8) & 255}.${count & 255}`
    const injectedHeaders = part === 'headers' ? (name === '*' ? everywhere : [name]) : []
    const headers = {
      'x-forwarded-for': from,
      ...one?.headers,
      ...Object.fromEntries(injectedHeaders.map((header) => [header, inHeader(String(value))])),
    }
    const base = { method: method as 'GET', url, headers, remoteAddress: '127.0.0.1' }
    if (one?.raw) {
      const { headers: signed, body } = one.raw(put(one.json, 'json'))
      return { ...base, headers: { ...signed, ...headers }, payload: body }
    }
    if (one?.json) return { ...base, payload: put(one.json, 'json') }
    if (!one?.form) return base
    const payload = new URLSearchParams(put(one.form, 'form')).toString()
    return { ...base, payload, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } }
  }

  /** Texts, and for JSON what is no text. */
  async function placesOf(route: string): Promise<string[]> {
    const one = (await asked[route]?.()) ?? {}
    const named = (part: 'params' | 'query' | 'json' | 'form' | 'headers'): string[] =>
      Object.keys(one[part] ?? {}).map((name) => `${part}.${name}`)
    const all = [
      ...named('params'),
      ...named('query'),
      ...named('json'),
      ...named('form'),
      ...named('headers'),
    ]
    return [...new Set([...all, 'query.injected', 'query.__proto__', 'headers.*'])]
  }

  const standing = (): Promise<object> =>
    oneRow(
      ctx.db,
      sql`select (select string_agg(c.oid::regclass::text, ',' order by c.oid) from pg_class c
                  where c.relnamespace in ('public'::regnamespace, ${scene.tenant.schema}::regnamespace) and c.relkind in ('r', 'v')) as tables,
                 (select count(*)::int from public.tenants where status = 'active') as tenants, (select count(*)::int from public.payments) as payments,
                 (select string_agg(status, ',') from public.invoices) as invoices,
                 (select count(*)::int from pg_proc where pronamespace = 'public'::regnamespace) as routines, (select count(*)::int from pg_roles) as roles`,
    )

  /** What is wrong with the answer, or null. */
  async function faultOf(request: InjectOptions): Promise<string | null> {
    const lines = front.log.length
    const answer = await front.app.inject(request)
    const { body, statusCode, headers } = answer
    if (statusCode >= 500) return `status ${statusCode} ${body.slice(0, 300)} ${front.log.at(-1)}`
    if (body.includes(evaluated)) return 'it was evaluated'
    for (const [name, value] of Object.entries(headers))
      if (control.test(String(value)) || /[\r\n]/.test(String(value))) return `header ${name}`
    if (/a=b/.test(String(headers['set-cookie'] ?? ''))) return 'a cookie'
    if (
      !/^(undefined|\/(?!\/)|https:\/\/(people\.inject|checkout)|http:\/\/127\.0\.0\.1)/.test(
        String(headers.location),
      )
    )
      return `leads to ${headers.location}`
    const type = String(headers['content-type'] ?? '')
    if (type.includes('json') && body !== '') {
      const parsed: unknown = JSON.parse(body)
      const wrong = statusCode >= 400 ? failure.safeParse(stripped(parsed)) : null
      if (wrong?.success === false) return `${statusCode} ${body} ${wrong.error.message}`
      const { code } = (parsed as { error?: { code: string } }).error ?? {}
      if (code !== undefined && !/^[a-z_]+(\.[a-z_]+)+$/.test(code)) return `code ${code}`
    } else if (type.includes('html')) {
      if (/<(script|img|svg)/i.test(body)) return 'markup'
      if (control.test(body.replace(/[\r]/g, ''))) return 'a control character on a page'
    } else if (body !== '' && !request.url?.toString().startsWith('/metrics'))
      return `${type} ${body.slice(0, 100)}`
    for (const line of front.log.slice(lines)) {
      if (/[\r\n]/.test(line.trimEnd()) || (JSON.parse(line) as { msg?: string }).msg === 'forged')
        return `log ${line}`
      const shown = secrets.find((one) => line.includes(one))
      if (shown !== undefined) return `log with a secret ${line}`
    }
    return front.log.length > lines + 3 ? `${front.log.length - lines} lines of log` : null
  }

  it('is tried with every route, one that was added today too', () => {
    expect(front.routes.filter((route) => !(route in asked))).to.deep.equal([])
    expect(Object.keys(asked).filter((route) => !front.routes.includes(route))).to.deep.equal([])
  })

  it('each route does what it is there for, so that the texts get anywhere', async () => {
    const statuses: Record<string, number> = {}
    for (const route of front.routes) {
      const { statusCode } = await front.app.inject(await requestOf(route, null, null))
      if (![200, 202, 303].includes(statusCode)) statuses[route] = statusCode
    }
    // It says `all` as a text.
    expect(statuses).to.deep.equal({ 'POST /api/v1/auth/logout': 400 })
  })

  it('changes nothing, breaks nothing and shows as text', async () => {
    const before = await standing()
    const wrong: string[] = []
    let tried = 0
    for (const route of front.routes)
      for (const place of await placesOf(route)) {
        const rounds = place.startsWith('headers') || place.includes('inject') ? times(1, 8) : times(2, 20)
        const seed = full ? {} : { seed: 20261121 + (tried += 1) }
        // Refused by every field of a form, and shown in it once more.
        const shown = `x\n<script>alert(1)</script>"><img src=x onerror=alert(1)>`
        const zero = place.startsWith('headers') ? [] : ['acme\u0000x', shown]
        const texts: unknown[] = [...fc.sample(injected, { numRuns: rounds, ...seed }), ...zero]
        if (place.startsWith('json')) texts.push([oneLiner], { $ne: oneLiner }, null, 1e300)
        for (const text of texts) {
          const request = await requestOf(route, place, text)
          const fault = await faultOf(request)
          if (fault !== null) wrong.push(`${route} ${place} ${JSON.stringify(text)}: ${fault}`)
        }
      }
    expect(wrong.join('\n')).to.equal('')
    expect(await standing()).to.deep.equal(before)
  })

  it('is kept as it was typed', async () => {
    const name = `${oneLiner} ${fresh()}`
    const answer = await front.app.inject(await requestOf('POST /invitations', 'form.name', name))
    expect(answer.statusCode).to.equal(200)
    const id = `evt_${oneLiner}`
    await front.app.inject(await requestOf('POST /webhooks/stripe', 'json.type', oneLiner))
    await front.app.inject(await requestOf('POST /webhooks/stripe', 'json.id', id))
    await front.app.inject(await requestOf('POST /api/v1/auth/login', 'json.email', oneLiner))
    const [found] = await rows(
      ctx.db,
      sql`select (select count(*)::int from public.users where full_name = ${name}) as users,
                 (select count(*)::int from public.webhook_events where type = ${oneLiner}) as types,
                 (select count(*)::int from public.webhook_events where event_id = ${id}) as ids,
                 (select count(*)::int from public.audit_log where subject = ${oneLiner.toLowerCase()}) as subjects`,
    )
    // What is no address may be a password: it stands nowhere.
    expect(found).to.deep.equal({ users: 1, types: 1, ids: 1, subjects: 0 })
  })
})

/** `valid: false` stands beside what ERPNext is refused. */
function stripped(parsed: unknown): unknown {
  const { valid: _, ...rest } = parsed as { valid?: unknown }
  return rest
}

/** Half a character has no form in a URL. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
}

/** No parser of HTTP lets anything else through. */
function inHeader(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
}

/**
 * A page that is opened by a token in a mailed link. The token leaves the URL with the first request, into a cookie
 * that no script reads and no other site sends; only the form consumes it, so that scanners of mail change nothing.
 */
import { createHash } from 'node:crypto'
import { ErpmaxError } from '../../kernel/errors.js'
import { translated } from '../../database/sql-errors.js'
import {
  filled,
  languageNames,
  pageLanguage,
  pageLanguages,
  renderPage,
  wordsOf,
  type Field,
  type PageLanguage,
  type PageView,
  type Words,
} from './people-view.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../kernel/context.js'

/** What the person is shown; its texts in their language. */
export interface TokenForm {
  language: string
  username: string
  view(
    words: Words,
    language: PageLanguage,
  ): Pick<PageView, 'title' | 'lines' | 'facts'> & { fields: Field[]; button: string }
}

export interface TokenPage {
  path: string
  cookie: string
  /** @throws where the token opens nothing (any more) */
  open(ctx: Context, token: string): Promise<TokenForm>
  /** Consumes the token. @throws as `open`, and usage for what was typed */
  submit(
    ctx: Context,
    token: string,
    form: TypedForm,
  ): Promise<(words: Words) => { title: string; line: string }>
}

/** Only texts that came once; anything else counts as not given. */
export type TypedForm = (field: string) => string | null

type Request = FastifyRequest<{ Params: { token?: string }; Querystring: Record<string, unknown> }>

const tokenPattern = /^[A-Za-z0-9_-]{43}$/
const cookieSeconds = 1800

export function serveTokenPage(app: FastifyInstance, ctx: Context, page: TokenPage): void {
  const { base, secure } = placeOf(ctx)
  const here = base + page.path
  const cookie = (value: string, seconds: number): string =>
    `${page.cookie}=${value}; Path=${here}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`

  app.get(`${page.path}/:token`, async (request: Request, reply) => {
    const { token = '' } = request.params
    if (!tokenPattern.test(token)) return problem(request, reply, notFound(page))
    const lang = langOf(request)
    return reply
      .header('set-cookie', cookie(token, cookieSeconds))
      .redirect(here + (lang ? `?lang=${lang}` : ''), 303)
  })

  app.get(page.path, async (request: Request, reply) => {
    const token = cookieOf(request, page.cookie)
    if (token !== null) return showForm(request, reply, token, null, 200)
    // Browsers do not send such a cookie to where another site's link led; to where our own page leads they do.
    if (request.query.c === '1')
      return problem(request, reply, new ErpmaxError('usage', 'cookie.missing', 'no cookie'))
    const language = pageLanguage(request.query.lang, null, request.headers['accept-language'])
    const again = `${here}?c=1${langOf(request) ? `&lang=${language}` : ''}`
    return send(reply, 200, language, { ...empty, title: (await wordsOf(language)).one_moment, again })
  })

  // With the token in the address whoever posts knows it; with the cookie the form must come from our own page.
  app.post(`${page.path}/:token`, async (request: Request, reply) =>
    submit(
      request,
      reply,
      tokenPattern.test(request.params.token ?? '') ? (request.params.token ?? '') : null,
    ),
  )
  app.post(page.path, async (request: Request, reply) => {
    const token = cookieOf(request, page.cookie)
    if (token !== null && typed(request)('csrf') !== csrfOf(page, token))
      return showForm(request, reply, token, new ErpmaxError('permission', 'form.stale', 'no csrf'), 403)
    return submit(request, reply, token)
  })

  async function submit(request: Request, reply: FastifyReply, token: string | null): Promise<FastifyReply> {
    if (token === null) return problem(request, reply, new ErpmaxError('usage', 'cookie.missing', 'no token'))
    try {
      const { language: known } = await page.open(ctx, token)
      const language = pageLanguage(request.query.lang, known, request.headers['accept-language'])
      const { title, line } = (await page.submit(ctx, token, typed(request)))(await wordsOf(language))
      return await send(reply.header('set-cookie', cookie('', 0)), 200, language, {
        ...empty,
        title,
        lines: [line],
      })
    } catch (thrown) {
      const error = known(thrown)
      if (error.kind === 'usage') return showForm(request, reply, token, error, 422)
      return problem(request, reply, error)
    }
  }

  async function showForm(
    request: Request,
    reply: FastifyReply,
    token: string,
    wrong: ErpmaxError | null,
    status: number,
  ): Promise<FastifyReply> {
    let form: TokenForm
    try {
      form = await page.open(ctx, token)
    } catch (thrown) {
      return problem(request, reply, known(thrown))
    }
    const language = pageLanguage(request.query.lang, form.language, request.headers['accept-language'])
    const words = await wordsOf(language)
    const { fields, button, ...rest } = form.view(words, language)
    const lang = langOf(request)
    return send(reply.header('set-cookie', cookie(token, cookieSeconds)), status, language, {
      ...{ ...empty, ...rest },
      problem: wrong && problemText(words, wrong),
      form: {
        ...{ action: here + (lang ? `?lang=${lang}` : ''), csrf: csrfOf(page, token) },
        ...{ username: form.username, fields: kept(fields, typed(request)), button },
      },
      languages: pageLanguages
        .filter((code) => code !== language)
        .map((code) => ({ code, name: languageNames[code], href: `${here}?lang=${code}` })),
    })
  }

  async function problem(request: Request, reply: FastifyReply, error: ErpmaxError): Promise<FastifyReply> {
    const status = statusOf(error)
    if (status >= 500) request.log.error({ code: error.code }, 'page failed')
    const language = pageLanguage(request.query.lang, null, request.headers['accept-language'])
    const words = await wordsOf(language)
    if (status === 404 || status === 410) void reply.header('set-cookie', cookie('', 0))
    const title = words.problems.title ?? ''
    return send(reply, status, language, { ...empty, title, problem: problemText(words, error) })
  }
}

const empty: PageView = {
  ...{ title: '', lines: [], facts: [], problem: null, again: null, form: null, languages: [] },
}

async function send(
  reply: FastifyReply,
  status: number,
  language: PageLanguage,
  view: PageView,
): Promise<FastifyReply> {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(await renderPage(view, language))
}

/** Where the listener is reached from outside may be a folder of a site. */
function placeOf({ config }: Pick<Context, 'config'>): { base: string; secure: boolean } {
  const url = config.text('ERPMAX_PUBLIC_URL')
  if (url === null || !URL.canParse(url)) return { base: '', secure: false }
  const { pathname, protocol } = new URL(url)
  return { base: pathname.replace(/\/+$/, ''), secure: protocol === 'https:' }
}

function langOf({ query: { lang } }: Request): PageLanguage | null {
  return pageLanguages.find((language) => language === lang) ?? null
}

function cookieOf(request: Request, name: string): string | null {
  const found = (request.headers.cookie ?? '').split(';').map((one) => one.trim().split('='))
  const value = found.find(([key]) => key === name)?.[1] ?? ''
  return tokenPattern.test(value) ? value : null
}

/** Whoever can name it has read the token, which no other site can. */
function csrfOf({ path }: TokenPage, token: string): string {
  return createHash('sha256').update(`csrf ${path} ${token}`).digest('base64url')
}

function typed({ body }: Request): TypedForm {
  const fields = new Map(typeof body === 'object' && body !== null ? Object.entries(body) : [])
  return (field) => {
    const value: unknown = fields.get(field)
    return typeof value === 'string' ? value : null
  }
}

/** What a name is refused for; it would not show in the form either. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** What was typed stays in the form, but for passwords. */
function kept(fields: readonly Field[], form: TypedForm): Field[] {
  return fields.map((field) =>
    field.type === 'password'
      ? field
      : { ...field, value: form(field.name)?.replace(unprintable, ' ') ?? field.value },
  )
}

function notFound({ path }: TokenPage): ErpmaxError {
  return new ErpmaxError(
    'not_found',
    path === '/reset' ? 'reset.not_found' : 'invitation.not_found',
    'not a token',
  )
}

function known(thrown: unknown): ErpmaxError {
  const error = translated(thrown)
  return error instanceof ErpmaxError
    ? error
    : new ErpmaxError('failure', 'failure', 'unforeseen', { cause: thrown })
}

function statusOf({ kind, code }: ErpmaxError): number {
  if (/^(invitation|reset)\.(used|revoked|expired)$/.test(code)) return 410
  const byKind: Partial<Record<ErpmaxError['kind'], number>> = {
    ...{ usage: 400, permission: 403, not_found: 404, conflict: 409, busy: 503, dependency: 503 },
  }
  return byKind[kind] ?? 500
}

function problemText(words: Words, { code, details }: ErpmaxError): string {
  const key = code === 'password.invalid' ? `password.${String(details.problem)}` : code
  return filled(words.problems[key] ?? words.problems.failure)
}

/**
 * A page that is opened by a token in a mailed link. The token leaves the URL with the first request, into a cookie
 * that no script reads and no other site sends; only the form consumes it, so that scanners of mail change nothing.
 */
import { createHash } from 'node:crypto'
import { ErpmaxError } from '../../kernel/errors.js'
import { translated } from '../../database/sql-errors.js'
import { languageNames, pageLanguages } from './language.js'
import { emptyView, type Field, type PeopleView, type PeopleWords } from './people.js'
import { languageOf, pageStatus, problemText, sendProblem, type PageRequest } from './problem-page.js'
import { publicPlace } from './public-place.js'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { WrittenLanguage } from '../../kernel/amounts.js'
import type { Context } from '../../kernel/context.js'
import type { Pages } from './render.js'

/** What the person is shown; its texts in their language. */
export interface TokenForm {
  language: string
  username: string
  view(
    words: PeopleWords,
    language: WrittenLanguage,
  ): Pick<PeopleView, 'title' | 'lines' | 'facts'> & { fields: Field[]; button: string }
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
  ): Promise<(words: PeopleWords) => { title: string; line: string }>
}

/** Only texts that came once; anything else counts as not given. */
export type TypedForm = (field: string) => string | null

type Request = PageRequest

const tokenPattern = /^[A-Za-z0-9_-]{43}$/
const cookieSeconds = 1800

export function serveTokenPage(
  app: FastifyInstance,
  { ctx, pages }: { ctx: Context; pages: Pages<PeopleWords> },
  page: TokenPage,
): void {
  const { base, secure } = publicPlace(ctx.config)
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
    const language = languageOf(request)
    const again = `${here}?c=1${langOf(request) ? `&lang=${language}` : ''}`
    return send(reply, 200, language, { ...emptyView, title: pages.words(language).one_moment, again })
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
      const language = languageOf(request, (await page.open(ctx, token)).language)
      const { title, line } = (await page.submit(ctx, token, typed(request)))(pages.words(language))
      return await send(reply.header('set-cookie', cookie('', 0)), 200, language, {
        ...emptyView,
        title,
        lines: [line],
      })
    } catch (thrown) {
      const error = translated(thrown)
      if (error instanceof ErpmaxError && error.kind === 'usage')
        return showForm(request, reply, token, error, 422)
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
      return problem(request, reply, thrown)
    }
    const language = languageOf(request, form.language)
    const words = pages.words(language)
    const { fields, button, ...rest } = form.view(words, language)
    const lang = langOf(request)
    return send(reply.header('set-cookie', cookie(token, cookieSeconds)), status, language, {
      ...{ ...emptyView, ...rest },
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

  async function problem(request: Request, reply: FastifyReply, thrown: unknown): Promise<FastifyReply> {
    const status = pageStatus(translated(thrown))
    if (status === 404 || status === 410) void reply.header('set-cookie', cookie('', 0))
    return sendProblem(pages, request, reply, thrown)
  }

  function send(
    reply: FastifyReply,
    status: number,
    language: WrittenLanguage,
    view: PeopleView,
  ): Promise<FastifyReply> {
    return pages.send(reply, status, 'page', language, view)
  }
}

/** What the reader chose on the page, to be carried on in its links. */
function langOf({ query: { lang } }: Request): WrittenLanguage | null {
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

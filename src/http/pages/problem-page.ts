/** What a person sees of a page by a mailed token that does not work: why, in words that name no command. */
import { translated } from '../../database/sql-errors.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { errorFields } from '../logger.js'
import { pageLanguage } from './language.js'
import { emptyView, filled, type PeopleWords } from './people.js'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WrittenLanguage } from '../../kernel/amounts.js'
import type { Pages } from './render.js'

export type PageRequest = FastifyRequest<{
  Params: { token?: string }
  Querystring: Record<string, unknown>
}>

export const tooMany = new ErpmaxError('busy', 'http.too_many', 'Too many requests of this address')

/** What is unforeseen goes into the log, and no further. */
export async function sendProblem(
  pages: Pages<PeopleWords>,
  request: PageRequest,
  reply: FastifyReply,
  thrown: unknown,
): Promise<FastifyReply> {
  const error = translated(thrown)
  const status = pageStatus(error)
  if (status >= 500) request.told = { ...request.told, error: errorFields(error) }
  else if (error instanceof ErpmaxError) request.told = { ...request.told, found: error.code }
  if (status === 429) void reply.header('retry-after', '60')
  const language = languageOf(request)
  const words = pages.words(language)
  const passing = status >= 500 || status === 429
  const title = passing ? words.one_moment : words.problems.title
  const view = { ...emptyView, title: title ?? '', problem: problemText(words, error) }
  return pages.send(reply, status, 'page', language, view)
}

/** 410: it was good once. */
export function pageStatus(error: unknown): number {
  if (!(error instanceof ErpmaxError)) {
    const { statusCode = 500 } = error as { statusCode?: number }
    return statusCode >= 400 && statusCode < 500 ? statusCode : 500
  }
  if (error === tooMany) return 429
  if (/^(invitation|reset)\.(used|revoked|expired)$/.test(error.code)) return 410
  const byKind: Partial<Record<ErpmaxError['kind'], number>> = {
    ...{ usage: 400, permission: 403, not_found: 404, conflict: 409, busy: 503, dependency: 503 },
  }
  return byKind[error.kind] ?? 500
}

export function problemText(words: PeopleWords, error: unknown): string {
  const { code, details } =
    error instanceof ErpmaxError ? error : { code: 'failure', details: {} as Record<string, unknown> }
  const key = code === 'password.invalid' ? `password.${String(details.problem)}` : code
  return filled(words.problems[key] ?? words.problems.failure)
}

export function languageOf(request: PageRequest, known: string | null = null): WrittenLanguage {
  const { query, headers } = request
  return pageLanguage({ asked: query.lang, known, accepted: headers['accept-language'] })
}

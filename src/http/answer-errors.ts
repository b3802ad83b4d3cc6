/** What the listener says where it has no answer: one shape for all of it, and codes that are ours. */
import { translated } from '../database/sql-errors.js'
import { ErpmaxError, type ErrorKind } from '../kernel/errors.js'
import { errorFields } from './logger.js'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const statuses: Partial<Record<ErrorKind, number>> = {
  usage: 400,
  permission: 403,
  not_found: 404,
  conflict: 409,
  busy: 503,
  dependency: 503,
}

export function errorBody(code: string, message: string, retryable: boolean): object {
  return { ok: false, error: { code, message, retryable } }
}

export function answerError(
  thrown: FastifyError | ErpmaxError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = translated(thrown)
  if (error instanceof ErpmaxError) {
    const { code, retryable } = error
    const status = statuses[error.kind] ?? 500
    request.told = { ...request.told, error: error.kind === 'dependency' ? { code } : errorFields(error) }
    if (status === 503) reply.header('retry-after', '5')
    // What is wrong here is the operator's to know; it names hosts and users.
    const message = error.kind === 'dependency' ? 'This is out of order for a moment' : error.message
    return reply.code(status).send(errorBody(code, message, retryable))
  }
  const { statusCode: status = 500, code, message } = thrown as FastifyError
  if (status < 500) {
    // Codes of our own are told as they are; those of the framework change with it.
    const told = code?.includes('.') ? { code, message } : refusal(status)
    return reply.code(status).send(errorBody(told.code, told.message, status === 429))
  }
  request.told = { ...request.told, error: errorFields(thrown) }
  return reply.code(status).send(errorBody('failure', 'Something went wrong here', false))
}

/** What the router refuses before there is a route; its own messages repeat the path, and with it what may be a token. */
export function answerRouter(error: FastifyError, reply: FastifyReply): void {
  const { statusCode: status = 400 } = error
  const { code, message } = refusal(status)
  void reply.code(status).send(errorBody(code, message, false))
}

/** What Node refuses before there is a request. */
export function answerSocket({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const { code: told, message, reason } = refusal(status)
  const body = JSON.stringify(errorBody(told, message, false))
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  socket.destroy()
}

/** 405 with the methods there are, where the path is known by another; else 404. To be called before any route is added. */
export function answerMissing(app: FastifyInstance): void {
  const known = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}/?$`)
    const { methods } = known.get(url) ?? known.set(url, { pattern, methods: new Set() }).get(url) ?? {}
    for (const one of [method].flat()) methods?.add(one)
  })
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split(/[?#;]/, 1)
    const methods = [...known.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((one) => [...one.methods])
    const { code, message } = refusal(methods.length > 0 ? 405 : 404)
    if (methods.length > 0) reply.code(405).header('allow', [...new Set(methods)].sort().join(', '))
    else reply.code(404)
    return reply.send(errorBody(code, message, false))
  })
}

interface Refusal {
  code: string
  message: string
  /** As the first line of an answer has it. */
  reason: string
}

const refusals: Readonly<Record<number, Refusal>> = {
  400: { code: 'http.malformed', message: 'The request or its body is malformed', reason: 'Bad Request' },
  404: { code: 'http.not_found', message: 'There is nothing here', reason: 'Not Found' },
  405: { code: 'http.method', message: 'This is not done by this method', reason: 'Method Not Allowed' },
  408: { code: 'http.timeout', message: 'The request did not arrive in time', reason: 'Request Timeout' },
  413: { code: 'http.too_large', message: 'The body is too large', reason: 'Payload Too Large' },
  414: { code: 'http.path_too_long', message: 'The path is too long', reason: 'URI Too Long' },
  415: {
    code: 'http.media_type',
    message: 'This type of body is not taken here',
    reason: 'Unsupported Media Type',
  },
  429: {
    code: 'http.rate_limited',
    message: 'Too many requests: once more in a minute',
    reason: 'Too Many Requests',
  },
  431: {
    code: 'http.headers_too_large',
    message: 'The headers are too large',
    reason: 'Request Header Fields Too Large',
  },
}
const other: Refusal = { code: 'http.refused', message: 'The request makes no sense', reason: 'Bad Request' }

function refusal(status: number): Refusal {
  return refusals[status] ?? other
}

/** The other front door: a thin HTTP server whose routes call one domain function each. */
import { setTimeout as sleep } from 'node:timers/promises'
import { translated } from '../database/sql-errors.js'
import { ErpmaxError, type ErrorKind } from '../kernel/errors.js'
import { errorFields, redactPath } from './logger.js'
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyServerOptions,
} from 'fastify'
import type { Context } from '../kernel/context.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What a route adds to the line of its request in the log, nothing secret; `silent` leaves the line out. */
    told: Record<string, unknown> | null
  }
  interface FastifyContextConfig {
    /** Not worth a line each: probes. Failures are logged all the same. */
    quiet?: boolean
  }
}

/** What every route is given. */
export interface Front {
  ctx: Context
  /** Web pages elsewhere that may call the API. */
  corsOrigins: readonly string[]
}

/** A file of routes: registers what it serves. */
export type Routes = (app: FastifyInstance, front: Front) => void | Promise<void>

export interface ServerOptions {
  routes: readonly Routes[]
  logger: NonNullable<FastifyServerOptions['loggerInstance']> | false
  /** The address of a request is the one that a proxy on this machine or in its private network tells. */
  trustProxy: boolean
  corsOrigins?: readonly string[]
  /** Milliseconds within which a request arrives whole, its headers included. */
  arrivalMs?: number
  /** Called at the end of each request. */
  observe?: (request: FastifyRequest, reply: FastifyReply) => void
}

const statuses: Partial<Record<ErrorKind, number>> = {
  usage: 400,
  permission: 403,
  not_found: 404,
  conflict: 409,
  busy: 503,
  dependency: 503,
}

const defaultArrivalMs = 10_000
/** Nothing happens on a connection for so long: a provider that is asked meanwhile answers sooner. */
const silenceMs = 60_000

/** Built, not listening. Bodies are at most 1 MiB, headers 16 KiB, and a request has 10 s to arrive. */
export async function buildServer(ctx: Context, options: ServerOptions): Promise<FastifyInstance> {
  const { default: fastify } = await import('fastify')
  const { arrivalMs = defaultArrivalMs } = options
  const app = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    trustProxy: options.trustProxy ? ['loopback', 'linklocal', 'uniquelocal'] : false,
    bodyLimit: 1024 * 1024,
    requestTimeout: arrivalMs,
    connectionTimeout: silenceMs,
    // Node looks for what is overdue every 30 s unless it is told.
    http: { maxHeaderSize: 16 * 1024, headersTimeout: arrivalMs, connectionsCheckingInterval: 1000 },
    logController: new fastify.LogController({ disableRequestLogging: true }),
    return503OnClosing: true,
    // The hooks that end it have the same limit, and waiting for what is under way is one of them.
    pluginTimeout: 0,
    frameworkErrors: (error, _request, reply) => {
      // The router's messages repeat the path, and with it what may be a token.
      void (reply as FastifyReply)
        .code(error.statusCode ?? 400)
        .send(errorBody(error.code, 'The request makes no sense', false))
    },
  }) as unknown as FastifyInstance
  app.decorateRequest('told', null)
  endSoon(app, arrivalMs)
  app.addHook('onResponse', (request, reply, done) => {
    options.observe?.(request, reply)
    logRequest(request, reply)
    done()
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorBody('http.not_found', 'There is nothing here', false)),
  )
  const front: Front = { ctx, corsOrigins: options.corsOrigins ?? [] }
  for (const routes of options.routes) await app.register(async (scope) => routes(scope, front))
  return app
}

/**
 * At its end what is under way is answered, at most as long as a request may take to arrive; every other connection
 * is cut. Node itself would wait for one that was opened and says nothing, and no longer counts its time.
 */
function endSoon(app: FastifyInstance, mostMs: number): void {
  let underWay = 0
  let idle = (): void => {}
  app.addHook('onRequest', (_request, reply, done) => {
    underWay += 1
    reply.raw.once('close', () => {
      underWay -= 1
      if (underWay === 0) idle()
    })
    done()
  })
  app.addHook('preClose', async () => {
    if (underWay > 0) {
      const patience = new AbortController()
      const answered = new Promise<void>((resolve) => (idle = resolve))
      await Promise.race([answered, sleep(mostMs, null, { signal: patience.signal }).catch(() => {})])
      patience.abort()
    }
    app.server.closeAllConnections()
  })
}

function answerError(
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
  const { statusCode: status = 500, code } = thrown as FastifyError
  if (status >= 500) request.told = { ...request.told, error: errorFields(thrown) }
  const message = status >= 500 ? 'Something went wrong here' : (thrown as FastifyError).message
  return reply.code(status).send(errorBody(code ?? 'failure', message, false))
}

export function errorBody(code: string, message: string, retryable: boolean): object {
  return { ok: false, error: { code, message, retryable } }
}

function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const status = reply.statusCode
  const { config, url } = request.routeOptions
  const { silent = false, ...told } = request.told ?? {}
  if (silent === true || (config.quiet && status < 400)) return
  const line = {
    method: request.method,
    path: url ?? redactPath(request.url),
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ip: request.ip,
    ...told,
  }
  if (status >= 500) request.log.error(line, 'failed')
  else if (status >= 400) request.log.warn(line, 'refused')
  else request.log.info(line, 'answered')
}

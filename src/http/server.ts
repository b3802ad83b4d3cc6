/** The other front door: a thin HTTP server whose routes call one domain function each. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answerError, answerMissing, answerRouter, answerSocket } from './answer-errors.js'
import { redactPath } from './logger.js'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
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
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, _request, reply) => answerRouter(error, reply as FastifyReply),
    clientErrorHandler: answerSocket,
  }) as unknown as FastifyInstance
  app.decorateRequest('told', null)
  endSoon(app, arrivalMs)
  if (!options.trustProxy) noticeProxy(app)
  app.addHook('onResponse', (request, reply, done) => {
    options.observe?.(request, reply)
    logRequest(request, reply)
    done()
  })
  app.setErrorHandler(answerError)
  answerMissing(app)
  // Nothing here is told in it, and it is what a form of another site can send without asking.
  app.removeContentTypeParser('text/plain')
  const front: Front = { ctx, corsOrigins: options.corsOrigins ?? [] }
  for (const routes of options.routes) await app.register(async (scope) => routes(scope, front))
  return app
}

/** Behind a proxy everybody has its address, and one limit of logins and of pages: said once, when one may be there. */
function noticeProxy(app: FastifyInstance): void {
  let said = false
  app.addHook('onRequest', (request, _reply, done) => {
    if (!said && request.headers['x-forwarded-for'] !== undefined) {
      said = true
      request.log.warn(
        { ip: request.ip },
        'requests come with X-Forwarded-For: if a proxy of yours sends it, all callers share its limits, and --trust-proxy is missing',
      )
    }
    done()
  })
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

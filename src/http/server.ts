/** The other front door: a thin HTTP server whose routes call one domain function each. */
import type { FastifyError, FastifyInstance, FastifyServerOptions } from 'fastify'
import { ErpmaxError, type ErrorKind } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'

/** What every route is given. */
export interface Front {
  ctx: Context
}

/** A file of routes: registers what it serves. */
export type Routes = (app: FastifyInstance, front: Front) => void | Promise<void>

export interface ServerOptions {
  routes: readonly Routes[]
  logger: NonNullable<FastifyServerOptions['loggerInstance']> | false
  trustProxy: boolean
}

const statuses: Partial<Record<ErrorKind, number>> = {
  usage: 400,
  permission: 403,
  not_found: 404,
  conflict: 409,
  busy: 503,
  dependency: 503,
}

/** Built, not listening. Bodies are at most 1 MiB, headers 16 KiB, and a request has 10 s to arrive. */
export async function buildServer(ctx: Context, options: ServerOptions): Promise<FastifyInstance> {
  const { default: fastify } = await import('fastify')
  const app = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    trustProxy: options.trustProxy,
    bodyLimit: 1024 * 1024,
    requestTimeout: 10_000,
    connectionTimeout: 15_000,
    http: { maxHeaderSize: 16 * 1024, headersTimeout: 10_000 },
    disableRequestLogging: true,
    return503OnClosing: true,
  }) as unknown as FastifyInstance
  app.setErrorHandler((error: FastifyError | ErpmaxError, request, reply) => {
    if (error instanceof ErpmaxError) {
      const { code, message, retryable } = error
      return reply.code(statuses[error.kind] ?? 500).send({ ok: false, error: { code, message, retryable } })
    }
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ code: error.code }, 'request failed')
    const message = status >= 500 ? 'Something went wrong here' : error.message
    return reply
      .code(status)
      .send({ ok: false, error: { code: error.code ?? 'failure', message, retryable: false } })
  })
  for (const routes of options.routes) await app.register(async (scope) => routes(scope, { ctx }))
  return app
}

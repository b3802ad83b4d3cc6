/** The API for front ends of the ERP, and the document that describes it. */
import { ErpmaxError } from '../kernel/errors.js'
import { programVersion } from '../kernel/package-root.js'
import { publicAddress } from '../kernel/public-address.js'
import { authEndpoints } from './api/auth-endpoints.js'
import { isUnauthenticated, serve } from './api/endpoint.js'
import { onboardingEndpoints } from './api/onboarding-endpoints.js'
import { openApi } from './api/openapi.js'
import type { FastifyError } from 'fastify'
import type { Routes } from './server.js'

export const apiRoutes: Routes = (app, { ctx }) => {
  const endpoints = [...authEndpoints(), ...onboardingEndpoints()]
  const document = openApi(endpoints, programVersion(), publicAddress(ctx.config))
  const running = new Set<Promise<unknown>>()

  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Tokens belong in nobody's cache.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    done()
  })
  // What is left to do after an answer is done before the database closes.
  app.addHook('onClose', async () => {
    await Promise.allSettled(running)
  })
  const parse = app.getDefaultJsonParser('error', 'error')
  // Many clients name the type of a body they do not send.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, {}) : parse(request, body as string, done),
  )
  app.setErrorHandler((error: FastifyError | ErpmaxError, _request, reply) => {
    if (!(error instanceof ErpmaxError) || !(error.kind in statuses)) throw error
    const unauthenticated = isUnauthenticated(error)
    if (unauthenticated) reply.header('www-authenticate', 'Bearer')
    const { code, message, details, retryable } = error
    return reply
      .code(unauthenticated ? 401 : (statuses[error.kind] ?? 500))
      .send({ ok: false, error: { code, message, details, retryable } })
  })
  for (const one of endpoints)
    serve(app, ctx, one, (work) => {
      const ended = work.catch(() => app.log.error('what was to follow an answer failed'))
      running.add(ended)
      void ended.finally(() => running.delete(ended))
    })
  app.get('/openapi.json', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(document),
  )
}

/** Refusals the caller can do something about; the hint of an operator is no use to them. */
const statuses: Partial<Record<ErpmaxError['kind'], number>> = {
  usage: 400,
  permission: 403,
  not_found: 404,
  conflict: 409,
}

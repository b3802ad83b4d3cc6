/**
 * The two paths under which ERPNext asks for single sign-on today, served where they are asked for. Unlike the ones
 * they stand in for, both want the site's key, and both use the token up: what is told of it is told once.
 */
import { guard, redeemFor, refused, sendRefusal } from './sso-answers.js'
import type { SessionJson } from '../people/sso/session.js'
import type { Routes } from './server.js'

/** HEAD would use a token up and tell nothing. */
const once = { exposeHeadRoute: false } as const

export const erpnextRoutes: Routes = (app, { ctx }) => {
  guard(app)

  app.setErrorHandler((error, _request, reply) => {
    const answer = refused(error)
    if (!answer) throw error
    return sendRefusal(reply, answer, { valid: false })
  })

  app.get<{ Querystring: { token?: unknown; redirect?: unknown } }>(
    '/api/v1/sso/erpnext/callback',
    once,
    async (request) => {
      const { token, redirect = null } = request.query
      // Given twice it is a list: what a proxy reads and what is read here could differ.
      const path = redirect === null || typeof redirect === 'string' ? redirect : ''
      return answered(await redeemFor(ctx, request, token, path))
    },
  )

  app.get<{ Params: { token: string } }>('/api/v1/sso/erpnext/validate/:token', once, async (request) =>
    answered(await redeemFor(ctx, request, request.params.token, null)),
  )
}

function answered(session: SessionJson): object {
  return { ok: true, valid: true, ...session, redirect_url: session.site + session.redirect }
}

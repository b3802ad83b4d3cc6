/** `POST /sso/redeem`: a site hands in the token somebody arrived with, and learns whom to let in. */
import { guard, redeemFor, refused, sendRefusal } from './sso-answers.js'
import { sweepTokens } from '../people/sso/tokens.js'
import type { Routes } from './server.js'

const sweepEveryMs = 10 * 60_000
/** A token and no more. */
const bodyLimit = 4096

export const ssoRoutes: Routes = (app, { ctx }) => {
  guard(app)

  app.setErrorHandler((error, _request, reply) => {
    const answer = refused(error)
    if (!answer) throw error
    return sendRefusal(reply, answer)
  })

  app.post('/sso/redeem', { bodyLimit }, async (request) => {
    const { token } = (request.body ?? {}) as { token?: unknown }
    return { ok: true, data: { session: await redeemFor(ctx, request, token, null) } }
  })

  let sweeping: NodeJS.Timeout | undefined
  app.addHook('onListen', async () => {
    sweeping = setInterval(() => {
      // What it could not do now is done the next time, or when a token is issued.
      sweepTokens(ctx).catch(() => {})
    }, sweepEveryMs).unref()
  })
  app.addHook('onClose', async () => clearInterval(sweeping))
}

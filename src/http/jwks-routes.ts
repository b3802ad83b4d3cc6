/** `/.well-known/jwks.json`: what programs verify access tokens by without asking anybody. */
import { publicKeys } from '../people/keys/signing-keys.js'
import type { Routes } from './server.js'

/** Verifiers may keep it so long; a rotated key verifies longer than that. */
const seconds = 300

export const jwksRoutes: Routes = (app, { ctx }) => {
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply
      .header('cache-control', `public, max-age=${seconds}`)
      .header('access-control-allow-origin', '*')
      .send(await publicKeys(ctx)),
  )
}

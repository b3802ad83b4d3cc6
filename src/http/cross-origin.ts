/** Lets web pages of other origins call these routes, where any were named. */
import { ErpmaxError } from '../kernel/errors.js'
import type { Routes } from './server.js'

/** @throws usage `listen.origin_invalid` */
export function crossOrigin(routes: Routes): Routes {
  return async (app, front) => {
    if (front.corsOrigins.length > 0) {
      const { default: cors } = await import('@fastify/cors')
      await app.register(cors, {
        ...{ origin: front.corsOrigins.map(requireOrigin), methods: ['GET', 'HEAD', 'POST'], maxAge: 600 },
        exposedHeaders: ['retry-after', 'www-authenticate'],
      })
    }
    await routes(app, front)
  }
}

/** As browsers send it: with a slash at its end, or as a pattern, it would match nothing and nobody would know why. */
function requireOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  if (origin === text && /^https?:/.test(text)) return text
  throw new ErpmaxError(
    'usage',
    'listen.origin_invalid',
    `${JSON.stringify(text.slice(0, 80))} is not an origin: scheme, host and port, and no more`,
    { hint: `--cors-origin ${/^https?:/.test(origin) ? origin : 'https://erp.example.com'}` },
  )
}

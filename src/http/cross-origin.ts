/** Lets web pages of other origins call these routes, where any were named. */
import type { Routes } from './server.js'

export function crossOrigin(routes: Routes): Routes {
  return async (app, front) => {
    if (front.corsOrigins.length > 0) {
      const { default: cors } = await import('@fastify/cors')
      await app.register(cors, {
        ...{ origin: [...front.corsOrigins], methods: ['GET', 'HEAD', 'POST'], maxAge: 600 },
        exposedHeaders: ['retry-after', 'www-authenticate'],
      })
    }
    await routes(app, front)
  }
}

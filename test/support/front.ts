/** The listener with everything it can serve, in this process: its routes as they are registered, and its log. */
import { healthRoutes, readinessProbe } from '../../src/http/health-routes.js'
import { openLogger } from '../../src/http/logger.js'
import { openMetrics } from '../../src/http/metrics.js'
import { routesOf } from '../../src/http/routes.js'
import { buildServer, type Routes } from '../../src/http/server.js'
import { webhookRoutes } from '../../src/http/webhook-routes.js'
import { eventWriter } from '../../src/payments/inbox/event-writer.js'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../../src/kernel/context.js'

export interface WholeFront {
  app: FastifyInstance
  /** `GET /pay/:token`, in the order of registration, without those for HEAD and preflights. */
  routes: string[]
  /** What it wrote, a JSON line each. */
  log: string[]
}

export async function wholeFront(
  ctx: Context,
  { trustProxy = false, corsOrigins = [] }: { trustProxy?: boolean; corsOrigins?: readonly string[] } = {},
): Promise<WholeFront> {
  const routes: string[] = []
  const log: string[] = []
  const { logger } = openLogger(ctx.config, { write: (line) => void log.push(line) })
  const listed =
    (some: Routes): Routes =>
    (app, front) => {
      app.addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat())
          if (one !== 'HEAD' && one !== 'OPTIONS') routes.push(`${one} ${url}`)
      })
      return some(app, front)
    }
  const served = [
    webhookRoutes({ writer: eventWriter(ctx), stored: () => {} }),
    healthRoutes(readinessProbe(ctx), openMetrics()),
    ...routesOf({ api: true, erpnextCompat: true }),
  ]
  const app = await buildServer(ctx, { routes: served.map(listed), logger, trustProxy, corsOrigins })
  return { app, routes, log }
}

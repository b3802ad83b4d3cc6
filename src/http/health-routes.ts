/** What supervisors, balancers and Prometheus ask: is it alive, can it take events, how is it doing. */
import { readReadiness, type Readiness } from '../views/readiness.js'
import type { Metrics } from './metrics.js'
import type { Context } from '../kernel/context.js'
import type { Routes } from './server.js'

/** An answer serves all who ask within so long: probes must not fill the pool. */
const freshMs = 1000

export type Probe = () => Promise<Readiness>

export function readinessProbe(ctx: Pick<Context, 'db'>): Probe {
  let last: { at: number; answer: Promise<Readiness> } | null = null
  return () => {
    const now = performance.now()
    if (!last || now - last.at > freshMs) last = { at: now, answer: readReadiness(ctx) }
    return last.answer
  }
}

export function healthRoutes(probe: Probe, metrics: Metrics): Routes {
  return (app) => {
    const quiet = { config: { quiet: true } }
    for (const path of ['/health', '/healthz']) app.get(path, quiet, () => ({ status: 'ok' }))

    app.get('/readyz', quiet, async (_request, reply) => {
      const { ready, database, migrations, inbox } = await probe()
      // An inbox that is behind is told, and is no reason to send events elsewhere: they would land in the same one.
      return reply
        .code(ready ? 200 : 503)
        .send({ status: ready ? 'ready' : 'not_ready', database, migrations, inbox })
    })

    app.get('/metrics', quiet, async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await metrics.text(await probe())),
    )
  }
}

/** What Prometheus reads of the listener; labels are few and known, so that nobody outside makes new ones. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readiness } from '../views/readiness.js'
import type { Processed } from '../payments/inbox/process-events.js'

export interface Metrics {
  observe(request: FastifyRequest, reply: FastifyReply): void
  processed(round: Processed): void
  /** In the text format of Prometheus. */
  text(readiness: Readiness): Promise<string>
  contentType: string
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const webhooks = new Counter({
    name: 'erpmax_webhooks_total',
    help: 'Webhooks by what became of them',
    labelNames: ['provider', 'outcome'] as const,
    registers,
  })
  const requests = new Histogram({
    name: 'erpmax_http_request_duration_seconds',
    help: 'Time to the end of the answer',
    labelNames: ['route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const events = new Counter({
    name: 'erpmax_inbox_processed_total',
    help: 'Events of the inbox that this process took, by what became of them',
    labelNames: ['outcome'] as const,
    registers,
  })
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers })
  const up = gauge('erpmax_database_up', '1 where the database answers')
  const due = gauge('erpmax_inbox_due', 'Events that wait to be processed, up to 10000')
  const lag = gauge('erpmax_inbox_lag_seconds', 'How long the oldest of them has waited')
  return {
    contentType: registry.contentType,
    observe(request, reply) {
      const { told } = request
      const route = request.routeOptions.url ?? 'none'
      requests.observe({ route, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
      if (typeof told?.outcome === 'string' && typeof told.provider === 'string')
        webhooks.inc({ provider: told.provider, outcome: told.outcome })
    },
    processed(round) {
      for (const [outcome, count] of Object.entries(round)) if (count > 0) events.inc({ outcome }, count)
    },
    text({ database, inbox }) {
      up.set(database === 'up' ? 1 : 0)
      if (inbox) {
        due.set(inbox.due)
        lag.set(inbox.lag_seconds)
      }
      return registry.metrics()
    },
  }
}

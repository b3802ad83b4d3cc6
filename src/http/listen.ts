/** The listener: everything it is made of, from the bound port to the end of the last request. */
import { providerNames } from '../kernel/payment-gateway.js'
import { ErpmaxError } from '../kernel/errors.js'
import { eventWriter } from '../payments/inbox/event-writer.js'
import { keepProcessing, type Processing } from '../payments/inbox/keep-processing.js'
import { webhookSecrets, webhookSecretSettings } from '../payments/inbox/webhook-secrets.js'
import { requireReady } from '../views/readiness.js'
import { healthRoutes, readinessProbe, type Probe } from './health-routes.js'
import { errorFields, openLogger, type Logger } from './logger.js'
import { openMetrics } from './metrics.js'
import { routesOf, type Served } from './routes.js'
import { buildServer } from './server.js'
import { webhookPaths, webhookRoutes } from './webhook-routes.js'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../kernel/context.js'

export interface ListenOptions extends Served {
  host: string
  /** 0: any that is free. */
  port: number
  trustProxy: boolean
  process: boolean
  corsOrigins: readonly string[]
  arrivalMs?: number
  /** Where log lines go in place of stderr. */
  log?: { write(line: string): void }
  /** What happens, as it happens. */
  told?: (event: ListenEvent) => void
}

export type ListenEvent =
  | { event: 'ready'; url: string; serves: string[] }
  | { event: 'stored'; provider: string; id: string; type: string }
  | ({ event: 'processed' } & Tally['inbox'])

export interface Tally {
  requests: number
  /** By what became of them. */
  webhooks: Record<string, number>
  /** What this process did with the inbox. */
  inbox: { processed: number; ignored: number; parked: number; retried: number; failed: number }
}

export interface Listener {
  url: string
  serves: string[]
  /** Takes nothing new, ends what is under way, and tells what there was. */
  stop(): Promise<Tally>
}

/** Beyond so many, connections are turned away: each costs memory, and so does what it sends. */
const mostConnections = 4096
/** Between two looks at the database; they keep the embedded server from taking itself for idle. */
const watchMs = 15_000

/** @throws conflict `listen.port_in_use`; permission, usage; dependency where the database is not ready */
export async function listen(ctx: Context, options: ListenOptions): Promise<Listener> {
  const { logger, flush } = openLogger(ctx.config, options.log)
  const metrics = openMetrics()
  const probe = readinessProbe(ctx)
  const tally: Tally = {
    requests: 0,
    webhooks: {},
    inbox: { processed: 0, ignored: 0, parked: 0, retried: 0, failed: 0 },
  }
  let processing: Processing | null = null
  const webhooks = webhookRoutes({
    writer: eventWriter(ctx),
    stored(provider, { id, type }) {
      options.told?.({ event: 'stored', provider, id, type })
      processing?.wake()
    },
  })
  const app = await buildServer(ctx, {
    routes: [webhooks, healthRoutes(probe, metrics), ...routesOf(options)],
    logger,
    trustProxy: options.trustProxy,
    corsOrigins: options.corsOrigins,
    ...(options.arrivalMs !== undefined && { arrivalMs: options.arrivalMs }),
    observe(request, reply) {
      tally.requests += 1
      const outcome = request.told?.outcome
      if (typeof outcome === 'string') tally.webhooks[outcome] = (tally.webhooks[outcome] ?? 0) + 1
      metrics.observe(request, reply)
    },
  })
  app.server.maxConnections = mostConnections
  const url = await bind(app, options)
  try {
    requireReady(await probe())
  } catch (error) {
    await app.close()
    throw error
  }
  const watch = watchDatabase(probe, logger)
  if (options.process)
    processing = keepProcessing(ctx, {
      done(round) {
        for (const key of Object.keys(round) as (keyof typeof round)[]) tally.inbox[key] += round[key]
        metrics.processed(round)
        logger.info(round, 'processed')
        options.told?.({ event: 'processed', ...round })
      },
      failed: (error) => logger.error({ error: errorFields(error) }, 'processing waits'),
    })
  warnOfSecrets(ctx)
  if (options.api) warnOfAddress(ctx)
  const serves = servedBy(options)
  logger.info({ url, serves, processing: options.process }, 'ready')
  options.told?.({ event: 'ready', url, serves })
  return {
    url,
    serves,
    async stop() {
      logger.info('stopping')
      clearInterval(watch)
      await Promise.all([app.close(), processing?.stop()])
      logger.info(tally, 'stopped')
      flush()
      return tally
    },
  }
}

async function bind(app: FastifyInstance, { host, port }: ListenOptions): Promise<string> {
  try {
    // The line that says `ready` tells the address.
    return await app.listen({ host, port, listenTextResolver: () => '' })
  } catch (cause) {
    await app.close().catch(() => {})
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new ErpmaxError(
        'conflict',
        'listen.port_in_use',
        `Something listens on ${host}:${port} already`,
        {
          hint: `--port ${port === 65_535 ? port - 1 : port + 1}, or end what listens there (ss -ltnp 'sport = :${port}' shows it)`,
          details: { host, port },
          cause,
        },
      )
    if (code === 'EACCES')
      throw new ErpmaxError(
        'permission',
        'listen.port_refused',
        `The system does not let this user listen on ${host}:${port}`,
        {
          hint: 'Take a port from 1024 on, with a proxy before it',
          cause,
        },
      )
    throw new ErpmaxError(
      'usage',
      'listen.address_invalid',
      `There is no listening on ${host}:${port} (${code})`,
      {
        hint: '--host 127.0.0.1, or 0.0.0.0 for every address of this machine',
        cause,
      },
    )
  }
}

/** Says in the log when the database goes and when it is back. */
function watchDatabase(probe: Probe, logger: Logger): NodeJS.Timeout {
  let up = true
  return setInterval(() => {
    void probe().then(({ ready, error, migrations }) => {
      if (ready !== up && !ready)
        logger.error({ migrations, ...(error ? { error: errorFields(error) } : {}) }, 'the database is away')
      if (ready && !up) logger.info('the database is back')
      up = ready
    })
  }, watchMs).unref()
}

function warnOfSecrets(ctx: Context): void {
  for (const provider of providerNames) {
    if (webhookSecrets(ctx.config, provider).length > 0) continue
    ctx.warn({
      code: 'webhook.not_configured',
      message: `${webhookSecretSettings[provider]} is not set: ${webhookPaths[provider][0]} answers 503, and ${provider} comes again later`,
    })
  }
}

function warnOfAddress(ctx: Context): void {
  if (ctx.config.text('ERPMAX_PUBLIC_URL') !== null) return
  ctx.warn({
    code: 'config.public_url_missing',
    message:
      'ERPMAX_PUBLIC_URL is not set: /api/v1/auth/forgot-password answers 202 as ever, and mails nothing',
  })
}

function servedBy({ api, erpnextCompat }: Served): string[] {
  const people = ['/invitations', '/reset', '/sso/redeem', '/.well-known/jwks.json']
  const always = [...Object.values(webhookPaths).flat(), '/pay', ...people, '/healthz', '/readyz', '/metrics']
  return [...always, ...(api ? ['/api/v1'] : []), ...(erpnextCompat ? ['erpnext'] : [])]
}

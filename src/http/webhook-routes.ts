/** Takes what the providers tell: the size, the signature, the inbox, the answer; what it means is judged later. */
import { bodyReader, type ReadBody } from './webhook-body.js'
import { webhookSecrets, webhookSecretSettings } from '../payments/inbox/webhook-secrets.js'
import { errorBody } from './answer-errors.js'
import { perMinute } from './rate-limit.js'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ProviderName, SignatureFault, WebhookReader } from '../kernel/payment-gateway.js'
import type { EventWriter } from '../payments/inbox/event-writer.js'
import type { Routes } from './server.js'

/** The last is where a predecessor of this program listened. */
export const webhookPaths: Record<ProviderName, string[]> = {
  stripe: ['/webhooks/stripe', '/api/v1/billing/webhook'],
  razorpay: ['/webhooks/razorpay'],
}

export interface Inlet {
  writer: EventWriter
  /** Called after an event has been stored for the first time. */
  stored(provider: ProviderName, event: { id: string; type: string }): void
}

/** Of one address in a minute; right ones are never counted. */
const mostBadSignatures = 30

const received = { received: true }
const faults: Record<Exclude<SignatureFault, 'not_an_event'>, string> = {
  missing: 'There is no signature',
  malformed: 'The signature or the body is malformed',
  wrong: 'The signature is not of this body with the secret that is known here',
  stale: 'The signature is too old',
}

export function webhookRoutes({ writer, stored }: Inlet): Routes {
  return async (app, { ctx }) => {
    const badSignatures = perMinute(mostBadSignatures)
    const readBody = bodyReader()
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) => readBody(payload))
    // Whatever it calls itself, it is bytes; a type that makes no sense would be refused before it is read.
    app.addHook('onRequest', (request, _reply, done) => {
      delete request.headers['content-type']
      done()
    })
    for (const provider of ['stripe', 'razorpay'] as const) {
      const secrets = webhookSecrets(ctx.config, provider)
      const reader = secrets.length > 0 ? await ctx.webhookReader(provider) : null
      for (const path of webhookPaths[provider]) {
        app.post(path, async (request, reply) => {
          request.told = { provider }
          return reader ? take(request, reply, reader, secrets) : notConfigured(request, reply, provider)
        })
      }
    }

    async function take(
      request: FastifyRequest,
      reply: FastifyReply,
      reader: WebhookReader,
      secrets: readonly string[],
    ): Promise<FastifyReply> {
      const body = (request.body ?? Buffer.alloc(0)) as ReadBody
      const provider = reader.name
      if (body === 'too_large')
        return tell(
          request,
          reply,
          413,
          'too_large',
          errorBody('webhook.too_large', 'The body is larger than 1 MiB', false),
        )
      if (body === 'crowded') return crowded(request, reply)
      const verified = reader.verify(
        body,
        request.headers as Record<string, string | undefined>,
        secrets,
        ctx.clock.now(),
      )
      if ('fault' in verified) return refuse(request, reply, verified.fault)
      const { event } = verified
      request.told = { provider, event: event.id, type: event.type, outcome: 'unavailable' }
      const arrived = await writer.store({ provider, event, body, source: 'webhook' })
      request.told.outcome = arrived.stored ? 'stored' : 'duplicate'
      if (arrived.stored) stored(provider, event)
      return reply.code(200).send(received)
    }

    function refuse(request: FastifyRequest, reply: FastifyReply, fault: SignatureFault): FastifyReply {
      const { exceeded, first } = badSignatures.exceeded(request.ip)
      request.told = { ...request.told, fault }
      // What is wrong with a body is told in the log alone.
      const said = fault === 'not_an_event' ? 'malformed' : fault
      if (!exceeded)
        return tell(
          request,
          reply,
          400,
          'bad_signature',
          errorBody(`webhook.signature_${said}`, faults[said], false),
        )
      // One line says that more are coming; the others would only fill the log.
      request.told = { ...request.told, silent: !first }
      reply.header('connection', 'close').header('retry-after', '60')
      return tell(
        request,
        reply,
        429,
        'rate_limited',
        errorBody('webhook.rate_limited', 'Too many bad signatures from this address', true),
      )
    }
  }
}

function tell(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  outcome: string,
  answer: object,
): FastifyReply {
  request.told = { ...request.told, outcome }
  return reply.code(status).send(answer)
}

function crowded(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('retry-after', '5')
  return tell(
    request,
    reply,
    503,
    'unavailable',
    errorBody('webhook.crowded', 'Too much is on its way here', true),
  )
}

/** A provider comes again to a 503: nothing is lost while the secret is being set. */
function notConfigured(request: FastifyRequest, reply: FastifyReply, provider: ProviderName): FastifyReply {
  request.told = { ...request.told, missing: webhookSecretSettings[provider] }
  return tell(
    request,
    reply,
    503,
    'not_configured',
    errorBody('webhook.not_configured', `The webhooks of ${provider} have no secret here yet`, true),
  )
}

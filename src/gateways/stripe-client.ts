/** Stripe's SDK, pointed and bounded, and its errors in the words of the gateway. */
import http from 'node:http'
import https from 'node:https'
import Stripe from 'stripe'
import { ProviderError } from '../kernel/payment-gateway.js'
import { retryAfter, wasNeverSent, withoutSecrets } from './provider-failures.js'
import type { ProviderConnection } from './provider-connection.js'

type HttpClient = NonNullable<NonNullable<ConstructorParameters<typeof Stripe>[1]>['httpClient']>

export function stripeClient(key: string, { base, timeLimitMs }: ProviderConnection): Stripe {
  return new Stripe(key, {
    ...(base && {
      host: base.hostname,
      port: base.port || (base.protocol === 'http:' ? 80 : 443),
      protocol: base.protocol === 'http:' ? 'http' : 'https',
    }),
    timeout: timeLimitMs,
    // What is unknown is looked up; who asks again does so with the same key.
    maxNetworkRetries: 0,
    // It writes a file into the home of whoever runs this.
    telemetry: false,
    httpClient: boundedClient(timeLimitMs),
  })
}

/** A failure the SDK does not see through: it would send a request again by itself when a connection is cut. */
class Unanswered extends Error {
  constructor(
    override readonly cause: unknown,
    readonly late: boolean,
  ) {
    super('no answer')
  }
}

/**
 * One connection for each request, which ends with its time: the SDK's own limit is one of silence, which a server
 * that trickles never reaches, and connections that are kept are cut by the other side just when they are used.
 */
function boundedClient(timeLimitMs: number): HttpClient {
  return {
    getClientName: () => 'node',
    makeRequest: async (host, port, path, method, headers, body, protocol, timeout) => {
      const agent = protocol === 'http' ? new http.Agent() : new https.Agent()
      let late = false
      const limit = setTimeout(() => {
        late = true
        agent.destroy()
      }, timeLimitMs).unref()
      const inner = Stripe.createNodeHttpClient(agent)
      try {
        const answer = await inner.makeRequest(host, port, path, method, headers, body, protocol, timeout)
        const read = answer.toJSON.bind(answer)
        answer.toJSON = () =>
          read()
            .catch((cause: unknown) => {
              const { HttpClient } = Stripe
              throw late ? HttpClient.makeResponseBodyError(HttpClient.makeTimeoutError()) : cause
            })
            .finally(() => clearTimeout(limit))
        return answer
      } catch (cause) {
        clearTimeout(limit)
        throw new Unanswered(cause, late)
      }
    },
  }
}

/** @param secrets never repeated in a message */
export function stripeError(error: unknown, secrets: readonly string[]): unknown {
  if (error instanceof SyntaxError)
    return new ProviderError(
      'stripe',
      'unknown',
      'bad_answer',
      `Stripe answered with something else: ${error.message}`,
    )
  if (!(error instanceof Stripe.errors.StripeError)) return error
  if (error instanceof Stripe.errors.StripeConnectionError) return connectionError(error.detail)
  const status = error.statusCode ?? null
  const failed = (
    outcome: 'refused' | 'not_done' | 'unknown',
    code: string,
    retryAfterMs: number | null = null,
  ) =>
    new ProviderError('stripe', outcome, code, withoutSecrets(error.message, secrets), {
      status,
      retryAfterMs,
    })
  const headers = (error.headers ?? {}) as Readonly<Record<string, unknown>>
  if (status === 429) return failed('not_done', 'rate_limited', retryAfter(headers['retry-after']))
  if (status === 401 || status === 403) return failed('refused', 'authentication')
  if (status === null) return failed('unknown', 'bad_answer')
  if (status >= 500 && headers['idempotent-replayed']) return failed('unknown', 'replayed')
  if (status === 409 || status < 400 || status >= 500) return failed('unknown', error.code ?? 'server_error')
  return failed('refused', error.code ?? error.rawType ?? 'refused')
}

function connectionError(detail: unknown): ProviderError {
  const cause = detail instanceof Unanswered ? detail.cause : detail
  if (wasNeverSent(cause))
    return new ProviderError('stripe', 'not_done', 'connection', 'Stripe cannot be reached')
  const { code } = cause as { code?: unknown }
  return code === 'ETIMEDOUT' || (detail instanceof Unanswered && detail.late)
    ? new ProviderError('stripe', 'unknown', 'timeout', 'Stripe did not answer in time')
    : new ProviderError(
        'stripe',
        'unknown',
        'connection',
        'The connection to Stripe was cut before it answered',
      )
}

/** Razorpay's SDK, pointed and bounded, and what it throws in the words of the gateway. */
import Razorpay from 'razorpay'
import { ProviderError } from '../kernel/payment-gateway.js'
import { recordOrNone, textOrNone, type Json } from './provider-json.js'
import { retryAfter, wasNeverSent, withoutSecrets } from './provider-failures.js'
import type { ProviderConnection } from './provider-connection.js'

interface Answer {
  data: unknown
  headers: Readonly<Record<string, unknown>>
}

/** The part of the axios instance inside the SDK that is used here. */
export interface RazorpayRequests {
  defaults: Record<string, unknown>
  interceptors: {
    request: { use(change: (request: object) => object): void }
    response: { use(answered: undefined, failed: (error: unknown) => never): void }
  }
  get(path: string, options?: { params?: object }): Promise<Answer>
  post(path: string, data: object, options?: { headers?: Record<string, string> }): Promise<Answer>
}

export interface RazorpayClient {
  sdk: Razorpay
  /** For what the SDK's own calls do not pass on: a header of the request, or one of the answer. */
  requests: RazorpayRequests
}

const largestAnswer = 8 * 1024 * 1024

export function razorpayClient(
  keyId: string,
  keySecret: string,
  { base, timeLimitMs }: ProviderConnection,
): RazorpayClient {
  const sdk = new Razorpay({ key_id: keyId, key_secret: keySecret })
  const requests = (sdk.api as unknown as { rq: RazorpayRequests }).rq
  if (base) requests.defaults.baseURL = base.origin
  requests.defaults.maxRedirects = 0
  requests.defaults.maxContentLength = largestAnswer
  // The whole of a call has this long: `timeout` alone is a limit of silence.
  requests.defaults.timeout = timeLimitMs
  requests.interceptors.request.use((request) => ({ ...request, signal: AbortSignal.timeout(timeLimitMs) }))
  // The SDK passes on the status and `data.error` of an answer, and falls over its absence: all else would be lost.
  requests.interceptors.response.use(undefined, (error) => {
    throw Object.assign(new Error('razorpay'), {
      response: { status: 0, data: { error: failureOf(error, [keySecret, keyId]) } },
    })
  })
  return { sdk, requests }
}

/** What the SDK threw, as the interceptor put it there. */
export function razorpayError(thrown: unknown): unknown {
  if (thrown instanceof SyntaxError)
    return failed('unknown', 'bad_answer', `Razorpay answered with something else: ${thrown.message}`)
  const shape = recordOrNone(thrown)
  const inside = shape.error ?? recordOrNone(recordOrNone(shape.response).data).error
  return inside instanceof ProviderError ? inside : thrown
}

function failureOf(error: unknown, secrets: readonly string[]): ProviderError {
  const { response, code, cause } = error as {
    response?: { status: number; headers: Json; data: unknown }
    code?: unknown
    cause?: unknown
  }
  if (!response) return unanswered(error, code, cause)
  const { status } = response
  const said = recordOrNone(recordOrNone(response.data).error)
  const message = withoutSecrets(textOrNone(said, 'description') ?? `Razorpay answered ${status}`, secrets)
  const named = textOrNone(said, 'code')
  const because = named?.toLowerCase() ?? 'bad_answer'
  if (status === 429)
    return failed('not_done', 'rate_limited', message, {
      status,
      retryAfterMs: retryAfter(response.headers['retry-after']),
    })
  if (status === 401 || status === 403) return failed('refused', 'authentication', message, { status })
  // Without an error of Razorpay's own it was somebody on the way who answered.
  const refused = status >= 400 && status < 500 && status !== 409 && named !== null
  return failed(refused ? 'refused' : 'unknown', because, message, { status })
}

function unanswered(error: unknown, code: unknown, cause: unknown): ProviderError {
  if (wasNeverSent(error) || wasNeverSent(cause))
    return failed('not_done', 'connection', 'Razorpay cannot be reached')
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT' || code === 'ERR_CANCELED')
    return failed('unknown', 'timeout', 'Razorpay did not answer in time')
  return failed('unknown', 'connection', 'The connection to Razorpay was cut before it answered')
}

function failed(
  outcome: 'refused' | 'not_done' | 'unknown',
  code: string,
  message: string,
  facts: { status?: number; retryAfterMs?: number | null } = {},
): ProviderError {
  return new ProviderError('razorpay', outcome, code, message, facts)
}

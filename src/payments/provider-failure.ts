/** What a provider's failure means to whoever asked: its kind decides the exit code. */
import { ErpmaxError, messageOf } from '../kernel/errors.js'
import { ProviderError, type ProviderName } from '../kernel/payment-gateway.js'

/** Whatever was thrown while a provider was asked. What is not one of its errors may have come after it acted. */
export function providerError(provider: ProviderName, thrown: unknown): ProviderError {
  if (thrown instanceof ProviderError) return thrown
  return new ProviderError(provider, 'unknown', 'unexpected', messageOf(thrown), { cause: thrown })
}

/** Of a question, which changes nothing: what became of it need not be found out. */
export function notDone({
  provider,
  code,
  message,
  status,
  retryAfterMs,
  cause,
}: ProviderError): ProviderError {
  return new ProviderError(provider, 'not_done', code, message, { status, retryAfterMs, cause })
}

/**
 * @param what that could not be done: `The checkout of ERP/26-27/00042`
 * @param settle the command that finds out where the outcome is unknown
 */
export function failureOf(error: ProviderError, what: string, settle: string): ErpmaxError {
  const { provider, outcome, code, status, retryAfterMs } = error
  const details = { provider, provider_code: code, status, retry_after_ms: retryAfterMs }
  const facts = { details, cause: error }
  if (outcome === 'unknown')
    return new ErpmaxError(
      'dependency',
      'payment.outcome_unknown',
      `${what}: ${provider} gave no answer, and may have done it (${error.message})`,
      { ...facts, hint: settle },
    )
  if (outcome === 'not_done')
    return new ErpmaxError(
      'dependency',
      'payment.provider_down',
      `${what}: ${provider} cannot be used just now (${error.message})`,
      { ...facts, hint: 'The same command again, in a moment' },
    )
  if (code === 'authentication')
    return new ErpmaxError('usage', 'payment.keys_refused', `${provider} refuses its keys`, {
      ...facts,
      hint: 'erpmax payment providers check',
    })
  return new ErpmaxError(
    'conflict',
    'payment.refused',
    `${what}: ${provider} refuses it: ${error.message}`,
    facts,
  )
}

/** As it is kept with the row that it is about. */
export function errorJson({ code, message, status, outcome }: ProviderError): string {
  return JSON.stringify({ code, message: message.slice(0, 500), status, outcome })
}

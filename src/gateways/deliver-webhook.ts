/** Sends a webhook as a provider would: one POST, within a time limit. */
import { ErpmaxError, messageOf } from '../kernel/errors.js'

const limitMs = 10_000

/** @throws dependency `webhook.not_delivered` where nothing answers */
export async function deliverWebhook(
  url: URL,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': 'application/json', ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    })
    return { status: answer.status, text: (await answer.text()).slice(0, 500) }
  } catch (cause) {
    signal.throwIfAborted()
    const why = messageOf((cause as Error).cause ?? cause)
    throw new ErpmaxError('dependency', 'webhook.not_delivered', `${url.origin} does not answer: ${why}`, {
      hint: 'erpmax webhook listen',
      details: { url: url.origin },
      cause,
    })
  }
}

/** A gateway that is asked for thousands of things in a row: told to come again later, it waits and asks once more. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProviderError, type PaymentGateway } from '../../kernel/payment-gateway.js'

/** Beyond it a person asks again. */
const longestMs = 60_000
const mostTries = 4

/**
 * Only questions about one thing, and closing a page. Whoever is stopped meanwhile is told what the provider had said.
 * @throws ProviderError as the gateway does, at the latest after the fourth time
 */
export function patient(gateway: PaymentGateway, signal: AbortSignal): PaymentGateway {
  async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask()
      } catch (error) {
        const pause = error instanceof ProviderError ? error.retryAfterMs : null
        if (pause === null || pause > longestMs || tries >= mostTries || signal.aborted) throw error
        await sleep(pause, null, { signal }).catch(() => {
          throw error
        })
      }
    }
  }
  return {
    name: gateway.name,
    live: gateway.live,
    check: () => gateway.check(),
    readCheckout: (id) => asked(() => gateway.readCheckout(id)),
    findCheckout: (reference, since) => asked(() => gateway.findCheckout(reference, since)),
    closeCheckout: (id) => asked(() => gateway.closeCheckout(id)),
    readPayment: (id) => asked(() => gateway.readPayment(id)),
    // What is held meanwhile is held for so long only; lists ask page by page.
    openCheckout: (request) => gateway.openCheckout(request),
    refund: (request) => gateway.refund(request),
    payments: (since) => gateway.payments(since),
    refunds: (since) => gateway.refunds(since),
    events: (since) => gateway.events(since),
  }
}

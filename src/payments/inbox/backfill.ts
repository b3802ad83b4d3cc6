/** `webhook backfill`: what the provider told while nobody listened, fetched from it and put into the inbox. */
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { failureOf, providerError } from '../provider-failure.js'
import { emptyTally, processDueEvents, type Processed } from './process-events.js'
import { storeEvent } from './store-event.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export interface Backfilled {
  provider: ProviderName
  since: string
  /** What the provider lists. */
  fetched: number
  /** Of these, what was not in the inbox before. */
  stored: number
  /** What was made of the inbox afterwards; all zero where nothing was to be processed. */
  done: Processed
}

/** For how long Stripe lists its events: https://docs.stripe.com/api/events. */
const keptDays = 30

/**
 * Safe to repeat: an event that is there stays as it is.
 * @param process whether to process the inbox here and now
 * @throws usage `payment.not_configured`; conflict `webhook.backfill_impossible` (Razorpay lists no events);
 *   dependency `payment.provider_down`; interrupted
 */
export async function backfillEvents(
  ctx: Context,
  { provider, since, process }: { provider: ProviderName; since: Date; process: boolean },
): Promise<Backfilled> {
  // Before its keys are looked at: they would not help.
  if (provider === 'razorpay') throw impossible(provider, since)
  const gateway = await ctx.openGateway(provider)
  const events = gateway.events(since)
  if (events === null) throw impossible(provider, since)
  warnOfAge(ctx, since)
  const reader = await ctx.webhookReader(provider)
  const tally = { fetched: 0, stored: 0 }
  for await (const { body } of failing(provider, events)) {
    ctx.signal.throwIfAborted()
    const event = reader.identify(body, {})
    if (event === null) continue
    tally.fetched += 1
    if ((await storeEvent(ctx, { provider, event, body, source: 'backfill' })).stored) tally.stored += 1
  }
  if (tally.stored > 0)
    await transaction(ctx, (inner) =>
      audit(inner, {
        ...{ action: 'webhook.backfill', subjectKind: 'webhook events', subject: `${tally.stored} events` },
        ...{ outcome: 'succeeded', after: { provider, since: since.toISOString(), ...tally } },
      }),
    )
  const done =
    process && tally.stored > 0 ? await processDueEvents(ctx, { limit: Infinity, parallel: 3 }) : emptyTally()
  return { provider, since: since.toISOString(), ...tally, done }
}

/** Otherwise "all had come before" would be said of days that nobody asked about. */
function warnOfAge(ctx: Pick<Context, 'clock' | 'warn'>, since: Date): void {
  const kept = new Date(ctx.clock.now().getTime() - keptDays * 86_400_000)
  if (since >= kept) return
  const from = `${kept.toISOString().slice(0, 19)}Z`
  const ask = `erpmax payment reconcile --since ${since.toISOString().slice(0, 10)}`
  ctx.warn({
    code: 'webhook.not_kept',
    message: `Stripe lists its events of ${keptDays} days: what happened before ${from} is not looked at. Payments of these days are found by ${ask}`,
  })
}

function impossible(provider: ProviderName, since: Date): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'webhook.backfill_impossible',
    `The API of ${provider} lists no events: what is missing is found by its payments`,
    { hint: `erpmax payment reconcile --since ${since.toISOString()}`, details: { provider } },
  )
}

async function* failing<Item>(provider: ProviderName, items: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await iterator.next().catch((thrown: unknown) => {
        throw failureOf(
          providerError(provider, thrown),
          'The events were not fetched',
          'erpmax webhook backfill',
        )
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

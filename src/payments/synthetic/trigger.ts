/** `webhook trigger`: a made-up event of a provider, signed as the provider would, to the listener or into the inbox. */
import { ErpmaxError } from '../../kernel/errors.js'
import { deliverWebhook } from '../../gateways/deliver-webhook.js'
import { audit } from '../../operations/audit.js'
import { moneyJson, parseMoney, type MoneyJson } from '../../kernel/money.js'
import { transaction } from '../../database/transaction.js'
import { findInvoice } from '../../billing/book/find-invoice.js'
import { processStored, replayEvents, type ReplayedEvent } from '../inbox/replay.js'
import { storeEvent } from '../inbox/store-event.js'
import { webhookSecrets, webhookSecretSettings } from '../inbox/webhook-secrets.js'
import { expectsLive } from '../notices/mode.js'
import { razorpayEntities, razorpayEvent, type RazorpayType } from './razorpay-events.js'
import { saleOf, type Sale } from './sale.js'
import { stripeEvent, stripeObjects, type StripeType } from './stripe-events.js'
import type { Context } from '../../kernel/context.js'
import type { ProviderName } from '../../kernel/payment-gateway.js'

export const syntheticTypes: Readonly<Record<ProviderName, readonly string[]>> = {
  stripe: Object.keys(stripeObjects),
  razorpay: Object.keys(razorpayEntities),
}

export interface TriggerInput {
  provider: ProviderName
  type: string
  invoice: string
  /** As typed, in the currency of the invoice; null: what was asked for. */
  amount: string | null
  /** Another payment than the usual one of this invoice. */
  payment: string | null
  /** Told again under the same id it is the same event; null: one nobody had before. */
  eventId: string | null
  /** The listener, or its path for this provider; null: into the inbox, and processed. */
  url: string | null
}

export interface Triggered {
  provider: ProviderName
  type: string
  event_id: string
  payment: string
  amount: MoneyJson
  invoice: string
  /** What the listener answered; null where it went into the inbox. */
  delivery: { url: string; status: number } | null
  /** As it stands in the inbox; null where a listener has it. */
  event: Omit<ReplayedEvent, 'replayed'> | null
}

/**
 * @throws conflict `webhook.live_mode` in production or with a live key; usage `usage.event_type`, `webhook.not_configured`,
 *   `money.invalid`; not_found `invoice.not_found`; dependency `webhook.not_delivered`, `webhook.refused`
 */
export async function triggerEvent(ctx: Context, input: TriggerInput): Promise<Triggered> {
  const { provider, type } = input
  requireTestMode(ctx, provider)
  requireType(provider, type)
  const { currency } = await findInvoice(ctx, input.invoice)
  const minor = input.amount === null ? null : parseMoney(input.amount, currency).amountMinor
  const sale = await saleOf(ctx, provider, { invoice: input.invoice, payment: input.payment, minor })
  const eventId = input.eventId ?? `evt_trigger_${ctx.random.bytes(12).toString('hex')}`
  const body = bodyOf(provider, type, sale, eventId)
  const told = {
    ...{ provider, type, event_id: eventId, payment: sale.payment },
    ...{ amount: moneyJson(sale.amount), invoice: sale.invoice },
  }
  await tell(ctx, told)
  if (input.url === null)
    return { ...told, delivery: null, event: await intoInbox(ctx, provider, body, eventId) }
  const url = urlOf(input.url, provider)
  const secret = webhookSecrets(ctx.config, provider)[0]
  if (secret === undefined) throw noSecret(provider)
  const reader = await ctx.webhookReader(provider)
  // The listener judges the age of a signature by its own clock: the real one, unless it runs under ERPMAX_NOW too.
  const headers = reader.sign(body, secret, ctx.clock.now(), eventId)
  const { status, text } = await deliverWebhook(url, body, headers, ctx.signal)
  if (status !== 200)
    throw new ErpmaxError(
      'dependency',
      'webhook.refused',
      `${url.href} answered ${status}: ${text.slice(0, 200)}`,
      {
        hint: `erpmax webhook listen with the same ${webhookSecretSettings[provider]}`,
        details: { url: url.href, status },
        retryable: status >= 500,
      },
    )
  return { ...told, delivery: { url: url.href, status }, event: null }
}

function requireTestMode({ config }: Context, provider: ProviderName): void {
  if (config.environment !== 'production' && !expectsLive(config, provider)) return
  throw new ErpmaxError(
    'conflict',
    'webhook.live_mode',
    'Made-up events are for test mode: here money is real',
    {
      hint: 'erpmax webhook replay <event>, for one that a provider has sent',
    },
  )
}

function requireType(provider: ProviderName, type: string): void {
  const known = syntheticTypes[provider]
  if (known.includes(type)) return
  throw new ErpmaxError(
    'usage',
    'usage.event_type',
    `"${type.slice(0, 60)}" of ${provider} cannot be made up`,
    {
      hint: `One of ${known.join(', ')}`,
      details: { types: known },
    },
  )
}

function bodyOf(provider: ProviderName, type: string, sale: Sale, eventId: string): Buffer {
  return provider === 'stripe'
    ? stripeEvent(type as StripeType, sale, eventId)
    : razorpayEvent(type as RazorpayType, sale)
}

async function intoInbox(
  ctx: Context,
  provider: ProviderName,
  body: Buffer,
  eventId: string,
): Promise<Omit<ReplayedEvent, 'replayed'> | null> {
  const reader = await ctx.webhookReader(provider)
  const event = reader.identify(body, { 'x-razorpay-event-id': eventId })
  if (event === null) throw new Error(`a made-up event of ${provider} is none`)
  const { id } = await storeEvent(ctx, { provider, event, body, source: 'trigger' })
  const [found] =
    id === null ? (await replayEvents(ctx, { id: eventId }, true)).items : [await processStored(ctx, id)]
  if (!found) return null
  const { replayed: _replayed, ...rest } = found
  return rest
}

/** A path of its own is kept; else it is the listener's for this provider. */
function urlOf(text: string, provider: ProviderName): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ErpmaxError(
      'usage',
      'usage.url_invalid',
      `"${text.slice(0, 80)}" is not the address of a listener`,
      {
        hint: '--url http://127.0.0.1:8787',
      },
    )
  if (url.pathname === '/') url.pathname = `/webhooks/${provider}`
  return url
}

function noSecret(provider: ProviderName): ErpmaxError {
  const name = webhookSecretSettings[provider]
  return new ErpmaxError(
    'usage',
    'webhook.not_configured',
    `${name} is not set: there is nothing to sign with`,
    {
      hint: `Set ${name} to what the listener has`,
      details: { missing: [name] },
    },
  )
}

async function tell(ctx: Context, told: { invoice: string; event_id: string; type: string }): Promise<void> {
  await transaction(ctx, (inner) =>
    audit(inner, {
      ...{ action: 'webhook.trigger', subjectKind: 'invoice', subject: told.invoice, outcome: 'succeeded' },
      after: { event_id: told.event_id, type: told.type },
    }),
  )
}

/** `webhook verify`: whether a signature is right, and if not, why, as far as that can be told. */
import { ErpmaxError } from '../../kernel/errors.js'
import { webhookSecrets, webhookSecretSettings } from './webhook-secrets.js'
import type { Config } from '../../kernel/config.js'
import type { Clock } from '../../kernel/context.js'
import { providerNames, type ProviderName, type WebhookReader } from '../../kernel/payment-gateway.js'

/**
 * `wrong` where nothing more can be told: another secret, or a body that was altered. `other_provider`: it is signed
 * with the secret of the other one. `not_an_event`: it is signed rightly, and says nothing that the provider would.
 */
export type SignatureVerdict =
  'right' | 'missing' | 'malformed' | 'stale' | 'not_an_event' | 'body_altered' | 'other_provider' | 'wrong'

export interface ExplainedSignature {
  provider: ProviderName
  ok: boolean
  verdict: SignatureVerdict
  /** Where in the list of secrets the one stands that signed it, 1 the newest. */
  secret: number | null
  /** What was done to the body on its way, where it can be undone. */
  alteration: string | null
  /** Since it was signed, by this clock; null where the signature has no time (Razorpay). */
  age_seconds: number | null
  event: { id: string; type: string } | null
}

export interface SignedBody {
  provider: ProviderName
  body: Buffer
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>
}

interface Reading {
  clock: Clock
  config: Pick<Config, 'secret'>
  webhookReader(provider: ProviderName): Promise<WebhookReader>
}

/** @throws usage `webhook.not_configured` where no secret is set */
export async function explainSignature(ctx: Reading, signed: SignedBody): Promise<ExplainedSignature> {
  const { provider, body, headers } = signed
  const secrets = webhookSecrets(ctx.config, provider)
  if (secrets.length === 0) {
    const name = webhookSecretSettings[provider]
    throw new ErpmaxError(
      'usage',
      'webhook.not_configured',
      `${name} is not set: there is nothing to verify with`,
      {
        hint: `${name}=... erpmax webhook verify`,
        details: { missing: [name] },
      },
    )
  }
  const reader = await ctx.webhookReader(provider)
  const now = ctx.clock.now()
  const signedAt = timeOf(headers[reader.header])
  const facts = {
    provider,
    age_seconds: signedAt && Math.round((now.getTime() - signedAt.getTime()) / 1000),
    event: identified(reader, signed),
  }
  const said = (verdict: SignatureVerdict, more: Partial<ExplainedSignature> = {}): ExplainedSignature => ({
    ...{ ok: verdict === 'right', verdict, secret: null, alteration: null, ...facts, ...more },
  })
  const found = reader.verify(body, headers, secrets, now)
  const position = (at: Date): number =>
    1 + secrets.findIndex((secret) => 'event' in reader.verify(body, headers, [secret], at))
  if ('event' in found) return said('right', { secret: position(now), event: eventOf(found.event) })
  if (found.fault === 'stale') return said('stale', { secret: position(signedAt ?? now) || null })
  if (found.fault !== 'wrong') return said(found.fault)
  for (const [alteration, original] of originals(body))
    if (isRight(reader.verify(original, headers, secrets, now))) return said('body_altered', { alteration })
  for (const other of providerNames.filter((name) => name !== provider)) {
    const theirs = webhookSecrets(ctx.config, other)
    if (theirs.length > 0 && isRight(reader.verify(body, headers, theirs, now))) return said('other_provider')
  }
  return said('wrong')
}

/** What is stale was signed rightly all the same. */
function isRight(found: ReturnType<WebhookReader['verify']>): boolean {
  return 'event' in found || found.fault === 'stale'
}

function eventOf({ id, type }: { id: string; type: string }): { id: string; type: string } {
  return { id, type }
}

function identified(
  reader: WebhookReader,
  { body, headers }: SignedBody,
): { id: string; type: string } | null {
  const event = reader.identify(body, headers)
  return event && eventOf(event)
}

/** Stripe's signature begins with its time. */
function timeOf(header: string | undefined): Date | null {
  const [, seconds] = /(?:^|,)\s*t=(\d{1,12})(?:,|$)/.exec(header ?? '') ?? []
  return seconds === undefined ? null : new Date(Number(seconds) * 1000)
}

/** What the body may have been before something on its way, or an editor, touched it. */
function* originals(body: Buffer): Generator<[alteration: string, original: Buffer]> {
  const text = body.toString('utf8')
  const forms: [string, string][] = [
    ['a byte order mark was put before it', text.replace(/^\ufeff/, '')],
    ['a line break was added at its end', text.replace(/\r?\n$/, '')],
    ['white space was added at its ends', text.trim()],
    ['the line break at its end was taken away', `${text}\n`],
    ['its line breaks became CR LF', text.replaceAll('\r\n', '\n')],
    ['its line breaks became LF', text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')],
  ]
  for (const [alteration, form] of forms) if (form !== text) yield [alteration, Buffer.from(form)]
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return
  }
  for (const form of [
    JSON.stringify(parsed),
    JSON.stringify(parsed, null, 2),
    `${JSON.stringify(parsed, null, 2)}\n`,
    JSON.stringify(parsed).replaceAll('/', '\\/'),
  ])
    if (form !== text) yield ['it was parsed and written anew', Buffer.from(form)]
}

/** `payment providers check`: are the keys right, is the provider there, will its webhooks be believed? */
import { ErpmaxError } from '../kernel/errors.js'
import type { Config } from '../kernel/config.js'
import { ProviderError, providerNames, providerTitles, type ProviderName } from '../kernel/payment-gateway.js'
import { webhookSecrets, webhookSecretSettings } from './inbox/webhook-secrets.js'
import { isConfigured, providerKeys } from './provider-keys.js'
import type { Context } from '../kernel/context.js'

/** Something to do about a provider; only `unreachable`, `in_trouble` and `key_refused` keep it from being used. */
export interface ProviderProblem {
  code: 'unreachable' | 'in_trouble' | 'key_refused' | 'webhook_secret_missing' | 'clock_off'
  message: string
  hint: string
}

export interface CheckedProvider {
  provider: ProviderName
  /** Whether keys are set; without them nothing else is known. */
  configured: boolean
  mode: 'test' | 'live' | null
  /** Whether it answered, be it with a refusal or a failure of its own. */
  reachable: boolean | null
  key_accepted: boolean | null
  account: string | null
  /** Another server that stands in for the provider's. */
  api_base: string | null
  /** How many are set: two while one replaces the other. */
  webhook_secrets: number
  /** How far the provider's clock is ahead of ours, to the second. */
  clock_skew_ms: number | null
  problems: ProviderProblem[]
}

/** Webhooks are refused from 300 s on; a clock that is off by this much goes on drifting. */
const skewOfConcern = 60_000

/**
 * @param only null: each there is
 * @throws usage `payment.not_configured`, `config.invalid`
 */
export async function checkProviders(
  ctx: Pick<Context, 'config' | 'openGateway'>,
  only: ProviderName | null,
): Promise<{ items: CheckedProvider[]; next_cursor: null }> {
  const wanted = providerNames.filter((name) => only === null || name === only)
  if (!wanted.some((name) => isConfigured(ctx.config, name))) throw noneConfigured(wanted)
  const items = await Promise.all(wanted.map((name) => checkProvider(ctx, name)))
  return { items, next_cursor: null }
}

function noneConfigured(names: readonly ProviderName[]): ErpmaxError {
  const titles = names.map((name) => providerTitles[name])
  const settings = names.map((name) => providerKeys[name].settings.join(' and '))
  return new ErpmaxError(
    'usage',
    'payment.not_configured',
    titles.length === 1 ? `${titles[0]} is not set up` : 'No payment provider is set up',
    {
      hint: `Set ${settings.join(', or ')}`,
      details: { settings: names.flatMap((name) => providerKeys[name].settings) },
    },
  )
}

async function checkProvider(
  ctx: Pick<Context, 'config' | 'openGateway'>,
  name: ProviderName,
): Promise<CheckedProvider> {
  const unknown: CheckedProvider = {
    ...{ provider: name, configured: false, mode: null, reachable: null, key_accepted: null, account: null },
    ...{ api_base: ctx.config.text(providerKeys[name].base), clock_skew_ms: null, problems: [] },
    webhook_secrets: webhookSecrets(ctx.config, name).length,
  }
  if (!isConfigured(ctx.config, name)) return unknown
  const gateway = await ctx.openGateway(name)
  const checked = { ...unknown, configured: true, mode: modeOf(gateway.live) }
  const missing = unknown.webhook_secrets === 0 ? [secretMissing(name)] : []
  try {
    const { account, clockSkewMs } = await gateway.check()
    const off = clockSkewMs !== null && Math.abs(clockSkewMs) >= skewOfConcern
    const problems = [...missing, ...(off ? [clockOff(name, clockSkewMs, ctx.config)] : [])]
    return { ...checked, reachable: true, key_accepted: true, account, clock_skew_ms: clockSkewMs, problems }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const refused = error.outcome === 'refused'
    const answered = refused || error.status !== null || error.code === 'bad_answer'
    const problem = refused ? keyRefused : answered ? inTrouble : unreachable
    return {
      ...checked,
      reachable: answered,
      key_accepted: refused ? false : null,
      problems: [problem(name, error), ...missing],
    }
  }
}

function modeOf(live: boolean): 'test' | 'live' {
  return live ? 'live' : 'test'
}

function unreachable(name: ProviderName, error: ProviderError): ProviderProblem {
  const hint = `See that this machine may connect to it; ${providerKeys[name].base} names another server`
  return { code: 'unreachable', message: error.message, hint }
}

function inTrouble(name: ProviderName, error: ProviderError): ProviderProblem {
  const title = providerTitles[name]
  const message =
    error.code === 'rate_limited'
      ? `${title} takes no more requests for now: ${error.message}`
      : `${title} answered, and is in trouble itself: ${error.message}`
  return { code: 'in_trouble', message, hint: 'Try it again later: nothing is wrong here' }
}

function keyRefused(name: ProviderName, error: ProviderError): ProviderProblem {
  const message = `${providerTitles[name]} does not accept the key: ${error.message}`
  return { code: 'key_refused', message, hint: `Set ${providerKeys[name].settings.join(' and ')} anew` }
}

function secretMissing(name: ProviderName): ProviderProblem {
  const setting = webhookSecretSettings[name]
  const message = `No webhook of ${providerTitles[name]} can be believed: ${setting} is not set`
  return { code: 'webhook_secret_missing', message, hint: `Set ${setting} to the secret of the endpoint` }
}

function clockOff(name: ProviderName, skewMs: number, config: Config): ProviderProblem {
  const apart = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'behind' : 'ahead of'}`
  return {
    code: 'clock_off',
    message: `The clock here is ${apart} ${providerTitles[name]}'s`,
    hint: config.text('ERPMAX_NOW') ? 'unset ERPMAX_NOW' : 'Set the clock of this machine by NTP',
  }
}

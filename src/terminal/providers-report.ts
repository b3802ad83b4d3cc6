/** What a person reads after `payment providers check`. */
import { providerTitles } from '../kernel/payment-gateway.js'
import { formatDuration, formatFacts, hanging } from './format.js'
import type { CheckedProvider } from '../payments/check-providers.js'
import type { Terminal } from './terminal.js'

export function formatProviders({ items }: { items: CheckedProvider[] }, terminal: Terminal): string {
  return items.map((item) => formatProvider(item, terminal)).join('\n\n')
}

function formatProvider(item: CheckedProvider, { out, width }: Terminal): string {
  const title = out.bold(providerTitles[item.provider])
  if (!item.configured) return `${title}\n${out.dim('  not set up')}`
  const facts = formatFacts(
    [
      ['Mode', item.mode === 'live' ? `${out.yellow('live')}: real money` : item.mode],
      ['Server', item.api_base],
      ['Reached', item.reachable ? 'yes' : out.red('no')],
      ['Key', item.key_accepted === null ? null : item.key_accepted ? 'accepted' : out.red('refused')],
      ['Account', item.account],
      ['Webhooks', secretsText(item.webhook_secrets)],
      ['Clock', item.clock_skew_ms === null ? null : skewText(item.clock_skew_ms)],
    ],
    width - 2,
  )
  const problems = item.problems.map(
    ({ message, hint }) =>
      `${out.yellow('!')} ${hanging(message, 2, width - 2)}\n  ${out.cyan(`→ ${hanging(hint, 4, width - 2)}`)}`,
  )
  return [title, ...[facts, ...problems].flatMap((part) => part.split('\n')).map((line) => `  ${line}`)].join(
    '\n',
  )
}

function secretsText(count: number): string {
  return count === 0 ? 'no secret' : count === 1 ? 'one secret' : `${count} secrets, newest first`
}

/** The provider's answer tells its time to the second. */
function skewText(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return seconds <= 1 ? 'the same' : `${formatDuration(seconds * 1000)} ${skewMs > 0 ? 'behind' : 'ahead'}`
}

/** What a person reads after `api-key create`, `list`, `revoke` and `token key list`, `rotate`. */
import { formatFacts, formatTime } from './format.js'
import { symbolsOf } from './symbols.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { Page } from '../database/keyset.js'
import type { CreatedApiKey } from '../people/api-keys/create-key.js'
import type { ApiKeyJson } from '../people/api-keys/read-key.js'
import type { RevokedApiKey } from '../people/api-keys/revoke-key.js'
import type { KeyListItem } from '../people/keys/list-keys.js'
import type { RotatedKey } from '../people/keys/rotate-key.js'
import type { Terminal } from './terminal.js'

/** Below this width it is not shown when a key was used last. */
const roomForUse = 72

export function formatCreatedKey({ key, token }: CreatedApiKey, terminal: Terminal): string {
  const { out, width } = terminal
  const facts = formatFacts(
    [
      ['Prefix', key.prefix],
      ['Scopes', key.scopes.join(', ')],
      ['Works until', formatTime(key.expires_at)],
    ],
    width,
  )
  const heading = `${out.green(symbolsOf(terminal).tick)} The key "${key.name}" of ${out.bold(key.tenant)} is made.`
  return [heading, facts, `The key, shown once:\n${token}`].join('\n\n')
}

export function formatApiKeys(
  { items }: Page<ApiKeyJson>,
  tenant: string | null,
  { width, out }: Terminal,
): string {
  if (items.length === 0)
    return `There are no API keys${tenant === null ? '' : ` of ${tenant}`} yet. Try: erpmax api-key create ${tenant ?? '<tenant>'} --name <name> --scope <scope>`
  return formatTable<ApiKeyJson>(
    items,
    [
      { title: 'Prefix', value: ({ prefix }) => prefix, whole: true },
      { title: 'Name', value: ({ name }) => name, flexible: true },
      ...(tenant === null
        ? [{ title: 'Tenant', value: (key: ApiKeyJson) => key.tenant, flexible: true }]
        : []),
      { title: 'State', value: ({ state }) => paintState(state, out) },
      { title: 'Scopes', value: ({ scopes }) => scopes.join(', '), flexible: true },
      { title: 'Last day', value: ({ last_day }) => last_day },
      ...(width < roomForUse
        ? []
        : [{ title: 'Used', value: (key: ApiKeyJson) => key.last_used_at?.slice(0, 10) ?? 'never' }]),
    ],
    width,
    out.bold,
  )
}

export function formatRevokedKey({ key, changed }: RevokedApiKey, { out }: Terminal): string {
  const name = `The key ${out.bold(key.prefix)} ("${key.name}" of ${key.tenant})`
  return changed ? `${name} is revoked.` : `${name} was revoked before.`
}

export function formatKeys({ items }: Page<KeyListItem>, { width, out }: Terminal): string {
  if (items.length === 0) return 'No key has signed anything yet: the first login makes one.'
  return formatTable<KeyListItem>(
    items,
    [
      { title: 'Key id', value: ({ kid }) => kid },
      { title: 'State', value: ({ state }) => paintState(state, out) },
      { title: 'Here', value: ({ current }) => (current ? 'yes' : '') },
      { title: 'Since', value: ({ created_at }) => created_at.slice(0, 10) },
      { title: 'Place', value: ({ place }) => place, flexible: true },
    ],
    width,
    out.bold,
  )
}

export function formatRotatedKey({ key, retired }: RotatedKey, terminal: Terminal): string {
  const { out, width } = terminal
  const facts = formatFacts(
    [
      ['Key id', key.kid],
      ['File', key.file],
      ...retired.map(
        ({ kid, verify_until }) => ['Retired', `${kid}, verifies until ${formatTime(verify_until)}`] as const,
      ),
    ],
    width,
  )
  return `${out.green(symbolsOf(terminal).tick)} New access tokens are signed with a new key.\n\n${facts}`
}

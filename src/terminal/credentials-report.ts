/** What a person reads after `tenant credentials`. */
import { formatFacts } from './format.js'
import type { CredentialsJson } from '../workflows/tenant-credentials.js'
import type { Terminal } from './terminal.js'

export function formatCredentials(issued: CredentialsJson, terminal: Terminal): string {
  const { credentials, tenant } = issued
  const facts = formatFacts(
    [
      ['Host', credentials.host],
      ['Port', credentials.port],
      ['Database', credentials.database],
      ['User', credentials.user],
      ['Search path', credentials.search_path],
      ['Entitlements', 'select * from public.my_entitlements'],
    ],
    terminal.width,
  )
  const secret =
    credentials.password === null
      ? []
      : [
          `Password, shown once:\n${terminal.out.bold(credentials.password)}`,
          `The same as a URL:\n${credentials.url}`,
        ]
  return [heading(issued, terminal), facts, ...secret, ...next(issued, tenant.subdomain)].join('\n\n')
}

function heading(
  { created, rotated, dry_run, credentials, tenant }: CredentialsJson,
  { out }: Terminal,
): string {
  const role = out.bold(credentials.user)
  if (created)
    return dry_run
      ? `The login ${role} of ${tenant.subdomain} would be made.`
      : `${out.green('✔')} The login ${role} of ${tenant.subdomain} is made.`
  if (rotated)
    return dry_run
      ? `The login ${role} of ${tenant.subdomain} would get a new password.`
      : `${out.green('✔')} The login ${role} of ${tenant.subdomain} has a new password.`
  return `The login ${role} of ${tenant.subdomain} exists; its password is shown only when it is made.`
}

function next({ created, rotated }: CredentialsJson, subdomain: string): string[] {
  return created || rotated ? [] : [`A new one: erpmax tenant credentials ${subdomain} --rotate`]
}

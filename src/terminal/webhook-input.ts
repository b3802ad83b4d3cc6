/** What the webhook commands share: the body in a file, headers as typed, the name of a provider. */
import { readFile } from 'node:fs/promises'
import { Flags } from '@oclif/core'
import { ErpmaxError } from '../kernel/errors.js'
import { providerNames, type ProviderName } from '../kernel/payment-gateway.js'

export const providerFlag = Flags.option({
  description: 'the provider it is of',
  options: providerNames,
})

const most = 1024 * 1024

/**
 * Byte for byte.
 * @param file a path, or `-` for stdin
 * @throws usage `usage.file_unreadable`, `event.too_large`
 */
export async function readBody(file: string): Promise<Buffer> {
  const body = await readFile(file === '-' ? '/dev/stdin' : file).catch((cause: unknown) => {
    throw new ErpmaxError('usage', 'usage.file_unreadable', `${file} cannot be read`, {
      hint: '--file event.json, the body as it was sent',
      cause,
    })
  })
  if (body.length <= most) return body
  throw new ErpmaxError('usage', 'event.too_large', `${file} has more than 1 MiB: no event is as large`)
}

/** `Name: value`, as curl takes them; names in lower case. @throws usage `usage.header_invalid` */
export function headersFrom(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line) ?? []
      if (name === undefined || value === undefined)
        throw new ErpmaxError('usage', 'usage.header_invalid', `"${line.slice(0, 40)}" is not a header`, {
          hint: "--header 'Stripe-Signature: t=1767225600,v1=...'",
        })
      return [name.toLowerCase(), value.trim()]
    }),
  )
}

/** Which provider a command without one means: the only one whose signature header is there. */
export function providerOf(
  given: ProviderName | undefined,
  headers: Readonly<Record<string, string>>,
): ProviderName {
  if (given) return given
  const named = providerNames.filter((name) =>
    Object.keys(headers).some((header) => header.includes(`${name}-signature`)),
  )
  if (named.length === 1 && named[0]) return named[0]
  throw new ErpmaxError('usage', 'usage.missing', 'Which provider sent it? --provider is missing', {
    hint: '--provider stripe',
    details: { missing: ['--provider'] },
  })
}

/** As a browser writes them in `Origin`. @throws usage `usage.origin_invalid` */
export function originsFrom(given: readonly string[]): string[] {
  return given.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    const bare = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
    if (bare && !/[*]/.test(url.host)) return url.origin
    throw new ErpmaxError(
      'usage',
      'usage.origin_invalid',
      `"${text.slice(0, 80)}" is not an origin: a scheme, a host, and a port where it is another`,
      { hint: '--cors-origin https://erp.example.com, once for each' },
    )
  })
}

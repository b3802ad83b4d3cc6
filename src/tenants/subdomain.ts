/** Subdomains: what is well formed, what is free, what else one might take. */
import { rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { schemaName, type SchemaName } from '../kernel/ids.js'
import type { Context } from '../kernel/context.js'

export type Availability = 'free' | 'taken' | 'reserved' | 'malformed'

export interface SubdomainCheck {
  subdomain: string
  available: boolean
  reason: Availability
  message: string
  /** Free names near it; empty where it is free itself. */
  alternatives: string[]
}

/** 56, since the schema is `tenant_` and the subdomain, and Postgres cuts names at 63 bytes. */
export const longest = 56
const shortest = 3
const pattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

/** Why the text cannot be a subdomain, or null where it can. */
export function malformation(text: string): string | null {
  if (text.length < shortest) return `a subdomain has at least ${shortest} characters`
  if (text.length > longest)
    return `a subdomain has at most ${longest} characters, this one has ${text.length}`
  if (text.startsWith('-') || text.endsWith('-')) return 'a subdomain neither begins nor ends with a hyphen'
  if (!pattern.test(text)) return 'a subdomain consists of a to z, 0 to 9 and inner hyphens'
  return null
}

/** Letters that Unicode does not take apart into one of ASCII and a mark. */
const plain: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
}
const lettersOfTheirOwn = new RegExp(`[${Object.keys(plain).join('')}]`, 'g')

/** A subdomain made from a company's name: ASCII-folded, lower case, hyphens for the rest. May come out malformed. */
export function subdomainFrom(name: string): string {
  const folded = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(lettersOfTheirOwn, (letter) => plain[letter] ?? '')
    .replace(/[^a-z0-9]+/g, '-')
  return folded.slice(0, longest).replace(/^-+|-+$/g, '')
}

/** The name of a new tenant's schema. Called once, at creation; read from the placement after. */
export function newSchemaName(subdomain: string): SchemaName {
  return schemaName(`tenant_${subdomain.replaceAll('-', '_')}`)
}

export async function checkSubdomain(ctx: Pick<Context, 'db'>, text: string): Promise<SubdomainCheck> {
  const subdomain = text.trim()
  const wrong = malformation(subdomain)
  if (wrong)
    return {
      subdomain,
      available: false,
      reason: 'malformed',
      message: wrong,
      alternatives: await freeNear(ctx, subdomainFrom(subdomain)),
    }
  const blocked = (await blockedAmong(ctx, [subdomain])).get(subdomain)
  if (!blocked)
    return { subdomain, available: true, reason: 'free', message: `${subdomain} is free`, alternatives: [] }
  return { subdomain, available: false, ...blocked, alternatives: await freeNear(ctx, subdomain) }
}

/** Throws a usage error where the text cannot be the name of a new tenant; whether it is taken is decided later. */
export async function requireUsable(ctx: Pick<Context, 'db'>, text: string): Promise<string> {
  const check = await checkSubdomain(ctx, text)
  if (check.reason === 'free' || check.reason === 'taken') return check.subdomain
  throw new ErpmaxError(
    'usage',
    `tenant.subdomain_${check.reason}`,
    `"${text.slice(0, 80)}" cannot be a subdomain: ${check.message}`,
    {
      ...(check.alternatives[0] ? { hint: `erpmax tenant create ${check.alternatives[0]}` } : {}),
      details: { alternatives: check.alternatives },
    },
  )
}

export function subdomainTaken(subdomain: string, alternatives: readonly string[]): ErpmaxError {
  return new ErpmaxError('conflict', 'tenant.subdomain_taken', `The subdomain ${subdomain} is taken`, {
    hint: alternatives[0] ? `erpmax tenant create ${alternatives[0]}` : 'erpmax tenant check <subdomain>',
    details: { subdomain, alternatives },
  })
}

/** Up to three free names that resemble it. */
export async function freeNear(ctx: Pick<Context, 'db'>, wanted: string): Promise<string[]> {
  const stem = wanted.slice(0, longest - 6).replace(/-+$/, '')
  const endings = ['', '-erp', '-hq', '-2', '-3', '-group', '-co', '-4', '-5']
  const candidates = endings.map((ending) => `${stem}${ending}`).filter((name) => malformation(name) === null)
  const blocked = await blockedAmong(ctx, candidates)
  return candidates.filter((name) => !blocked.has(name)).slice(0, 3)
}

async function blockedAmong(
  ctx: Pick<Context, 'db'>,
  names: readonly string[],
): Promise<Map<string, { reason: 'taken' | 'reserved'; message: string }>> {
  const found = await rows<{ name: string; reason: 'taken' | 'reserved'; why: string }>(
    ctx.db,
    sql`with wanted (wanted) as (select unnest(${names}::text[]))
        select wanted as name, 'reserved' as reason, r.reason as why from wanted join public.reserved_subdomains r on wanted like r.pattern
        union all
        select wanted, 'taken', t.status from wanted join public.tenants t on t.subdomain = wanted and t.status <> 'deleted'
        union all
        select wanted, 'taken', 'its schema' from wanted
        join public.tenant_placements p on p.schema_name = 'tenant_' || replace(wanted, '-', '_')`,
  )
  const blocked = new Map<string, { reason: 'taken' | 'reserved'; message: string }>()
  for (const { name, reason, why } of found) {
    if (blocked.has(name)) continue
    blocked.set(name, {
      reason,
      message: reason === 'taken' ? `${name} is taken` : `${name} is reserved: ${why}`,
    })
  }
  return blocked
}

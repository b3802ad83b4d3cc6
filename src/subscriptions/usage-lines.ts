/** Usage as it comes in a file: NDJSON, or CSV with a header; each line stands for itself, right or wrong. */
import { instantFrom } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'

export const metrics = ['users', 'storage_bytes', 'api_calls'] as const

export type Metric = (typeof metrics)[number]

/** What was used, as it was reported. */
export interface UsageRecord {
  /** Subdomain or id. */
  tenant: string
  metric: Metric
  quantity: bigint
  /** The same key is the same record, however often it is sent. */
  key: string
  /** Null: now. */
  at: Date | null
}

/** A line of the file, counted from 1, with what it says or what is wrong with it. */
export type UsageLine =
  { line: number; record: UsageRecord; error: null } | { line: number; record: null; error: ErpmaxError }

/** What lines need not say. */
export interface UsageDefaults {
  tenant: string | null
  metric: Metric | null
}

/** One record in words, from flags or a line. */
export type UsageFields = Readonly<Record<'tenant' | 'metric' | 'quantity' | 'key' | 'at', string | null>>

const names = ['tenant', 'metric', 'quantity', 'key', 'at'] as const
const keyPattern = /^[\x21-\x7e]{1,200}$/
/** How far a reporter's clock may be ahead. */
const aheadMs = 5 * 60_000

/** @throws usage for a header that cannot be understood; what is wrong with a line is said of the line */
export async function* usageLines(
  lines: AsyncIterable<string>,
  defaults: UsageDefaults,
  now: Date,
): AsyncGenerator<UsageLine, void, void> {
  let line = 0
  let read: ((text: string) => UsageFields) | null = null
  for await (const raw of lines) {
    line += 1
    const text = (line === 1 ? raw.replace(/^\ufeff/, '') : raw).trim()
    if (text === '') continue
    if (read === null) {
      const json = text.startsWith('{')
      read = json ? fieldsOfJson : fieldsOfCsv(text, defaults)
      if (!json) continue
    }
    try {
      yield { line, record: usageRecord(complete(read(text), defaults), now), error: null }
    } catch (error) {
      if (!(error instanceof ErpmaxError)) throw error
      yield { line, record: null, error }
    }
  }
}

/** @throws usage `usage.line_invalid` */
export function usageRecord(fields: UsageFields, now: Date): UsageRecord {
  const { tenant, metric, quantity, key } = fields
  if (!tenant) throw invalid('no tenant is named')
  const known = metrics.find((name) => name === metric)
  if (!known)
    throw invalid(
      metric ? `"${metric.slice(0, 40)}" is not a metric` : 'no metric is named',
      `One of ${metrics.join(', ')}`,
    )
  if (!quantity || !/^\d{1,18}$/.test(quantity)) throw invalid('the quantity is not a whole number from 0 on')
  if (!key || !keyPattern.test(key))
    throw invalid('the key is not 1 to 200 printable characters without spaces')
  const at = fields.at ? instantFrom(fields.at, now, 'beginning') : null
  if (at && at.getTime() > now.getTime() + aheadMs) throw invalid(`${fields.at} is in the future`)
  return { tenant, metric: known, quantity: BigInt(quantity), key, at }
}

function complete(fields: UsageFields, defaults: UsageDefaults): UsageFields {
  const { tenant } = fields
  if (tenant && defaults.tenant && tenant.toLowerCase() !== defaults.tenant.toLowerCase())
    throw invalid(`it names ${tenant.slice(0, 80)} where only ${defaults.tenant} is recorded`)
  return { ...fields, tenant: tenant || defaults.tenant, metric: fields.metric || defaults.metric }
}

function fieldsOfJson(text: string): UsageFields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('it is not JSON', undefined, cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('it is not a JSON object')
  const found = new Map<string, unknown>(Object.entries(value))
  const stranger = [...found.keys()].find((name) => !(names as readonly string[]).includes(name))
  if (stranger !== undefined)
    throw invalid(`"${stranger.slice(0, 40)}" is not a field`, `Fields: ${names.join(', ')}`)
  return fieldsOf((name) => {
    const field = found.get(name)
    if (typeof field === 'string') return field
    return typeof field === 'number' && Number.isSafeInteger(field)
      ? String(field)
      : field == null
        ? null
        : 'invalid'
  })
}

/** @throws usage `usage.header_invalid` */
function fieldsOfCsv(header: string, defaults: UsageDefaults): (text: string) => UsageFields {
  const columns = (cells(header) ?? []).map((cell) => cell.trim().toLowerCase())
  const given = names.filter((name) => (name === 'tenant' || name === 'metric') && defaults[name] !== null)
  const needed = names.filter((name) => name !== 'at' && !given.includes(name))
  const wrong = columns.find((name) => !(names as readonly string[]).includes(name))
  const missing = needed.filter((name) => !columns.includes(name))
  if (wrong !== undefined || missing.length > 0 || new Set(columns).size !== columns.length) {
    throw new ErpmaxError(
      'usage',
      'usage.header_invalid',
      wrong === undefined
        ? `The header lacks ${missing.join(', ') || 'order: a column comes twice'}`
        : `"${wrong.slice(0, 40)}" is not a column`,
      { hint: `Begin with the line ${needed.join(',')},at, or write NDJSON`, details: { columns: names } },
    )
  }
  return (text) => {
    const values = cells(text)
    if (values?.length !== columns.length)
      throw invalid(
        values
          ? `it has ${values.length} cells where the header has ${columns.length}`
          : 'a quote is not closed',
      )
    return fieldsOf((name) => values[columns.indexOf(name)]?.trim() || null)
  }
}

/** The cells of one line (RFC 4180, without line breaks in cells); null where a quote is not closed. */
function cells(text: string): string[] | null {
  const found: string[] = []
  let at = 0
  do {
    const match = /\s*"((?:[^"]|"")*)"\s*(?=,|$)|([^",]*)(?=,|$)/y
    match.lastIndex = at
    const cell = match.exec(text)
    if (!cell) return null
    found.push(cell[1] === undefined ? (cell[2] ?? '') : cell[1].replaceAll('""', '"'))
    at = match.lastIndex + 1
  } while (at <= text.length)
  return found
}

function fieldsOf(value: (name: (typeof names)[number]) => string | null): UsageFields {
  return {
    tenant: value('tenant'),
    metric: value('metric'),
    quantity: value('quantity'),
    key: value('key'),
    at: value('at'),
  }
}

function invalid(why: string, hint?: string, cause?: unknown): ErpmaxError {
  return new ErpmaxError('usage', 'usage.line_invalid', `This cannot be recorded: ${why}`, {
    ...(hint ? { hint } : {}),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** One batch of usage in one statement: what is new is recorded, what is there is compared, each line has its outcome. */
import { rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid, type TenantId } from '../kernel/ids.js'
import { refusals } from './gate.js'
import type { Context } from '../kernel/context.js'
import type { Metric, UsageLine, UsageRecord } from './usage-lines.js'

type BatchContext = Pick<Context, 'db' | 'clock'>

export interface Judged {
  line: UsageLine
  outcome: 'recorded' | 'already_recorded' | ErpmaxError
  /** When it counts: its own time, or that of the record there was. */
  at: string | null
}

interface Candidate {
  line: number
  record: UsageRecord
  tenantId: TenantId
}

export interface Stored {
  tenant_id: TenantId
  key: string
  metric: Metric
  quantity: bigint
  at: Date
}

/**
 * An outcome for each line, in order. In one batch too the first line of a key is the one that counts.
 * @param known records that count as there though the database has them not; what is new is added
 */
export async function recordBatch(
  ctx: BatchContext,
  lines: readonly UsageLine[],
  known: Map<string, Stored>,
): Promise<Judged[]> {
  const tenants = await tenantsOf(ctx, lines)
  const refused = await refusals(ctx, [...new Set(tenants.values())], 'work')
  const first = new Map<string, Candidate>()
  for (const line of lines) {
    const tenantId = line.record ? tenants.get(line.record.tenant.toLowerCase()) : undefined
    if (!line.record || tenantId === undefined || refused.get(tenantId)) continue
    const id = identity(tenantId, line.record.key)
    if (!first.has(id) && !known.has(id)) first.set(id, { line: line.line, record: line.record, tenantId })
  }
  const made = await insert(ctx, [...first.values()])
  for (const one of made) known.set(identity(one.tenant_id, one.key), one)
  const stored = await read(
    ctx,
    [...first].flatMap(([id, candidate]) => (known.has(id) ? [] : [candidate])),
  )
  return lines.map((line): Judged => {
    const { record, error } = line
    if (error) return { line, outcome: error, at: null }
    const tenantId = tenants.get(record.tenant.toLowerCase())
    if (tenantId === undefined) return { line, outcome: unknownTenant(record.tenant), at: null }
    const refusal = refused.get(tenantId)
    if (refusal) return { line, outcome: refusal, at: null }
    const id = identity(tenantId, record.key)
    const fresh = known.get(id)
    const there = fresh ?? stored.get(id)
    if (!there) throw new Error(`the record ${record.key} is neither new nor there`)
    const own = fresh !== undefined && first.get(id)?.line === line.line
    const outcome = own ? 'recorded' : same(record, there) ? 'already_recorded' : reused(record, there)
    return { line, outcome, at: there.at.toISOString() }
  })
}

/** Ids by what the lines call their tenants, in lower case. */
async function tenantsOf(ctx: BatchContext, lines: readonly UsageLine[]): Promise<Map<string, TenantId>> {
  const names = [...new Set(lines.flatMap(({ record }) => (record ? [record.tenant.toLowerCase()] : [])))]
  const found = await rows<{ id: TenantId; subdomain: string }>(
    ctx.db,
    sql`select id, subdomain from public.tenants
        where id = any(${names.filter(isUuid)}::uuid[]) or subdomain = any(${names}::text[]) and status <> 'deleted'`,
  )
  const known = new Map(
    found.flatMap(({ id, subdomain }) => [
      [id as string, id],
      [subdomain, id],
    ]),
  )
  return new Map(
    names.flatMap((name) => {
      const id = known.get(name)
      return id === undefined ? [] : [[name, id]]
    }),
  )
}

/** Those that were new. In one order, so that two runs over the same keys do not wait for each other in a ring. */
async function insert(ctx: BatchContext, candidates: readonly Candidate[]): Promise<Stored[]> {
  const now = ctx.clock.now()
  const input = candidates.map(({ tenantId, record }) => ({
    tenant_id: tenantId,
    key: record.key,
    metric: record.metric,
    quantity: record.quantity.toString(),
    at: (record.at ?? now).toISOString(),
  }))
  return rows<Stored>(
    ctx.db,
    sql`insert into public.usage_records (tenant_id, key, metric, quantity, at)
        select tenant_id, key, metric, quantity, at
        from json_to_recordset(${JSON.stringify(input)}::json) r (tenant_id uuid, key text, metric text, quantity bigint, at timestamptz)
        order by tenant_id, key
        on conflict do nothing returning tenant_id, key, metric, quantity, at`,
  )
}

/** In a statement of its own: what another run committed while the insert waited for it is seen here. */
async function read(ctx: BatchContext, candidates: readonly Candidate[]): Promise<Map<string, Stored>> {
  const wanted = candidates.map(({ tenantId, record }) => ({ tenant_id: tenantId, key: record.key }))
  const found = await rows<Stored>(
    ctx.db,
    sql`select u.tenant_id, u.key, u.metric, u.quantity, u.at
        from json_to_recordset(${JSON.stringify(wanted)}::json) r (tenant_id uuid, key text)
        join public.usage_records u on u.tenant_id = r.tenant_id and u.key = r.key`,
  )
  return new Map(found.map((one) => [identity(one.tenant_id, one.key), one]))
}

/** No key holds a space. */
function identity(tenantId: TenantId, key: string): string {
  return `${tenantId} ${key}`
}

/** A record without a time of its own is the same at whatever time it is sent again. */
function same(record: UsageRecord, stored: Stored): boolean {
  return (
    record.metric === stored.metric &&
    record.quantity === stored.quantity &&
    (record.at === null || record.at.getTime() === stored.at.getTime())
  )
}

function reused({ key }: UsageRecord, stored: Stored): ErpmaxError {
  const { metric, quantity, at } = stored
  return new ErpmaxError(
    'conflict',
    'usage.key_reused',
    `The key ${key} stands for ${quantity} ${metric} at ${at.toISOString()} already, which is something else`,
    {
      hint: 'What is new wants a key of its own: --key',
      details: { key, metric, quantity: Number(quantity), at: at.toISOString() },
    },
  )
}

function unknownTenant(name: string): ErpmaxError {
  return new ErpmaxError('not_found', 'tenant.not_found', `There is no tenant "${name.slice(0, 80)}"`, {
    hint: 'erpmax tenant list',
  })
}

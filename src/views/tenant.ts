/** `tenant show`: everything at a glance about one tenant, its schema looked at as it is now. */
import { oneRow, rows, Sql, sql } from '../database/sql.js'
import { loadSnapshot, type SchemaSnapshot } from '../schemas/baseline.js'
import { fingerprintQuery, type Fingerprint } from '../schemas/fingerprint.js'
import { tablesIn, type SchemaState } from '../schemas/look.js'
import { moduleCodes } from '../subscriptions/catalogue.js'
import { readSubscription, type SubscriptionJson } from '../subscriptions/read.js'
import { findKnownTenant } from '../tenants/find.js'
import { readDeletion, readWholeTenant, type DeletionJson, type WholeTenantJson } from '../tenants/read.js'
import { dunningOf, type DunningJson } from './dunning.js'
import { latestJobs, type JobListItem } from './jobs.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName, TenantId } from '../kernel/ids.js'

export interface ShownTenant {
  /** `deletion`: what is on record of it, null while the tenant is not deleted. */
  tenant: WholeTenantJson & { deletion: DeletionJson | null }
  schema: ShownSchema
  subscription: SubscriptionJson | null
  /** Null while nothing is due, and where nothing more comes of it. */
  dunning: DunningJson | null
  people: Person[]
  jobs: JobListItem[]
}

export interface ShownSchema {
  name: string
  /** `whole`: exactly what this program builds; `different`: anything else that is there. */
  state: SchemaState
  version: string | null
  fingerprint: string | null
  table_count: number
  size_bytes: number
  /** Tables of each module: found, and how many there should be. Others are nobody's, under null. */
  modules: { code: string | null; tables: number; expected: number }[]
}

export interface Person {
  user_id: string
  email: string
  full_name: string
  role: string
  status: string
  user_status: string
  is_default: boolean
  since: string
}

const jobsShown = 5

export async function showTenant(
  ctx: Pick<Context, 'db' | 'clock'>,
  subdomainOrId: string,
): Promise<ShownTenant> {
  const { place, ...known } = await findKnownTenant(ctx, subdomainOrId)
  // One after the other: further connections, for the sake of doing it at once, take longer than the queries.
  const tenant = await readWholeTenant(ctx, known.id)
  const deletion = await readDeletion(ctx, known.id)
  const schema = place ? await lookWithoutWaiting(ctx, known.id, place.schema) : noSchema(tenant.schema)
  const subscription = await readSubscription(ctx, known.id)
  const dunning = await dunningOf(ctx, known.id)
  const people = await readPeople(ctx, known.id)
  const jobs = await latestJobs(ctx, known, jobsShown)
  return {
    tenant: { ...tenant, deletion },
    schema,
    subscription,
    dunning: dunning && dunning.days >= 0 ? dunning : null,
    people,
    jobs,
  }
}

/** Of a deleted tenant: another one may have a schema of that name by now. */
function noSchema(name: string): ShownSchema {
  return {
    ...{ name, state: 'absent', version: null, fingerprint: null },
    ...{ table_count: 0, size_bytes: 0, modules: [] },
  }
}

/** Unlike `lookAtSchema` it takes no lock: a read shows what is committed and waits for no builder. */
async function lookWithoutWaiting(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  schema: SchemaName,
): Promise<ShownSchema> {
  const snapshot = await loadSnapshot()
  const modules = await moduleCodes(ctx)
  const placement = await oneRow<{ exists: boolean; version: string | null }>(
    ctx.db,
    sql`select n.oid is not null as exists, p.schema_version as version
        from public.tenant_placements p left join pg_catalog.pg_namespace n on n.nspname = p.schema_name
        where p.tenant_id = ${tenantId}`,
  )
  const found = await oneRow<Fingerprint>(ctx.db, new Sql(fingerprintQuery.replace('$1', '?'), [schema]))
  const tables = await tablesIn(ctx, schema)
  const size = await schemaBytes(ctx, schema)
  const whole = found.fingerprint === snapshot.fingerprint
  return {
    name: schema,
    state: !placement.exists ? 'absent' : whole ? 'whole' : 'different',
    version: placement.exists ? placement.version : null,
    fingerprint: placement.exists ? found.fingerprint : null,
    table_count: found.tables,
    size_bytes: size,
    modules: byModule(modules, snapshot, tables),
  }
}

/** Tables with their indexes and what was moved out of line. */
export async function schemaBytes(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<number> {
  const { bytes } = await oneRow<{ bytes: number }>(
    ctx.db,
    sql`select coalesce(sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::float8 as bytes
        from pg_catalog.pg_namespace n
        join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid
          and d.classid = 'pg_catalog.pg_class'::regclass
        join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'm')
        where n.nspname = ${schema}`,
  )
  return bytes
}

function byModule(
  codes: readonly string[],
  { tables: known }: SchemaSnapshot,
  tables: readonly string[],
): ShownSchema['modules'] {
  const counts = new Map<string | null, { tables: number; expected: number }>()
  for (const code of codes) counts.set(code, { tables: 0, expected: 0 })
  const of = (code: string | null): { tables: number; expected: number } => {
    const count = counts.get(code) ?? { tables: 0, expected: 0 }
    counts.set(code, count)
    return count
  }
  for (const { module } of Object.values(known)) of(module).expected += 1
  for (const table of tables) of(known[table]?.module ?? null).tables += 1
  return [...counts].map(([code, count]) => ({ code, ...count }))
}

async function readPeople(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<Person[]> {
  const found = await rows<Omit<Person, 'since'> & { since: Date }>(
    ctx.db,
    sql`select u.id as user_id, u.email, u.full_name, r.code as role, b.status, u.status as user_status, b.is_default,
               b.created_at as since
        from public.memberships b
        join public.users u on u.id = b.user_id
        join public.roles r on r.id = b.role_id
        where b.tenant_id = ${tenantId} and b.status <> 'removed'
        order by b.created_at, u.email`,
  )
  return found.map((person) => ({ ...person, since: person.since.toISOString() }))
}

/** Reads the fleet and finds where rows and schemas do not agree; changes nothing. */
import { inSnapshot } from '../../database/snapshot.js'
import { rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { schemaName, type TenantId } from '../../kernel/ids.js'
import { runningJobs, type RunningJob } from '../../operations/abandoned-jobs.js'
import { isHeld } from '../../operations/jobs.js'
import { loadSnapshot } from '../../schemas/baseline.js'
import { tableSets, type TableSet } from '../../schemas/table-sets.js'
import { verifySchema } from '../../schemas/verify.js'
import { unsoundSubscriptions, type UnsoundSubscription } from '../../subscriptions/soundness.js'
import { dayOfTenant } from '../../tenants/local-day.js'
import { abandoned, orphaned, type Finding, type Found, type Subject } from './findings.js'
import { hasSchema, isDoubtful, judgeState, judgeSubscription, judgeVerdict, type Seen } from './judge.js'
import type { Context } from '../../kernel/context.js'

export interface Scope {
  /** Null: the whole fleet, and every schema that is named like a tenant's. */
  tenants: readonly { id: TenantId }[] | null
  /** Compare each schema with `schema.json`, not its set of tables alone. */
  deep: boolean
}

export interface Inspected {
  found: Found[]
  /** Tenants that were looked at. */
  checked: number
  /** Tenants that somebody is working at: left out. */
  busy: number
}

type InspectContext = Pick<Context, 'db' | 'clock' | 'processes' | 'signal'>

/** Yields each finding as it is made. @throws interrupted between two schemas */
export async function* inspect(ctx: InspectContext, scope: Scope): AsyncGenerator<Finding, Inspected, void> {
  const { seen, busy, orphans, jobs, subscriptions } = await inSnapshot(ctx, (inner) => read(inner, scope))
  const { fingerprint: expected } = await loadSnapshot()
  const found: Found[] = []
  for (const tenant of seen) {
    const of = judgeState(tenant)
    const unsound = subscriptions.get(tenant.id)
    if (unsound) of.push(...judgeSubscription(tenant, unsound))
    const looked = scope.deep
      ? hasSchema(tenant.status) && tenant.tables !== null
      : isDoubtful(tenant, expected)
    if (looked && tenant.schema_name !== null) {
      requireGoingOn(ctx)
      of.push(...judgeVerdict(tenant, await verifySchema(ctx, schemaName(tenant.schema_name))))
    }
    found.push(...of)
    yield* findings(of)
  }
  const others = [...orphans.map(({ schema, tables }) => orphaned(schema, tables)), ...jobs]
  found.push(...others)
  yield* findings(others)
  return { found, checked: seen.length, busy }
}

function findings(found: readonly Found[]): Finding[] {
  return found.map(({ finding }) => finding)
}

interface Fleet {
  seen: Seen[]
  busy: number
  orphans: TableSet[]
  jobs: Found[]
  subscriptions: Map<TenantId, UnsoundSubscription>
}

async function read(ctx: InspectContext, { tenants }: Scope): Promise<Fleet> {
  const chosen = tenants === null ? sql`true` : sql`t.id = any(${tenants.map(({ id }) => id)}::uuid[])`
  const subjects = await rows<Subject & { recorded: string | null }>(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.fingerprint as recorded
        from public.tenants t left join public.tenant_placements p on p.tenant_id = t.id
        where ${chosen} order by t.subdomain, t.id`,
  )
  const names = subjects.flatMap(({ schema_name }) => (schema_name === null ? [] : [schema_name]))
  const sets = new Map(
    (await tableSets(ctx, tenants === null ? null : names)).map((set) => [set.schema, set]),
  )
  const jobs = await runningJobs(ctx)
  const held = tenantsOf(jobs.filter((job) => isHeld(ctx, job)))
  const dead = jobs.filter((job) => !isHeld(ctx, job))
  const deadOf = new Map(dead.map((job) => [job.tenant_id, job.id as string]))
  const known = new Set(names)
  const unsound = await unsoundSubscriptions(ctx, await dayOfTenant(ctx), chosen)
  const idle = subjects.filter(({ id }) => !held.has(id))
  const seen = idle.map((subject) => ({
    ...subject,
    tables: subject.schema_name === null ? null : (sets.get(subject.schema_name) ?? null),
    deadJob: deadOf.get(subject.id) ?? null,
  }))
  return {
    seen,
    busy: subjects.length - idle.length,
    orphans: [...sets.values()].filter(({ schema }) => !known.has(schema)),
    jobs: dead.flatMap((job) => judgeJob(job, seen, tenants === null)),
    subscriptions: new Map(unsound.map((one) => [one.tenant_id, one])),
  }
}

function tenantsOf(jobs: readonly RunningJob[]): Set<string | null> {
  return new Set(jobs.map(({ tenant_id }) => tenant_id))
}

/** A job whose end is part of what is found about its tenant is not told twice. */
function judgeJob(job: RunningJob, seen: readonly Seen[], whole: boolean): Found[] {
  if (job.tenant_id === null) return whole ? [abandoned(job, null)] : []
  const tenant = seen.find(({ id }) => id === job.tenant_id)
  if (!tenant || tenant.status === 'provisioning') return []
  return [abandoned(job, tenant)]
}

function requireGoingOn({ signal }: Pick<Context, 'signal'>): void {
  if (signal.aborted) throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted: nothing was changed')
}

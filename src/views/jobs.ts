/** `job list` and `job show`: long work, where it stands, how long each step took and why it failed. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { firstRow, rows, sql, verbatim, type Sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { isUuid } from '../kernel/ids.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface JobListItem {
  id: string
  kind: string
  subject: string
  tenant: string | null
  status: string
  /** Running on paper only: its holder has not been heard of for longer than its lease. */
  stalled: boolean
  attempts: number
  created_at: string
  started_at: string | null
  finished_at: string | null
  /** From the first start to the end, or to now. */
  duration_ms: number | null
  error_code: string | null
}

export type JobList = Page<JobListItem>

export interface ShownJob extends JobListItem {
  tenant_id: string | null
  generation: number
  holder: { host: string; pid: number } | null
  lease: { until: string; alive: boolean } | null
  error: { code: string; message: string } | null
  input: Record<string, unknown>
  steps: JobStep[]
}

export interface JobStep {
  name: string
  status: string
  started_at: string
  finished_at: string | null
  duration_ms: number | null
  error: string | null
}

export interface JobFilters {
  status: readonly string[]
  kind: string | null
  /** Subdomains or ids; a job whose tenant is gone is found by the subdomain it was about. */
  tenant: readonly string[]
}

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const

const keys = { created: { by: verbatim('j.created_at'), type: 'timestamptz' } } satisfies Record<
  string,
  SortKey
>
const id: SortKey = { by: verbatim('j.id'), type: 'uuid' }
const from = verbatim('public.jobs j left join public.tenants t on t.id = j.tenant_id')
const columns = verbatim(`j.id, j.kind, j.subject, t.subdomain as tenant, j.status, j.attempts,
  j.status = 'running' and j.lease_until <= clock_timestamp() as stalled,
  j.created_at, j.started_at, j.finished_at, j.error ->> 'code' as error_code,
  extract(epoch from (coalesce(j.finished_at, clock_timestamp()) - j.started_at))::float8 * 1000 as duration_ms`)

type JobRow = Omit<JobListItem, 'created_at' | 'started_at' | 'finished_at'> & {
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
}

/** Newest first. */
export async function listJobs(
  ctx: Pick<Context, 'db'>,
  { status, kind, tenant }: JobFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<JobList> {
  const where: Sql[] = []
  if (status.length > 0) where.push(sql`j.status = any(${status}::text[])`)
  if (kind !== null) where.push(sql`j.kind = ${kind}`)
  if (tenant.length > 0)
    where.push(sql`(j.subject = any(${tenant}::text[]) or t.subdomain = any(${tenant}::text[])
      or j.tenant_id::text = any(${tenant}::text[]))`)
  const query = { columns, from, where, keys, id }
  const found = await readPage<JobRow>(ctx.db, query, { ...page, sort: '-created' })
  return { items: found.items.map(shaped), next_cursor: found.next_cursor }
}

/** The last jobs about one tenant. */
export async function latestJobs(
  ctx: Pick<Context, 'db'>,
  tenant: { id: TenantId; subdomain: string },
  limit: number,
): Promise<JobListItem[]> {
  const found = await rows<JobRow>(
    ctx.db,
    sql`select ${columns} from ${from} where j.tenant_id = ${tenant.id} order by j.created_at desc, j.id limit ${limit}`,
  )
  return found.map(shaped)
}

/** @param idOrBeginning the id, or enough of its beginning to tell it from the others */
export async function showJob(ctx: Pick<Context, 'db'>, idOrBeginning: string): Promise<ShownJob> {
  const jobId = await findJob(ctx, idOrBeginning)
  const job = await readJob(ctx, jobId)
  if (!job) throw notFound(idOrBeginning)
  const steps = await readSteps(ctx, jobId)
  const { lease_until, lease_alive, holder, ...rest } = job
  return {
    ...rest,
    ...shaped(rest),
    holder: holder && { host: holder.host, pid: holder.pid },
    lease: lease_until && { until: lease_until.toISOString(), alive: lease_alive },
    steps,
  }
}

type JobDetails = JobRow &
  Omit<ShownJob, keyof JobListItem | 'lease' | 'steps'> & { lease_until: Date | null; lease_alive: boolean }

async function readJob(ctx: Pick<Context, 'db'>, jobId: string): Promise<JobDetails | null> {
  return firstRow<JobDetails>(
    ctx.db,
    sql`select ${columns}, j.tenant_id, j.generation, j.holder, j.error, j.input, j.lease_until,
               coalesce(j.lease_until > clock_timestamp(), false) as lease_alive
        from ${from} where j.id = ${jobId}`,
  )
}

async function readSteps(ctx: Pick<Context, 'db'>, jobId: string): Promise<JobStep[]> {
  const steps = await rows<
    Omit<JobStep, 'started_at' | 'finished_at'> & { started_at: Date; finished_at: Date | null }
  >(
    ctx.db,
    sql`select name, status, started_at, finished_at, error,
               extract(epoch from (finished_at - started_at))::float8 * 1000 as duration_ms
        from public.job_steps where job_id = ${jobId} order by position, started_at`,
  )
  return steps.map((step) => ({
    ...step,
    started_at: step.started_at.toISOString(),
    finished_at: step.finished_at?.toISOString() ?? null,
    duration_ms: rounded(step.duration_ms),
  }))
}

async function findJob(ctx: Pick<Context, 'db'>, text: string): Promise<string> {
  if (isUuid(text)) return text
  if (!/^[0-9a-f-]{4,35}$/i.test(text)) throw notFound(text)
  const found = await rows<{ id: string }>(
    ctx.db,
    sql`select id from public.jobs where id::text like ${`${text.toLowerCase()}%`} order by created_at desc limit 3`,
  )
  if (found.length > 1) {
    throw new ErpmaxError('conflict', 'job.ambiguous', `More than one job begins with ${text}`, {
      hint: `erpmax job show ${found[0]?.id}`,
      details: { ids: found.map((job) => job.id) },
    })
  }
  if (!found[0]) throw notFound(text)
  return found[0].id
}

function notFound(text: string): ErpmaxError {
  return new ErpmaxError('not_found', 'job.not_found', `There is no job "${text.slice(0, 80)}"`, {
    hint: 'erpmax job list',
  })
}

function shaped(job: JobRow): JobListItem {
  const { id, kind, subject, tenant, status, stalled, attempts, error_code } = job
  return {
    ...{ id, kind, subject, tenant, status, stalled, attempts },
    created_at: job.created_at.toISOString(),
    started_at: job.started_at?.toISOString() ?? null,
    finished_at: job.finished_at?.toISOString() ?? null,
    duration_ms: rounded(job.duration_ms),
    error_code,
  }
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

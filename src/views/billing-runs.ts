/** `billing runs list|show`: what was run, by whom, how long it took and what came of it. */
import { readPage, type Page, type PageRequest, type SortKey } from '../database/keyset.js'
import { firstRow, rows, sql, verbatim, type Sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { listParked, type ParkedItem } from './parked.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export const runKinds = ['daily', 'invoices'] as const
export const runStates = ['running', 'succeeded', 'partial', 'failed'] as const

export interface BillingRunItem {
  id: string
  /** `daily`: billing run; `invoices`: one that bills alone. */
  kind: (typeof runKinds)[number]
  status: string
  /** Running on paper only: its holder has not been heard of for longer than its lease. */
  stalled: boolean
  as_of: PlainDate | null
  /** Null where no invoice was run. */
  issue_date: PlainDate | null
  operator: string
  started_at: string
  finished_at: string | null
  duration_ms: number
  tenants: number
  invoiced: number
  nothing_due: number
  parked: number
  skipped: number
  invoices: number
  credit_notes: number
  sums: { currency: string; invoiced: MoneyJson; credited: MoneyJson }[]
  error_code: string | null
}

export interface RunStep {
  code: string
  status: string
  duration_ms: number | null
  summary: Record<string, unknown>
  error: { code: string; message: string; hint: string | null } | null
}

export interface RunDocument {
  kind: 'invoice' | 'credit_note'
  id: string
  number: string
  tenant: string
  status: string
  issue_date: PlainDate
  due_date: PlainDate | null
  total: MoneyJson
}

export interface ShownBillingRun extends BillingRunItem {
  /** The run of the biller inside a daily one, or itself; what it parked and issued names it. */
  invoice_run_id: string | null
  holder: { host: string; pid: number } | null
  error: { code: string; message: string } | null
  steps: RunStep[]
}

export interface ShownRun {
  run: ShownBillingRun
  /** The first of them; `billing parked list --run` pages through all. */
  parked: ParkedItem[]
  documents: Page<RunDocument>
}

type Row = Omit<BillingRunItem, 'started_at' | 'finished_at' | 'sums'> & {
  started_at: Date
  finished_at: Date | null
  sums: Record<string, { invoiced_minor: number; credited_minor: number }> | null
  invoice_run_id: string | null
  holder: { host: string; pid: number } | null
  error: { code: string; message: string } | null
}

const numbers = `b.issue_date, coalesce(b.tenants, 0) as tenants, coalesce(b.invoiced, 0) as invoiced, coalesce(b.nothing_due, 0) as nothing_due,
  coalesce(b.parked, 0) as parked, coalesce(b.skipped, 0) as skipped, coalesce(b.invoices, 0) as invoices,
  coalesce(b.credit_notes, 0) as credit_notes, b.sums, b.id as invoice_run_id`
const daily = `select 'daily' as kind, d.id, d.status, d.as_of, d.operator, d.started_at, d.finished_at, d.lease_until, d.holder, d.error, ${numbers}
  from public.daily_runs d
  left join lateral (select * from public.billing_runs b where b.daily_run_id = d.id order by b.started_at desc limit 1) b on true`
const alone = `select 'invoices', b.id, b.status, b.as_of, b.operator, b.started_at, b.finished_at, b.lease_until, b.holder, b.error, ${numbers}
  from public.billing_runs b`
const columns =
  verbatim(`r.*, r.status = 'running' and r.lease_until <= clock_timestamp() as stalled, r.error ->> 'code' as error_code,
  extract(epoch from (coalesce(r.finished_at, clock_timestamp()) - r.started_at))::float8 * 1000 as duration_ms`)
const keys = { started: { by: verbatim('r.started_at'), type: 'timestamptz' } } satisfies Record<
  string,
  SortKey
>

export interface RunFilters {
  kind: readonly string[]
  status: readonly string[]
}

/** Newest first; the biller's part of a daily run is not listed beside it. */
export async function listBillingRuns(
  ctx: Pick<Context, 'db'>,
  { kind, status }: RunFilters,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<BillingRunItem>> {
  const where: Sql[] = []
  if (kind.length > 0) where.push(sql`r.kind = any(${kind}::text[])`)
  if (status.length > 0) where.push(sql`r.status = any(${status}::text[])`)
  const from = verbatim(`(${daily} union all ${alone} where b.daily_run_id is null) r`)
  const query = { columns, from, where, keys, id: { by: verbatim('r.id'), type: 'uuid' as const } }
  const found = await readPage<Row>(ctx.db, query, { ...page, sort: '-started' })
  return { items: found.items.map(shaped), next_cursor: found.next_cursor }
}

/** The one that ran last, of either kind, or null. */
export async function latestRun(ctx: Pick<Context, 'db'>): Promise<string | null> {
  const { items } = await listBillingRuns(ctx, { kind: [], status: [] }, { limit: 1, cursor: null })
  return items[0]?.id ?? null
}

const mostParked = 100

/**
 * @param id of either kind, or the beginning of one; null: the last run
 * @throws not_found `billing.run_not_found`; conflict `billing.run_ambiguous`
 */
export async function showBillingRun(
  ctx: Pick<Context, 'db'>,
  id: string | null,
  page: Omit<PageRequest, 'sort'>,
): Promise<ShownRun> {
  const found = await firstRow<Row>(
    ctx.db,
    sql`select ${columns} from ${verbatim(`(${daily} union all ${alone}) r`)} where r.id = ${await fullId(ctx, id)}`,
  )
  if (!found) throw notFound(id)
  const { invoice_run_id: runId, holder, error } = found
  const released = { released: true, code: null, runId: runId ?? '' }
  return {
    run: {
      ...shaped(found),
      ...{ invoice_run_id: runId, error },
      holder: holder && { host: holder.host, pid: holder.pid },
      steps: found.kind === 'daily' ? await stepsOf(ctx, found.id) : [],
    },
    parked: runId ? (await listParked(ctx, released, { limit: mostParked, cursor: null })).items : [],
    documents: runId ? await documentsOf(ctx, runId, page) : { items: [], next_cursor: null },
  }
}

async function fullId(ctx: Pick<Context, 'db'>, text: string | null): Promise<string> {
  if (text === null) {
    const latest = await latestRun(ctx)
    if (latest === null) throw notFound(null)
    return latest
  }
  if (!/^[0-9a-f-]{4,36}$/i.test(text)) throw notFound(text)
  const found = await rows<{ id: string }>(
    ctx.db,
    sql`select id from public.daily_runs where id::text like ${`${text.toLowerCase()}%`}
        union all select id from public.billing_runs where id::text like ${`${text.toLowerCase()}%`} limit 3`,
  )
  if (found.length > 1) {
    throw new ErpmaxError('conflict', 'billing.run_ambiguous', `More than one run begins with ${text}`, {
      hint: `erpmax billing runs show ${found[0]?.id}`,
      details: { ids: found.map((run) => run.id) },
    })
  }
  if (!found[0]) throw notFound(text)
  return found[0].id
}

function notFound(text: string | null): ErpmaxError {
  const message = text === null ? 'Nothing has been run yet' : `There is no run "${text.slice(0, 80)}"`
  const hint = text === null ? 'erpmax billing run --dry-run' : 'erpmax billing runs list'
  return new ErpmaxError('not_found', 'billing.run_not_found', message, { hint })
}

async function stepsOf(ctx: Pick<Context, 'db'>, id: string): Promise<RunStep[]> {
  const found = await rows<RunStep>(
    ctx.db,
    sql`select code, status, summary, error - 'kind' as error,
               extract(epoch from (finished_at - started_at))::float8 * 1000 as duration_ms
        from public.daily_run_steps where run_id = ${id} order by position`,
  )
  return found.map((step) => ({
    ...step,
    duration_ms: step.duration_ms === null ? null : Math.round(step.duration_ms),
  }))
}

async function documentsOf(
  ctx: Pick<Context, 'db'>,
  runId: string,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<RunDocument>> {
  const found = await readPage<Omit<RunDocument, 'total'> & { currency: string; total_minor: bigint }>(
    ctx.db,
    {
      columns: verbatim('d.*, t.subdomain as tenant'),
      from: sql`(
        select 'credit_note' as kind, id, tenant_id, number, 'issued' as status, issue_date, null::date as due_date, currency, total_minor
        from public.credit_notes where run_id = ${runId}
        union all
        select 'invoice', id, tenant_id, number, status, issue_date, due_date, currency, total_minor
        from public.invoices where run_id = ${runId}) d join public.tenants t on t.id = d.tenant_id`,
      where: [],
      keys: { number: { by: verbatim('d.number'), type: 'text' } },
      id: { by: verbatim('d.id'), type: 'uuid' },
    },
    { ...page, sort: 'number' },
  )
  return {
    items: found.items.map((one) => ({
      ...{ kind: one.kind, id: one.id, number: one.number, tenant: one.tenant, status: one.status },
      ...{ issue_date: one.issue_date, due_date: one.due_date },
      total: moneyJson({ amountMinor: one.total_minor, currency: one.currency }),
    })),
    next_cursor: found.next_cursor,
  }
}

function shaped(row: Row): BillingRunItem {
  const { id, kind, status, stalled, as_of, issue_date, operator, error_code } = row
  const { tenants, invoiced, nothing_due, parked, skipped, invoices, credit_notes } = row
  return {
    ...{ id, kind, status, stalled, as_of, issue_date, operator },
    ...{ started_at: row.started_at.toISOString(), finished_at: row.finished_at?.toISOString() ?? null },
    duration_ms: Math.round(row.duration_ms),
    ...{ tenants, invoiced, nothing_due, parked, skipped, invoices, credit_notes },
    sums: Object.entries(row.sums ?? {}).map(([currency, sum]) => ({
      currency,
      invoiced: { amount_minor: sum.invoiced_minor, currency },
      credited: { amount_minor: sum.credited_minor, currency },
    })),
    error_code,
  }
}

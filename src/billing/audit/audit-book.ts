/** `invoice audit`: puts every check to the whole book, as it is at one moment, and gathers what does not hold (rule 20). */
import { oneRow, rows, sql, verbatim } from '../../database/sql.js'
import { streamSnapshot } from '../../database/snapshot.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney } from '../../kernel/money.js'
import { requireSupplier } from '../supplier.js'
import { within, type Check, type Scope, type Severity } from './check.js'
import { checks } from './checks.js'
import type { Context } from '../../kernel/context.js'

export interface Finding {
  code: string
  rule: number
  severity: Severity
  /** The number of the document, with the line where it is about one; or what else is wrong: a run, a series, a movement. */
  document: string
  /** The subdomain, where the document belongs to a tenant. */
  tenant: string | null
  expected: string
  found: string
}

export interface CheckResult extends Omit<Check, 'find'> {
  /** How many faults; more than are listed where there are many. */
  findings: number
  duration_ms: number
}

/** Told after each check. */
export interface AuditProgress {
  event: 'check'
  done: number
  total: number
  check: CheckResult
  /** So far. */
  findings: number
}

export interface AuditedBook {
  audit: {
    sound: boolean
    from: string | null
    to: string | null
    invoices: number
    lines: number
    credit_notes: number
    payments: number
    findings: number
    duration_ms: number
  }
  checks: CheckResult[]
  findings: Finding[]
  /** True where a check found more than are listed. */
  findings_truncated: boolean
}

type Ctx = Pick<Context, 'db' | 'clock' | 'signal'>

/** Listed of one check: a rule that is broken everywhere is not told a hundred thousand times. */
const mostListed = 100

/** @throws conflict `billing.supplier_missing`; usage `usage.days_reversed` */
export async function* auditBook(ctx: Ctx, scope: Scope): AsyncGenerator<AuditProgress, AuditedBook, void> {
  if (scope.from !== null && scope.to !== null && scope.to < scope.from) {
    throw new ErpmaxError('usage', 'usage.days_reversed', `${scope.to} is before ${scope.from}`)
  }
  await requireSupplier(ctx)
  return yield* streamSnapshot(ctx, (inner) => putAll(inner, scope))
}

async function* putAll(ctx: Ctx, scope: Scope): AsyncGenerator<AuditProgress, AuditedBook, void> {
  const began = performance.now()
  // Sorts and hashes of a whole book stay in memory; compiling a query costs more than it saves here.
  await rows(
    ctx.db,
    verbatim("set local work_mem = '64MB'; set local jit = off; set local statement_timeout = '85s'"),
  )
  const size = await countBook(ctx, scope)
  const done: CheckResult[] = []
  const findings: Finding[] = []
  for (const check of checks) {
    if (ctx.signal.aborted) throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted')
    const { result, listed } = await put(ctx, check, scope)
    done.push(result)
    findings.push(...listed)
    const sum = total(done)
    yield { event: 'check', done: done.length, total: checks.length, check: result, findings: sum }
  }
  const found = total(done)
  return {
    audit: {
      sound: found === 0,
      ...scope,
      ...size,
      findings: found,
      duration_ms: Math.round(performance.now() - began),
    },
    checks: done,
    findings,
    findings_truncated: findings.length < found,
  }
}

async function put(
  ctx: Pick<Context, 'db'>,
  check: Check,
  scope: Scope,
): Promise<{ result: CheckResult; listed: Finding[] }> {
  const { find, ...facts } = check
  const began = performance.now()
  const found = await rows<Pick<Finding, 'document' | 'tenant' | 'expected' | 'found'> & { total: number }>(
    ctx.db,
    sql`select f.document, t.subdomain as tenant, f.expected, f.found, f.total
        from (select *, count(*) over ()::int as total from (${find(scope)}) f order by document, found limit ${mostListed}) f
        left join public.tenants t on t.id = f.tenant_id order by f.document, f.found`,
  )
  const { code, rule, severity } = facts
  return {
    result: {
      ...facts,
      findings: found[0]?.total ?? 0,
      duration_ms: Math.round(performance.now() - began),
    },
    listed: found.map(({ total: _total, document, tenant, ...row }) => ({
      ...{ code, rule, severity, document, tenant },
      expected: printed(row.expected),
      found: printed(row.found),
    })),
  }
}

/** Amounts come as `{{49900 INR}}`, since only the program knows how many decimals a currency has. */
function printed(text: string): string {
  return text.replace(/\{\{(-?\d+) ([A-Z]{3})\}\}/g, (_all, minor: string, currency: string) =>
    formatMoney({ amountMinor: BigInt(minor), currency }),
  )
}

function total(done: readonly CheckResult[]): number {
  return done.reduce((sum, { findings }) => sum + findings, 0)
}

async function countBook(
  ctx: Pick<Context, 'db'>,
  scope: Scope,
): Promise<Pick<AuditedBook['audit'], 'invoices' | 'lines' | 'credit_notes' | 'payments'>> {
  const issued = within(sql`i.issue_date`, scope)
  return oneRow(
    ctx.db,
    sql`select (select count(*)::int from public.invoices i where i.number is not null and ${issued}) as invoices,
               (select count(*)::int from public.invoice_lines l join public.invoices i on i.id = l.invoice_id where i.number is not null and ${issued}) as lines,
               (select count(*)::int from public.credit_notes i where ${issued}) as credit_notes,
               (select count(*)::int from public.payments i where ${within(sql`i.received_on`, scope)}) as payments`,
  )
}

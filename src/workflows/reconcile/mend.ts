/** Does about findings what is safe: it brings records in line with what is there, and destroys nothing. */
import { execute, oneRow, rows, sql, Sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { translated } from '../../database/sql-errors.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { abandonJob } from '../../operations/abandoned-jobs.js'
import { audit } from '../../operations/audit.js'
import { loadSnapshot } from '../../schemas/baseline.js'
import { fingerprintQuery, type Fingerprint } from '../../schemas/fingerprint.js'
import { holdBaseModule } from '../../subscriptions/soundness.js'
import { lockTenant, moveTenant } from '../../tenants/move.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'
import type { Finding, Fix, Found } from './findings.js'

const action = 'tenant.reconcile'

/**
 * Each finding in a transaction of its own, so that one that cannot be mended keeps no other from it. Yields those that
 * it tried, and gives all.
 */
export async function* mend(ctx: Context, found: readonly Found[]): AsyncGenerator<Finding, Finding[], void> {
  const done: Finding[] = []
  for (const { finding, tenantId, fix } of found) {
    if (ctx.signal.aborted)
      throw new ErpmaxError(
        'interrupted',
        'interrupted',
        `Interrupted after ${done.length} of ${found.length} findings`,
        {
          hint: 'The same command again goes on: what is mended stays mended',
        },
      )
    if (fix === null) {
      done.push(finding)
      continue
    }
    const mended = await mendOne(ctx, finding, tenantId, fix)
    done.push(mended)
    yield mended
  }
  return done
}

async function mendOne(
  ctx: Context,
  finding: Finding,
  tenantId: TenantId | null,
  fix: Fix,
): Promise<Finding> {
  const entry = {
    action,
    subjectKind: finding.tenant === null ? 'job' : 'tenant',
    subject: finding.tenant ?? (fix.what === 'fail_job' ? fix.subject : ''),
    tenantId,
  }
  try {
    await transaction(ctx, async (inner) => {
      await apply(inner, fix)
      await audit(inner, { ...entry, outcome: 'succeeded', after: { kind: finding.kind, ...described(fix) } })
    })
    return { ...finding, fixed: true }
  } catch (thrown) {
    const error = translated(thrown)
    if (!(error instanceof ErpmaxError) || error.kind === 'dependency') throw error
    const outcome = error.kind === 'failure' ? 'failed' : 'refused'
    await transaction(ctx, (inner) => audit(inner, { ...entry, outcome, errorCode: error.code }))
    return { ...finding, error: { code: error.code, message: messageOf(error) } }
  }
}

async function apply(ctx: Context, fix: Fix): Promise<void> {
  switch (fix.what) {
    case 'fail_tenant':
      return failTenant(ctx, fix.tenantId, fix.jobId)
    case 'fail_job':
      return abandonJob(ctx, fix.jobId)
    case 'record_fingerprint':
      return recordFingerprint(ctx, fix.tenantId)
    case 'hold_base':
      return holdBaseModule(ctx, fix.subscription, fix.module)
  }
}

/** A creation whose process is gone has failed, and its tenant with it. */
async function failTenant(ctx: Context, tenantId: TenantId, jobId: string | null): Promise<void> {
  const status = await lockTenant(ctx, tenantId)
  if (status !== 'provisioning') throw changed(status)
  await requireNobodyAtWork(ctx, tenantId, jobId)
  if (jobId !== null) await abandonJob(ctx, jobId)
  await moveTenant(ctx, tenantId, 'failed', 'its creation was abandoned')
}

/** Somebody may have taken the tenant up since it was looked at, with a job that was not there then. */
async function requireNobodyAtWork(ctx: Context, tenantId: TenantId, jobId: string | null): Promise<void> {
  const others = await rows<{ id: string }>(
    ctx.db,
    sql`select id from public.jobs where tenant_id = ${tenantId} and status = 'running' and id is distinct from ${jobId}::uuid
        and lease_until > clock_timestamp()`,
  )
  if (others[0]) {
    throw new ErpmaxError('busy', 'job.busy', 'Somebody is at work at it by now', {
      hint: `erpmax job show ${others[0].id}`,
    })
  }
}

async function recordFingerprint(ctx: Context, tenantId: TenantId): Promise<void> {
  const snapshot = await loadSnapshot()
  const { schema_name: schema } = await oneRow<{ schema_name: string }>(
    ctx.db,
    sql`select schema_name from public.tenant_placements where tenant_id = ${tenantId} for update`,
  )
  await rows(ctx.db, sql`select pg_advisory_xact_lock_shared(hashtextextended(${schema}, 0))`)
  const { fingerprint } = await oneRow<Fingerprint>(
    ctx.db,
    new Sql(fingerprintQuery.replace('$1', '?'), [schema]),
  )
  if (fingerprint !== snapshot.fingerprint) throw changed('different')
  await execute(
    ctx.db,
    sql`update public.tenant_placements set fingerprint = ${fingerprint}, schema_version = ${snapshot.version},
               built_at = coalesce(built_at, now()), updated_at = now() where tenant_id = ${tenantId}`,
  )
}

function changed(now: string): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'reconcile.changed',
    `It has changed since it was looked at: it is ${now}`,
  )
}

/** What the audit log says of it. */
function described(fix: Fix): Record<string, unknown> {
  return fix.what === 'hold_base' ? { fix: fix.what, module: fix.module } : { fix: fix.what }
}

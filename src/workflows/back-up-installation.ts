/** The backup of a whole installation: the control plane and every tenant's schema as they were at one moment, in one file. */
import { longTransaction } from '../database/long-transaction.js'
import { rows, sql } from '../database/sql.js'
import { isUniqueViolation } from '../database/sql-errors.js'
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { schemaName, type TenantId } from '../kernel/ids.js'
import { placeBackup, requireFree, type BackupPlace } from '../schemas/backup/file.js'
import { atOneMoment } from '../schemas/backup/moment.js'
import { inVolumes } from '../schemas/backup/progress.js'
import { loadSnapshot } from '../schemas/baseline.js'
import { installationBackupKind, installationSubject, startForInstallation } from './backup-jobs.js'
import { writeControlPlaneVolume, writeTenantVolume } from './backup-volumes.js'
import { writeBackup, type WrittenContent } from './write-backup.js'
import type { Context } from '../kernel/context.js'
import type { StepProgress, WorkflowEvent } from '../kernel/workflow.js'
import type { HeldJob } from '../operations/jobs.js'
import type { BackupJson } from '../schemas/backup/record.js'
import type { BackupWriter } from '../schemas/backup/writer.js'
import type { PlacedTenant } from '../tenants/find.js'

/** How often it begins anew where a tenant has come between the locks and the moment. */
const attempts = 5

/**
 * Each schema is read in a transaction of its own, all of one moment, so that the lock table suffices for any number.
 * @throws conflict `backup.file_exists`; busy `job.busy`; failure `backup.unwritable`, `backup.disk_full`
 */
export async function* backUpInstallation(
  ctx: Context,
  output: string | undefined,
): AsyncGenerator<WorkflowEvent, BackupJson, void> {
  const place = await placeBackup(ctx, installationSubject, output)
  return yield* writeBackup(ctx, {
    ...{ kind: installationBackupKind, tenant: null, place, purpose: 'installation' },
    title: 'Copy the control plane and every tenant',
    groups: [],
    takeJob: () => takeJob(ctx, place),
    write: (writer) => writeAll(ctx, writer),
  })
}

async function takeJob(ctx: Context, place: BackupPlace): Promise<HeldJob> {
  const { file, partial } = place
  try {
    return await transaction(ctx, async (inner) => {
      const request = { input: { file, partial, purpose: 'installation' }, inputHash: file }
      const job = await startForInstallation(inner, installationBackupKind, request)
      await requireFree(place)
      return job
    })
  } catch (error) {
    if (isUniqueViolation(error, 'jobs_running_key')) throw anotherRuns(error)
    throw error
  }
}

async function* writeAll(
  ctx: Context,
  writer: BackupWriter,
): AsyncGenerator<StepProgress, WrittenContent, void> {
  for (let attempt = 1; ; attempt++) {
    const locked = (await placedSchemas(ctx)).map(({ schema }) => schema)
    const written = yield* atOneMoment(ctx, locked, async function* (moment) {
      const tenants = yield* inSnapshot(ctx, moment, (inner) => placedSchemas(inner))
      if (attempt < attempts && tenants.some(({ schema }) => !locked.includes(schema))) return null
      return yield* writeVolumes(ctx, writer, moment, tenants)
    })
    if (written) return written
  }
}

async function* writeVolumes(
  ctx: Context,
  writer: BackupWriter,
  moment: string,
  tenants: readonly PlacedTenant[],
): AsyncGenerator<StepProgress, WrittenContent, void> {
  const total = tenants.length + 1
  const controlPlane = yield* inVolumes('control plane', { done: 0, total }, () =>
    longTransaction(ctx, { mode: 'snapshot', moment }, (inner) =>
      writeControlPlaneVolume(inner, writer, tenants.length),
    ),
  )
  let { tables, rows: rowCount } = controlPlane
  for (const [index, tenant] of tenants.entries()) {
    const volume = yield* inVolumes(tenant.subdomain, { done: index + 1, total }, () =>
      longTransaction(ctx, { mode: 'snapshot', moment }, (inner) =>
        writeTenantVolume(inner, writer, tenant, tenants.length - 1 - index),
      ),
    )
    tables += volume.tables
    rowCount += volume.rows
  }
  return { tables, rows: rowCount, schemaVersion: (await loadSnapshot()).version }
}

async function* inSnapshot<Result>(
  ctx: Context,
  moment: string,
  read: (inner: Context) => Promise<Result>,
): AsyncGenerator<never, Result, void> {
  return yield* longTransaction(ctx, { mode: 'snapshot', moment }, async function* (inner) {
    return read(inner)
  })
}

/** Tenants whose schema is there, whatever state they are in. */
async function placedSchemas(ctx: Pick<Context, 'db'>): Promise<PlacedTenant[]> {
  const found = await rows<Omit<PlacedTenant, 'schema' | 'id'> & { id: TenantId; schema_name: string }>(
    ctx.db,
    sql`select t.id, t.subdomain, t.status, p.schema_name, p.generation
        from public.tenants t join public.tenant_placements p on p.tenant_id = t.id
        join pg_catalog.pg_namespace n on n.nspname = p.schema_name
        where t.status <> 'deleted' order by t.subdomain`,
  )
  return found.map(({ schema_name, ...tenant }) => ({ ...tenant, schema: schemaName(schema_name) }))
}

function anotherRuns(cause: unknown): ErpmaxError {
  return new ErpmaxError('busy', 'job.busy', 'The installation is being worked on by another process', {
    hint: 'erpmax job list --status running',
    cause,
  })
}

/** The backup of one tenant: a file that holds its data and its control-plane rows as they were at one moment. */
import { rm } from 'node:fs/promises'
import { longTransaction } from '../database/long-transaction.js'
import { isConnectionError } from '../database/sql-errors.js'
import { transaction } from '../database/transaction.js'
import { drain, runWorkflow, silent, type StepProgress, type WorkflowEvent } from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { failJob, hasSucceeded, succeedJob, type HeldJob } from '../operations/jobs.js'
import { recordBackup, type BackupJson, type BackupPurpose } from '../schemas/backup/record.js'
import { BackupFile, makeFolder, placeBackup, requireFree, type BackupPlace } from '../schemas/backup/file.js'
import { BackupWriter, type WrittenFile } from '../schemas/backup/writer.js'
import { moduleCodes } from '../subscriptions/catalogue.js'
import { loadBaseline, moduleSizes } from '../schemas/baseline.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { lockTenant } from '../tenants/move.js'
import { backupKind, requireIdle, startAnew } from './backup-jobs.js'
import { eachTenant, type TenantOutcome } from './each-tenant.js'
import { JobRun } from './job-run.js'
import { writeTenantVolume, type WrittenVolume } from './write-backup.js'
import type { Context } from '../kernel/context.js'
import type { PlacedTenant } from '../tenants/find.js'

export type { BackupJson }

export interface BackUpOptions {
  /** A file, or a folder that is there; undefined: the folder `backups` of the home. */
  output?: string
  purpose: Exclude<BackupPurpose, 'installation'>
}

interface Written extends WrittenFile, WrittenVolume {
  path: string
}

/**
 * Nobody has to stop working meanwhile: all of it is read in one repeatable-read transaction.
 * @throws conflict `tenant.not_active`, `backup.schema_absent`, `backup.file_exists`; busy `job.busy`;
 *   failure `backup.unwritable`, `backup.disk_full`
 */
export async function* backUpTenant(
  ctx: Context,
  tenant: PlacedTenant,
  { output, purpose }: BackUpOptions,
): AsyncGenerator<WorkflowEvent, BackupJson, void> {
  const { subdomain } = tenant
  const place = await placeBackup(ctx, subdomain, output)
  const run = new JobRun(ctx, 'backup')
  run.hold(await takeJob(ctx, tenant, place, purpose), true)
  let written: Written | undefined
  let backup: BackupJson | undefined
  const steps = [
    {
      name: 'copy',
      title: `Copy the data of ${subdomain}`,
      groups: moduleSizes(await loadBaseline(), await moduleCodes(ctx)),
      async *run() {
        written = yield* writeFile(ctx, tenant, place)
        return `${written.rows} rows in ${written.tables} tables`
      },
      async undo() {
        if (written) await rm(written.path, { force: true })
        await transaction(ctx, (inner) =>
          failJob(inner, run.job, { code: 'rolled_back', message: 'The run was rolled back' }),
        )
      },
    },
    {
      name: 'record',
      title: 'Record the backup',
      run: silent(async () => {
        try {
          await record(run, tenant, purpose, written, (made) => (backup = made))
        } catch (error) {
          // Where the answer to COMMIT is lost, look.
          if (!isConnectionError(error) || !(await hasSucceeded(ctx, run.job))) throw error
        }
      }),
    },
  ]
  try {
    yield* runWorkflow(steps, run.hooks())
  } catch (error) {
    // The job is still ours and not at its end: the file is on no record, and never will be.
    throw await run.settle(error, 'the backup', async () => {
      if (written) await rm(written.path, { force: true })
    })
  }
  if (!backup) throw new Error('the backup was not recorded')
  return backup
}

/** One after the other; `output` is a folder, made where it is missing. */
export async function* backUpTenants(
  ctx: Context,
  tenants: readonly PlacedTenant[],
  { output, purpose }: BackUpOptions,
): AsyncGenerator<TenantOutcome<BackupJson>, void, void> {
  const folder = output === undefined ? {} : { output: await makeFolder(output) }
  yield* eachTenant(ctx, tenants, backupKind, (tenant) =>
    drain(backUpTenant(ctx, tenant, { ...folder, purpose })),
  )
}

async function takeJob(
  ctx: Context,
  { id, subdomain }: PlacedTenant,
  place: BackupPlace,
  purpose: BackupPurpose,
): Promise<HeldJob> {
  return transaction(ctx, async (inner) => {
    await lockTenant(inner, id)
    await assertTenantMay(inner, { id }, 'export')
    await requireIdle(inner, subdomain)
    const { file, partial } = place
    const input = { file, partial, purpose }
    const request = { kind: backupKind, subject: subdomain, tenantId: id, input, inputHash: file }
    const job = await startAnew(inner, request)
    await requireFree(place)
    return job
  })
}

/** The file has its name when this returns; where it throws there is none. */
async function* writeFile(
  ctx: Context,
  tenant: PlacedTenant,
  place: BackupPlace,
): AsyncGenerator<StepProgress, Written, void> {
  const file = await BackupFile.create(place)
  const writer = new BackupWriter((bytes) => file.write(bytes))
  try {
    const volume = yield* longTransaction(ctx, { mode: 'snapshot' }, (inner) =>
      writeTenantVolume(inner, writer, tenant, 0),
    )
    const whole = await writer.finish()
    await ctx.failpoint('backup.before_publish')
    return { ...volume, bytes: whole.bytes, sha256: whole.sha256, path: await file.publish() }
  } finally {
    await writer.abandon()
    await file.discard()
  }
}

async function record(
  run: JobRun,
  { id, subdomain }: PlacedTenant,
  purpose: BackupPurpose,
  written: Written | undefined,
  made: (backup: BackupJson) => void,
): Promise<void> {
  if (!written) throw new Error('nothing was written')
  const { path: file, bytes, sha256, tables, rows, schemaVersion } = written
  await run.step('record', async (inner) => {
    const facts = { file, bytes, sha256, tables, rows, purpose }
    made(await recordBackup(inner, { ...facts, tenantId: id, subdomain, schemaVersion }))
    await audit(inner, {
      action: backupKind,
      subjectKind: 'tenant',
      subject: subdomain,
      tenantId: id,
      outcome: 'succeeded',
      after: facts,
    })
    await succeedJob(inner, run.job)
  })
}

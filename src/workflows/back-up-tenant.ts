/** The backup of one tenant: a file that holds its data and its control-plane rows as they were at one moment. */
import { longTransaction } from '../database/long-transaction.js'
import { transaction } from '../database/transaction.js'
import { drain, type WorkflowEvent } from '../kernel/workflow.js'
import { makeFolder, placeBackup, requireFree, type BackupPlace } from '../schemas/backup/file.js'
import { atOneMoment } from '../schemas/backup/moment.js'
import { moduleCodes } from '../subscriptions/catalogue.js'
import { loadBaseline, moduleSizes } from '../schemas/baseline.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { lockTenant } from '../tenants/move.js'
import { backupKind, requireIdle, startAnew } from './backup-jobs.js'
import { writeTenantVolume } from './backup-volumes.js'
import { eachTenant, type TenantOutcome } from './each-tenant.js'
import { writeBackup } from './write-backup.js'
import type { Context } from '../kernel/context.js'
import type { HeldJob } from '../operations/jobs.js'
import type { BackupJson, BackupPurpose } from '../schemas/backup/record.js'
import type { PlacedTenant } from '../tenants/find.js'

export type { BackupJson }

export interface BackUpOptions {
  /** A file, or a folder that is there; undefined: the folder `backups` of the home. */
  output?: string
  purpose: Exclude<BackupPurpose, 'installation'>
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
  const place = await placeBackup(ctx, tenant.subdomain, output)
  return yield* writeBackup(ctx, {
    ...{ kind: backupKind, tenant, place, purpose },
    title: `Copy the data of ${tenant.subdomain}`,
    groups: moduleSizes(await loadBaseline(), await moduleCodes(ctx)),
    takeJob: () => takeJob(ctx, tenant, place, purpose),
    write: (writer) =>
      atOneMoment(ctx, [tenant.schema], (moment) =>
        longTransaction(ctx, { mode: 'snapshot', moment }, (inner) =>
          writeTenantVolume(inner, writer, tenant, 0),
        ),
      ),
  })
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

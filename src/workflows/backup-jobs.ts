/** Who may work on the data of a tenant as a whole: one backup, restore or build at a time. */
import { rm } from 'node:fs/promises'
import {
  anyHeldJob,
  failJob,
  isHeld,
  latestJob,
  busyError,
  startJob,
  type HeldJob,
  type Job,
} from '../operations/jobs.js'
import { headOf } from '../schemas/backup/head.js'
import { ErpmaxError } from '../kernel/errors.js'
import { shellWord } from '../kernel/shell-word.js'
import { removePartial } from '../schemas/backup/file.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { StateBefore } from '../tenants/restoring.js'

export const backupKind = 'backup.create'
export const restoreKind = 'backup.restore'
export const installationBackupKind = 'db.backup'
export const installationRestoreKind = 'db.restore'
export const installationSubject = 'installation'

/** Kinds of jobs that read or write all of a tenant's data. */
const wholeKinds = ['tenant.create', 'tenant.delete', 'schema.provision', backupKind, restoreKind]

/**
 * The caller holds the tenant's row, so that two that ask at once are told apart. A job of this very process is the
 * story that this is a part of: an archiving that exports first.
 * @throws busy `job.busy`
 */
export async function requireIdle(ctx: Pick<Context, 'db' | 'processes'>, subdomain: string): Promise<void> {
  for (const kind of wholeKinds) {
    const job = await latestJob(ctx, kind, subdomain)
    if (job && isHeld(ctx, job) && !isOwn(ctx, job)) throw busyError(job, subdomain)
  }
}

function isOwn({ processes: { self } }: Pick<Context, 'processes'>, { holder }: Job): boolean {
  return holder?.host === self.host && holder.pid === self.pid && holder.startedAt === self.startedAt
}

/** What the job of a restore keeps, so that the next run knows what this one had begun. */
export interface RestoreInput {
  file: string
  sha256: string
  /** The state to go back to; null for a new tenant. */
  before: StateBefore | null
  /** The old data is gone: the schema was, or is being, built anew. */
  rebuilding: boolean
}

/** What the last restore of this tenant had begun, where it did not come to its end. The job's row is locked. */
export async function unfinishedRestore(
  ctx: Pick<Context, 'db'>,
  { id, subdomain }: { id: TenantId; subdomain: string },
): Promise<RestoreInput | null> {
  const job = await latestJob(ctx, restoreKind, subdomain)
  return job && job.tenant_id === id && job.status !== 'succeeded'
    ? (job.input as unknown as RestoreInput)
    : null
}

/**
 * For whoever would make something else of an unfinished tenant, its data being in a backup.
 * @throws conflict `tenant.restore_unfinished`
 */
export async function requireNoRestore(
  ctx: Pick<Context, 'db'>,
  tenant: { id: TenantId; subdomain: string },
): Promise<void> {
  const unfinished = await unfinishedRestore(ctx, tenant)
  if (!unfinished) return
  const { subdomain } = tenant
  const target = unfinished.before ? `--confirm ${subdomain}` : `--as ${subdomain}`
  throw new ErpmaxError(
    'conflict',
    'tenant.restore_unfinished',
    `${subdomain} is being restored from ${unfinished.file}, which did not come to its end`,
    { hint: `erpmax backup restore ${shellWord(unfinished.file)} ${target}` },
  )
}

/**
 * A job about the whole installation: one backup or restore of it at a time, and a restore only while nothing else goes on.
 * @throws busy `job.busy`
 */
export async function startForInstallation(
  ctx: Context,
  kind: string,
  request: { input: Record<string, unknown>; inputHash: string },
): Promise<HeldJob> {
  const subject = installationSubject
  for (const other of [installationBackupKind, installationRestoreKind]) {
    const job = await latestJob(ctx, other, subject)
    if (job && isHeld(ctx, job)) throw busyError(job, 'The installation')
  }
  // What is being built or loaded would lose its rows in the middle of it.
  const held = kind === installationRestoreKind ? await anyHeldJob(ctx) : null
  if (held) throw busyError(held, 'The installation')
  return startAnew(ctx, { kind, subject, tenantId: null, ...request })
}

/** A new job; one whose process is gone is over, and so is the file it was writing. */
export async function startAnew(
  ctx: Pick<Context, 'db' | 'processes'>,
  request: Parameters<typeof startJob>[1],
): Promise<HeldJob> {
  const earlier = await latestJob(ctx, request.kind, request.subject)
  if (earlier && (earlier.status === 'running' || earlier.status === 'queued')) await abandon(ctx, earlier)
  return startJob(ctx, request)
}

async function abandon(ctx: Pick<Context, 'db'>, job: Job): Promise<void> {
  await failJob(ctx, job, { code: 'job.abandoned', message: 'Its process was gone' })
  const { partial, file } = job.input as { partial?: unknown; file?: unknown }
  await removePartial(partial)
  if (job.kind === backupKind && typeof file === 'string' && (await isItsOwn(job, file)))
    await rm(file, { force: true })
}

/** The file had its name already, and its process died before that was on record: of this tenant, and not older than the job. */
async function isItsOwn(job: Job, file: string): Promise<boolean> {
  try {
    const { tenant, created_at } = await headOf(file)
    return tenant?.id === job.tenant_id && Date.parse(created_at) >= job.created_at.getTime()
  } catch {
    return false
  }
}

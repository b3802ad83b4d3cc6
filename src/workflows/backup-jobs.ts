/** Who may work on the data of a tenant as a whole: one backup, restore or build at a time. */
import {
  failJob,
  isHeld,
  latestJob,
  busyError,
  startJob,
  type HeldJob,
  type Job,
} from '../operations/jobs.js'
import { removePartial } from '../schemas/backup/file.js'
import type { Context } from '../kernel/context.js'

export const backupKind = 'backup.create'
export const restoreKind = 'backup.restore'

/** Kinds of jobs that read or write all of a tenant's data. */
const wholeKinds = ['tenant.create', 'tenant.delete', 'schema.provision', backupKind, restoreKind]

/**
 * The caller holds the tenant's row, so that two that ask at once are told apart.
 * @throws busy `job.busy`
 */
export async function requireIdle(ctx: Pick<Context, 'db' | 'processes'>, subdomain: string): Promise<void> {
  for (const kind of wholeKinds) {
    const job = await latestJob(ctx, kind, subdomain)
    if (job && isHeld(ctx, job)) throw busyError(job, subdomain)
  }
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
  await removePartial((job.input as { partial?: unknown }).partial)
}

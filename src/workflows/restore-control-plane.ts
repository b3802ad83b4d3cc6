/** The last transaction of an installation's restore: every row of the control plane, and nothing that was here before. */
import { longTransaction } from '../database/long-transaction.js'
import { execute, oneRow, sql } from '../database/sql.js'
import { audit } from '../operations/audit.js'
import { succeedJob } from '../operations/jobs.js'
import { doubtQueuedMails } from '../operations/mail/queue.js'
import { endRestoredWaysIn, readEndedKeys } from '../people/after-restore.js'
import { undress } from '../schemas/backup/bare.js'
import { BackupCursor } from '../schemas/backup/cursor.js'
import { emptyTables, loadTables, restartSequences } from '../schemas/backup/load.js'
import { Progress } from '../schemas/backup/progress.js'
import { recordBackup, type NewBackup } from '../schemas/backup/record.js'
import { installationBackupKind, installationRestoreKind, installationSubject } from './backup-jobs.js'
import type { Context } from '../kernel/context.js'
import type { FileHandle } from 'node:fs/promises'
import type { JobRun } from './job-run.js'
import type { Volume } from './verify-backup.js'

/**
 * Tells no progress: with the tables of the jobs locked no lease can be renewed, and none is looked at.
 * @param record what the backup is listed as: its own row and the end of its job came after the moment it holds
 * @param facts for the audit log
 */
export async function restoreControlPlane(
  ctx: Context,
  file: FileHandle,
  run: JobRun,
  { head, manifest }: Volume,
  { record, facts }: { record: NewBackup; facts: Record<string, unknown> },
): Promise<void> {
  const tables = manifest.sections.map(({ name }) => name)
  const work = longTransaction(ctx, { mode: 'write' }, async function* (inner): AsyncGenerator<never, void> {
    const job = await ownJob(inner, run)
    const dress = await undress(inner, 'public', tables)
    const ended = await readEndedKeys(inner)
    await emptyTables(inner, 'public', tables)
    const cursor = new BackupCursor(file)
    await cursor.nextVolume()
    const loading = loadTables(inner, cursor, {
      ...{ schema: 'public', manifest, progress: new Progress(head.groups) },
    })
    for await (const _ of loading);
    await restartSequences(inner, 'public', manifest.sequences)
    await putBack(inner, job)
    await dress()
    await endJobs(inner, run)
    await doubtQueuedMails(inner)
    await forgetServers(inner)
    await endRestoredWaysIn(inner, ended)
    await recordBackup(inner, record)
    await run.within(inner, 'control', async (last) => {
      await audit(last, {
        action: installationRestoreKind,
        subjectKind: 'installation',
        subject: installationSubject,
        outcome: 'succeeded',
        after: facts,
      })
      await succeedJob(last, run.job)
    })
    await ctx.failpoint('db_restore.before_commit')
  })
  for await (const _ of work);
}

/** The job of this very run, which goes with all the others. */
async function ownJob(ctx: Pick<Context, 'db'>, run: JobRun): Promise<string> {
  const { job } = await oneRow<{ job: string }>(
    ctx.db,
    sql`select to_jsonb(j)::text as job from public.jobs j where j.id = ${run.job.id} for update`,
  )
  return job
}

async function putBack(ctx: Pick<Context, 'db'>, job: string): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.jobs select * from jsonb_populate_record(null::public.jobs, ${job}::jsonb)`,
  )
}

/** What was running when the backup was made runs nowhere any more; the job that made it is the one that came to its end. */
async function endJobs(ctx: Pick<Context, 'db'>, run: JobRun): Promise<void> {
  const error = JSON.stringify({ code: 'job.abandoned', message: 'It was running when the backup was made' })
  await execute(
    ctx.db,
    sql`update public.jobs
        set status = case when kind = ${installationBackupKind} then 'succeeded' when status = 'running' then 'failed' else 'cancelled' end,
            error = case when kind <> ${installationBackupKind} then ${error}::jsonb end,
            holder = null, lease_until = null, finished_at = clock_timestamp(), updated_at = now()
        where status in ('running', 'queued') and id <> ${run.job.id}`,
  )
}

/** The identity of a server is that of where the backup came from. */
async function forgetServers(ctx: Pick<Context, 'db'>): Promise<void> {
  await execute(ctx.db, sql`update public.database_servers set system_identifier = null, updated_at = now()`)
}

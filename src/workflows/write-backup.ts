/** The story of every backup: write the file, give it its name, put it on record; or leave nothing behind. */
import { rm } from 'node:fs/promises'
import { isConnectionError } from '../database/sql-errors.js'
import { transaction } from '../database/transaction.js'
import {
  runWorkflow,
  silent,
  type ProgressGroup,
  type StepProgress,
  type WorkflowEvent,
} from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { failJob, hasSucceeded, succeedJob, type HeldJob } from '../operations/jobs.js'
import { BackupFile, type BackupPlace } from '../schemas/backup/file.js'
import { recordBackup, type BackupJson, type BackupPurpose } from '../schemas/backup/record.js'
import { BackupWriter, type WrittenFile } from '../schemas/backup/writer.js'
import { JobRun } from './job-run.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface BackupStory {
  /** The kind of its job, and its action in the audit log. */
  kind: string
  /** Of a tenant; null for the whole installation. */
  tenant: { id: TenantId; subdomain: string } | null
  title: string
  groups: ProgressGroup[]
  place: BackupPlace
  purpose: BackupPurpose
  takeJob(): Promise<HeldJob>
  /** Writes every volume. */
  write(writer: BackupWriter): AsyncGenerator<StepProgress, WrittenContent, void>
}

export interface WrittenContent {
  tables: number
  rows: number
  schemaVersion: string | null
}

interface Written extends WrittenFile, WrittenContent {
  path: string
}

/** @throws failure `backup.unwritable`, `backup.disk_full`; and what taking the job refuses */
export async function* writeBackup(
  ctx: Context,
  story: BackupStory,
): AsyncGenerator<WorkflowEvent, BackupJson, void> {
  const run = new JobRun(ctx, 'backup')
  run.hold(await story.takeJob(), true)
  let written: Written | undefined
  let backup: BackupJson | undefined
  const steps = [
    {
      name: 'copy',
      title: story.title,
      groups: story.groups,
      async *run() {
        written = yield* writeFile(ctx, story)
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
          await record(run, story, written, (made) => (backup = made))
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

/** The file has its name when this returns; where it throws there is none. */
async function* writeFile(
  ctx: Context,
  { place, write }: BackupStory,
): AsyncGenerator<StepProgress, Written, void> {
  const file = await BackupFile.create(place)
  const writer = new BackupWriter((bytes) => file.write(bytes))
  try {
    const content = yield* write(writer)
    const whole = await writer.finish()
    await ctx.failpoint('backup.before_publish')
    return { ...content, ...whole, path: await file.publish() }
  } finally {
    await writer.abandon()
    await file.discard()
  }
}

async function record(
  run: JobRun,
  { kind, tenant, purpose }: BackupStory,
  written: Written | undefined,
  made: (backup: BackupJson) => void,
): Promise<void> {
  if (!written) throw new Error('nothing was written')
  const { path: file, bytes, sha256, tables, rows, schemaVersion } = written
  await run.step('record', async (inner) => {
    const facts = { file, bytes, sha256, tables, rows, purpose }
    const subject = { tenantId: tenant?.id ?? null, subdomain: tenant?.subdomain ?? null }
    made(await recordBackup(inner, { ...facts, ...subject, schemaVersion }))
    await audit(inner, {
      action: kind,
      subjectKind: tenant ? 'tenant' : 'installation',
      subject: tenant?.subdomain ?? 'installation',
      tenantId: subject.tenantId,
      outcome: 'succeeded',
      after: facts,
    })
    await succeedJob(inner, run.job)
  })
}

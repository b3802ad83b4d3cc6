/**
 * The story of an installation's restore: read the whole file, remove the schemas that are here, build and load those
 * of the backup, then the control plane in one transaction. The same command again finishes what kill -9 left.
 */
import { execute, rows, sql } from '../database/sql.js'
import { longTransaction } from '../database/long-transaction.js'
import { transaction } from '../database/transaction.js'
import { schemaName, type SchemaName, type TenantId } from '../kernel/ids.js'
import { runWorkflow, silent, type Step, type StepProgress, type WorkflowEvent } from '../kernel/workflow.js'
import { failJob } from '../operations/jobs.js'
import { BackupCursor } from '../schemas/backup/cursor.js'
import { openBackup } from '../schemas/backup/file.js'
import { emptyTables, loadTables, restartSequences } from '../schemas/backup/load.js'
import { inVolumes, Progress } from '../schemas/backup/progress.js'
import { buildSchema } from '../schemas/build.js'
import { dropSchema } from '../schemas/drop.js'
import { alignLogin } from '../schemas/login-role.js'
import { loadSnapshot } from '../schemas/baseline.js'
import { lookAtSchema, tablesIn } from '../schemas/look.js'
import { asOperator } from '../tenants/move.js'
import { installationRestoreKind, startForInstallation } from './backup-jobs.js'
import { JobRun } from './job-run.js'
import { readInstallation, type TenantVolume, type WholeInstallation } from './read-installation.js'
import { restoreControlPlane } from './restore-control-plane.js'
import type { Context } from '../kernel/context.js'
import type { FileHandle } from 'node:fs/promises'
import type { NewBackup } from '../schemas/backup/record.js'
import type { InstallationPlan } from './plan-installation-restore.js'

export interface RestoredInstallation {
  dry_run: boolean
  backup: { file: string; sha256: string; created_at: string | null; tables: number; rows: number }
  /** How many tenants have their data. */
  tenants: number
  /** How many tenants were here before. */
  replaced: number
  /** Unfinished tenants of the backup: their rows are there, their schemas are not. */
  skipped: string[]
  next: string[]
}

/** What the steps hand on to each other. */
interface Story {
  ctx: Context
  plan: InstallationPlan
  file: FileHandle
  run: JobRun
  backup?: WholeInstallation
}

/** @throws what `readInstallation` does, before anything is written; busy `job.busy` */
export async function* restoreInstallation(
  ctx: Context,
  plan: InstallationPlan,
  dryRun: boolean,
): AsyncGenerator<WorkflowEvent, RestoredInstallation, void> {
  const story: Story = { ctx, plan, file: await openBackup(plan.file), run: new JobRun(ctx, 'db_restore') }
  const all = steps(story)
  try {
    yield* runWorkflow(dryRun ? all.slice(0, 1) : all, story.run.hooks())
  } catch (error) {
    throw await story.run.settle(error, 'the restore', async () => {})
  } finally {
    await story.file.close()
  }
  return { dry_run: dryRun, ...result(plan, whole(story)) }
}

function steps(story: Story): Step[] {
  const { ctx, run } = story
  return [
    { name: 'read', title: 'Read the backup to its end', run: () => read(story) },
    {
      name: 'claim',
      title: 'Take hold of the installation',
      run: silent(() => claim(story)),
      undo: () =>
        transaction(ctx, (inner) =>
          failJob(inner, run.job, { code: 'rolled_back', message: 'The run was rolled back' }),
        ),
    },
    { name: 'clear', title: 'Remove the schemas that are here', run: () => clear(story) },
    { name: 'tenants', title: 'Build and load every tenant', run: () => loadTenants(story) },
    { name: 'control', title: 'Load the control plane', run: silent(() => loadControlPlane(story)) },
  ]
}

async function* read(story: Story): AsyncGenerator<StepProgress, string, void> {
  story.backup = yield* readInstallation(story.ctx, story.file, story.plan.file)
  const { rows: count, tables } = story.backup.verdict
  return `${count} rows in ${tables} tables`
}

async function claim({ ctx, plan, run, backup }: Story): Promise<void> {
  const job = await transaction(ctx, (inner) =>
    startForInstallation(inner, installationRestoreKind, {
      input: { file: plan.file, sha256: backup?.sha256 },
      inputHash: backup?.sha256 ?? '',
    }),
  )
  run.hold(job, true)
}

/** From here on what was here cannot be had back, and the tenants' state says so. */
async function* clear(story: Story): AsyncGenerator<StepProgress, string, void> {
  const { ctx, run } = story
  run.keep()
  await transaction(ctx, async (inner) => {
    await asOperator(inner, 'the installation is being replaced by a backup')
    await execute(
      inner.db,
      sql`update public.tenants set status = 'restoring', updated_at = now() where status in ('active', 'suspended', 'archived')`,
    )
  })
  const wanted = new Set(whole(story).tenants.map(({ schema }) => schema))
  let dropped = 0
  for (const schema of await schemasHere(ctx, [...wanted])) {
    const keep = wanted.has(schema) && (await lookAtSchema(ctx, schema)).state === 'whole'
    if (keep) continue
    yield* dropSchema(ctx, { schema, tenantId: null, allowed: 'any' })
    dropped += 1
  }
  await ctx.failpoint('db_restore.cleared')
  return dropped === 0 ? 'none in the way' : `${dropped} schemas`
}

/** Those of the tenants here, and those an interrupted run has left. */
async function schemasHere(ctx: Pick<Context, 'db'>, wanted: readonly SchemaName[]): Promise<SchemaName[]> {
  const found = await rows<{ name: string }>(
    ctx.db,
    sql`select n.nspname as name from pg_catalog.pg_namespace n
        where n.nspname = any(${wanted}::text[]) or exists (select 1 from public.tenant_placements p where p.schema_name = n.nspname)
        order by n.nspname`,
  )
  return found.map(({ name }) => schemaName(name))
}

async function* loadTenants(story: Story): AsyncGenerator<StepProgress, string, void> {
  const { ctx, file } = story
  const { tenants } = whole(story)
  const cursor = new BackupCursor(file)
  let done = 0
  for (let head = await cursor.nextVolume(); head !== null; head = await cursor.nextVolume()) {
    const tenant = tenants.find(({ id }) => id === head?.tenant?.id)
    if (!tenant) continue
    yield* inVolumes(tenant.subdomain, { done, total: tenants.length }, () => loadTenant(ctx, cursor, tenant))
    done += 1
  }
  return `${done} tenants`
}

async function* loadTenant(
  ctx: Context,
  cursor: BackupCursor,
  { schema, head, manifest }: TenantVolume,
): AsyncGenerator<StepProgress, void, void> {
  yield* buildSchema(ctx, { schema, claim: null })
  yield* longTransaction(ctx, { mode: 'write' }, async function* (inner) {
    await emptyTables(inner, schema, await tablesIn(inner, schema))
    yield* loadTables(inner, cursor, { schema, manifest, progress: new Progress(head.groups) })
    await restartSequences(inner, schema, manifest.sequences)
  })
}

async function loadControlPlane(story: Story): Promise<string> {
  const { ctx, plan, file, run } = story
  const backup = whole(story)
  const { next: _next, ...facts } = result(plan, backup)
  const { tables, rows: count, bytes, created_at } = backup.verdict
  const record: NewBackup = {
    ...{ tenantId: null, subdomain: null, schemaVersion: (await loadSnapshot()).version },
    ...{ file: plan.file, sha256: backup.sha256, tables, rows: count, bytes, createdAt: created_at },
    purpose: 'installation',
  }
  await restoreControlPlane(ctx, file, run, backup.controlPlane, { record, facts })
  run.keep()
  await alignLogins(ctx, backup.tenants)
  return `${backup.controlPlane.manifest.rows} rows`
}

/** Roles are the server's, not the database's: those that are here do what the rows say now, the others are missed. */
async function alignLogins(ctx: Context, tenants: readonly TenantVolume[]): Promise<void> {
  const missing: string[] = []
  for (const { id, subdomain } of tenants) {
    const found = await transaction(ctx, (inner) => alignLogin(inner, id as TenantId))
    if (found === 'missing') missing.push(subdomain)
  }
  const [first] = missing
  if (first === undefined) return
  const others = missing.length > 1 ? `, and so for ${missing.length - 1} more` : ''
  ctx.warn({
    code: 'login.missing',
    message: `The database login of ${first} is not on this server; erpmax tenant credentials ${first} makes it anew${others}`,
  })
}

function result(plan: InstallationPlan, backup: WholeInstallation): Omit<RestoredInstallation, 'dry_run'> {
  const { verdict, sha256, tenants, skipped } = backup
  const { file, created_at, tables, rows: count } = verdict
  return {
    backup: { file, sha256, created_at, tables, rows: count },
    tenants: tenants.length,
    replaced: plan.replaces,
    skipped,
    next: ['erpmax tenant list', 'erpmax schema verify --all', 'erpmax doctor'],
  }
}

function whole(story: Story): WholeInstallation {
  if (!story.backup) throw new Error('the backup was not read yet')
  return story.backup
}

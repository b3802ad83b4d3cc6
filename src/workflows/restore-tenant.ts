/**
 * The story of a restore: read the whole file, take hold of the tenant, make its schema whole, load.
 * All of the data, what the control plane keeps with it and the tenant's state are one transaction: until it commits
 * the tenant has what it had. The same command again finishes what kill -9 left.
 */
import { isConnectionError } from '../database/sql-errors.js'
import { runWorkflow, silent, type Step, type StepProgress, type WorkflowEvent } from '../kernel/workflow.js'
import { hasSucceeded } from '../operations/jobs.js'
import { openBackup } from '../schemas/backup/file.js'
import { damaged } from '../schemas/backup/head.js'
import { buildSchema } from '../schemas/build.js'
import { dropSchema } from '../schemas/drop.js'
import { grantSchema } from '../schemas/login-role.js'
import { lookAtSchema } from '../schemas/look.js'
import { claimSchema, endRestoring, failRestoring } from '../tenants/restoring.js'
import { transaction } from '../database/transaction.js'
import { parseControlDocument, type ControlDocument } from './control-document.js'
import { JobRun } from './job-run.js'
import { claimNewTenant, claimTenant, giveBack, recordRebuilding, type Claimed } from './restore-claim.js'
import { loadTenant, type LoadedTenant } from './restore-load.js'
import { readBackup, type BackupVerdict, type Volume } from './verify-backup.js'
import { plannedRestore, restoredTenant, type PlannedRestore, type RestoredTenant } from './restore-result.js'
import type { Context } from '../kernel/context.js'
import type { FileHandle } from 'node:fs/promises'
import type { RestorePlan } from './plan-restore.js'

export type { PlannedRestore, RestoredTenant }

/** What the steps hand on to each other. */
interface Story {
  ctx: Context
  plan: RestorePlan
  file: FileHandle
  run: JobRun
  backup?: WholeBackup
  claimed?: Claimed
  loaded?: LoadedTenant
}

export interface WholeBackup {
  verdict: BackupVerdict
  sha256: string
  volume: Volume
  control: ControlDocument
}

/** @throws failure `backup.damaged`, before anything is written; and what `claimTenant` and `claimNewTenant` refuse */
export async function* restoreTenant(
  ctx: Context,
  plan: RestorePlan,
): AsyncGenerator<WorkflowEvent, RestoredTenant, void> {
  const story: Story = { ctx, plan, file: await openBackup(plan.file), run: new JobRun(ctx, 'restore') }
  try {
    yield* runWorkflow(steps(story), story.run.hooks())
  } catch (error) {
    throw await story.run.settle(error, plan.replaces ? 'the restore' : plan.subdomain, (inner) =>
      tellTruth(inner, claimed(story)),
    )
  } finally {
    await story.file.close()
  }
  if (!story.loaded) throw new Error('the story has not ended')
  if (story.loaded.invited.some(({ invitation }) => invitation) && !ctx.config.text('ERPMAX_PUBLIC_URL')) {
    ctx.warn({
      code: 'config.public_url_missing',
      message: 'ERPMAX_PUBLIC_URL is not set: the invitation links lead to this machine',
    })
  }
  return restoredTenant(ctx, plan, whole(story), story.loaded)
}

/** What `restoreTenant` would do, the file read to its end; writes nothing. */
export async function* rehearseRestore(
  ctx: Context,
  plan: RestorePlan,
): AsyncGenerator<WorkflowEvent, PlannedRestore, void> {
  const story: Story = { ctx, plan, file: await openBackup(plan.file), run: new JobRun(ctx, 'restore') }
  const [read] = steps(story)
  try {
    if (read) yield* runWorkflow([read], story.run.hooks())
  } finally {
    await story.file.close()
  }
  await rehearseClaim(ctx, plan, whole(story))
  return plannedRestore(ctx, plan, whole(story))
}

/** Everything that may refuse it is asked, and what was written is rolled back. */
async function rehearseClaim(ctx: Context, plan: RestorePlan, backup: WholeBackup): Promise<void> {
  const rehearsal = await ctx.db.transaction(undefined, { doNotRejectOnRollback: true })
  try {
    await claimFor({ ...ctx, db: rehearsal }, plan, backup)
  } finally {
    await rehearsal.rollback()
  }
}

function claimFor(ctx: Context, plan: RestorePlan, { control, sha256 }: WholeBackup): Promise<Claimed> {
  return plan.replaces
    ? claimTenant(ctx, plan, plan.replaces, sha256)
    : claimNewTenant(ctx, plan, control.profile, sha256)
}

function steps(story: Story): Step[] {
  const { plan } = story
  const { subdomain } = plan
  return [
    { name: 'read', title: 'Read the backup to its end', run: () => read(story) },
    {
      name: 'claim',
      title: plan.replaces ? `Take hold of ${subdomain}` : `Reserve ${subdomain}`,
      run: silent(() => claim(story)),
      undo: async () => {
        if (story.claimed) await giveBack(story.ctx, story.claimed)
      },
    },
    {
      name: 'schema',
      title: 'Make the schema whole',
      run: () => prepareSchema(story),
      undo: () => unbuild(story),
    },
    {
      name: 'load',
      title: `Load ${subdomain} and compare`,
      groups: plan.head.groups,
      run: () => load(story),
    },
  ]
}

async function* read(story: Story): AsyncGenerator<StepProgress, string, void> {
  const { ctx, plan, file } = story
  const { verdict, volumes, control } = yield* readBackup(ctx, file, plan.file)
  const [volume] = volumes
  const { sha256 } = verdict
  if (!verdict.ok || !volume || !control || sha256 === null) throw damaged(plan.file, verdict.problems)
  story.backup = { verdict, sha256, volume, control: parseControlDocument(control) }
  return `${verdict.rows} rows in ${verdict.tables} tables`
}

async function claim(story: Story): Promise<string | undefined> {
  const { ctx, plan, run } = story
  const held = await claimFor(ctx, plan, whole(story))
  story.claimed = held
  run.hold(held.job, held.fresh)
  return held.resumed ? 'continuing an unfinished run' : undefined
}

/** A whole one stays as it is; any other one is built anew, and with it goes what was in it. */
async function* prepareSchema(story: Story): AsyncGenerator<StepProgress, string, void> {
  const { ctx, run } = story
  const held = claimed(story)
  const { state } = await lookAtSchema(ctx, held.schema)
  if (state === 'whole') return 'whole'
  if (held.before) {
    run.keep()
    held.fresh = false
    await transaction(ctx, (inner) => recordRebuilding(inner, held.job))
    if (state === 'different') {
      const { id: tenantId, schema } = held
      yield* dropSchema(ctx, { schema, tenantId, allowed: ['restoring', 'provisioning'] })
      held.generation = (await transaction(ctx, (inner) => claimSchema(inner, tenantId))).generation
    }
  }
  const claim = { tenantId: held.id, generation: held.generation }
  const built = yield* buildSchema(ctx, { schema: held.schema, claim })
  await run.step('schema', (inner) => grantSchema(inner, held.id))
  return `${built.tables} tables built`
}

/** Only ever the schema of a tenant that this run has made. */
async function unbuild(story: Story): Promise<void> {
  const { id, schema, before } = claimed(story)
  if (before) return
  const ctx = { ...story.ctx, signal: new AbortController().signal }
  for await (const _ of dropSchema(ctx, { schema, tenantId: id, allowed: ['provisioning'] }));
}

/** Where the answer to COMMIT is lost, look: what is restored is never reported as failed. */
async function* load(story: Story): AsyncGenerator<StepProgress, string, void> {
  const { ctx, plan, file, run } = story
  const held = claimed(story)
  const backup = whole(story)
  let loaded: LoadedTenant | null = null
  try {
    yield* loadTenant(ctx, { plan, file, run, claimed: held, backup }, (done) => (loaded = done))
  } catch (error) {
    if (loaded === null || !isConnectionError(error) || !(await hasSucceeded(ctx, held.job))) throw error
  }
  if (loaded === null) throw new Error('nothing was loaded')
  run.keep()
  story.loaded = loaded
  return `${backup.verdict.rows} rows`
}

/** Failed is a tenant without its data: one that has all it had is what it was. */
async function tellTruth(ctx: Context, { id, before, fresh }: Claimed): Promise<void> {
  if (before && fresh) await endRestoring(ctx, id, before, 'a restore did not come to its end')
  else await failRestoring(ctx, id)
}

function whole(story: Story): WholeBackup {
  if (!story.backup) throw new Error('the backup was not read yet')
  return story.backup
}

function claimed(story: Story): Claimed {
  if (!story.claimed) throw new Error('no tenant is held yet')
  return story.claimed
}

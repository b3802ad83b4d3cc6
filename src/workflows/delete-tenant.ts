/**
 * The story of a deletion: out of use, the schema dropped, people and particulars erased, the name free again.
 * Each step is safe to repeat, and nothing is undone: `deleting` is committed first, and the same command again goes
 * on from wherever it was. What stays is the blank row, the history, the audit log, what was subscribed to and the
 * record of the deletion.
 */
import { changeOrRehearse } from '../database/rehearse.js'
import { dayIn } from '../kernel/dates.js'
import { runWorkflow, silent, type Step, type StepProgress, type WorkflowEvent } from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { succeedJob } from '../operations/jobs.js'
import { scrubTraces } from '../operations/scrub.js'
import { forgetPeople, type Forgotten } from '../people/forget.js'
import { dropSchema } from '../schemas/drop.js'
import { dropLogin } from '../schemas/login-role.js'
import { tablesIn } from '../schemas/look.js'
import { endSubscription } from '../subscriptions/end.js'
import { announce } from '../tenants/change-state.js'
import { blankTenant, eraseRows, lastExport, recordDeletion } from '../tenants/erase.js'
import { asOperator, moveTenant } from '../tenants/move.js'
import { readDeletion, type DeletionJson } from '../tenants/read.js'
import { readStanding, type Standing } from '../tenants/standing.js'
import { beginDeletion, requireDeletable, type Begun } from './delete-tenant-begin.js'
import { JobRun } from './job-run.js'
import type { Context } from '../kernel/context.js'
import type { KnownTenant, PlacedTenant } from '../tenants/find.js'

export interface DeleteRequest {
  /** Without waiting the thirty days after archiving. */
  now: boolean
  reason: string | null
  dryRun: boolean
}

export interface DeletedTenant {
  dry_run: boolean
  /** False where it was deleted already. */
  changed: boolean
  tenant: { id: string; subdomain: string; status: string }
  /** Null where it was deleted without a record of it. */
  deletion: DeletionJson | null
}

interface Story {
  ctx: Context
  tenant: PlacedTenant
  request: DeleteRequest
  run: JobRun
  /** Null: somebody else has deleted it meanwhile. */
  begun?: Begun | null
}

/** @throws conflict `tenant.illegal_state`, `tenant.deletion_too_early`; busy `job.busy` */
export async function* deleteTenant(
  ctx: Context,
  known: KnownTenant,
  request: DeleteRequest,
): AsyncGenerator<WorkflowEvent, DeletedTenant, void> {
  const { place, ...rest } = known
  if (!place || rest.status === 'deleted') return deleted(ctx, known, request, false)
  const tenant = { ...rest, ...place }
  if (request.dryRun) return planDeletion(ctx, tenant, request)
  // Again under the lock: here what is refused is refused before anything is told.
  requireDeletable(ctx, await readStanding(ctx, tenant.id), request.now)
  const story: Story = { ctx, tenant, request, run: new JobRun(ctx, 'delete') }
  try {
    yield* runWorkflow(steps(story), story.run.hooks())
  } catch (error) {
    throw await story.run.settle(error, tenant.subdomain, async () => {})
  }
  return deleted(ctx, known, request, Boolean(story.begun))
}

function steps(story: Story): Step[] {
  const { subdomain } = story.tenant
  return [
    { name: 'begin', title: `Take ${subdomain} out of use`, run: silent(() => begin(story)) },
    { name: 'drop', title: 'Drop its schema', run: () => drop(story) },
    { name: 'erase', title: 'Erase its people and particulars', run: silent(() => erase(story)) },
  ]
}

async function begin(story: Story): Promise<string | void> {
  story.begun = await beginDeletion(story.ctx, story.tenant, story.request)
  if (!story.begun) return 'deleted already'
  story.run.hold(story.begun.job, false)
  if (story.begun.resumed) return 'continuing an unfinished run'
}

async function* drop({ ctx, tenant, run, begun }: Story): AsyncGenerator<StepProgress, string | void, void> {
  if (!begun) return
  const { tables } = yield* dropSchema(ctx, {
    schema: tenant.schema,
    tenantId: tenant.id,
    allowed: ['deleting'],
  })
  await run.step('drop', async () => {})
  return `${tables} tables`
}

async function erase({ tenant, request, run, begun }: Story): Promise<string | void> {
  if (!begun) return
  return run.step('erase', async (ctx) => {
    const { id, subdomain, schema } = tenant
    const standing = await readStanding(ctx, id, { lock: true })
    await asOperator(ctx, request.reason)
    await dropLogin(ctx, id)
    const forgotten = await forget(ctx, standing)
    await blankTenant(ctx, id)
    const record = await recordOf(ctx, tenant, request, begun.tables, forgotten)
    await recordDeletion(ctx, id, record)
    await audit(ctx, {
      action: 'tenant.delete',
      subjectKind: 'tenant',
      subject: subdomain,
      tenantId: id,
      outcome: 'succeeded',
      before: { status: standing.status, schema },
      after: { status: 'deleted', ...record },
    })
    await announce(ctx, 'tenant.deleted', await readStanding(ctx, id))
    await succeedJob(ctx, run.job)
    return forgottenPeople(forgotten)
  })
}

function forgottenPeople({ users_deleted, users_anonymised }: Forgotten): string {
  const people = users_deleted + users_anonymised
  return people === 1 ? '1 person forgotten' : `${people} people forgotten`
}

/** What goes from the control plane, but for the row itself. */
async function forget(ctx: Context, { id, subdomain, time_zone }: Standing): Promise<Forgotten> {
  await endSubscription(ctx, { id, subdomain }, dayIn(time_zone, ctx.clock.now()), 'its tenant was deleted')
  const forgotten = await forgetPeople(ctx, id)
  await eraseRows(ctx, id)
  await scrubTraces(ctx, { id, subdomain })
  return forgotten
}

async function recordOf(
  ctx: Context,
  { id, subdomain, schema }: PlacedTenant,
  { reason }: DeleteRequest,
  tables: number,
  forgotten: Forgotten,
): Promise<Omit<DeletionJson, 'deleted_at' | 'operator'>> {
  return {
    reason,
    subdomain,
    schema_name: schema,
    tables_dropped: tables,
    ...forgotten,
    export_sha256: await lastExport(ctx, id),
  }
}

/** What a deletion would do: erased in a transaction that is rolled back; the schema is counted, not touched. */
async function planDeletion(
  ctx: Context,
  tenant: PlacedTenant,
  request: DeleteRequest,
): Promise<DeletedTenant> {
  const { id, subdomain, schema } = tenant
  return changeOrRehearse(ctx, true, async (inner) => {
    const standing = await readStanding(inner, id, { lock: true })
    requireDeletable(inner, standing, request.now)
    const tables = (await tablesIn(inner, schema)).length
    // As it will be by then: of a tenant that stays the last owner stays too.
    if (standing.status !== 'deleting') await moveTenant(inner, id, 'deleting', request.reason)
    const record = await recordOf(inner, tenant, request, tables, await forget(inner, standing))
    return {
      dry_run: true,
      changed: true,
      tenant: { id, subdomain, status: 'deleted' },
      deletion: { deleted_at: ctx.clock.now().toISOString(), operator: ctx.actor.operator, ...record },
    }
  })
}

async function deleted(
  ctx: Context,
  { id, subdomain }: KnownTenant,
  { dryRun }: DeleteRequest,
  changed: boolean,
): Promise<DeletedTenant> {
  const deletion = await readDeletion(ctx, id)
  return { dry_run: dryRun, changed, tenant: { id, subdomain, status: 'deleted' }, deletion }
}

/**
 * The story of a new tenant: check, reserve the name, build the schema, seed it, subscribe, activate.
 * Each step is a transaction of its own and safe to repeat: the same command again finishes what kill -9 left.
 * The tenant's state is the truth: `active` is written last.
 */
import { isConnectionError } from '../database/sql-errors.js'
import { transaction } from '../database/transaction.js'
import {
  runWorkflow,
  silent,
  type ProgressGroup,
  type Step,
  type StepProgress,
  type WorkflowEvent,
} from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { failJob, succeedJob } from '../operations/jobs.js'
import { enqueue } from '../operations/outbox.js'
import { issueAccessToken, type AccessToken } from '../people/access-token.js'
import { installErpAdmin } from '../people/erp-user.js'
import {
  installFirstAdmin,
  mailFirstAdmin,
  removeFirstAdmin,
  userExists,
  type FirstAdmin,
} from '../people/first-admin.js'
import { registerKey } from '../people/keys/signing-keys.js'
import { loadSigningKey, type SigningKey } from '../people/signing-key.js'
import { loadBaseline, moduleSizes } from '../schemas/baseline.js'
import { buildSchema, type BuiltSchema } from '../schemas/build.js'
import { dropSchema } from '../schemas/drop.js'
import { seedSchema } from '../schemas/seed.js'
import { discardSubscription, startSubscription } from '../subscriptions/start.js'
import { installCompany } from '../tenants/erp-company.js'
import { activateTenant, failTenant, releaseTenant, type ReservedTenant } from '../tenants/reserve.js'
import { freeNear, subdomainTaken } from '../tenants/subdomain.js'
import { prepareRequest, type CreateTenantInput, type CreateTenantRequest } from './create-tenant-request.js'
import { reserve, tenantOf, wasActivated } from './create-tenant-reserve.js'
import {
  createdTenant,
  existingTenant,
  plannedTenant,
  readActive,
  type ActiveTenant,
  type CreatedTenant,
  type PlannedTenant,
} from './create-tenant-result.js'
import { JobRun } from './job-run.js'
import type { Context } from '../kernel/context.js'

export type { CreatedTenant, CreateTenantInput, PlannedTenant }

/** What the steps hand on to each other. */
interface Story {
  ctx: Context
  request: CreateTenantRequest
  key: SigningKey
  run: JobRun
  tenant?: ReservedTenant
  schema?: BuiltSchema
  admin?: FirstAdmin
  /** Whether the link waits in the queue of mails. */
  mailed?: boolean
  active?: ActiveTenant
}

/** Creates the tenant, yielding what happens; returns what the command hands back. */
export async function* createTenant(
  ctx: Context,
  input: CreateTenantInput,
): AsyncGenerator<WorkflowEvent, CreatedTenant, void> {
  const request = await prepareRequest(ctx, input)
  const key = await loadSigningKey(ctx.signingKey.file, ctx.signingKey.create)
  const there = await tenantOf(ctx, request.subdomain)
  if (there && there.status !== 'provisioning' && there.status !== 'failed') {
    if (request.ifNotExists && there.status === 'active') return existingTenant(ctx, there.id, request)
    throw subdomainTaken(request.subdomain, await freeNear(ctx, request.subdomain))
  }
  const story: Story = { ctx, request, key, run: new JobRun(ctx, 'create') }
  try {
    yield* runWorkflow(steps(story, moduleSizes(await loadBaseline(), request.modules)), story.run.hooks())
  } catch (error) {
    throw await story.run.settle(error, request.subdomain, (inner) => failTenant(inner, reserved(story).id))
  }
  const { tenant, schema, admin, active } = finished(story)
  let token: AccessToken | null = null
  if (admin.membershipStatus === 'active') {
    token = await issueAccessToken(ctx, key, {
      userId: admin.userId,
      tenantId: tenant.id,
      subdomain: request.subdomain,
      role: 'owner',
    })
  } else {
    ctx.warn({
      code: 'user.exists',
      message: `${admin.email} belongs to somebody already: they were invited and must accept; no token was issued`,
    })
  }
  if (admin.invitation && !ctx.config.text('ERPMAX_PUBLIC_URL')) {
    ctx.warn({
      code: 'config.public_url_missing',
      message:
        'ERPMAX_PUBLIC_URL is not set: the invitation link leads to this machine, where erpmax webhook listen serves it; erpmax user accept takes it too',
    })
  }
  return createdTenant(ctx, { active, schema, admin, token, mailed: story.mailed ?? false })
}

/** What `createTenant` would do, checked in the same way; writes nothing. */
export async function planTenant(ctx: Context, input: CreateTenantInput): Promise<PlannedTenant> {
  const request = await prepareRequest(ctx, input)
  if (await tenantOf(ctx, request.subdomain))
    throw subdomainTaken(request.subdomain, await freeNear(ctx, request.subdomain))
  const { tables } = await loadBaseline()
  return plannedTenant(request, tables.length, await userExists(ctx, request.admin.email))
}

function steps(story: Story, groups: ProgressGroup[]): Step[] {
  const { request } = story
  return [
    {
      name: 'reserve',
      title: `Reserve ${request.subdomain}`,
      run: silent(() => reserveName(story)),
      undo: () => giveNameBack(story),
    },
    {
      name: 'schema',
      title: 'Build the schema',
      groups,
      run: () => build(story),
      undo: () => unbuild(story),
    },
    {
      name: 'seed',
      title: 'Seed roles, accounts and the administrator',
      run: silent(() => seed(story)),
      undo: () => unseed(story),
    },
    {
      name: 'subscribe',
      title: `Subscribe to ${request.selection.tier.name}`,
      run: silent(() => subscribe(story)),
      undo: () => unsubscribe(story),
    },
    { name: 'activate', title: 'Activate', run: silent(() => activate(story)) },
  ]
}

async function reserveName(story: Story): Promise<string | undefined> {
  const { tenant, job, resumed } = await reserve(story.ctx, story.request)
  story.tenant = tenant
  story.run.hold(job, !resumed)
  return resumed ? 'continuing an unfinished run' : undefined
}

async function giveNameBack(story: Story): Promise<void> {
  const { tenant } = story
  if (!tenant) return
  await transaction(story.ctx, async (ctx) => {
    await failJob(ctx, story.run.job, { code: 'rolled_back', message: 'The run was rolled back' })
    await releaseTenant(ctx, tenant.id)
  })
}

async function* build(story: Story): AsyncGenerator<StepProgress, string, void> {
  const { id, schema, generation } = reserved(story)
  const built = yield* buildSchema(story.ctx, { schema, claim: { tenantId: id, generation } })
  story.schema = built
  await story.run.step('schema', async () => {})
  return built.built ? `${built.tables} tables` : `${built.tables} tables, whole already`
}

async function unbuild(story: Story): Promise<void> {
  const { id, schema } = reserved(story)
  // The run's own signal may be what stopped it; the undoing is not to be stopped by it again.
  const ctx = { ...story.ctx, signal: new AbortController().signal }
  for await (const _ of dropSchema(ctx, { schema, tenantId: id, allowed: ['provisioning'] }));
}

async function seed(story: Story): Promise<string> {
  const { id, schema } = reserved(story)
  const { profile, admin } = story.request
  return story.run.step('seed', async (ctx) => {
    const first = await installFirstAdmin(ctx, id, admin)
    const rows = await seedSchema(ctx, schema, async (inner) => {
      await installCompany(inner, profile)
      await installErpAdmin(inner, first, { timeZone: profile.time_zone, currency: profile.currency })
    })
    story.admin = first
    return `${rows} rows`
  })
}

async function unseed(story: Story): Promise<void> {
  await transaction(story.ctx, (ctx) => removeFirstAdmin(ctx, reserved(story).id, story.request.admin.email))
}

async function subscribe(story: Story): Promise<void> {
  const { selection, today } = story.request
  await story.run.step('subscribe', (ctx) => startSubscription(ctx, reserved(story).id, selection, today))
}

async function unsubscribe(story: Story): Promise<void> {
  await transaction(story.ctx, (ctx) => discardSubscription(ctx, reserved(story).id))
}

/** `active` is committed here. Where the answer is lost, look: a committed tenant is never reported as failed. */
async function activate(story: Story): Promise<void> {
  const { id } = reserved(story)
  const { subdomain, record, admin } = story.request
  try {
    await story.run.step('activate', async (ctx) => {
      await activateTenant(ctx, id)
      if (story.admin) story.mailed = await mailFirstAdmin(ctx, id, story.admin)
      await registerKey(ctx, story.key)
      await audit(ctx, {
        action: 'tenant.create',
        subjectKind: 'tenant',
        subject: subdomain,
        tenantId: id,
        outcome: 'succeeded',
        after: record,
      })
      await enqueue(ctx, {
        topic: 'tenant.created',
        key: id,
        tenantId: id,
        payload: { subdomain, admin_email: admin.email },
      })
      await succeedJob(ctx, story.run.job)
      story.active = await readActive(ctx, id)
    })
  } catch (error) {
    if (!isConnectionError(error) || !(await wasActivated(story.ctx, id, subdomain))) throw error
  }
  story.run.keep()
}

function reserved(story: Story): ReservedTenant {
  if (!story.tenant) throw new Error('no name is reserved yet')
  return story.tenant
}

function finished(story: Story): Required<Pick<Story, 'tenant' | 'schema' | 'admin' | 'active'>> {
  const { tenant, schema, admin, active } = story
  if (!tenant || !schema || !admin || !active) throw new Error('the story has not ended')
  return { tenant, schema, admin, active }
}

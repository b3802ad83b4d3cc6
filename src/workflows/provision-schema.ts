/** Builds the schema of a tenant that has none or half of one, and seeds it: mends what was lost or interrupted. */
import { transaction } from '../database/transaction.js'
import { runWorkflow, silent, type WorkflowEvent } from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { busyError, isHeld, latestJob, startJob, succeedJob, takeOverJob } from '../operations/jobs.js'
import { loadBaseline, moduleSizes } from '../schemas/baseline.js'
import { buildSchema, type BuiltSchema } from '../schemas/build.js'
import { grantSchema } from '../schemas/login-role.js'
import { moduleCodes } from '../subscriptions/catalogue.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { jobKind as createKind } from './create-tenant-reserve.js'
import { JobRun } from './job-run.js'
import { seedTenant } from './seed-tenant.js'
import type { Context } from '../kernel/context.js'

const jobKind = 'schema.provision'

export interface ProvisionedSchema {
  tenant: { id: string; subdomain: string; status: string }
  schema: { name: string; table_count: number; duration_ms: number; fingerprint: string; built: boolean }
}

/** Does nothing where the schema is whole. The tenant's state stays what it is: `tenant create` goes on from there. */
export async function* provisionSchema(
  ctx: Context,
  subdomainOrId: string,
): AsyncGenerator<WorkflowEvent, ProvisionedSchema, void> {
  const tenant = await findTenant(ctx, subdomainOrId)
  const run = new JobRun(ctx, 'provision')
  run.hold(await takeJob(ctx, tenant), false)
  let built: BuiltSchema | undefined
  const steps = [
    {
      name: 'schema',
      title: `Build the schema of ${tenant.subdomain}`,
      groups: moduleSizes(await loadBaseline(), await moduleCodes(ctx)),
      async *run() {
        built = yield* buildSchema(ctx, {
          schema: tenant.schema,
          claim: { tenantId: tenant.id, generation: tenant.generation },
        })
        await run.step('schema', (inner) => grantSchema(inner, tenant.id))
        return built.built ? `${built.tables} tables` : 'whole already'
      },
    },
    {
      name: 'seed',
      title: 'Seed',
      run: silent(async () => `${await run.step('seed', (inner) => seedTenant(inner, tenant))} rows`),
    },
  ]
  try {
    yield* runWorkflow(steps, run.hooks())
  } catch (error) {
    throw await run.settle(error, tenant.subdomain, async () => {})
  }
  if (!built) throw new Error('the schema was not built')
  const { tables, duration_ms, fingerprint } = built
  await transaction(ctx, async (inner) => {
    const after = { schema: tenant.schema, built: built?.built }
    await audit(inner, {
      action: jobKind,
      subjectKind: 'tenant',
      subject: tenant.subdomain,
      tenantId: tenant.id,
      outcome: 'succeeded',
      after,
    })
    await succeedJob(inner, run.job)
  })
  const { id, subdomain, status, schema } = tenant
  return {
    tenant: { id, subdomain, status },
    schema: { name: schema, table_count: tables, duration_ms, fingerprint, built: built.built },
  }
}

/** @throws conflict what the gate refuses for `repair`: a suspended or archived tenant has no jobs */
async function takeJob(ctx: Context, tenant: PlacedTenant): ReturnType<typeof startJob> {
  return transaction(ctx, async (inner) => {
    await assertTenantMay(inner, tenant, 'repair')
    const creating = await latestJob(inner, createKind, tenant.subdomain)
    if (creating && isHeld(inner, creating)) throw busyError(creating, tenant.subdomain)
    const earlier = await latestJob(inner, jobKind, tenant.subdomain)
    if (earlier && isHeld(inner, earlier)) throw busyError(earlier, tenant.subdomain)
    if (earlier && (earlier.status === 'running' || earlier.status === 'queued'))
      return takeOverJob(inner, earlier)
    return startJob(inner, {
      kind: jobKind,
      subject: tenant.subdomain,
      tenantId: tenant.id,
      input: { schema: tenant.schema },
      inputHash: tenant.schema,
    })
  })
}

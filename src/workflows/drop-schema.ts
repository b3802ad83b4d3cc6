/** Drops the schema of a tenant that is not in use, or one that belongs to no tenant, batch by batch within the lock budget. */
import { firstRow, sql } from '../database/sql.js'
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { runWorkflow, type WorkflowEvent } from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { busyError, failJob, isHeld, latestJob } from '../operations/jobs.js'
import { dropSchema, type DroppedSchema } from '../schemas/drop.js'
import { schemaExists, tablesIn } from '../schemas/look.js'
import { stateAllows } from '../subscriptions/gate.js'
import { findTenant } from '../tenants/find.js'
import { failTenant } from '../tenants/reserve.js'
import { isSchemaName, schemaName, type SchemaName, type TenantId } from '../kernel/ids.js'
import { jobKind as createKind } from './create-tenant-reserve.js'
import { JobRun } from './job-run.js'
import type { Context } from '../kernel/context.js'

export interface DroppedTenantSchema {
  dry_run: boolean
  /** Null where the schema belonged to no tenant. */
  tenant: { id: string; subdomain: string; status: string } | null
  schema: { name: string; dropped_tables: number; duration_ms: number }
}

const droppable = ['failed', 'archived', 'deleting'] as const

interface Target {
  schema: SchemaName
  tenant: { id: TenantId; subdomain: string; status: string } | null
}

/**
 * @param name a tenant, or the name of a schema that belongs to none
 * @throws conflict `schema.tenant_in_use` unless the tenant is failed, archived or deleting
 * @throws not_found `schema.not_found`
 */
export async function* dropTenantSchema(
  ctx: Context,
  name: string,
  dryRun: boolean,
): AsyncGenerator<WorkflowEvent, DroppedTenantSchema, void> {
  const { schema, tenant } = isSchemaName(name)
    ? { schema: await orphan(ctx, name), tenant: null }
    : await tenantToDrop(ctx, name, dryRun)
  if (dryRun) {
    const tables = await tablesIn(ctx, schema)
    return {
      dry_run: true,
      tenant,
      schema: { name: schema, dropped_tables: tables.length, duration_ms: 0 },
    }
  }
  let dropped: DroppedSchema | undefined
  const run = new JobRun(ctx, 'drop')
  const step = {
    name: 'drop',
    title: tenant ? `Drop the schema of ${tenant.subdomain}` : `Drop ${schema}`,
    async *run() {
      dropped = yield* dropSchema(ctx, { schema, tenantId: tenant?.id ?? null, allowed: droppable })
      return `${dropped.tables} tables`
    },
  }
  yield* runWorkflow([step], run.hooks())
  const { tables, duration_ms } = dropped ?? { tables: 0, duration_ms: 0 }
  await transaction(ctx, (inner) =>
    audit(inner, {
      action: 'schema.drop',
      subjectKind: tenant ? 'tenant' : 'schema',
      subject: tenant?.subdomain ?? schema,
      tenantId: tenant?.id ?? null,
      outcome: 'succeeded',
      before: { schema, tables },
    }),
  )
  return { dry_run: false, tenant, schema: { name: schema, dropped_tables: tables, duration_ms } }
}

async function tenantToDrop(ctx: Context, name: string, dryRun: boolean): Promise<Target> {
  const { id, subdomain, schema, ...tenant } = await findTenant(ctx, name)
  const status =
    tenant.status === 'provisioning' && !dryRun ? await giveUp(ctx, id, subdomain) : tenant.status
  if (stateAllows(status, 'drop')) return { schema, tenant: { id, subdomain, status } }
  throw new ErpmaxError('conflict', 'schema.tenant_in_use', `${subdomain} is ${status}: its schema stays`, {
    hint:
      status === 'deleted'
        ? `erpmax schema drop ${schema}`
        : `A schema is dropped only while its tenant is ${droppable.join(', ')}`,
    details: { status },
  })
}

/** A schema that is there and belongs to nobody, or to a deleted tenant. No subdomain has an underscore, so a schema's name is none. */
async function orphan(ctx: Pick<Context, 'db'>, name: string): Promise<SchemaName> {
  const schema = schemaName(name)
  const owner = await firstRow<{ subdomain: string; status: string }>(
    ctx.db,
    sql`select t.subdomain, t.status from public.tenants t join public.tenant_placements p on p.tenant_id = t.id
        where p.schema_name = ${schema} and t.status <> 'deleted'`,
  )
  if (owner) {
    throw new ErpmaxError(
      'conflict',
      'schema.tenant_in_use',
      `${schema} belongs to ${owner.subdomain}, which is ${owner.status}`,
      { hint: `erpmax tenant show ${owner.subdomain}`, details: { ...owner } },
    )
  }
  if (await schemaExists(ctx, schema)) return schema
  throw new ErpmaxError('not_found', 'schema.not_found', `There is no schema ${schema}`, {
    hint: 'erpmax tenant reconcile',
  })
}

/** A creation whose process is gone has failed, and its tenant with it; one that goes on is not disturbed. */
async function giveUp(ctx: Context, id: TenantId, subdomain: string): Promise<string> {
  return transaction(ctx, async (inner): Promise<string> => {
    const creating = await latestJob(inner, createKind, subdomain)
    if (creating && isHeld(inner, creating)) throw busyError(creating, subdomain)
    if (creating?.status === 'running')
      await failJob(inner, creating, { code: 'job.abandoned', message: 'Its process was gone' })
    await failTenant(inner, id)
    return 'failed'
  })
}

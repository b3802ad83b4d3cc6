/** Drops the schema of a tenant that is not in use, batch by batch within the lock budget. */
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { runWorkflow, type WorkflowEvent } from '../kernel/workflow.js'
import { audit } from '../operations/audit.js'
import { busyError, failJob, isHeld, latestJob } from '../operations/jobs.js'
import { dropSchema, type DroppedSchema } from '../schemas/drop.js'
import { tablesIn } from '../schemas/look.js'
import { stateAllows } from '../subscriptions/gate.js'
import { findTenant } from '../tenants/find.js'
import { failTenant } from '../tenants/reserve.js'
import { jobKind as createKind } from './create-tenant-reserve.js'
import { JobRun } from './job-run.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface DroppedTenantSchema {
  dry_run: boolean
  tenant: { id: string; subdomain: string; status: string }
  schema: { name: string; dropped_tables: number; duration_ms: number }
}

const droppable = ['failed', 'archived', 'deleting'] as const

/** @throws conflict `schema.tenant_in_use` unless the tenant is failed, archived or deleting */
export async function* dropTenantSchema(
  ctx: Context,
  subdomainOrId: string,
  dryRun: boolean,
): AsyncGenerator<WorkflowEvent, DroppedTenantSchema, void> {
  const { id, subdomain, schema, ...tenant } = await findTenant(ctx, subdomainOrId)
  const status =
    tenant.status === 'provisioning' && !dryRun ? await giveUp(ctx, id, subdomain) : tenant.status
  if (!stateAllows(status, 'drop')) {
    throw new ErpmaxError('conflict', 'schema.tenant_in_use', `${subdomain} is ${status}: its schema stays`, {
      hint: `A schema is dropped only while its tenant is ${droppable.join(', ')}`,
      details: { status },
    })
  }
  if (dryRun) {
    const tables = await tablesIn(ctx, schema)
    return {
      dry_run: true,
      tenant: { id, subdomain, status },
      schema: { name: schema, dropped_tables: tables.length, duration_ms: 0 },
    }
  }
  let dropped: DroppedSchema | undefined
  const run = new JobRun(ctx, 'drop')
  const step = {
    name: 'drop',
    title: `Drop the schema of ${subdomain}`,
    async *run() {
      dropped = yield* dropSchema(ctx, { schema, tenantId: id, allowed: droppable })
      return `${dropped.tables} tables`
    },
  }
  yield* runWorkflow([step], run.hooks())
  const { tables, duration_ms } = dropped ?? { tables: 0, duration_ms: 0 }
  await transaction(ctx, (inner) =>
    audit(inner, {
      action: 'schema.drop',
      subjectKind: 'tenant',
      subject: subdomain,
      tenantId: id,
      outcome: 'succeeded',
      before: { schema, tables },
    }),
  )
  return {
    dry_run: false,
    tenant: { id, subdomain, status },
    schema: { name: schema, dropped_tables: tables, duration_ms },
  }
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

/** Makes again what a tenant's schema has lost: tables come back empty, what is there stays. */
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { planRepair, repairSchema, type RepairPlan } from '../schemas/repair.js'
import { schemaExists } from '../schemas/look.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { statesWithSchema } from '../tenants/states.js'
import type { Context } from '../kernel/context.js'
import type { SchemaDifference } from '../schemas/verify.js'

export interface RepairedSchema {
  dry_run: boolean
  tenant: { id: string; subdomain: string; status: string }
  schema: { name: string; whole: boolean }
  made: { tables: string[]; indexes: string[]; constraints: string[] }
  /** Differences that stay: columns, and what should not be there. */
  left: SchemaDifference[]
}

/**
 * @throws conflict `schema.not_in_use` in a state in which the schema need not be whole
 * @throws not_found `schema.absent`
 */
export async function repairTenantSchema(
  ctx: Context,
  subdomainOrId: string,
  dryRun: boolean,
): Promise<RepairedSchema> {
  const tenant = await findTenant(ctx, subdomainOrId)
  await requireSchema(ctx, tenant)
  const plan = await planRepair(ctx, tenant.schema)
  if (dryRun || isEmpty(plan)) return result(tenant, plan, dryRun, plan.left.length === 0)
  const { whole } = await repairSchema(
    ctx,
    { schema: tenant.schema, tenantId: tenant.id, allowed: statesWithSchema },
    plan,
  )
  await transaction(ctx, (inner) =>
    audit(inner, {
      action: 'schema.repair',
      subjectKind: 'tenant',
      subject: tenant.subdomain,
      tenantId: tenant.id,
      outcome: 'succeeded',
      after: { schema: tenant.schema, tables: plan.tables, whole },
    }),
  )
  return result(tenant, plan, false, whole)
}

async function requireSchema(ctx: Pick<Context, 'db'>, tenant: PlacedTenant): Promise<void> {
  const { subdomain, status, schema } = tenant
  if (!(statesWithSchema as readonly string[]).includes(status)) {
    throw new ErpmaxError('conflict', 'schema.not_in_use', `${subdomain} is ${status}`, {
      hint: `erpmax tenant reconcile ${subdomain}`,
      details: { status },
    })
  }
  if (await schemaExists(ctx, schema)) return
  throw new ErpmaxError('not_found', 'schema.absent', `The schema ${schema} does not exist`, {
    hint: `erpmax schema provision ${subdomain}`,
  })
}

function isEmpty({ tables, indexes, constraints }: RepairPlan): boolean {
  return tables.length + indexes.length + constraints.length === 0
}

function result(tenant: PlacedTenant, plan: RepairPlan, dryRun: boolean, whole: boolean): RepairedSchema {
  const { id, subdomain, status, schema } = tenant
  const { left, ...made } = plan
  return { dry_run: dryRun, tenant: { id, subdomain, status }, schema: { name: schema, whole }, made, left }
}

/** Makes again what a tenant's schema has lost; what is there stays. Rows come back as far as every tenant begins with them. */
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { repairSchema } from '../schemas/repair.js'
import { isEmptyPlan, planRepair, type RepairPlan } from '../schemas/repair-plan.js'
import { grantSchema } from '../schemas/login-role.js'
import { schemaExists } from '../schemas/look.js'
import { assertTenantMay, stateAllows } from '../subscriptions/gate.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { statesWithSchema } from '../tenants/states.js'
import type { Context } from '../kernel/context.js'
import { ownTables, seedOwnRows } from './seed-tenant.js'
import type { SchemaDifference } from '../schemas/verify.js'

export interface RepairedSchema {
  dry_run: boolean
  tenant: { id: string; subdomain: string; status: string }
  schema: { name: string; whole: boolean }
  /** `seeds`: tables that got the rows back which every tenant begins with. */
  made: Omit<RepairPlan, 'left'>
  /** Differences that stay: what should not be there, or not like that. */
  left: SchemaDifference[]
}

/**
 * @throws conflict what the gate refuses for `repair`; `schema.not_in_use` in a state in which the schema need not be whole
 * @throws not_found `schema.absent`
 */
export async function repairTenantSchema(
  ctx: Context,
  subdomainOrId: string,
  dryRun: boolean,
): Promise<RepairedSchema> {
  const tenant = await findTenant(ctx, subdomainOrId)
  await transaction(ctx, (inner) => assertTenantMay(inner, tenant, 'repair'))
  await requireSchema(ctx, tenant)
  const plan = await planRepair(ctx, tenant.schema, ownTables)
  if (dryRun || isEmptyPlan(plan)) return result(tenant, plan, dryRun, plan.left.length === 0)
  const { whole } = await repairSchema(ctx, { schema: tenant.schema, tenantId: tenant.id, allowed }, plan)
  await transaction(ctx, async (inner) => {
    await assertTenantMay(inner, tenant, 'repair')
    if (plan.seeds.some((table) => ownTables.includes(table))) await seedOwnRows(inner, tenant)
    await grantSchema(inner, tenant.id)
    const { tables, columns, seeds } = plan
    await audit(inner, {
      action: 'schema.repair',
      subjectKind: 'tenant',
      subject: tenant.subdomain,
      tenantId: tenant.id,
      outcome: 'succeeded',
      after: { schema: tenant.schema, tables, columns, seeds, whole },
    })
  })
  return result(tenant, plan, false, whole)
}

/** States in which the schema is to be whole, and may be worked on. */
const allowed = statesWithSchema.filter((status) => stateAllows(status, 'repair'))

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

function result(tenant: PlacedTenant, plan: RepairPlan, dryRun: boolean, whole: boolean): RepairedSchema {
  const { id, subdomain, status, schema } = tenant
  const { left, ...made } = plan
  return { dry_run: dryRun, tenant: { id, subdomain, status }, schema: { name: schema, whole }, made, left }
}

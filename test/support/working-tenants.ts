/** Tenants that are active and subscribed, with a schema of two tables: what most rules need, in milliseconds. */
import { execute, identifier, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { dayIn, type PlainDate } from '../../src/kernel/dates.js'
import { schemaName, type SchemaName, type TenantId } from '../../src/kernel/ids.js'
import { readCatalogue } from '../../src/subscriptions/catalogue.js'
import { select } from '../../src/subscriptions/selection.js'
import { startSubscription } from '../../src/subscriptions/start.js'
import { completeProfile } from '../../src/tenants/profile.js'
import { activateTenant, reserveTenant } from '../../src/tenants/reserve.js'
import type { OpenedContext } from '../../src/context.js'

export interface WorkingTenant {
  id: TenantId
  subdomain: string
  schema: SchemaName
}

export interface WorkingTenantOptions {
  modules?: string[]
  tier?: string
  timeZone?: string
  trialDays?: number
  /** First day of the subscription; today where the tenant is. */
  from?: PlainDate
  /** Without one the tenant has no tables. */
  schema?: boolean
}

export async function workingTenant(
  ctx: OpenedContext,
  subdomain: string,
  options: WorkingTenantOptions = {},
): Promise<WorkingTenant> {
  const timeZone = options.timeZone ?? 'Asia/Kolkata'
  const from = options.from ?? dayIn(timeZone, new Date())
  const profile = await completeProfile({ name: `Company ${subdomain}`, timeZone }, 'owner@example.com')
  const { id, schema } = await reserveTenant(ctx, subdomain, profile)
  const selection = select(await readCatalogue(ctx, from), {
    modules: options.modules ?? ['finance'],
    tier: options.tier ?? 'STARTER',
    cycle: 'monthly',
    currency: profile.currency,
    trialDays: options.trialDays ?? null,
  })
  await transaction(ctx, (inner) => startSubscription(inner, id, selection, from))
  if (options.schema) await makeSchema(ctx, schema)
  await activateTenant(ctx, id)
  return { id, subdomain, schema: schemaName(schema) }
}

/** Two tables of one row each, and a sequence. */
export async function makeSchema(ctx: OpenedContext, schema: SchemaName): Promise<void> {
  const inside = identifier(schema)
  for (const statement of [
    sql`create schema ${inside}`,
    sql`create table ${inside}.parties (id uuid primary key default gen_random_uuid(), name text not null)`,
    sql`create table ${inside}.orders (id uuid primary key default gen_random_uuid(), party_id uuid references ${inside}.parties (id))`,
    sql`create sequence ${inside}.numbers`,
  ])
    await rows(ctx.db, statement)
  await execute(ctx.db, sql`insert into ${inside}.parties (name) values (${`of ${schema}`})`)
}

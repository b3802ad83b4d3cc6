/** Tenants for tests, made by the program's own functions as far as the test needs them. */
import { execute, identifier, oneRow, rows, sql } from '../../src/database/sql.js'
import { inTenant, transaction } from '../../src/database/transaction.js'
import { dayIn, type PlainDate } from '../../src/kernel/dates.js'
import { loadBaseline } from '../../src/schemas/baseline.js'
import { readCatalogue } from '../../src/subscriptions/catalogue.js'
import { select } from '../../src/subscriptions/selection.js'
import { startSubscription } from '../../src/subscriptions/start.js'
import { installCompany } from '../../src/tenants/erp-company.js'
import { findTenant, type PlacedTenant } from '../../src/tenants/find.js'
import { completeProfile, type ProfileInput } from '../../src/tenants/profile.js'
import { activateTenant, reserveTenant, type ReservedTenant } from '../../src/tenants/reserve.js'
import { createByHand } from './schemas.js'
import type { Context } from '../../src/kernel/context.js'
import type { SchemaName, SubscriptionId, TenantId, UserId } from '../../src/kernel/ids.js'

/** A tenant that is `provisioning`: its name is taken, its schema not built. */
export async function reservedTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  subdomain: string,
): Promise<ReservedTenant> {
  const profile = await completeProfile({ name: `Company ${subdomain}` }, 'owner@example.com')
  return reserveTenant(ctx, subdomain, profile)
}

export interface TenantOptions {
  modules?: readonly string[]
  tier?: string
  cycle?: string
  /** Today where the tenant is, unless it is said; a trial begins on it too. */
  startedOn?: PlainDate
  trialDays?: number
  /** People with an active membership. */
  users?: number
  country?: string
  timeZone?: string
  currency?: string
  /** State, GSTIN, VAT id and whatever else tax is judged by. */
  profile?: Partial<ProfileInput>
  /** A schema of two tables; without one the tenant is rows alone. */
  schema?: boolean
}

export interface SubscribedTenant {
  id: TenantId
  subdomain: string
  schema: SchemaName
}

/** An active tenant with a running subscription, in milliseconds: what most rules need. */
export async function subscribedTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  subdomain: string,
  { users = 0, schema: tables = false, country = 'US', timeZone = 'UTC', ...choice }: TenantOptions = {},
): Promise<SubscribedTenant> {
  const { currency = 'USD', startedOn = dayIn(timeZone, new Date()), profile: more = {} } = choice
  const company = { name: `Company ${subdomain}`, country, timeZone, currency, ...more }
  const profile = await completeProfile(company, `owner@${subdomain}.test`)
  return transaction(ctx, async (inner) => {
    const { id, schema } = await reserveTenant(inner, subdomain, profile)
    await subscribe(inner, id, { currency, ...choice, startedOn })
    if (tables) await makeSchema(inner, schema)
    await activateTenant(inner, id)
    await addPeople(inner, id, subdomain, users)
    return { id, subdomain, schema }
  })
}

type Choice = Pick<TenantOptions, 'modules' | 'tier' | 'cycle' | 'trialDays' | 'currency'>

/** A subscription for a tenant that has none: STARTER, monthly, paid from its first day on, unless it is said. */
export async function subscribe(
  ctx: Pick<Context, 'db' | 'actor'>,
  id: TenantId,
  { startedOn, ...choice }: Choice & { startedOn: PlainDate },
): Promise<SubscriptionId> {
  const { modules = [], tier = 'STARTER', cycle = 'monthly', trialDays = 0, currency = 'USD' } = choice
  const catalogue = await readCatalogue(ctx, startedOn)
  const selection = select(catalogue, { modules, tier, cycle, currency, trialDays })
  return transaction(ctx, (inner) => startSubscription(inner, id, selection, startedOn))
}

/** Two tables of one row each, and a sequence. */
export async function makeSchema(ctx: Pick<Context, 'db'>, schema: SchemaName): Promise<void> {
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

/** So many people with an active membership more. */
export async function addPeople(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  name: string,
  count: number,
): Promise<void> {
  await execute(
    ctx.db,
    sql`with people as (
          insert into public.users (email, full_name, status)
          select ${name} || n || '-' || left(gen_random_uuid()::text, 8) || '@people.test', 'Person ' || n, 'active'
          from generate_series(1, ${count}::int) n returning id)
        insert into public.memberships (user_id, tenant_id, role_id, status)
        select people.id, ${tenantId}, r.id, 'active' from people join public.roles r on r.code = 'user' and r.tenant_id is null`,
  )
}

/** An active person, or the one who has the address already. @param passwordHash of a password nobody knows, unless it is one */
export async function addPerson(
  ctx: Pick<Context, 'db'>,
  email: string,
  passwordHash: string,
): Promise<UserId> {
  await execute(
    ctx.db,
    sql`insert into public.users (email, full_name, status, password_hash)
        values (${email}, ${`Person ${email}`}, 'active', ${passwordHash}) on conflict (lower(email)) do nothing`,
  )
  const found = await oneRow<{ id: UserId }>(
    ctx.db,
    sql`select id from public.users where lower(email) = lower(${email})`,
  )
  return found.id
}

/** An active place of somebody in a tenant; the ERP does not follow. */
export async function addMember(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  userId: UserId,
  { role = 'user', isDefault = false }: { role?: string; isDefault?: boolean } = {},
): Promise<void> {
  await oneRow(
    ctx.db,
    sql`insert into public.memberships (user_id, tenant_id, role_id, status, is_default)
        select ${userId}, ${tenantId}, r.id, 'active', ${isDefault} from public.roles r
        where r.code = ${role} and (r.tenant_id is null or r.tenant_id = ${tenantId}) returning id`,
  )
}

/** A tenant that is active, with nothing in its schema but its companies: enough for everything but the ERP itself. */
export async function activeTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  subdomain: string,
): Promise<PlacedTenant> {
  const { id, schema } = await reservedTenant(ctx, subdomain)
  const { tables } = await loadBaseline()
  await createByHand(
    ctx.db,
    schema,
    tables.filter(({ name }) => name === 'companies'),
  )
  const profile = await completeProfile({ name: `Company ${subdomain}` }, 'owner@example.com')
  await inTenant(ctx, schema, (inner) => installCompany(inner, profile))
  await activateTenant(ctx, id)
  return findTenant(ctx, subdomain)
}

/** Tenants for tests, made by the program's own functions as far as the test needs them. */
import { execute, sql } from '../../src/database/sql.js'
import { inTenant, transaction } from '../../src/database/transaction.js'
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
import type { PlainDate } from '../../src/kernel/dates.js'
import type { TenantId } from '../../src/kernel/ids.js'

/** A tenant that is `provisioning`: its name is taken, its schema not built. */
export async function reservedTenant(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  subdomain: string,
): Promise<ReservedTenant> {
  const profile = await completeProfile({ name: `Company ${subdomain}` }, 'owner@example.com')
  return reserveTenant(ctx, subdomain, profile)
}

export interface ActiveRow {
  modules?: readonly string[]
  tier?: string
  cycle?: string
  /** In the tenant's time zone; a trial begins on it too. */
  startedOn: PlainDate
  trialDays?: number
  /** People with an active membership. */
  users?: number
  country?: string
  timeZone?: string
  currency?: string
  /** State, GSTIN, VAT id and whatever else tax is judged by. */
  profile?: Partial<ProfileInput>
}

/** An active tenant with its subscription, of rows alone: it has no schema. */
export async function activeTenantRow(
  ctx: Pick<Context, 'db' | 'actor' | 'clock'>,
  subdomain: string,
  {
    modules = [],
    tier = 'STARTER',
    cycle = 'monthly',
    startedOn,
    trialDays = 0,
    users = 0,
    ...place
  }: ActiveRow,
): Promise<{ id: TenantId; subdomain: string }> {
  const { country = 'US', timeZone = 'UTC', currency = 'USD', profile: more = {} } = place
  const company = { name: `Company ${subdomain}`, country, timeZone, currency, ...more }
  const profile = await completeProfile(company, `owner@${subdomain}.test`)
  return transaction(ctx, async (inner) => {
    const { id } = await reserveTenant(inner, subdomain, profile)
    const selection = select(await readCatalogue(inner, startedOn), {
      ...{ modules, tier, cycle, currency, trialDays },
    })
    await startSubscription(inner, id, selection, startedOn)
    await activateTenant(inner, id)
    await addPeople(inner, id, subdomain, users)
    return { id, subdomain }
  })
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

/** What the story of a creation writes into a new schema, for one that lost it: the seed, the company, the owners. */
import { rows, sql } from '../database/sql.js'
import { inTenant } from '../database/transaction.js'
import { installErpAdmin } from '../people/erp-user.js'
import { seedSchema } from '../schemas/seed.js'
import { installCompany } from '../tenants/erp-company.js'
import { readTenant } from '../tenants/read.js'
import type { Context } from '../kernel/context.js'
import type { UserId } from '../kernel/ids.js'
import type { PlacedTenant } from '../tenants/find.js'

/** Tables whose first rows are the tenant's own: its company, and the owners with their role. */
export const ownTables = ['companies', 'users', 'user_roles']

/** In the transaction of `ctx`; safe to repeat. Returns the rows that the seed inserted. */
export async function seedTenant(ctx: Context, tenant: PlacedTenant): Promise<number> {
  return seedSchema(ctx, tenant.schema, await ownRows(ctx, tenant))
}

/** The tenant's own rows alone. */
export async function seedOwnRows(ctx: Context, tenant: PlacedTenant): Promise<void> {
  await inTenant(ctx, tenant.schema, await ownRows(ctx, tenant))
}

async function ownRows(ctx: Context, tenant: PlacedTenant): Promise<(inside: Context) => Promise<void>> {
  const { country, state, ...profile } = await readTenant(ctx, tenant.id)
  const owners = await rows<{
    userId: UserId
    email: string
    fullName: string
    membershipStatus: 'active' | 'invited'
  }>(
    ctx.db,
    sql`select u.id as "userId", u.email, u.full_name as "fullName", m.status as "membershipStatus"
        from public.memberships m join public.users u on u.id = m.user_id join public.roles r on r.id = m.role_id
        where m.tenant_id = ${tenant.id} and r.code = 'owner' and m.status <> 'removed'`,
  )
  return async (inside) => {
    await installCompany(inside, { ...profile, country_code: country, state_code: state })
    for (const owner of owners)
      await installErpAdmin(inside, owner, { timeZone: profile.time_zone, currency: profile.currency })
  }
}

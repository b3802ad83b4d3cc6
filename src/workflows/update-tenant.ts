/** Changes a tenant's particulars and settings; its own record of its company follows in the same transaction. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, firstRow, identifier, join, oneRow, sql } from '../database/sql.js'
import { isUniqueViolation } from '../database/sql-errors.js'
import { inTenant } from '../database/transaction.js'
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { enqueue } from '../operations/outbox.js'
import { assertTenantMay } from '../subscriptions/gate.js'
import { changedFields, changedProfile, type ProfileChanges } from '../tenants/change-profile.js'
import { followProfile } from '../tenants/erp-company.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { lockTenant } from '../tenants/move.js'
import { readWholeTenant, type WholeTenantJson } from '../tenants/read.js'
import { changedSettings } from '../tenants/settings.js'
import type { Context } from '../kernel/context.js'
import type { Profile } from '../tenants/profile.js'

export interface TenantUpdate {
  profile: ProfileChanges
  /** `key=value` each. */
  set: readonly string[]
  unset: readonly string[]
  dryRun: boolean
}

export interface UpdatedTenant {
  dry_run: boolean
  /** False where everything was so already, and nothing was written. */
  changed: boolean
  /** What has changed alone; `settings` as a whole. */
  before: Record<string, unknown>
  after: Record<string, unknown>
  tenant: WholeTenantJson
}

/**
 * @throws conflict `tenant.currency_in_use` while it is subscribed; what the gate refuses for `update`
 * @throws usage `tenant.<field>_invalid`, `tenant.settings_invalid`
 */
export async function updateTenant(
  ctx: Context,
  subdomainOrId: string,
  update: TenantUpdate,
): Promise<UpdatedTenant> {
  const tenant = await findTenant(ctx, subdomainOrId)
  return changeOrRehearse(ctx, update.dryRun, async (inner) => {
    await lockTenant(inner, tenant.id)
    await assertTenantMay(inner, tenant, 'update')
    const was = await readWholeTenant(inner, tenant.id)
    const profile = profileOf(was)
    const changed = await changedProfile(profile, update.profile)
    const fields = changedFields(profile, changed)
    if (fields.includes('currency')) await requireFreeCurrency(inner, tenant, changed)
    const settings = changedSettings(was.settings, update.set, update.unset)
    const sameSettings = await storeSettings(inner, tenant, settings)
    if (fields.length > 0) await storeProfile(inner, tenant, changed, fields)
    const now = await readWholeTenant(inner, tenant.id)
    const keys = [...fields.map(keyOf), ...(sameSettings ? [] : (['settings'] as const))]
    const result = { before: only(was, keys), after: only(now, keys), tenant: now }
    if (keys.length > 0) await tell(inner, tenant, result, keys)
    return { dry_run: update.dryRun, changed: keys.length > 0, ...result }
  })
}

async function storeProfile(
  ctx: Context,
  { id, schema }: PlacedTenant,
  profile: Profile,
  fields: readonly (keyof Profile)[],
): Promise<void> {
  const assignments = fields.map((field) => sql`${identifier(field)} = ${profile[field]}`)
  await execute(
    ctx.db,
    sql`update public.tenants set ${join(assignments, ', ')}, updated_at = now() where id = ${id}`,
  )
  // A schema that lost its companies gets them back from here by `schema provision`.
  if (!(await firstRow(ctx.db, sql`select 1 where to_regclass(${`${schema}.companies`}) is not null`))) return
  await inTenant(ctx, schema, (inner) => followProfile(inner, profile, fields)).catch((error: unknown) => {
    throw isUniqueViolation(error, 'companies_gstin_key') ? gstinTaken(profile, error) : error
  })
}

/** @returns whether they were so already */
async function storeSettings(
  ctx: Context,
  { id }: PlacedTenant,
  settings: Record<string, unknown>,
): Promise<boolean> {
  const stored = JSON.stringify(settings)
  return (
    (await execute(
      ctx.db,
      sql`update public.tenants set settings = ${stored}::jsonb, updated_at = now() where id = ${id} and settings <> ${stored}::jsonb`,
    )) === 0
  )
}

/** What is billed in a currency stays in it: a contract has one. */
async function requireFreeCurrency(
  ctx: Context,
  { id, subdomain }: PlacedTenant,
  { currency, time_zone }: Profile,
): Promise<void> {
  const { priced } = await oneRow<{ priced: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.prices where currency = ${currency}
          and validity @> ${dayIn(time_zone, ctx.clock.now())}::date) as priced`,
  )
  if (!priced) {
    throw new ErpmaxError('usage', 'currency.unpriced', `There are no prices in ${currency}`, {
      hint: 'erpmax module price list',
    })
  }
  const { subscribed } = await oneRow<{ subscribed: boolean }>(
    ctx.db,
    sql`select exists (select 1 from public.subscriptions where tenant_id = ${id} and status <> 'cancelled') as subscribed`,
  )
  if (subscribed) {
    throw new ErpmaxError(
      'conflict',
      'tenant.currency_in_use',
      `${subdomain} has a running subscription in its currency: it cannot change now`,
      { hint: `erpmax subscription cancel ${subdomain} --now --yes`, details: { field: 'currency' } },
    )
  }
}

/** The event says what has changed, not to what: the values are the tenant's own business. */
async function tell(
  ctx: Context,
  { id, subdomain }: PlacedTenant,
  { before, after }: Pick<UpdatedTenant, 'before' | 'after'>,
  changed: readonly string[],
): Promise<void> {
  await audit(ctx, {
    action: 'tenant.update',
    subjectKind: 'tenant',
    subject: subdomain,
    tenantId: id,
    outcome: 'succeeded',
    before,
    after,
  })
  const { key } = await oneRow<{ key: string }>(ctx.db, sql`select gen_random_uuid() as key`)
  await enqueue(ctx, {
    topic: 'tenant.updated',
    key: `${id}/${key}`,
    tenantId: id,
    payload: { subdomain, changed },
  })
}

function gstinTaken({ gstin }: Profile, cause: unknown): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'tenant.gstin_taken',
    `The GSTIN ${gstin} belongs to another company of this tenant already`,
    { hint: '--gstin of its first company', details: { field: 'gstin' }, cause },
  )
}

type ProfileKey = keyof WholeTenantJson

/** JSON has its own names for two of the columns. */
function keyOf(field: keyof Profile): ProfileKey {
  if (field === 'country_code') return 'country'
  return field === 'state_code' ? 'state' : field
}

function profileOf({ country, state, ...rest }: WholeTenantJson): Profile {
  return { ...rest, country_code: country, state_code: state }
}

function only(tenant: WholeTenantJson, keys: readonly ProfileKey[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, tenant[key]]))
}

/** Feature flags: a switch of one tenant, for its whole ERP or for one module, with a configuration in JSON. */
import { execute, firstRow, sql } from '../database/sql.js'
import { changeOrRehearse } from '../database/rehearse.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { findTenant, type PlacedTenant } from '../tenants/find.js'
import { calendarOf } from '../tenants/today.js'
import { assertMayUseModule, requireModule } from './entitlements.js'
import { assertTenantMay } from './gate.js'
import type { Context } from '../kernel/context.js'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export interface FeatureName {
  flag: string
  /** Null: a flag of the tenant as a whole. */
  module: string | null
}

export interface FeatureChange extends FeatureName {
  enabled: boolean
  /** Undefined: as it was, an empty object where the flag is new. */
  config: Json | undefined
}

export interface FeatureResult {
  tenant: string
  flag: string
  module: string | null
  /** Null after `unset`: what the ERP does without the flag. */
  enabled: boolean | null
  config: Json
  /** False where it was so already. */
  changed: boolean
  dry_run: boolean
}

interface StoredFeature {
  id: string
  enabled: boolean
  config: Json
}

const flagPattern = /^[a-z][a-z0-9_.-]{0,62}$/
/** In bytes; Postgres writes it with spaces, and takes 65,536 then. */
const longestConfig = 32_000
/** A zero character or half of a surrogate pair, as JSON.stringify escapes them: Postgres stores neither. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** @throws usage `feature.flag_invalid` */
export function flagName(text: string): string {
  if (flagPattern.test(text)) return text
  throw new ErpmaxError(
    'usage',
    'feature.flag_invalid',
    `"${text.slice(0, 80)}" is not the name of a flag: a letter, then up to 62 of a-z, 0-9, _ . -`,
  )
}

/** @throws usage `feature.config_invalid` */
export function flagConfig(text: string): Json {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ErpmaxError('usage', 'feature.config_invalid', `The configuration ${why}`, {
      hint: `--config '{"limit": 10}'`,
      ...(cause === undefined ? {} : { cause }),
    })
  }
  if (Buffer.byteLength(text) > longestConfig) refuse(`has more than ${longestConfig} bytes`)
  let config: Json = null
  try {
    config = JSON.parse(text) as Json
  } catch (cause) {
    refuse('is not JSON', cause)
  }
  if (unstorable.test(JSON.stringify(config))) refuse('holds a character that Postgres does not store')
  return config
}

/** Safe to repeat. @throws conflict where the tenant may not work, or is not entitled to the module */
export async function setFeature(
  ctx: Context,
  subdomainOrId: string,
  change: FeatureChange,
  dryRun: boolean,
): Promise<FeatureResult> {
  const tenant = await findTenant(ctx, subdomainOrId)
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await requireGate(inner, tenant, change.module)
    const { flag, module, enabled } = change
    const before = await lockOrInsert(inner, tenant, change)
    const config = change.config === undefined ? (before ? before.config : {}) : change.config
    let changed = before === null
    if (before) {
      const touched = await execute(
        inner.db,
        sql`update public.tenant_features set enabled = ${enabled}, config = ${JSON.stringify(config)}::jsonb, updated_at = now()
            where id = ${before.id} and (enabled, config) is distinct from (${enabled}::boolean, ${JSON.stringify(config)}::jsonb)`,
      )
      changed = touched > 0
    }
    if (changed) await record(inner, tenant, 'feature.set', change, before, { enabled, config })
    return { tenant: tenant.subdomain, flag, module, enabled, config, changed, dry_run: dryRun }
  })
}

/** Takes the flag away, so that the ERP's own default holds again. Safe to repeat. */
export async function unsetFeature(
  ctx: Context,
  subdomainOrId: string,
  name: FeatureName,
  dryRun: boolean,
): Promise<FeatureResult> {
  const tenant = await findTenant(ctx, subdomainOrId)
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await assertTenantMay(inner, tenant, 'work')
    if (name.module !== null) await requireModule(inner, name.module)
    const { flag, module } = name
    const before = await lockFeature(inner, tenant, name)
    if (before) {
      await execute(inner.db, sql`delete from public.tenant_features where id = ${before.id}`)
      await record(inner, tenant, 'feature.unset', name, before, null)
    }
    return {
      ...{ tenant: tenant.subdomain, flag, module, enabled: null, config: {} },
      ...{ changed: before !== null, dry_run: dryRun },
    }
  })
}

/** A flag of a module may be taken away when the module is gone; set it may not. */
async function requireGate(ctx: Context, tenant: PlacedTenant, module: string | null): Promise<void> {
  if (module === null) return assertTenantMay(ctx, tenant, 'work')
  return assertMayUseModule(ctx, tenant, module, (await calendarOf(ctx, tenant.id)).today)
}

/** What was there before, locked; null where it was made now. A flag that somebody takes away meanwhile is made anew. */
async function lockOrInsert(
  ctx: Pick<Context, 'db'>,
  tenant: PlacedTenant,
  change: FeatureChange,
): Promise<StoredFeature | null> {
  for (;;) {
    const made = await execute(
      ctx.db,
      sql`insert into public.tenant_features (tenant_id, module_code, flag, enabled, config)
          values (${tenant.id}, ${change.module}, ${change.flag}, ${change.enabled}, ${JSON.stringify(change.config === undefined ? {} : change.config)}::jsonb)
          on conflict do nothing`,
    )
    if (made > 0) return null
    const there = await lockFeature(ctx, tenant, change)
    if (there) return there
  }
}

async function lockFeature(
  ctx: Pick<Context, 'db'>,
  tenant: PlacedTenant,
  { flag, module }: FeatureName,
): Promise<StoredFeature | null> {
  return firstRow<StoredFeature>(
    ctx.db,
    sql`select id, enabled, config from public.tenant_features
        where tenant_id = ${tenant.id} and module_code is not distinct from ${module} and flag = ${flag} for update`,
  )
}

async function record(
  ctx: Context,
  tenant: PlacedTenant,
  action: string,
  { flag, module }: FeatureName,
  before: StoredFeature | null,
  after: { enabled: boolean; config: Json } | null,
): Promise<void> {
  const value = (stored: { enabled: boolean; config: Json } | null) => ({
    ...{ flag, module },
    ...(stored ? { enabled: stored.enabled, config: stored.config } : {}),
  })
  await audit(ctx, {
    action,
    subjectKind: 'tenant',
    subject: tenant.subdomain,
    tenantId: tenant.id,
    outcome: 'succeeded',
    ...(before ? { before: value(before) } : {}),
    after: value(after),
  })
}

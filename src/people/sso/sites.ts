/** The sites of a tenant: added with a key that is shown once, given another key, removed. */
import { execute, oneRow, rows, sql } from '../../database/sql.js'
import { isUniqueViolation } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { assertTenantMay } from '../../subscriptions/gate.js'
import { findTenant } from '../../tenants/find.js'
import { findSite, requireInUse, type Site } from './find-site.js'
import { siteOrigin } from './site-origin.js'
import { giveKey } from './site-keys.js'
import type { Context } from '../../kernel/context.js'

export interface SiteJson {
  id: string
  tenant: string
  site: string
  status: 'active' | 'removed'
  created_at: string
  removed_at: string | null
}

export interface KeyedSite {
  site: SiteJson & {
    key_prefix: string
    /** Until when the keys it had before are taken; null where it had none. */
    earlier_keys_until: string | null
  }
  /** The key: shown once, only its hash is stored. */
  token: string
}

export interface RemovedSite {
  /** False where it was removed already. */
  changed: boolean
  site: SiteJson
  revoked_tokens: number
}

type SiteContext = Pick<Context, 'db' | 'actor' | 'clock' | 'config' | 'random'>

/**
 * @throws usage `sso.site_invalid`; conflict `sso.site_exists`, `sso.site_taken` for another tenant's
 */
export async function addSite(ctx: SiteContext, subdomainOrId: string, address: string): Promise<KeyedSite> {
  const origin = siteOrigin(address, ctx.config.environment === 'production')
  const { id: tenantId, subdomain } = await findTenant(ctx, subdomainOrId)
  try {
    return await transaction(ctx, async (inner) => {
      await assertTenantMay(inner, { id: tenantId }, 'work')
      const now = ctx.clock.now()
      const { id } = await oneRow<{ id: string }>(
        inner.db,
        sql`insert into public.sso_sites (tenant_id, origin, operator, created_at, updated_at)
            values (${tenantId}, ${origin}, ${ctx.actor.operator}, ${now.toISOString()}, ${now.toISOString()}) returning id`,
      )
      const { key, prefix } = await giveKey(inner, id, now)
      const site = { id, tenant_id: tenantId, tenant: subdomain, origin, created_at: now, removed_at: null }
      await auditSite(inner, 'sso_site.add', site, { site: origin, key_prefix: prefix })
      return {
        site: { ...siteJson(site), key_prefix: prefix, earlier_keys_until: null },
        token: key.reveal(),
      }
    })
  } catch (error) {
    if (isUniqueViolation(error, 'sso_sites_origin_key')) throw await takenError(ctx, origin, subdomain)
    throw error
  }
}

async function takenError(ctx: SiteContext, origin: string, subdomain: string): Promise<ErpmaxError> {
  const { tenant } = await findSite(ctx, origin)
  return tenant === subdomain
    ? new ErpmaxError('conflict', 'sso.site_exists', `${subdomain} has the site ${origin} already`, {
        hint: `erpmax sso-site rotate ${origin}`,
      })
    : new ErpmaxError('conflict', 'sso.site_taken', `${origin} is a site of ${tenant}`, {
        hint: `erpmax sso-site list ${tenant}`,
        details: { tenant },
      })
}

/**
 * Another key; the earlier ones are taken for `overlapHours` more, so that the site can change over.
 * @param overlapHours 0: they end at once
 */
export async function rotateSite(ctx: SiteContext, text: string, overlapHours: number): Promise<KeyedSite> {
  return transaction(ctx, async (inner) => {
    const { tenant_id } = await findSite(inner, text)
    await assertTenantMay(inner, { id: tenant_id }, 'work')
    const site = await findSite(inner, text, { lock: true })
    requireInUse(site)
    const until = new Date(ctx.clock.now().getTime() + overlapHours * 3_600_000)
    const { key, prefix } = await giveKey(inner, site.id, until)
    await touch(inner, site.id)
    await auditSite(inner, 'sso_site.rotate', site, {
      ...{ site: site.origin, key_prefix: prefix, earlier_keys_until: until.toISOString() },
    })
    return {
      site: { ...siteJson(site), key_prefix: prefix, earlier_keys_until: until.toISOString() },
      token: key.reveal(),
    }
  })
}

/** Its keys are taken no more and the tokens that wait for it are revoked. Safe to repeat. */
export async function removeSite(ctx: SiteContext, text: string): Promise<RemovedSite> {
  return transaction(ctx, async (inner) => {
    const { tenant_id } = await findSite(inner, text)
    await assertTenantMay(inner, { id: tenant_id }, 'show')
    const site = await findSite(inner, text, { lock: true })
    if (site.removed_at !== null) return { changed: false, site: siteJson(site), revoked_tokens: 0 }
    const now = ctx.clock.now()
    // A clock that was set back between the two must not keep anybody from closing a site.
    const removed = { ...site, removed_at: now < site.created_at ? site.created_at : now }
    await execute(
      inner.db,
      sql`update public.sso_sites set removed_at = ${removed.removed_at.toISOString()}, updated_at = ${now.toISOString()} where id = ${site.id}`,
    )
    const revoked = await rows(
      inner.db,
      sql`update public.sso_tokens set status = 'revoked', ended_at = ${now.toISOString()}
          where site_id = ${site.id} and status = 'issued' and expires_at > ${now.toISOString()}::timestamptz returning id`,
    )
    await auditSite(inner, 'sso_site.remove', site, { site: site.origin, revoked_tokens: revoked.length })
    return { changed: true, site: siteJson(removed), revoked_tokens: revoked.length }
  })
}

async function touch(ctx: Pick<Context, 'db' | 'clock'>, id: string): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.sso_sites set updated_at = ${ctx.clock.now().toISOString()} where id = ${id}`,
  )
}

async function auditSite(
  ctx: Pick<Context, 'db' | 'actor'>,
  action: string,
  { origin, tenant_id }: Pick<Site, 'origin' | 'tenant_id'>,
  after: Record<string, unknown>,
): Promise<void> {
  await audit(ctx, {
    ...{ action, subjectKind: 'sso_site', subject: origin, tenantId: tenant_id },
    ...{ outcome: 'succeeded' as const, after },
  })
}

export function siteJson({ id, tenant, origin, created_at, removed_at }: Site): SiteJson {
  return {
    ...{ id, tenant, site: origin, status: removed_at ? 'removed' : 'active' },
    created_at: created_at.toISOString(),
    removed_at: removed_at?.toISOString() ?? null,
  }
}

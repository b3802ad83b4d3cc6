/** What `tenant create` hands back: the contract of its JSON output. */
import { oneRow, sql } from '../database/sql.js'
import { addDays } from '../kernel/dates.js'
import { moneyJson } from '../kernel/money.js'
import { publicAddress } from '../kernel/public-address.js'
import { newSchemaName } from '../tenants/subdomain.js'
import { readSubscription, type SubscriptionJson } from '../subscriptions/read.js'
import { readTenant, type TenantJson } from '../tenants/read.js'
import type { AccessToken } from '../people/access-token.js'
import type { FirstAdmin } from '../people/first-admin.js'
import type { BuiltSchema } from '../schemas/build.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { CreateTenantRequest } from './create-tenant-request.js'

export interface CreatedTenant {
  created: boolean
  tenant: TenantJson
  schema: { name: string; table_count: number; duration_ms: number | null; fingerprint: string | null }
  subscription: SubscriptionJson | null
  admin: { id: string; email: string; full_name: string; role: 'owner'; membership_status: string } | null
  access_token: string | null
  access_token_expires_at: string | null
  invitation_url: string | null
  /** Whether the link waits in the queue of mails too. */
  invitation_mailed: boolean
  /** The commands to type next. */
  next: string[]
}

/** What `--dry-run` shows: the same shape, without what only a real run has. */
export interface PlannedTenant {
  dry_run: true
  created: false
  tenant: Omit<TenantJson, 'id' | 'created_at' | 'activated_at'>
  schema: { name: string; table_count: number; duration_ms: null }
  subscription: Omit<SubscriptionJson, 'id'>
  admin: { email: string; full_name: string; role: 'owner'; membership_status: string }
  next: string[]
}

export function plannedTenant(
  request: CreateTenantRequest,
  tableCount: number,
  adminExists: boolean,
): PlannedTenant {
  const { profile, selection, subdomain, admin, today } = request
  const { country_code: country, state_code: state, ...rest } = profile
  const trialEnd = selection.trialDays > 0 ? addDays(today, selection.trialDays) : null
  const schema = newSchemaName(subdomain)
  return {
    dry_run: true,
    created: false,
    tenant: { subdomain, status: 'active', ...rest, country, state, schema },
    schema: { name: schema, table_count: tableCount, duration_ms: null },
    subscription: {
      status: trialEnd ? 'trialing' : 'active',
      tier: selection.tier.code,
      cycle: selection.cycle,
      currency: selection.currency,
      started_on: today,
      trial_ends_on: trialEnd,
      anchor_date: trialEnd ?? today,
      next_billing_on: trialEnd ?? today,
      per_period: moneyJson(selection.perPeriod),
      items: selection.prices.map(({ kind, code, amount_minor, currency }) => ({
        kind,
        code,
        name:
          kind === 'platform' ? `${selection.tier.name} platform fee` : (selection.names.get(code) ?? code),
        price: moneyJson({ amountMinor: amount_minor, currency }),
        from: today,
        to: null,
      })),
    },
    admin: {
      email: admin.email,
      full_name: admin.fullName,
      role: 'owner',
      membership_status: adminExists ? 'invited' : 'active',
    },
    next: [`erpmax tenant create ${subdomain} ... without --dry-run`],
  }
}

/** What the tenant and its subscription are, read in the transaction that activates: after it nothing can fail. */
export interface ActiveTenant {
  tenant: TenantJson
  subscription: SubscriptionJson | null
}

export async function readActive(ctx: Pick<Context, 'db'>, tenantId: TenantId): Promise<ActiveTenant> {
  return { tenant: await readTenant(ctx, tenantId), subscription: await readSubscription(ctx, tenantId) }
}

export function createdTenant(
  ctx: Pick<Context, 'config'>,
  parts: {
    active: ActiveTenant
    schema: BuiltSchema
    admin: FirstAdmin
    token: AccessToken | null
    mailed: boolean
  },
): CreatedTenant {
  const { schema, admin, token } = parts
  const { tenant, subscription } = parts.active
  return {
    created: true,
    tenant,
    schema: {
      name: tenant.schema,
      table_count: schema.tables,
      duration_ms: schema.duration_ms,
      fingerprint: schema.fingerprint,
    },
    subscription,
    admin: {
      id: admin.userId,
      email: admin.email,
      full_name: admin.fullName,
      role: 'owner',
      membership_status: admin.membershipStatus,
    },
    access_token: token?.token.reveal() ?? null,
    access_token_expires_at: token?.expiresAt.toISOString() ?? null,
    invitation_url: admin.invitation
      ? `${publicUrl(ctx)}/invitations/${admin.invitation.token.reveal()}`
      : null,
    invitation_mailed: parts.mailed,
    next: nextCommands(tenant.subdomain),
  }
}

/** For `--if-not-exists`: the tenant as it is, without a token. */
export async function existingTenant(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
  request: CreateTenantRequest,
): Promise<CreatedTenant> {
  const placed = await oneRow<{ fingerprint: string | null; tables: number }>(
    ctx.db,
    sql`select p.fingerprint, (select count(*)::int from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where n.nspname = p.schema_name and c.relkind = 'r') as tables
        from public.tenant_placements p where p.tenant_id = ${tenantId}`,
  )
  const tenant = await readTenant(ctx, tenantId)
  return {
    created: false,
    tenant,
    schema: {
      name: tenant.schema,
      table_count: placed.tables,
      duration_ms: null,
      fingerprint: placed.fingerprint,
    },
    subscription: await readSubscription(ctx, tenantId),
    admin: null,
    access_token: null,
    access_token_expires_at: null,
    invitation_url: null,
    invitation_mailed: false,
    next: nextCommands(request.subdomain),
  }
}

/** Where links begin; the listener's own address while nothing is configured. */
export function publicUrl({ config }: Pick<Context, 'config'>): string {
  return publicAddress(config) ?? 'http://localhost:8787'
}

function nextCommands(subdomain: string): string[] {
  return [`erpmax tenant show ${subdomain}`, `erpmax schema verify ${subdomain}`, 'erpmax module list']
}

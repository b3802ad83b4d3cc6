/** The control plane's part of a tenant's backup, one JSON document: who the tenant is, its settings, roles and people. */
import * as z from 'zod'
import { ErpmaxError } from '../kernel/errors.js'
import { readMembers, readRoles } from '../people/kept-people.js'
import { readSubscription } from '../subscriptions/read.js'
import { readKeptRows } from '../tenants/kept-rows.js'
import { readTenant } from '../tenants/read.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

const text = z.string().nullable()

const shape = z.object({
  /** Columns of `public.tenants`. */
  profile: z.object({
    name: z.string(),
    legal_name: z.string(),
    industry: text,
    company_size: text,
    country_code: z.string(),
    state_code: text,
    gst_state_code: text,
    gstin: text,
    gst_treatment: text.default(null),
    vat_id: text,
    billing_email: z.string(),
    address_line1: text,
    address_line2: text,
    city: text,
    postal_code: text,
    time_zone: z.string(),
    currency: z.string(),
    language: z.string(),
  }),
  /** Settings and flags: rows by table, without the columns that are of this installation alone. */
  kept_rows: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
  roles: z.array(
    z.object({
      code: z.string(),
      name: z.string(),
      description: z.string(),
      permissions: z.array(z.string()),
    }),
  ),
  members: z.array(
    z.object({
      user_id: z.uuid(),
      email: z.string(),
      full_name: z.string(),
      language: z.string(),
      role: z.string(),
      erp_role: z.literal('MANAGER').nullable().default(null),
      status: z.string(),
    }),
  ),
  /** For information: a restore never begins or changes what is paid for. */
  subscription: z
    .object({
      status: z.string(),
      tier: z.string(),
      cycle: z.string(),
      currency: z.string(),
      modules: z.array(z.string()),
    })
    .nullable(),
})
export type ControlDocument = z.infer<typeof shape>

/** Of the moment the transaction of `ctx` sees. */
export async function readControlDocument(
  ctx: Pick<Context, 'db'>,
  tenantId: TenantId,
): Promise<ControlDocument> {
  const tenant = await readTenant(ctx, tenantId)
  const subscription = await readSubscription(ctx, tenantId)
  return {
    profile: shape.shape.profile.parse({ ...tenant, country_code: tenant.country, state_code: tenant.state }),
    kept_rows: await readKeptRows(ctx, tenantId),
    roles: await readRoles(ctx, tenantId),
    members: await readMembers(ctx, tenantId),
    subscription: subscription && {
      status: subscription.status,
      tier: subscription.tier,
      cycle: subscription.cycle,
      currency: subscription.currency,
      modules: subscription.items
        .filter(({ kind, to }) => kind === 'module' && to === null)
        .map(({ code }) => code),
    },
  }
}

/** @throws failure `backup.form_unknown` */
export function parseControlDocument(content: Buffer): ControlDocument {
  const parsed = shape.safeParse(JSON.parse(content.toString('utf8')))
  if (parsed.success) return parsed.data
  throw new ErpmaxError(
    'failure',
    'backup.form_unknown',
    'The control-plane rows of the backup are not of a form this program knows',
    { hint: 'Use the version of erpmax that wrote it', details: { issues: parsed.error.issues.slice(0, 3) } },
  )
}

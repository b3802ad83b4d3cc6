/** The answers of the API as schemas: what its document is generated from, and its tests hold it to. */
import * as z from 'zod'

export const tokens = z.strictObject({
  access_token: z.string().meta({ description: 'JWT, ES256; 30 minutes' }),
  access_token_expires_at: z.iso.datetime(),
  refresh_token: z
    .string()
    .nullable()
    .meta({ description: 'works once, within 7 days; null: the one there is goes on' }),
  refresh_token_expires_at: z.iso.datetime().nullable(),
  session: z.strictObject({ id: z.uuid() }),
  user: z.strictObject({ id: z.uuid(), email: z.string(), full_name: z.string() }),
  tenant: z.strictObject({ id: z.uuid(), subdomain: z.string(), name: z.string() }),
  role: z.string(),
})

const userTenant = z.strictObject({
  id: z.uuid(),
  subdomain: z.string(),
  name: z.string(),
  status: z.string(),
  role: z.string(),
  is_default: z.boolean(),
})

export const who = z.strictObject({
  user: z.strictObject({ id: z.uuid(), email: z.string(), full_name: z.string(), language: z.string() }),
  tenant: z.strictObject({ id: z.uuid(), subdomain: z.string(), name: z.string() }),
  role: z.string(),
  permissions: z.array(z.string()).meta({ description: 'module:action' }),
  session: z.strictObject({ id: z.uuid() }).nullable(),
  expires_at: z.iso.datetime(),
  tenants: z.array(userTenant),
})

export const userTenants = z.strictObject({ items: z.array(userTenant), next_cursor: z.null() })

export const loggedOut = z.strictObject({ ended: z.int().nonnegative() })

export const accepted = z.strictObject({ accepted: z.literal(true) })

export const subdomainCheck = z.strictObject({
  subdomain: z.string(),
  available: z.boolean(),
  reason: z.enum(['free', 'taken', 'reserved', 'malformed']),
  message: z.string(),
  alternatives: z.array(z.string()),
})

const price = z.strictObject({
  cycle: z.enum(['monthly', 'annual']),
  price: z.strictObject({ amount_minor: z.int(), currency: z.string() }),
})

export const modules = z.strictObject({
  modules: z.array(
    z.strictObject({
      code: z.string(),
      name: z.string(),
      summary: z.string(),
      is_base: z.boolean(),
      requires: z.array(z.string()),
      prices: z.array(price),
    }),
  ),
  tiers: z.array(
    z.strictObject({
      code: z.string(),
      name: z.string(),
      max_paid_modules: z.int().nullable(),
      max_users: z.int().nullable(),
      max_storage_gb: z.int().nullable(),
      max_api_calls_per_month: z.int().nullable(),
      trial_days: z.int(),
      fees: z.array(price),
    }),
  ),
})

export const failure = z.strictObject({
  ok: z.literal(false),
  error: z.object({
    code: z.string().meta({ description: 'stable and dotted: branch on it' }),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    retryable: z.boolean(),
  }),
})

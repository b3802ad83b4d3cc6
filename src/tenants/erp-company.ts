/** The tenant's own record of its company, in its schema: the legal entity its documents are issued by. */
import { execute, identifier, join, sql, type Sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { Profile } from './profile.js'

/** Writes the first company; the search path must be on the tenant's schema. Safe to repeat. */
export async function installCompany(ctx: Pick<Context, 'db'>, profile: Profile): Promise<void> {
  const indian = profile.country_code === 'IN'
  await execute(
    ctx.db,
    sql`insert into companies
          (code, name, legal_name, industry, company_size, country_code, state_code, gst_state_code, gst_registration_type, gstin, pan,
           vat_id, billing_email, address_line1, address_line2, city, postal_code, time_zone, base_currency_code, language,
           fiscal_year_start_month)
        values ('MAIN', ${profile.name}, ${profile.legal_name}, ${profile.industry}, ${profile.company_size}, ${profile.country_code},
                ${profile.state_code}, ${profile.gst_state_code}, ${indian ? (profile.gstin ? 'regular' : 'unregistered') : null},
                ${profile.gstin}, ${profile.gstin?.slice(2, 12) ?? null}, ${profile.vat_id}, ${profile.billing_email},
                ${profile.address_line1}, ${profile.address_line2}, ${profile.city}, ${profile.postal_code}, ${profile.time_zone},
                ${profile.currency}, ${profile.language}, ${indian ? 4 : 1})
        on conflict (code) do nothing`,
  )
}

/** What a company's tax registration hangs together by: its checks look at these columns at once. */
const registration = ['country_code', 'state_code', 'gst_state_code', 'gstin', 'postal_code'] as const

/** How we see the customer on our invoices: its company says for itself how it is registered. */
const ours: readonly (keyof Profile)[] = ['gst_treatment']

/** Where the tenant's company keeps a particular under another name. */
const renamed: Partial<Record<keyof Profile, string>> = { currency: 'base_currency_code' }

/**
 * Brings what has changed into the first company; the search path must be on the tenant's schema. What the tenant
 * changed there itself stays where the control plane's own value has not moved.
 */
export async function followProfile(
  ctx: Pick<Context, 'db'>,
  profile: Profile,
  changed: readonly (keyof Profile)[],
): Promise<void> {
  const moved = registration.some((field) => changed.includes(field))
  const fields = [...new Set([...changed, ...(moved ? registration : [])])].filter(
    (field) => !ours.includes(field),
  )
  if (fields.length === 0) return
  const assignments = fields.map((field) => sql`${identifier(renamed[field] ?? field)} = ${profile[field]}`)
  if (moved) assignments.push(registrationType(profile), sql`pan = ${panOf(profile)}`)
  await execute(
    ctx.db,
    sql`update companies set ${join(assignments, ', ')}, updated_at = now() where code = 'MAIN'`,
  )
}

/** A tenant who is registered in another way than the usual one has said so in its company, and stays so. */
function registrationType({ country_code, gstin }: Profile): Sql {
  if (country_code !== 'IN') return sql`gst_registration_type = null`
  if (!gstin) return sql`gst_registration_type = 'unregistered'`
  return sql`gst_registration_type = coalesce(nullif(gst_registration_type, 'unregistered'), 'regular')`
}

/** A company keeps its PAN when it gives up its GSTIN; abroad it has none. */
function panOf({ country_code, gstin }: Profile): Sql {
  if (country_code !== 'IN') return sql`null`
  return gstin ? sql`${gstin.slice(2, 12)}` : sql`pan`
}

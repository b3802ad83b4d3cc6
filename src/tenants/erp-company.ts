/** The tenant's own record of its company, in its schema: the legal entity its documents are issued by. */
import { execute, sql } from '../database/sql.js'
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

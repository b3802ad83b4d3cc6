/** A tenant's particulars put back as a backup has them; its name, its state and its place stay. */
import { execute, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { Profile } from './profile.js'

export async function restoreProfile(
  ctx: Pick<Context, 'db'>,
  id: TenantId,
  profile: Profile,
): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.tenants set
          name = ${profile.name}, legal_name = ${profile.legal_name}, industry = ${profile.industry},
          company_size = ${profile.company_size}, country_code = ${profile.country_code}, state_code = ${profile.state_code},
          gst_state_code = ${profile.gst_state_code}, gstin = ${profile.gstin}, gst_treatment = ${profile.gst_treatment}, vat_id = ${profile.vat_id},
          billing_email = ${profile.billing_email}, address_line1 = ${profile.address_line1},
          address_line2 = ${profile.address_line2}, city = ${profile.city}, postal_code = ${profile.postal_code},
          time_zone = ${profile.time_zone}, currency = ${profile.currency}, language = ${profile.language}, updated_at = now()
        where id = ${id}`,
  )
}

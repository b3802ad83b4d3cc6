/** A stand-in until the login roles are there: no tenant has one. */
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export async function grantSchema(_ctx: Pick<Context, 'db'>, _tenantId: TenantId): Promise<void> {}

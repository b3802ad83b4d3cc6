/** `billing supplier show`: the version in force today. */
import { requireSupplier, supplierJson, type SupplierJson } from '../billing/supplier.js'
import type { Context } from '../kernel/context.js'

/** @throws conflict `billing.supplier_missing` */
export async function showSupplier(ctx: Pick<Context, 'db' | 'clock'>): Promise<{ supplier: SupplierJson }> {
  return { supplier: supplierJson(ctx, await requireSupplier(ctx)) }
}

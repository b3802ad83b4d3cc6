/** Taxes as the database keeps them. */
import type { DocumentTax } from '../document.js'

export function taxesJson(taxes: readonly DocumentTax[]): object[] {
  return taxes.map((tax) => ({ ...tax, amount_minor: Number(tax.amount_minor) }))
}

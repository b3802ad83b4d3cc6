/** The lines that charged days which were given up, for the credits of a batch. */
import { rows, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { TaxHead } from '../document.js'
import type { ChargedLine } from '../credit-plan.js'

interface ChargedRow {
  adjustment_id: string
  id: string
  invoice_id: string
  description: string
  sac: string | null
  from: PlainDate
  to: PlainDate
  full_from: PlainDate
  full_to: PlainDate
  unit_price_minor: bigint
  taxable_minor: bigint
  taxes: { head: TaxHead; rate: string; amount_minor: number }[]
  credited: { taxable_minor: number; taxes: { head: TaxHead; amount_minor: number }[] }[]
}

/** By adjustment; one that nothing was charged for is left out. */
export async function chargedLines(
  ctx: Pick<Context, 'db'>,
  adjustmentIds: readonly string[],
): Promise<Map<string, ChargedLine[]>> {
  const lines = new Map<string, ChargedLine[]>()
  if (adjustmentIds.length === 0) return lines
  const found = await rows<ChargedRow>(
    ctx.db,
    sql`select a.id as adjustment_id, l.id, l.invoice_id, l.description, l.sac, lower(l.period) as from, upper(l.period) as to,
               lower(l.full_period) as full_from, upper(l.full_period) as full_to, l.unit_price_minor, l.taxable_minor, l.taxes,
               (select coalesce(jsonb_agg(jsonb_build_object('taxable_minor', c.taxable_minor, 'taxes', c.taxes)), '[]')
                from public.credit_note_lines c where c.invoice_line_id = l.id) as credited
        from public.subscription_adjustments a
        join public.invoice_lines l on l.item_id = a.item_id and l.live and l.period && a.unused
        where a.id = any(${adjustmentIds}::uuid[]) order by lower(l.period)`,
  )
  for (const row of found) {
    lines.set(row.adjustment_id, [...(lines.get(row.adjustment_id) ?? []), chargedLine(row)])
  }
  return lines
}

function chargedLine(row: ChargedRow): ChargedLine {
  const taxes = row.taxes.map((tax) => ({ ...tax, amount_minor: BigInt(tax.amount_minor) }))
  return {
    id: row.id,
    invoiceId: row.invoice_id,
    description: row.description,
    sac: row.sac,
    period: { from: row.from, to: row.to },
    fullPeriod: { from: row.full_from, to: row.full_to },
    unitPrice: row.unit_price_minor,
    net: row.taxable_minor,
    taxes,
    creditedNet: sum(row.credited.map((one) => one.taxable_minor)),
    creditedTaxes: taxes.map(({ head }) =>
      sum(
        row.credited.flatMap((one) =>
          one.taxes.filter((tax) => tax.head === head).map((tax) => tax.amount_minor),
        ),
      ),
    ),
  }
}

function sum(amounts: readonly number[]): bigint {
  return amounts.reduce((total, amount) => total + BigInt(amount), 0n)
}

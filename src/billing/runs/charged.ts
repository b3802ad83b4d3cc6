/** Lines of issued invoices with what was credited of them: those that charged days which were given up, or all of one. */
import { rows, sql, verbatim } from '../../database/sql.js'
import { lastTaxedCredit } from '../credit-term.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { TaxHead } from '../document.js'
import type { Period } from '../periods.js'
import type { ChargedLine } from '../credit-plan.js'
import type { TaxRegime } from '../tax/rates.js'

interface ChargedRow {
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
  credited: { taxed: boolean; taxable_minor: number; taxes: { head: TaxHead; amount_minor: number }[] }[]
  regime: TaxRegime
  issued: PlainDate
}

/** Of the line l of the invoice i. */
const columns =
  verbatim(`l.id, l.invoice_id, l.description, l.sac, lower(l.period) as from, upper(l.period) as to,
  lower(l.full_period) as full_from, upper(l.full_period) as full_to, l.unit_price_minor, l.taxable_minor, l.taxes,
  i.tax_regime as regime, i.issue_date as issued,
  (select coalesce(jsonb_agg(jsonb_build_object('taxed', n.taxed, 'taxable_minor', c.taxable_minor, 'taxes', c.taxes)), '[]')
   from public.credit_note_lines c join public.credit_notes n on n.id = c.credit_note_id where c.invoice_line_id = l.id) as credited`)

/** By adjustment; one that nothing was charged for is left out. */
export async function chargedLines(
  ctx: Pick<Context, 'db'>,
  adjustmentIds: readonly string[],
): Promise<Map<string, ChargedLine[]>> {
  const lines = new Map<string, ChargedLine[]>()
  if (adjustmentIds.length === 0) return lines
  const found = await rows<ChargedRow & { adjustment_id: string }>(
    ctx.db,
    sql`select a.id as adjustment_id, ${columns}
        from public.subscription_adjustments a
        join public.invoice_lines l on l.item_id = a.item_id and l.live and l.period && a.unused
        join public.invoices i on i.id = l.invoice_id
        where a.id = any(${adjustmentIds}::uuid[]) order by lower(l.period)`,
  )
  for (const row of found) {
    lines.set(row.adjustment_id, [...(lines.get(row.adjustment_id) ?? []), chargedLine(row)])
  }
  return lines
}

/** A line of any invoice; `period` is null where it was not charged by days. */
export interface InvoiceLine extends Omit<ChargedLine, 'period' | 'fullPeriod'> {
  position: number
  period: Period | null
}

/** All of an invoice, in its order. */
export async function linesOfInvoice(ctx: Pick<Context, 'db'>, invoiceId: string): Promise<InvoiceLine[]> {
  const found = await rows<ChargedRow & { position: number }>(
    ctx.db,
    sql`select l.position, ${columns} from public.invoice_lines l join public.invoices i on i.id = l.invoice_id
        where l.invoice_id = ${invoiceId} order by l.position`,
  )
  return found.map((row) => {
    const { fullPeriod: _, period, ...line } = chargedLine(row)
    return { ...line, position: row.position, period: (row.from as string | null) === null ? null : period }
  })
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
    creditedUntaxed: sum(row.credited.filter(({ taxed }) => !taxed).map((one) => one.taxable_minor)),
    creditedTaxes: taxes.map(({ head }) =>
      sum(
        row.credited.flatMap((one) =>
          one.taxes.filter((tax) => tax.head === head).map((tax) => tax.amount_minor),
        ),
      ),
    ),
    taxedUntil: lastTaxedCredit(row.regime, row.issued),
  }
}

function sum(amounts: readonly number[]): bigint {
  return amounts.reduce((total, amount) => total + BigInt(amount), 0n)
}

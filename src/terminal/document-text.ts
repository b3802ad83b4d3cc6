/** The parts that invoices, credit notes and previews have in common as text: lines and amounts. */
import { bareAmount, daysText } from './money-text.js'
import { formatTable } from './table.js'
import type { MoneyJson } from '../kernel/money.js'
import type { Terminal } from './terminal.js'

export interface TextLine {
  description: string
  sac?: string | null
  period: { from: string; to: string } | null
  taxable: MoneyJson
  taxes: readonly { amount: MoneyJson }[]
}

/** Amounts without their currency, which the heading above them names. */
export function formatLines(lines: readonly TextLine[], { width, out }: Terminal): string {
  return formatTable<TextLine>(
    lines,
    [
      { title: 'Description', value: (line) => line.description, flexible: true },
      ...(lines.some((line) => line.sac)
        ? [{ title: 'SAC', value: (line: TextLine) => line.sac ?? null }]
        : []),
      { title: 'Days', value: (line) => line.period && daysText(line.period) },
      { title: 'Net', value: (line) => bareAmount(line.taxable), align: 'right' },
      { title: 'Tax', value: (line) => bareAmount(taxOf(line)), align: 'right' },
    ],
    width,
    out.dim,
  )
}

/** Labels on the left, amounts in a column on the right; those of null are left out. */
export function formatAmounts(
  amounts: readonly (readonly [string, MoneyJson | null, 'strong'?])[],
  { out }: Terminal,
): string {
  const present = amounts.flatMap(([label, money, strong]) =>
    money ? [{ label, amount: bareAmount(money), strong: strong !== undefined }] : [],
  )
  const labels = Math.max(0, ...present.map(({ label }) => label.length)) + 2
  const widest = Math.max(0, ...present.map(({ amount }) => amount.length))
  return present
    .map(({ label, amount, strong }) => {
      const line = `${label.padEnd(labels)}${amount.padStart(widest)}`
      return strong ? out.bold(line) : line
    })
    .join('\n')
}

/** `CGST 9%` and what it comes to. */
export function taxAmounts(
  taxes: readonly { head: string; rate: string; amount: MoneyJson }[],
): [string, MoneyJson][] {
  return taxes.map(({ head, rate, amount }) => [`${head} ${rate}%`, amount])
}

/** Null for nothing, so that it is not printed. */
export function minus({ amount_minor, currency }: MoneyJson): MoneyJson | null {
  return amount_minor === 0 ? null : { amount_minor: -amount_minor, currency }
}

function taxOf({ taxes, taxable: { currency } }: TextLine): MoneyJson {
  return { amount_minor: taxes.reduce((sum, { amount }) => sum + amount.amount_minor, 0), currency }
}

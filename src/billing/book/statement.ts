/**
 * A tenant's account in one currency over some days: pure, from the rows of the book. The balance is what is owed less
 * what stands to the tenant's credit, so that money moved between the two leaves it as it is.
 */
import type { PlainDate } from '../../kernel/dates.js'

export type EntryKind =
  | ('invoice' | 'void' | 'credit_note' | 'payment' | 'refund' | 'dispute')
  | ('tds' | 'bank_charges' | 'round_off' | 'write_off')

/** One document or receipt; amounts in minor units, positive where more is owed. */
export interface BookEntry {
  date: PlainDate
  kind: EntryKind
  number: string | null
  note: string | null
  amount: bigint
}

export interface CreditMovement {
  date: PlainDate
  kind: string
  number: string | null
  amount: bigint
}

/** An invoice that is not void; `less`: what came in for it, with the days. */
export interface BookInvoice {
  number: string
  issue_date: PlainDate
  due_date: PlainDate | null
  /** What was to be paid at issue, after the credit balance. */
  due: bigint
  less: readonly { date: PlainDate; amount: bigint }[]
}

export interface BookOfCurrency {
  entries: readonly BookEntry[]
  movements: readonly CreditMovement[]
  invoices: readonly BookInvoice[]
}

export interface OpenInvoice {
  number: string
  due_date: PlainDate | null
  /** Not above zero: days until it is due. */
  days_overdue: number
  open: bigint
}

export const ages = ['not_due', 'days_1_30', 'days_31_60', 'days_61_90', 'days_over_90'] as const
export type Age = (typeof ages)[number]

export interface Account {
  opening: bigint
  entries: (BookEntry & { balance: bigint })[]
  closing: bigint
  credit: { opening: bigint; movements: (CreditMovement & { balance: bigint })[]; closing: bigint }
  /** On the last day, the longest overdue first. */
  open_invoices: OpenInvoice[]
  open: bigint
  ageing: Record<Age, bigint>
}

/** @param from null: from the first entry. @param to that day included */
export function accountOf(book: BookOfCurrency, from: PlainDate | null, to: PlainDate): Account {
  const account = running(book.entries, from, to)
  const credit = running(book.movements, from, to)
  const open_invoices = book.invoices.flatMap((invoice) => openOn(invoice, to)).sort(byAge)
  const ageing = Object.fromEntries(ages.map((age) => [age, 0n])) as Record<Age, bigint>
  for (const { days_overdue, open } of open_invoices) ageing[ageOf(days_overdue)] += open
  return {
    opening: account.opening,
    entries: account.shown,
    closing: account.closing,
    credit: { opening: credit.opening, movements: credit.shown, closing: credit.closing },
    open_invoices,
    open: open_invoices.reduce((sum, { open }) => sum + open, 0n),
    ageing,
  }
}

function running<Entry extends { date: PlainDate; amount: bigint }>(
  entries: readonly Entry[],
  from: PlainDate | null,
  to: PlainDate,
): { opening: bigint; shown: (Entry & { balance: bigint })[]; closing: bigint } {
  const before = entries.filter(({ date }) => from !== null && date < from)
  const opening = before.reduce((sum, { amount }) => sum + amount, 0n)
  let balance = opening
  const shown = entries
    .filter(({ date }) => (from === null || date >= from) && date <= to)
    .map((entry) => {
      balance += entry.amount
      return { ...entry, balance }
    })
  return { opening, shown, closing: balance }
}

function openOn({ number, issue_date, due_date, due, less }: BookInvoice, day: PlainDate): OpenInvoice[] {
  if (issue_date > day) return []
  const open = less.reduce((rest, { date, amount }) => (date <= day ? rest - amount : rest), due)
  if (open === 0n) return []
  return [{ number, due_date, days_overdue: daysBetween(due_date ?? day, day), open }]
}

function byAge(a: OpenInvoice, b: OpenInvoice): number {
  return b.days_overdue - a.days_overdue || (a.number < b.number ? -1 : 1)
}

/** The day after the due day is the first of the first month. */
function ageOf(daysOverdue: number): Age {
  if (daysOverdue <= 0) return 'not_due'
  if (daysOverdue <= 30) return 'days_1_30'
  if (daysOverdue <= 60) return 'days_31_60'
  return daysOverdue <= 90 ? 'days_61_90' : 'days_over_90'
}

const msPerDay = 86_400_000

function daysBetween(from: PlainDate, to: PlainDate): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / msPerDay)
}

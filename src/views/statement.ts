/** `statement`: a tenant's account by currency: documents, receipts, credit balance, what is open and how old it is. */
import { accountOf, type Account, type Age, type EntryKind } from '../billing/book/statement.js'
import { csv } from '../billing/documents/csv.js'
import { plainAmount } from '../billing/documents/numbers.js'
import { oneRow, sql } from '../database/sql.js'
import { dayIn, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { moneyJson, type MoneyJson } from '../kernel/money.js'
import { findKnownTenant } from '../tenants/find.js'
import { statementRows } from './statement-rows.js'
import type { Context } from '../kernel/context.js'

export interface StatementEntry {
  date: PlainDate
  kind: EntryKind
  /** Of the document, or of the invoice that a receipt is for. */
  number: string | null
  note: string | null
  /** Above zero where more is owed. */
  amount: MoneyJson
  balance: MoneyJson
}

export interface StatementMovement {
  date: PlainDate
  kind: string
  number: string | null
  amount: MoneyJson
  balance: MoneyJson
}

export interface StatementAccount {
  currency: string
  /** What is owed less what stands to the tenant's credit; below zero where the credit is more. */
  opening: MoneyJson
  entries: StatementEntry[]
  closing: MoneyJson
  credit_balance: { opening: MoneyJson; movements: StatementMovement[]; closing: MoneyJson }
  open: MoneyJson
  open_invoices: { number: string; due_date: PlainDate | null; days_overdue: number; open: MoneyJson }[]
  ageing: Record<Age, MoneyJson>
}

export interface Statement {
  tenant: { id: string; subdomain: string; name: string; legal_name: string }
  /** Null: from the first document. */
  from: PlainDate | null
  /** That day included; what is open and how old it is are of its end. */
  to: PlainDate
  accounts: StatementAccount[]
}

/** @throws not_found `tenant.not_found`; usage `usage.period_invalid` */
export async function readStatement(
  ctx: Pick<Context, 'db' | 'clock'>,
  subdomainOrId: string,
  { from, to }: { from: PlainDate | null; to: PlainDate | null },
): Promise<{ statement: Statement }> {
  const { id, subdomain } = await findKnownTenant(ctx, subdomainOrId)
  const { name, legal_name, time_zone } = await oneRow<{
    name: string
    legal_name: string
    time_zone: string
  }>(ctx.db, sql`select name, legal_name, time_zone from public.tenants where id = ${id}`)
  const last = to ?? dayIn(time_zone, ctx.clock.now())
  if (from !== null && from > last) {
    throw new ErpmaxError('usage', 'usage.period_invalid', `${from} is after ${last}`, {
      hint: '--from is the first day, --to the last one',
    })
  }
  const books = await statementRows(ctx, id, time_zone)
  return {
    statement: {
      tenant: { id, subdomain, name, legal_name },
      from,
      to: last,
      accounts: [...books].map(([currency, book]) => accountJson(currency, accountOf(book, from, last))),
    },
  }
}

function accountJson(currency: string, account: Account): StatementAccount {
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency })
  const { opening, entries, closing, credit, open_invoices, open, ageing } = account
  return {
    currency,
    opening: money(opening),
    entries: entries.map(({ amount, balance, ...entry }) => ({
      ...entry,
      amount: money(amount),
      balance: money(balance),
    })),
    closing: money(closing),
    credit_balance: {
      opening: money(credit.opening),
      movements: credit.movements.map(({ amount, balance, ...movement }) => ({
        ...movement,
        amount: money(amount),
        balance: money(balance),
      })),
      closing: money(credit.closing),
    },
    open: money(open),
    open_invoices: open_invoices.map((invoice) => ({ ...invoice, open: money(invoice.open) })),
    ageing: {
      not_due: money(ageing.not_due),
      days_1_30: money(ageing.days_1_30),
      days_31_60: money(ageing.days_31_60),
      days_61_90: money(ageing.days_61_90),
      days_over_90: money(ageing.days_over_90),
    },
  }
}

/** One table for spreadsheets; `part` tells the account from the credit balance and from what is open. */
export function statementCsv({ from, to, accounts }: Statement): string {
  const heading = {
    part: '',
    currency: '',
    date: null,
    kind: '',
    number: null,
    note: null,
    amount: null,
    balance: null,
  }
  const lines = accounts.flatMap(({ currency, ...account }) => {
    const plain = ({ amount_minor }: MoneyJson): string => plainAmount(BigInt(amount_minor), currency)
    const line = (part: string, facts: Partial<Record<keyof typeof heading, string | null>>) => ({
      ...heading,
      part,
      currency,
      ...facts,
    })
    const entry = (part: string, one: StatementEntry | StatementMovement) =>
      line(part, {
        ...{ date: one.date, kind: one.kind, number: one.number, note: 'note' in one ? one.note : null },
        ...{ amount: plain(one.amount), balance: plain(one.balance) },
      })
    const { credit_balance: credit } = account
    return [
      line('account', { date: from, kind: 'opening', balance: plain(account.opening) }),
      ...account.entries.map((one) => entry('account', one)),
      line('account', { date: to, kind: 'closing', balance: plain(account.closing) }),
      line('credit_balance', { date: from, kind: 'opening', balance: plain(credit.opening) }),
      ...credit.movements.map((one) => entry('credit_balance', one)),
      line('credit_balance', { date: to, kind: 'closing', balance: plain(credit.closing) }),
      ...account.open_invoices.map(({ number, due_date, open, days_overdue }) =>
        line('open', {
          ...{ date: due_date, kind: days_overdue > 0 ? 'overdue' : 'not_due', number, amount: plain(open) },
          note: days_overdue > 0 ? `${days_overdue} days` : null,
        }),
      ),
      ...Object.entries(account.ageing).map(([age, amount]) =>
        line('ageing', { date: to, kind: age, amount: plain(amount) }),
      ),
    ]
  })
  // The heading, even where there is nothing below it.
  return lines.length > 0 ? csv(lines) : csv([heading]).replace(/\r\n.*\r\n$/, '\r\n')
}

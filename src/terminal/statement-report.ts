/** What a person reads after `statement`. */
import { formatAmounts } from './document-text.js'
import { bareAmount, moneyText } from './money-text.js'
import { formatTable } from './table.js'
import type { MoneyJson } from '../kernel/money.js'
import type { Statement, StatementAccount, StatementEntry, StatementMovement } from '../views/statement.js'
import type { Terminal } from './terminal.js'

export function formatStatement({ statement }: { statement: Statement }, terminal: Terminal): string {
  const { tenant, from, to, accounts } = statement
  const who =
    tenant.legal_name === tenant.subdomain ? tenant.subdomain : `${tenant.subdomain}: ${tenant.legal_name}`
  const head = `${terminal.out.bold(who)}\nStatement ${from === null ? 'up to' : `from ${from} to`} ${to}`
  if (accounts.length === 0) return `${head}\n\nNothing was invoiced or paid.`
  return [head, ...accounts.map((account) => formatAccount(account, statement, terminal))].join('\n\n')
}

const ages = {
  not_due: 'Not due yet',
  days_1_30: '1 to 30 days late',
  days_31_60: '31 to 60 days',
  days_61_90: '61 to 90 days',
  days_over_90: 'over 90 days',
}

function formatAccount(account: StatementAccount, { from, to }: Statement, terminal: Terminal): string {
  const { out } = terminal
  const { currency, opening, entries, closing, credit_balance: credit, open, open_invoices, ageing } = account
  const title = (text: string, body: string): string => `${out.bold(text)}\n${body}`
  const lines = [
    ...(from === null ? [] : [edge(from, 'opening', opening)]),
    ...entries,
    edge(to, 'closing', closing),
  ]
  const moved = credit.movements.length > 0 || credit.opening.amount_minor > 0
  const parts = [
    title(`Account, in ${currency}`, formatEntries(lines, terminal)),
    moved
      ? title(
          'Credit balance',
          formatEntries(
            [
              ...(from === null ? [] : [edge(from, 'opening', credit.opening)]),
              ...credit.movements,
              edge(to, 'closing', credit.closing),
            ],
            terminal,
          ),
        )
      : null,
    open_invoices.length > 0
      ? title(`Open on ${to}`, `${formatOpen(account, terminal)}\n\n${formatAges(ageing, open, terminal)}`)
      : `Nothing is open on ${to}.`,
    closing.amount_minor < 0
      ? `${moneyText({ ...closing, amount_minor: -closing.amount_minor })} stand to its credit.`
      : null,
  ]
  return parts.filter((part) => part !== null).join('\n\n')
}

type Line = (StatementEntry | StatementMovement) & { amount: MoneyJson | null }

function edge(date: string, kind: string, balance: MoneyJson) {
  return { date, kind, number: null, note: null, amount: null, balance }
}

function formatEntries(lines: readonly object[], { width, out }: Terminal): string {
  const shown = lines as readonly Line[]
  const noted = shown.some((line) => 'note' in line && line.note)
  return formatTable<Line>(
    shown,
    [
      { title: 'Date', value: (line) => line.date },
      { title: 'What', value: (line) => line.kind.replaceAll('_', ' ') },
      // A number of a document is short; a movement has the reference of a payment.
      { title: 'Number', value: (line) => line.number, flexible: !noted },
      ...(noted
        ? [{ title: 'Note', value: (line: Line) => ('note' in line ? line.note : null), flexible: true }]
        : []),
      { title: 'Amount', value: (line) => line.amount && bareAmount(line.amount), align: 'right' },
      { title: 'Balance', value: (line) => bareAmount(line.balance), align: 'right' },
    ],
    width,
    out.dim,
  )
}

function formatOpen({ open_invoices }: StatementAccount, { width, out }: Terminal): string {
  return formatTable(
    open_invoices,
    [
      { title: 'Invoice', value: (one) => one.number },
      { title: 'Due', value: (one) => one.due_date },
      {
        title: 'Days late',
        value: (one) => (one.days_overdue > 0 ? one.days_overdue : null),
        align: 'right',
      },
      { title: 'Open', value: (one) => bareAmount(one.open), align: 'right' },
    ],
    width,
    out.dim,
  )
}

function formatAges(ageing: StatementAccount['ageing'], open: MoneyJson, terminal: Terminal): string {
  const present = (Object.keys(ages) as (keyof typeof ages)[]).map((age) => {
    const amount = ageing[age]
    return [ages[age], amount.amount_minor === 0 ? null : amount] as const
  })
  return formatAmounts([...present, ['Open in all', open, 'strong']], terminal)
}

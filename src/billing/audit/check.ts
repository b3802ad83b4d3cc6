/** What a check of the book is: one question in SQL, asked of everything at once; each row of its answer is a fault. */
import { join, sql, type Sql } from '../../database/sql.js'
import type { PlainDate } from '../../kernel/dates.js'

/** Days of issue, both included; null: without an end on that side. */
export interface Scope {
  from: PlainDate | null
  to: PlainDate | null
}

export type Severity = 'error' | 'warning'

export interface Check {
  /** Stable and dotted: scripts branch on it. */
  code: string
  /** Of the billing rules. */
  rule: number
  /** `warning`: the book can be right all the same, and a person has to look. */
  severity: Severity
  /** What holds where nothing is found. */
  what: string
  /**
   * One row a fault: `document` (its number, or what else names it), `tenant_id`, `expected` and `found`, all but the
   * id as text. What has no day of issue is looked at whatever the scope is.
   */
  find(scope: Scope): Sql
}

/** The condition that a day lies in the scope. */
export function within(day: Sql, { from, to }: Scope): Sql {
  const conditions = [
    ...(from === null ? [] : [sql`${day} >= ${from}::date`]),
    ...(to === null ? [] : [sql`${day} <= ${to}::date`]),
  ]
  return conditions.length === 0 ? sql`true` : sql`(${join(conditions, ' and ')})`
}

/** An amount inside the text of a finding; `printed` writes it for people. */
export function amount(minor: Sql, currency: Sql): Sql {
  return sql`('{{' || coalesce(${minor}, 0)::bigint || ' ' || ${currency} || '}}')`
}

/**
 * Everything that bears a number, with the parts of the number; one of another form has none. Cut by functions of text:
 * a regular expression with groups takes a tenth of a millisecond a row.
 */
export const numbered = sql`(
  select d.kind, d.tenant_id, d.number, d.issue_date, d.created_at, d.country, f.prefix, f.label, f.counter
  from (
    select 'invoice' as kind, tenant_id, number, issue_date, created_at, supplier ->> 'country' as country,
           split_part(number, '/', -2) as year_part, split_part(number, '/', -1) as last_part
    from public.invoices where number is not null
    union all
    select 'credit_note', c.tenant_id, c.number, c.issue_date, c.created_at, i.supplier ->> 'country', split_part(c.number, '/', -2), split_part(c.number, '/', -1)
    from public.credit_notes c join public.invoices i on i.id = c.invoice_id
  ) d
  left join lateral (
    select left(d.number, -length(d.year_part) - length(d.last_part) - 2) as prefix, d.year_part as label, d.last_part::bigint as counter
    where translate(d.year_part, '0123456789', '') = case length(d.year_part) when 2 then '' when 5 then '-' end
      and d.last_part <> '' and translate(d.last_part, '0123456789', '') = '') f on true)`

/** Finds one invoice by its number or its id, as it stands: its amounts, what has come in for it, its state. */
import { firstRow, sql, verbatim } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid, type SubscriptionId, type TenantId } from '../../kernel/ids.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'

/** Amounts in minor units of `currency`. */
export interface FoundInvoice {
  id: string
  tenant_id: TenantId
  /** The tenant's subdomain. */
  tenant: string
  subscription_id: SubscriptionId | null
  kind: 'cycle' | 'change' | 'manual'
  status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible'
  /** Null for a draft alone, as is the day of issue. */
  number: string | null
  period: { from: PlainDate; to: PlainDate } | null
  issue_date: PlainDate | null
  due_date: PlainDate | null
  currency: string
  taxable_minor: bigint
  tax_minor: bigint
  total_minor: bigint
  credit_applied_minor: bigint
  paid_minor: bigint
  settled_minor: bigint
  credited_minor: bigint
  /** What is still to come in; of a void invoice nothing. */
  open_minor: bigint
  language: string
  template: string
  void_reason: string | null
  sent_at: Date | null
  irn: string | null
}

/** What is still to come in for the invoice i; of a void one nothing. */
export const openAmount = verbatim(
  `case when i.status = 'void' then 0 else i.total_minor - i.credit_applied_minor - i.paid_minor - i.settled_minor - i.credited_minor end`,
)

/**
 * @param text a number as it is printed, in capitals or not, or an id
 * @param lock holds the invoice until the transaction ends
 * @throws not_found `invoice.not_found`
 */
export async function findInvoice(
  ctx: Pick<Context, 'db'>,
  text: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<FoundInvoice> {
  const wanted = text.trim()
  const found = await firstRow<FoundInvoice>(
    ctx.db,
    sql`select i.id, i.tenant_id, t.subdomain as tenant, i.subscription_id, i.kind, i.status, i.number,
               case when i.period is not null then jsonb_build_object('from', lower(i.period), 'to', upper(i.period)) end as period,
               i.issue_date, i.due_date, i.currency, i.taxable_minor, i.tax_minor, i.total_minor, i.credit_applied_minor,
               i.paid_minor, i.settled_minor, i.credited_minor, ${openAmount} as open_minor, i.language, i.template,
               i.void_reason, i.sent_at, i.irn
        from public.invoices i join public.tenants t on t.id = i.tenant_id
        where ${isUuid(wanted) ? sql`i.id = ${wanted}` : sql`i.number = ${wanted.toUpperCase()}`} ${verbatim(lock ? 'for update of i' : '')}`,
  )
  if (found) return found
  throw new ErpmaxError('not_found', 'invoice.not_found', `There is no invoice "${wanted.slice(0, 80)}"`, {
    hint: 'erpmax invoice list',
  })
}

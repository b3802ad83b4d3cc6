/** What the biller has to look at: subscriptions with something due, read in batches with all their pieces. */
import { rows, sql, verbatim, type Sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { SubscriptionId, TenantId } from '../../kernel/ids.js'
import type { Term } from '../next-bill.js'
import type { OpenPeriod } from '../periods.js'
import type { DueItem, DueSubscription } from '../plan.js'

/** Up to which day is billed. */
export interface DayOptions {
  /** Null: the day it is in each tenant's own zone (rule 2). */
  asOf: PlainDate | null
  /** A day that has not come yet is only looked at. */
  dryRun: boolean
}

export interface DueSubscriptionId {
  id: SubscriptionId
  tenantId: TenantId
  /** False where it is only looked at because a change is due: whether that leaves something to bill shows afterwards. */
  due: boolean
}

/** A subscription with everything its invoices need. */
export interface DueAccount extends DueSubscription {
  id: SubscriptionId
  tenantId: TenantId
  subdomain: string
  tenantStatus: string
  /** False while a suspension says that nothing is billed. */
  bills: boolean
  parked: boolean
  /** The day up to which is billed. */
  today: PlainDate
  language: string
  recipient: Recipient
  adjustments: PendingAdjustment[]
}

/** The customer as the document shows it, and as tax is judged by. */
export interface Recipient {
  name: string
  legal_name: string
  country_code: string
  state_code: string | null
  gst_state_code: string | null
  gstin: string | null
  vat_id: string | null
  gst_treatment: string | null
  billing_email: string
  address_line1: string | null
  address_line2: string | null
  city: string | null
  postal_code: string | null
}

/** Days given up of an item, and the lines that charged them. */
export interface PendingAdjustment {
  id: string
  from: PlainDate
  to: PlainDate
  reason: string | null
}

const states = verbatim(`('trialing', 'active', 'past_due')`)

/**
 * Ids of subscriptions with something to bill or to credit, or with a change that is due and may leave some, in the order
 * of the subdomains; the batches follow it.
 * @param now the clock's instant
 */
export async function dueSubscriptions(
  ctx: Pick<Context, 'db'>,
  tenants: readonly TenantId[] | null,
  days: DayOptions,
  now: Date,
): Promise<DueSubscriptionId[]> {
  const chosen = tenants === null ? sql`true` : sql`t.id = any(${[...tenants]}::uuid[])`
  return rows<DueSubscriptionId>(
    ctx.db,
    sql`with placed as (
          select s.*, t.subdomain, ${dayOf(days, now)} as day from public.subscriptions s join public.tenants t on t.id = s.tenant_id where ${chosen}
        ), found as (
          select s.id, true as due from placed s
          where s.next_billing_on <= s.day and (s.status in ${states} or s.status = 'cancelled' and s.next_billing_on < s.cancel_on)
          union
          select s.id, true from placed s join public.subscription_adjustments a on a.subscription_id = s.id
          where a.status = 'pending' and lower(a.unused) <= s.day
          union
          select s.id, true from placed s join public.subscription_items i on i.subscription_id = s.id
          where ${isMissed} and lower(i.active) <= s.day
            and not exists (select 1 from public.invoice_lines l where l.item_id = i.id and l.live)
          union
          select s.id, false from placed s where s.status <> 'cancelled' and s.cancel_on <= s.day
          union
          select s.id, false from placed s join public.subscription_changes c on c.subscription_id = s.id
          where c.status = 'scheduled' and c.effective_on <= s.day
        )
        select s.id, s.tenant_id as "tenantId", f.due from placed s join (select id, bool_or(due) as due from found group by id) f using (id)
        order by s.subdomain, s.created_at`,
  )
}

/** The day up to which the tenant `t` is billed. */
function dayOf({ asOf, dryRun }: DayOptions, now: Date): Sql {
  const today = sql`(${now}::timestamptz at time zone t.time_zone)::date`
  if (asOf === null) return today
  return dryRun ? sql`${asOf}::date` : sql`least(${asOf}::date, ${today})`
}

/** The first day that is not trial. */
const firstDay = verbatim(`coalesce(s.trial_ends_on, s.started_on)`)

/** Held on days that were billed before it was there; what was free then is not looked at. */
const isMissed = sql`(not isempty(i.active) and greatest(lower(i.active), ${firstDay}) < least(s.next_billing_on, upper(i.active))
  and exists (select 1 from public.prices p where p.id = i.price_id and p.amount_minor > 0))`

interface JumpRow {
  code: string
  before: number
  after: number
}

interface AccountRow extends Recipient {
  id: SubscriptionId
  tenant_id: TenantId
  subdomain: string
  tenant_status: string
  bills: boolean
  parked: boolean
  today: PlainDate
  language: string
  first_day: PlainDate
  term: Term
  turns: Term[] | null
  currency: string
  next_billing_on: PlainDate
  ends_on: PlainDate | null
  unbilled: OpenPeriod[]
  released: JumpRow[]
  items: ItemRow[]
  adjustments: PendingAdjustment[]
}

interface ItemRow extends Omit<DueItem, 'lastPrice'> {
  lastPrice: number | null
}

/** The accounts in the given order, locked so that nobody changes a subscription while it is billed. */
export async function readAccounts(
  ctx: Pick<Context, 'db'>,
  ids: readonly SubscriptionId[],
  days: DayOptions,
  now: Date,
): Promise<DueAccount[]> {
  const found = await rows<AccountRow>(
    ctx.db,
    sql`select s.id, s.tenant_id, t.subdomain, t.status as tenant_status, coalesce(t.suspension_bills, true) as bills,
               exists (select 1 from public.parked_accounts p where p.tenant_id = t.id and p.released_at is null) as parked,
               ${dayOf(days, now)} as today, t.language,
               ${firstDay} as first_day, s.currency, coalesce(s.next_billing_on, s.cancel_on) as next_billing_on, s.cancel_on as ends_on,
               jsonb_build_object('cycle', s.cycle, 'anchor_date', s.anchor_date, 'from', s.started_on, 'to', null) as term, turns.terms as turns,
               (select coalesce(jsonb_agg(jsonb_build_object('from', lower(u.days), 'to', upper(u.days)) order by u.days), '[]')
                from public.unbilled_days u where u.tenant_id = t.id and not isempty(u.days)) as unbilled,
               (select coalesce(jsonb_agg(jsonb_build_object('code', p.details -> 'product', 'before', p.details -> 'before_minor',
                   'after', p.details -> 'after_minor')), '[]')
                from public.parked_accounts p
                where p.tenant_id = t.id and p.released_at is not null and p.code = 'billing.price_jump') as released,
               t.name, t.legal_name, t.country_code, t.state_code, t.gst_state_code, t.gstin, t.vat_id, t.gst_treatment,
               t.billing_email, t.address_line1, t.address_line2, t.city, t.postal_code,
               (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'kind', i.kind, 'code', i.product_code,
                   'name', coalesce(m.name, r.name || ' platform fee'), 'from', lower(i.active), 'to', upper(i.active),
                   'late', late, 'lastPrice', c.last_price, 'charged', coalesce(c.charged, '[]'))
                   order by i.kind desc, m.position, lower(i.active)), '[]')
                 from public.subscription_items i
                 left join public.modules m on i.kind = 'module' and m.code = i.product_code
                 left join public.tiers r on i.kind = 'platform' and r.code = i.product_code
                 cross join lateral (
                   select (array_agg(l.unit_price_minor order by l.period desc))[1] as last_price,
                          jsonb_agg(jsonb_build_object('from', lower(l.period), 'to', upper(l.period)) order by l.period)
                            filter (where upper(l.period) > s.next_billing_on) as charged
                   from public.invoice_lines l where l.item_id = i.id and l.live) c
                 cross join lateral (select c.last_price is null and ${isMissed} as late) missed
                 where i.subscription_id = s.id and not isempty(i.active)
                   and (upper_inf(i.active) or upper(i.active) > s.next_billing_on or late)) as items,
               (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'from', lower(a.unused), 'to', upper(a.unused), 'reason', c.reason)
                   order by lower(a.unused), a.id), '[]')
                 from public.subscription_adjustments a join public.subscription_changes c on c.id = a.change_id
                 where a.subscription_id = s.id and a.status = 'pending' and lower(a.unused) <= ${dayOf(days, now)}) as adjustments
        from unnest(${ids}::uuid[]) with ordinality as wanted (id, position)
        join public.subscriptions s on s.id = wanted.id join public.tenants t on t.id = s.tenant_id
        left join (select subscription_id,
                          jsonb_agg(jsonb_build_object('cycle', cycle, 'anchor_date', anchor_date, 'from', lower(days), 'to', upper(days)) order by days) as terms
                   from public.subscription_terms
                   where subscription_id in (select c.subscription_id from public.subscription_changes c
                                             where c.subscription_id = any(${ids}::uuid[]) and c.kind = 'cycle' and c.status = 'applied')
                   group by subscription_id) turns on turns.subscription_id = s.id
        order by wanted.position for update of s`,
  )
  return found.map((row) => ({
    id: row.id,
    tenantId: row.tenant_id,
    subdomain: row.subdomain,
    tenantStatus: row.tenant_status,
    bills: row.bills,
    parked: row.parked,
    today: row.today,
    language: row.language,
    firstDay: row.first_day,
    terms: row.turns ?? [row.term],
    currency: row.currency,
    nextBillingOn: row.next_billing_on,
    endsOn: row.ends_on,
    unbilled: row.unbilled,
    released: row.released.map(({ code, before, after }) => ({
      ...{ code, before: BigInt(before), after: BigInt(after) },
    })),
    items: row.items.map((item) => ({
      ...item,
      lastPrice: item.lastPrice === null ? null : BigInt(item.lastPrice),
    })),
    adjustments: row.adjustments,
    recipient: recipientOf(row),
  }))
}

function recipientOf(row: Recipient): Recipient {
  const { name, legal_name, country_code, state_code, gst_state_code, gstin, vat_id, gst_treatment } = row
  const { billing_email, address_line1, address_line2, city, postal_code } = row
  return {
    ...{ name, legal_name, country_code, state_code, gst_state_code, gstin, vat_id, gst_treatment },
    ...{ billing_email, address_line1, address_line2, city, postal_code },
  }
}

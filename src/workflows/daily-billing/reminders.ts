/** Reminders a week ahead: a trial that is about to end, an annual term about to renew. One mail each, whoever runs when. */
import { rows, sql, type Sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { nextBill } from '../../billing/next-bill.js'
import { Prices } from '../../billing/quote.js'
import { enqueueMail, mailLanguage } from '../../operations/mail.js'
import { scheduledChanges } from '../../subscriptions/changes.js'
import { runningSubscription } from '../../subscriptions/running.js'
import { mostItems, type DailyStep, type Reminder, type RemindersResult, type StepInput } from './step.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'
import type { MoneyJson } from '../../kernel/money.js'
import type { TenantId } from '../../kernel/ids.js'

/** Days before the event. */
const ahead = 7

interface Due {
  kind: 'trial_ending' | 'renewal'
  key: string
  /** The day the trial ends, or the next term begins. */
  on: PlainDate
  today: PlainDate
  id: TenantId
  subdomain: string
  legal_name: string
  billing_email: string
  language: string
}

export const remindersStep: DailyStep<'reminders'> = {
  code: 'reminders',
  async *run(ctx, input) {
    const due = await dueReminders(ctx, input)
    const result: RemindersResult = {
      ...{ queued: 0, failed: 0, items: [] },
      items_truncated: due.length > mostItems,
    }
    for (const [index, one] of due.entries()) {
      if (ctx.signal.aborted)
        throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted between two reminders')
      const reminder = await remind(ctx, one, input.dryRun)
      if (reminder.error) result.failed += 1
      else result.queued += 1
      if (result.items.length < mostItems) result.items.push(reminder)
      await ctx.failpoint('daily.after_reminder')
      yield { event: 'progress', step: 'reminders', done: index + 1, total: due.length, detail: reminder }
    }
    const { queued, failed } = result
    return { result, partial: failed > 0, summary: { queued, failed } }
  },
}

/** In the order of the subdomains, without those that have their mail. */
async function dueReminders(
  ctx: Pick<Context, 'db' | 'clock'>,
  { asOf, dryRun }: Pick<StepInput, 'asOf' | 'dryRun'>,
): Promise<Due[]> {
  const now = ctx.clock.now()
  const here = sql`(${now}::timestamptz at time zone t.time_zone)::date`
  const day = asOf === null ? here : dryRun ? sql`${asOf}::date` : sql`least(${asOf}::date, ${here})`
  // What has come by now is past reminding, whatever day was asked for.
  const within = (on: Sql): Sql => sql`${on} - ${ahead}::int <= d.day and ${on} > greatest(d.day, ${here})`
  return rows<Due>(
    ctx.db,
    sql`select r.*, t.id, t.subdomain, t.legal_name, t.billing_email, t.language
        from (
          select s.tenant_id, 'trial_ending' as kind, s.trial_ends_on as on, d.day as today,
                 concat_ws(':', 'trial_ending', s.id, s.trial_ends_on) as key
          from public.subscriptions s join public.tenants t on t.id = s.tenant_id
          cross join lateral (select ${day} as day) d
          where s.status = 'trialing' and ${within(sql`s.trial_ends_on`)}
            and (s.cancel_on is null or s.cancel_on > s.trial_ends_on)
          union all
          select s.tenant_id, 'renewal', s.next_billing_on, d.day, concat_ws(':', 'renewal', s.id, s.next_billing_on)
          from public.subscriptions s join public.tenants t on t.id = s.tenant_id
          cross join lateral (select ${day} as day) d
          where s.status in ('active', 'past_due') and s.cycle = 'annual' and ${within(sql`s.next_billing_on`)}
            and (s.cancel_on is null or s.cancel_on > s.next_billing_on)
            and not exists (select 1 from public.subscription_changes c where c.subscription_id = s.id
                            and c.status = 'scheduled' and c.kind = 'cycle' and c.effective_on <= s.next_billing_on)
        ) r join public.tenants t on t.id = r.tenant_id
        where t.status = 'active' and not exists (select 1 from public.mails m where m.dedupe_key = r.key)
        order by t.subdomain`,
  )
}

async function remind(ctx: Context, due: Due, dryRun: boolean): Promise<Reminder> {
  const { kind, on, subdomain: tenant } = due
  try {
    const data = await contentOf(ctx, due)
    if (!dryRun) {
      await transaction(ctx, ({ db }) =>
        enqueueMail(db, {
          ...{ tenantId: due.id, kind, dedupeKey: due.key, to: due.billing_email },
          ...{ language: mailLanguage(due.language), data },
        }),
      )
    }
    return { tenant, kind, on, error: null }
  } catch (error) {
    if (!(error instanceof ErpmaxError) || error.kind !== 'conflict') throw error
    return { tenant, kind, on, error: { code: error.code, message: error.message } }
  }
}

/** What the mail tells: above all what the coming period costs, with what is scheduled for its beginning. */
async function contentOf(ctx: Context, due: Due): Promise<Record<string, unknown>> {
  const subscription = await runningSubscription(ctx, due, due.today)
  const scheduled = await scheduledChanges(ctx, subscription.id)
  const prices = new Prices(ctx, subscription.currency)
  const bill = await nextBill(ctx, subscription, scheduled, prices)
  const amount: MoneyJson = bill?.amount ?? { amount_minor: 0, currency: subscription.currency }
  const turn = (kind: 'tier' | 'cycle'): unknown =>
    scheduled.find((change) => change.kind === kind && change.effective_on <= due.on)?.after[kind]
  const tier = turn('tier') ?? subscription.tier
  return due.kind === 'renewal'
    ? { company: due.legal_name, renews_on: due.on, tier, amount }
    : { company: due.legal_name, ends_on: due.on, tier, cycle: turn('cycle') ?? subscription.cycle, amount }
}

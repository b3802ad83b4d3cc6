/** What others are told of a change of a subscription: an event in the outbox, in the transaction that makes the change. */
import { oneRow, sql } from '../database/sql.js'
import { enqueue } from '../operations/outbox.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'
import type { ChangeKind } from './changes.js'

type Status = 'scheduled' | 'applied' | 'withdrawn'

const ofChoice = {
  scheduled: 'subscription.change_scheduled',
  applied: 'subscription.changed',
  withdrawn: 'subscription.change_withdrawn',
}

/** A first subscription is part of `tenant.created`; a further one is told by who starts it. */
const topics: Record<ChangeKind, Partial<Record<Status, string>>> = {
  start: {},
  add_module: { applied: 'module.subscribed' },
  remove_module: {
    scheduled: 'module.removal_scheduled',
    applied: 'module.unsubscribed',
    withdrawn: 'module.removal_withdrawn',
  },
  tier: ofChoice,
  cycle: ofChoice,
  cancel: { scheduled: 'subscription.cancel_scheduled', applied: 'subscription.cancelled' },
  resume: { applied: 'subscription.resumed' },
  extend_trial: { applied: 'subscription.trial_extended' },
  end_trial: { applied: 'subscription.trial_ended' },
}

/** Once for each change and status, as its row is now. */
export async function announceChange(ctx: Pick<Context, 'db'>, id: string): Promise<void> {
  const change = await oneRow<{
    tenant_id: string
    subdomain: string
    kind: ChangeKind
    status: Status
    module: string | null
    on: PlainDate
    before: Record<string, unknown>
    after: Record<string, unknown>
  }>(
    ctx.db,
    sql`select t.id as tenant_id, t.subdomain, c.kind, c.status, c.module_code as module, c.effective_on as on, c.before, c.after
        from public.subscription_changes c
        join public.subscriptions s on s.id = c.subscription_id
        join public.tenants t on t.id = s.tenant_id
        where c.id = ${id}`,
  )
  const { tenant_id: tenantId, kind, status, module, ...payload } = change
  const topic = topics[kind][status]
  if (topic === undefined) return
  await enqueue(ctx, {
    topic,
    key: id,
    tenantId,
    payload: module === null ? payload : { ...payload, module },
  })
}

/** `webhook dismiss`: somebody has dealt with an event that was laid aside; it waits for nobody any more. */
import { execute, oneRow, sql } from '../../database/sql.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { audit } from '../../operations/audit.js'
import { findEvent } from './find-event.js'
import type { EventFacts } from './claim.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

const dismissed = 'event.dismissed'

export interface DismissedEvent {
  /** False where it had been dismissed before. */
  changed: boolean
  event: EventFacts & {
    status: 'ignored'
    outcome: string
    /** What it was laid aside for; null where it had been dismissed before. */
    was: string | null
  }
}

interface Row extends EventFacts {
  status: string
  outcome: string | null
  tenant_id: TenantId | null
}

/**
 * Nothing is booked by it. It is not replayed any more; what its payment still needs is done by other commands.
 * @throws not_found `event.not_found`; conflict `event.ambiguous`, `event.not_laid_aside`
 */
export async function dismissEvent(ctx: Context, text: string, reason: string): Promise<DismissedEvent> {
  return transaction(ctx, async (inner) => {
    const id = await findEvent(inner, text)
    const { status, outcome, tenant_id, ...facts } = await oneRow<Row>(
      inner.db,
      sql`select id, provider, event_id, type, status, outcome, tenant_id from public.webhook_events where id = ${id} for update`,
    )
    const event = { ...facts, status: 'ignored' as const, outcome: dismissed }
    if (status === 'ignored' && outcome === dismissed)
      return { changed: false, event: { ...event, was: null } }
    if (status !== 'parked' && status !== 'failed')
      throw new ErpmaxError(
        'conflict',
        'event.not_laid_aside',
        `This event is ${status}: only what is parked or failed is dismissed`,
        { hint: `erpmax webhook show ${id}`, details: { status, outcome } },
      )
    await execute(
      inner.db,
      sql`update public.webhook_events
          set status = 'ignored', outcome = ${dismissed}, settled_at = clock_timestamp(),
              detail = coalesce(detail, '{}') || ${JSON.stringify({ was: outcome, reason })}::jsonb
          where id = ${id}`,
    )
    await audit(inner, {
      ...{ action: 'webhook.dismiss', subjectKind: 'webhook events', subject: id, outcome: 'succeeded' },
      ...(tenant_id === null ? {} : { tenantId: tenant_id }),
      before: { status, outcome },
      after: { status: 'ignored', reason },
    })
    return { changed: true, event: { ...event, was: outcome } }
  })
}

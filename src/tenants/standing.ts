/** Where a tenant stands in its life: its state, why it is suspended, since when it is archived. */
import { firstRow, sql, verbatim } from '../database/sql.js'
import { addDays, dayIn, type PlainDate } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export type SuspensionCause = 'billing' | 'operator'

export interface StandingJson {
  id: TenantId
  subdomain: string
  status: string
  suspension_cause: SuspensionCause | null
  suspension_reason: string | null
  /** Whether invoices go on while it is suspended; null while it is not. */
  suspension_bills: boolean | null
  suspended_at: string | null
  archived_at: string | null
  /** The first day, where it is, on which it may be deleted; null unless it is archived. */
  deletable_on: PlainDate | null
}

export interface Standing extends Omit<StandingJson, 'suspended_at' | 'archived_at' | 'deletable_on'> {
  suspended_at: Date | null
  archived_at: Date | null
  time_zone: string
}

/**
 * @param lock holds it until the transaction ends: what is decided from it stays true
 * @throws not_found `tenant.not_found`
 */
export async function readStanding(
  ctx: Pick<Context, 'db'>,
  id: TenantId,
  { lock = false } = {},
): Promise<Standing> {
  const found = await firstRow<Standing>(
    ctx.db,
    sql`select id, subdomain, status, suspension_cause, suspension_reason, suspension_bills, suspended_at, archived_at, time_zone
        from public.tenants where id = ${id} ${verbatim(lock ? 'for update' : '')}`,
  )
  if (!found)
    throw new ErpmaxError('not_found', 'tenant.not_found', 'The tenant is gone', {
      hint: 'erpmax tenant list',
    })
  return found
}

export function standingJson(standing: Standing): StandingJson {
  const { time_zone: _zone, suspended_at, archived_at, ...rest } = standing
  return {
    ...rest,
    suspended_at: suspended_at?.toISOString() ?? null,
    archived_at: archived_at?.toISOString() ?? null,
    deletable_on: deletableOn(standing),
  }
}

/** From archiving to the day it may be deleted. */
export const waitingDays = 30

export function deletableOn({
  status,
  archived_at,
  time_zone,
}: Pick<Standing, 'status' | 'archived_at' | 'time_zone'>): PlainDate | null {
  return status === 'archived' && archived_at ? addDays(dayIn(time_zone, archived_at), waitingDays) : null
}

/** What to type about a tenant in this state, where the command given is not for it. */
const ways: Readonly<Record<string, (name: string) => string>> = {
  active: (name) => `erpmax tenant show ${name}`,
  suspended: (name) => `erpmax tenant resume ${name}`,
  archived: (name) => `erpmax tenant unarchive ${name}`,
  deleting: (name) => `erpmax tenant delete ${name} --confirm ${name}`,
}

/**
 * The command is not for a tenant in this state.
 * @param message goes on after the subdomain: `is archived: only an active tenant is suspended`
 */
export function illegalState(
  { id, subdomain, status }: Pick<Standing, 'id' | 'subdomain' | 'status'>,
  message: string,
  { code = 'tenant.illegal_state', hint, ...details }: Record<string, string | null> = {},
): ErpmaxError {
  const way = status === 'deleted' ? `erpmax tenant history ${id}` : `erpmax job list --tenant ${subdomain}`
  return new ErpmaxError('conflict', code ?? 'tenant.illegal_state', `${subdomain} ${message}`, {
    hint: hint ?? ways[status]?.(subdomain) ?? way,
    details: { status, ...details },
  })
}

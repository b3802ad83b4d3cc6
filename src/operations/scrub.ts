/** Takes out of jobs and messages what they say about the people of a tenant that is deleted. */
import { execute, sql } from '../database/sql.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

/** That there were these jobs and events stays; whom they were about and what they were told goes. */
export async function scrubTraces(
  ctx: Pick<Context, 'db'>,
  { id, subdomain }: { id: TenantId; subdomain: string },
): Promise<void> {
  // Attempts at creating it that left no row of a tenant bear its name alone.
  const about = sql`(j.tenant_id = ${id} or j.tenant_id is null and j.subject = ${subdomain}) and j.status not in ('queued', 'running')`
  await execute(
    ctx.db,
    sql`update public.jobs j
        set input = '{}', error = case when error is not null then jsonb_build_object('code', error -> 'code', 'message', 'gone with its tenant') end
        where ${about}`,
  )
  await execute(
    ctx.db,
    sql`update public.job_steps s set error = 'gone with its tenant' from public.jobs j
        where j.id = s.job_id and s.error is not null and ${about}`,
  )
  await execute(
    ctx.db,
    sql`update public.outbox set payload = jsonb_build_object('subdomain', payload -> 'subdomain') where tenant_id = ${id}`,
  )
  // Names and addresses of payers; what was booked of them stays in the book.
  await execute(
    ctx.db,
    sql`update public.webhook_events set body = convert_to('{}', 'utf8') where tenant_id = ${id} and status <> 'received'`,
  )
}

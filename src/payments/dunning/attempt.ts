/** The rows of dunning: one attempt runs for a tenant, and the history of each is written by its trigger. */
import { execute, oneRow, sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { DueTenant } from './due.js'
import type { Stage } from './schedule.js'

/**
 * The attempt for the earliest unpaid invoice, running, in that stage. One for a later invoice waits until this one is
 * settled; one that waited goes on.
 * @returns its id
 */
export async function enterStage(
  ctx: Pick<Context, 'db'>,
  { id, invoice, counted_from, today }: DueTenant,
  stage: Stage,
): Promise<string> {
  await execute(
    ctx.db,
    sql`update public.dunning_attempts set status = 'ended', outcome = 'superseded', updated_at = clock_timestamp()
        where tenant_id = ${id} and status = 'running' and (invoice_id, counted_from) is distinct from (${invoice.id}::uuid, ${counted_from}::date)`,
  )
  const attempt = await oneRow<{ id: string }>(
    ctx.db,
    sql`insert into public.dunning_attempts as a (tenant_id, invoice_id, counted_from, status, stage, stage_day, stage_on)
        values (${id}, ${invoice.id}, ${counted_from}, 'running', ${stage.kind}, ${stage.day}, ${today})
        on conflict (invoice_id, counted_from) do update
        set status = 'running', outcome = null, stage = excluded.stage, stage_day = excluded.stage_day, updated_at = clock_timestamp(),
            stage_on = case when (a.stage, a.stage_day) = (excluded.stage, excluded.stage_day) then a.stage_on else excluded.stage_on end
        returning id`,
  )
  return attempt.id
}

/** Dunning has come to its end, and the invoice stays unpaid. */
export async function endArchived(ctx: Pick<Context, 'db'>, attemptId: string): Promise<void> {
  await execute(
    ctx.db,
    sql`update public.dunning_attempts set status = 'ended', outcome = 'archived', updated_at = clock_timestamp() where id = ${attemptId}`,
  )
}

/** Finds one event of the inbox: by its id or the beginning of it, or by what its provider calls it. */
import { rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid } from '../../kernel/ids.js'
import type { Context } from '../../kernel/context.js'

/** @throws not_found `event.not_found`; conflict `event.ambiguous` */
export async function findEvent(ctx: Pick<Context, 'db'>, text: string): Promise<string> {
  const wanted = text.trim()
  const beginning = wanted.toLowerCase()
  const digits = beginning.replaceAll('-', '')
  const ids = (found: { id: string }[]): string[] => found.map(({ id }) => id)
  const exact = ids(
    await rows<{ id: string }>(
      ctx.db,
      isUuid(wanted)
        ? sql`select id from public.webhook_events where id = ${beginning}`
        : sql`select id from public.webhook_events where event_id = ${wanted} limit 2`,
    ),
  )
  const found =
    exact.length > 0 || isUuid(wanted) || !/^[0-9a-f-]{4,35}$/.test(beginning) || digits.length > 32
      ? exact
      : ids(
          await rows<{ id: string }>(
            ctx.db,
            sql`select id from public.webhook_events
                where id between ${digits.padEnd(32, '0')}::uuid and ${digits.padEnd(32, 'f')}::uuid and id::text like ${`${beginning}%`}
                order by received_at desc limit 3`,
          ),
        )
  if (found.length > 1)
    throw new ErpmaxError('conflict', 'event.ambiguous', `More than one event is meant by ${wanted}`, {
      hint: `erpmax webhook show ${found[0]}`,
      details: { ids: found },
    })
  if (found[0] !== undefined) return found[0]
  throw new ErpmaxError('not_found', 'event.not_found', `There is no event "${wanted.slice(0, 80)}"`, {
    hint: 'erpmax webhook list',
  })
}

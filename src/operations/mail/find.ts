/** Finds a mail by its id, or by enough of its beginning. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid } from '../../kernel/ids.js'
import type { Context } from '../../kernel/context.js'

/** @throws not_found `mail.not_found`; conflict `mail.ambiguous` */
export async function findMail(ctx: Pick<Context, 'db'>, text: string): Promise<string> {
  const beginning = text.toLowerCase()
  if (isUuid(text)) {
    const exact = await firstRow<{ id: string }>(
      ctx.db,
      sql`select id from public.mails where id = ${beginning}`,
    )
    if (exact) return exact.id
    throw notFound(text)
  }
  if (!/^[0-9a-f-]{4,35}$/.test(beginning)) throw notFound(text)
  const found = await rows<{ id: string }>(
    ctx.db,
    sql`select id from public.mails where id::text like ${`${beginning}%`} order by created_at desc limit 3`,
  )
  if (found.length > 1)
    throw new ErpmaxError('conflict', 'mail.ambiguous', `More than one mail begins with ${text}`, {
      hint: `erpmax mail show ${found[0]?.id}`,
      details: { ids: found.map(({ id }) => id) },
    })
  if (!found[0]) throw notFound(text)
  return found[0].id
}

function notFound(text: string): ErpmaxError {
  return new ErpmaxError('not_found', 'mail.not_found', `There is no mail "${text.slice(0, 80)}"`, {
    hint: 'erpmax mail list',
  })
}

/** `token key list`: which keys sign, which verify what is left, and which are history. */
import { readPage, type Page, type PageRequest } from '../../database/keyset.js'
import { verbatim } from '../../database/sql.js'
import { ownKey } from './signing-keys.js'
import type { Context } from '../../kernel/context.js'

export interface KeyListItem {
  kid: string
  /** `active`; `verifying`: retired, and tokens of it may still be about; `retired`. */
  state: string
  /** Whether this machine signs with it. */
  current: boolean
  place: string
  created_at: string
  retired_at: string | null
  verify_until: string | null
}

type Times = 'created_at' | 'retired_at' | 'verify_until'
type KeyRow = Omit<KeyListItem, Times | 'state' | 'current'> & {
  status: string
  created_at: Date
  retired_at: Date | null
  verify_until: Date | null
}

/** Newest first. @throws dependency `key.unreadable`, `key.open_to_others` */
export async function listKeys(
  ctx: Pick<Context, 'db' | 'clock' | 'signingKey'>,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<KeyListItem>> {
  const own = await ownKey(ctx)
  const now = ctx.clock.now()
  const { items, next_cursor } = await readPage<KeyRow>(
    ctx.db,
    {
      columns: verbatim('k.kid, k.status, k.place, k.created_at, k.retired_at, k.verify_until'),
      from: verbatim('public.signing_keys k'),
      where: [],
      keys: { created: { by: verbatim('k.created_at'), type: 'timestamptz' } },
      id: { by: verbatim('k.kid'), type: 'text' },
    },
    { ...page, sort: '-created' },
  )
  return {
    items: items.map(({ status, ...key }) => ({
      kid: key.kid,
      state: key.verify_until && key.verify_until > now ? 'verifying' : status,
      current: key.kid === own?.kid,
      place: key.place,
      created_at: key.created_at.toISOString(),
      retired_at: key.retired_at?.toISOString() ?? null,
      verify_until: key.verify_until?.toISOString() ?? null,
    })),
    next_cursor,
  }
}

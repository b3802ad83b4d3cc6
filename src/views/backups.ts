/** The list of backups: which were made, newest first, and whether their files are where they were written. */
import { stat } from 'node:fs/promises'
import { readPage, type Page, type PageRequest } from '../database/keyset.js'
import { firstRow, sql, verbatim, type Sql } from '../database/sql.js'
import { isUuid } from '../kernel/ids.js'
import { backupColumns, backupJson, type BackupJson, type BackupRow } from '../schemas/backup/record.js'
import { findTenant } from '../tenants/find.js'
import type { Context } from '../kernel/context.js'

export interface ListedBackup extends BackupJson {
  tenant_id: string | null
  /** `present`: there, as long as it was; `changed`: of another length; `missing`: not on this machine. */
  file_state: 'present' | 'changed' | 'missing'
}

/**
 * @param tenant subdomain or id; null: everybody's, those of the whole installation too
 * @throws not_found `tenant.not_found`
 */
export async function listBackups(
  ctx: Pick<Context, 'db'>,
  tenant: string | null,
  page: Omit<PageRequest, 'sort'>,
): Promise<Page<ListedBackup>> {
  const where: Sql[] = tenant === null ? [] : [await ofTenant(ctx, tenant)]
  const found = await readPage<BackupRow & { tenant_id: string | null }>(
    ctx.db,
    {
      columns: sql`${backupColumns}, b.tenant_id`,
      from: verbatim('public.backups b'),
      where,
      keys: { created: { by: verbatim('b.created_at'), type: 'timestamptz' } },
      id: { by: verbatim('b.id'), type: 'uuid' },
    },
    { ...page, sort: '-created' },
  )
  const items = await Promise.all(
    found.items.map(async ({ tenant_id, ...row }): Promise<ListedBackup> => {
      const backup = backupJson(row)
      return { ...backup, tenant_id, file_state: await stateOf(backup) }
    }),
  )
  return { ...found, items }
}

/** A tenant that is gone is known by its backups; one without any must exist. */
async function ofTenant(ctx: Pick<Context, 'db'>, tenant: string): Promise<Sql> {
  const its = isUuid(tenant) ? sql`b.tenant_id = ${tenant}` : sql`b.subdomain = ${tenant.toLowerCase()}`
  const made = await firstRow(ctx.db, sql`select 1 from public.backups b where ${its} limit 1`)
  if (!made) await findTenant(ctx, tenant)
  return its
}

async function stateOf({ file, bytes }: BackupJson): Promise<ListedBackup['file_state']> {
  const there = await stat(file).catch(() => null)
  if (!there) return 'missing'
  return there.size === bytes ? 'present' : 'changed'
}

/** Whether a backup of an installation can go into this one, and what it would take the place of. */
import path from 'node:path'
import { appliedMigrations } from '../database/migrate.js'
import { oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { shellWord } from '../kernel/shell-word.js'
import { headOf } from '../schemas/backup/head.js'
import type { Context } from '../kernel/context.js'
import type { Head } from '../schemas/backup/manifest.js'

export interface InstallationHead {
  file: string
  head: Head
}

export interface InstallationPlan extends InstallationHead {
  /** How many tenants are here now, deleted ones not counted. */
  replaces: number
  /** The database's name, to be typed; null where there is nothing that could be lost. */
  confirm: string | null
}

/**
 * Reads the head of the file alone, before there need be a database: whether the rest is whole shows when it is restored.
 * @throws failure `backup.damaged`, `backup.foreign`; conflict `backup.form_unknown`, `backup.of_tenant`
 */
export async function readInstallationHead(given: string): Promise<InstallationHead> {
  const file = path.resolve(given)
  const head = await headOf(file)
  if (head.scope === 'installation') return { file, head }
  const name = head.tenant?.subdomain ?? 'one tenant'
  throw new ErpmaxError(
    'conflict',
    'backup.of_tenant',
    `${file} is a backup of ${name}, not of a whole installation`,
    { hint: `erpmax backup restore ${shellWord(file)}` },
  )
}

/** @throws conflict `backup.control_plane_version` */
export async function planInstallationRestore(
  ctx: Pick<Context, 'db'>,
  { file, head }: InstallationHead,
): Promise<InstallationPlan> {
  await requireSameMigrations(ctx, head, file)
  const found = await oneRow<{ database: string; tenants: number; used: boolean }>(
    ctx.db,
    sql`select current_database() as database,
               (select count(*)::int from public.tenants where status <> 'deleted') as tenants,
               exists (select 1 from public.tenants) or exists (select 1 from public.users) as used`,
  )
  return { file, head, replaces: found.tenants, confirm: found.used ? found.database : null }
}

async function requireSameMigrations(ctx: Pick<Context, 'db'>, head: Head, file: string): Promise<void> {
  const here = await appliedMigrations(ctx.db)
  const lacks = here.filter((name) => !head.migrations.includes(name))
  const knows = head.migrations.filter((name) => !here.includes(name))
  if (lacks.length === 0 && knows.length === 0) return
  throw new ErpmaxError(
    'conflict',
    'backup.control_plane_version',
    `${file} holds another version of the control plane: it was made by erpmax ${head.program_version}`,
    {
      hint: `Restore it with erpmax ${head.program_version}, which wrote it, then update`,
      details: { missing_in_backup: lacks, unknown_here: knows },
    },
  )
}

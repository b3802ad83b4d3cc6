/** The rows of `public.backups`: which files were made, and how to know them again. */
import { oneRow, sql, verbatim, type Sql } from '../../database/sql.js'
import type { Context } from '../../kernel/context.js'
import type { TenantId } from '../../kernel/ids.js'

export type BackupPurpose = 'manual' | 'archive' | 'delete' | 'installation'

export interface BackupJson {
  id: string
  /** Its subdomain; null for the whole installation. */
  tenant: string | null
  /** Its path on the machine that made it. */
  file: string
  bytes: number
  /** Of the file, as `sha256sum` gives it. */
  sha256: string
  tables: number
  rows: number
  schema_version: string | null
  created_at: string
  purpose: BackupPurpose
}

export interface NewBackup {
  /** Null, and the subdomain too, for the whole installation. */
  tenantId: TenantId | null
  subdomain: string | null
  schemaVersion: string | null
  file: string
  bytes: number
  sha256: string
  tables: number
  rows: number
  purpose: BackupPurpose
  /** RFC 3339; now where it is not said. */
  createdAt?: string | null
}

export type BackupRow = Omit<BackupJson, 'created_at'> & { created_at: Date }

/** What `backupJson` takes, of `public.backups b`. */
export const backupColumns: Sql = verbatim(
  `b.id, b.subdomain as tenant, b.file, b.bytes::float8 as bytes, b.sha256, b.tables, b.rows::float8 as rows,
   b.schema_version, b.created_at, b.purpose`,
)

export function backupJson({ created_at, ...backup }: BackupRow): BackupJson {
  return { ...backup, created_at: created_at.toISOString() }
}

export async function recordBackup(ctx: Pick<Context, 'db'>, backup: NewBackup): Promise<BackupJson> {
  const row = await oneRow<BackupRow>(
    ctx.db,
    sql`with b as (
          insert into public.backups (tenant_id, subdomain, schema_version, file, bytes, sha256, tables, rows, purpose, created_at)
          values (${backup.tenantId}, ${backup.subdomain}, ${backup.schemaVersion}, ${backup.file}, ${backup.bytes},
                  ${backup.sha256}, ${backup.tables}, ${backup.rows}, ${backup.purpose},
                  coalesce(${backup.createdAt ?? null}::timestamptz, clock_timestamp()))
          returning *)
        select ${backupColumns} from b`,
  )
  return backupJson(row)
}

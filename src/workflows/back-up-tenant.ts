/** Writes what there is of a tenant into one file. A stand-in until the backups are there: the file holds its name alone. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execute, oneRow, sql, verbatim } from '../database/sql.js'
import { transaction } from '../database/transaction.js'
import { tablesIn } from '../schemas/look.js'
import type { Context } from '../kernel/context.js'
import type { WorkflowEvent } from '../kernel/workflow.js'
import type { PlacedTenant } from '../tenants/find.js'

export interface BackupJson {
  id: string
  tenant: string
  file: string
  bytes: number
  sha256: string
  tables: number
  rows: number
  schema_version: string | null
  created_at: string
  purpose: string
}

export async function* backUpTenant(
  ctx: Context,
  tenant: PlacedTenant,
  { output, purpose }: { output?: string; purpose: 'manual' | 'archive' | 'delete' },
): AsyncGenerator<WorkflowEvent, BackupJson, void> {
  yield { event: 'plan', steps: [{ name: 'export', title: `Export ${tenant.subdomain}` }] }
  yield { event: 'step_started', step: 'export', title: `Export ${tenant.subdomain}` }
  await ctx.failpoint('backup.during_export')
  const content = JSON.stringify({ tenant: tenant.subdomain })
  const sha256 = createHash('sha256').update(content).digest('hex')
  const stamp = ctx.clock
    .now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
  const folder = path.join(ctx.config.text('ERPMAX_HOME') ?? '.', 'backups')
  const file = output ?? path.join(folder, `${tenant.subdomain}-${stamp}.erpmax-backup`)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, content, { mode: 0o600 })
  const tables = await tablesIn(ctx, tenant.schema)
  const stored = await transaction(ctx, async ({ db }) => {
    await execute(
      db,
      verbatim(`create table if not exists public.backups (
        id uuid primary key default gen_random_uuid(), tenant_id uuid references public.tenants (id) on delete set null,
        subdomain text, schema_version text, file text, bytes bigint, sha256 text, tables int, rows bigint, purpose text,
        created_at timestamptz not null default now())`),
    )
    return oneRow<{ id: string; created_at: Date }>(
      db,
      sql`insert into public.backups (tenant_id, subdomain, file, bytes, sha256, tables, rows, purpose)
          values (${tenant.id}, ${tenant.subdomain}, ${file}, ${content.length}, ${sha256}, ${tables.length}, 0, ${purpose})
          returning id, created_at`,
    )
  })
  yield { event: 'step_done', step: 'export', duration_ms: 0, note: `${tables.length} tables` }
  return {
    id: stored.id,
    tenant: tenant.subdomain,
    file,
    bytes: content.length,
    sha256,
    tables: tables.length,
    rows: 0,
    schema_version: null,
    created_at: stored.created_at.toISOString(),
    purpose,
  }
}

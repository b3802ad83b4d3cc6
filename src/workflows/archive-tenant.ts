/** Archives a tenant: its data is exported first, so that there is a copy from before it was put away. */
import { putAway } from '../tenants/archive.js'
import { backUpTenant, type BackupJson } from './back-up-tenant.js'
import type { Context } from '../kernel/context.js'
import type { WorkflowEvent } from '../kernel/workflow.js'
import type { MovedTenant } from '../tenants/change-state.js'
import type { PlacedTenant } from '../tenants/find.js'

export interface ArchiveRequest {
  reason: string | null
  /** Whether to export first. */
  backup: boolean
  dryRun: boolean
}

export interface ArchivedTenant extends MovedTenant {
  backup: BackupJson | null
}

/** Where the export fails the tenant stays as it is. One that is archived already is not exported again. */
export async function* archiveTenant(
  ctx: Context,
  tenant: PlacedTenant,
  { reason, backup, dryRun }: ArchiveRequest,
): AsyncGenerator<WorkflowEvent, ArchivedTenant, void> {
  // The rehearsal refuses what cannot be archived before anything is exported.
  const rehearsed = await putAway(ctx, tenant, { reason, dryRun: true })
  if (dryRun || !rehearsed.changed) return { ...rehearsed, dry_run: dryRun, backup: null }
  const exported = backup ? yield* backUpTenant(ctx, tenant, { purpose: 'archive' }) : null
  const moved = await putAway(ctx, tenant, {
    reason,
    dryRun,
    exportSha256: exported?.sha256 ?? null,
  })
  return { ...moved, backup: exported }
}

/** The one transaction of a restore: the data, what the control plane keeps with it, and the tenant in use again. */
import { longTransaction } from '../database/long-transaction.js'
import { execute, firstRow, identifier, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { succeedJob } from '../operations/jobs.js'
import { followAllInErp } from '../people/erp-follow.js'
import { inviteMembers, restoreMembers, restoreRoles, type InvitedMember } from '../people/kept-people.js'
import { BackupCursor } from '../schemas/backup/cursor.js'
import { emptyTables, loadTables, restartSequences } from '../schemas/backup/load.js'
import { Progress } from '../schemas/backup/progress.js'
import { tablesIn } from '../schemas/look.js'
import { restoreKeptRows } from '../tenants/kept-rows.js'
import { readTenant, type TenantJson } from '../tenants/read.js'
import { activateTenant } from '../tenants/reserve.js'
import { restoreProfile } from '../tenants/restore-profile.js'
import { endRestoring } from '../tenants/restoring.js'
import { restoreKind } from './backup-jobs.js'
import type { Context } from '../kernel/context.js'
import type { SchemaName } from '../kernel/ids.js'
import type { StepProgress } from '../kernel/workflow.js'
import type { FileHandle } from 'node:fs/promises'
import type { JobRun } from './job-run.js'
import type { RestorePlan } from './plan-restore.js'
import type { Claimed } from './restore-claim.js'
import type { WholeBackup } from './restore-tenant.js'

interface Load {
  plan: RestorePlan
  file: FileHandle
  run: JobRun
  claimed: Claimed
  backup: WholeBackup
}

export interface LoadedTenant {
  tenant: TenantJson
  /** Everybody of a new tenant; of one that was there those who were not in it any more. */
  invited: InvitedMember[]
}

/** @param done told the result before COMMIT: afterwards nothing may fail any more */
export async function* loadTenant(
  ctx: Context,
  { plan, file, run, claimed, backup }: Load,
  done: (loaded: LoadedTenant) => void,
): AsyncGenerator<StepProgress, void, void> {
  const { manifest, head } = backup.volume
  const { schema } = claimed
  yield* longTransaction(ctx, { mode: 'write' }, async function* (inner) {
    await emptyTables(inner, schema, await tablesIn(inner, schema))
    const cursor = new BackupCursor(file)
    await cursor.nextVolume()
    yield* loadTables(inner, cursor, { schema, manifest, progress: new Progress(head.groups) })
    await restartSequences(inner, schema, manifest.sequences)
    await run.within(inner, 'load', async (last) => done(await finish(last, plan, claimed, backup, run)))
    await ctx.failpoint('restore.before_commit')
  })
}

async function finish(
  ctx: Context,
  { file }: RestorePlan,
  { id, schema, generation, before }: Claimed,
  { control, verdict, sha256 }: WholeBackup,
  run: JobRun,
): Promise<LoadedTenant> {
  await requireClaim(ctx, id, generation)
  await restoreRoles(ctx, id, control.roles)
  await restoreKeptRows(ctx, id, control.kept_rows)
  const invited = await (before ? restoreMembers : inviteMembers)(ctx, id, control.members)
  await followMembers(ctx, schema, invited)
  if (before) {
    await restoreProfile(ctx, id, control.profile)
    await endRestoring(ctx, id, before, 'restored from a backup')
  } else await activateTenant(ctx, id)
  await followAllInErp(ctx, id, schema)
  const tenant = await readTenant(ctx, id)
  const { tables, rows, created_at } = verdict
  await audit(ctx, {
    action: restoreKind,
    subjectKind: 'tenant',
    subject: tenant.subdomain,
    tenantId: id,
    outcome: 'succeeded',
    after: { file, sha256, backup_of: created_at, tables, rows, status: tenant.status },
  })
  await succeedJob(ctx, run.job)
  return { tenant, invited }
}

async function requireClaim(ctx: Pick<Context, 'db'>, id: string, generation: number): Promise<void> {
  const held = await firstRow(
    ctx.db,
    sql`select 1 from public.tenant_placements where tenant_id = ${id} and generation = ${generation} for update`,
  )
  if (held) return
  throw new ErpmaxError('busy', 'job.lease_lost', 'This tenant has passed to another process meanwhile')
}

/** The ERP knows people by their id here, which is another one where the backup comes from another installation. */
async function followMembers(
  ctx: Pick<Context, 'db'>,
  schema: SchemaName,
  invited: readonly InvitedMember[],
): Promise<void> {
  const moved = invited.filter(({ was, is }) => was !== is)
  if (moved.length === 0) return
  await execute(
    ctx.db,
    sql`update ${identifier(schema)}.users u set platform_user_id = m.is_now
        from unnest(${moved.map(({ was }) => was)}::uuid[], ${moved.map(({ is }) => is)}::uuid[]) as m (was, is_now)
        where u.platform_user_id = m.was`,
  )
}

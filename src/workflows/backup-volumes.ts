/** Writes the volumes of a backup: what is of one tenant, read in one snapshot. */
import { appliedMigrations } from '../database/migrate.js'
import { oneRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { programVersion } from '../kernel/package-root.js'
import { dumpTables } from '../schemas/backup/dump.js'
import { Progress } from '../schemas/backup/progress.js'
import {
  controlPlaneGroup,
  controlPlaneTables,
  groupSizes,
  sectionsOf,
  sequencesOf,
  tenantTables,
} from '../schemas/backup/tables.js'
import { fingerprintOf } from '../schemas/look.js'
import { loadSnapshot } from '../schemas/baseline.js'
import { readControlDocument } from './control-document.js'
import type { Context } from '../kernel/context.js'
import type { StepProgress } from '../kernel/workflow.js'
import type { Head, Manifest } from '../schemas/backup/manifest.js'
import type { BackupWriter } from '../schemas/backup/writer.js'
import type { PlacedTenant } from '../tenants/find.js'

export interface WrittenVolume extends Manifest {
  schemaVersion: string | null
}

/**
 * @param ctx in a snapshot of a moment at which the caller holds the schema's lock
 * @param volumesLeft how many volumes come after this one
 * @throws conflict `backup.schema_absent`
 */
export async function* writeTenantVolume(
  ctx: Pick<Context, 'db' | 'signal' | 'warn'>,
  writer: BackupWriter,
  tenant: PlacedTenant,
  volumesLeft: number,
): AsyncGenerator<StepProgress, WrittenVolume, void> {
  const { schema } = tenant
  const found = await fingerprintOf(ctx, schema)
  if (!found) throw schemaAbsent(tenant)
  const control = await readControlDocument(ctx, tenant.id)
  const { version, status } = await placement(ctx, tenant)
  await warnWhereDifferent(ctx, tenant, found.fingerprint)
  const sections = sectionsOf(schema, await tenantTables(ctx, schema))
  const groups = groupSizes(sections)
  await writer.beginVolume({
    ...(await headFacts(ctx)),
    scope: 'tenant',
    tenant: { id: tenant.id, subdomain: tenant.subdomain, status, name: control.profile.name },
    schema: { name: schema, version, fingerprint: found.fingerprint },
    groups,
    volumes_left: volumesLeft,
  })
  await writer.beginSection({
    kind: 'control',
    schema: null,
    name: 'control',
    group: controlPlaneGroup,
    columns: [],
  })
  await writer.take(Buffer.from(JSON.stringify(control)))
  await writer.endSection()
  yield* dumpTables(ctx, writer, sections, new Progress(groups))
  const manifest = await writer.endVolume(await sequencesOf(ctx, schema))
  return { ...manifest, schemaVersion: version }
}

/**
 * The first volume of an installation's backup: every table of the control plane.
 * @param ctx in a snapshot
 * @param volumesLeft how many schemas follow, each in a volume of its own
 */
export async function* writeControlPlaneVolume(
  ctx: Pick<Context, 'db' | 'signal'>,
  writer: BackupWriter,
  volumesLeft: number,
): AsyncGenerator<StepProgress, Manifest, void> {
  const sections = sectionsOf('public', await controlPlaneTables(ctx))
  const groups = groupSizes(sections)
  await writer.beginVolume({
    ...(await headFacts(ctx)),
    ...{ scope: 'installation', tenant: null, schema: null, groups, volumes_left: volumesLeft },
  })
  yield* dumpTables(ctx, writer, sections, new Progress(groups))
  return writer.endVolume(await sequencesOf(ctx, 'public'))
}

/** What every head says. */
async function headFacts(
  ctx: Pick<Context, 'db'>,
): Promise<Pick<Head, 'program_version' | 'server_version' | 'created_at' | 'migrations'>> {
  const { server_version, created_at } = await oneRow<{ server_version: string; created_at: Date }>(
    ctx.db,
    sql`select current_setting('server_version') as server_version, now() as created_at`,
  )
  return {
    program_version: programVersion(),
    server_version,
    created_at: created_at.toISOString(),
    migrations: await appliedMigrations(ctx.db),
  }
}

/** Its data is kept all the same; only a schema of the same form takes it back. */
async function warnWhereDifferent(
  { warn }: Pick<Context, 'warn'>,
  { subdomain, status }: PlacedTenant,
  fingerprint: string,
): Promise<void> {
  if (['provisioning', 'failed', 'deleting'].includes(status)) return
  if (fingerprint === (await loadSnapshot()).fingerprint) return
  warn({
    code: 'backup.schema_differs',
    message: `The schema of ${subdomain} is not what this program builds (erpmax schema verify ${subdomain}): the backup holds its data, but restores only where the schema is the same`,
  })
}

/** As the snapshot has it. */
async function placement(
  ctx: Pick<Context, 'db'>,
  { id }: PlacedTenant,
): Promise<{ version: string | null; status: string }> {
  return oneRow(
    ctx.db,
    sql`select p.schema_version as version, t.status from public.tenants t
        join public.tenant_placements p on p.tenant_id = t.id where t.id = ${id}`,
  )
}

function schemaAbsent({ subdomain }: PlacedTenant): ErpmaxError {
  return new ErpmaxError('conflict', 'backup.schema_absent', `${subdomain} has no schema, and so no data`, {
    hint: `erpmax schema verify ${subdomain}`,
  })
}

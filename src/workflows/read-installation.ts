/** Reads the backup of an installation to its end and sorts what is in it, before anything is written. */
import { ErpmaxError } from '../kernel/errors.js'
import { schemaName, type SchemaName } from '../kernel/ids.js'
import { damaged } from '../schemas/backup/head.js'
import { controlPlaneTables } from '../schemas/backup/tables.js'
import { loadSnapshot } from '../schemas/baseline.js'
import { readBackup, type BackupVerdict, type Volume } from './verify-backup.js'
import type { Context } from '../kernel/context.js'
import type { StepProgress } from '../kernel/workflow.js'
import type { Section } from '../schemas/backup/manifest.js'
import type { FileHandle } from 'node:fs/promises'

export interface WholeInstallation {
  verdict: BackupVerdict
  sha256: string
  controlPlane: Volume
  tenants: TenantVolume[]
  /** Unfinished tenants whose schema has no form that could be loaded: they are finished, or deleted, afterwards. */
  skipped: string[]
}

export interface TenantVolume extends Volume {
  id: string
  subdomain: string
  schema: SchemaName
}

/** States in which a schema may be half of one. */
const unfinished = ['provisioning', 'failed', 'deleting']

/** @throws failure `backup.damaged`; conflict `backup.schema_version`, `backup.schema_differs` */
export async function* readInstallation(
  ctx: Context,
  handle: FileHandle,
  file: string,
): AsyncGenerator<StepProgress, WholeInstallation, void> {
  const fits = await fitting()
  const misfits = new Set<string>()
  const { verdict, volumes } = yield* readBackup(ctx, handle, file, ({ tenant }, section) => {
    if (tenant && section.kind === 'table' && !fits(section)) misfits.add(tenant.id)
  })
  const [controlPlane, ...rest] = volumes
  const { sha256, ok, problems } = verdict
  if (!ok || !controlPlane || sha256 === null) throw damaged(file, problems)
  await requireKnownTables(ctx, controlPlane, file)
  const tenants = rest.flatMap((volume): TenantVolume[] => {
    const { tenant, schema } = volume.head
    return tenant && schema ? [{ ...volume, ...tenant, schema: schemaName(schema.name) }] : []
  })
  const lost = tenants.filter(
    ({ id, head }) => misfits.has(id) && !unfinished.includes(head.tenant?.status ?? ''),
  )
  if (lost.length > 0) throw otherSchema(lost, file)
  return {
    ...{ verdict, sha256, controlPlane },
    tenants: tenants.filter(({ id }) => !misfits.has(id)),
    skipped: tenants.filter(({ id }) => misfits.has(id)).map(({ subdomain }) => subdomain),
  }
}

/** Whether a table with these columns has a place in the schema that this program builds. */
async function fitting(): Promise<(section: Section) => boolean> {
  const { tables } = await loadSnapshot()
  return ({ name, columns }) => {
    const known = tables[name]?.columns
    return known !== undefined && columns.every((column) => column in known)
  }
}

async function requireKnownTables(
  ctx: Pick<Context, 'db'>,
  { manifest }: Volume,
  file: string,
): Promise<void> {
  const known = new Set((await controlPlaneTables(ctx)).map(({ name }) => name))
  const unknown = manifest.sections.map(({ name }) => name).filter((name) => !known.has(name))
  if (unknown.length === 0) return
  throw new ErpmaxError(
    'conflict',
    'backup.schema_differs',
    `${file} holds tables that the schema public of this database does not have: ${unknown.join(', ')}`,
    { hint: 'Create them as they were, then run the same command again', details: { tables: unknown } },
  )
}

function otherSchema(lost: readonly TenantVolume[], file: string): ErpmaxError {
  const names = lost.map(({ subdomain }) => subdomain)
  const shown =
    names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  const version = lost[0]?.head.program_version ?? ''
  return new ErpmaxError(
    'conflict',
    'backup.schema_version',
    `${file} holds data that does not fit into the schema this program builds, of ${shown}`,
    { hint: `Restore it with erpmax ${version}, which wrote it`, details: { tenants: names } },
  )
}

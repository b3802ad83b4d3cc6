/** Where a backup would go: what it holds, and whether it takes the place of a tenant's data or makes a new tenant. */
import path from 'node:path'
import { firstRow, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { shellWord } from '../kernel/shell-word.js'
import { headOf } from '../schemas/backup/head.js'
import { loadSnapshot } from '../schemas/baseline.js'
import { freeNear, requireUsable, subdomainTaken } from '../tenants/subdomain.js'
import { tenantOf } from './create-tenant-reserve.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'
import type { Head } from '../schemas/backup/manifest.js'

export type TenantHead = Head & { tenant: NonNullable<Head['tenant']>; schema: NonNullable<Head['schema']> }

export interface RestorePlan {
  file: string
  head: TenantHead
  /** Of the tenant that will have the data. */
  subdomain: string
  /** The tenant whose data is replaced; null where a new one is made. */
  replaces: TenantId | null
}

/**
 * Reads the head of the file alone: whether the rest is whole shows when it is restored.
 * @param as the subdomain of a new tenant; null: back into the tenant it was made of
 * @throws failure `backup.damaged`; conflict `backup.schema_version`, `backup.of_installation`;
 *   not_found `backup.tenant_gone`; usage `tenant.subdomain_malformed`, `tenant.subdomain_reserved`
 */
export async function planRestore(
  ctx: Pick<Context, 'db'>,
  given: string,
  as: string | null,
): Promise<RestorePlan> {
  // The job keeps it, for whoever continues from another folder.
  const file = path.resolve(given)
  const head = await readTenantHead(file)
  await requireSameSchema(head, file)
  if (as !== null) return { file, head, subdomain: await usableName(ctx, file, as), replaces: null }
  const { id, subdomain: was } = head.tenant
  const found = await firstRow<{ id: TenantId; subdomain: string }>(
    ctx.db,
    sql`select t.id, t.subdomain from public.tenants t join public.tenant_placements p on p.tenant_id = t.id
        where t.id = ${id} and t.status <> 'deleted'`,
  )
  if (found) return { file, head, subdomain: found.subdomain, replaces: found.id }
  const [free] = await freeNear(ctx, was)
  throw new ErpmaxError(
    'not_found',
    'backup.tenant_gone',
    `The tenant that this backup was made of, ${was} with the id ${id}, is not here`,
    {
      hint: `erpmax backup restore ${shellWord(file)} --as ${free ?? '<subdomain>'}`,
      details: { tenant_id: id, subdomain: was },
    },
  )
}

/** An unfinished tenant of the name may be what an earlier run left: whether it is shows when it is claimed. */
async function usableName(ctx: Pick<Context, 'db'>, file: string, as: string): Promise<string> {
  try {
    const subdomain = await requireUsable(ctx, as)
    const there = await tenantOf(ctx, subdomain)
    if (there && there.status !== 'provisioning' && there.status !== 'failed')
      throw subdomainTaken(subdomain, await freeNear(ctx, subdomain))
    return subdomain
  } catch (error) {
    throw withOtherName(error, file)
  }
}

/** The hint names this command, not the creation of a tenant. */
export function withOtherName(error: unknown, file: string): unknown {
  if (!(error instanceof ErpmaxError) || !error.code.startsWith('tenant.subdomain_')) return error
  const [free] = (error.details.alternatives as string[] | undefined) ?? []
  return new ErpmaxError(error.kind, error.code, error.message, {
    hint: `erpmax backup restore ${shellWord(file)} --as ${free ?? '<subdomain>'}`,
    details: error.details,
    cause: error,
  })
}

async function readTenantHead(file: string): Promise<TenantHead> {
  const head = await headOf(file)
  const { tenant, schema } = head
  if (tenant && schema) return { ...head, tenant, schema }
  throw new ErpmaxError(
    'conflict',
    'backup.of_installation',
    `${file} is a backup of a whole installation, not of one tenant`,
    { hint: `erpmax db restore ${shellWord(file)}` },
  )
}

async function requireSameSchema({ schema, program_version }: TenantHead, file: string): Promise<void> {
  const { fingerprint, version } = await loadSnapshot()
  if (schema.fingerprint === fingerprint) return
  const differs =
    schema.version === version
      ? `a schema that differs from version ${version}, which this program builds`
      : `version ${schema.version ?? 'unknown'} of the schema; this program builds version ${version}`
  throw new ErpmaxError('conflict', 'backup.schema_version', `${file} holds ${differs}`, {
    hint: `Restore it with erpmax ${program_version}, which wrote it`,
    details: {
      backup: { version: schema.version, fingerprint: schema.fingerprint },
      program: { version, fingerprint },
    },
  })
}

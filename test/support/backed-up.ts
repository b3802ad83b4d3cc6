/** One tenant with people, settings, flags and rows in twenty tables, built once on the shared server, and what backups do with it. */
import os from 'node:os'
import path from 'node:path'
import { mkdtempSync } from 'node:fs'
import { findTenant, type PlacedTenant } from '../../src/tenants/find.js'
import { backUpTenant, type BackupJson } from '../../src/workflows/back-up-tenant.js'
import { createTenant } from '../../src/workflows/create-tenant.js'
import { planRestore } from '../../src/workflows/plan-restore.js'
import { restoreTenant, type RestoredTenant } from '../../src/workflows/restore-tenant.js'
import { verifyBackup, type BackupVerdict } from '../../src/workflows/verify-backup.js'
import { fillStatements } from './backup-rows.js'
import { Place } from './place.js'
import { finished } from './schemas.js'
import { sharedContext } from './server.js'
import type { OpenedContext } from '../../src/context.js'

export interface BackedUp {
  ctx: OpenedContext
  place: Place
  tenant: PlacedTenant
  /** For the test's files; removed with the shared server's home. */
  folder: string
}

const rowsEach = 40
let built: Promise<BackedUp> | undefined

/** Its rows may be other ones than another file left: nobody relies on what they are. */
export function backedUp(): Promise<BackedUp> {
  built ??= build()
  return built
}

async function build(): Promise<BackedUp> {
  const ctx = await sharedContext()
  const home = ctx.config.text('ERPMAX_HOME') ?? os.tmpdir()
  const place = new Place(home)
  await finished(
    createTenant(ctx, {
      subdomain: 'kept',
      company: { name: 'Kept & Sons', country: 'IN', gstin: '29AAGCB7383J1Z4' },
      admin: { email: 'owner@kept.test', password: null },
      subscription: { modules: ['finance', 'crm'], tier: 'STARTER' },
      ifNotExists: false,
    }),
  )
  const tenant = await findTenant(ctx, 'kept')
  await place.connected(async (client) => {
    await client.query('set search_path = tenant_kept')
    for (const statement of fillStatements(rowsEach)) await client.query(statement)
  })
  await addPeople(place, tenant.id)
  return { ctx, place, tenant, folder: mkdtempSync(path.join(home, 'files-')) }
}

/** A role of the tenant's own, two more people, one of them in that role, settings, and flags with a configuration. */
async function addPeople(place: Place, id: string): Promise<void> {
  await place.query(
    `with role as (insert into public.roles (tenant_id, code, name, description) values ($1, 'buyer', 'Buyer', 'Buys') returning id),
          allowed as (insert into public.role_permissions (role_id, permission_code) select id, unnest(array['crm:read', 'procurement:write']) from role),
          people as (insert into public.users (email, full_name, status, password_hash)
                     values ('buyer@kept.test', 'A Buyer', 'active', 'a-hash'), ('user@kept.test', 'A User', 'active', 'a-hash') returning id, email)
     insert into public.memberships (user_id, tenant_id, role_id, erp_role, status)
     select p.id, $1, coalesce(r.id, (select id from public.roles where code = 'user' and tenant_id is null)),
            case when r.id is not null then 'MANAGER' end, 'active'
     from people p left join role r on p.email = 'buyer@kept.test'`,
    [id],
  )
  await place.query(
    `insert into public.tenant_features (tenant_id, module_code, flag, enabled, config)
     values ($1, null, 'dark-mode', true, '{}'), ($1, 'crm', 'scoring', false, '{"limits": [1, 2.50, "नमस्ते"]}')`,
    [id],
  )
  await place.query(
    `update public.tenants set settings = '{"theme": "teal", "nested": {"a": [null, true]}}' where id = $1`,
    [id],
  )
}

export function backUp(ctx: OpenedContext, tenant: PlacedTenant, output: string): Promise<BackupJson> {
  return finished(backUpTenant(ctx, tenant, { output, purpose: 'manual' }))
}

/** @param as a new tenant's subdomain; null: back where it came from */
export async function restore(
  ctx: OpenedContext,
  file: string,
  as: string | null = null,
): Promise<RestoredTenant> {
  return finished(restoreTenant(ctx, await planRestore(ctx, file, as)))
}

export function verify({ signal }: Pick<OpenedContext, 'signal'>, file: string): Promise<BackupVerdict> {
  return finished(verifyBackup({ signal }, file))
}

/** Which schemas there are. */
export async function schemas(place: Place): Promise<string[]> {
  const found = await place.query<{ name: string }>('select nspname as name from pg_namespace order by 1')
  return found.map(({ name }) => name).filter((name) => !name.startsWith('pg_t'))
}

/** How many rows each table of a schema has. */
export async function rowCounts(place: Place, schema: string): Promise<Record<string, number>> {
  const tables = await place.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind = 'r' order by 1`,
    [schema],
  )
  const counts = tables.map(
    ({ name }) => `select '${name}' as name, count(*)::int as rows from "${schema}"."${name}"`,
  )
  const found = await place.query<{ name: string; rows: number }>(counts.join(' union all '))
  return Object.fromEntries(found.map(({ name, rows }) => [name, rows]))
}

/** Roles of one's own: named sets of permissions, of one tenant or of all. The built-in four never change. */
import { changeOrRehearse } from '../database/rehearse.js'
import { execute, oneRow, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { nearest } from '../kernel/nearest.js'
import { audit } from '../operations/audit.js'
import { findTenant } from '../tenants/find.js'
import { followInErp } from './erp-follow.js'
import { findRole, type KnownRole } from './find-role.js'
import { holdPeople } from './members.js'
import { lineOf, quoted } from './particulars.js'
import type { Context } from '../kernel/context.js'
import type { TenantId, UserId } from '../kernel/ids.js'

export interface RoleJson {
  code: string
  name: string
  description: string
  /** Null: of all tenants. */
  tenant: string | null
  built_in: boolean
  permissions: string[]
}

export interface ChangedRoleSet {
  dry_run: boolean
  /** False where it was so already. */
  changed: boolean
  role: RoleJson
}

interface Choice {
  role: string
  /** Null: a role of all tenants. */
  tenant: string | null
  dryRun: boolean
}

export interface NewRole extends Choice {
  name: string
  description: string
  permissions: readonly string[]
}

const codePattern = /^[a-z][a-z0-9_-]{0,39}$/
const builtIn = ['owner', 'admin', 'user', 'member']

/** @throws conflict `role.exists`, `role.built_in`; usage `role.code_invalid`, `permission.unknown` */
export async function createRole(ctx: Context, input: NewRole): Promise<ChangedRoleSet> {
  const code = input.role
  if (!codePattern.test(code)) {
    throw new ErpmaxError('usage', 'role.code_invalid', `${quoted(code)} is not the code of a role`, {
      hint: 'A small letter, then up to 39 of a-z, 0-9, - and _',
    })
  }
  if (builtIn.includes(code)) throw refused(code)
  const name = lineOf(input.name, 'role.name_invalid', 'A name')
  const description = descriptionOf(input.description)
  return within(ctx, input, 'role.create', async (inner, tenantId) => {
    const permissions = await knownPermissions(inner, input.permissions)
    const made = await rows<{ id: string }>(
      inner.db,
      sql`insert into public.roles (tenant_id, code, name, description) values (${tenantId}::uuid, ${code}, ${name}, ${description})
          on conflict (tenant_id, code) do nothing returning id`,
    )
    const [row] = made
    if (!row) {
      throw new ErpmaxError('conflict', 'role.exists', `There is a role ${code} already`, {
        hint: `erpmax role show ${code}${input.tenant === null ? '' : ` --tenant ${input.tenant}`}`,
      })
    }
    await addPermissions(inner, row.id, permissions)
    return { before: null, after: await findRole(inner, code, tenantId) }
  })
}

/**
 * Undefined: it stays. Safe to repeat.
 * @throws usage `role.nothing_to_change`; not_found `role.not_found`; conflict `role.built_in`
 */
export async function updateRole(
  ctx: Context,
  input: Choice & { name?: string | undefined; description?: string | undefined },
): Promise<ChangedRoleSet> {
  if (input.name === undefined && input.description === undefined) {
    throw new ErpmaxError('usage', 'role.nothing_to_change', 'Nothing is said of what to change', {
      hint: `erpmax role update ${input.role} --name "..."`,
    })
  }
  const name = input.name === undefined ? null : lineOf(input.name, 'role.name_invalid', 'A name')
  const description = input.description === undefined ? null : descriptionOf(input.description)
  return within(ctx, input, 'role.update', async (inner, tenantId) => {
    const before = await lockRole(inner, input.role, tenantId)
    await execute(
      inner.db,
      sql`update public.roles set name = coalesce(${name}, name), description = coalesce(${description}, description), updated_at = now()
          where id = ${before.id} and (name, description) is distinct from (coalesce(${name}, name), coalesce(${description}, description))`,
    )
    return { before, after: await findRole(inner, before.code, tenantId) }
  })
}

/** @throws not_found `role.not_found`; conflict `role.built_in`, `role.in_use` */
export async function deleteRole(ctx: Context, input: Choice): Promise<ChangedRoleSet> {
  return within(ctx, input, 'role.delete', async (inner, tenantId) => {
    const before = await lockRole(inner, input.role, tenantId)
    const users = await rows<{ tenant: string; email: string }>(
      inner.db,
      sql`select t.subdomain as tenant, u.email from public.memberships m
          join public.tenants t on t.id = m.tenant_id join public.users u on u.id = m.user_id
          where m.role_id = ${before.id} and m.status <> 'removed' order by 1, 2`,
    )
    const [first] = users
    if (first) {
      throw new ErpmaxError(
        'conflict',
        'role.in_use',
        `${before.code} is the role of ${users.length === 1 ? first.email : `${users.length} people`}`,
        {
          hint: `erpmax user role ${first.tenant} ${first.email} user`,
          details: { members: users.length },
        },
      )
    }
    await execute(inner.db, sql`delete from public.roles where id = ${before.id}`)
    return { before, after: null }
  })
}

/** Safe to repeat. @throws not_found `role.not_found`; conflict `role.built_in`; usage `permission.unknown` */
export async function changePermissions(
  ctx: Context,
  input: Choice & { permissions: readonly string[]; how: 'grant' | 'revoke' },
): Promise<ChangedRoleSet> {
  return within(ctx, input, `role.${input.how}`, async (inner, tenantId) => {
    const permissions = await knownPermissions(inner, input.permissions)
    const before = await lockRole(inner, input.role, tenantId)
    if (input.how === 'grant') await addPermissions(inner, before.id, permissions)
    else
      await execute(
        inner.db,
        sql`delete from public.role_permissions where role_id = ${before.id} and permission_code = any(${permissions}::text[])`,
      )
    const after = await findRole(inner, before.code, tenantId)
    if (writes(before) !== writes(after)) await followEverywhere(inner, after.id)
    return { before, after }
  })
}

/** In one transaction: the role before and after, what came of it, and its record. */
async function within(
  ctx: Context,
  { tenant: named, dryRun }: Pick<Choice, 'tenant' | 'dryRun'>,
  action: string,
  work: (
    ctx: Context,
    tenantId: TenantId | null,
  ) => Promise<{ before: KnownRole | null; after: KnownRole | null }>,
): Promise<ChangedRoleSet> {
  const tenant = named === null ? null : await findTenant(ctx, named)
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    if (tenant) await holdPeople(inner, tenant)
    const { before, after } = await work(inner, tenant?.id ?? null)
    const shown = (role: KnownRole): RoleJson => ({
      ...{ code: role.code, name: role.name, description: role.description },
      ...{ tenant: tenant?.subdomain ?? null, built_in: role.is_built_in, permissions: role.permissions },
    })
    const [was, is] = [before && shown(before), after && shown(after)]
    const changed = JSON.stringify(was) !== JSON.stringify(is)
    const role = is ?? was
    if (!role) throw new Error('there is no role before or after')
    if (changed) {
      await audit(inner, {
        ...{
          action,
          subjectKind: 'role',
          subject: role.code,
          tenantId: tenant?.id ?? null,
          outcome: 'succeeded',
        },
        ...(was ? { before: { ...was } } : {}),
        ...(is ? { after: { ...is } } : {}),
      })
    }
    return { dry_run: dryRun, changed, role }
  })
}

/** One that may be changed. With a tenant it is that tenant's own: one of all tenants is changed without naming any. */
async function lockRole(
  ctx: Pick<Context, 'db'>,
  code: string,
  tenantId: TenantId | null,
): Promise<KnownRole> {
  const role = await findRole(ctx, code, tenantId)
  if (role.is_built_in) throw refused(role.code)
  if (role.tenant_id !== tenantId) {
    throw new ErpmaxError('conflict', 'role.of_all_tenants', `${role.code} is a role of all tenants`, {
      hint: 'The same command without --tenant changes it for all',
    })
  }
  await oneRow(ctx.db, sql`select id from public.roles where id = ${role.id} for update`)
  return findRole(ctx, code, tenantId)
}

function refused(code: string): ErpmaxError {
  return new ErpmaxError('conflict', 'role.built_in', `${code} is a built-in role and stays as it is`, {
    hint: `erpmax role create <code> --name "..." --permissions finance:read,finance:write`,
  })
}

function descriptionOf(text: string): string {
  return text.trim() === '' ? '' : lineOf(text, 'role.description_invalid', 'A description')
}

/** @throws usage `permission.unknown` */
export async function knownPermissions(
  ctx: Pick<Context, 'db'>,
  codes: readonly string[],
): Promise<string[]> {
  const all = await rows<{ code: string }>(ctx.db, sql`select code from public.permissions`)
  const known = all.map(({ code }) => code)
  const wanted = codes.map((code) => code.trim().toLowerCase())
  const wrong = wanted.find((code) => !known.includes(code))
  if (wrong === undefined) return wanted
  const meant = nearest(wrong, known)
  throw new ErpmaxError(
    'usage',
    'permission.unknown',
    `There is no permission ${quoted(wrong)}${meant ? `; ${meant}?` : ''}`,
    { hint: 'erpmax permission list' },
  )
}

async function addPermissions(
  ctx: Pick<Context, 'db'>,
  roleId: string,
  permissions: readonly string[],
): Promise<void> {
  await execute(
    ctx.db,
    sql`insert into public.role_permissions (role_id, permission_code)
        select ${roleId}, code from unnest(${permissions}::text[]) code on conflict do nothing`,
  )
}

function writes({ permissions }: KnownRole): boolean {
  return permissions.some((permission) => !permission.endsWith(':read'))
}

/** In the ERP a role that only reads is read-only: whoever has it there follows. */
async function followEverywhere(ctx: Pick<Context, 'db' | 'warn'>, roleId: string): Promise<void> {
  const members = await rows<{ tenant_id: TenantId; user_id: UserId }>(
    ctx.db,
    sql`select tenant_id, user_id from public.memberships where role_id = ${roleId} and status <> 'removed' order by 1, 2`,
  )
  for (const { tenant_id, user_id } of members) await followInErp(ctx, tenant_id, user_id)
}

/** Roles of one's own, what `access check` says and why, and links for new passwords. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { Secret } from '../../src/kernel/secret.js'
import { changeRole } from '../../src/people/change-role.js'
import { tokenIn } from '../../src/people/links.js'
import { removeMember } from '../../src/people/remove-member.js'
import { requestReset, setPassword } from '../../src/people/reset-password.js'
import {
  changePermissions,
  createRole,
  deleteRole,
  updateRole,
  type NewRole,
} from '../../src/people/roles.js'
import { setUserStatus } from '../../src/people/set-status.js'
import { checkAccess } from '../../src/views/access.js'
import { listRoles, showRole } from '../../src/views/roles.js'
import { atInstant } from '../support/clock.js'
import { keptAnywhere } from '../support/kept.js'
import { refusalOf, rejection } from '../support/errors.js'
import { inErp, invited, mailOf, member, peopledTenant, reachedAt, setTenant } from '../support/people.js'
import { sharedContext } from '../support/server.js'
import type { Context } from '../../src/kernel/context.js'
import type { SubscribedTenant } from '../support/tenants.js'

describe('roles, access and resets', function () {
  this.timeout(60_000)
  let ctx: Context
  let tenant: SubscribedTenant
  let other: SubscribedTenant
  const clerk = 'clerk@allowed.test'

  const make = (role: string, more: Partial<NewRole> = {}) =>
    createRole(ctx, {
      role,
      tenant: 'allowed',
      name: 'A role',
      description: '',
      permissions: [],
      dryRun: false,
      ...more,
    })
  const permissions = (
    how: 'grant' | 'revoke',
    role: string,
    codes: string[],
    of: string | null = 'allowed',
  ) => changePermissions(ctx, { role, permissions: codes, tenant: of, how, dryRun: false })
  const give = (role: string) =>
    changeRole(ctx, { tenant: 'allowed', user: clerk, role, as: null, dryRun: false })
  const reason = async (permission: string): Promise<string> => {
    const { allowed, reason: why } = await checkAccess(ctx, { user: clerk, tenant: 'allowed', permission })
    return allowed ? 'may' : why
  }

  before(async () => {
    ctx = reachedAt(await sharedContext(), 'https://erp.test')
    tenant = await peopledTenant(ctx, 'allowed', { modules: ['finance'] })
    other = await peopledTenant(ctx, 'allowed-too', { modules: ['finance'] })
    await member(ctx, tenant, clerk, 'user')
  })

  it('a role of a tenant is its own: another tenant has neither its name nor its rights', async () => {
    await make('books', { permissions: ['finance:read', 'Finance:Write'] })
    expect((await showRole(ctx, 'books', 'allowed')).permissions).to.deep.equal([
      'finance:read',
      'finance:write',
    ])
    expect(await refusalOf(showRole(ctx, 'books', 'allowed-too'))).to.equal('not_found role.not_found')
    expect(await refusalOf(showRole(ctx, 'books', null))).to.equal('not_found role.not_found')
    expect(await refusalOf(invited(ctx, 'allowed-too', 'x@allowed.test', { role: 'books' }))).to.equal(
      'not_found role.not_found',
    )
    const stolen = execute(
      ctx.db,
      sql`update public.memberships set role_id = (select id from public.roles where code = 'books')
          where tenant_id = ${other.id}`,
    )
    expect(((await rejection(stolen)) as { code?: string }).code).to.equal('ERXP2')
  })

  it('the built-in four never change, nor does anything pass for one of them', async () => {
    for (const code of ['owner', 'admin', 'user', 'member']) {
      expect(await refusalOf(make(code)), code).to.equal('conflict role.built_in')
      for (const of of ['allowed', null]) {
        expect(await refusalOf(permissions('grant', code, ['hr:read'], of))).to.equal(
          'conflict role.built_in',
        )
        expect(await refusalOf(permissions('revoke', code, ['hr:read'], of))).to.equal(
          'conflict role.built_in',
        )
        expect(await refusalOf(deleteRole(ctx, { role: code, tenant: of, dryRun: false }))).to.equal(
          'conflict role.built_in',
        )
        expect(
          await refusalOf(updateRole(ctx, { role: code, tenant: of, name: 'Mine', dryRun: false })),
        ).to.equal('conflict role.built_in')
      }
      const passing = execute(
        ctx.db,
        sql`insert into public.roles (tenant_id, code, name) values (${tenant.id}, ${code}, 'x')`,
      )
      expect(((await rejection(passing)) as { code?: string }).code).to.equal('23514')
    }
    expect(await refusalOf(make('books'))).to.equal('conflict role.exists')
    for (const code of ['Books', '1st', 'a b', '', 'x'.repeat(41)])
      expect(await refusalOf(make(code)), code).to.equal('usage role.code_invalid')
    expect(await refusalOf(make('other', { permissions: ['finance:wriet'] }))).to.equal(
      'usage permission.unknown',
    )
  })

  it('a change that names nothing is a mistake of whoever typed it', async () => {
    expect(await refusalOf(updateRole(ctx, { role: 'user', tenant: null, dryRun: false }))).to.equal(
      'usage role.nothing_to_change',
    )
  })

  it('a role of all tenants serves each; a tenant does not change it', async () => {
    await make('auditor-all', { tenant: null, permissions: ['finance:read'] })
    expect(await refusalOf(permissions('grant', 'auditor-all', ['crm:read']))).to.equal(
      'conflict role.of_all_tenants',
    )
    await give('auditor-all')
    expect(await inErp(ctx, tenant, clerk)).to.equal('active USER read-only')
    const granted = await permissions('grant', 'auditor-all', ['finance:write'], null)
    expect(granted).to.deep.include({ changed: true })
    expect((await permissions('grant', 'auditor-all', ['finance:write'], null)).changed).to.equal(false)
    expect(await inErp(ctx, tenant, clerk), 'the ERP follows').to.equal('active USER')
    await permissions('revoke', 'auditor-all', ['finance:write'], null)
    expect(await inErp(ctx, tenant, clerk)).to.equal('active USER read-only')
    const listed = (await listRoles(ctx, 'allowed')).items
    expect(listed.slice(0, 4).map(({ code }) => code)).to.deep.equal(['owner', 'admin', 'user', 'member'])
    expect(listed.find(({ code }) => code === 'auditor-all')).to.include({ members: 1, tenant: null })
  })

  it('a role that somebody has is not deleted; one that somebody had is', async () => {
    await give('books')
    const used = await rejection(deleteRole(ctx, { role: 'books', tenant: 'allowed', dryRun: false }))
    expect(used).to.deep.include({ kind: 'conflict', code: 'role.in_use', details: { members: 1 } })
    await removeMember(ctx, { tenant: 'allowed', user: clerk, as: null, dryRun: false })
    expect((await deleteRole(ctx, { role: 'books', tenant: 'allowed', dryRun: true })).dry_run).to.equal(true)
    expect((await deleteRole(ctx, { role: 'books', tenant: 'allowed', dryRun: false })).changed).to.equal(
      true,
    )
    expect(await refusalOf(deleteRole(ctx, { role: 'books', tenant: 'allowed', dryRun: false }))).to.equal(
      'not_found role.not_found',
    )
    await member(ctx, tenant, clerk, 'user')
  })

  it('access check names the first thing that says no: state, account, membership, role, subscription', async () => {
    expect(await reason('finance:write')).to.equal('may')
    expect(await reason('finance:admin')).to.equal('permission_missing')
    expect(await reason('hr:write')).to.equal('not_subscribed')
    await setUserStatus(ctx, { user: clerk, to: 'disabled', reason: null, as: null, dryRun: false })
    expect(await reason('finance:write')).to.equal('user_disabled')
    await setTenant(ctx, tenant, 'suspended')
    expect(await reason('finance:write')).to.equal('tenant_suspended')
    await setTenant(ctx, tenant, 'active')
    await setUserStatus(ctx, { user: clerk, to: 'active', reason: null, as: null, dryRun: false })
    const away = await checkAccess(ctx, { user: clerk, tenant: 'allowed-too', permission: 'finance:read' })
    expect(away).to.deep.include({
      allowed: false,
      reason: 'not_a_member',
      membership: null,
      role_allows: null,
    })
    await invited(ctx, 'allowed-too', clerk)
    expect(
      (await checkAccess(ctx, { user: clerk, tenant: 'allowed-too', permission: 'finance:read' })).reason,
    ).to.equal('membership_invited')
    const explained = await checkAccess(ctx, {
      user: clerk.toUpperCase(),
      tenant: tenant.id,
      permission: 'finance:read',
    })
    expect(explained.membership).to.include({ role: 'user', status: 'active' })
    expect(explained.subscription).to.include({ module: 'finance', entitled: true })
    expect(
      await refusalOf(checkAccess(ctx, { user: clerk, tenant: 'allowed', permission: 'nonsense' })),
    ).to.equal('usage permission.unknown')
    expect(
      await refusalOf(checkAccess(ctx, { user: 'no@body.test', tenant: 'allowed', permission: 'crm:read' })),
    ).to.equal('not_found user.not_found')
  })

  it('a link for a new password works once; a newer one ends it; two hours are its life', async () => {
    const ask = (at: Context = ctx) => requestReset(at, { user: clerk, as: null })
    const use = (link: string | null, password = 'a new long password', at: Context = ctx) =>
      setPassword(at, { token: new Secret(tokenIn(link ?? '')), password: new Secret(password) })
    const first = await ask()
    const { reset_url: second } = await ask()
    expect((await mailOf(ctx, clerk, 'reset'))?.url).to.equal(second)
    expect(await refusalOf(use(first.reset_url))).to.equal('conflict reset.revoked')
    expect(await refusalOf(use(second, 'x'.repeat(73)))).to.equal('usage password.invalid')
    const outcomes = await Promise.all([refusalOf(use(second)), refusalOf(use(second))])
    expect(outcomes.sort()).to.deep.equal(['conflict reset.used', 'none'])
    const { password_hash } = await oneRow<{ password_hash: string }>(
      ctx.db,
      sql`select password_hash from public.users where email = ${clerk}`,
    )
    expect(password_hash).to.match(/^\$2[aby]\$/)
    const third = await ask()
    const late = atInstant(ctx, new Date(Date.parse(third.expires_at)).toISOString())
    expect(await refusalOf(use(third.reset_url, undefined, late))).to.equal('conflict reset.expired')
    await setUserStatus(ctx, { user: clerk, to: 'disabled', reason: null, as: null, dryRun: false })
    expect(await refusalOf(use(third.reset_url))).to.equal('conflict reset.revoked')
    expect(await refusalOf(ask())).to.equal('conflict user.disabled')
    await setUserStatus(ctx, { user: clerk, to: 'active', reason: null, as: null, dryRun: false })
    await invited(ctx, 'allowed', 'fresh@allowed.test')
    expect(await refusalOf(requestReset(ctx, { user: 'fresh@allowed.test', as: null }))).to.equal(
      'conflict user.not_active',
    )
    expect(await keptAnywhere(ctx, tokenIn(second ?? ''))).to.deep.equal(['mails'])
    const waiting = await rows(
      ctx.db,
      sql`select 1 from public.mails where to_address = ${clerk} and kind = 'reset' and status = 'queued'`,
    )
    expect(waiting.length, 'mails of dead links').to.be.at.most(1)
  })
})

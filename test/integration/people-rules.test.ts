/** Who may do what to whom: administrators and owners, the last owner, and that the ERP follows. */
import { expect } from 'chai'
import { execute, sql } from '../../src/database/sql.js'
import { changeRole, transferOwnership, type RoleChange } from '../../src/people/change-role.js'
import { acceptInvitation } from '../../src/people/invitations/accept.js'
import { resendInvitation, revokeInvitation } from '../../src/people/invitations/renew.js'
import { inviteUser } from '../../src/people/invitations/invite.js'
import { tokenIn } from '../../src/people/links.js'
import { removeMember } from '../../src/people/remove-member.js'
import { findReset, requestReset, requireOpenReset } from '../../src/people/reset-password.js'
import { createRole } from '../../src/people/roles.js'
import { setUserStatus } from '../../src/people/set-status.js'
import { Secret } from '../../src/kernel/secret.js'
import { atInstant } from '../support/clock.js'
import { refusalOf, rejection } from '../support/errors.js'
import {
  inErp,
  invited,
  inviting,
  mailOf,
  member,
  peopledTenant,
  placeOf,
  reachedAt,
} from '../support/people.js'
import { rolledBack } from '../support/rolled-back.js'
import { sharedContext } from '../support/server.js'
import type { Context } from '../../src/kernel/context.js'
import type { SubscribedTenant } from '../support/tenants.js'

describe('people and their rights', function () {
  this.timeout(60_000)
  let ctx: Context
  let tenant: SubscribedTenant

  const owner = 'owner@ruled.test'
  const admin = 'admin@ruled.test'
  const second = 'second@ruled.test'
  const user = 'user@ruled.test'
  const pending = 'pending-owner@ruled.test'

  const role = (of: string, to: string, as: string | null = null, more: Partial<RoleChange> = {}) =>
    changeRole(ctx, { tenant: 'ruled', user: of, role: to, as, dryRun: false, ...more })
  const remove = (of: string, as: string | null = null, at: Context = ctx) =>
    removeMember(at, { tenant: 'ruled', user: of, as, dryRun: false })
  const status = (of: string, to: 'active' | 'disabled', as: string | null = null) =>
    setUserStatus(ctx, { user: of, to, reason: null, as, dryRun: false })
  const transfer = (to: string, from: string | null, as: string | null = null) =>
    transferOwnership(ctx, { tenant: 'ruled', user: to, from, as, dryRun: false })

  /** Everything there is to do to somebody, by whoever acts. */
  function attempts(at: Context, of: string, as: string): Record<string, () => Promise<unknown>> {
    const choice = { tenant: 'ruled', user: of, as }
    return {
      invite: () =>
        inviteUser(at, inviting({ tenant: 'ruled', email: 'new-owner@ruled.test', role: 'owner', as })),
      promote: () => changeRole(at, { ...choice, user: user, role: 'owner', dryRun: false }),
      'promote themselves': () => changeRole(at, { ...choice, user: as, role: 'owner', dryRun: false }),
      demote: () => changeRole(at, { ...choice, role: 'user', dryRun: false }),
      remove: () => removeMember(at, { ...choice, dryRun: false }),
      disable: () => setUserStatus(at, { user: of, to: 'disabled', reason: null, as, dryRun: false }),
      enable: () => setUserStatus(at, { user: of, to: 'active', reason: null, as, dryRun: false }),
      'reset password': () => requestReset(at, { user: of, as }),
      transfer: () => transferOwnership(at, { tenant: 'ruled', user: as, from: of, as, dryRun: false }),
      'transfer to another': () =>
        transferOwnership(at, { tenant: 'ruled', user, from: of, as, dryRun: false }),
      resend: () => resendInvitation(at, { ...choice, user: pending }),
      revoke: () => revokeInvitation(at, { ...choice, user: pending }),
      'remove who is invited': () => removeMember(at, { ...choice, user: pending, dryRun: false }),
      'demote who is invited': () =>
        changeRole(at, { ...choice, user: pending, role: 'member', dryRun: false }),
    }
  }

  before(async () => {
    ctx = await sharedContext()
    tenant = await peopledTenant(ctx, 'ruled')
    await peopledTenant(ctx, 'ruled-third')
    for (const [email, code] of [
      [admin, 'admin'],
      [second, 'owner'],
      [user, 'user'],
    ] as const)
      await member(ctx, tenant, email, code)
    await invited(ctx, 'ruled', pending, { role: 'owner' })
  })

  it('an administrator grants owner to nobody and touches no owner, by nothing there is', async () => {
    const outcomes: Record<string, string> = {}
    const tried = attempts(ctx, second, admin)
    for (const [name, work] of Object.entries(tried)) outcomes[name] = await refusalOf(work())
    expect(outcomes).to.deep.equal(
      Object.fromEntries(Object.keys(tried).map((name) => [name, 'permission access.owner_only'])),
    )
    expect(await placeOf(ctx, tenant, second)).to.equal('active owner')
  })

  it('an owner does all of it, each in a transaction that is taken back', async () => {
    const names = Object.keys(attempts(ctx, second, owner))
    for (const name of names.filter(
      (one) => !['promote themselves', 'transfer', 'transfer to another'].includes(one),
    )) {
      const outcome = await refusalOf(
        rolledBack(ctx, async (inner) => attempts(inner, second, owner)[name]?.()),
      )
      expect(outcome, name).to.equal('none')
    }
  })

  it('an administrator leads everybody else, a user nobody', async () => {
    expect((await role(user, 'member', admin)).changed).to.equal(true)
    expect((await role(user, 'user', admin)).changed).to.equal(true)
    for (const as of [user, 'stranger@ruled.test', pending]) {
      const refusal = await refusalOf(role(admin, 'member', as))
      expect(refusal, as).to.match(/^permission access\.denied$|^not_found user\.not_found$/)
    }
  })

  it('who leads by a role of their own hands on no more than they have', async () => {
    const permissions = ['system_admin:admin', 'crm:read']
    await createRole(ctx, {
      role: 'leader',
      tenant: 'ruled',
      name: 'Leader',
      description: '',
      permissions,
      dryRun: false,
    })
    const leader = await member(ctx, tenant, 'leader@ruled.test', 'leader')
    for (const to of ['admin', 'user'])
      expect(await refusalOf(role(leader, to, leader)), to).to.equal('permission access.denied')
    expect(await refusalOf(remove(admin, leader))).to.equal('permission access.denied')
    const input = inviting({ tenant: 'ruled', email: 'led@ruled.test', role: 'leader', as: leader })
    expect(await refusalOf(inviteUser(ctx, input))).to.equal('none')
  })

  it('the administrator of one tenant shuts nobody out of another', async () => {
    const elsewhere = await peopledTenant(ctx, 'ruled-elsewhere')
    await member(ctx, elsewhere, user, 'user')
    expect(await refusalOf(status(user, 'disabled', admin))).to.equal('permission access.denied')
    expect(await refusalOf(requestReset(ctx, { user, as: admin }))).to.equal('permission access.denied')
    await member(ctx, elsewhere, admin, 'admin')
    expect((await status(user, 'disabled', admin)).tenants).to.deep.equal(['ruled', 'ruled-elsewhere'])
    expect([await inErp(ctx, tenant, user), await inErp(ctx, elsewhere, user)]).to.deep.equal([
      'disabled USER',
      'disabled USER',
    ])
    expect((await status(user, 'active', admin)).changed).to.equal(true)
    expect(await inErp(ctx, tenant, user)).to.equal('active USER')
    expect((await status(user, 'active')).changed).to.equal(false)
  })

  it('a link that opens an account elsewhere too is not shown to an administrator, only mailed', async () => {
    const both = 'both@ruled.test'
    await invited(ctx, 'ruled-elsewhere', both, { role: 'owner' })
    const input = inviting({ tenant: 'ruled', email: both, as: admin })
    expect(await refusalOf(inviteUser(reachedAt(ctx, null), input))).to.equal(
      'usage config.public_url_missing',
    )
    const mailed = await inviteUser(reachedAt(ctx, 'https://erp.test'), input)
    expect(mailed).to.include({ invitation_url: null, token: null, mailed: true })
    const own = await inviteUser(reachedAt(ctx, 'https://erp.test'), { ...input, email: 'own@ruled.test' })
    expect(own.invitation_url).to.be.a('string')
    await remove(both)
    await remove('own@ruled.test')
  })

  describe('a link that an administrator has seen ends with what they might do when they saw it', () => {
    const at = (): Context => reachedAt(ctx, 'https://erp.test')
    const seen = async (email: string, to = 'member'): Promise<string> =>
      tokenIn(
        (await inviteUser(at(), inviting({ tenant: 'ruled', email, role: to, as: admin }))).invitation_url ??
          '',
      )
    const reset = async (email: string): Promise<string> =>
      tokenIn((await requestReset(at(), { user: email, as: admin })).reset_url ?? '')
    const opens = async (token: string): Promise<string> =>
      refusalOf((async () => requireOpenReset(ctx, await findReset(ctx, token)))())
    const accepts = (token: string): Promise<string> =>
      refusalOf(
        acceptInvitation(ctx, {
          token: new Secret(token),
          password: () => Promise.resolve(new Secret('a password of theirs')),
          ...{ name: 'N', byPerson: false },
        }),
      )

    it('of a password, when the person becomes an owner', async () => {
      await member(ctx, tenant, 'rising@ruled.test', 'member')
      const token = await reset('rising@ruled.test')
      expect(await opens(token)).to.equal('none')
      await role('rising@ruled.test', 'owner')
      expect(await opens(token)).to.equal('conflict reset.revoked')
      await role('rising@ruled.test', 'member')
      await remove('rising@ruled.test')
    })

    it('of a password, when another tenant invites the person', async () => {
      await member(ctx, tenant, 'wanted@ruled.test', 'member')
      const token = await reset('wanted@ruled.test')
      await invited(ctx, 'ruled-third', 'wanted@ruled.test', { role: 'admin' })
      expect(await opens(token)).to.equal('conflict reset.revoked')
      expect(await refusalOf(requestReset(ctx, { user: 'wanted@ruled.test', as: admin }))).to.equal(
        'permission access.denied',
      )
      await remove('wanted@ruled.test')
    })

    it('of an invitation, when an owner gives the place of an owner, and says so', async () => {
      const token = await seen('early@ruled.test')
      const warned: string[] = []
      await changeRole(
        { ...ctx, warn: ({ code }) => void warned.push(code) },
        { tenant: 'ruled', user: 'early@ruled.test', role: 'owner', as: null, dryRun: false },
      )
      expect(warned).to.include('invitation.ended')
      expect(await accepts(token)).to.equal('conflict invitation.revoked')
      expect(
        (await resendInvitation(at(), { tenant: 'ruled', user: 'early@ruled.test', as: null })).mailed,
      ).to.equal(true)
      await remove('early@ruled.test')
    })

    it('of an invitation, when another tenant invites the same person', async () => {
      const token = await seen('victim@ruled.test')
      await invited(ctx, 'ruled-third', 'victim@ruled.test', { role: 'admin' })
      expect(await accepts(token)).to.equal('conflict invitation.revoked')
      await remove('victim@ruled.test')
    })

    it('and the operator’s own stays, whoever else invites', async () => {
      const token = tokenIn(
        (await inviteUser(at(), inviting({ tenant: 'ruled', email: 'safe@ruled.test', role: 'member' })))
          .invitation_url ?? '',
      )
      await invited(ctx, 'ruled-third', 'safe@ruled.test', { role: 'member' })
      expect(await accepts(token)).to.equal('none')
      await remove('safe@ruled.test')
    })
  })

  it('tells an administrator neither who has an account nor where else', async () => {
    await member(ctx, tenant, 'both-places@ruled.test', 'member')
    await invited(ctx, 'ruled-third', 'both-places@ruled.test', { role: 'member' })
    const error = await rejection(status('both-places@ruled.test', 'disabled', admin))
    expect(error).to.include({ kind: 'permission', code: 'access.denied' })
    expect(JSON.stringify([String(error), (error as { hint?: string }).hint])).not.to.include('third')
    const told = async (email: string) =>
      (await inviteUser(ctx, inviting({ tenant: 'ruled', email, role: 'member', as: admin, dryRun: true })))
        .user
    const [known, unknown] = [await told('owner@ruled-third.test'), await told('nobody-yet@ruled.test')]
    expect({ ...known, email: '' }).to.deep.equal({ ...unknown, email: '' })
    await remove('both-places@ruled.test')
  })

  it('an owner whose invitation has expired is still no business of an administrator', async () => {
    await rolledBack(ctx, async (inner) => {
      const later = atInstant(inner, new Date(Date.now() + 8 * 86_400_000).toISOString())
      const input = inviting({ tenant: 'ruled', email: pending, role: 'member', as: admin })
      expect(await refusalOf(inviteUser(later, input))).to.equal('permission access.owner_only')
    })
  })

  it('the ERP follows each role, MANAGER where it was asked for', async () => {
    const ranks: Record<string, string> = {}
    for (const to of ['admin', 'member', 'user', 'owner', 'user']) {
      await role(user, to)
      ranks[to] = await inErp(ctx, tenant, user)
    }
    expect(ranks).to.deep.equal({
      ...{
        admin: 'active ADMIN',
        member: 'active USER read-only',
        user: 'active USER',
        owner: 'active SUPER_ADMIN',
      },
    })
    expect((await role(user, 'user', null, { erpRole: 'MANAGER' })).member.erp_role).to.equal('MANAGER')
    expect(await inErp(ctx, tenant, user)).to.equal('active MANAGER')
    expect((await role(user, 'user')).changed).to.equal(false)
    expect((await role(user, 'user', null, { erpRole: 'USER' })).changed).to.equal(true)
    for (const settled of ['owner', 'admin', 'member'])
      expect(await refusalOf(role(user, settled, null, { erpRole: 'MANAGER' }))).to.equal(
        'usage user.erp_role_invalid',
      )
    expect((await mailOf(ctx, user, 'role_changed'))?.status).to.equal('queued')
  })

  it('what the ERP changed by itself is put right by the same command again', async () => {
    await execute(ctx.db, sql`update tenant_ruled.users set status = 'disabled' where email = ${user}`)
    await execute(
      ctx.db,
      sql`update tenant_ruled.user_roles set role_id = (select id from tenant_ruled.roles where code = 'SUPER_ADMIN')
          where user_id = (select id from tenant_ruled.users where email = ${user})`,
    )
    expect((await role(user, 'user')).changed).to.equal(false)
    expect(await inErp(ctx, tenant, user)).to.equal('active USER')
  })

  it('ownership moves: the former owner is administrator; again it is so already', async () => {
    const several = await rejection(transfer(admin, null))
    expect(several).to.include({ kind: 'usage', code: 'user.from_missing' })
    expect(await transfer(admin, second)).to.deep.include({
      changed: true,
      owner: admin,
      former_owner: second,
    })
    expect([await placeOf(ctx, tenant, admin), await placeOf(ctx, tenant, second)]).to.deep.equal([
      'active owner',
      'active admin',
    ])
    expect(await inErp(ctx, tenant, second)).to.equal('active ADMIN')
    expect((await transfer(admin, second)).changed).to.equal(false)
    // An owner hands over their own.
    expect(await transfer(second, null, admin)).to.deep.include({ changed: true, former_owner: admin })
    expect(await refusalOf(transfer(pending, owner))).to.equal('conflict user.not_active')
    expect(await refusalOf(transfer(second, user))).to.equal('conflict user.not_an_owner')
  })

  it('the last owner stays: not demoted, removed, or disabled, not even by the operator', async () => {
    await role(second, 'admin')
    for (const work of [
      () => role(owner, 'admin'),
      () => remove(owner),
      () => status(owner, 'disabled'),
      () => role(owner, 'admin', owner),
      () => remove(owner, owner),
    ]) {
      const error = await rejection(work())
      expect(error).to.include({ kind: 'conflict', code: 'user.last_owner' })
      expect(error).to.include({ hint: 'erpmax user transfer-ownership ruled <user>' })
    }
    // A disabled owner is none.
    await role(second, 'owner')
    await status(second, 'disabled')
    expect(await refusalOf(remove(owner))).to.equal('conflict user.last_owner')
    await status(second, 'active')
    expect(await refusalOf(status(owner, 'disabled'))).to.equal('none')
    await status(owner, 'active')
    await role(second, 'admin')
  })

  it('the last owner stays in the database too, whoever speaks to it', async () => {
    const of = sql`(select id from public.users where email = ${owner})`
    const statements = {
      demoted: sql`update public.memberships set role_id = (select id from public.roles where code = 'admin' and is_built_in) where user_id = ${of}`,
      removed: sql`update public.memberships set status = 'removed' where user_id = ${of}`,
      deleted: sql`delete from public.memberships where user_id = ${of}`,
      disabled: sql`update public.users set status = 'disabled' where id = ${of}`,
    }
    const codes: Record<string, unknown> = {}
    for (const [name, statement] of Object.entries(statements))
      codes[name] = ((await rejection(execute(ctx.db, statement))) as { code?: string }).code
    expect(codes).to.deep.equal({ demoted: 'ERXP1', removed: 'ERXP1', deleted: 'ERXP1', disabled: 'ERXP1' })
  })

  it('of two owners who are removed at once one stays', async () => {
    await role(second, 'owner')
    const outcomes = await Promise.all([refusalOf(remove(owner)), refusalOf(role(second, 'admin'))])
    expect(outcomes.filter((one) => one !== 'none')).to.deep.equal(['conflict user.last_owner'])
    const places = [await placeOf(ctx, tenant, owner), await placeOf(ctx, tenant, second)]
    expect(places.filter((place) => place === 'active owner')).to.have.length(1)
  })

  it('who is removed is out, twice with one result, and may be invited again', async () => {
    const gone = await member(ctx, tenant, 'gone@ruled.test', 'user')
    expect(await remove(gone)).to.deep.include({ changed: true })
    expect(await inErp(ctx, tenant, gone)).to.equal('disabled')
    expect(await remove(gone)).to.deep.include({ changed: false })
    expect(await refusalOf(remove('never@ruled.test'))).to.equal('not_found user.not_found')
    expect(await refusalOf(role(gone, 'admin'))).to.equal('not_found user.not_a_member')
    expect((await invited(ctx, 'ruled', gone, { role: 'member' })).user.created).to.equal(false)
    expect(await inErp(ctx, tenant, gone)).to.equal('invited USER read-only')
  })
})

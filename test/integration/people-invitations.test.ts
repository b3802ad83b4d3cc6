/** Invitations: who may be invited, what a token opens and how often, and what the ERP learns of it. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { Secret } from '../../src/kernel/secret.js'
import { acceptInvitation, type AcceptedInvitation } from '../../src/people/invitations/accept.js'
import { resendInvitation, revokeInvitation } from '../../src/people/invitations/renew.js'
import { hashOf } from '../../src/people/one-time-token.js'
import { tokenIn } from '../../src/people/links.js'
import { removeMember } from '../../src/people/remove-member.js'
import { listInvitations } from '../../src/views/invitations.js'
import { atInstant } from '../support/clock.js'
import { keptAnywhere } from '../support/kept.js'
import { refusalOf, rejection } from '../support/errors.js'
import {
  inErp,
  invited,
  mailOf,
  member,
  peopledTenant,
  placeOf,
  reachedAt,
  setTenant,
} from '../support/people.js'
import { sharedContext } from '../support/server.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'
import type { Context } from '../../src/kernel/context.js'
import type { SubscribedTenant } from '../support/tenants.js'

describe('invitations', function () {
  // Passwords are hashed for real, which takes its time.
  this.timeout(60_000)
  let ctx: Context
  let tenant: SubscribedTenant
  let other: SubscribedTenant

  const password = 'correct horse battery'
  const accept = (
    token: string,
    given: string | null = password,
    name: string | null = null,
  ): Promise<AcceptedInvitation> =>
    acceptInvitation(ctx, {
      token: new Secret(token),
      password: () => Promise.resolve(given === null ? null : new Secret(given)),
      ...{ name, byPerson: false },
    })
  const choice = (email: string, as: string | null = null) => ({ tenant: 'inviting', user: email, as })

  before(async () => {
    ctx = reachedAt(await sharedContext(), 'https://erp.test/')
    tenant = await peopledTenant(ctx, 'inviting')
    other = await peopledTenant(ctx, 'inviting-too')
  })

  it('a new person sets a password and is a member, once; the ERP knows them', async () => {
    const { secret, ...result } = await invited(ctx, 'inviting', '  Asha@Inviting.TEST ', { language: 'hi' })
    expect(result.invitation).to.include({ email: 'asha@inviting.test', role: 'user', status: 'pending' })
    expect(result.user).to.include({ status: 'invited', created: true })
    expect(result.invitation_url).to.equal(`https://erp.test/invitations/${secret}`)
    expect(result).to.include({ token: null, mailed: true, dry_run: false })
    expect(await mailOf(ctx, 'asha@inviting.test', 'invitation')).to.deep.equal({
      ...{ status: 'queued', url: result.invitation_url, language: 'hi' },
    })
    expect(await inErp(ctx, tenant, 'asha@inviting.test')).to.equal('invited USER')
    const { hours } = await oneRow<{ hours: number }>(
      ctx.db,
      sql`select round(extract(epoch from expires_at - created_at) / 3600)::int as hours from public.invitations where token_hash = ${hashOf(secret)}`,
    )
    expect(hours).to.equal(168)

    const accepted = await accept(secret, password, 'Asha Rao')
    expect(accepted).to.deep.include({ password_set: true })
    expect(accepted.user).to.include({ email: 'asha@inviting.test', full_name: 'Asha Rao', status: 'active' })
    expect(await placeOf(ctx, tenant, 'asha@inviting.test')).to.equal('active user')
    expect(await inErp(ctx, tenant, 'asha@inviting.test')).to.equal('active USER')
    expect((await mailOf(ctx, 'asha@inviting.test', 'welcome'))?.language).to.equal('hi')
    expect(await refusalOf(accept(secret))).to.equal('conflict invitation.used')
    expect(await refusalOf(invited(ctx, 'inviting', 'asha@inviting.test'))).to.equal(
      'conflict user.already_member',
    )
  })

  it('one address in any case is one person, and a second open invitation says how to resend', async () => {
    await invited(ctx, 'inviting', 'A@X.test')
    const again = await rejection(invited(ctx, 'inviting', ' a@x.TEST'))
    expect(again).to.include({ kind: 'conflict', code: 'invitation.pending' })
    expect(again).to.include({ hint: 'erpmax user invitations resend inviting a@x.test' })
    expect((await invited(ctx, 'inviting-too', 'a@X.Test')).user).to.include({ created: false })
    const found = await rows(ctx.db, sql`select id from public.users where lower(email) = 'a@x.test'`)
    expect(found).to.have.length(1)
  })

  it('letters that only look like others, and what is no address, are refused', async () => {
    for (const email of [
      '\u212aim@x.test',
      'аsha@x.test',
      'a@x.test\r\nBcc: b@x.test',
      'a b@x.test',
      'a@x',
      '@x.test',
      'a@x.test\u0000',
      '',
    ])
      expect(await refusalOf(invited(ctx, 'inviting', email)), JSON.stringify(email)).to.equal(
        'usage user.email_invalid',
      )
    expect(await refusalOf(invited(ctx, 'inviting', 'n@x.test', { name: 'a\nb' }))).to.equal(
      'usage user.name_invalid',
    )
    expect(await refusalOf(invited(ctx, 'inviting', 'n@x.test', { role: 'boss' }))).to.equal(
      'not_found role.not_found',
    )
  })

  it('somebody with an account only accepts: their password and name stay, whatever is given', async () => {
    await member(ctx, other, 'known@inviting.test', 'user')
    const { secret, user } = await invited(ctx, 'inviting', 'known@inviting.test', {
      role: 'admin',
      name: 'Someone Else',
    })
    expect(user).to.include({ created: false, status: 'active' })
    const accepted = await accept(secret, 'an attempt to take over', 'Mallory')
    expect(accepted).to.deep.include({ password_set: false })
    expect(accepted.user.full_name).to.equal('Person known@inviting.test')
    const { password_hash } = await oneRow<{ password_hash: string }>(
      ctx.db,
      sql`select password_hash from public.users where email = 'known@inviting.test'`,
    )
    expect(password_hash).to.equal('hash')
    expect(await placeOf(ctx, tenant, 'known@inviting.test')).to.equal('active admin')
    expect(await inErp(ctx, tenant, 'known@inviting.test')).to.equal('active ADMIN')
  })

  it('expired, revoked and resent ones open nothing', async () => {
    const late = await invited(ctx, 'inviting', 'late@inviting.test')
    const day8 = atInstant(ctx, new Date(Date.parse(late.invitation.expires_at)).toISOString())
    const input = { password: () => Promise.resolve(null), name: null, byPerson: false }
    expect(await refusalOf(acceptInvitation(day8, { ...input, token: new Secret(late.secret) }))).to.equal(
      'conflict invitation.expired',
    )
    const states = await listInvitations(
      day8,
      { tenant: 'inviting', status: ['expired'] },
      { limit: 50, cursor: null },
    )
    expect(states.items.map(({ email }) => email)).to.include('late@inviting.test')
    // Invited anew, in another role, without a word of resending.
    const anew = await invited(day8, 'inviting', 'late@inviting.test', { role: 'member' })
    expect(anew.invitation.role).to.equal('member')
    expect(await inErp(ctx, tenant, 'late@inviting.test')).to.equal('invited USER read-only')

    const first = await invited(ctx, 'inviting', 'resent@inviting.test')
    const second = await resendInvitation(ctx, choice('RESENT@inviting.test'))
    expect(await refusalOf(accept(first.secret))).to.equal('conflict invitation.revoked')
    expect((await mailOf(ctx, 'resent@inviting.test', 'invitation'))?.url).to.equal(second.invitation_url)
    const { waiting } = await oneRow<{ waiting: number }>(
      ctx.db,
      sql`select count(*)::int as waiting from public.mails where to_address = 'resent@inviting.test' and status = 'queued'`,
    )
    expect(waiting).to.equal(1)

    const revoked = await revokeInvitation(ctx, choice('resent@inviting.test'))
    expect(revoked).to.deep.include({ changed: true })
    expect(await refusalOf(accept(tokenIn(second.invitation_url ?? '')))).to.equal(
      'conflict invitation.revoked',
    )
    expect(await placeOf(ctx, tenant, 'resent@inviting.test')).to.equal('none')
    expect(await inErp(ctx, tenant, 'resent@inviting.test')).to.equal('disabled')
    expect((await revokeInvitation(ctx, choice('resent@inviting.test'))).changed).to.equal(false)
    expect(await refusalOf(resendInvitation(ctx, choice('resent@inviting.test')))).to.equal(
      'not_found invitation.not_found',
    )
  })

  it('a token that is none, or a part of one, opens nothing', async () => {
    const { secret } = await invited(ctx, 'inviting', 'part@inviting.test')
    for (const token of ['', 'x', secret.slice(1), `${secret}x`, secret.toLowerCase(), `' or 1=1 --`])
      expect(await refusalOf(accept(token)), token).to.equal('not_found invitation.not_found')
  })

  it('passwords of 11 characters and of 73 bytes are refused, not cut; of 72 taken; without one nothing is done', async () => {
    const { secret } = await invited(ctx, 'inviting', 'long@inviting.test')
    for (const wrong of ['elevenchars', 'x'.repeat(73), 'ж'.repeat(37)])
      expect(await refusalOf(accept(secret, wrong)), wrong).to.equal('usage password.invalid')
    expect(await refusalOf(accept(secret, null))).to.equal('usage password.missing')
    expect(await placeOf(ctx, tenant, 'long@inviting.test')).to.equal('invited user')
    expect((await accept(secret, 'ж'.repeat(36))).password_set).to.equal(true)
  })

  it('of two who accept at once one does', async () => {
    const { secret } = await invited(ctx, 'inviting', 'twice@inviting.test')
    const outcomes = await Promise.all([1, 2].map(() => refusalOf(accept(secret))))
    expect(outcomes.sort()).to.deep.equal(['conflict invitation.used', 'none'])
    const { rows: places } = await oneRow<{ rows: number }>(
      ctx.db,
      sql`select count(*)::int as rows from public.memberships m join public.users u on u.id = m.user_id where u.email = 'twice@inviting.test'`,
    )
    expect(places).to.equal(1)
  })

  it('of two who invite one person at once one does; into two tenants both do, and it is one person', async () => {
    const invite = (to: string, email: string): Promise<string> => refusalOf(invited(ctx, to, email))
    const same = [invite('inviting', 'raced@inviting.test'), invite('inviting', 'RACED@inviting.test')]
    expect((await Promise.all(same)).sort()).to.deep.equal(['conflict invitation.pending', 'none'])
    const both = [invite('inviting', 'shared@inviting.test'), invite('inviting-too', 'shared@inviting.test')]
    expect(await Promise.all(both)).to.deep.equal(['none', 'none'])
    const { people } = await oneRow<{ people: number }>(
      ctx.db,
      sql`select count(*)::int as people from public.users where lower(email) ~ '^(raced|shared)@inviting'`,
    )
    expect(people).to.equal(2)
  })

  it('the tier says how many: before an invitation, and when somebody comes in', async () => {
    const small = await peopledTenant(ctx, 'inviting-small', { tier: 'FREE' })
    const first = await invited(ctx, 'inviting-small', 'one@small.test')
    const known = await member(ctx, other, 'two@small.test', 'user')
    const second = await invited(ctx, 'inviting-small', known)
    const full = await rejection(invited(ctx, 'inviting-small', 'three@small.test'))
    expect(full).to.include({ kind: 'conflict', code: 'tier.too_many_users' })
    expect((full as ErpmaxError).details).to.include({ users: 3, max_users: 3 })
    await member(ctx, small, 'by-hand@small.test', 'user')
    await member(ctx, small, 'by-hand2@small.test', 'user')
    expect(await refusalOf(accept(second.secret))).to.equal('conflict tier.too_many_users')
    expect(await refusalOf(accept(first.secret))).to.equal('conflict tier.too_many_users')
    await removeMember(ctx, { tenant: 'inviting-small', user: 'by-hand@small.test', as: null, dryRun: false })
    expect(await refusalOf(accept(second.secret))).to.equal('none')
  })

  it('a suspended tenant takes nobody in, and a disabled person is not invited', async () => {
    const { secret } = await invited(ctx, 'inviting-too', 'wait@inviting.test')
    await setTenant(ctx, other, 'suspended')
    const untyped = acceptInvitation(ctx, {
      ...{ token: new Secret(secret), name: null, byPerson: true },
      password: () => Promise.reject(new Error('the password was asked for')),
    })
    expect(await refusalOf(untyped)).to.equal('conflict tenant.suspended')
    expect(await refusalOf(invited(ctx, 'inviting-too', 'new@inviting.test'))).to.equal(
      'conflict tenant.suspended',
    )
    await setTenant(ctx, other, 'active')
    expect(await refusalOf(accept(secret))).to.equal('none')
    await execute(ctx.db, sql`update public.users set status = 'disabled' where email = 'wait@inviting.test'`)
    expect(await refusalOf(invited(ctx, 'inviting', 'wait@inviting.test'))).to.equal('conflict user.disabled')
  })

  it('without ERPMAX_PUBLIC_URL the token is shown, nothing is mailed, and it says so', async () => {
    const told: string[] = []
    const nowhere = reachedAt({ ...ctx, warn: ({ code }: { code: string }) => void told.push(code) }, null)
    const result = await invited(nowhere, 'inviting', 'hand@inviting.test')
    expect(result).to.include({ invitation_url: null, mailed: false, token: result.secret })
    expect(told).to.deep.equal(['config.public_url_missing'])
    expect(await mailOf(ctx, 'hand@inviting.test', 'invitation')).to.equal(undefined)
    // The whole link is taken as well as the token.
    expect((await accept(`https://erp.test/invitations/${result.secret}`)).user.status).to.equal('active')
  })

  it('a dry run shows the same and writes nothing', async () => {
    const planned = await invited(ctx, 'inviting', 'planned@inviting.test', { dryRun: true })
    expect(planned).to.include({ dry_run: true, invitation_url: null, token: null, mailed: false })
    expect(
      await rows(ctx.db, sql`select 1 from public.users where email = 'planned@inviting.test'`),
    ).to.deep.equal([])
  })

  it('only hashes are stored, and no token is in the audit log', async () => {
    const { secret } = await invited(ctx, 'inviting', 'secret@inviting.test')
    await accept(secret, 'a password that is nowhere')
    expect(await keptAnywhere(ctx, 'secret@inviting.test')).to.include('audit_log')
    // Until the mail has gone.
    expect(await keptAnywhere(ctx, secret)).to.deep.equal(['mails'])
    expect(await keptAnywhere(ctx, hashOf(secret).toString('hex'))).to.deep.equal(['invitations'])
    expect(await keptAnywhere(ctx, 'a password that is nowhere')).to.deep.equal([])
  })
})

/** Signing in with a password: what is refused and how, the lock, the upgrade of hashes, and what the log is told. */
import { expect } from 'chai'
import bcrypt from 'bcryptjs'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { Secret } from '../../src/kernel/secret.js'
import { endSessions } from '../../src/people/end-sessions.js'
import { inThread } from '../../src/people/password-threads.js'
import { comparePassword } from '../../src/people/passwords.js'
import { verifyAccess } from '../../src/people/sessions/verify-access.js'
import { suspendTenant } from '../../src/tenants/suspend.js'
import { atInstant } from '../support/clock.js'
import { refusalOf } from '../support/errors.js'
import { cheaply, goodPassword, person, signIn, type Person } from '../support/sign-in.js'
import { keptAnywhere } from '../support/kept.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

let ctx: OpenedContext
let acme: SubscribedTenant
let globex: SubscribedTenant
let count = 0

function somebody(...places: SubscribedTenant[]): Promise<Person> {
  count += 1
  return person(
    ctx,
    `login-${count}@people.test`,
    places.map(({ id }) => ({ tenant: id })),
  )
}

interface Logged {
  action: string
  outcome: string
  error_code: string | null
}

function auditOf({ email }: Person): Promise<Logged[]> {
  return rows<Logged>(
    ctx.db,
    sql`select action, outcome, error_code from public.audit_log where subject = ${email} order by at, action`,
  )
}

interface Counted {
  failed_logins: number
  locked_until: Date | null
  password_hash: string
}

function counted({ id }: Person): Promise<Counted> {
  return oneRow<Counted>(
    ctx.db,
    sql`select failed_logins, locked_until, password_hash from public.users where id = ${id}`,
  )
}

const noon = '2026-03-02T12:00:00Z'
const guess = (email: string, at = ctx): Promise<string> =>
  refusalOf(signIn(at, email, { password: 'wrong horse battery' }))

describe('login', () => {
  before(async () => {
    ctx = cheaply(await sharedContext())
    acme = await subscribedTenant(ctx, 'login-acme')
    globex = await subscribedTenant(ctx, 'login-globex')
  })

  it('gives tokens for one tenant, in any case of the address, and says so in the log', async () => {
    const asha = await somebody(acme)
    const signed = await signIn(atInstant(ctx, noon), ` ${asha.email.toUpperCase()} `)
    expect(signed).to.deep.include({
      access_token_expires_at: '2026-03-02T12:30:00.000Z',
      refresh_token_expires_at: '2026-03-09T12:00:00.000Z',
      user: { id: asha.id, email: asha.email, full_name: `Person ${asha.email}` },
      tenant: { id: acme.id, subdomain: acme.subdomain, name: 'Company login-acme' },
      role: 'user',
    })
    const claims = await verifyAccess(atInstant(ctx, '2026-03-02T12:29:59Z'), signed.access_token)
    expect(claims).to.deep.include({ userId: asha.id, tenantId: acme.id, sessionId: signed.session.id })
    expect(await auditOf(asha)).to.deep.equal([
      { action: 'auth.login', outcome: 'succeeded', error_code: null },
    ])
  })

  it('answers unknown, wrong, locked and without a password alike; the log knows which', async () => {
    const asha = await somebody(acme)
    const invited = await somebody(acme)
    const none = { id: asha.id, email: 'login-nobody@people.test' }
    await execute(ctx.db, sql`update public.users set password_hash = null where id = ${invited.id}`)
    const at = atInstant(ctx, noon)
    const answers = [await guess(none.email, at), await guess(invited.email, at)]
    for (let n = 0; n < 6; n++) answers.push(await guess(asha.email, at))
    expect([...new Set(answers)]).to.deep.equal(['permission auth.refused'])
    const messages = await Promise.all(
      [none.email, asha.email].map((email) => signIn(at, email).catch((error: Error) => error.message)),
    )
    expect(new Set(messages).size).to.equal(1)
    const codes = (await auditOf(asha)).map(({ action, error_code }) => error_code ?? action)
    expect(codes).to.deep.equal([
      ...Array<string>(4).fill('auth.password_wrong'),
      ...['user.lock', 'auth.password_wrong', 'auth.locked', 'auth.locked'],
    ])
    expect((await auditOf(none)).map(({ error_code }) => error_code)).to.deep.equal([
      'auth.user_unknown',
      'auth.user_unknown',
    ])
  })

  it('what is no address is refused like nobody, and is not written down', async () => {
    const typed = [
      'my secret password',
      'a\u0000b@people.test',
      '\u212Aim@people.test',
      'x@people.test\u001b[2J',
    ]
    const since = await oneRow<{ at: Date }>(ctx.db, sql`select clock_timestamp() as at`)
    for (const email of typed) expect(await guess(email)).to.equal('permission auth.refused')
    const logged = await rows(
      ctx.db,
      sql`select subject, error_code from public.audit_log where at >= ${since.at} and action = 'auth.login'`,
    )
    expect(logged).to.deep.equal(typed.map(() => ({ subject: 'unknown', error_code: 'auth.user_unknown' })))
  })

  it('where too many passwords are being checked, who comes is sent away, and no try is counted', async () => {
    const asha = await somebody(acme)
    await execute(ctx.db, sql`update public.users set failed_logins = 4 where id = ${asha.id}`)
    const others = Promise.allSettled(
      Array.from({ length: 100 }, () => inThread({ kind: 'hash', password: 'of somebody', cost: 10 })),
    )
    expect(await guess(asha.email)).to.equal('busy password.busy')
    expect(await guess('login-nobody@people.test')).to.equal('busy password.busy')
    expect(await counted(asha)).to.deep.include({ failed_logins: 4, locked_until: null })
    const ended = await others
    expect(new Set(ended.map(({ status }) => status))).to.deep.equal(new Set(['fulfilled', 'rejected']))
    await signIn(ctx, asha.email)
  })

  it('five wrong passwords lock for 15 minutes, and one mail says so', async () => {
    const asha = await somebody(acme)
    const at = atInstant(ctx, noon)
    for (let n = 0; n < 4; n++) await guess(asha.email, at)
    expect((await counted(asha)).locked_until).to.equal(null)
    await guess(asha.email, at)
    expect((await counted(asha)).locked_until?.toISOString()).to.equal('2026-03-02T12:15:00.000Z')
    expect(await refusalOf(signIn(at, asha.email))).to.equal('permission auth.refused')
    expect(await refusalOf(signIn(atInstant(ctx, '2026-03-02T12:14:59Z'), asha.email))).to.equal(
      'permission auth.refused',
    )
    await signIn(atInstant(ctx, '2026-03-02T12:15:00Z'), asha.email)
    expect(await counted(asha)).to.deep.include({ failed_logins: 0, locked_until: null })
    const mails = await rows(
      ctx.db,
      sql`select kind, tenant_id, data from public.mails where to_address = ${asha.email}`,
    )
    expect(mails).to.deep.equal([
      {
        kind: 'lockout',
        tenant_id: acme.id,
        data: { name: `Person ${asha.email}`, attempts: 5, minutes: 15, at: '2026-03-02 12:00 UTC' },
      },
    ])
  })

  it('a right password forgets the wrong ones before it', async () => {
    const asha = await somebody(acme)
    for (let n = 0; n < 4; n++) await guess(asha.email)
    await signIn(ctx, asha.email)
    for (let n = 0; n < 4; n++) await guess(asha.email)
    await signIn(ctx, asha.email)
    expect(await counted(asha)).to.deep.include({ failed_logins: 0, locked_until: null })
  })

  it('of 20 guesses at once five are looked at', async () => {
    const asha = await somebody(acme)
    const at = atInstant(ctx, noon)
    const answers = await Promise.all(Array.from({ length: 20 }, () => guess(asha.email, at)))
    // Beyond so many at once the rest is told to come again, and counts for nothing.
    const busy = answers.filter((answer) => answer === 'busy password.busy').length
    expect(answers.filter((answer) => answer === 'permission auth.refused')).to.have.length(20 - busy)
    expect((await counted(asha)).failed_logins).to.equal(5)
    const codes = (await auditOf(asha)).map(({ action, error_code }) => error_code ?? action)
    expect(codes.filter((code) => code === 'auth.password_wrong')).to.have.length(5)
    expect(codes.filter((code) => code === 'auth.locked')).to.have.length(15 - busy)
    expect(codes.filter((code) => code === 'user.lock')).to.have.length(1)
    expect(await refusalOf(signIn(at, asha.email))).to.equal('permission auth.refused')
  })

  it('a new password lifts the lock', async () => {
    const asha = await somebody(acme)
    for (let n = 0; n < 5; n++) await guess(asha.email)
    const hash = await bcrypt.hash('another good password', 4)
    await execute(ctx.db, sql`update public.users set password_hash = ${hash} where id = ${asha.id}`)
    await signIn(ctx, asha.email, { password: 'another good password' })
  })

  it('73 bytes are refused, not cut; so is a zero byte, which bcrypt takes for the end', async () => {
    const asha = await somebody(acme)
    const long = 'x'.repeat(72)
    const hash = await bcrypt.hash(long, 4)
    await execute(ctx.db, sql`update public.users set password_hash = ${hash} where id = ${asha.id}`)
    await signIn(ctx, asha.email, { password: long })
    for (const password of [`${long}x`, `${'x'.repeat(71)}é`, `${long.slice(2)}\0x`])
      expect(await refusalOf(signIn(ctx, asha.email, { password }))).to.equal('usage password.invalid')
  })

  it('an old hash is upgraded at login, and a dearer one left alone', async () => {
    const asha = await somebody(acme)
    const dearer = cheaply(ctx, { ERPMAX_BCRYPT_COST: '5' })
    await signIn(dearer, asha.email)
    const { password_hash: upgraded } = await counted(asha)
    expect(bcrypt.getRounds(upgraded)).to.equal(5)
    await Promise.all([signIn(dearer, asha.email), signIn(ctx, asha.email)])
    expect((await counted(asha)).password_hash).to.equal(upgraded)
  })

  it('two logins at once that both upgrade both succeed', async () => {
    const asha = await somebody(acme)
    const dearer = cheaply(ctx, { ERPMAX_BCRYPT_COST: '5' })
    await Promise.all(Array.from({ length: 3 }, () => signIn(dearer, asha.email)))
    expect(await counted(asha)).to.deep.include({ failed_logins: 0, locked_until: null })
  })

  it('the cost is configuration, within bounds', async () => {
    for (const ERPMAX_BCRYPT_COST of ['3', '16', 'x', '1e1', '-5']) {
      const wrong = cheaply(ctx, { ERPMAX_BCRYPT_COST })
      expect(await refusalOf(comparePassword(new Secret('x'), null, wrong.config))).to.equal(
        'usage config.invalid',
      )
    }
    const production = cheaply(ctx, { ERPMAX_ENV: 'production', ERPMAX_BCRYPT_COST: '9' })
    expect(await refusalOf(comparePassword(new Secret('x'), null, production.config))).to.equal(
      'usage config.invalid',
    )
  })

  it('chooses the default tenant, the only one, or the one that is named', async () => {
    const one = await somebody(globex)
    expect((await signIn(ctx, one.email)).tenant.subdomain).to.equal(globex.subdomain)
    const two = await somebody(acme, globex)
    expect(await refusalOf(signIn(ctx, two.email))).to.equal('usage auth.tenant_needed')
    for (const tenant of [globex.id, globex.subdomain.toUpperCase()])
      expect((await signIn(ctx, two.email, { tenant })).tenant.id).to.equal(globex.id)
    await execute(
      ctx.db,
      sql`update public.memberships set is_default = true where user_id = ${two.id} and tenant_id = ${acme.id}`,
    )
    expect((await signIn(ctx, two.email)).tenant.id).to.equal(acme.id)
    expect(await refusalOf(signIn(ctx, one.email, { tenant: acme.subdomain }))).to.equal(
      'permission auth.not_a_member',
    )
    expect(await refusalOf(signIn(ctx, one.email, { tenant: 'no-such' }))).to.equal(
      'permission auth.not_a_member',
    )
    expect(await refusalOf(signIn(ctx, (await somebody()).email))).to.equal('permission auth.no_tenant')
  })

  it('who is disabled or removed, or whose tenant is suspended, is told so once the password is right', async () => {
    const disabled = await somebody(acme)
    await execute(ctx.db, sql`update public.users set status = 'disabled' where id = ${disabled.id}`)
    expect(await refusalOf(signIn(ctx, disabled.email))).to.equal('permission user.disabled')
    expect(await guess(disabled.email)).to.equal('permission auth.refused')

    const removed = await somebody(acme)
    await execute(ctx.db, sql`update public.memberships set status = 'removed' where user_id = ${removed.id}`)
    expect(await refusalOf(signIn(ctx, removed.email))).to.equal('permission auth.no_tenant')

    const late = await subscribedTenant(ctx, 'login-late')
    const asha = await somebody(late)
    const suspension = { cause: 'operator', reason: 'unpaid', bills: true, dryRun: false } as const
    await suspendTenant(ctx, late, suspension)
    expect(await refusalOf(signIn(ctx, asha.email))).to.equal('conflict tenant.suspended')
    expect(await guess(asha.email)).to.equal('permission auth.refused')
    expect((await auditOf(asha)).map(({ error_code }) => error_code)).to.deep.equal([
      'tenant.suspended',
      'auth.password_wrong',
    ])
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'archived', suspension_cause = null where id = ${late.id}`,
    )
    expect(await refusalOf(signIn(ctx, asha.email))).to.equal('conflict tenant.archived')
  })

  it('many logins of one person at once get in each other’s way as little as possible', async () => {
    const asha = await somebody(acme)
    const all = await Promise.all(Array.from({ length: 4 }, () => signIn(ctx, asha.email)))
    expect(new Set(all.map(({ session }) => session.id)).size).to.equal(4)
    const ended = await transaction(ctx, (inner) => endSessions(inner, asha.id, { reason: 'disabled' }))
    expect(ended).to.equal(4)
  })

  it('no password and no token is stored, logged or mailed', async () => {
    const asha = await somebody(acme)
    await guess(asha.email)
    const { access_token, refresh_token } = await signIn(ctx, asha.email)
    for (const secret of [goodPassword, 'wrong horse battery', access_token, refresh_token ?? ''])
      expect(await keptAnywhere(ctx, secret)).to.deep.equal([])
  })
})

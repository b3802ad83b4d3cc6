/** Sessions after login: rotation and reuse of refresh tokens, forged access tokens, switching, leaving, revoking, keys. */
import { createHmac, createPublicKey } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { Chalk } from 'chalk'
import jwt from 'jsonwebtoken'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { issueAccessToken } from '../../src/people/access-token.js'
import { endRestoredWaysIn, readEndedKeys } from '../../src/people/after-restore.js'
import { createApiKey } from '../../src/people/api-keys/create-key.js'
import { listApiKeys } from '../../src/people/api-keys/read-key.js'
import { revokeApiKey } from '../../src/people/api-keys/revoke-key.js'
import { verifyApiKey } from '../../src/people/api-keys/verify-key.js'
import { endSessions } from '../../src/people/end-sessions.js'
import { listKeys } from '../../src/people/keys/list-keys.js'
import { rotateKey } from '../../src/people/keys/rotate-key.js'
import { currentKey, publicKeys, registerKey } from '../../src/people/keys/signing-keys.js'
import { tokenIn } from '../../src/people/links.js'
import { findReset, requestReset, requireOpenReset } from '../../src/people/reset-password.js'
import { inspectToken } from '../../src/people/sessions/inspect-token.js'
import { logout } from '../../src/people/sessions/logout.js'
import { refresh } from '../../src/people/sessions/refresh.js'
import { revokeToken } from '../../src/people/sessions/revoke-token.js'
import { switchTenant } from '../../src/people/sessions/switch-tenant.js'
import { readAccess, verifyAccess } from '../../src/people/sessions/verify-access.js'
import { whoIs } from '../../src/people/sessions/who.js'
import { loadSigningKey, newSigningKey } from '../../src/people/signing-key.js'
import { liftSuspension, suspendTenant } from '../../src/tenants/suspend.js'
import { formatApiKeys } from '../../src/terminal/key-report.js'
import { atInstant } from '../support/clock.js'
import { refusalOf, rejection } from '../support/errors.js'
import { cheaply, person, signIn, type Person } from '../support/sign-in.js'
import { rolledBack } from '../support/rolled-back.js'
import { sharedContext, throwAwayFolder } from '../support/server.js'
import { subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'
import type { Context } from '../../src/kernel/context.js'
import type { OpenedContext } from '../../src/context.js'
import type { Terminal } from '../../src/terminal/terminal.js'
import type { SignedIn } from '../../src/people/sessions/signed-in.js'

const folder = throwAwayFolder()
const noon = '2026-03-02T12:00:00Z'
let ctx: OpenedContext
let acme: SubscribedTenant
let globex: SubscribedTenant
let count = 0

async function somebody(...places: SubscribedTenant[]): Promise<Person> {
  count += 1
  const all = places.length > 0 ? places : [acme]
  return person(
    ctx,
    `session-${count}@people.test`,
    all.map(({ id }, index) => ({ tenant: id, isDefault: index === 0 })),
  )
}

const next = (signed: SignedIn): string => signed.refresh_token ?? ''
const refusedAs = (token: string, at: Context = ctx): Promise<string> => refusalOf(verifyAccess(at, token))

describe('sessions', () => {
  before(async () => {
    ctx = cheaply(await sharedContext())
    // A key of this file's own: rotating it disturbs no other test.
    ctx = { ...ctx, signingKey: { file: path.join(folder, 'jwt.pem'), create: true } }
    acme = await subscribedTenant(ctx, 'session-acme')
    globex = await subscribedTenant(ctx, 'session-globex')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  describe('refresh', () => {
    it('gives the next pair, and the token before works no more', async () => {
      const { email } = await somebody()
      const first = await signIn(atInstant(ctx, noon), email)
      const second = await refresh(atInstant(ctx, '2026-03-05T12:00:00Z'), next(first))
      expect(second.session.id).to.equal(first.session.id)
      expect(second.refresh_token_expires_at).to.equal('2026-03-12T12:00:00.000Z')
      expect(await refusalOf(refresh(atInstant(ctx, '2026-03-12T12:00:00Z'), next(second)))).to.equal(
        'permission token.expired',
      )
      await refresh(atInstant(ctx, '2026-03-12T11:59:59Z'), next(second))
      expect(await refusalOf(refresh(ctx, 'made up'))).to.equal('permission token.unknown')
    })

    it('a stolen token used after its owner’s refresh ends both, with an audit row and a mail', async () => {
      const asha = await somebody()
      const stolen = await signIn(ctx, asha.email)
      const owners = await refresh(ctx, next(stolen))
      const other = await signIn(ctx, asha.email)
      expect(await refusalOf(refresh(ctx, next(stolen)))).to.equal('permission token.reused')
      expect(await refusalOf(refresh(ctx, next(owners)))).to.equal('permission token.session_ended')
      for (const { access_token } of [stolen, owners])
        expect(await refusedAs(access_token)).to.equal('permission token.session_ended')
      expect(await refusalOf(refresh(ctx, next(stolen)))).to.equal('permission token.session_ended')
      // Another device of the same person is not concerned.
      await verifyAccess(ctx, other.access_token)

      const logged = await rows(
        ctx.db,
        sql`select action, outcome, error_code, tenant_id from public.audit_log where subject = ${stolen.session.id} order by at`,
      )
      expect(logged.slice(0, 2)).to.deep.equal([
        { action: 'session.reuse', outcome: 'succeeded', error_code: null, tenant_id: acme.id },
        { action: 'auth.refresh', outcome: 'refused', error_code: 'token.reused', tenant_id: acme.id },
      ])
      const mails = await rows(
        ctx.db,
        sql`select kind, tenant_id from public.mails where to_address = ${asha.email}`,
      )
      expect(mails).to.deep.equal([{ kind: 'session_reuse', tenant_id: acme.id }])
    })

    it('of two at once with one token one wins, the other is reuse and ends the session', async () => {
      const { email } = await somebody()
      const first = await signIn(ctx, email)
      const outcomes = await Promise.all(
        [1, 2].map(() =>
          refresh(ctx, next(first)).then(
            (signed) => signed,
            (error: { code: string }) => error.code,
          ),
        ),
      )
      const won = outcomes.filter((one): one is SignedIn => typeof one === 'object')
      expect(won).to.have.length(1)
      expect(outcomes).to.include('token.reused')
      expect(await refusalOf(refresh(ctx, won[0]?.refresh_token ?? ''))).to.equal(
        'permission token.session_ended',
      )
    })

    it('is refused while the tenant is suspended, and works again afterwards', async () => {
      const late = await subscribedTenant(ctx, 'session-late')
      const { email } = await somebody(late)
      const signed = await signIn(ctx, email)
      await suspendTenant(ctx, late, { cause: 'operator', reason: 'unpaid', bills: true, dryRun: false })
      expect(await refusalOf(refresh(ctx, next(signed)))).to.equal('conflict tenant.suspended')
      expect(await refusedAs(signed.access_token)).to.equal('conflict tenant.suspended')
      await liftSuspension(ctx, late, { cause: 'operator', reason: null, dryRun: false })
      await verifyAccess(ctx, signed.access_token)
      await refresh(ctx, next(signed))
    })

    it('is refused once the user is disabled or the membership removed', async () => {
      const asha = await somebody()
      const ravi = await somebody()
      const [hers, his] = [await signIn(ctx, asha.email), await signIn(ctx, ravi.email)]
      await execute(ctx.db, sql`update public.users set status = 'disabled' where id = ${asha.id}`)
      await execute(ctx.db, sql`update public.memberships set status = 'removed' where user_id = ${ravi.id}`)
      expect(await refusalOf(refresh(ctx, next(hers)))).to.equal('permission user.disabled')
      expect(await refusedAs(hers.access_token)).to.equal('permission user.disabled')
      expect(await refusalOf(refresh(ctx, next(his)))).to.equal('permission auth.not_a_member')
      for (const using of [refresh(ctx, next(his)), verifyAccess(ctx, his.access_token)].map(rejection)) {
        const { code, message } = (await using) as ErpmaxError
        expect(code).to.equal('auth.not_a_member')
        expect(message).to.include(acme.subdomain).and.not.include(acme.id)
      }
    })
  })

  describe('access tokens', () => {
    let signed: SignedIn
    let claims: Record<string, unknown>
    let pem: string

    /** Of the claims of a real token, with some of them changed. */
    async function forged(changes: object, options: jwt.SignOptions = {}): Promise<string> {
      const { key, kid } = await currentKey(ctx)
      return jwt.sign({ ...claims, ...changes }, key, { algorithm: 'ES256', keyid: kid, ...options })
    }

    before(async () => {
      signed = await signIn(ctx, (await somebody()).email)
      claims = jwt.decode(signed.access_token) as Record<string, unknown>
      const { key } = await currentKey(ctx)
      pem = createPublicKey(key as never).export({ type: 'spki', format: 'pem' }) as string
    })

    it('the forger’s tool makes tokens that count', async () => {
      await verifyAccess(ctx, await forged({}))
    })

    it('alg none, and HS256 signed with the public key, are refused', async () => {
      const { kid } = await currentKey(ctx)
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const unsigned = (header: object): string => `${part({ typ: 'JWT', kid, ...header })}.${part(claims)}`
      const hmac = (alg: string, hash: string): string => {
        const body = unsigned({ alg })
        return `${body}.${createHmac(hash, pem).update(body).digest('base64url')}`
      }
      const [header, , signature] = signed.access_token.split('.')
      const forgeries = [
        `${unsigned({ alg: 'none' })}.`,
        `${unsigned({ alg: 'none' })}.${signature}`,
        `${unsigned({ alg: 'NONE' })}.`,
        `${unsigned({})}.${signature}`,
        hmac('HS256', 'sha256'),
        hmac('HS512', 'sha512'),
        `${unsigned({ alg: 'ES384' })}.${signature}`,
        `${header}.${part(claims)}.`,
        `${header}.${part({ ...claims, role: 'owner' })}.${signature}`,
      ]
      for (const token of forgeries)
        expect(await refusedAs(token), token).to.equal('permission token.signature_invalid')
    })

    it('another issuer, audience, tenant or form is refused', async () => {
      const cases: Record<string, object> = {
        'token.issuer_wrong': { iss: 'evil' },
        'token.audience_wrong': { aud: 'erpmax-admin' },
        'token.malformed': { jti: 'x' },
        'auth.not_a_member': { tenant_id: globex.id },
        'token.session_ended': { sid: globex.id },
      }
      for (const [code, changes] of Object.entries(cases))
        expect(await refusedAs(await forged(changes)), code).to.equal(`permission ${code}`)
      expect(await refusedAs(await forged({ aud: ['erpmax-erp', 'other'] }))).to.equal(
        'permission token.audience_wrong',
      )
      expect(await refusalOf(verifyAccess(ctx, signed.access_token, { tenant: globex }))).to.equal(
        'permission token.tenant_wrong',
      )
      await verifyAccess(ctx, signed.access_token, { tenant: acme })
      for (const token of ['', 'x', 'a.b.c', `${'a'.repeat(5000)}.b.c`, next(signed)])
        expect(await refusedAs(token), token.slice(0, 20)).to.equal('permission token.malformed')
    })

    it('expires to the second', async () => {
      const at = await signIn(atInstant(ctx, noon), (await somebody()).email)
      await readAccess(atInstant(ctx, '2026-03-02T12:29:59.999Z'), at.access_token)
      for (const late of ['2026-03-02T12:30:00Z', '2026-03-02T12:30:01Z'])
        expect(await refusedAs(at.access_token, atInstant(ctx, late))).to.equal('permission token.expired')
    })

    it('a kid that is unknown, or tries to be a path or a query, is none of ours', async () => {
      const stranger = newSigningKey()
      const theirs = await issueAccessToken(ctx, stranger, {
        ...{ userId: claims.sub as never, tenantId: acme.id, subdomain: acme.subdomain, role: 'owner' },
      })
      expect(await refusedAs(theirs.token.reveal())).to.equal('permission token.signature_invalid')
      for (const keyid of ['../../../../dev/null', '/etc/passwd', "' or true --", '%00', 'x'.repeat(43), ''])
        expect(await refusedAs(await forged({}, { keyid })), keyid).to.equal(
          'permission token.signature_invalid',
        )
      const withJwk = await forged(
        {},
        { header: { alg: 'ES256', kid: stranger.kid, jwk: stranger.publicJwk } as never },
      )
      expect(await refusedAs(withJwk)).to.equal('permission token.signature_invalid')
    })

    it('the first token of a new tenant has no session, and ends with the user’s', async () => {
      const asha = await somebody()
      const key = await currentKey(ctx)
      const subject = { userId: asha.id, tenantId: acme.id, subdomain: acme.subdomain, role: 'user' }
      const { token } = await issueAccessToken(ctx, key, subject)
      expect((await verifyAccess(ctx, token.reveal())).sessionId).to.equal(null)
      expect(await refusalOf(switchTenant(ctx, token.reveal(), globex.subdomain))).to.equal(
        'permission token.no_session',
      )
      await transaction(ctx, (inner) => endSessions(inner, asha.id, { reason: 'password_reset' }))
      expect(await refusedAs(token.reveal())).to.equal('permission token.session_ended')
    })

    it('tell the role of now', async () => {
      const asha = await somebody()
      const { access_token } = await signIn(ctx, asha.email)
      await execute(
        ctx.db,
        sql`update public.memberships set role_id = (select id from public.roles where code = 'member' and tenant_id is null)
            where user_id = ${asha.id}`,
      )
      const who = await whoIs(ctx, access_token)
      expect(who.role).to.equal('member')
      expect(who.permissions).to.include('crm:read').and.not.to.include('crm:write')
      expect(who.tenants.map(({ subdomain }) => subdomain)).to.deep.equal([acme.subdomain])
    })
  })

  describe('switching and leaving', () => {
    it('an access token switches its session; the refresh token goes on there', async () => {
      const { email } = await somebody(acme, globex)
      const signed = await signIn(ctx, email)
      const there = await switchTenant(ctx, signed.access_token, globex.subdomain)
      expect(there).to.deep.include({ refresh_token: null, session: signed.session })
      expect((await verifyAccess(ctx, there.access_token)).tenantId).to.equal(globex.id)
      expect((await refresh(ctx, next(signed))).tenant.id).to.equal(globex.id)
    })

    it('a refresh token switches and is used up', async () => {
      const { email } = await somebody(acme, globex)
      const signed = await signIn(ctx, email)
      const there = await switchTenant(ctx, next(signed), globex.subdomain)
      expect(there.tenant.id).to.equal(globex.id)
      expect(await refusalOf(switchTenant(ctx, next(there), 'session-nowhere'))).to.equal(
        'permission auth.not_a_member',
      )
      await switchTenant(ctx, next(there), acme.subdomain)
      expect(await refusalOf(refresh(ctx, next(there)))).to.equal('permission token.reused')
    })

    it('logging out ends one session, --all every one; twice is no error', async () => {
      const { email } = await somebody()
      const [one, two, three] = [await signIn(ctx, email), await signIn(ctx, email), await signIn(ctx, email)]
      expect((await logout(ctx, one.access_token, { all: false })).ended).to.equal(1)
      expect((await logout(ctx, next(one), { all: false })).ended).to.equal(0)
      expect(await refusedAs(one.access_token)).to.equal('permission token.session_ended')
      await verifyAccess(ctx, two.access_token)
      expect((await logout(ctx, next(two), { all: true })).ended).to.equal(2)
      for (const { access_token } of [two, three])
        expect(await refusedAs(access_token)).to.equal('permission token.session_ended')
      expect(await refusalOf(logout(ctx, 'made up', { all: false }))).to.equal('permission token.unknown')
    })

    it('--all is out of a session that lasts: what was stolen once throws nobody out for ever', async () => {
      const { email } = await somebody()
      const left = await signIn(ctx, email)
      const overdue = await signIn(
        atInstant(ctx, new Date(Date.now() - 10 * 86_400_000).toISOString()),
        email,
      )
      await logout(ctx, next(left), { all: false })
      const stays = await signIn(ctx, email)
      for (const token of [next(left), left.access_token, next(overdue)])
        expect((await logout(ctx, token, { all: true })).ended).to.equal(0)
      await verifyAccess(ctx, stays.access_token)
      await revokeToken(ctx, stays.access_token)
      expect((await logout(ctx, stays.access_token, { all: true })).ended).to.equal(0)
      expect((await logout(ctx, next(stays), { all: true })).ended).to.equal(2)
    })

    it('endSessions ends those of one tenant, or all', async () => {
      const asha = await somebody(acme, globex)
      const here = await signIn(ctx, asha.email)
      const there = await signIn(ctx, asha.email, { tenant: globex.subdomain })
      const end = (tenantId: typeof acme.id | null): Promise<number> =>
        transaction(ctx, (inner) => endSessions(inner, asha.id, { tenantId, reason: 'removed' }))
      expect(await end(globex.id)).to.equal(1)
      expect(await refusedAs(there.access_token)).to.equal('permission token.session_ended')
      await verifyAccess(ctx, here.access_token)
      expect(await end(null)).to.equal(1)
      expect(await refusedAs(here.access_token)).to.equal('permission token.session_ended')
    })

    it('a session that has ended does not begin again, in psql neither', async () => {
      const { session } = await signIn(ctx, (await somebody()).email)
      await execute(
        ctx.db,
        sql`update public.sessions set status = 'ended', ended_at = now(), end_reason = 'x' where id = ${session.id}`,
      )
      const error = await rejection(
        execute(
          ctx.db,
          sql`update public.sessions set status = 'active', ended_at = null, end_reason = null where id = ${session.id}`,
        ),
      )
      expect((error as { code: string }).code).to.equal('ERX02')
    })
  })

  describe('token verify and revoke', () => {
    it('an access token by itself, a refresh token with its session', async () => {
      const { email } = await somebody()
      const signed = await signIn(ctx, email)
      const inspected = async (token: string): Promise<string> => {
        const { token: found } = await inspectToken(ctx, token, null)
        return `${found.kind} ${found.reason ?? 'valid'}`
      }
      expect(await inspected(signed.access_token)).to.equal('access valid')
      expect(await inspected(next(signed))).to.equal('refresh valid')
      expect((await inspectToken(ctx, next(signed), globex.subdomain)).token.reason).to.equal(
        'token.tenant_wrong',
      )
      expect((await inspectToken(ctx, next(signed), acme.subdomain.toUpperCase())).token.reason).to.equal(
        null,
      )

      expect((await revokeToken(ctx, signed.access_token)).token).to.include({
        kind: 'access',
        revoked: true,
      })
      expect((await revokeToken(ctx, signed.access_token)).token).to.include({
        kind: 'access',
        revoked: false,
      })
      expect(await inspected(signed.access_token)).to.equal('access token.revoked')
      expect(await refusalOf(switchTenant(ctx, signed.access_token, acme.subdomain))).to.equal(
        'permission token.revoked',
      )
      const again = await refresh(ctx, next(signed))
      expect(await inspected(again.access_token)).to.equal('access valid')
      expect(await inspected(next(signed))).to.equal('refresh token.reused')
      await revokeToken(ctx, next(again))
      expect(await inspected(again.access_token)).to.equal('access token.session_ended')
      expect(await inspected(next(again))).to.equal('refresh token.session_ended')
      expect(await inspected('made up')).to.equal('refresh token.unknown')
    })
  })

  describe('keys', () => {
    it('after a rotation the old key verifies while its tokens live, and signs nothing', async () => {
      const at = (instant: string): OpenedContext => atInstant(ctx, instant)
      const { email } = await somebody()
      const before = await signIn(at(noon), email)
      const old = await currentKey(at(noon))
      const oldPem = readFileSync(ctx.signingKey.file)
      const { key, retired } = await rotateKey(at('2026-03-02T12:00:01Z'))
      expect(retired.map(({ kid }) => kid)).to.deep.equal([old.kid])
      expect(statSync(ctx.signingKey.file).mode & 0o777).to.equal(0o600)
      expect((await loadSigningKey(ctx.signingKey.file, false)).kid).to.equal(key.kid)

      const after = await signIn(at('2026-03-02T12:00:02Z'), email)
      expect(jwt.decode(after.access_token, { complete: true })?.header.kid).to.equal(key.kid)
      for (const { access_token } of [before, after])
        await verifyAccess(at('2026-03-02T12:29:59Z'), access_token)
      const kids = async (instant: string): Promise<string[]> =>
        (await publicKeys(at(instant))).keys.map(({ kid }) => kid)
      expect(await kids('2026-03-02T12:29:59Z')).to.include.members([old.kid, key.kid])
      expect(await kids('2026-03-02T12:31:01Z'))
        .to.include(key.kid)
        .and.not.to.include(old.kid)
      const listed = await listKeys(at('2026-03-02T12:31:01Z'), { limit: 500, cursor: null })
      expect(listed.items.find(({ kid }) => kid === old.kid)).to.include({ state: 'retired', current: false })
      expect(listed.items.find(({ kid }) => kid === key.kid)).to.include({ state: 'active', current: true })

      // A machine that was given a copy of the old file signs nothing with it, and forges nothing later.
      const copy = path.join(folder, 'copy.pem')
      writeFileSync(copy, oldPem, { mode: 0o600 })
      const elsewhere = { ...ctx, signingKey: { file: copy, create: false } }
      expect(await refusalOf(signIn(elsewhere, email))).to.equal('dependency key.retired')
      const subject = { userId: before.user.id, tenantId: acme.id, subdomain: acme.subdomain, role: 'owner' }
      const late = await issueAccessToken(at('2026-03-02T12:31:01Z'), old, subject as never)
      expect(await refusedAs(late.token.reveal(), at('2026-03-02T12:31:02Z'))).to.equal(
        'permission token.signature_invalid',
      )
    })

    it('a control plane out of a backup lets nobody in by what was ended or rotated since', async () => {
      const { id, email } = await somebody()
      await rolledBack(ctx, async (inner) => {
        const signed = await signIn(inner, email)
        const stolen = newSigningKey()
        await registerKey(inner, stolen)
        const subject = { userId: id, tenantId: acme.id, subdomain: acme.subdomain, role: 'owner' }
        const forged = await issueAccessToken(inner, stolen, subject)
        await verifyAccess(inner, forged.token.reveal())
        const reset = tokenIn((await requestReset(inner, { user: email, as: null })).token ?? '')
        await findReset(inner, reset)

        await endRestoredWaysIn(inner, await readEndedKeys(inner))
        expect(await refusalOf(refresh(inner, next(signed)))).to.equal('permission token.session_ended')
        expect(await refusedAs(forged.token.reveal(), inner)).to.equal('permission token.signature_invalid')
        expect(requireOpenReset.bind(null, inner, await findReset(inner, reset)))
          .to.throw()
          .with.property('code', 'reset.revoked')
        // The key that lies here signs as before.
        await verifyAccess(inner, (await signIn(inner, email)).access_token)
      })
    })

    it('the public document has no private half', async () => {
      for (const key of (await publicKeys(ctx)).keys)
        expect(Object.keys(key).sort()).to.deep.equal(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    })

    it('two rotations at once leave one file whose key signs', async () => {
      const outcomes = await Promise.all([rotateKey(ctx), rotateKey(ctx)])
      const { kid } = await currentKey(ctx)
      expect(outcomes.map(({ key }) => key.kid)).to.include(kid)
      const { active } = await oneRow<{ active: number }>(
        ctx.db,
        sql`select count(*)::int as active from public.signing_keys where status = 'active' and place like ${`%${folder}%`}`,
      )
      expect(active).to.equal(1)
    })

    it('one that dies after replacing the file is mended by the next', async () => {
      const { email } = await somebody()
      const before = await signIn(ctx, email)
      const dying = { ...ctx, failpoint: () => Promise.reject(new Error('dies here')) }
      await rejection(rotateKey(dying))
      const between = await signIn(ctx, email)
      for (const { access_token } of [before, between]) await verifyAccess(ctx, access_token)
      const later = atInstant(ctx, new Date(Date.now() + 2 * 3_600_000).toISOString())
      await rotateKey(later)
      const { items } = await listKeys(later, { limit: 500, cursor: null })
      const mine = items.filter(({ place }) => place.includes(folder))
      expect(mine.filter(({ state }) => state === 'active')).to.have.length(1)
    })

    it('a file that cannot be replaced, or that others can read, is refused by name', async () => {
      const missing = { ...ctx, signingKey: { file: path.join(folder, 'none.pem'), create: false } }
      expect(await refusalOf(rotateKey(missing))).to.equal('dependency key.unreadable')
      mkdirSync(path.join(folder, 'dir.pem'))
      const directory = { ...ctx, signingKey: { file: path.join(folder, 'dir.pem'), create: false } }
      expect(await refusalOf(rotateKey(directory))).to.match(/^dependency key\./)
    })
  })

  describe('API keys', () => {
    const key = { name: 'sync', scopes: ['finance:read', 'crm:write', 'crm:write'], lastDay: '2026-03-31' }

    it('count within their scopes to the end of their last day, until they are revoked', async () => {
      const at = atInstant(ctx, noon)
      const { token, key: made } = await createApiKey(at, acme.subdomain, key)
      expect(token.startsWith(`${made.prefix}_`)).to.equal(true)
      expect(made).to.include({ state: 'active', expires_at: '2026-04-01T00:00:00.000Z', last_used_at: null })
      expect((await verifyApiKey(atInstant(ctx, '2026-03-31T23:59:59Z'), token)).scopes).to.deep.equal([
        'crm:write',
        'finance:read',
      ])
      expect(await refusalOf(verifyApiKey(atInstant(ctx, '2026-04-01T00:00:00Z'), token))).to.equal(
        'permission token.expired',
      )
      const { token: found } = await inspectToken(at, token, acme.subdomain)
      expect(found).to.deep.include({ valid: true, kind: 'api_key', scopes: ['crm:write', 'finance:read'] })
      expect(await refusalOf(verifyApiKey(at, `${token}x`))).to.equal('permission token.unknown')

      expect(await refusalOf(createApiKey(at, acme.subdomain, { ...key, name: 'SYNC' }))).to.equal(
        'conflict api_key.name_taken',
      )
      expect((await revokeApiKey(at, made.prefix)).changed).to.equal(true)
      expect((await revokeApiKey(at, made.id)).changed).to.equal(false)
      expect(await refusalOf(verifyApiKey(at, token))).to.equal('permission token.revoked')
      await createApiKey(at, acme.subdomain, key)
      const { items } = await listApiKeys(at, acme.subdomain, { limit: 10, cursor: null })
      expect(items.map(({ state }) => state).sort()).to.deep.equal(['active', 'revoked'])
      expect(JSON.stringify(items)).not.to.include(token)
    })

    it('tell their last day where the tenant is, and are shown with the whole prefix', async () => {
      const zones = {
        'America/New_York': '2026-04-01T04:00:00.000Z',
        'Asia/Kolkata': '2026-03-31T18:30:00.000Z',
      }
      for (const [timeZone, expires_at] of Object.entries(zones)) {
        const subdomain = `keys-${timeZone.slice(0, 4).toLowerCase()}`
        await subscribedTenant(ctx, subdomain, { timeZone })
        const { key: made } = await createApiKey(atInstant(ctx, noon), subdomain, key)
        expect(made).to.include({ expires_at, last_day: '2026-03-31' })
        const page = await listApiKeys(ctx, subdomain, { limit: 10, cursor: null })
        expect(page.items[0]).to.include({ last_day: '2026-03-31' })
        const narrow = { width: 60, out: new Chalk({ level: 0 }) } as Terminal
        for (const shown of [formatApiKeys(page, subdomain, narrow), formatApiKeys(page, null, narrow)]) {
          expect(shown).to.include(made.prefix).and.to.include('2026-03-31')
          for (const line of shown.split('\n')) expect(line.length, line).to.be.at.most(60)
        }
      }
    })

    it('refuse unknown scopes, a day that is over, and a tenant that may not work', async () => {
      const at = atInstant(ctx, noon)
      const make = (changes: Partial<typeof key>, tenant = globex.subdomain): Promise<string> =>
        refusalOf(createApiKey(at, tenant, { ...key, ...changes }))
      expect(await make({ scopes: ['finance:fly'] })).to.equal('usage permission.unknown')
      expect(await make({ scopes: [] })).to.equal('usage permission.unknown')
      expect(await make({ lastDay: '2026-03-01' })).to.equal('usage api_key.expires_invalid')
      expect(await make({ name: ' ' })).to.equal('usage api_key.name_invalid')
      expect(await make({ name: 'a\nb' })).to.equal('usage api_key.name_invalid')
      expect(await refusalOf(revokeApiKey(at, 'erpmax_00000000'))).to.equal('not_found api_key.not_found')
      const { token } = await createApiKey(at, globex.subdomain, key)
      await suspendTenant(ctx, globex, { cause: 'operator', reason: 'late', bills: true, dryRun: false })
      expect(await make({ name: 'more' })).to.equal('conflict tenant.suspended')
      expect(await refusalOf(verifyApiKey(at, token))).to.equal('conflict tenant.suspended')
      await liftSuspension(ctx, globex, { cause: 'operator', reason: null, dryRun: false })
    })
  })
})

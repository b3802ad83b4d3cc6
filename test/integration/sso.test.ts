/** Single sign-on by the domain functions: one way in, for one site, once, and only while everybody concerned is active. */
import { expect } from 'chai'
import { openContext, type OpenedContext } from '../../src/context.js'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { Secret } from '../../src/kernel/secret.js'
import { logout } from '../../src/people/sessions/logout.js'
import { issueToken } from '../../src/people/sso/issue.js'
import { redeemToken } from '../../src/people/sso/redeem.js'
import { addSite, removeSite, rotateSite } from '../../src/people/sso/sites.js'
import { inspectToken, revokeToken, sweepTokens } from '../../src/people/sso/tokens.js'
import { listSites } from '../../src/views/sso-sites.js'
import { listSsoTokens } from '../../src/views/sso-tokens.js'
import { moveTenant } from '../../src/tenants/move.js'
import { atInstant } from '../support/clock.js'
import { refusalOf, rejection } from '../support/errors.js'
import { times } from '../support/place.js'
import { rolledBack } from '../support/rolled-back.js'
import { keptAnywhere } from '../support/kept.js'
import { sharedContext } from '../support/server.js'
import { cheaply, person, signIn } from '../support/sign-in.js'
import {
  auditOf,
  disableUser,
  issued,
  redeemed,
  siteOf,
  ssoScene,
  statusOf,
  type SsoScene,
} from '../support/sso.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'

let ctx: OpenedContext
let named = 0
const scene = (): Promise<SsoScene> => ssoScene(ctx, `sso-${(named += 1)}`)
const seconds = (count: number, since = ctx.clock.now()): string =>
  new Date(since.getTime() + count * 1000).toISOString()

describe('SSO tokens', () => {
  before(async () => (ctx = await sharedContext()))

  it('tell their site who comes, from where, as what, and who is behind it', async () => {
    const acme = await scene()
    const token = await issued(ctx, acme, '/app/crm?x=1')
    expect(Buffer.from(token, 'base64url')).to.have.length(32)
    const { redeemed_at, ...session } = await redeemed(ctx, acme, token)
    expect(session).to.deep.equal({
      user: { id: acme.user.id, email: acme.user.email, full_name: 'Person 1', language: 'en' },
      tenant: {
        ...{ id: acme.tenant.id, subdomain: acme.tenant.subdomain, name: `Company ${acme.tenant.subdomain}` },
        ...{ time_zone: 'UTC', language: 'en' },
      },
      ...{ role: 'user', erp_role: 'USER', read_only: false, modules: ['system_admin', 'finance', 'crm'] },
      ...{ site: acme.site.origin, redirect: '/app/crm?x=1' },
      operator: { name: ctx.actor.operator, reason: 'a test' },
    })
    expect(new Date(redeemed_at).getTime()).to.be.closeTo(ctx.clock.now().getTime(), 60_000)
    expect(await statusOf(ctx, acme)).to.deep.equal(['redeemed'])
  })

  it('bear no mark where the users asked for them themselves, being signed in there', async () => {
    const [acme, other] = [await scene(), await scene()]
    const cheap = cheaply(ctx)
    const [ann, bob] = await Promise.all(
      ['ann', 'bob'].map((name) =>
        person(cheap, `${name}@${acme.tenant.subdomain}.test`, [
          { tenant: acme.tenant.id },
          { tenant: other.tenant.id },
        ]),
      ),
    )
    const signed = await signIn(cheap, ann?.email ?? '', { tenant: acme.tenant.id })
    const asking = ({ tenant, site }: SsoScene, user: string): ReturnType<typeof issueToken> =>
      issueToken(ctx, {
        ...{ tenant: tenant.id, user, site: site.id, redirect: '/' },
        asked: { accessToken: new Secret(signed.access_token) },
      })
    const { token } = await asking(acme, ann?.email ?? '')
    expect((await redeemed(ctx, acme, token)).operator).to.equal(null)
    expect(await refusalOf(asking(acme, bob?.email ?? ''))).to.equal('permission token.other_user')
    const elsewhere = (await rejection(asking(other, ann?.email ?? ''))) as ErpmaxError
    expect(elsewhere).to.include({ kind: 'permission', code: 'token.tenant_wrong' })
    expect(elsewhere.message).to.include(other.tenant.subdomain).and.not.include(other.tenant.id)
    await logout(ctx, signed.access_token, { all: false })
    expect(await refusalOf(asking(acme, ann?.email ?? ''))).to.equal('permission token.session_ended')
  })

  it('tell the role that the ERP knows each role by', async () => {
    const acme = await scene()
    await rolledBack(ctx, async (inner) => {
      for (const [role, chosen, ...told] of [
        ['member', null, 'USER', true],
        ['user', null, 'USER', false],
        ['user', 'MANAGER', 'MANAGER', false],
        ['admin', null, 'ADMIN', false],
        ['owner', null, 'SUPER_ADMIN', false],
      ] as const) {
        await execute(
          inner.db,
          sql`update public.memberships set erp_role = ${chosen}, role_id = (select id from public.roles where code = ${role} and tenant_id is null)
              where user_id = ${acme.user.id}`,
        )
        const session = await redeemed(inner, acme, await issued(inner, acme))
        expect([session.role, session.erp_role, session.read_only]).to.deep.equal([role, ...told])
      }
    })
  })

  it('open once, however many redeem them at the same time, over however many connections', async () => {
    const acme = await scene()
    const token = await issued(ctx, acme)
    const others = await Promise.all(
      [1, 2, 3].map(() => openContext(ctx.config, { access: 'use', signal: ctx.signal, warn: () => {} })),
    )
    try {
      const all = [ctx, ...others]
      const count = times(200, 1000)
      const outcomes = await Promise.all(
        Array.from({ length: count }, (_, at) =>
          refusalOf(redeemed(all[at % all.length] ?? ctx, acme, token)),
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'none')).to.have.length(1)
      expect(outcomes.filter((outcome) => outcome === 'conflict sso.token_used')).to.have.length(count - 1)
    } finally {
      await Promise.all(others.map((other) => other.close()))
    }
    const told = await auditOf(ctx, acme)
    expect(told.filter(({ outcome }) => outcome === 'succeeded')).to.have.length(1)
    expect(told.filter(({ error_code }) => error_code === 'sso.token_used')).to.have.length(
      times(200, 1000) - 1,
    )
  }).timeout(120_000)

  it('open until 60 seconds are over, and not at 61', async () => {
    const acme = await scene()
    const start = '2026-05-01T10:00:00.000Z'
    const at = (after: number): typeof ctx => atInstant(ctx, seconds(after, new Date(start)))
    const [first, second, third] = [
      await issued(at(0), acme),
      await issued(at(0), acme),
      await issued(at(0), acme),
    ]
    expect(await refusalOf(redeemed(at(61), acme, first))).to.equal('conflict sso.token_expired')
    expect(await refusalOf(redeemed(at(60), acme, second))).to.equal('conflict sso.token_expired')
    expect(await refusalOf(redeemed(at(59), acme, third))).to.equal('none')
    expect((await auditOf(ctx, acme)).map(({ error_code }) => error_code)).to.deep.equal([
      ...['sso.token_expired', 'sso.token_expired', null],
    ])
  })

  it('open nothing for another site of the tenant, another tenant, or without a known key, and it is on record', async () => {
    const acme = await scene()
    const other = await scene()
    const second = await siteOf(ctx, acme.tenant, `https://second.${acme.tenant.subdomain}.test`)
    const token = await issued(ctx, acme)
    const unknown = await issued(ctx, other)
    expect(await refusalOf(redeemed(ctx, second, token))).to.equal('permission sso.wrong_site')
    expect(await refusalOf(redeemed(ctx, other, token))).to.equal('permission sso.wrong_site')
    expect(await refusalOf(redeemed(ctx, { key: unknown }, token))).to.equal('permission sso.key_unknown')
    expect(await refusalOf(redeemed(ctx, { key: '' }, token))).to.equal('permission sso.key_unknown')
    const secrets = { token: new Secret(token), key: new Secret(acme.key) }
    const claimed = redeemToken(ctx, { ...secrets, site: second.site.origin, redirect: null })
    expect(await refusalOf(claimed)).to.equal('permission sso.key_other_site')
    expect(await refusalOf(redeemed(ctx, acme, 'nonsense'))).to.equal('not_found sso.token_unknown')
    const told = (await auditOf(ctx, acme)).map((row) => [row.operator, row.outcome, row.error_code])
    expect(told).to.deep.equal([
      [second.site.origin, 'refused', 'sso.wrong_site'],
      [other.site.origin, 'refused', 'sso.wrong_site'],
      [ctx.actor.operator, 'refused', 'sso.key_unknown'],
      [ctx.actor.operator, 'refused', 'sso.key_unknown'],
      [acme.site.origin, 'refused', 'sso.key_other_site'],
      [acme.site.origin, 'refused', 'sso.token_unknown'],
    ])
    // None of it has used the token up.
    expect(await refusalOf(redeemed(ctx, acme, token))).to.equal('none')
  })

  it('open their own path only, where the caller names one', async () => {
    const acme = await scene()
    const token = await issued(ctx, acme, '/app/Über uns')
    const secrets = { token: new Secret(token), key: new Secret(acme.key), site: acme.site.origin }
    for (const redirect of ['/app', '/', '/app/uber'])
      expect(await refusalOf(redeemToken(ctx, { ...secrets, redirect }))).to.equal(
        'usage sso.redirect_mismatch',
      )
    for (const redirect of ['//evil.test', '/\\evil.test', 'https://evil.test', 'javascript:alert(1)', ''])
      expect(await refusalOf(redeemToken(ctx, { ...secrets, redirect }))).to.equal(
        'usage sso.redirect_invalid',
      )
    expect(await refusalOf(redeemToken(ctx, { ...secrets, redirect: '/app/Über uns' }))).to.equal('none')
  })

  const afterwards: [string, (acme: SsoScene) => Promise<unknown>, string][] = [
    ['the user is disabled', (acme) => disableUser(ctx, acme), 'conflict user.not_active'],
    [
      'the membership is removed',
      ({ user }) =>
        execute(ctx.db, sql`update public.memberships set status = 'removed' where user_id = ${user.id}`),
      'conflict membership.not_active',
    ],
    [
      'the tenant is suspended',
      ({ tenant }) =>
        execute(
          ctx.db,
          sql`update public.tenants set status = 'suspended', suspension_cause = 'billing' where id = ${tenant.id}`,
        ),
      'conflict tenant.suspended',
    ],
    [
      'the tenant is archived',
      ({ tenant }) => moveTenant(ctx, tenant.id, 'archived'),
      'conflict tenant.archived',
    ],
    ['the site is removed', ({ site }) => removeSite(ctx, site.origin), 'permission sso.key_unknown'],
    [
      'the token is revoked',
      async ({ tenant }) => {
        const { id } = await oneRow<{ id: string }>(
          ctx.db,
          sql`select id from public.sso_tokens where tenant_id = ${tenant.id}`,
        )
        await revokeToken(ctx, { id: id.slice(0, 30) })
      },
      'conflict sso.token_revoked',
    ],
  ]
  for (const [what, happen, refusal] of afterwards)
    it(`open nothing once ${what}, and none can be issued but where the token alone is gone`, async () => {
      const acme = await scene()
      const token = await issued(ctx, acme)
      await happen(acme)
      expect(await refusalOf(redeemed(ctx, acme, token))).to.equal(refusal)
      const rows = await auditOf(ctx, acme)
      expect(rows.at(-1)).to.include({ outcome: 'refused', error_code: refusal.split(' ')[1] })
      const again = await refusalOf(issued(ctx, acme))
      expect(again).to.equal(
        refusal === 'conflict sso.token_revoked'
          ? 'none'
          : refusal.replace('permission sso.key_unknown', 'conflict sso.site_removed'),
      )
    })

  it('are taken by one of two: whoever ends them, and whoever redeems them', async () => {
    for (let round = 0; round < times(5, 50); round += 1) {
      const acme = await scene()
      const token = await issued(ctx, acme)
      const [came, ended] = await Promise.all([
        refusalOf(redeemed(ctx, acme, token)),
        round % 2 === 0
          ? refusalOf(revokeToken(ctx, { token: new Secret(token) }))
          : refusalOf(removeSite(ctx, acme.site.origin)),
      ])
      const [status] = await statusOf(ctx, acme)
      if (came === 'none') expect(status, ended).to.equal('redeemed')
      else {
        expect(came).to.be.oneOf(['conflict sso.token_revoked', 'permission sso.key_unknown'])
        expect([status, ended]).to.deep.equal(['revoked', 'none'])
      }
    }
  })

  it('are refused before they are issued, with the reason', async () => {
    const acme = await scene()
    const other = await scene()
    const ask = {
      ...{ tenant: acme.tenant.subdomain, user: acme.user.email, site: acme.site.origin },
      ...{ redirect: '/app', asked: { reason: 'why' } },
    }
    const refusal = (change: Partial<typeof ask>): Promise<string> =>
      refusalOf(issueToken(ctx, { ...ask, ...change }))
    expect(await refusal({ asked: { reason: ' ' } })).to.equal('usage sso.reason_missing')
    expect(await refusalOf(issueToken(ctx, { ...ask, asked: { reason: null } }))).to.equal(
      'usage sso.reason_missing',
    )
    expect(await refusal({ redirect: '//evil.test' })).to.equal('usage sso.redirect_invalid')
    expect(await refusal({ tenant: 'nobody' })).to.equal('not_found tenant.not_found')
    expect(await refusal({ user: 'nobody@people.test' })).to.equal('not_found user.not_found')
    expect(await refusal({ user: other.user.email })).to.equal('conflict membership.not_active')
    expect(await refusal({ site: other.site.origin })).to.equal('conflict sso.site_other_tenant')
    expect(await refusal({ site: 'https://never.example.test' })).to.equal('not_found sso.site_unknown')
    expect(await refusal({ site: 'http://never.example.test' })).to.equal('usage sso.site_invalid')
    expect(await refusal({ user: acme.user.email.toUpperCase() })).to.equal('none')
    expect(await statusOf(ctx, acme)).to.deep.equal(['issued'])
  })

  it('are inspected without being used, revoked once, and swept when their time is over', async () => {
    const acme = await scene()
    const start = new Date('2026-05-02T10:00:00.000Z')
    const at = (after: number): typeof ctx => atInstant(ctx, seconds(after, start))
    const token = new Secret(await issued(at(0), acme))
    for (let round = 0; round < 2; round += 1)
      expect((await inspectToken(at(1), token)).sso_token).to.include({ status: 'issued', redeemable: true })
    expect((await inspectToken(at(60), token)).sso_token).to.include({ status: 'expired', redeemable: false })
    expect(await refusalOf(inspectToken(ctx, new Secret('nonsense')))).to.equal('not_found sso.token_unknown')
    const revoked = await revokeToken(at(1), { token })
    expect([revoked.changed, revoked.sso_token.status]).to.deep.equal([true, 'revoked'])
    expect((await revokeToken(at(1), { token })).changed).to.equal(false)
    const late = await issued(at(2), acme)
    await issued(at(30), acme)
    expect(await statusOf(ctx, acme)).to.deep.equal(['revoked', 'issued', 'issued'])
    await issued(at(70), acme)
    expect(await statusOf(ctx, acme)).to.deep.equal(['revoked', 'expired', 'issued', 'issued'])
    expect((await revokeToken(at(70), { token: new Secret(late) })).changed).to.equal(false)
    await sweepTokens(at(500))
    expect(await statusOf(ctx, acme)).to.deep.equal(['revoked', 'expired', 'expired', 'expired'])
    const day = 24 * 3600
    await sweepTokens(at(91 * day))
    expect(await statusOf(ctx, acme)).to.deep.equal([])
    const kept = await auditOf(ctx, acme, 'sso_token.issue')
    expect(kept.map(({ outcome }) => outcome)).to.deep.equal(Array(4).fill('succeeded'))
  })

  it('are listed newest first, expired as soon as they are', async () => {
    const acme = await scene()
    const token = await issued(ctx, acme)
    await redeemed(ctx, acme, token)
    await issued(atInstant(ctx, '2026-05-03T10:00:00.000Z'), acme, '/old')
    const filters = {
      tenant: acme.tenant.subdomain,
      user: acme.user.email,
      site: acme.site.origin,
      status: [],
    }
    const { items } = await listSsoTokens(ctx, filters, { limit: 50, cursor: null })
    expect(items.map(({ status, redirect }) => [status, redirect])).to.deep.equal([
      ['redeemed', '/app'],
      ['expired', '/old'],
    ])
    const first = await listSsoTokens(ctx, filters, { limit: 1, cursor: null })
    const second = await listSsoTokens(ctx, filters, { limit: 1, cursor: first.next_cursor })
    expect([...first.items, ...second.items]).to.deep.equal(items)
    expect(second.next_cursor).to.equal(null)
    const issuedOnes = await listSsoTokens(
      ctx,
      { ...filters, status: ['issued'] },
      { limit: 50, cursor: null },
    )
    expect(issuedOnes.items).to.deep.equal([])
    expect(JSON.stringify(items)).not.to.include(token)
  })

  it('cannot be moved on or bent by hand either', async () => {
    const acme = await scene()
    await redeemed(ctx, acme, await issued(ctx, acme))
    const change = (set: string): Promise<unknown> =>
      rejection(
        rows(
          ctx.db,
          sql`update public.sso_tokens set status = ${set}, redeemed_at = null where tenant_id = ${acme.tenant.id}`,
        ),
      )
    expect(await change('issued')).to.include({ code: 'ERX02' })
    for (const redirect of ['//evil.test', '/\\evil', 'https://evil.test', '/a b', '/a\nb', ''])
      expect(
        await rejection(
          execute(
            ctx.db,
            sql`update public.sso_tokens set redirect = ${redirect} where tenant_id = ${acme.tenant.id}`,
          ),
        ),
      ).to.include({ code: '23514' })
  })
})

describe('SSO sites', () => {
  before(async () => (ctx = await sharedContext()))

  it('are known by one address each, and belong to one tenant', async () => {
    const acme = await scene()
    const other = await scene()
    const name = new URL(acme.site.origin).host
    for (const address of [acme.site.origin, `HTTPS://${name.toUpperCase()}:443/`, `https://${name}.`])
      expect(await refusalOf(addSite(ctx, acme.tenant.id, address))).to.equal('conflict sso.site_exists')
    expect(await refusalOf(addSite(ctx, other.tenant.id, acme.site.origin))).to.equal(
      'conflict sso.site_taken',
    )
    expect(await refusalOf(addSite(ctx, acme.tenant.id, 'http://erp.example.test'))).to.equal(
      'usage sso.site_invalid',
    )
  })

  it('change over to another key: earlier ones are taken until the overlap ends, and not after', async () => {
    const acme = await scene()
    const hour = 3600
    const at = (after: number): typeof ctx => atInstant(ctx, seconds(after))
    const second = await rotateSite(ctx, acme.site.origin, 24)
    const third = await rotateSite(at(hour), acme.site.id, 24)
    const comes = async (after: number, key: string): Promise<string> =>
      refusalOf(redeemed(at(after), { key }, await issued(at(after), acme)))
    for (const key of [acme.key, second.token, third.token])
      expect(await comes(23 * hour, key)).to.equal('none')
    // The first key ends when it was to end, however often another follows.
    expect(await comes(24 * hour + 1, acme.key)).to.equal('permission sso.key_unknown')
    expect(await comes(24 * hour + 1, second.token)).to.equal('none')
    expect(await comes(25 * hour + 60, second.token)).to.equal('permission sso.key_unknown')
    expect(await comes(25 * hour + 60, third.token)).to.equal('none')
    const fourth = await rotateSite(ctx, acme.site.origin, 0)
    for (const key of [acme.key, second.token, third.token])
      expect(await comes(1, key)).to.equal('permission sso.key_unknown')
    expect(await comes(1, fourth.token)).to.equal('none')
  })

  it('are removed once, with the tokens that wait for them, and their address is free', async () => {
    const acme = await scene()
    await redeemed(ctx, acme, await issued(ctx, acme))
    await issued(ctx, acme)
    const removed = await removeSite(ctx, acme.site.origin)
    expect([removed.changed, removed.revoked_tokens, removed.site.status]).to.deep.equal([true, 1, 'removed'])
    expect((await statusOf(ctx, acme)).sort()).to.deep.equal(['redeemed', 'revoked'])
    expect((await removeSite(ctx, acme.site.origin)).changed).to.equal(false)
    expect(await refusalOf(rotateSite(ctx, acme.site.origin, 1))).to.equal('conflict sso.site_removed')
    const other = await scene()
    const again = await siteOf(ctx, other.tenant, acme.site.origin)
    expect(again.site.id).not.to.equal(acme.site.id)
    const { items } = await listSites(
      ctx,
      { tenant: acme.tenant.id, status: [] },
      { limit: 50, cursor: null },
    )
    expect(items).to.have.length(1)
    expect(items[0]).to.include({ status: 'removed', key_prefix: null })
    expect(items[0]?.last_redeemed_at).not.to.equal(null)
    const all = await listSites(ctx, { tenant: null, status: ['active'] }, { limit: 500, cursor: null })
    expect(all.items.filter(({ site }) => site === acme.site.origin)).to.have.length(1)
  })

  it('get no key while their tenant may not work; they can be removed all the same', async () => {
    const acme = await scene()
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'suspended', suspension_cause = 'operator' where id = ${acme.tenant.id}`,
    )
    expect(await refusalOf(rotateSite(ctx, acme.site.origin, 1))).to.equal('conflict tenant.suspended')
    expect(await refusalOf(addSite(ctx, acme.tenant.id, 'https://new.example.test'))).to.equal(
      'conflict tenant.suspended',
    )
    expect((await removeSite(ctx, acme.site.origin)).changed).to.equal(true)
  })

  it('leave no key and no token anywhere', async () => {
    const acme = await scene()
    const token = await issued(ctx, acme)
    await redeemed(ctx, acme, token)
    await refusalOf(redeemed(ctx, acme, token))
    await refusalOf(redeemed(ctx, { key: 'erpsite_wrong-wrong-wrong' }, token))
    const { token: next } = await rotateSite(ctx, acme.site.origin, 1)
    for (const secret of [token, acme.key, next, 'wrong-wrong-wrong'])
      expect(await keptAnywhere(ctx, secret)).to.deep.equal([])
  })
})

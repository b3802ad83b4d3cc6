/** An administrator and the owners of a tenant: everything there is to command, and everything that is served. */
import { expect } from 'chai'
import { routesOf } from '../../src/http/routes.js'
import { buildServer, type Routes } from '../../src/http/server.js'
import { rows, sql } from '../../src/database/sql.js'
import { inProcess, manifest, type InProcess } from '../support/in-process.js'
import { invited, member, peopledTenant, reachedAt } from '../support/people.js'
import { cheaply, person, signIn } from '../support/sign-in.js'
import { sharedContext } from '../support/server.js'
import { type SubscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

const owner = 'owner@walked.test'
const admin = 'admin@walked.test'
const second = 'second@walked.test'
const user = 'user@walked.test'
/** Invited as owner, and not in yet. */
const coming = 'coming@walked.test'

/** What an administrator would have to type, for every command in which a member acts. */
const attempts: Record<string, string[]> = {
  'user:invite': ['walked new@walked.test --role owner', `walked ${user} --role owner`],
  'user:role': [
    `walked ${user} owner`,
    `walked ${admin} owner`,
    `walked ${coming} user`,
    ...[owner, second].flatMap((one) =>
      ['admin', 'user', 'member', 'owner'].map((to) => `walked ${one} ${to}`),
    ),
  ],
  'user:remove': [`walked ${owner}`, `walked ${second.toUpperCase()}`, `walked ${coming}`],
  'user:disable': [owner, second],
  'user:enable': [second],
  'user:reset-password': [owner, second],
  'user:transfer-ownership': [
    `walked ${admin} --from ${owner}`,
    `walked ${admin}`,
    `walked ${user} --from ${second}`,
  ],
  'user:invitations:resend': [`walked ${coming}`],
  'user:invitations:revoke': [`walked ${coming}`],
}

/** What somebody might send, in the hope that a field of it is read. */
const wishes = {
  ...{ user: owner, email: owner, tenant: 'walked', role: 'owner', role_code: 'owner', status: 'disabled' },
  ...{
    password: 'a password of many words',
    password_again: 'a password of many words',
    name: 'Eve',
    as: owner,
  },
  ...{ is_default: 'true', user_id: owner, membership_status: 'active', all: true, subdomain: 'walked' },
}

describe('an administrator and the owners', function () {
  this.timeout(120_000)
  let ctx: OpenedContext
  let tenant: SubscribedTenant
  let program: InProcess

  before(async () => {
    ctx = cheaply(reachedAt(await sharedContext(), null))
    tenant = await peopledTenant(ctx, 'walked')
    for (const [email, role] of [
      [second, 'owner'],
      [user, 'user'],
    ] as const)
      await member(ctx, tenant, email, role)
    await person(ctx, admin, [{ tenant: tenant.id, role: 'admin' }])
    await invited(ctx, 'walked', coming, { role: 'owner' })
    program = await inProcess((await sharedContext()).config.text('ERPMAX_HOME') ?? '', null)
  })
  after(() => program.end())

  /** Who owns the tenant, how they stand, by which password, and who is on the way to it. */
  const owners = (): Promise<unknown[]> =>
    rows(
      ctx.db,
      sql`select u.email, u.status, u.password_hash, m.status as place, r.code,
                 (select string_agg(i.status || ' ' || i.expires_at, ',' order by i.created_at) from public.invitations i
                  where i.tenant_id = m.tenant_id and i.user_id = u.id) as invitations
          from public.memberships m join public.users u on u.id = m.user_id join public.roles r on r.id = m.role_id
          where m.tenant_id = ${tenant.id} and (r.code = 'owner' or u.email = any(${[owner, second, coming]}))
          order by u.email`,
    )

  it('every command in which a member may act is tried here', () => {
    // Of a restore it is the name of the tenant.
    const acting = Object.keys(manifest).filter(
      (id) => 'as' in (manifest[id]?.flags ?? {}) && id !== 'backup:restore',
    )
    expect(Object.keys(attempts).sort()).to.deep.equal(acting.sort())
  })

  for (const [id, lines] of Object.entries(attempts))
    it(`${id.replaceAll(':', ' ')}: only an owner grants or touches owner`, async () => {
      const before = await owners()
      const { flags } = manifest[id] ?? { flags: {} }
      for (const line of lines)
        for (const form of [[], ...('dry-run' in flags ? [['--dry-run']] : [])]) {
          const sure = 'yes' in flags && form.length === 0 ? ['--yes'] : []
          const argv = [...line.split(' '), '--as', admin, ...sure, ...form, '--json']
          const { code, json } = await program.run(id, [...argv, '--no-input'])
          expect([code, json?.error?.code], argv.join(' ')).to.deep.equal([4, 'access.owner_only'])
        }
      expect(await owners()).to.deep.equal(before)
      expect(before).to.have.length(3)
    })

  it('no endpoint, page or path takes or gives ownership, whatever is sent to it', async () => {
    const seen: { method: string; url: string }[] = []
    const watched = routesOf({ api: true, erpnextCompat: true }).map(
      (routes): Routes =>
        async (scope, front) => {
          scope.addHook('onRoute', ({ method, url }) => {
            for (const one of [method].flat()) if (one !== 'HEAD') seen.push({ method: one, url })
          })
          await routes(scope, front)
        },
    )
    const app = await buildServer(ctx, { routes: watched, logger: false, trustProxy: true })
    const { access_token, refresh_token } = await signIn(ctx, admin)
    const { secret } = await invited(ctx, 'walked', 'plain@walked.test')
    const before = await owners()
    const statuses = new Set<number>()
    let caller = 1
    for (const { method, url } of seen) {
      // One wish at a time for those who refuse what they do not know, and all of them together.
      const bodies: object[] = [
        wishes,
        { refresh_token, ...wishes },
        ...Object.entries(wishes).map(([key, value]) => ({ [key]: value })),
      ]
      for (const body of bodies)
        for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
          const text = type.endsWith('json')
            ? JSON.stringify(body)
            : new URLSearchParams(body as Record<string, string>).toString()
          const answer = await app.inject({
            method: method as 'GET' | 'POST',
            url:
              url.replace(/:\w+/, secret) +
              (method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>).toString()}` : ''),
            remoteAddress: '127.0.0.1',
            headers: {
              ...{
                authorization: `Bearer ${access_token}`,
                'x-forwarded-for': `10.1.${caller >> 8}.${caller++ & 255}`,
              },
              ...{ cookie: `erpmax_invitation=${secret}` },
              ...(method === 'GET' ? {} : { 'content-type': type }),
            },
            ...(method === 'GET' ? {} : { payload: text }),
          })
          statuses.add(answer.statusCode)
          expect(answer.statusCode, `${method} ${url}`).to.be.below(500)
        }
    }
    await app.close()
    expect(await owners()).to.deep.equal(before)
    expect(seen.length).to.be.greaterThan(20)
    expect(statuses).to.include(200)
  })
})

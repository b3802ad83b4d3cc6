/** Many who change, invite, remove, sign in and let in the same few people at once: whoever wins, the rules hold. */
import { expect } from 'chai'
import { execute, rows, sql } from '../../src/database/sql.js'
import { translated } from '../../src/database/sql-errors.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { Secret } from '../../src/kernel/secret.js'
import { changeRole, transferOwnership } from '../../src/people/change-role.js'
import { followInErp } from '../../src/people/erp-follow.js'
import { acceptInvitation } from '../../src/people/invitations/accept.js'
import { resendInvitation, revokeInvitation } from '../../src/people/invitations/renew.js'
import { tokenIn } from '../../src/people/links.js'
import { removeMember } from '../../src/people/remove-member.js'
import { requestReset, setPassword } from '../../src/people/reset-password.js'
import { changePermissions, createRole, deleteRole } from '../../src/people/roles.js'
import { logout } from '../../src/people/sessions/logout.js'
import { refresh } from '../../src/people/sessions/refresh.js'
import { switchTenant } from '../../src/people/sessions/switch-tenant.js'
import { setUserStatus } from '../../src/people/set-status.js'
import { liftSuspension, suspendTenant } from '../../src/tenants/suspend.js'
import { inErp, invited, peopledTenant } from '../support/people.js'
import { times } from '../support/place.js'
import { cheaply, goodPassword, signIn } from '../support/sign-in.js'
import { sharedContext } from '../support/server.js'
import { issued, redeemed, siteOf, type SsoScene } from '../support/sso.js'
import type { OpenedContext } from '../../src/context.js'
import type { UserId } from '../../src/kernel/ids.js'
import type { SubscribedTenant } from '../support/tenants.js'

const subdomains = ['once-a', 'once-b']
const people = ['owner@once-a.test', 'owner@once-b.test', 'asha@once.test', 'ravi@once.test']
const roles = ['owner', 'admin', 'user', 'own']

function any<One>(list: readonly One[]): One {
  const [first] = list
  return list[Math.floor(Math.random() * list.length)] ?? (first as One)
}

/** One of the last few: what others may be at too. */
const late = (list: readonly string[]): string => any([...list.slice(-3), 'none'])

describe('people, many at once', () => {
  let ctx: OpenedContext
  let tenants: SubscribedTenant[]
  let keys: string[]
  const invitations: string[] = []
  const sessions: string[] = []
  const resets: string[] = []

  const place = (): { tenant: string; user: string; as: string | null } => ({
    ...{ tenant: any(subdomains), user: any(people), as: any([null, null, ...people]) },
  })
  const dryRun = false

  const deeds: Record<string, () => Promise<unknown>> = {
    async invite() {
      const { tenant, user, as } = place()
      invitations.push((await invited(ctx, tenant, user, { role: any(roles), as })).secret)
    },
    async resend() {
      const { invitation_url, token } = await resendInvitation(ctx, place())
      invitations.push(tokenIn(invitation_url ?? token ?? ''))
    },
    revoke: () => revokeInvitation(ctx, place()),
    accept: () =>
      acceptInvitation(ctx, {
        token: new Secret(late(invitations)),
        password: () => Promise.resolve(new Secret(goodPassword)),
        ...{ name: null, byPerson: true },
      }),
    role: () =>
      changeRole(ctx, { ...place(), role: any(roles), erpRole: any([undefined, 'MANAGER']), dryRun }),
    transfer: () => transferOwnership(ctx, { ...place(), from: null, dryRun }),
    remove: () => removeMember(ctx, { ...place(), dryRun }),
    status: () => setUserStatus(ctx, { ...place(), to: any(['active', 'disabled']), reason: null, dryRun }),
    async forget() {
      resets.push((await requestReset(ctx, { user: any(people), as: null })).token ?? '')
    },
    reset: () => setPassword(ctx, { token: new Secret(late(resets)), password: new Secret(goodPassword) }),
    async login() {
      const { refresh_token } = await signIn(ctx, any(people), { tenant: any([null, ...subdomains]) })
      sessions.push(refresh_token ?? '')
    },
    async refresh() {
      sessions.push((await refresh(ctx, late(sessions))).refresh_token ?? '')
    },
    async switch() {
      sessions.push((await switchTenant(ctx, late(sessions), any(subdomains))).refresh_token ?? '')
    },
    logout: () => logout(ctx, late(sessions), { all: any([true, false]) }),
    async sso() {
      const index = any([0, 1])
      const scene = {
        tenant: tenants[index],
        user: { email: any(people) },
        site: { origin: `https://${subdomains[index]}.example.test` },
      }
      await redeemed(ctx, { key: keys[index] ?? '' }, await issued(ctx, scene as SsoScene))
    },
    suspend: () =>
      suspendTenant(ctx, any(tenants), { cause: 'operator', reason: 'x', bill: true, dryRun } as never),
    resume: () => liftSuspension(ctx, any(tenants), { cause: 'operator', reason: null, dryRun } as never),
    define: () =>
      createRole(ctx, {
        ...{ role: 'own', tenant: any(subdomains), name: 'Own', description: '' },
        ...{ permissions: ['crm:read'], dryRun },
      }),
    permit: () =>
      changePermissions(ctx, {
        ...{ role: 'own', tenant: any(subdomains), permissions: ['crm:write'] },
        ...{ how: any(['grant', 'revoke'] as const), dryRun },
      }),
    undefine: () => deleteRole(ctx, { role: 'own', tenant: any(subdomains), dryRun }),
  }
  const often = ['invite', 'accept', 'accept', 'role', 'login', 'refresh', 'resume', 'resume', 'define']

  before(async () => {
    ctx = cheaply(await sharedContext())
    tenants = [await peopledTenant(ctx, 'once-a'), await peopledTenant(ctx, 'once-b')]
    await execute(
      ctx.db,
      sql`update public.memberships set is_default = true where tenant_id = any(${tenants.map(({ id }) => id)}::uuid[])`,
    )
    keys = []
    for (const tenant of tenants)
      keys.push((await siteOf(ctx, tenant, `https://${tenant.subdomain}.example.test`)).key)
  })

  it('nothing goes wrong but what the rules refuse, and they hold afterwards', async function () {
    this.timeout(300_000)
    const names = [...Object.keys(deeds), ...often]
    const outcomes = new Map<string, number>()
    async function somebody(): Promise<void> {
      for (let n = 0; n < times(15, 200); n++) {
        const name = any(names)
        const outcome = await deeds[name]?.().then(
          () => 'done',
          (thrown: unknown) => {
            const error = translated(thrown)
            const foreseen =
              error instanceof ErpmaxError &&
              ['usage', 'permission', 'not_found', 'conflict'].includes(error.kind)
            // A rule that only the database knew would be told by its state move.
            if (!foreseen || error.code.startsWith('state.')) throw error
            return 'refused'
          },
        )
        outcomes.set(`${name} ${outcome}`, (outcomes.get(`${name} ${outcome}`) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: 6 }, somebody))
    expect([...outcomes.keys()].filter((one) => one.endsWith('done'))).to.have.length.of.at.least(5)

    const wrong = await rows(
      ctx.db,
      sql`select 'no owner' as what, t.subdomain as of from public.tenants t
          where t.subdomain = any(${subdomains}::text[]) and not exists (
            select 1 from public.memberships m join public.users u on u.id = m.user_id and u.status = 'active'
            join public.roles r on r.id = m.role_id and r.is_built_in and r.code = 'owner'
            where m.tenant_id = t.id and m.status = 'active')
          union all
          select 'a session without a place', u.email from public.sessions s join public.users u on u.id = s.user_id
          where u.email = any(${people}::text[]) and s.status = 'active' and (u.status <> 'active' or not exists (
            select 1 from public.memberships m
            where m.user_id = s.user_id and m.tenant_id = s.tenant_id and m.status = 'active'))
          union all
          select 'not one default', u.email from public.users u join public.memberships m on m.user_id = u.id and m.status = 'active'
          where u.email = any(${people}::text[]) group by u.email having count(*) filter (where m.is_default) <> 1
          union all
          select 'an invitation to nowhere', u.email from public.invitations i join public.users u on u.id = i.user_id
          where u.email = any(${people}::text[]) and i.status = 'pending' and not exists (
            select 1 from public.memberships m where m.user_id = i.user_id and m.tenant_id = i.tenant_id
              and m.status <> 'removed' and m.role_id = i.role_id)`,
    )
    expect(wrong).to.deep.equal([])
    for (const tenant of tenants)
      for (const { id, email } of await rows<{ id: UserId; email: string }>(
        ctx.db,
        sql`select id, email from public.users where email = any(${people}::text[])`,
      )) {
        const told = await inErp(ctx, tenant, email)
        await followInErp(ctx, tenant.id, id)
        expect(told, `${email} in the ERP of ${tenant.subdomain}`).to.equal(await inErp(ctx, tenant, email))
      }
  })
})

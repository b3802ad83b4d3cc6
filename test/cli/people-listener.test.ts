/** Sessions, keys and single sign-on at a running `webhook listen`, while commands of other processes change what counts. */
import { expect } from 'chai'
import { runListener, type RunningListener } from '../support/listener.js'
import { Place, times } from '../support/place.js'
import { Screen, tmuxIsThere } from '../support/screen.js'
import { openThrowAway } from '../support/server.js'
import { cheaply, goodPassword, person } from '../support/sign-in.js'
import { issued, ssoScene, type SsoScene } from '../support/sso.js'
import type { OpenedContext } from '../../src/context.js'
import type { Ran } from '../support/cli.js'

interface Answer {
  status: number
  // The shape is each endpoint's own: a test reads the part it is about.
  body: any // eslint-disable-line @typescript-eslint/no-explicit-any
}

describe('people at a running listener', function () {
  this.timeout(240_000)
  const place = new Place()
  const env = { ERPMAX_BCRYPT_COST: '4' }
  let ctx: OpenedContext
  let acme: SsoScene
  let other: SsoScene
  let listener: RunningListener
  let asker = 0

  before(async () => {
    ctx = await openThrowAway(place.home)
    acme = await ssoScene(ctx, 'acme')
    other = await ssoScene(ctx, 'globex')
    for (const name of ['asha', 'ravi', 'mina'])
      await person(cheaply(ctx), `${name}@acme.test`, [{ tenant: acme.tenant.id, isDefault: true }])
    listener = await runListener({ ERPMAX_HOME: place.home, ...env }, [
      '--with-api',
      '--erpnext-compat',
      '--trust-proxy',
    ])
  })
  after(async () => {
    await listener?.end('SIGTERM')
    await ctx?.close()
    await place.remove()
  })

  const run = (line: string, stdin?: string, more: Record<string, string> = {}): Promise<Ran> =>
    place.run([...line.split(' '), '--json'], {
      env: { ...env, ...more },
      ...(stdin === undefined ? {} : { stdin }),
    })
  const ran = async (...[line, stdin, more]: Parameters<typeof run>): Promise<NonNullable<Ran['json']>> => {
    const { code, json, stdout, stderr } = await run(line, stdin, more)
    expect(code, `${line}\n${stdout}${stderr}`).to.equal(0)
    return json as NonNullable<Ran['json']>
  }
  /** Each request by another address, so that no limit is met by so many. */
  async function ask(
    path: string,
    body: object | null,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    asker += 1
    const answer = await fetch(listener.url + path, {
      method: body ? 'POST' : 'GET',
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        'x-forwarded-for': `203.0.${asker >> 8}.${asker & 255}`,
        ...headers,
      },
    })
    return { status: answer.status, body: await answer.json() }
  }
  const login = async (
    email = 'asha@acme.test',
  ): Promise<{ access_token: string; refresh_token: string }> => {
    const { status, body } = await ask('/api/v1/auth/login', { email, password: goodPassword })
    expect(status, JSON.stringify(body)).to.equal(200)
    return body.data
  }
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
  const me = (token: string): Promise<Answer> => ask('/api/v1/auth/me', null, bearer(token))
  const redeem = (token: string, key = acme.key): Promise<Answer> =>
    ask('/sso/redeem', { token }, { 'x-site-key': key })
  const outcome = ({ status, body }: Answer): string => `${status} ${body.error?.code ?? 'ok'}`
  const kidOf = (token: string): string =>
    (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid
  const kids = async (): Promise<string[]> =>
    ((await ask('/.well-known/jwks.json', null)).body.keys as { kid: string }[]).map(({ kid }) => kid)

  it('one of many who redeem a token at the same moment is let in', async () => {
    const token = await issued(ctx, acme)
    const count = times(200, 1000)
    const answers = await Promise.all(Array.from({ length: count }, () => redeem(token)))
    const outcomes = answers.map(outcome)
    expect(outcomes.filter((one) => one === '200 ok')).to.have.length(1)
    const used = outcomes.filter((one) => one === '410 sso.token_used').length
    expect(used).to.be.greaterThan(0)
    // Who waits for a connection longer than it is worth is told to come again, and has used nothing up.
    const busy = outcomes.filter((one) => one === '503 database.unreachable').length
    expect(used + busy + 1).to.equal(count)
    const [{ told } = { told: {} }] = await place.query<{ told: Record<string, number> }>(
      `select jsonb_object_agg(what, n) as told from (
         select coalesce(error_code, outcome) as what, count(*)::int as n from public.audit_log
         where action = 'sso_token.redeem' group by 1) counted`,
    )
    expect(told).to.deep.equal({ succeeded: 1, 'sso.token_used': used })
  })

  it('a token of 61 seconds, of another site, of somebody shut out meanwhile lets nobody in', async () => {
    const ago = (seconds: number): Record<string, string> => ({
      ERPMAX_NOW: new Date(Date.now() - seconds * 1000).toISOString(),
    })
    const line = `sso-token issue --tenant acme --user mina@acme.test --site ${acme.site.origin} --reason ticket`
    const late = (await ran(line, undefined, ago(61))).data.token
    expect(outcome(await redeem(late))).to.equal('410 sso.token_expired')
    const token = (await ran(line, undefined, ago(20))).data.token
    expect(outcome(await redeem(token, other.key))).to.equal('404 sso.token_unknown')
    expect(outcome(await redeem(token, 'erpsite_x'))).to.equal('401 sso.key_unknown')
    const waiting: [string, string][] = [
      ['user disable mina@acme.test --yes', 'user enable mina@acme.test'],
      ['user remove acme mina@acme.test --yes', ''],
    ]
    for (const [shut, open] of waiting) {
      const issuedNow = (await ran(line)).data.token
      await ran(shut)
      expect(outcome(await redeem(issuedNow)), shut).to.equal('410 sso.token_revoked')
      const refused = await run(line)
      expect([refused.code, refused.json?.error?.code], shut).to.be.deep.oneOf([
        [6, 'user.not_active'],
        [6, 'membership.not_active'],
      ])
      if (open) await ran(open)
    }
    const codes = await place.query<{ code: string }>(
      `select distinct error_code as code from public.audit_log
       where action = 'sso_token.redeem' and outcome = 'refused' and error_code <> 'sso.token_used' order by 1`,
    )
    expect(codes.map(({ code }) => code)).to.deep.equal([
      ...['sso.key_unknown', 'sso.token_expired', 'sso.token_revoked', 'sso.wrong_site'],
    ])
  })

  it('signs with the key of a rotation at once, and takes what the one before has signed', async () => {
    const before = await login()
    const { data } = await ran('token key rotate')
    expect(data.retired).to.have.length(1)
    expect(outcome(await me(before.access_token))).to.equal('200 ok')
    const after = await login()
    expect(kidOf(after.access_token)).not.to.equal(kidOf(before.access_token))
    expect(await kids()).to.have.members([kidOf(after.access_token), kidOf(before.access_token)])
    expect((await run('token verify --token-stdin', after.access_token)).code).to.equal(0)
    const next = await ask('/api/v1/auth/refresh', { refresh_token: before.refresh_token })
    expect(kidOf(next.body.data.access_token)).to.equal(kidOf(after.access_token))
    // Once the last token of the old key is over, so is the key.
    await place.query(
      `update public.signing_keys set verify_until = now() - interval '1 second' where kid = $1`,
      [kidOf(before.access_token)],
    )
    expect(outcome(await me(before.access_token))).to.equal('401 token.signature_invalid')
    expect(await kids()).to.deep.equal([kidOf(after.access_token)])
  })

  it('takes no token of a session that a command has ended', async () => {
    for (const end of [
      'auth logout --token-stdin',
      'auth logout --all --token-stdin',
      'token revoke --token-stdin',
    ]) {
      const { access_token, refresh_token } = await login()
      expect(outcome(await me(access_token))).to.equal('200 ok')
      await ran(end, end.startsWith('token') ? refresh_token : access_token)
      expect(outcome(await me(access_token)), end).to.equal('401 token.session_ended')
      expect(outcome(await ask('/api/v1/auth/refresh', { refresh_token })), end).to.equal(
        '401 token.session_ended',
      )
    }
    const { access_token, refresh_token } = await login('ravi@acme.test')
    await ran('user disable ravi@acme.test --yes')
    expect((await me(access_token)).status).to.be.oneOf([401, 403])
    expect((await ask('/api/v1/auth/refresh', { refresh_token })).status).to.be.oneOf([401, 403])
    await ran('user enable ravi@acme.test')
    expect(outcome(await me(access_token))).to.equal('401 token.session_ended')
  })

  it('an API key is of its tenant, its scopes and its days, and no session', async () => {
    const made = (await ran('api-key create acme --name sync --scope finance:read --expires 2030-01-01')).data
    const verify = async (tenant: string, now = '2029-12-31T12:00:00Z'): Promise<unknown[]> => {
      const { code, json } = await run(`token verify --tenant ${tenant} --token-stdin`, made.token, {
        ERPMAX_NOW: now,
      })
      return [code, json?.data.token.reason, json?.data.token.scopes]
    }
    expect(await verify('acme')).to.deep.equal([0, null, ['finance:read']])
    expect((await verify('globex')).slice(0, 2)).to.deep.equal([4, 'token.tenant_wrong'])
    expect((await verify('acme', '2030-01-02T12:00:00Z')).slice(0, 2)).to.deep.equal([4, 'token.expired'])
    for (const path of ['/api/v1/auth/me', '/api/v1/tenants'])
      expect((await ask(path, null, bearer(made.token))).status, path).to.equal(401)
  })

  it('a person logs in at a terminal, and what they type does not show', async function () {
    if (!tmuxIsThere()) {
      console.warn('      no tmux on this machine: the prompt is not tried')
      return this.skip()
    }
    const settings = { ERPMAX_HOME: place.home, ERPMAX_ENV: 'test', ERPMAX_PG_IDLE: '0', ...env }
    const screen = new Screen('auth login asha@acme.test', { columns: 80, rows: 24, env: settings })
    try {
      await screen.answer('Password', goodPassword)
      expect(await screen.exitCode()).to.equal(0)
      const text = screen.text()
      expect(text).not.to.include(goodPassword)
      expect(text).to.include('eyJ')
    } finally {
      screen.close()
    }
  })
})

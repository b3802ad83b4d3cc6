/** Sessions on the built program: what scripts rely on, and that no secret is where others could read it. */
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { Place } from '../support/place.js'
import { openThrowAway, throwAwayFolder } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import { cheaply, goodPassword, person } from '../support/sign-in.js'
import type { Ran } from '../support/cli.js'

const place = new Place(throwAwayFolder())
const env = { ERPMAX_BCRYPT_COST: '4' }
const email = 'asha@acme.test'

function run(line: string, stdin?: string, more: Record<string, string> = {}): Promise<Ran> {
  return place.here(line.split(' '), { env: { ...env, ...more }, ...(stdin === undefined ? {} : { stdin }) })
}

/** What everybody, and the same user, can read of a process while it runs; where there is no /proc: nothing. */
function visible(pid: number | undefined): string {
  return ['cmdline', 'environ']
    .map((file) => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8')
      } catch {
        return ''
      }
    })
    .join('\n')
}

describe('sessions on the command line', () => {
  before(async () => {
    const ctx = await openThrowAway(place.home)
    const { id } = await subscribedTenant(ctx, 'acme')
    const { id: other } = await subscribedTenant(ctx, 'globex')
    await person(cheaply(ctx), email, [{ tenant: id, isDefault: true }, { tenant: other }])
    await ctx.close()
  })
  after(() => place.remove())

  it('lead from login to logout, every token by stdin', async () => {
    const login = await run(`auth login ${email} --password-stdin --json`, `${goodPassword}\n`)
    expect(login.code, login.stdout).to.equal(0)
    const { access_token, refresh_token } = login.json?.data
    const who = await run('auth whoami --token-stdin --json', access_token)
    expect(who.json?.data.tenant.subdomain).to.equal('acme')
    const valid = await run('token verify --tenant acme --token-stdin --json', `  ${access_token}\n`)
    expect(valid.code).to.equal(0)
    const elsewhere = await run('token verify --tenant globex --token-stdin --json', access_token)
    expect([elsewhere.code, elsewhere.json?.ok, elsewhere.json?.data.token.reason]).to.deep.equal([
      ...[4, true, 'token.tenant_wrong'],
    ])
    const there = await run('auth switch globex --token-stdin --json', refresh_token)
    expect(there.json?.data.tenant.subdomain).to.equal('globex')
    const next = await run('auth refresh --token-stdin --json', there.json?.data.refresh_token)
    expect(next.json?.data.tenant.subdomain).to.equal('globex')
    const left = await run('auth logout --token-stdin --json', next.json?.data.access_token)
    expect(left.json?.data.ended).to.equal(1)
    const again = await run('auth logout --token-stdin', next.json?.data.access_token)
    expect(again.code).to.equal(0)
    const reused = await run('auth refresh --token-stdin --json', refresh_token)
    expect([reused.code, reused.json?.error?.code]).to.deep.equal([4, 'token.session_ended'])
  })

  it('a token lives to the second, and a week later the session is over', async () => {
    const at = { ERPMAX_NOW: '2026-03-02T12:00:00Z' }
    const { json } = await run(`auth login ${email} --password-stdin --json`, goodPassword, at)
    const verify = async (token: string, now: string): Promise<string> =>
      (await run('token verify --token-stdin --json', token, { ERPMAX_NOW: now })).json?.data.token.reason
    const { access_token, refresh_token } = json?.data
    expect(await verify(access_token, '2026-03-02T12:29:59Z')).to.equal(null)
    expect(await verify(access_token, '2026-03-02T12:30:01Z')).to.equal('token.expired')
    expect(await verify(refresh_token, '2026-03-09T11:59:59Z')).to.equal(null)
    expect(await verify(refresh_token, '2026-03-09T12:00:00Z')).to.equal('token.expired')
  })

  it('a rotated key goes on verifying', async () => {
    const { json } = await run(`auth login ${email} --password-stdin --json`, goodPassword)
    const rotated = await run('token key rotate --json')
    expect(rotated.json?.data.retired).to.have.length(1)
    expect((await run('token verify --token-stdin --json', json?.data.access_token)).code).to.equal(0)
    const keys = await run('token key list --json')
    expect(keys.json?.data.items.map(({ state }: { state: string }) => state)).to.deep.equal([
      'active',
      'verifying',
    ])
  })

  it('API keys: exit 6 for a name that is taken, 2 for an unknown scope, 0 for a second revocation', async () => {
    const made = await run('api-key create acme --name sync --scope finance:read,crm:read --json')
    expect(made.json?.data.key.scopes).to.deep.equal(['crm:read', 'finance:read'])
    const codes = []
    for (const line of [
      'api-key create acme --name sync --scope finance:read',
      'api-key create acme --name x --scope finance:fly',
      'api-key create nobody --name x --scope finance:read',
      `api-key revoke ${made.json?.data.key.prefix}`,
      `api-key revoke ${made.json?.data.key.prefix}`,
      'api-key revoke erpmax_00000000',
    ])
      codes.push((await run(line)).code)
    expect(codes).to.deep.equal([6, 2, 5, 0, 0, 5])
    const verified = await run('token verify --token-stdin --json', made.json?.data.token)
    expect([verified.code, verified.json?.data.token.reason]).to.deep.equal([4, 'token.revoked'])
  })

  it('a key or a password that is typed for a name is in no audit row and no error; the key is revoked', async () => {
    const token = (await run('api-key create acme --name leaked --scope finance:read --json')).json?.data
      .token as string
    const typed = ['erpsite_VwknZu_0123456789abcdef', 'Secret123!secret']
    const ran = [
      await run(`api-key revoke ${token} --json`),
      await run(`sso-site rotate ${typed[0]} --json`),
      await run(`user reset-password ${typed[1]} --json`),
    ]
    expect(ran.map(({ code }) => code)).to.deep.equal([0, 2, 2])
    const rows = await place.query(
      `select action, subject, outcome, before, after from public.audit_log order by id desc limit 20`,
    )
    const text = JSON.stringify([rows, ran[0], ran[1]])
    expect(text).to.include('"subject":"unknown"')
    for (const secret of [token.slice(16), 'Zu_0123456789', typed[1]]) expect(text).not.to.include(secret)
  })

  it('neither password nor token is in output, log, environment or a list of processes', async () => {
    const password = 'quite another password'
    let seen = ''
    const wrong = await place.run(['auth', 'login', email, '--password-stdin', '--debug'], {
      env,
      stdin: password,
      onStart: (child) => {
        const look = setInterval(() => (seen += visible(child.pid)), 20)
        child.on('exit', () => clearInterval(look))
      },
    })
    expect(wrong.code).to.equal(4)
    if (existsSync('/proc/self/cmdline')) expect(seen).to.include('--password-stdin')
    const { json } = await run(`auth login ${email} --password-stdin --json`, goodPassword)
    const { access_token, refresh_token } = json?.data
    const failed = await run('auth switch nowhere --token-stdin --debug', refresh_token)
    const bad = await run('auth whoami --token-stdin --debug --json', `${access_token}x`)
    const log = readFileSync(place.serverLog, 'utf8')
    const { content } = (
      await place.query<{ content: string }>(
        `select string_agg(a::text, ' ') as content from public.audit_log a`,
      )
    )[0] ?? { content: '' }
    const told = [wrong, failed, bad].map(({ stdout, stderr }) => stdout + stderr)
    for (const secret of [password, goodPassword, access_token, refresh_token])
      for (const text of [...told, seen, log, content]) expect(text.includes(secret)).to.equal(false)
  })

  it('without a terminal a missing secret is told at once', async () => {
    for (const line of [`auth login ${email}`, 'auth refresh', 'auth whoami', 'token revoke']) {
      const { code, json } = await run(`${line} --json`)
      expect([code, json?.error?.code], line).to.deep.equal([2, 'usage.missing'])
    }
    const { code, json } = await run(`auth login ${email} --password-stdin --json`, '')
    expect([code, json?.error?.code]).to.deep.equal([2, 'usage.secret_empty'])
  })
})

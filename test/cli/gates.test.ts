/** Flags, usage and credentials on the built program: what scripts rely on, and what a tenant that may not work is told. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { packageRoot } from '../../src/kernel/package-root.js'
import { controlPlane } from '../support/dump.js'
import { Place } from '../support/place.js'
import type { TenantAction } from '../../src/subscriptions/gate.js'
import type { Ran } from '../support/cli.js'

/**
 * Every command about a tenant, and the gate it passes. `own`: its rule is its own and checked under a lock, since it
 * is what moves the tenant from state to state.
 */
const gates: Record<string, TenantAction | 'own'> = {
  'feature list': 'show',
  'feature set': 'work',
  'feature unset': 'work',
  'schema drop': 'drop',
  'schema provision': 'repair',
  'schema verify': 'show',
  'tenant credentials': 'work',
  'tenant show': 'show',
  'usage check': 'show',
  'usage record': 'work',
  'usage show': 'show',
  // Of the parts of this program that are built beside this one.
  'backup create': 'export',
  'backup list': 'show',
  'module check': 'show',
  'module price list': 'show',
  'module quote': 'subscribe',
  'module subscribe': 'subscribe',
  'module unsubscribe': 'subscribe',
  'module usage': 'show',
  'schema repair': 'repair',
  'subscription apply': 'own',
  'subscription cancel': 'subscribe',
  'subscription change': 'subscribe',
  'subscription extend-trial': 'subscribe',
  'subscription history': 'show',
  'subscription resume': 'subscribe',
  'subscription show': 'show',
  'subscription start': 'subscribe',
  'subscription withdraw': 'subscribe',
  'tenant archive': 'own',
  'tenant delete': 'own',
  'tenant history': 'show',
  'tenant reconcile': 'show',
  'tenant resume': 'own',
  'tenant suspend': 'own',
  'tenant unarchive': 'own',
  'tenant update': 'update',
  'billing parked release': 'pay',
  'billing parked retry': 'pay',
  'invoice generate': 'own',
  'invoice preview': 'show',
  'payment list': 'show',
  'sso-site add': 'work',
  'sso-site list': 'show',
  'sso-token issue': 'sign_in',
  'sso-token list': 'show',
  statement: 'show',
  'api-key create': 'work',
  'api-key list': 'show',
  'access check': 'show',
  'user invitations list': 'show',
  'user invitations resend': 'sign_in',
  'user invitations revoke': 'sign_in',
  'user invite': 'sign_in',
  'user list': 'show',
  'user remove': 'sign_in',
  'user role': 'sign_in',
  'user transfer-ownership': 'sign_in',
  // Leaving is possible in every state.
  'auth logout': 'own',
  'auth switch': 'sign_in',
}

/** With the arguments after the tenant: those of this file that a tenant must be able to work for. */
const working: string[][] = [
  ['feature set', 'beta'],
  ['feature unset', 'beta'],
  ['tenant credentials', '--rotate'],
  ['usage record', '--metric', 'api_calls', '--quantity', '1', '--key', 'k'],
  ['api-key create', '--name', 'late', '--scope', 'crm:read'],
]
const showing = ['feature list', 'usage show', 'tenant show']

describe('gates on the built program', () => {
  const place = new Place()
  const run = (command: string, ...rest: string[]): Promise<Ran> =>
    place.here([...command.split(' '), ...rest, '--json'])
  let url = ''

  async function signIn(): Promise<{ people: number } | string> {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 5000,
      query_timeout: 20_000,
    })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query<{ people: number }>('select count(*)::int as people from users')
      return rows[0] ?? 'no row'
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    } finally {
      await client.end().catch(() => {})
    }
  }

  before(async () => {
    const made = await place.create('acme')
    expect(made.code, made.stdout).to.equal(0)
    await place.query(`alter role erpmax set log_statement = 'all'`)
    for (const name of ['globex', 'initech']) {
      await place.query(
        `with tenant as (
           insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
           values ($1, 'provisioning', 'N', 'N', 'US', 'a@b.test', 'UTC', 'USD', 'en') returning id)
         insert into public.tenant_placements (tenant_id, server_id, schema_name)
         select tenant.id, s.id, 'tenant_' || $1 from tenant, public.database_servers s`,
        [name],
      )
      await place.query(`update public.tenants set status = 'active' where subdomain = $1`, [name])
    }
  })
  after(() => place.remove())

  it('every command about a tenant is known to pass a gate', () => {
    const { commands } = JSON.parse(
      readFileSync(path.join(packageRoot(), 'oclif.manifest.json'), 'utf8'),
    ) as {
      commands: Record<string, { args: Record<string, unknown>; flags: Record<string, unknown> }>
    }
    const about = Object.entries(commands)
      .filter(([, { args, flags }]) => 'tenant' in args || 'all' in flags)
      .map(([name]) => name.replaceAll(':', ' '))
    expect(about.filter((name) => !(name in gates))).to.deep.equal([])
  })

  it('credentials are shown once and open the schema; the password is nowhere else', async () => {
    const first = await run('tenant credentials', 'acme')
    expect(first.code, first.stdout + first.stderr).to.equal(0)
    const { created, credentials } = first.json?.data ?? {}
    expect(created).to.equal(true)
    expect(credentials).to.include({
      port: 5432,
      database: 'erpmax',
      user: 'tenant_acme',
      search_path: 'tenant_acme',
    })
    url = String(credentials.url)
    expect(await signIn()).to.deep.equal({ people: 1 })
    const second = await run('tenant credentials', 'acme')
    expect(second.code).to.equal(0)
    expect(second.json?.data).to.deep.include({ created: false, rotated: false, dry_run: false })
    expect(second.json?.data.credentials.password).to.equal(null)
    const password = String(credentials.password)
    expect(password).to.have.length(32)
    const log = readFileSync(place.serverLog, 'utf8')
    expect(log).to.include('SCRAM-SHA-256$4096:')
    expect([...(await controlPlane(place))].join('\n') + log + second.stdout).not.to.include(password)
    await place.query('alter role erpmax reset log_statement')
  })

  it('rights that were lost come back with schema provision', async () => {
    await place.query('revoke all on all tables in schema tenant_acme from tenant_acme')
    expect(await signIn()).to.equal('42501')
    const built = await run('schema provision', 'acme')
    expect(built.code, built.stdout).to.equal(0)
    expect(await signIn()).to.deep.equal({ people: 1 })
  })

  it('--dry-run writes nothing', async () => {
    await run('feature set', 'acme', 'kept')
    const before = [...(await controlPlane(place))].sort()
    for (const [command = '', ...rest] of [
      ...working.filter(([command]) => command !== 'api-key create'),
      ['feature set', 'fresh', '--module', 'crm', '--config', '{"a": 1}'],
      ['feature unset', 'kept'],
    ]) {
      const ran = await run(command, 'acme', ...rest, '--dry-run')
      expect(ran.code, `${command} ${ran.stdout}`).to.equal(0)
      expect(JSON.stringify(ran.json?.data), command).to.include('"dry_run":true')
    }
    const lines = '{"tenant":"acme","metric":"users","quantity":1,"key":"dry"}\n'
    const piped = await place.run(['usage', 'record', '--from-file', '-', '-n', '--json'], { stdin: lines })
    expect(piped.json?.data, piped.stdout).to.include({ recorded: 1, dry_run: true })
    expect([...(await controlPlane(place))].sort()).to.deep.equal(before)
    expect(await signIn()).to.deep.equal({ people: 1 })
  })

  it('flags of many are confirmed by their number, and one that fails is told', async () => {
    const unconfirmed = await run('feature set', 'beta', '--all')
    expect(unconfirmed.code, unconfirmed.stdout).to.equal(2)
    expect(unconfirmed.json?.error).to.deep.include({
      code: 'usage.confirmation_missing',
      details: { count: 3 },
    })
    const all = await run('feature set', 'beta', '--all', '--confirm', '3')
    expect(all.code, all.stdout).to.equal(0)
    expect(all.json?.data).to.include({ succeeded: 3, failed: 0 })
    const chosen = ['--module', 'crm', '--tenant', 'acme', '--tenant', 'globex']
    const some = await run('feature set', ...chosen, 'dialer', '--yes')
    expect(some.code, some.stdout).to.equal(0)
    expect(some.json?.data.items.map(({ tenant }: { tenant: string }) => tenant)).to.deep.equal(['acme'])
    await place.query(`update public.tenants set status = 'archived' where subdomain = 'initech'`)
    const partial = await run('feature unset', 'beta', '--all', '--yes')
    expect(partial.code, partial.stdout).to.equal(3)
    expect(partial.json?.data).to.include({ succeeded: 2, failed: 1 })
    const listed = await run('feature list', 'acme')
    expect(listed.json?.data.items.map(({ flag }: { flag: string }) => flag)).to.deep.equal([
      'kept',
      'dialer',
    ])
  })

  it('usage from a file is recorded once, by two processes at the same time too', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => `api_calls,${index},k${index}`)
    const stdin = ['metric,quantity,key', ...lines, 'api_calls,x,wrong'].join('\n')
    const record = (): Promise<Ran> => place.run(['usage', 'record', 'acme', '-f', '-', '--json'], { stdin })
    const both = await Promise.all([record(), record()])
    expect(both.map(({ code }) => code)).to.deep.equal([3, 3])
    const sum = (key: string): number => both.reduce((total, ran) => total + Number(ran.json?.data[key]), 0)
    expect([sum('recorded'), sum('already_recorded'), sum('failed')]).to.deep.equal([300, 300, 2])
    const shown = await run('usage show', 'acme')
    expect(shown.json?.data.usage.metrics[2]).to.include({
      metric: 'api_calls',
      used: 44_850,
      limit: 100_000,
    })
    expect((await run('usage check', 'acme', '--metric', 'api_calls', '--add', '55150')).code).to.equal(0)
    const over = await run('usage check', 'acme', '--metric', 'api_calls', '--add', '55151')
    expect(over.code).to.equal(4)
    expect(over.json?.data.check).to.include({ allowed: false, reason: 'over_limit' })
    const reused = await run(
      'usage record',
      'acme',
      '--metric',
      'api_calls',
      '--quantity',
      '8',
      '--key',
      'k7',
    )
    expect(reused.code).to.equal(6)
    expect(reused.json?.error?.code).to.equal('usage.key_reused')
  })

  it('a tenant that may not work is refused with the reason, and shown all the same', async () => {
    for (const status of ['suspended', 'archived']) {
      const cause = status === 'suspended' ? 'billing' : null
      await place.query(
        `update public.tenants set status = $1, suspension_cause = $2 where subdomain = 'acme'`,
        [status, cause],
      )
      for (const [command = '', ...rest] of [...working, ['schema provision'], ['schema repair']]) {
        expect(gates[command]).to.be.oneOf(['work', 'repair'])
        const ran = await run(command, 'acme', ...rest)
        expect(ran.code, `${command} ${ran.stdout}`).to.equal(6)
        expect(ran.json?.error?.code, command).to.equal(`tenant.${status}`)
        expect(ran.json?.error?.details).to.include({ status, cause })
      }
      for (const command of showing) expect((await run(command, 'acme')).code, command).to.equal(0)
      const check = await run('usage check', 'acme')
      expect(check.code).to.equal(4)
      expect(check.json?.data.check.reason).to.equal(`tenant_${status}`)
    }
    const refused = await place.query<{ told: string }>(
      `select distinct action || ' ' || error_code as told from public.audit_log
       where outcome = 'refused' and error_code in ('tenant.suspended', 'tenant.archived') order by 1`,
    )
    const codes = ['tenant.archived', 'tenant.suspended']
    expect(refused.map(({ told }) => told)).to.deep.equal(
      [
        'api_key.create',
        'feature.set',
        'feature.unset',
        'schema.provision',
        'schema.repair',
        'tenant.credentials',
        'usage.record',
      ].flatMap((action) => codes.map((code) => `${action} ${code}`)),
    )
  })
})

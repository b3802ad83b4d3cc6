/** What `tenant create` promises a script: one JSON document, exit codes, nothing written where it refuses, no secret left behind. */
import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import bcrypt from 'bcryptjs'
import { expect } from 'chai'
import { events } from '../support/cli.js'
import { controlPlane, missing } from '../support/dump.js'
import { expectNothing, expectWhole, find, Place } from '../support/place.js'

interface Audited {
  action: string
  subject: string
  outcome: string
  error_code: string | null
  operator: string
  os_user: string
  host: string
}

describe('tenant create', () => {
  const place = new Place()
  /** Everything that must show up nowhere in the database or in the server's log. */
  const secrets: string[] = []
  const globex = [
    ...['tenant', 'create', 'globex', '--name', 'Globex', '--admin-email', 'a@globex.test'],
    ...['--modules', 'finance,crm,procurement', '--tier', 'STARTER', '--json'],
  ]

  after(() => place.remove())

  it('makes a working tenant from nothing, without a terminal', async () => {
    const ran = await place.run(globex, { env: { ERPMAX_OPERATOR: 'olga' } })
    expect(ran.code, ran.stdout + ran.stderr).to.equal(0)
    expect(ran.stderr).to.equal('')
    const { ok, data } = ran.json ?? { ok: false, data: {} }
    expect(ok).to.equal(true)
    expect(data.created).to.equal(true)
    expect(data.tenant.status).to.equal('active')
    expect(data.schema.table_count).to.equal(237)
    expect(data.schema.duration_ms).to.be.greaterThan(0)
    expect(data.subscription.items.map(({ code }: { code: string }) => code)).to.include.members([
      ...['STARTER', 'finance', 'crm', 'procurement'],
    ])
    secrets.push(data.access_token as string, (data.invitation_url as string).split('/').at(-1) ?? '')
  })

  it('hands out an ES256 token of 30 minutes that the key in the home verifies', () => {
    const [head = '', body = '', signature = ''] = secrets[0]?.split('.') ?? []
    const decoded = (part: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
    const key = createPublicKey(readFileSync(path.join(place.home, 'keys', 'jwt.pem')))
    const good = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    expect(good, 'the signature').to.equal(true)
    expect(decoded(head)).to.deep.include({
      alg: 'ES256',
      typ: 'JWT',
      kid: thumbprint(key.export({ format: 'jwk' })),
    })
    const { iat, exp, tenant, role } = decoded(body)
    expect({ tenant, role }).to.deep.equal({ tenant: 'globex', role: 'owner' })
    expect(Number(exp) - Number(iat)).to.equal(30 * 60)
    expect(Math.abs(Number(iat) - Date.now() / 1000)).to.be.lessThan(120)
  })

  it('the second time refuses, or with --if-not-exists succeeds without a token', async () => {
    const again = await place.run(globex)
    expect(again.code, again.stdout).to.equal(6)
    expect(again.json?.error?.code).to.equal('tenant.subdomain_taken')
    const there = await place.run([...globex, '--if-not-exists'])
    expect(there.code, there.stdout).to.equal(0)
    expect(there.json?.data).to.include({ created: false, access_token: null, invitation_url: null })
    expect(there.json?.data.schema.table_count).to.equal(237)
  })

  const names = [
    'www',
    'pg_x',
    'pg-x',
    'a'.repeat(57),
    'Ünïcode',
    'jane_doe',
    `a'; drop schema public cascade;--`,
  ]
  for (const name of names) {
    it(`refuses the name ${name.slice(0, 30)} and writes nothing`, async () => {
      const before = await controlPlane(place, ['audit_log'])
      const ran = await place.create(name)
      expect(ran.code, ran.stdout).to.equal(2)
      expect(ran.json?.error?.code).to.be.oneOf(['tenant.subdomain_reserved', 'tenant.subdomain_malformed'])
      expect([...(await controlPlane(place, ['audit_log']))].sort()).to.deep.equal([...before].sort())
    })
  }

  it('refuses a missing answer at once, naming the flag', async () => {
    const ran = await place.run(['tenant', 'create', 'acme', '--name', 'Acme', '--json'], { seconds: 20 })
    expect(ran.code, ran.stdout).to.equal(2)
    expect(ran.json?.error?.message).to.include('--admin-email')
  })

  it('invites somebody who has an account already, and issues no token for them', async () => {
    const ran = await place.run([
      ...['tenant', 'create', 'initech', '--name', 'Initech', '--admin-email', 'a@globex.test', '--json'],
    ])
    expect(ran.code, ran.stdout).to.equal(0)
    expect(ran.json?.data).to.include({ access_token: null, access_token_expires_at: null })
    expect(ran.json?.data.admin.membership_status).to.equal('invited')
    expect(ran.json?.warnings?.map(({ code }) => code)).to.include('user.exists')
    expect(await place.query(`select 1 from public.users where email = 'a@globex.test'`)).to.have.length(1)
    secrets.push((ran.json?.data.invitation_url as string).split('/').at(-1) ?? '')
  })

  it('tells each of the 237 tables under --ndjson', async () => {
    const ran = await place.create('streamed', { args: ['--ndjson'] })
    const all = events(ran)
    const done = all.filter(({ event }) => event === 'progress').map((event) => event.done)
    expect(done).to.deep.equal(Array.from({ length: 237 }, (_, index) => index + 1))
    expect(all.at(-1)).to.include({ event: 'result', ok: true })
    secrets.push((all.at(-1) as { data: { access_token: string } }).data.access_token)
  })

  it('sets the password it reads from stdin', async () => {
    const password = 'correct horse battery stäple'
    const ran = await place.create('locked', { args: ['--json', '--password-stdin'], stdin: `${password}\n` })
    expect(ran.code, ran.stdout).to.equal(0)
    expect(ran.json?.data.invitation_url).to.equal(null)
    expect(ran.stdout + ran.stderr).not.to.include(password)
    const [user] = await place.query<{ password_hash: string }>(
      `select password_hash from public.users where email = 'admin@locked.test'`,
    )
    expect(await bcrypt.compare(password, user?.password_hash ?? '')).to.equal(true)
    secrets.push(password, ran.json?.data.access_token as string)
  })

  for (const [what, password] of [
    ['of 11 characters', 'elevenchars'],
    ['of 73 bytes', `${'ä'.repeat(36)}b`],
  ] as const) {
    it(`refuses a password ${what}`, async () => {
      const ran = await place.create('weak', { args: ['--json', '--password-stdin'], stdin: password })
      expect(ran.code, ran.stdout).to.equal(2)
      expect(ran.json?.error?.code).to.equal('password.invalid')
      expect(ran.stdout + ran.stderr).not.to.include(password)
      await expectNothing(place, 'weak')
      secrets.push(password)
    })
  }

  it('takes a run with other answers for another tenant while one is unfinished', async () => {
    await place.create('half', { env: { ERPMAX_FAILPOINT: 'create.after_schema:kill' } })
    const other = await place.run([
      ...['tenant', 'create', 'half', '--name', 'Somebody else', '--admin-email', 'x@else.test', '--json'],
    ])
    expect(other.code, other.stdout).to.equal(6)
    expect(other.json?.error?.code).to.equal('tenant.subdomain_taken')
    expect((await place.create('half')).code).to.equal(0)
    await expectWhole(place, 'half')
  })

  it('answers busy while another process is at it', async () => {
    const first = place.create('slow', {
      env: { ERPMAX_FAILPOINT: 'create.before_schema:hang' },
      seconds: 30,
      args: ['--ndjson'],
      onStart(child) {
        let seen = ''
        child.stdout?.on('data', (chunk: Buffer) => {
          const had = seen.includes('"step_done"')
          seen += chunk.toString()
          if (!had && seen.includes('"step_done"')) reserved(() => child.kill('SIGKILL'))
        })
      },
    })
    let reserved: (kill: () => void) => void = () => {}
    const kill = await new Promise<() => void>((resolve) => (reserved = resolve))
    const second = await place.create('slow')
    kill()
    await first
    expect(second.code, second.stdout).to.equal(7)
    expect(second.json?.error).to.include({ code: 'job.busy', retryable: true })
    expect((await place.create('slow')).code).to.equal(0)
    await expectWhole(place, 'slow')
  })

  it('--dry-run says what would be and writes nothing', async () => {
    const before = await controlPlane(place)
    const ran = await place.create('planned', { args: ['--json', '--dry-run'] })
    expect(ran.code, ran.stdout).to.equal(0)
    expect(ran.json?.data).to.include({ dry_run: true, created: false })
    expect(missing(await controlPlane(place), before)).to.deep.equal([])
  })

  it('rolls a failure back, and the run after it succeeds', async () => {
    const ran = await place.create('broken', { env: { ERPMAX_FAILPOINT: 'create.in_subscribe:error' } })
    expect(ran.code, ran.stdout).to.equal(1)
    expect(ran.json?.error?.details).to.include({ outcome: 'rolled_back' })
    await expectNothing(place, 'broken')
    expect((await place.create('broken')).code).to.equal(0)
  })

  describe('afterwards', () => {
    it('the audit log says who did what and what came of it', async () => {
      await place.create('stopped', { env: { ERPMAX_FAILPOINT: 'create.before_seed:interrupt' } })
      await place.create('cut', { env: { ERPMAX_FAILPOINT: 'create.in_seed:disconnect' } })
      const dropped = await place.run(['schema', 'drop', 'cut', '--confirm', 'cut', '--json'])
      expect(dropped.code, dropped.stdout).to.equal(0)
      expect(await find(place, 'cut')).to.deep.equal({ status: 'failed', tables: 0 })
      await place.run(['schema', 'drop', 'globex', '--confirm', 'globex', '--json'])
      const rows = await place.query<Audited>('select * from public.audit_log order by at, id')
      const told = rows.map(({ action, subject, outcome, error_code }) =>
        [action, subject, outcome, error_code ?? ''].join(' ').trim(),
      )
      expect(told).to.include.members([
        'tenant.create globex succeeded',
        'tenant.create globex refused tenant.subdomain_taken',
        'tenant.create www refused tenant.subdomain_reserved',
        `tenant.create a'; drop schema public cascade;-- refused tenant.subdomain_malformed`,
        'tenant.create acme refused usage.missing',
        'tenant.create initech succeeded',
        'tenant.create locked succeeded',
        'tenant.create weak refused password.invalid',
        'tenant.create half refused tenant.subdomain_taken',
        'tenant.create half succeeded',
        'tenant.create slow refused job.busy',
        'tenant.create broken failed failpoint',
        'tenant.create stopped failed interrupted',
        'tenant.create cut failed database.unreachable',
        'schema.drop cut succeeded',
        'schema.drop globex refused schema.tenant_in_use',
      ])
      expect(rows[0]).to.include({ operator: 'olga', subject: 'globex' })
      expect(rows.filter(({ operator, os_user, host }) => !operator || !os_user || !host)).to.deep.equal([])
    })

    it('no secret is in the control plane or in the log of the server', async () => {
      secrets.push(readFileSync(path.join(place.home, 'pg18', 'password'), 'utf8').trim())
      expect(secrets.filter((secret) => secret.length < 11)).to.deep.equal([])
      const everything = [...(await controlPlane(place))].join('\n') + readFileSync(place.serverLog, 'utf8')
      expect(everything).to.include('globex')
      expect(secrets.filter((secret) => everything.includes(secret))).to.deep.equal([])
      const key = readFileSync(path.join(place.home, 'keys', 'jwt.pem'), 'utf8').split('\n')[1] ?? '-'
      expect(everything.includes(key)).to.equal(false)
    })
  })
})

/** RFC 7638. */
function thumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

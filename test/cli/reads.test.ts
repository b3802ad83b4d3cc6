/** The reads as people and scripts meet them: exit codes, envelopes, pipes, widths, and nothing written. */
import { existsSync } from 'node:fs'
import { chmod, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { Place } from '../support/place.js'
import { throwAwayFolder } from '../support/server.js'
import type { Envelope, RunOptions } from '../support/cli.js'

const place = new Place()
/** Beside its home: for a home that is not there, and for files of settings. */
const aside = throwAwayFolder()

async function json(args: string[], code = 0, options: RunOptions = {}): Promise<Envelope> {
  const ran = await place.run([...args, '--json'], options)
  expect(ran.code, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`).to.equal(code)
  expect(ran.json, ran.stdout).to.not.equal(null)
  return ran.json ?? { ok: false }
}

describe('the reads of the built program', () => {
  before(async () => {
    expect((await place.create('acme', { args: ['--country', 'US'] })).code).to.equal(0)
  })
  after(async () => {
    await place.remove()
    await rm(aside, { recursive: true, force: true })
  })

  it('tenant check: 0 where it is free, 4 with the whole answer where it is not', async () => {
    const free = await json(['tenant', 'check', 'globex'])
    expect(free.data.check).to.deep.include({
      subdomain: 'globex',
      available: true,
      reason: 'free',
      alternatives: [],
    })
    for (const [name, reason] of [
      ['acme', 'taken'],
      ['www', 'reserved'],
      ['Acme_Ltd', 'malformed'],
    ] as const) {
      const no = await json(['tenant', 'check', name], 4)
      expect(no.ok).to.equal(true)
      expect(no.data.check).to.deep.include({ available: false, reason })
      expect(no.data.check.alternatives).to.have.length(3)
    }
    const text = await place.run(['tenant', 'check', 'acme'])
    expect(text.code).to.equal(4)
    expect(text.stdout).to.include('acme-')
  })

  it('tenant list: rows alone go down a pipe, fields are the ones asked for', async () => {
    const text = await place.run(['tenant', 'list', '--fields', 'subdomain,tier'])
    expect(
      text.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s+/)),
    ).to.deep.equal([
      ['Subdomain', 'Tier'],
      ['acme', 'STARTER'],
    ])
    const { data } = await json(['tenant', 'list', '--fields', 'tier,subdomain', '--sort', '-created'])
    expect(data).to.deep.equal({
      items: [{ tier: 'STARTER', subdomain: 'acme' }],
      next_cursor: null,
      total: 1,
      by_status: { active: 1 },
    })
    expect((await json(['tenant', 'list', '--status', 'failed,suspended'])).data.items).to.deep.equal([])
    expect((await json(['tenant', 'list', '--fields', 'nothing'], 2)).error?.code).to.equal('usage')
    expect((await json(['tenant', 'list', '--limit', '0'], 2)).error?.code).to.equal('usage')
  })

  it('lists name the command for the next page, and it works', async () => {
    const page = await place.run(['module', 'list', '--limit', '9', '--cycle', 'annual'])
    const command = /More: erpmax (.*)/.exec(page.stderr)?.[1]?.split(' ') ?? []
    expect((await json(command)).data.items.map((module: { code: string }) => module.code)).to.deep.equal([
      'bi',
    ])
  })

  it('tenant show, job list, job show and audit list agree on what happened', async () => {
    const shown = (await json(['tenant', 'show', 'acme'])).data
    expect(shown).to.have.all.keys('tenant', 'schema', 'subscription', 'people', 'jobs', 'dunning')
    expect(shown.schema).to.include({ state: 'whole', table_count: 237 })
    const { items } = (await json(['job', 'list', '--tenant', 'acme', '--status', 'succeeded'])).data
    expect(items).to.deep.equal(shown.jobs)
    const { job } = (await json(['job', 'show', items[0].id])).data
    expect(job.steps.map((step: { status: string }) => step.status)).to.deep.equal(Array(4).fill('succeeded'))
    const log = (await json(['audit', 'list', '--tenant', 'acme', '--since', '1h'])).data.items
    expect(log[0]).to.include({ action: 'tenant.create', outcome: 'succeeded', tenant_id: shown.tenant.id })
    expect((await json(['audit', 'list', '--until', '2001-01-01'])).data.items).to.deep.equal([])
    expect((await json(['tenant', 'show', 'nobody'], 5)).error?.code).to.equal('tenant.not_found')
    expect((await json(['job', 'show', 'nothing'], 5)).error?.code).to.equal('job.not_found')
    expect((await json(['audit', 'list', '--since', 'yesterday'], 2)).error?.code).to.equal(
      'usage.time_invalid',
    )
  })

  it('fits 80 columns', async () => {
    for (const args of [
      ['tenant', 'list'],
      ['tenant', 'show', 'acme'],
      ['module', 'list', '--cycle', 'annual'],
      ['job', 'list'],
      ['audit', 'list'],
      ['config', 'show'],
      ['doctor'],
    ]) {
      const { stdout } = await place.run(args, { env: { COLUMNS: '80' } })
      for (const line of stdout.split('\n'))
        expect(line.length, `${args.join(' ')}: ${line}`).to.be.at.most(80)
    }
  })

  it('writes nothing to the audit log', async () => {
    const count = async (): Promise<number> =>
      (await place.query<{ n: number }>('select count(*)::int as n from public.audit_log'))[0]?.n ?? -1
    const before = await count()
    for (const args of [
      ['tenant', 'list'],
      ['tenant', 'show', 'nobody'],
      ['tenant', 'check', 'www'],
      ['doctor'],
    ])
      await place.run(args)
    expect(await count()).to.equal(before)
  })

  it('without a database: lists say so with exit 9, config show works, doctor tells and makes none', async () => {
    const home = path.join(aside, 'home')
    const options = { env: { ERPMAX_HOME: home } }
    for (const args of [
      ['tenant', 'list'],
      ['job', 'list'],
      ['module', 'list'],
      ['tenant', 'check', 'acme'],
    ])
      expect((await json(args, 9, options)).error?.code).to.equal('database.not_configured')
    expect((await json(['config', 'show'], 0, options)).data.environment).to.equal('test')
    const { data } = await json(['doctor'], 9, options)
    expect(data).to.include({ healthy: false, reachable: false })
    expect(existsSync(home)).to.equal(false)
  })

  it('doctor: 0 where all is well, 9 where the database is down, 1 for any other problem', async () => {
    expect((await json(['doctor'])).data).to.include({ healthy: true, reachable: true })
    const down = { env: { DATABASE_URL: 'postgresql://u:hush@127.0.0.1:1/x' } }
    const { data } = await json(['doctor'], 9, down)
    expect(data.checks.at(-1)).to.include({ name: 'reach', status: 'problem' })
    expect(JSON.stringify(data)).to.not.include('hush')
    const bad = await json(['doctor'], 1, { env: { ERPMAX_ENV: 'moon' } })
    expect(bad.data).to.include({ healthy: false, reachable: null })
    const lost = await json(['doctor'], 1, { env: { ERPMAX_JWT_KEY_FILE: '/nowhere/key.pem' } })
    expect(lost.data).to.include({ healthy: false, reachable: true })
    const text = await place.run(['doctor'])
    expect(text.stdout.split('\n').filter((line) => /^[✔!✖] \w+ {2,}\S/.test(line)).length).to.be.greaterThan(
      12,
    )
  })

  it('config show: where each value comes from, and no secret', async () => {
    const folder = aside
    await writeFile(path.join(folder, '.env'), 'PGPASSWORD=hush\nERPMAX_PUBLIC_URL=https://erp.test\n')
    await chmod(path.join(folder, '.env'), 0o600)
    await writeFile(path.join(folder, 'url'), 'postgresql://u:hush@db.test/erp\n')
    const env = { DATABASE_URL_FILE: path.join(folder, 'url'), XDG_CONFIG_HOME: folder }
    const ran = await place.run(['config', 'show', '--json'], { cwd: folder, env })
    expect(ran.stdout + ran.stderr).to.not.include('hush')
    const settings = new Map<string, { value: string; origin: string }>(
      ran.json?.data.settings.map((setting: { name: string }) => [setting.name, setting]),
    )
    expect(settings.get('PGPASSWORD')).to.include({ value: '[redacted]', origin: '.env' })
    expect(settings.get('ERPMAX_PUBLIC_URL')).to.include({ value: 'https://erp.test', origin: '.env' })
    expect(settings.get('DATABASE_URL')).to.include({
      value: 'postgresql://u:[redacted]@db.test/erp',
      origin: 'environment (DATABASE_URL_FILE)',
    })
    expect(settings.get('PGPORT')).to.include({ value: '5432', origin: 'default' })
    expect(ran.json?.data.files).to.deep.equal([
      { path: path.join(folder, '.env'), exists: true },
      { path: path.join(folder, 'erpmax', 'config.env'), exists: false },
    ])
  })

  it('checks tax ids in the bundle too', async () => {
    const create = (tax: string[]): string[] => [
      ...[
        'tenant',
        'create',
        'taxed',
        '--name',
        'Taxed',
        '--admin-email',
        'a@taxed.test',
        '--dry-run',
        ...tax,
      ],
    ]
    const { data } = await json(create(['--gstin', '27AAPFU0939F1ZV']))
    expect(data.tenant).to.include({ gstin: '27AAPFU0939F1ZV', state: 'MH' })
    expect((await json(create(['--gstin', '27AAPFU0939F1ZW']), 2)).error?.code).to.equal(
      'tenant.gstin_invalid',
    )
    expect((await json(create(['--country', 'DE', '--vat-id', 'DE136695976']))).data.dry_run).to.equal(true)
    expect((await json(create(['--country', 'DE', '--vat-id', 'DE136695977']), 2)).error?.code).to.equal(
      'tenant.vat_id_invalid',
    )
  })
})

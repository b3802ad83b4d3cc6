/** `doctor` on a real server: poolers of each kind, tenants whose states lie, settings and servers that are wrong. */
import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { openPipeline, openPool } from '../../src/database/connect.js'
import { embeddedHome } from '../../src/database/embedded/home.js'
import { embeddedTarget } from '../../src/database/embedded/server.js'
import { execute, rows, sql, verbatim } from '../../src/database/sql.js'
import { resolveConfig } from '../../src/kernel/config.js'
import { diagnose, type Diagnosis, type Patient } from '../../src/views/doctor/diagnose.js'
import { checkIsolation } from '../../src/views/doctor/isolation-check.js'
import { findPooler, type Pooling } from '../../src/views/doctor/pooler.js'
import { checkTenants } from '../../src/views/doctor/tenants-check.js'
import { startPooler, type PoolerOptions } from '../support/pooler.js'
import { rolledBack } from '../support/rolled-back.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import type { OpenedContext } from '../../src/context.js'
import type { Check } from '../../src/views/doctor/check.js'

const home = throwAwayFolder()
let ctx: OpenedContext

async function diagnosisOf(patient: Patient): Promise<Diagnosis> {
  const checks = diagnose(patient)
  for (;;) {
    const next = await checks.next()
    if (next.done) return next.value
  }
}

function patient(settings: Record<string, string>, open: Patient['open'] = async () => ctx): Patient {
  const values = { ERPMAX_HOME: home, ERPMAX_ENV: 'test', ...settings }
  return { settings: () => resolveConfig([{ origin: 'test', values }], () => ''), files: [], open }
}

function find({ checks }: Diagnosis, name: string): Check | undefined {
  return checks.find((check) => check.name === name)
}

describe('doctor', () => {
  before(async () => {
    ctx = await openThrowAway(home)
  })
  after(async () => {
    await ctx.close()
    await removeServer(home)
  })

  it('finds nothing wrong with a new server', async () => {
    const found = await diagnosisOf(patient({}))
    expect(found.checks.filter((check) => check.status !== 'ok')).to.deep.equal([])
    expect(found).to.include({ healthy: true, reachable: true })
    expect(found.checks.map((check) => check.name)).to.include.members(['reach', 'pooler', 'tenants'])
  })

  it('says that a server cannot be reached, and leaves out what needs one', async () => {
    const target = { host: '127.0.0.1', port: 1, user: 'nobody' }
    const db = openPool(target)
    const found = await diagnosisOf(
      patient({ PGHOST: '127.0.0.1', PGPORT: '1' }, async () => ({ ...ctx, db })),
    )
    await db.destroy()
    expect(found).to.include({ healthy: false, reachable: false })
    expect(found.checks.at(-1)).to.include({ name: 'reach', status: 'problem' })
  })

  it('makes no cluster in an empty home', async () => {
    const empty = path.join(home, 'empty')
    const open = async (): Promise<never> => {
      throw new Error('opened')
    }
    const found = await diagnosisOf(patient({ ERPMAX_HOME: empty }, open))
    expect(found.reachable).to.equal(false)
    expect(find(found, 'database')?.status).to.equal('problem')
    expect(existsSync(empty)).to.equal(false)
  })

  it('does not try a database with settings that are wrong', async () => {
    const found = await diagnosisOf({
      ...patient({}),
      settings: () => patient({ ERPMAX_ENV: 'moon' }).settings(),
    })
    expect(found.reachable).to.equal(null)
    expect(found.checks.map(({ name, status }) => [name, status])).to.deep.equal([
      ['configuration', 'problem'],
    ])
  })

  it('warns of a file of settings that others can read, and refuses such a key', async () => {
    const file = path.join(home, 'settings.env')
    await writeFile(file, 'PGPASSWORD=secret\n')
    await chmod(file, 0o640)
    const withFile = { ...patient({}), files: [{ path: file, exists: true }] }
    expect(find(await diagnosisOf(withFile), 'secrets')).to.include({
      status: 'warning',
      hint: `chmod 600 ${file}`,
    })
    await chmod(file, 0o600)
    expect(find(await diagnosisOf(withFile), 'secrets')?.status).to.equal('ok')
    const key = path.join(home, 'keys', 'jwt.pem')
    await mkdir(path.dirname(key), { recursive: true })
    await writeFile(key, '', { mode: 0o644 })
    expect(find(await diagnosisOf(patient({})), 'secrets')?.status).to.equal('problem')
    await chmod(key, 0o600)
  })

  it('sees active tenants without a schema, unfinished ones and schemas of nobody', async () => {
    expect(await checkTenants(ctx, 0)).to.include({ status: 'ok' })
    await execute(ctx.db, sql`create schema tenant_orphan`)
    expect(await checkTenants(ctx, 0)).to.include({ status: 'warning' })
    await execute(ctx.db, sql`drop schema tenant_orphan`)
    await execute(
      ctx.db,
      sql`with tenant as (
            insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
            values ('hollow', 'provisioning', 'Hollow', 'Hollow', 'US', 'a@hollow.test', 'UTC', 'USD', 'en') returning id)
          insert into public.tenant_placements (tenant_id, server_id, schema_name)
          select tenant.id, s.id, 'tenant_hollow' from tenant, public.database_servers s`,
    )
    const unfinished = await checkTenants(ctx, 1)
    expect(unfinished).to.include({ status: 'warning', hint: 'erpmax tenant reconcile' })
    await execute(ctx.db, sql`update public.tenants set status = 'active' where subdomain = 'hollow'`)
    expect(await checkTenants(ctx, 1)).to.include({ status: 'problem', hint: 'erpmax tenant reconcile' })
  })

  it('sees what is open to everybody', async () => {
    expect(await checkIsolation(ctx)).to.include({ status: 'ok' })
    for (const [grant, thing] of [
      ['grant select (email) on public.users to public', 'relation users'],
      ['grant create on schema public to public', 'creation in schema public'],
    ] as const)
      await rolledBack(ctx, async (inner) => {
        await rows(inner.db, verbatim(grant))
        const found = await checkIsolation(inner)
        expect(found.status).to.equal('warning')
        expect(found.message).to.include(thing)
      })
  })

  describe('in front of the server', () => {
    async function pooling(options: PoolerOptions | null): Promise<Pooling> {
      const direct = await embeddedTarget(embeddedHome(home))
      const pooler = options && (await startPooler(direct, options))
      const target = pooler
        ? { host: '127.0.0.1', port: pooler.port, user: 'erpmax', database: 'erpmax', password: 'any' }
        : direct
      const db = openPool(target)
      try {
        return await findPooler({ db, openPipeline: () => openPipeline(target) })
      } finally {
        await db.destroy()
        await pooler?.stop()
      }
    }

    it('no pooler', async () => expect(await pooling(null)).to.equal('none'))

    for (const order of ['lifo', 'fifo'] as const) {
      for (const size of [1, 2, 3, 10]) {
        it(`a transaction pooler with ${size} backends, ${order}`, async () =>
          expect(await pooling({ mode: 'transaction', size, order })).to.equal('transaction'))
      }
    }

    it('a session pooler', async () =>
      expect(await pooling({ mode: 'session', size: 10, order: 'lifo' })).to.equal('session'))
  })
})

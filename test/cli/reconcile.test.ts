/** `tenant reconcile` on what has really gone wrong, and the commands it names: each mends what it is named for. */
import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { controlPlane } from '../support/dump.js'
import { find, Place } from '../support/place.js'
import { events, type Envelope } from '../support/cli.js'
import type { Finding } from '../../src/workflows/reconcile/findings.js'
import type { Reconciled } from '../../src/workflows/reconcile/reconcile.js'

const place = new Place()

async function json(args: readonly string[], code = 0): Promise<Envelope> {
  const ran = await place.here([...args, '--json'])
  expect(ran.code, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`).to.equal(code)
  return ran.json ?? { ok: false }
}

/** 0 where nothing is left of what was found, else 3. */
async function reconcile(...args: string[]): Promise<Reconciled> {
  const { code, json, stdout, stderr } = await place.here(['tenant', 'reconcile', ...args, '--json'])
  expect(json?.ok, stdout + stderr).to.equal(true)
  const found = json?.data as Reconciled
  expect(code).to.equal(found.left === 0 ? 0 : 3)
  expect(found.found).to.equal(found.items.length)
  return found
}

async function theOne(...args: string[]): Promise<Finding> {
  const { items } = await reconcile(...args)
  expect(items, JSON.stringify(items)).to.have.length(1)
  return items[0] as Finding
}

/** Types what the finding names. */
async function obey({ next }: Finding, code = 0): Promise<Envelope> {
  return json((next ?? '').split(' ').slice(1), code)
}

async function expectClean(...args: string[]): Promise<void> {
  expect((await reconcile(...args)).items).to.deep.equal([])
}

/** As somebody with a psql and every right does it, past the triggers. */
async function byHand(...statements: string[]): Promise<void> {
  await place.connected(async (client) => {
    await client.query('set session_replication_role = replica')
    for (const statement of statements) await client.query(statement)
  })
}

/** Rows alone, as a run would have left them. */
async function insertRow(subdomain: string, status: string): Promise<void> {
  await byHand(
    `with tenant as (
       insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
       values ('${subdomain}', '${status}', 'Row', 'Row', 'US', 'a@b.test', 'UTC', 'USD', 'en') returning id)
     insert into public.tenant_placements (tenant_id, server_id, schema_name)
     select tenant.id, s.id, 'tenant_${subdomain}' from tenant, public.database_servers s`,
  )
}

const deleteRow = (subdomain: string): Promise<void> =>
  byHand(
    `delete from public.tenant_placements where schema_name = 'tenant_${subdomain}'`,
    `delete from public.tenants where subdomain = '${subdomain}'`,
  )

const nothing = { tables: [], columns: [], indexes: [], constraints: [], seeds: [] }

describe('tenant reconcile', () => {
  before(async () => {
    expect((await place.create('acme')).code).to.equal(0)
  })
  after(() => place.remove())

  it('is content with a fleet that is well, and writes nothing', async () => {
    const before = await controlPlane(place)
    expect(await reconcile('--deep')).to.deep.equal({
      ...{ dry_run: false, items: [], next_cursor: null },
      ...{ checked: 1, busy: 0, found: 0, fixed: 0, left: 0 },
    })
    await expectClean('--fix')
    expect(await controlPlane(place)).to.deep.equal(before)
  })

  it('finds tables that were dropped by hand, and repair makes them again with all that went with them', async () => {
    await byHand('drop table tenant_acme.leave_types, tenant_acme.categories cascade')
    const lost = await theOne()
    expect(lost).to.deep.include({
      kind: 'table.missing',
      tenant: 'acme',
      tables: ['categories', 'leave_types'],
    })
    const before = await controlPlane(place)
    const planned = (await json(['schema', 'repair', 'acme', '--dry-run'])).data
    expect(planned).to.deep.include({ dry_run: true, left: [] })
    expect((await find(place, 'acme')).tables).to.equal(235)
    expect(await controlPlane(place)).to.deep.equal(before)
    const { data } = await obey(lost)
    expect(data.made).to.deep.equal(planned.made)
    expect(data.made.constraints, 'references to them').to.not.have.length(0)
    expect(data.made.seeds, 'its rows of the first day').to.deep.equal(['leave_types'])
    expect(data.schema).to.deep.equal({ name: 'tenant_acme', whole: true })
    const [leave] = await place.query<{ rows: number }>(
      'select count(*)::int as rows from tenant_acme.leave_types',
    )
    expect(leave?.rows).to.be.greaterThan(10)
    await expectClean('--deep')
    expect((await json(['schema', 'repair', 'acme'])).data.made).to.deep.equal(nothing)
  })

  it('finds columns that were dropped by hand, and repair gives them back with their keys and indexes', async () => {
    await byHand(
      'alter table tenant_acme.roles drop column code cascade',
      'alter table tenant_acme.amc_plans drop column status cascade',
    )
    const lost = await theOne('--deep')
    expect(lost).to.deep.include({ kind: 'schema.different', tables: ['amc_plans', 'roles'] })
    expect(lost.next).to.equal('erpmax schema repair acme')
    // Roles have no code to begin with, and no default for it.
    const refused = await json(['schema', 'repair', 'acme'], 6)
    expect(refused.error).to.deep.include({ code: 'schema.rows_in_the_way' })
    expect(refused.error?.details).to.include({ table: 'roles', column: 'code' })
    await byHand(
      ...['user_roles', 'role_permissions', 'roles'].map((table) => `delete from tenant_acme.${table}`),
    )
    const { data } = await obey(lost)
    expect(data.made.columns).to.deep.equal(['amc_plans.status', 'roles.code'])
    expect(data.made.indexes).to.include('amc_plans.amc_plans_status_effective_from_idx')
    expect(data.made.seeds).to.have.members(['user_roles', 'roles', 'role_permissions'])
    expect(data.schema.whole).to.equal(true)
    const [people] = await place.query(
      `select u.email, r.code from tenant_acme.users u join tenant_acme.user_roles ur on ur.user_id = u.id
       join tenant_acme.roles r on r.id = ur.role_id`,
    )
    expect(people).to.deep.equal({ email: 'admin@acme.test', code: 'SUPER_ADMIN' })
    await expectClean('--deep')
  })

  it('does not give back single rows that the tenant may have deleted itself', async () => {
    await byHand(`delete from tenant_acme.leave_types where code = 'SAB'`)
    expect((await json(['schema', 'repair', 'acme'])).data.made).to.deep.equal(nothing)
    await byHand('delete from tenant_acme.leave_types')
    expect((await json(['schema', 'repair', 'acme', '-n'])).data.made.seeds).to.deep.equal(['leave_types'])
    expect((await json(['schema', 'repair', 'acme'])).data.made).to.deep.equal({
      ...nothing,
      seeds: ['leave_types'],
    })
    const [back] = await place.query(
      `select count(*)::int as rows from tenant_acme.leave_types where code = 'SAB'`,
    )
    expect(back).to.deep.equal({ rows: 1 })
  })

  it('finds tables that should not be there, and what differs in them only when it looks deeper', async () => {
    await byHand('create table tenant_acme.stranger (id int)')
    const extra = await theOne()
    expect(extra).to.deep.include({ kind: 'table.extra', tenant: 'acme', tables: ['stranger'] })
    await obey(extra, 1)
    const index = 'amc_plans_status_effective_from_idx'
    await byHand('drop table tenant_acme.stranger', `drop index tenant_acme.${index}`)
    await expectClean()
    const lost = await theOne('--deep')
    expect(lost).to.deep.include({ kind: 'schema.different', tenant: 'acme', tables: ['amc_plans'] })
    await byHand('alter table tenant_acme.leave_types add stranger int')
    expect((await theOne('--deep')).next).to.equal('erpmax schema verify acme')
    const half = await obey(lost, 3)
    expect(half.data.made.indexes).to.deep.equal([`amc_plans.${index}`])
    expect(half.data.left).to.deep.equal([
      { table: 'leave_types', kind: 'column', name: 'stranger', problem: 'unexpected' },
    ])
    await byHand('alter table tenant_acme.leave_types drop stranger')
    await expectClean('--deep')
  })

  it('finds a schema that was dropped by hand; repair changes nothing where rows refer to what was lost', async () => {
    await byHand('drop table tenant_acme.roles cascade')
    const refused = await json(['schema', 'repair', 'acme'], 6)
    expect(refused.error?.code).to.equal('schema.rows_in_the_way')
    expect((await find(place, 'acme')).tables).to.equal(236)
    await byHand('drop schema tenant_acme cascade')
    const lost = await theOne()
    expect(lost).to.have.all.keys(
      ...['kind', 'tenant', 'status', 'schema', 'message', 'tables', 'next', 'fixable', 'fixed', 'error'],
    )
    expect(lost).to.include({ kind: 'schema.missing', tenant: 'acme', schema: 'tenant_acme', fixable: false })
    expect((await json(['schema', 'repair', 'acme'], 5)).error?.hint).to.equal(lost.next)
    await obey(lost)
    await expectClean('--deep')
    expect(await find(place, 'acme')).to.deep.equal({ status: 'active', tables: 237 })
  })

  it('finds a schema without a row, which its name alone drops', async () => {
    await byHand(
      'create schema tenant_ghost',
      'create table tenant_ghost.a (id int)',
      'create view tenant_ghost.b as select 1 as one',
      'create schema "tenant_Not One"',
    )
    const { items } = await reconcile()
    expect(items.map(({ kind, schema, tenant, next }) => [kind, schema, tenant, next])).to.deep.equal([
      ['schema.orphaned', 'tenant_Not One', null, null],
      ['schema.orphaned', 'tenant_ghost', null, 'erpmax schema drop tenant_ghost --confirm tenant_ghost'],
    ])
    await byHand('drop schema "tenant_Not One"')
    await expectClean('acme')
    const drop = ['schema', 'drop', 'tenant_ghost']
    expect((await json(drop, 2)).error?.code).to.equal('usage.confirmation_missing')
    await json([...drop, '--confirm', 'ghost'], 8)
    expect((await json([...drop, '--dry-run'])).data).to.deep.include({ dry_run: true, tenant: null })
    const { data } = await obey(items[1] as Finding)
    expect(data).to.deep.include({ dry_run: false, tenant: null })
    expect(data.schema).to.include({ name: 'tenant_ghost', dropped_tables: 1 })
    await expectClean()
    expect((await json([...drop, '--confirm', 'tenant_ghost'], 5)).error?.code).to.equal('schema.not_found')
    const owned = await json(['schema', 'drop', 'tenant_acme', '--confirm', 'tenant_acme'], 6)
    expect(owned.error?.code).to.equal('schema.tenant_in_use')
    expect((await find(place, 'acme')).tables).to.equal(237)
  })

  it('leaves a creation alone while somebody is at work, and finds it when they are gone', async () => {
    let child: ChildProcess | undefined
    const hanging = place.create('initech', {
      env: { ERPMAX_FAILPOINT: 'create.before_seed:hang' },
      onStart: (started) => (child = started),
    })
    while ((await find(place, 'initech')).tables < 237) await sleep(50)
    expect(await reconcile()).to.deep.include({ items: [], checked: 1, busy: 1 })
    child?.kill('SIGKILL')
    await hanging
    const lie = await theOne()
    expect(lie).to.include({ kind: 'state.lies', tenant: 'initech', status: 'provisioning', fixable: true })
    const before = await controlPlane(place)
    expect(await reconcile('--fix', '--dry-run')).to.deep.include({ dry_run: true, fixed: 0, left: 1 })
    expect(await controlPlane(place)).to.deep.equal(before)
    const { data } = await obey(lie)
    expect(data).to.deep.include({ found: 1, fixed: 1, left: 0 })
    const [made] = await place.query<object>(
      `select t.status, j.status as job, j.error ->> 'code' as error, h.from_status, h.reason,
              (select count(*)::int from public.audit_log a where a.action = 'tenant.reconcile' and a.tenant_id = t.id) as audited
       from public.tenants t join public.jobs j on j.tenant_id = t.id
       join public.tenant_history h on h.tenant_id = t.id and h.to_status = 'failed' where t.subdomain = 'initech'`,
    )
    expect(made).to.deep.equal({
      ...{ status: 'failed', job: 'failed', error: 'job.abandoned', from_status: 'provisioning' },
      ...{ reason: 'its creation was abandoned', audited: 1 },
    })
    const left = await theOne('initech')
    expect(left).to.include({ kind: 'state.lies', status: 'failed', fixable: false })
    await obey(left)
    await expectClean()
  })

  it('finds states that nobody brings to their end, and the schema that a deleted tenant has left', async () => {
    for (const status of ['restoring', 'deleting']) {
      await insertRow('unended', status)
      expect(await theOne('unended')).to.include({ kind: 'state.lies', status, fixable: false })
      await deleteRow('unended')
    }
    await insertRow('gone', 'deleted')
    await expectClean()
    await byHand('create schema tenant_gone')
    const left = await theOne()
    expect(left).to.include({ kind: 'state.lies', tenant: 'gone', status: 'deleted' })
    await obey(left)
    await expectClean()
  })

  it('finds jobs that run on paper only, and ends them', async () => {
    const job = (subject: string, tenant: string): string =>
      `insert into public.jobs (kind, subject, tenant_id, status, input_hash, holder, lease_until)
       values ('test.job', '${subject}', ${tenant}, 'running', '', '{"host": "far", "pid": 1, "startedAt": "x"}', now() - interval '1 minute')`
    await byHand(
      job('acme', `(select id from public.tenants where subdomain = 'acme')`),
      job('long-gone', 'null'),
    )
    const { items } = await reconcile()
    expect(items.map(({ kind, tenant }) => [kind, tenant])).to.deep.equal([
      ['job.abandoned', 'acme'],
      ['job.abandoned', null],
    ])
    for (const item of items) await obey(item)
    await expectClean()
  })

  it('asks for their number before it mends more than one tenant', async () => {
    await byHand(`update public.tenant_placements set fingerprint = 'x' where schema_name = 'tenant_acme'`)
    await insertRow('lazy', 'provisioning')
    const { items } = await reconcile()
    expect(items.map(({ kind, tenant, fixable }) => [kind, tenant, fixable])).to.deep.equal([
      ['fingerprint.stale', 'acme', true],
      ['state.lies', 'lazy', true],
    ])
    const fix = ['tenant', 'reconcile', '--status', 'active,provisioning', '--fix']
    const asked = await json(fix, 2)
    expect(asked.error?.code).to.equal('usage.confirmation_missing')
    expect(asked.error?.details).to.deep.equal({ count: 2 })
    expect((await json([...fix, '--confirm', '3'], 8)).error?.code).to.equal('declined')
    const told = events(await place.run([...fix, '--confirm', '2', '--ndjson']))
    expect(told.map(({ event, tenant, fixed }) => [event, tenant, fixed])).to.deep.equal([
      ['finding', 'acme', false],
      ['finding', 'lazy', false],
      ['mended', 'acme', true],
      ['mended', 'lazy', true],
      ['result', undefined, undefined],
    ])
    expect(told.at(-1)?.data).to.deep.include({ found: 2, fixed: 2, left: 0 })
    await expectClean('--deep')
    await deleteRow('lazy')
  })

  it('chooses tenants as every bulk command does', async () => {
    const list = path.join(place.home, 'tenants.txt')
    await writeFile(list, '# one of them\n\nACME # in capitals\n')
    const verify = async (...args: string[]): Promise<string[]> =>
      (await json(['schema', 'verify', ...args])).data.items.map(({ tenant }: { tenant: string }) => tenant)
    expect(await verify('--from-file', list)).to.deep.equal(['acme'])
    expect(await verify('--all', '--tier', 'starter', '--module', 'crm,finance')).to.deep.equal(['acme'])
    expect(await verify('--all', '--exclude', 'acme')).to.deep.equal([])
    const codeOf = async (args: string[], code: number): Promise<string | undefined> =>
      (await json(args, code)).error?.code
    expect(await codeOf(['schema', 'verify'], 2)).to.equal('usage.tenants')
    expect(await codeOf(['schema', 'verify', 'acme', '--all'], 2)).to.equal('usage.tenants')
    const reconciling = ['tenant', 'reconcile']
    expect(await codeOf([...reconciling, 'acme', '--status', 'active'], 2)).to.equal('usage.tenants')
    expect(await codeOf([...reconciling, '--tenant', 'nobody'], 5)).to.equal('tenant.not_found')
    expect(await codeOf([...reconciling, 'nobody'], 5)).to.equal('tenant.not_found')
    expect(await codeOf([...reconciling, '--tier', 'GOLD'], 2)).to.equal('tier.unknown')
    expect(await codeOf([...reconciling, '--from-file', '/nowhere'], 2)).to.equal('usage.file_unreadable')
  })

  it('finds what a subscription lacks, and gives back only what costs nothing', async () => {
    const items = `subscription_id = (select s.id from public.subscriptions s join public.tenants t on t.id = s.tenant_id where t.subdomain = 'acme')`
    await byHand(`delete from public.subscription_items where ${items} and product_code = 'system_admin'`)
    const base = await theOne('acme')
    expect(base).to.include({ kind: 'subscription.base_missing', fixable: true })
    await obey(base)
    await expectClean('acme')
    await byHand(
      `update public.subscriptions set tier_code = 'PROFESSIONAL' where id = (select subscription_id from public.subscription_items where ${items} limit 1)`,
    )
    const differs = await theOne('acme')
    expect(differs).to.include({ kind: 'subscription.tier_differs', fixable: false })
    await obey(differs)
    await byHand(`delete from public.subscription_items where ${items} and kind = 'platform'`)
    expect(await theOne()).to.include({ kind: 'subscription.platform_missing', fixable: false })
    await byHand(
      `delete from public.subscription_items where ${items}`,
      `delete from public.subscriptions where tenant_id = (select id from public.tenants where subdomain = 'acme')`,
    )
    expect(await theOne()).to.include({ kind: 'subscription.missing', tenant: 'acme' })
  })

  it('fits 80 columns', async () => {
    await byHand(
      'drop table tenant_acme.leave_types, tenant_acme.vendors, tenant_acme.warehouses cascade',
      'create schema tenant_a_ghost_with_a_name_of_the_greatest_length_there_may_be',
    )
    for (const args of [
      ['tenant', 'reconcile', '--deep'],
      ['tenant', 'stats'],
      ['schema', 'repair', 'acme', '-n'],
    ]) {
      const { stdout } = await place.run(args, { env: { COLUMNS: '80' } })
      for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(80)
    }
  })
})

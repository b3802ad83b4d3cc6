/** Deletions on a server with stock lock settings: five at once, and killed anywhere: the same command again finishes, and nobody else notices. */
import { rm } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { buildSchema } from '../../src/schemas/build.js'
import { putAway } from '../../src/tenants/archive.js'
import { findKnownTenant } from '../../src/tenants/find.js'
import { activateTenant } from '../../src/tenants/reserve.js'
import { deleteTenant } from '../../src/workflows/delete-tenant.js'
import { controlPlane, missing, schemaContent } from '../support/dump.js'
import { embeddedBin, startOwnServer, type OwnServer } from '../support/own-server.js'
import { full, Place, times } from '../support/place.js'
import { finished } from '../support/schemas.js'
import { openThrowAway, throwAwayFolder } from '../support/server.js'
import { reservedTenant, subscribe } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { TenantId } from '../../src/kernel/ids.js'
import type { Ran, RunOptions } from '../support/cli.js'

const minutes = 60_000
const steps = ['begin', 'drop', 'erase']
const failpoints = [
  ...steps.flatMap((step) => [`delete.before_${step}`, `delete.in_${step}`, `delete.after_${step}`]),
  'delete.during_drop',
  'drop.before_commit',
  'drop.commit_sent',
  'drop.after_commit',
]

/** One before anything is committed, and one after each thing that is. */
const telling = ['delete.in_begin', 'drop.after_commit', 'delete.in_erase', 'delete.after_erase']

/** Three batches on stock settings. */
const tables = 50
const oneBatch = 20

describe('deletions', () => {
  const folder = throwAwayFolder()
  let server: OwnServer
  let place: Place
  let ctx: OpenedContext
  let neighbour: Record<string, string>

  before(async () => {
    const stock = ['max_locks_per_transaction=64', 'max_connections=100']
    server = await startOwnServer(folder, await embeddedBin(folder), stock)
    place = new Place(throwAwayFolder(), server.url)
    const migrated = await place.run(['db', 'migrate', '--json'])
    expect(migrated.code, migrated.stdout).to.equal(0)
    ctx = await openThrowAway(place.home, { DATABASE_URL: server.url })
    await archivedByHand('neighbour')
    await place.query(`insert into tenant_neighbour.t_7 select n, null from generate_series(1, 100) n`)
    neighbour = await schemaContent(place, 'tenant_neighbour')
  })
  after(async () => {
    await ctx.close()
    await server.stop()
    await place.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const remove = (name: string, options: RunOptions = {}): Promise<Ran> =>
    place.run(['tenant', 'delete', name, '--confirm', name, '--now', '--json'], { seconds: 240, ...options })

  /**
   * A tenant with people, a subscription and tables that hang together; its schema is nobody's baseline.
   * @param checks on each table: each takes a lock when the table is dropped
   */
  async function archivedByHand(name: string, count = tables, checks = 0): Promise<void> {
    const { id, schema } = await reservedTenant(ctx, name)
    const heavy = Array.from({ length: checks }, (_, n) => `, check (id > -${n})`).join('')
    const all = Array.from({ length: count }, (_, at) => {
      const reference = at > 0 ? `references ${schema}.t_${at - 1}` : ''
      return `create table ${schema}.t_${at} (id int primary key, before int ${reference}${heavy});`
    })
    await place.query(`create schema ${schema}; ${all.join(' ')}`)
    await complete(name, id)
  }

  /** The same with all the tables there are. */
  async function archivedWhole(name: string): Promise<void> {
    const { id, schema, generation } = await reservedTenant(ctx, name)
    await finished(buildSchema(ctx, { schema, claim: { tenantId: id, generation } }))
    await complete(name, id)
  }

  async function complete(name: string, id: TenantId): Promise<void> {
    await place.query(
      `with person as (insert into public.users (email, full_name, status) values ($2, 'Admin', 'active') returning id)
       insert into public.memberships (user_id, tenant_id, role_id, status)
       select p.id, $1, r.id, 'active' from person p, public.roles r where r.code = 'owner'`,
      [id, `admin@${name}.test`],
    )
    await subscribe(ctx, id, { startedOn: '2026-01-01' })
    await activateTenant(ctx, id)
    await putAway(ctx, { id }, { reason: 'left', dryRun: false })
  }

  /** Fails unless each is deleted, once, with everything that goes and nothing that stays, and nothing of others. */
  async function expectDeleted(
    names: readonly string[],
    earlier: ReadonlySet<string>,
    dropped = tables,
  ): Promise<void> {
    const own: string[] = []
    for (const name of names) {
      const { id, contract, ...found } = await look(name)
      expect(found, name).to.deep.equal({
        ...{ status: 'deleted', billing_email: 'deleted@erpmax.invalid', schemas: 0, placements: 0 },
        ...{ users: 0, memberships: 0, history: 'provisioning active archived deleting deleted' },
        ...{ subscription: 'cancelled', dropped: String(dropped), told: 1, audited: 1, jobs: 'succeeded' },
      })
      own.push(id, contract, `admin@${name}.test`)
    }
    const gone = missing(earlier, await controlPlane(place))
    const others = gone.filter((line) => !own.some((text) => line.includes(text)))
    expect(others, 'rows of others').to.deep.equal([])
    expect(gone.filter((line) => /^(audit_log|tenant_history) /.test(line))).to.deep.equal([])
    expect(await schemaContent(place, 'tenant_neighbour')).to.deep.equal(neighbour)
  }

  /** What there is of a tenant. */
  async function look(name: string): Promise<Record<string, unknown> & { id: string; contract: string }> {
    const [found] = await place.query<Record<string, unknown> & { id: string; contract: string }>(
      `with t as (select * from public.tenants where subdomain = $1)
       select t.id, t.status, t.billing_email, (select s.id from public.subscriptions s where s.tenant_id = t.id) as contract,
              (select count(*)::int from pg_catalog.pg_namespace where nspname = $2) as schemas,
              (select count(*)::int from public.tenant_placements p where p.tenant_id = t.id or p.schema_name = $2) as placements,
              (select count(*)::int from public.users where email = $3) as users,
              (select count(*)::int from public.memberships m where m.tenant_id = t.id) as memberships,
              (select string_agg(h.to_status, ' ' order by h.id) from public.tenant_history h where h.tenant_id = t.id) as history,
              (select string_agg(s.status, ' ') from public.subscriptions s where s.tenant_id = t.id) as subscription,
              (select string_agg(d.tables_dropped::text, ' ') from public.tenant_deletions d where d.tenant_id = t.id) as dropped,
              (select count(*)::int from public.outbox o where o.tenant_id = t.id and o.topic = 'tenant.deleted') as told,
              (select count(*)::int from public.audit_log a where a.tenant_id = t.id and a.action = 'tenant.delete' and a.outcome = 'succeeded') as audited,
              (select string_agg(j.status, ' ') from public.jobs j where j.tenant_id = t.id) as jobs
       from t`,
      [name, `tenant_${name.replaceAll('-', '_')}`, `admin@${name}.test`],
    )
    return found ?? { id: '', contract: '' }
  }

  it('are killed at every failpoint there is: the list is what occurs', async () => {
    await archivedByHand('traced')
    const seen = new Set<string>()
    const recording = { ...ctx, failpoint: async (name: string) => void seen.add(name) }
    const request = { now: true, reason: null, dryRun: false }
    await finished(deleteTenant(recording, await findKnownTenant(ctx, 'traced'), request))
    expect([...seen].sort()).to.deep.equal([...failpoints].sort())
  })

  for (const [index, name] of failpoints.filter((each) => full || telling.includes(each)).entries()) {
    it(`killed at ${name} are finished by the same command`, async () => {
      const subdomain = `killed-${index}`
      await archivedByHand(subdomain)
      const earlier = await controlPlane(place)
      const killed = await remove(subdomain, { env: { ERPMAX_FAILPOINT: `${name}:kill` } })
      expect(killed.signal, killed.stdout + killed.stderr).to.equal('SIGKILL')
      const again = await remove(subdomain)
      expect(again.code, again.stdout).to.equal(0)
      expect(again.json?.data.changed).to.equal(name !== 'delete.after_erase')
      await expectDeleted([subdomain], earlier)
    })
  }

  for (let round = 1; round <= times(1, 20); round++) {
    it(`killed at a random moment, ${round}, too`, async () => {
      const subdomain = `random-${round}`
      await archivedByHand(subdomain)
      const earlier = await controlPlane(place)
      const killAfter = async (child: ChildProcess, moment: number): Promise<void> => {
        await sleep(moment)
        child.kill('SIGKILL')
      }
      await remove(subdomain, { onStart: (child) => void killAfter(child, 250 + Math.random() * 700) })
      expect((await remove(subdomain)).code).to.equal(0)
      await expectDeleted([subdomain], earlier)
    })
  }

  it('interrupted or cut off say how to go on, and go on', async () => {
    for (const [action, code] of [
      ['drop.after_commit:interrupt', 130],
      ['delete.in_erase:disconnect', 9],
    ] as const) {
      const subdomain = `stopped-${code}`
      await archivedByHand(subdomain)
      const earlier = await controlPlane(place)
      const stopped = await remove(subdomain, { env: { ERPMAX_FAILPOINT: action } })
      expect(stopped.code, stopped.stdout).to.equal(code)
      expect(stopped.json?.error?.details).to.include({ outcome: 'resumable' })
      const shown = await place.query('select status from public.tenants where subdomain = $1', [subdomain])
      expect(shown).to.deep.equal([{ status: 'deleting' }])
      expect((await remove(subdomain)).json?.data.changed).to.equal(true)
      await expectDeleted([subdomain], earlier)
    }
  })

  it('find room in the lock table, however many are at it and however their locks meet', async () => {
    // Five would do on paper; the server has room for half as much again as it promises.
    const names = Array.from({ length: 8 }, (_, at) => `met-${at}`)
    for (const name of names) await archivedByHand(name, oneBatch, 100)
    const earlier = await controlPlane(place)
    // The first to hold its locks waits for the others, as long as they may take if nothing keeps them out.
    let arrived = 0
    let open: () => void = () => {}
    const all = new Promise<void>((resolve) => (open = resolve))
    const meeting = async (name: string): Promise<void> => {
      if (name !== 'drop.before_commit') return
      arrived += 1
      if (arrived === names.length) open()
      await Promise.race([all, sleep(2000)])
      open()
    }
    const request = { now: true, reason: null, dryRun: false }
    const deletions = names.map(async (name) =>
      finished(deleteTenant({ ...ctx, failpoint: meeting }, await findKnownTenant(ctx, name), request)),
    )
    const outcomes = await Promise.allSettled(deletions)
    for (const outcome of outcomes)
      expect(outcome, JSON.stringify(outcome)).to.include({ status: 'fulfilled' })
    await expectDeleted(names, earlier, oneBatch)
  })

  it('five processes at once end well', async function () {
    this.timeout(5 * minutes)
    const names = Array.from({ length: 5 }, (_, at) => `whole-${at}`)
    for (const name of names) await (full ? archivedWhole(name) : archivedByHand(name, oneBatch, 100))
    const earlier = await controlPlane(place)
    const runs = await Promise.all(names.map((name) => remove(name)))
    for (const { code, stdout, stderr } of runs) {
      expect(code, stdout + stderr).to.equal(0)
      expect(stdout + stderr).to.not.match(/53200|out_of_locks/)
    }
    await expectDeleted(names, earlier, full ? 237 : oneBatch)
  })
})

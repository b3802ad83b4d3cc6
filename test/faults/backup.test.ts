/** Backups and restores killed anywhere: what there was is there, or what is new; the same command again finishes, and nobody else notices. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import {
  planInstallationRestore,
  readInstallationHead,
} from '../../src/workflows/plan-installation-restore.js'
import { restoreInstallation } from '../../src/workflows/restore-installation.js'
import { backUp, restore, verify } from '../support/backed-up.js'
import { fillStatements } from '../support/backup-rows.js'
import { controlPlane, missing, schemaContent } from '../support/dump.js'
import { full, Place, times } from '../support/place.js'
import { finished } from '../support/schemas.js'
import { openThrowAway } from '../support/server.js'
import { findTenant } from '../../src/tenants/find.js'
import type { OpenedContext } from '../../src/context.js'
import type { Ran, RunOptions } from '../support/cli.js'

const around = (name: string, steps: readonly string[]): string[] =>
  steps.flatMap((step) => [`${name}.before_${step}`, `${name}.after_${step}`])
const building = ['build.before_commit', 'build.commit_sent', 'build.after_commit']

const dropping = ['drop.before_commit', 'drop.commit_sent', 'drop.after_commit']

const backupPoints = [
  ...around('backup', ['copy', 'record']),
  ...['backup.during_copy', 'backup.before_publish', 'backup.in_record'],
]
const restorePoints = [
  ...around('restore', ['read', 'claim', 'schema', 'load']),
  ...['restore.in_claim', 'restore.in_schema', 'restore.in_load', 'restore.before_commit'],
  ...['restore.during_read', 'restore.during_schema', 'restore.during_load', ...building],
]
const installationPoints = [
  ...around('db_restore', ['read', 'claim', 'clear', 'tenants', 'control']),
  ...[
    'db_restore.cleared',
    'db_restore.during_read',
    'db_restore.during_tenants',
    'db_restore.in_control',
    'db_restore.before_commit',
  ],
  ...['db_restore.during_clear', ...dropping, ...building],
]

/** For the short run: one for each thing that is committed. */
const telling = {
  backup: ['backup.during_copy', 'backup.after_copy', 'backup.after_record'],
  same: ['restore.in_claim', 'restore.during_load', 'restore.in_load', 'restore.after_load'],
  rebuilt: ['drop.after_commit'],
  copy: ['build.after_commit', 'restore.before_commit'],
  installation: ['db_restore.cleared', 'db_restore.before_commit'],
}
const chosen = (all: readonly string[], few: readonly string[]): string[] =>
  all.filter((name) => full || few.includes(name))

/** Records of the runs themselves. */
const ownRecords = [
  'jobs',
  'job_steps',
  'audit_log',
  'tenant_history',
  'tenant_placements',
  'backups',
  'database_servers',
  'signing_keys',
]

describe('backups', () => {
  const place = new Place()
  const file = path.join(place.home, 'acme.erpmax-backup')
  const all = path.join(place.home, 'all.erpmax-backup')
  let ctx: OpenedContext
  let content: Record<string, string>
  let neighbour: Record<string, string>

  before(async () => {
    expect((await place.create('acme')).code).to.equal(0)
    await place.query(`set search_path = tenant_acme; ${fillStatements(60).join('; ')}`)
    await addNeighbour()
    ctx = await openThrowAway(place.home)
    content = await schemaContent(place, 'tenant_acme')
    neighbour = await schemaContent(place, 'tenant_neighbour')
    await backUp(ctx, await findTenant(ctx, 'acme'), file)
  })
  after(async () => {
    await ctx.close()
    await place.remove()
  })

  /** An active tenant with a single table of the schema, which every restore takes. */
  async function addNeighbour(): Promise<void> {
    await place.query(
      `with tenant as (
         insert into public.tenants (subdomain, status, name, legal_name, country_code, billing_email, time_zone, currency, language)
         values ('neighbour', 'provisioning', 'n', 'n', 'US', 'n@n.test', 'UTC', 'USD', 'en') returning id)
       insert into public.tenant_placements (tenant_id, server_id, schema_name)
       select tenant.id, s.id, 'tenant_neighbour' from tenant, public.database_servers s`,
    )
    await place.query(
      `create schema tenant_neighbour; create table tenant_neighbour.brands as select * from tenant_acme.brands;
       update public.tenants set status = 'active' where subdomain = 'neighbour'`,
    )
  }

  const run = (args: string[], options: RunOptions = {}): Promise<Ran> =>
    place.run([...args, '--json'], { seconds: 120, ...options })
  const killedAt = (name: string): RunOptions => ({ env: { ERPMAX_FAILPOINT: `${name}:kill` } })

  async function kill(args: string[], name: string): Promise<void> {
    const killed = await run(args, killedAt(name))
    expect(killed.signal, killed.stdout + killed.stderr).to.equal('SIGKILL')
  }

  const statusOf = async (subdomain: string): Promise<string | undefined> =>
    (
      await place.query<{ status: string }>('select status from public.tenants where subdomain = $1', [
        subdomain,
      ])
    )[0]?.status

  /** So that what is restored is seen to be, and what was there before. */
  async function spoil(): Promise<Record<string, string>> {
    await place.query(`update tenant_acme.kpis set name = name || '!'; delete from tenant_acme.announcements`)
    return schemaContent(place, 'tenant_acme')
  }

  const traced = async (work: (ctx: OpenedContext) => Promise<unknown>): Promise<string[]> => {
    const seen = new Set<string>()
    await work({ ...ctx, failpoint: async (name: string) => void seen.add(name) })
    return [...seen].sort()
  }

  for (const name of chosen(backupPoints, telling.backup))
    it(`killed at ${name}: no half of a file, and the same command makes a whole one`, async () => {
      const folder = path.join(place.home, name)
      const output = path.join(folder, 'one.erpmax-backup')
      const { code } = await run(['backup', 'create', 'acme', '--output', `${folder}/`])
      expect(code).to.equal(0)
      const [first = ''] = readdirSync(folder)
      const args = ['backup', 'create', 'acme', '--output', output]
      await kill(args, name)
      const recorded = name === 'backup.after_record'
      const again = await run(args)
      expect(again.code, again.stdout).to.equal(recorded ? 6 : 0)
      if (recorded) expect(again.json?.error?.code).to.equal('backup.file_exists')
      expect(readdirSync(folder).sort()).to.deep.equal([first, 'one.erpmax-backup'].sort())
      expect((await verify(ctx, output)).ok).to.equal(true)
      const listed = await place.query("select status from public.jobs where status in ('running', 'queued')")
      expect(listed).to.deep.equal([])
    })

  const inPlace = ['backup', 'restore', file, '--confirm', 'acme']
  const withoutBuild = (name: string): boolean =>
    !building.includes(name) && !['restore.in_schema', 'restore.during_schema'].includes(name)

  for (const name of chosen(restorePoints.filter(withoutBuild), telling.same))
    it(`restores in place, killed at ${name}: one state or the other, and finished by the same command`, async () => {
      const spoilt = await spoil()
      const others = await controlPlane(place, [...ownRecords, 'tenants'])
      await kill(inPlace, name)
      expect(await schemaContent(place, 'tenant_acme')).to.deep.equal(
        name === 'restore.after_load' ? content : spoilt,
      )
      const held = ['restore.during_load', 'restore.in_load'].includes(name)
      if (held) {
        expect(await statusOf('acme')).to.equal('restoring')
        expect((await run(['backup', 'create', 'acme'])).code, 'nothing else meanwhile').to.equal(6)
      }
      const again = await run(inPlace)
      expect(again.code, again.stdout).to.equal(0)
      await expectRestored(others)
    })

  const rebuilding = [...dropping, 'restore.during_schema', ...building, 'restore.in_schema']
  for (const name of chosen(rebuilding, telling.rebuilt))
    it(`restores in place of a schema that is not whole, killed at ${name}, are finished too`, async () => {
      const others = await controlPlane(place, [...ownRecords, 'tenants'])
      await place.query('drop table tenant_acme.audit_logs')
      await kill(inPlace, name)
      const again = await run(inPlace)
      expect(again.code, again.stdout).to.equal(0)
      await expectRestored(others)
    })

  for (let round = 1; round <= times(1, 20); round++)
    it(`restores in place, killed at a random moment, ${round}, are finished too`, async () => {
      await spoil()
      const others = await controlPlane(place, [...ownRecords, 'tenants'])
      const moment = 200 + Math.random() * 1500
      const onStart = (child: ChildProcess): void => void sleep(moment).then(() => child.kill('SIGKILL'))
      await run(inPlace, { onStart })
      const again = await run(inPlace)
      expect(again.code, `${moment} ms: ${again.stdout}`).to.equal(0)
      await expectRestored(others)
    })

  async function expectRestored(others: ReadonlySet<string>): Promise<void> {
    expect(await schemaContent(place, 'tenant_acme')).to.deep.equal(content)
    expect(await statusOf('acme')).to.equal('active')
    expect(await schemaContent(place, 'tenant_neighbour')).to.deep.equal(neighbour)
    expect(
      missing(others, await controlPlane(place, [...ownRecords, 'tenants'])),
      'rows of others',
    ).to.deep.equal([])
    const running = await place.query(`select id from public.jobs where status in ('running', 'queued')`)
    expect(running).to.deep.equal([])
  }

  // Before there are copies, which would only make it longer.
  it('restores of the installation are killed at every failpoint there is', async () => {
    expect((await run(['db', 'backup', '--output', all])).code).to.equal(0)
    neighbour = await schemaContent(place, 'tenant_neighbour')
    await place.query('drop table tenant_acme.audit_logs')
    const plan = await planInstallationRestore(ctx, await readInstallationHead(all))
    expect(await traced((inner) => finished(restoreInstallation(inner, plan, false)))).to.deep.equal(
      [...installationPoints].sort(),
    )
    expect(await schemaContent(place, 'tenant_acme')).to.deep.equal(content)
  })

  const whole = ['db', 'restore', all, '--confirm', 'erpmax']
  for (const name of chosen(installationPoints, telling.installation))
    it(`restores of the installation, killed at ${name}, are finished by the same command`, async () => {
      const rows = await controlPlane(place, ownRecords)
      await spoil()
      await place.query('drop table tenant_acme.audit_logs')
      await kill(whole, name)
      const again = await run(whole)
      expect(again.code, again.stdout).to.equal(0)
      await expectInstalled(rows)
    })

  for (let round = 1; round <= times(1, 15); round++)
    it(`restores of the installation, killed at a random moment, ${round}, are finished too`, async () => {
      const rows = await controlPlane(place, ownRecords)
      await spoil()
      const moment = 200 + Math.random() * 3000
      await run(whole, { onStart: (child) => void sleep(moment).then(() => child.kill('SIGKILL')) })
      const again = await run(whole)
      expect(again.code, `${moment} ms: ${again.stdout}`).to.equal(0)
      await expectInstalled(rows)
    })

  async function expectInstalled(rows: ReadonlySet<string>): Promise<void> {
    expect(await schemaContent(place, 'tenant_acme')).to.deep.equal(content)
    expect((await schemaContent(place, 'tenant_neighbour')).brands).to.equal(neighbour.brands)
    const now = await controlPlane(place, ownRecords)
    expect(missing(rows, now)).to.deep.equal([])
    expect(missing(now, rows)).to.deep.equal([])
    expect((await run(['schema', 'verify', '--all'])).code).to.equal(0)
  }

  for (const [index, name] of chosen(restorePoints, telling.copy).entries())
    it(`restores as another, killed at ${name}, are finished by the same command`, async () => {
      const subdomain = `copy-${index}`
      const others = await controlPlane(place, ownRecords)
      const args = ['backup', 'restore', file, '--as', subdomain]
      await kill(args, name)
      const before = await statusOf(subdomain)
      const again = await run(args)
      if (before === 'active') expect(again.json?.error?.code).to.equal('tenant.subdomain_taken')
      else expect(again.code, again.stdout).to.equal(0)
      expect(await statusOf(subdomain)).to.equal('active')
      // In a new tenant everybody is invited, in its ERP too.
      const { users } = await schemaContent(place, `tenant_copy_${index}`)
      expect(users).to.not.equal(content.users)
      expect(await schemaContent(place, `tenant_copy_${index}`)).to.deep.equal({ ...content, users })
      expect(missing(others, await controlPlane(place, ownRecords)), 'rows of others').to.deep.equal([])
    })

  it('are killed at every failpoint there is: the lists are what occurs', async () => {
    const acme = await findTenant(ctx, 'acme')
    const traces = path.join(place.home, 'traced.erpmax-backup')
    expect(await traced((inner) => backUp(inner, acme, traces))).to.deep.equal([...backupPoints].sort())
    expect(await traced((inner) => restore(inner, file, 'traced'))).to.deep.equal([...restorePoints].sort())
  })
})

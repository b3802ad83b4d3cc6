/** Many processes at once: one server, one winner for a name, and nobody runs out of locks. */
import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { embeddedBin, startOwnServer, type OwnServer } from '../support/own-server.js'
import { expectWhole, find, Place, times } from '../support/place.js'
import { throwAwayFolder } from '../support/server.js'

const minutes = 60_000

describe('processes at once', () => {
  describe('on a fresh home', () => {
    const place = new Place(throwAwayFolder())
    after(() => place.remove())

    it('create a tenant each, on one server', async function () {
      this.timeout(5 * minutes)
      const names = Array.from({ length: times(3, 8) }, (_, index) => `cold-${index}`)
      const runs = await Promise.all(names.map((name) => place.create(name, { seconds: 240 })))
      for (const ran of runs) expect(ran.code, ran.stdout + ran.stderr).to.equal(0)
      for (const name of names) await expectWhole(place, name)
      expect(postmasters(place.home)).to.have.length(1)
      const [found] = await place.query('select count(*)::int as tenants from public.tenants')
      expect(found).to.deep.equal({ tenants: names.length })
    })

    it('that create the same tenant have one winner', async function () {
      this.timeout(5 * minutes)
      const runs = await Promise.all(
        Array.from({ length: times(5, 20) }, () => place.create('wanted', { seconds: 240 })),
      )
      const codes = runs.map(({ code }) => code)
      expect(
        codes.filter((code) => code === 0),
        JSON.stringify(codes),
      ).to.have.length(1)
      for (const { code, json, stdout } of runs) {
        if (code === 0) continue
        expect(code, stdout).to.be.oneOf([6, 7])
        expect(json?.error?.code).to.equal(code === 6 ? 'tenant.subdomain_taken' : 'job.busy')
      }
      await expectWhole(place, 'wanted')
    })

    it('that create the same new tenant with --if-not-exists end with it, or with busy', async function () {
      this.timeout(5 * minutes)
      const runs = await Promise.all(
        Array.from({ length: times(3, 8) }, () =>
          place.create('shared', { args: ['--json', '--if-not-exists'], seconds: 240 }),
        ),
      )
      expect(runs.filter(({ json }) => json?.data?.created === true)).to.have.length(1)
      for (const { code, stdout } of runs) expect(code, stdout).to.be.oneOf([0, 6, 7])
      await expectWhole(place, 'shared')
    })
  })

  describe('on a server with stock lock settings', () => {
    const folder = throwAwayFolder()
    let server: OwnServer
    let place: Place

    before(async () => {
      const stock = ['max_locks_per_transaction=64', 'max_connections=100']
      server = await startOwnServer(folder, await embeddedBin(folder), stock)
      place = new Place(throwAwayFolder(), server.url)
      const migrated = await place.run(['db', 'migrate', '--json'])
      expect(migrated.code, migrated.stdout).to.equal(0)
    })
    after(async () => {
      await server.stop()
      await place.remove()
      await rm(folder, { recursive: true, force: true })
    })

    it('create and drop without running out of locks', async function () {
      this.timeout(10 * minutes)
      const each = times(2, 10)
      const names = (prefix: string): string[] => Array.from({ length: each }, (_, at) => `${prefix}-${at}`)
      for (const name of names('old')) {
        const killed = await place.create(name, { env: { ERPMAX_FAILPOINT: 'create.after_schema:kill' } })
        expect(killed.signal, killed.stdout).to.equal('SIGKILL')
      }
      const runs = await Promise.all([
        ...names('new').map((name) => place.create(name, { seconds: 400 })),
        ...names('old').map((name) =>
          place.run(['schema', 'drop', name, '--confirm', name, '--json'], { seconds: 400 }),
        ),
      ])
      for (const ran of runs) expect(ran.code, ran.stdout + ran.stderr).to.equal(0)
      for (const name of names('new')) await expectWhole(place, name)
      for (const name of names('old'))
        expect(await find(place, name)).to.deep.equal({ status: 'failed', tables: 0 })
    })
  })
})

/** The pids of the servers of a home: a postmaster's parent is not a postgres itself. */
function postmasters(home: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return path.basename(program) === 'postgres' && args.includes(path.join(home, 'pg18', 'data'))
      } catch {
        return false
      }
    })
}

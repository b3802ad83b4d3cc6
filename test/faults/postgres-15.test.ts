/** The oldest Postgres that is supported, where the machine has one: the same schema comes out. */
import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import { findPostgres15, startOwnServer, type OwnServer } from '../support/own-server.js'
import { expectWhole, find, Place } from '../support/place.js'
import { throwAwayFolder } from '../support/server.js'

describe('on Postgres 15', () => {
  const folder = throwAwayFolder()
  let server: OwnServer | undefined
  let place: Place

  before(async function () {
    const bin = findPostgres15()
    if (!bin) {
      process.stderr.write('      skipped: there is no Postgres 15 on this machine\n')
      return this.skip()
    }
    server = await startOwnServer(folder, bin, [])
    place = new Place(throwAwayFolder(), server.url)
  })
  after(async () => {
    await server?.stop()
    if (server) await rm(place.home, { recursive: true, force: true })
    await rm(folder, { recursive: true, force: true })
  })

  it('a database that was not migrated is left alone until --migrate', async () => {
    const refused = await place.create('acme')
    expect(refused.code, refused.stdout).to.equal(9)
    expect(refused.json?.error?.code).to.equal('database.not_migrated')
    const ran = await place.create('acme', { args: ['--json', '--migrate'] })
    expect(ran.code, ran.stdout).to.equal(0)
    await expectWhole(place, 'acme')
  })

  it('the schema verifies', async () => {
    const ran = await place.run(['schema', 'verify', '--all', '--json'])
    expect(ran.code, ran.stdout).to.equal(0)
    expect(ran.json?.data).to.include({ ok: 1, different: 0 })
  })

  it('a schema is dropped', async () => {
    await place.create('gone', { env: { ERPMAX_FAILPOINT: 'create.after_schema:kill' } })
    const ran = await place.run(['schema', 'drop', 'gone', '--confirm', 'gone', '--json'])
    expect(ran.code, ran.stdout).to.equal(0)
    expect(ran.json?.data.schema.dropped_tables).to.equal(237)
    expect(await find(place, 'gone')).to.deep.equal({ status: 'failed', tables: 0 })
    expect((await place.create('gone')).code).to.equal(0)
    await expectWhole(place, 'gone')
  })

  it('the password of the database is nowhere', async () => {
    const ran = await place.run(['config', 'show', '--json'])
    expect(ran.stdout + ran.stderr).not.to.include(server?.password)
    const lines = await place.query<{ line: string }>('select to_jsonb(j)::text as line from public.jobs j')
    expect(lines.filter(({ line }) => line.includes(server?.password ?? '-'))).to.deep.equal([])
  })
})

/** The embedded server by itself: it stops when idle, and neither stale files nor a crash keep it from starting. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Place } from '../support/place.js'
import { throwAwayFolder } from '../support/server.js'

describe('the embedded server', () => {
  const place = new Place(throwAwayFolder())

  before(async () => {
    const ran = await place.run(['db', 'start', '--json'])
    expect(ran.code, ran.stdout).to.equal(0)
  })
  after(() => place.remove())

  it('is started once: a second start finds it', async () => {
    const pid = place.serverPid
    const ran = await place.run(['db', 'start', '--json'])
    expect(ran.code, ran.stdout).to.equal(0)
    expect(place.serverPid).to.equal(pid)
  })

  it('can be stopped twice', async () => {
    const first = await place.run(['db', 'stop', '--json'])
    expect([first.code, first.json?.data.server.stopped]).to.deep.equal([0, true])
    expect(place.serverPid).to.equal(null)
    const second = await place.run(['db', 'stop', '--json'])
    expect([second.code, second.json?.data.server.stopped]).to.deep.equal([0, false])
  })

  it('is neither started nor stopped while DATABASE_URL is set', async () => {
    for (const action of ['start', 'stop']) {
      const ran = await place.run(['db', action, '--json'], {
        env: { DATABASE_URL: 'postgresql://somebody@127.0.0.1:1/elsewhere' },
      })
      expect(ran.code, ran.stdout).to.equal(6)
      expect(ran.json?.error?.code).to.equal('database.external')
    }
  })

  it('starts by itself for a command that needs it', async () => {
    await place.stop()
    await works(place)
  })

  it('comes back after kill -9', async () => {
    await works(place)
    process.kill(place.serverPid ?? 0, 'SIGKILL')
    await works(place)
  })

  it('overcomes the pid file of a crash whose pid is now another program', async () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      await crash(stranger.pid ?? 0)
      await works(place)
      expect(stranger.exitCode, 'the other program lives').to.equal(null)
    } finally {
      stranger.kill()
    }
  })

  it('has nothing to do with that of another home, not even where a stale pid file names it', async () => {
    const other = new Place(throwAwayFolder())
    try {
      await other.run(['db', 'start', '--json'])
      const pid = other.serverPid
      expect(pid).to.be.a('number').and.not.equal(place.serverPid)
      await crash(pid ?? 0)
      const status = await place.run(['db', 'status', '--json'])
      expect(status.json?.data.server.running, 'not its own').to.equal(false)
      await place.run(['db', 'stop', '--json'])
      expect(other.serverPid, 'the other server lives').to.equal(pid)
      await works(place)
      expect(other.serverPid).to.equal(pid)
    } finally {
      await other.remove()
    }
  })

  it('is reached where the path of its socket would be too long', async () => {
    const root = throwAwayFolder()
    const long = new Place(path.join(root, 'a-very-long-name-of-a-folder'.repeat(4)))
    mkdirSync(long.home, { mode: 0o711 })
    try {
      await works(long)
      const ran = await long.run(['db', 'status', '--json'])
      expect(Buffer.byteLength(`${ran.json?.data.server.socket}/.s.PGSQL.5432`)).to.be.lessThan(108)
    } finally {
      await long.stop()
      rmSync(root, { recursive: true, force: true })
    }
  })

  it('stops by itself when nobody uses it, and not while somebody does', async () => {
    await place.stop()
    const ran = await place.run(['db', 'migrate', '--json'], { env: { ERPMAX_PG_IDLE: '2' } })
    expect(ran.code, ran.stdout).to.equal(0)
    await place.connected(async (client) => {
      await sleep(4000)
      expect((await client.query('select 1')).rowCount).to.equal(1)
    })
    const until = Date.now() + 30_000
    while (place.serverPid !== null && Date.now() < until) await sleep(100)
    expect(place.serverPid).to.equal(null)
    await works(place)
  })

  async function works(where: Place): Promise<void> {
    const ran = await where.run(['db', 'migrate', '--json'], { seconds: 90 })
    expect(ran.code, ran.stdout + ran.stderr).to.equal(0)
  }

  /** Ends the server as a power cut does, and has its pid file name another process. */
  async function crash(pid: number): Promise<void> {
    await works(place)
    const file = path.join(place.home, 'pg18', 'data', 'postmaster.pid')
    const lines = readFileSync(file, 'utf8').split('\n')
    const own = Number(lines[0])
    process.kill(own, 'SIGQUIT')
    while (place.serverPid === own) await sleep(50)
    await sleep(300)
    writeFileSync(file, [String(pid), ...lines.slice(1)].join('\n'))
  }
})

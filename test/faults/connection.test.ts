/** The connection cut, the database killed, the disk full: a clear error, and nothing the same command cannot finish. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { embeddedHome } from '../../src/database/embedded/home.js'
import { embeddedUrl } from '../../src/database/embedded/server.js'
import { expectWhole, find, full, Place, times } from '../support/place.js'
import { throwAwayFolder } from '../support/server.js'
import type { Envelope, Ran } from '../support/cli.js'

describe('a database that goes away', () => {
  const place = new Place()

  before(async () => expect((await place.create('neighbour')).code).to.equal(0))
  after(() => place.remove())

  const everywhere = [
    'create.in_reserve',
    'create.before_schema',
    'build.before_commit',
    'build.after_commit',
    'create.in_schema',
    'create.in_subscribe',
    'create.in_seed',
    'create.after_activate',
  ]
  const tellingPoints = ['create.during_schema', 'build.commit_sent', 'create.in_activate']
  const points = [...tellingPoints, ...(full ? everywhere : [])]
  for (const [index, point] of points.entries()) {
    it(`with the connections cut at ${point}`, async () => {
      const name = `cut-${index}`
      const ran = await place.create(name, { env: { ERPMAX_FAILPOINT: `${point}:disconnect` } })
      await endsTruthfully(name, ran)
    })
  }

  for (const signal of full ? (['SIGKILL', 'SIGQUIT'] as const) : (['SIGQUIT'] as const)) {
    it(`with the server ended by ${signal} in the middle of the build`, async () => {
      const name = `crash-${signal.toLowerCase()}`
      const ran = await onceSeen(name, '"done":60,', () => endServer(signal))
      expect(ran.code, ran.stdout).to.equal(9)
      await endsTruthfully(name, ran)
    })
  }

  for (let round = 1; round <= times(1, 8); round++) {
    it(`with the server ended at a random moment, ${round}`, async () => {
      const name = `chance-${round}`
      const moment = 300 + ((round - Math.random()) / times(1, 8)) * 1200
      const ran = await place.create(name, {
        args: ['--ndjson'],
        onStart: () => void sleep(moment).then(() => endServer('SIGKILL')),
      })
      await endsTruthfully(name, ran)
    })
  }

  it('with the answer to the activation lost is not taken for a failure', async () => {
    const proxy = await startProxy(embeddedHome(place.home).socket)
    try {
      const url = await urlThrough(proxy)
      const ran = await place.create('unheard', { env: { DATABASE_URL: url } })
      expect(proxy.cuts(), 'the proxy saw the COMMIT').to.equal(1)
      expect(ran.code, ran.stdout).to.equal(0)
      expect(ran.json?.data.tenant.status).to.equal('active')
      await expectWhole(place, 'unheard')
    } finally {
      await proxy.stop()
    }
  })

  it('with nobody left to ask after a lost answer says that the outcome is unknown', async () => {
    const proxy = await startProxy(embeddedHome(place.home).socket, true)
    try {
      const url = await urlThrough(proxy)
      const ran = await place.create('unknown', { env: { DATABASE_URL: url } })
      expect(ran.code, ran.stdout).to.equal(9)
      expect(ran.json?.error).to.include({ code: 'tenant.outcome_unknown' })
      expect(ran.json?.error?.details).to.include({ outcome: 'unknown' })
      expect((await place.create('unknown')).code).to.equal(6)
      await expectWhole(place, 'unknown')
    } finally {
      await proxy.stop()
    }
  })

  async function urlThrough({ folder }: Proxy): Promise<string> {
    const url = await embeddedUrl(embeddedHome(place.home))
    return url.replace(/host=.*$/, `host=${encodeURIComponent(folder)}`)
  }

  let ended: number | null = null

  function endServer(signal: NodeJS.Signals): void {
    ended = place.serverPid
    if (ended) process.kill(ended, signal)
  }

  /** A server told to quit takes a moment, and resets whoever connects meanwhile. */
  async function serverIsGone(): Promise<void> {
    const until = Date.now() + 20_000
    while (ended !== null && place.serverPid === ended && Date.now() < until) await sleep(50)
    ended = null
  }

  /** Runs a creation and calls `act` once `text` has appeared among its events. */
  function onceSeen(name: string, text: string, act: () => void): Promise<Ran> {
    return place.create(name, {
      args: ['--ndjson'],
      onStart(child) {
        let seen = ''
        let acted = false
        child.stdout?.on('data', (chunk: Buffer) => {
          seen += chunk.toString()
          if (acted || !seen.includes(text)) return
          acted = true
          act()
        })
      },
    })
  }

  async function endsTruthfully(name: string, ran: Ran): Promise<void> {
    expect(ran.signal, ran.stderr).to.equal(null)
    await serverIsGone()
    if (!place.serverPid) await place.run(['db', 'start', '--json'])
    const { status } = await find(place, name)
    if (ran.code === 0) expect(status).to.equal('active')
    else {
      expect(ran.code, ran.stdout).to.be.oneOf([1, 9])
      // One document under --json, the last line under --ndjson.
      const { ok, error } = ran.json ?? (JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as Envelope)
      expect(ok).to.equal(false)
      expect(error?.code).to.match(/^database\./)
      expect(status, `reported as failed: ${ran.stdout}`).not.to.equal('active')
      if (status !== null) expect(error?.details.outcome, ran.stdout).to.equal('resumable')
      expect((await place.create(name)).code).to.equal(0)
    }
    await expectWhole(place, name)
  }
})

describe('a full disk', () => {
  const folder = throwAwayFolder()
  const home = path.join(folder, 'home')
  const ballast = path.join(home, 'ballast')
  const place = new Place(home)
  let mounted = false

  before(function () {
    mkdirSync(home)
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0
    mounted =
      asRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=711', 'tmpfs', home]).status === 0
    if (mounted) return
    process.stderr.write('      skipped: mounting a small file system takes root\n')
    this.skip()
  })
  after(async () => {
    if (mounted) {
      await place.stop()
      spawnSync('umount', ['-l', home])
    }
    rmSync(folder, { recursive: true, force: true })
  })

  it('is named, and the same command finishes once there is space', async () => {
    chmodSync(home, 0o711)
    expect((await place.create('first')).code).to.equal(0)
    fill(3)
    const full = await place.create('second', { seconds: 100 })
    expect(full.code, full.stdout + full.stderr).to.be.oneOf([1, 9])
    expect(full.json?.error?.code, full.stdout).to.match(/^database\./)
    rmSync(ballast)
    const again = await place.create('second', { seconds: 100 })
    expect(again.code, again.stdout + again.stderr).to.equal(0)
    await expectWhole(place, 'second')
    await expectWhole(place, 'first')
  })

  it('while the server is made leaves nothing that is in the way', async () => {
    const small = new Place(path.join(home, 'small'))
    mkdirSync(small.home, { mode: 0o711 })
    fill(20)
    const full = await small.create('first', { seconds: 100 })
    expect(full.code, full.stdout + full.stderr).to.equal(9)
    expect(full.json?.error?.code).to.match(/^database\./)
    rmSync(ballast)
    const again = await small.create('first', { seconds: 100 })
    expect(again.code, again.stdout + again.stderr).to.equal(0)
    await small.stop()
  })

  /** Leaves so many megabytes free. */
  function fill(megabytes: number): void {
    const { stdout } = spawnSync('df', ['--output=avail', '-B', '1M', home], { encoding: 'utf8' })
    const free = Number(stdout.trim().split('\n').at(-1))
    writeFileSync(ballast, Buffer.alloc(Math.max(0, free - megabytes) * 1024 * 1024))
  }
})

interface Proxy {
  folder: string
  cuts(): number
  stop(): Promise<void>
}

/**
 * Stands between the program and the server. Lets the COMMIT of the transaction that activates through and cuts
 * the connection instead of bringing the answer.
 * @param forGood nobody is let in after that
 */
async function startProxy(socket: string, forGood = false): Promise<Proxy> {
  const folder = throwAwayFolder()
  const open = new Set<net.Socket>()
  let cuts = 0
  const server = net.createServer((client) => {
    if (forGood && cuts > 0) return client.destroy()
    const upstream = net.connect(path.join(socket, '.s.PGSQL.5432'))
    let activating = false
    let mute = false
    for (const end of [client, upstream]) {
      open.add(end)
      end.on('error', () => {})
      end.on('close', () => {
        client.destroy()
        if (!mute) upstream.destroy()
      })
    }
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      activating ||= text.includes(`set status = 'active', activated_at`)
      if (activating && /commit;?\0/i.test(text)) mute = true
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (!mute) return void client.write(chunk)
      cuts += 1
      for (const end of forGood ? open : [client, upstream]) end.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(path.join(folder, '.s.PGSQL.5432'), resolve))
  return {
    folder,
    cuts: () => cuts,
    async stop() {
      for (const end of open) end.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** SIGINT and SIGTERM: what the command says became of the work is what became of it. */
import { once } from 'node:events'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { expectNothing, expectWhole, find, full, Place, times } from '../support/place.js'
import type { Ran } from '../support/cli.js'

describe('an interrupted creation', () => {
  const place = new Place()

  before(async () => expect((await place.create('neighbour')).code).to.equal(0))
  after(() => place.remove())

  const between = [
    'create.before_schema',
    'build.before_commit',
    'create.before_seed',
    'create.before_activate',
  ]
  const points = [
    ...['create.in_reserve', 'create.during_schema', 'build.commit_sent', 'create.in_seed'],
    // Nothing is in flight: the short run is content with the others.
    ...(full ? between : []),
  ]
  for (const [index, point] of points.entries()) {
    it(`is rolled back at ${point}, and says so`, async () => {
      const name = `stopped-${index}`
      const ran = await place.create(name, { env: { ERPMAX_FAILPOINT: `${point}:interrupt` } })
      expect(ran.code, ran.stdout + ran.stderr).to.equal(130)
      expect(ran.json?.error).to.include({ code: 'interrupted' })
      expect(ran.json?.error?.details).to.include({ outcome: 'rolled_back', signal: 'SIGINT' })
      await expectNothing(place, name)
    })
  }

  it('leaves no trace that keeps the same command from succeeding', async () => {
    expect((await place.create('stopped-2')).code).to.equal(0)
    await expectWhole(place, 'stopped-2')
  })

  it('is finished where it was already being activated', async () => {
    const ran = await place.create('late', { env: { ERPMAX_FAILPOINT: 'create.in_activate:interrupt' } })
    expect(ran.code, ran.stdout).to.equal(0)
    await expectWhole(place, 'late')
  })

  it('keeps what an earlier run made, and says that it can be resumed', async () => {
    await place.create('resumed', { env: { ERPMAX_FAILPOINT: 'create.after_schema:kill' } })
    const ran = await place.create('resumed', { env: { ERPMAX_FAILPOINT: 'create.before_seed:interrupt' } })
    expect(ran.code, ran.stdout).to.equal(130)
    expect(ran.json?.error?.details).to.include({ outcome: 'resumable' })
    expect(await find(place, 'resumed')).to.deep.equal({ status: 'failed', tables: 237 })
    expect((await place.create('resumed')).code).to.equal(0)
    await expectWhole(place, 'resumed')
  })

  it('says that it can be resumed where the taking back failed', async () => {
    const both = 'create.before_seed:interrupt,drop.before_commit:disconnect'
    const ran = await place.create('stuck', { env: { ERPMAX_FAILPOINT: both } })
    expect(ran.code, ran.stdout).to.equal(130)
    expect(ran.json?.error?.details).to.include({ outcome: 'resumable' })
    expect((await find(place, 'stuck')).status).to.equal('failed')
    expect((await place.create('stuck')).code).to.equal(0)
    await expectWhole(place, 'stuck')
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends with ${code} on a real ${signal} in the middle of the build`, async () => {
      const name = `real-${signal.toLowerCase()}`
      const ran = await whileBuilding(name, (child) => void child.kill(signal))
      expect(ran.code, ran.stdout + ran.stderr).to.equal(code)
      expect(last(ran).error.details).to.include({ outcome: 'rolled_back', signal })
      await expectNothing(place, name)
    })
  }

  for (let round = 1; round <= times(1, 10); round++) {
    it(`tells the truth at a random moment, ${round}`, async () => {
      const name = `chance-${round}`
      const moment = 300 + ((round - Math.random()) / times(1, 10)) * 1000
      const ran = await place.create(name, {
        onStart: (child) => void sleep(moment).then(() => child.kill('SIGINT')),
      })
      const { outcome } = ran.json?.error?.details ?? {}
      if (ran.code === 0) await expectWhole(place, name)
      else if (outcome === 'resumable') {
        expect((await find(place, name)).status).to.equal('failed')
        expect((await place.create(name)).code).to.equal(0)
        await expectWhole(place, name)
      } else {
        // Before the program listens for signals, the signal itself ends it.
        expect(ran.code === 130 || ran.signal === 'SIGINT', ran.stdout + ran.stderr).to.equal(true)
        await expectNothing(place, name)
      }
    })
  }

  it('stops at once on the second signal', async () => {
    let stopped = 0
    const ran = await whileBuilding(
      'twice',
      async (child) => {
        child.kill('SIGINT')
        await sleep(300)
        expect(child.exitCode, 'the first one waits for the work').to.equal(null)
        const from = performance.now()
        child.kill('SIGINT')
        await once(child, 'exit')
        stopped = performance.now() - from
      },
      { ERPMAX_FAILPOINT: 'create.before_seed:hang' },
      '"step_done","step":"schema"',
    )
    expect(ran.code).to.equal(130)
    expect(stopped).to.be.lessThan(2000)
    expect((await place.create('twice')).code).to.equal(0)
    await expectWhole(place, 'twice')
  })

  /** Runs a creation and calls `act` once `text` has appeared among its events. */
  function whileBuilding(
    name: string,
    act: (child: ChildProcess) => void | Promise<void>,
    env: Record<string, string> = {},
    text = '"done":60,',
  ): Promise<Ran> {
    return place.create(name, {
      env,
      args: ['--ndjson'],
      onStart(child) {
        let seen = ''
        let acted = false
        child.stdout?.on('data', (chunk: Buffer) => {
          seen += chunk.toString()
          if (acted || !seen.includes(text)) return
          acted = true
          void act(child)
        })
      },
    })
  }

  /** The result line of an --ndjson run. */
  function last(ran: Ran): { error: { details: Record<string, unknown> } } {
    return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '{}') as ReturnType<typeof last>
  }
})

/** kill -9 at every failpoint and at random moments: the same command again finishes, and nobody else notices. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { createTenant } from '../../src/workflows/create-tenant.js'
import { controlPlane, missing, schemaContent } from '../support/dump.js'
import { expectWhole, find, Place, times } from '../support/place.js'
import { openThrowAway } from '../support/server.js'

const steps = ['reserve', 'schema', 'seed', 'subscribe', 'activate']
const failpoints = [
  ...steps.flatMap((step) => [`create.before_${step}`, `create.in_${step}`, `create.after_${step}`]),
  'create.during_schema',
  'build.before_commit',
  'build.commit_sent',
  'build.after_commit',
]

/** Between two steps nothing is in flight: the short run is content with one of such pairs. */
const skippedInShort = /before_(reserve|schema|seed|subscribe|activate)|after_(reserve|schema|seed|subscribe)/

describe('kill -9', () => {
  const place = new Place()
  let neighbour: Record<string, string>

  before(async () => {
    const created = await place.create('neighbour')
    expect(created.code, created.stdout).to.equal(0)
    await place.query(`update tenant_neighbour.roles set name = name || ' of the neighbour'`)
    neighbour = await schemaContent(place, 'tenant_neighbour')
  })
  after(() => place.remove())

  it('happens at every failpoint there is: the list is what occurs', async () => {
    const seen = new Set<string>()
    const ctx = await openThrowAway(place.home)
    try {
      const input = {
        subdomain: 'traced',
        company: { name: 'Traced' },
        admin: { email: 'admin@traced.test', password: null },
        subscription: { modules: [] },
        ifNotExists: false,
      }
      const recording = { ...ctx, failpoint: async (name: string) => void seen.add(name) }
      for await (const _ of createTenant(recording, input));
    } finally {
      await ctx.close()
    }
    expect([...seen].sort()).to.deep.equal([...failpoints].sort())
  })

  for (const [index, name] of failpoints
    .filter((each) => times(0, 1) === 1 || !skippedInShort.test(each))
    .entries()) {
    it(`at ${name}`, async () => {
      const subdomain = `killed-${index}`
      const earlier = await controlPlane(place)
      const killed = await place.create(subdomain, { env: { ERPMAX_FAILPOINT: `${name}:kill` } })
      expect(killed.signal, killed.stdout + killed.stderr).to.equal('SIGKILL')
      await finishes(subdomain, earlier)
    })
  }

  for (let round = 1; round <= times(2, 30); round++) {
    it(`at a random moment, ${round}`, async () => {
      const subdomain = `random-${round}`
      const earlier = await controlPlane(place)
      // Spread over the run, so that each part of it is hit whatever the dice say.
      const moment = 150 + ((round - Math.random()) / times(2, 30)) * 1600
      await place.create(subdomain, { onStart: (child) => void killAfter(child, moment) })
      await finishes(subdomain, earlier)
    })
  }

  async function killAfter(child: ChildProcess, moment: number): Promise<void> {
    await sleep(moment)
    child.kill('SIGKILL')
  }

  async function finishes(subdomain: string, earlier: Set<string>): Promise<void> {
    const { status } = await find(place, subdomain)
    const again = await place.create(subdomain)
    // The activation's COMMIT may have been on its way when the process died, and arrive after the look.
    if (status === 'active' || again.code === 6) {
      expect(again.code, again.stdout).to.equal(6)
      expect(again.json?.error?.code).to.equal('tenant.subdomain_taken')
    } else {
      expect(again.code, again.stdout).to.equal(0)
      expect(again.json?.data.schema.table_count).to.equal(237)
    }
    await expectWhole(place, subdomain)
    expect(missing(earlier, await controlPlane(place)), 'rows of others').to.deep.equal([])
    expect(await schemaContent(place, 'tenant_neighbour')).to.deep.equal(neighbour)
  }
})

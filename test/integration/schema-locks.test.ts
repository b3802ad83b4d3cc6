/** How much of the server's lock table a build and a drop take: the figures that lock-budget.ts computes with. */
import { expect } from 'chai'
import { oneRow, rows, sql } from '../../src/database/sql.js'
import { stopServer } from '../../src/database/embedded/server.js'
import { embeddedHome } from '../../src/database/embedded/home.js'
import { buildSchema } from '../../src/schemas/build.js'
import { dropSchema } from '../../src/schemas/drop.js'
import { locksPerBuild, readLockBudget, tablesPerDrop } from '../../src/schemas/lock-budget.js'
import { lookAtSchema, tablesIn } from '../../src/schemas/look.js'
import { rejection } from '../support/errors.js'
import { collected, finished } from '../support/schemas.js'
import { openThrowAway, removeServer, sharedContext, throwAwayFolder } from '../support/server.js'
import { reservedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

/** One transaction of DDL just before its commit. */
interface Locks {
  /** Things that are locked: what the lock table has room for. */
  entries: number
  /** Rows of pg_locks: an entry that is held in three modes counts three times. */
  held: number
}

/** A context that counts the locks of its DDL transactions as they are about to commit. */
function counting(ctx: OpenedContext, seen: Locks[]): OpenedContext {
  const failpoint = async (name: string): Promise<void> => {
    if (!name.endsWith('.before_commit')) return
    const found = await rows<Locks>(
      ctx.db,
      sql`select count(distinct (locktype, database, relation, classid, objid, objsubid, virtualxid, transactionid::text))::int as entries,
                 count(*)::int as held
          from pg_locks where pid in (select pid from pg_stat_activity where state = 'idle in transaction') group by pid`,
    )
    expect(found).to.have.length(1)
    seen.push(...found)
  }
  return { ...ctx, failpoint }
}

describe('locks', () => {
  let ctx: OpenedContext

  before(async () => {
    ctx = await sharedContext()
  })

  it('of a build, and of each batch of a drop, are at most what the budget reckons with', async () => {
    const { id, schema, generation } = await reservedTenant(ctx, 'locks')
    const built: Locks[] = []
    await finished(buildSchema(counting(ctx, built), { schema, claim: { tenantId: id, generation } }))
    expect(built).to.have.length(1)
    expect(built[0]?.entries).to.be.within(locksPerBuild * 0.8, locksPerBuild)

    const dropped: Locks[] = []
    const drop = dropSchema(counting(ctx, dropped), { schema, tenantId: id, allowed: ['provisioning'] })
    const { events, result } = await collected(drop)
    expect(result.tables).to.equal(237)
    expect(events).to.have.length(237)
    expect(dropped).to.have.length(Math.ceil(237 / tablesPerDrop(await readLockBudget(ctx))))
    expect(Math.max(...dropped.map(({ entries }) => entries))).to.be.at.most(locksPerBuild)
    expect((await lookAtSchema(ctx, schema)).state).to.equal('absent')
  })
})

describe('a server with a small lock table', () => {
  let home: string
  let ctx: OpenedContext

  before(async () => {
    home = throwAwayFolder()
    const large = await openThrowAway(home)
    await large.db.raw('alter system set max_locks_per_transaction = 10')
    await large.db.raw('alter system set max_connections = 100')
    await large.close()
    await stopServer(embeddedHome(home))
    ctx = await openThrowAway(home)
  })

  after(async () => {
    await ctx.close()
    await removeServer(home)
  })

  it('gets the schema in slices, also where one fails, and loses it in small batches', async () => {
    const budget = await readLockBudget(ctx)
    expect(budget).to.deep.include({ total: 1_000, slots: 1, slices: 5 })
    const { id, schema, generation } = await reservedTenant(ctx, 'small')
    const request = { schema, claim: { tenantId: id, generation } }
    const built: Locks[] = []
    const counted = counting(ctx, built)
    const failing = {
      ...counted,
      failpoint: async (name: string) => {
        if (name === 'build.before_commit' && built.length === 2) throw new Error('the third slice fails')
        await counted.failpoint(name)
      },
    }
    expect(await rejection(finished(buildSchema(failing, request)))).to.be.an('error')
    expect(await tablesIn(ctx, schema)).to.have.length(96)

    const { events, result } = await collected(buildSchema(counted, request))
    expect(events.map(({ done }) => done)).to.deep.equal(
      Array.from({ length: 141 }, (_, index) => index + 97),
    )
    expect(result).to.deep.include({ built: true, tables: 237 })
    expect(built).to.have.length(5)
    expect(Math.max(...built.map(({ entries }) => entries))).to.be.at.most(budget.total * 0.8)
    const placement = await oneRow<{ fingerprint: string }>(
      ctx.db,
      sql`select fingerprint from public.tenant_placements where tenant_id = ${id}`,
    )
    expect(placement.fingerprint).to.equal(result.fingerprint)

    const dropped: Locks[] = []
    await finished(dropSchema(counting(ctx, dropped), { schema, tenantId: id, allowed: ['provisioning'] }))
    expect(Math.max(...dropped.map(({ entries }) => entries))).to.be.at.most(budget.total * 0.8)
    expect((await lookAtSchema(ctx, schema)).state).to.equal('absent')
  })
})

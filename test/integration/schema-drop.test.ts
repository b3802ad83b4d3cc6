/** Dropping a tenant's schema: only where its tenant allows it, whole in the end, whatever happens on the way. */
import { expect } from 'chai'
import { oneRow, sql } from '../../src/database/sql.js'
import { buildSchema } from '../../src/schemas/build.js'
import { loadBaseline } from '../../src/schemas/baseline.js'
import { dropSchema } from '../../src/schemas/drop.js'
import { lookAtSchema, tablesIn } from '../../src/schemas/look.js'
import { rejection } from '../support/errors.js'
import { collected, createByHand, cutAt, finished } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import { reservedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

describe('dropping a schema', () => {
  let ctx: OpenedContext

  before(async () => {
    ctx = await sharedContext()
  })

  it('takes the tables in the reverse of the build order, and fences earlier builders off', async () => {
    const { id, schema, generation } = await reservedTenant(ctx, 'dropped')
    const { tables } = await loadBaseline()
    await createByHand(ctx.db, schema, tables.slice(0, 60))
    const { events, result } = await collected(
      dropSchema(ctx, { schema, tenantId: id, allowed: ['provisioning'] }),
    )
    const names = tables.slice(0, 60).map(({ name }) => name)
    expect(events.map(({ item }) => item)).to.deep.equal(names.toReversed())
    expect(events.at(-1)).to.deep.include({ done: 60, total: 60 })
    expect(result.tables).to.equal(60)
    expect((await lookAtSchema(ctx, schema)).state).to.equal('absent')
    const placement = await oneRow(
      ctx.db,
      sql`select generation, fingerprint, built_at from public.tenant_placements where tenant_id = ${id}`,
    )
    expect(placement).to.deep.equal({ generation: generation + 1, fingerprint: null, built_at: null })
    const late = buildSchema(ctx, { schema, claim: { tenantId: id, generation } })
    expect(await rejection(finished(late))).to.deep.include({ code: 'job.lease_lost', kind: 'busy' })
    expect((await lookAtSchema(ctx, schema)).state).to.equal('absent')
  })

  it('takes what an earlier drop left, strangers included, and nothing where there is nothing', async () => {
    const { id, schema } = await reservedTenant(ctx, 'drop-rest')
    await createByHand(ctx.db, schema, (await loadBaseline()).tables.slice(0, 30))
    await ctx.db.raw(`create table ${schema}.orders_of_1998 (id int)`)
    const request = { schema, tenantId: id, allowed: ['provisioning'] as const }
    expect((await finished(dropSchema(ctx, request))).tables).to.equal(31)
    expect((await lookAtSchema(ctx, schema)).state).to.equal('absent')
    expect((await finished(dropSchema(ctx, request))).tables).to.equal(0)
  })

  it('does a batch again where the answer to its commit is lost', async () => {
    const { id, schema } = await reservedTenant(ctx, 'drop-cut')
    await createByHand(ctx.db, schema, (await loadBaseline()).tables.slice(0, 30))
    const drop = dropSchema(cutAt(ctx, 'drop.before_commit'), {
      schema,
      tenantId: id,
      allowed: ['provisioning'],
    })
    const { events } = await collected(drop)
    expect(events).to.have.length(30)
    expect((await lookAtSchema(ctx, schema)).state).to.equal('absent')
  })

  it('touches nothing while the tenant is in use', async () => {
    const { id, schema } = await reservedTenant(ctx, 'drop-in-use')
    await createByHand(ctx.db, schema, (await loadBaseline()).tables.slice(0, 30))
    const drop = dropSchema(ctx, { schema, tenantId: id, allowed: ['failed', 'archived', 'deleting'] })
    expect(await rejection(finished(drop))).to.deep.include({
      code: 'schema.tenant_in_use',
      kind: 'conflict',
    })
    expect(await tablesIn(ctx, schema)).to.have.length(30)
  })
})

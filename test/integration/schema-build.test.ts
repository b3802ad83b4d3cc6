/** Building a tenant's schema: what it tells, what it leaves, and what it does with what is there already. */
import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { schemaName, type SchemaName } from '../../src/kernel/ids.js'
import { packageRoot } from '../../src/kernel/package-root.js'
import { loadBaseline, loadSnapshot, moduleSizes, type SchemaSnapshot } from '../../src/schemas/baseline.js'
import { buildSchema } from '../../src/schemas/build.js'
import { lookAtSchema, tablesIn } from '../../src/schemas/look.js'
import { verifySchema, type SchemaDifference } from '../../src/schemas/verify.js'
import { takeSnapshot } from '../../tools/schema-snapshot.js'
import { moduleCodes } from '../../src/subscriptions/catalogue.js'
import { rejection } from '../support/errors.js'
import {
  afterwards,
  collected,
  createByHand,
  cutAt,
  finished,
  sharedBuild,
  sharedSchema,
} from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import type { OpenedContext } from '../../src/context.js'

describe('building a schema', () => {
  let ctx: OpenedContext

  before(async () => {
    ctx = await sharedContext()
  })

  it('plans its modules in catalogue order, with all their tables', async () => {
    const sizes = moduleSizes(await loadBaseline(), await moduleCodes(ctx))
    expect(sizes.map(({ name }) => name)).to.deep.equal([
      ...['system_admin', 'oms_wms', 'finance', 'dealer_distribution', 'field_service'],
      ...['logistics', 'procurement', 'crm', 'hr', 'bi'],
    ])
    expect(sizes.reduce((sum, { total }) => sum + total, 0)).to.equal(237)
  })

  it('tells of each table in build order, with what is done of its module and of all', async () => {
    const { tables } = await loadBaseline()
    const sizes = new Map(moduleSizes(await loadBaseline(), []).map(({ name, total }) => [name, total]))
    const { events, result } = await sharedBuild()
    expect(events.map(({ item }) => item)).to.deep.equal(tables.map(({ name }) => name))
    const done = new Map<string, number>()
    for (const [index, event] of events.entries()) {
      const groupDone = (done.get(event.group) ?? 0) + 1
      done.set(event.group, groupDone)
      expect(event).to.deep.equal({
        group: tables[index]?.module,
        item: tables[index]?.name,
        done: index + 1,
        total: 237,
        groupDone,
        groupTotal: sizes.get(event.group),
      })
    }
    expect(done).to.deep.equal(sizes)
    const { counts, fingerprint } = await loadSnapshot()
    expect(result).to.deep.include({ ...counts, fingerprint, built: true })
  })

  it('does nothing where the schema is whole', async () => {
    const again = await collected(buildSchema(ctx, { schema: await sharedSchema(), claim: null }))
    expect(again.events).to.deep.equal([])
    expect(again.result.built).to.equal(false)
    expect(again.result.tables).to.equal(237)
  })

  it('goes on where an earlier run stopped between two transactions, if that is as it should be', async () => {
    const schema = schemaName('tenant_partial')
    const { tables } = await loadBaseline()
    const altered = `${schema}.${tables[0]?.name ?? ''}`
    await createByHand(ctx.db, schema, tables.slice(0, 100))
    await ctx.db.raw(`alter table ${altered} add column extra int`)
    const error = await rejection(finished(buildSchema(ctx, { schema, claim: null })))
    expect(error).to.have.property('code', 'schema.build_differs')
    expect(await tablesIn(ctx, schema)).to.have.length(100)

    await ctx.db.raw(`alter table ${altered} drop column extra`)
    const { events, result } = await collected(buildSchema(ctx, { schema, claim: null }))
    expect(events.map(({ item }) => item)).to.deep.equal(tables.slice(100).map(({ name }) => name))
    expect(events[0]?.done).to.equal(101)
    expect(result.built).to.equal(true)
    expect((await verifySchema(ctx, schema)).state).to.equal('whole')
  })

  it('leaves nothing where it is interrupted', async () => {
    const schema = schemaName('tenant_interrupted')
    const interruption = new AbortController()
    const build = buildSchema({ ...ctx, signal: interruption.signal }, { schema, claim: null })
    for (let tables = 0; tables < 10; tables++) await build.next()
    interruption.abort()
    expect(await rejection(finished(build))).to.deep.include({ kind: 'interrupted', code: 'interrupted' })
    expect((await lookAtSchema(ctx, schema)).state).to.equal('absent')
  })

  it('looks again where the answer to its commit is lost', async () => {
    const schema = schemaName('tenant_cut')
    const built = await finished(buildSchema(cutAt(ctx, 'build.before_commit'), { schema, claim: null }))
    expect(built).to.deep.include({ built: true, tables: 237 })
    expect((await lookAtSchema(ctx, schema)).state).to.equal('whole')
  })

  describe('refuses', () => {
    const foreign: Record<string, (schema: SchemaName) => Promise<void>> = {
      'a schema with a table of somebody else': async (schema) => {
        await ctx.db.raw(`create schema ${schema}`)
        await ctx.db.raw(`create table ${schema}.orders_of_1998 (id int)`)
      },
      'a prefix of the tables with one of somebody else among them': async (schema) => {
        await createByHand(ctx.db, schema, (await loadBaseline()).tables.slice(0, 3))
        await ctx.db.raw(`create table ${schema}.orders_of_1998 (id int)`)
      },
      'tables from the middle of the order': async (schema) => {
        const { tables } = await loadBaseline()
        const free = tables.filter(({ statements: [create] }) => !create?.includes('references'))
        await createByHand(ctx.db, schema, free.slice(-2))
      },
      'an empty schema': async (schema) => {
        await ctx.db.raw(`create schema ${schema}`)
      },
    }
    for (const [index, [what, make]] of Object.entries(foreign).entries()) {
      it(`${what}, and leaves it as it is`, async () => {
        const schema = schemaName(`tenant_foreign_${index}`)
        await make(schema)
        const found = await tablesIn(ctx, schema)
        const error = await rejection(finished(buildSchema(ctx, { schema, claim: null })))
        expect(error).to.deep.include({ code: 'schema.foreign', kind: 'conflict' })
        expect(error).to.have.nested.property('details.tables', found.length)
        expect(await tablesIn(ctx, schema)).to.deep.equal(found)
      })
    }
  })
})

describe('verifying a schema', () => {
  const spoiled: Record<string, { statement: string; differences: SchemaDifference[] }> = {
    'a dropped column': {
      statement: 'alter table leads drop column utm_medium',
      differences: [{ table: 'leads', kind: 'column', name: 'utm_medium', problem: 'missing' }],
    },
    'a column with another type': {
      statement: 'alter table leads alter column utm_medium type varchar(40)',
      differences: [{ table: 'leads', kind: 'column', name: 'utm_medium', problem: 'changed' }],
    },
    'a column of somebody else': {
      statement: 'alter table leads add column lucky_number int',
      differences: [{ table: 'leads', kind: 'column', name: 'lucky_number', problem: 'unexpected' }],
    },
    'a dropped table': {
      statement: 'drop table audit_logs',
      differences: [{ table: 'audit_logs', kind: 'table', name: 'audit_logs', problem: 'missing' }],
    },
    'a table of somebody else': {
      statement: 'create table orders_of_1998 (id int)',
      differences: [
        { table: 'orders_of_1998', kind: 'table', name: 'orders_of_1998', problem: 'unexpected' },
      ],
    },
    'a dropped index': {
      statement: 'drop index leads_region_id_status_idx',
      differences: [
        { table: 'leads', kind: 'index', name: 'leads_region_id_status_idx', problem: 'missing' },
      ],
    },
    'an index over other columns': {
      statement:
        'drop index leads_region_id_status_idx; create index leads_region_id_status_idx on leads (region_id)',
      differences: [
        { table: 'leads', kind: 'index', name: 'leads_region_id_status_idx', problem: 'changed' },
      ],
    },
    'a dropped check': {
      statement: 'alter table leads drop constraint leads_rating_check',
      differences: [{ table: 'leads', kind: 'constraint', name: 'leads_rating_check', problem: 'missing' }],
    },
    'a reference that does something else on delete': {
      statement: `alter table leads drop constraint leads_region_id_fkey,
                  add constraint leads_region_id_fkey foreign key (region_id) references regions (id) on delete cascade`,
      differences: [{ table: 'leads', kind: 'constraint', name: 'leads_region_id_fkey', problem: 'changed' }],
    },
    'a default that is gone': {
      statement: 'alter table leads alter column score drop default',
      differences: [{ table: 'leads', kind: 'column', name: 'score', problem: 'changed' }],
    },
  }

  it('finds a built one whole', async () => {
    const verdict = await verifySchema(await sharedContext(), await sharedSchema())
    const { counts, fingerprint, version } = await loadSnapshot()
    expect(verdict).to.deep.equal({
      schema: 'tenant_shared',
      state: 'whole',
      differences: [],
      fingerprint,
      version,
      ...counts,
    })
  })

  it('finds an absent one absent', async () => {
    const verdict = await verifySchema(await sharedContext(), schemaName('tenant_nowhere'))
    expect(verdict).to.deep.include({ state: 'absent', tables: 0, differences: [] })
  })

  for (const [what, { statement, differences }] of Object.entries(spoiled)) {
    it(`names ${what}, and nothing else`, async () => {
      const schema = await sharedSchema()
      const verdict = await afterwards(schema, statement, (db) => verifySchema({ db }, schema))
      expect(verdict.differences).to.deep.equal(differences)
      expect(verdict.state).to.equal('different')
    })
  }
})

describe('schema.json', () => {
  it('is what the SQL makes', async () => {
    const fresh = await takeSnapshot(await sharedContext(), schemaName('tenant_snapshot'))
    const file = await readFile(path.join(packageRoot(), 'migrations', 'tenant', 'schema.json'), 'utf8')
    const [made, kept] = [JSON.parse(fresh), JSON.parse(file)] as [SchemaSnapshot, SchemaSnapshot]
    for (const [name, table] of Object.entries(made.tables))
      expect(kept.tables[name], name).to.deep.equal(table)
    expect(file === fresh, 'node build/tools/schema-snapshot.js writes it anew').to.equal(true)
  })
})

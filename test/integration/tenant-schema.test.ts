/** The tenant schema as a whole: its tables, their references, their names, and what it must not contain. */
import { expect } from 'chai'
import { rows, sql } from '../../src/database/sql.js'
import { loadBaseline, type Baseline } from '../../src/schemas/baseline.js'
import { sharedSchema } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import { readCatalogue, type Reference, type Table } from '../support/tenant-catalogue.js'
import { readSchemaSql, type WrittenSchema } from '../support/tenant-sql.js'
import { promisedTables } from '../support/tenant-tables.js'
import type { OpenedContext } from '../../src/context.js'
import type { SchemaName } from '../../src/kernel/ids.js'

/** A shard's number may follow, within Postgres's 63 bytes. */
const longestName = 55
/** Tables that share more of their columns are one under two names. */
const mostAlike = 0.6

describe('the tenant schema', () => {
  const promised = promisedTables()
  let ctx: OpenedContext
  let schema: SchemaName
  let baseline: Baseline
  let tables: Map<string, Table>
  let written: WrittenSchema
  let references: Reference[]

  before(async () => {
    ctx = await sharedContext()
    schema = await sharedSchema()
    baseline = await loadBaseline()
    tables = await readCatalogue(ctx, schema)
    written = await readSchemaSql()
    references = [...tables.values()].flatMap((table) => table.references)
  })

  describe('tables', () => {
    it('are the 237 of the list, and no other', () => {
      expect(promised).to.have.length(237)
      expect([...tables.keys()].sort()).to.deep.equal(promised.map(({ name }) => name).sort())
    })

    it('lie in the module and the area of the list', () => {
      const place = ({ name, module, area }: { name: string; module: string; area: string }): string =>
        `${module}/${area}/${name}`
      expect(baseline.tables.map(place).sort()).to.deep.equal(promised.map(place).sort())
    })

    it('come after the tables they refer to', () => {
      const order = new Map(baseline.tables.map(({ name }, index) => [name, index]))
      const early = references.filter(
        ({ table, target }) => table !== target && (order.get(target) ?? 0) > (order.get(table) ?? 0),
      )
      expect(early.map(named)).to.deep.equal([])
    })

    it('have 3,000 columns or more together', () => {
      const count = [...tables.values()].reduce((sum, { columns }) => sum + columns.length, 0)
      expect(count).to.be.at.least(3_000)
    })

    it('are no copies of one another', () => {
      const sets = [...tables.values()].map(({ name, columns }) => ({
        name,
        own: new Set(columns.map((column) => column.name).filter((column) => !standard.has(column))),
      }))
      const copies = sets.flatMap((one, index) =>
        sets
          .slice(index + 1)
          .filter((other) => alike(one.own, other.own) > mostAlike)
          .map((other) => `${one.name} and ${other.name}`),
      )
      expect(copies).to.deep.equal([])
    })
  })

  describe('references', () => {
    it('are 590 or more', () => {
      expect(references.length).to.be.at.least(590)
    })

    it('include each one of the list', () => {
      const present = new Set(references.map(({ table, target }) => `${table} -> ${target}`))
      const missing = promised
        .flatMap(({ name, references: least }) => least.map((target) => `${name} -> ${target}`))
        .filter((reference) => !present.has(reference))
      expect(missing).to.deep.equal([])
    })

    it('of bank accounts lead to the chart of accounts', () => {
      const targets = tables.get('bank_accounts')?.references.map(({ target }) => target)
      expect(targets).to.include('chart_of_accounts').and.not.include('ledger_accounts')
    })

    it('of po_serials are uuids', () => {
      const serials = tables.get('po_serials')
      const pointers = serials?.columns.filter(({ name }) => name.endsWith('_id')) ?? []
      expect(pointers).to.have.length.above(3)
      const referring = new Set(serials?.references.flatMap(({ columns }) => columns))
      const loose = pointers.filter(({ name, type }) => type !== 'uuid' || !referring.has(name))
      expect(loose.map(({ name, type }) => `${name} ${type}`)).to.deep.equal([])
    })

    it('are one uuid column each, to the id of the other table', () => {
      const columns = new Map(
        [...tables.values()].flatMap((table) =>
          table.columns.map((column) => [`${table.name}.${column.name}`, column.type] as const),
        ),
      )
      const odd = references.filter(
        ({ table, columns: [column], columns: all, targetColumns }) =>
          all.length !== 1 ||
          targetColumns.join() !== 'id' ||
          columns.get(`${table}.${column ?? ''}`) !== 'uuid',
      )
      expect(odd.map(named)).to.deep.equal([])
    })

    it('stay inside the schema, in both directions', async () => {
      expect(references.filter((one) => one.foreignSchema !== null).map(named)).to.deep.equal([])
      expect(written.references.filter((one) => one.targetSchema !== null)).to.deep.equal([])
      const inward = await rows<{ name: string }>(
        ctx.db,
        sql`select k.conrelid::regclass || '.' || k.conname as name from pg_constraint k join pg_class t on t.oid = k.confrelid
            where t.relnamespace = to_regnamespace(${schema}) and k.connamespace <> t.relnamespace`,
      )
      expect(inward.map(({ name }) => name)).to.deep.equal([])
    })

    it('form no cycle, but to the same table', () => {
      expect(cycle(references)).to.deep.equal([])
    })

    it('are written inside CREATE TABLE, each with its ON DELETE', () => {
      expect(written.references).to.have.length(references.length)
      const late = written.references.filter(({ inline }) => !inline)
      const silent = written.references.filter(({ hasDeleteAction }) => !hasDeleteAction)
      expect(late.map(({ table, target }) => `${table} -> ${target}`)).to.deep.equal([])
      expect(silent.map(({ table, target }) => `${table} -> ${target}`)).to.deep.equal([])
    })

    it('are set to null only where null is allowed', () => {
      const impossible = references.filter(
        ({ table, columns: [column], onDelete }) =>
          onDelete === 'set null' && tables.get(table)?.columns.find(({ name }) => name === column)?.notNull,
      )
      expect(impossible.map(named)).to.deep.equal([])
    })
  })

  describe('names', () => {
    it('of indexes are given, once each', () => {
      const seen = new Set<string>()
      const twice = written.indexNames.filter((name) => seen.size === seen.add(name).size)
      expect(twice).to.deep.equal([])
      expect(written.indexNames.filter((name) => name.startsWith('an unnamed'))).to.deep.equal([])
      const present = new Set([...tables.values()].flatMap(({ indexes }) => indexes.map(({ name }) => name)))
      expect(written.indexNames.filter((name) => !present.has(name))).to.deep.equal([])
    })

    it(`have ${longestName} characters at most`, () => {
      const names = [...tables.values()].flatMap((table) => [
        table.name,
        ...[...table.columns, ...table.indexes, ...table.constraints].map(({ name }) => name),
      ])
      expect(names.filter((name) => Buffer.byteLength(name) > longestName)).to.deep.equal([])
    })

    it('need no quotes', () => {
      const names = [...tables.values()].flatMap(({ name, columns }) => [
        name,
        ...columns.map((column) => column.name),
      ])
      expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).to.deep.equal([])
    })
  })

  describe('contents', () => {
    it('are CREATE TABLE, CREATE INDEX and COMMENT alone, none of them lenient', () => {
      expect([...written.statementKinds.keys()].sort()).to.deep.equal([
        'CommentStmt',
        'CreateStmt',
        'IndexStmt',
      ])
      expect(written.lenient).to.deep.equal([])
    })

    it('are plain tables and their indexes: no view, sequence, type, partition or foreign table', async () => {
      const others = await rows<{ name: string }>(
        ctx.db,
        sql`select c.relkind::text || ' ' || c.relname as name from pg_class c
            where c.relnamespace = to_regnamespace(${schema}) and (c.relkind not in ('r', 'i') or c.relispartition)
            union all
            select 'type ' || t.typname from pg_type t
            where t.typnamespace = to_regnamespace(${schema}) and t.typrelid = 0 and t.typelem = 0`,
      )
      expect(others.map(({ name }) => name)).to.deep.equal([])
    })

    it('are without triggers, rules, policies, functions, statistics and inheritance', async () => {
      const found = await rows<{ name: string }>(
        ctx.db,
        sql`with rel as (select oid, relname from pg_class where relnamespace = to_regnamespace(${schema}))
            select 'trigger ' || t.tgname as name from pg_trigger t join rel on rel.oid = t.tgrelid where not t.tgisinternal
            union all select 'rule ' || r.rulename from pg_rewrite r join rel on rel.oid = r.ev_class
            union all select 'policy ' || p.polname from pg_policy p join rel on rel.oid = p.polrelid
            union all select 'child ' || rel.relname from pg_inherits i join rel on rel.oid in (i.inhrelid, i.inhparent)
            union all select 'function ' || p.proname from pg_proc p where p.pronamespace = to_regnamespace(${schema})
            union all select 'statistics ' || s.stxname from pg_statistic_ext s where s.stxnamespace = to_regnamespace(${schema})`,
      )
      expect(found.map(({ name }) => name)).to.deep.equal([])
    })

    it('have no identity, serial or generated column and no tablespace', async () => {
      const found = await rows<{ name: string }>(
        ctx.db,
        sql`select c.relname || '.' || a.attname as name from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where c.relnamespace = to_regnamespace(${schema})
              and (a.attidentity <> '' or a.attgenerated <> '' or pg_get_expr(d.adbin, d.adrelid) ~ 'nextval')
            union all
            select relname from pg_class where relnamespace = to_regnamespace(${schema}) and reltablespace <> 0`,
      )
      expect(found.map(({ name }) => name)).to.deep.equal([])
    })
  })
})

const standard = new Set(['id', 'created_at', 'updated_at'])

function named({ table, columns, target }: Reference): string {
  return `${table} (${columns.join(', ')}) -> ${target}`
}

/** The share of columns that two tables have in common, of all they have. */
function alike(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const common = [...one].filter((name) => other.has(name)).length
  return common / (one.size + other.size - common)
}

/** The tables that are left when those without references are taken away again and again. */
function cycle(references: readonly Reference[]): string[] {
  let left = references.filter(({ table, target }) => table !== target)
  for (;;) {
    const referring = new Set(left.map(({ table }) => table))
    const next = left.filter(({ target }) => referring.has(target))
    if (next.length === left.length) return [...referring].sort()
    left = next
  }
}

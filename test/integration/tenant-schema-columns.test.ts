/** The columns of the tenant schema: what each table has, and in which types its facts are kept. */
import { expect } from 'chai'
import { sharedSchema } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import { readCatalogue, type Column, type Table } from '../support/tenant-catalogue.js'

const amount = 'numeric(19,4)'
const unitPrice = 'numeric(21,9)'
const quantity = 'numeric(19,6)'

const amountName = /(^|_)(amount|total|subtotal|fee|fees|charge|charges|balance|salary|revenue)$/
const unitPriceName = /(^|_)(price|mrp|unit_cost|standard_cost|unit_rate|exchange_rate|per_unit)$/
const quantityName = /(^|_)(quantity|qty)$/
const statusName = /(^|_)(status|state|stage|phase)$/
const currencyName = /(^|_)currency(_code|_id)$/
const unitName = /(^|_)uom(_code|_id)$/

/** Differences and balances, which may fall below zero; every other quantity and price says its sign. */
const mayBeNegative = new Set([
  'commission_transactions.quantity',
  'dealer_targets.achieved_quantity',
  'demand_forecasts.actual_quantity',
  'inventory_optimizations.current_reorder_point_quantity',
  'inventory_optimizations.on_hand_quantity',
  'purchase_requisition_items.available_quantity',
  'stock_movements.balance_quantity',
])

const standard = new Set(['id', 'created_at', 'updated_at'])

describe('the columns of the tenant schema', () => {
  let tables: Table[]
  let columns: Column[]

  before(async () => {
    tables = [...(await readCatalogue(await sharedContext(), await sharedSchema())).values()]
    columns = tables.flatMap((table) => table.columns)
  })

  /** The tables for which `holds` is false. */
  const tablesWithout = (holds: (table: Table) => boolean): string[] =>
    tables.filter((table) => !holds(table)).map(({ name }) => name)

  /** The columns of which `holds` is true, with their types. */
  const columnsWith = (holds: (column: Column) => boolean): string[] =>
    columns.filter(holds).map((column) => `${nameOf(column)} ${column.type}`)

  describe('of every table', () => {
    it('begin with a uuid primary key that Postgres makes', () => {
      const without = tablesWithout(({ columns: [id], constraints }) => {
        const key = constraints.find(({ kind }) => kind === 'primary')
        return (
          id?.name === 'id' &&
          id.type === 'uuid' &&
          id.default === 'gen_random_uuid()' &&
          key?.columns.join() === 'id'
        )
      })
      expect(without).to.deep.equal([])
    })

    for (const name of ['created_at', 'updated_at']) {
      it(`have ${name}, set by default`, () => {
        const without = tablesWithout((table) => {
          const column = table.columns.find((one) => one.name === name)
          return column?.type === 'timestamp with time zone' && column.notNull && column.default === 'now()'
        })
        expect(without).to.deep.equal([])
      })
    }

    it('are 6 of its own at the least, 2 for a pure link', () => {
      const thin = tablesWithout((table) => ownColumns(table).length >= (isPureLink(table) ? 2 : 6))
      expect(thin).to.deep.equal([])
    })

    it('demand something: no row is made of defaults alone', () => {
      const undemanding = tablesWithout((table) =>
        table.columns.some((column) => column.notNull && column.default === null),
      )
      expect(undemanding).to.deep.equal([])
    })

    it('are checked somewhere', () => {
      expect(
        tablesWithout(({ constraints }) => constraints.some(({ kind }) => kind === 'check')),
      ).to.deep.equal([])
    })

    it('stand under a comment that tells what a row is', () => {
      expect(tablesWithout(({ comment }) => comment.trim().length >= 40)).to.deep.equal([])
      const seen = new Map<string, string>()
      for (const { name, comment } of tables) seen.set(comment, name)
      expect(seen.size).to.equal(tables.length)
    })

    it('have names that mean something', () => {
      const filler = /^(column|col|field|attr|attribute|value|data|extra|custom|misc|spare|reserved)_?\d*$/
      const counted = /(address_line\d|sha256|_last4|_per_100)$/
      const meaningless = columnsWith(
        ({ name }) => filler.test(name) || (/\d$/.test(name) && !counted.test(name)),
      )
      expect(meaningless).to.deep.equal([])
    })
  })

  describe('of state', () => {
    it('are checked against a list', () => {
      const open = columns.filter(
        (column) =>
          column.type === 'text' &&
          statusName.test(column.name) &&
          !checksOf(column).some((definition) => definition.includes('= ANY (ARRAY[')),
      )
      expect(open.map(nameOf)).to.deep.equal([])
    })

    it('named status are never empty', () => {
      expect(columnsWith(({ name, notNull }) => name === 'status' && !notNull)).to.deep.equal([])
    })
  })

  describe('of money', () => {
    it('are numeric(19,4) where they hold an amount', () => {
      expect(
        columnsWith(
          ({ name, type }) =>
            amountName.test(name) && /^(numeric|integer|bigint)/.test(type) && type !== amount,
        ),
      ).to.deep.equal([])
    })

    it('are numeric(21,9) where they hold a unit price or an exchange rate', () => {
      expect(columnsWith(({ name, type }) => unitPriceName.test(name) && type !== unitPrice)).to.deep.equal(
        [],
      )
    })

    it('have a currency beside them', () => {
      const without = tablesWithout(
        (table) =>
          !table.columns.some(({ type }) => type === amount || type === unitPrice) ||
          table.columns.some(
            ({ name, type }) => currencyName.test(name) && /^(character\(3\)|uuid)$/.test(type),
          ),
      )
      expect(without).to.deep.equal([])
    })

    it('say their sign where they hold a unit price or an exchange rate', () => {
      const unsigned = columns.filter((column) => unitPriceName.test(column.name) && !isSigned(column))
      expect(unsigned.map(nameOf)).to.deep.equal([])
    })
  })

  describe('of quantity', () => {
    it('are numeric(19,6)', () => {
      expect(columnsWith(({ name, type }) => quantityName.test(name) && type !== quantity)).to.deep.equal([])
    })

    it('have a unit beside them', () => {
      const without = tablesWithout(
        (table) =>
          !table.columns.some(({ type }) => type === quantity) ||
          table.columns.some(({ name }) => unitName.test(name)),
      )
      expect(without).to.deep.equal([])
    })

    it('say their sign, unless they may be negative', () => {
      const unsigned = columns.filter((column) => column.type === quantity && !isSigned(column)).map(nameOf)
      expect(unsigned.sort()).to.deep.equal([...mayBeNegative].sort())
    })
  })

  describe('have no type that', () => {
    const refused: Record<string, RegExp> = {
      'forgets the time zone': /^timestamp.* without time zone/,
      'is json and not jsonb': /^json(\[\])?$/,
      'rounds in binary': /^(real|double precision|money)/,
      'has no bounds: bare numeric': /^numeric(\[\])?$/,
      'limits text by length': /^character varying/,
    }
    for (const [what, pattern] of Object.entries(refused)) {
      it(what, () => expect(columnsWith(({ type }) => pattern.test(type))).to.deep.equal([]))
    }

    it('Postgres itself does not ship: no enum, no domain', () => {
      const shipped =
        /^(uuid|text|boolean|smallint|integer|bigint|date|timestamp with time zone|time without time zone|numeric\(\d+,\d+\)|character\(\d+\)|jsonb|inet)(\[\])?$/
      expect(columnsWith(({ type }) => !shipped.test(type))).to.deep.equal([])
    })
  })

  function checksOf(column: Column): string[] {
    const table = tables.find(({ name }) => name === column.table)
    return (table?.constraints ?? [])
      .filter(({ kind, columns: about }) => kind === 'check' && about.includes(column.name))
      .map(({ definition }) => definition)
  }

  function isSigned(column: Column): boolean {
    return checksOf(column).some((definition) => /[<>=]/.test(definition))
  }
})

function nameOf({ table, name }: Column): string {
  return `${table}.${name}`
}

function ownColumns({ columns }: Table): Column[] {
  return columns.filter(({ name }) => !standard.has(name))
}

/**
 * A pure link says that two or more rows belong together and nothing that a row of its own would need:
 * what it demands are references alone, two or more, and together they are unique.
 */
function isPureLink(table: Table): boolean {
  const demanded = ownColumns(table)
    .filter((column) => column.notNull && column.default === null)
    .map(({ name }) => name)
  const referring = new Set(table.references.flatMap(({ columns }) => columns))
  return (
    demanded.length >= 2 &&
    demanded.every((name) => referring.has(name)) &&
    table.indexes.some(
      ({ unique, predicate, columns }) =>
        unique && predicate === null && [...columns].sort().join() === [...demanded].sort().join(),
    )
  )
}

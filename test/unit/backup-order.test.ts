/** The order in which tables are filled. */
import { expect } from 'chai'
import fc from 'fast-check'
import { fillingOrder, forwardReferences, type Reference } from '../../src/schemas/backup/order.js'

const reference = (table: string, target: string): Reference => ({
  ...{ name: `${table}_${target}_fkey`, table, target },
  deferrable: false,
})

describe('filling order', () => {
  it('takes each table after those it refers to, itself not counted', () => {
    const references = [reference('a', 'b'), reference('b', 'c'), reference('b', 'b'), reference('d', 'c')]
    const order = fillingOrder(['a', 'b', 'c', 'd'], references)
    expect(order).to.deep.equal(['c', 'b', 'd', 'a'])
    expect(forwardReferences(order, references)).to.deep.equal([])
  })

  it('names what no order can keep: one reference of a circle', () => {
    const references = [reference('a', 'b'), reference('b', 'c'), reference('c', 'a'), reference('d', 'a')]
    const order = fillingOrder(['a', 'b', 'c', 'd'], references)
    expect(order).to.deep.equal(['a', 'c', 'd', 'b'])
    expect(forwardReferences(order, references).map(({ name }) => name)).to.deep.equal(['a_b_fkey'])
  })

  it('holds every table once, and without circles leaves no reference forward', () => {
    const names = ['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7']
    const edge = fc.tuple(fc.nat(names.length - 1), fc.nat(names.length - 1))
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 20 }), fc.shuffledSubarray(names), (edges, tables) => {
        // From a higher number to a lower one, or to itself: no circle.
        const references = edges
          .map(([a, b]) => reference(`t${Math.max(a, b)}`, `t${Math.min(a, b)}`))
          .filter(({ table, target }) => tables.includes(table) && tables.includes(target))
        const order = fillingOrder(tables, references)
        expect([...order].sort()).to.deep.equal([...tables].sort())
        expect(forwardReferences(order, references)).to.deep.equal([])
      }),
    )
  })
})

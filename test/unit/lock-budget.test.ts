/** How many builds at once, and in how many slices, follow from a server's settings. */
import { expect } from 'chai'
import fc from 'fast-check'
import {
  lockBudget,
  locksFor,
  locksPerBuild,
  outOfLocksError,
  tablesPerDrop,
} from '../../src/schemas/lock-budget.js'

const locks = fc.integer({ min: 10, max: 4_096 })
const connections = fc.integer({ min: 1, max: 2_000 })

describe('the lock budget', () => {
  it('of a stock server is 6,400 locks: one schema at a time, in one transaction', () => {
    expect(lockBudget(64, 100, 0)).to.deep.equal({
      maxLocksPerTransaction: 64,
      maxConnections: 100,
      maxPreparedTransactions: 0,
      total: 6_400,
      slots: 1,
      slices: 1,
    })
  })

  it('of a small hosted server still holds a whole schema', () => {
    expect(lockBudget(64, 60, 0)).to.deep.include({ total: 3_840, slots: 1, slices: 1 })
  })

  it('of the embedded server holds many at once', () => {
    expect(lockBudget(1_024, 200, 0)).to.deep.include({ total: 204_800, slots: 58, slices: 1 })
  })

  it('of the smallest servers cuts the build', () => {
    expect(lockBudget(10, 100, 0)).to.deep.include({ total: 1_000, slots: 1, slices: 5 })
    expect(lockBudget(10, 20, 0)).to.deep.include({ total: 200, slots: 1, slices: 23 })
  })

  it('counts prepared transactions', () => {
    expect(lockBudget(64, 100, 100).total).to.equal(12_800)
  })

  it('never promises more than the table holds, nor less than one build', () => {
    fc.assert(
      fc.property(locks, connections, fc.nat(100), (perTransaction, most, prepared) => {
        const budget = lockBudget(perTransaction, most, prepared)
        expect(budget.slots).to.be.at.least(1)
        expect(budget.slices).to.be.at.least(1)
        expect(budget.slots === 1 || budget.slices === 1).to.equal(true)
        expect((budget.slots * locksPerBuild) / budget.slices).to.be.at.most(budget.total)
      }),
    )
  })
})

describe('a drop', () => {
  it('takes fewer tables at a time where the table of locks is small', () => {
    const batches = [
      [64, 100],
      [1_024, 200],
      [10, 100],
      [10, 20],
      [1, 1],
    ].map(([perTransaction = 0, most = 0]) => tablesPerDrop(lockBudget(perTransaction, most, 0)))
    expect(batches).to.deep.equal([21, 21, 6, 1, 1])
  })
})

describe('the setting for so many builds', () => {
  it('is a multiple of 64 that makes room for them', () => {
    fc.assert(
      fc.property(locks, connections, fc.integer({ min: 1, max: 50 }), (perTransaction, most, builds) => {
        const setting = locksFor(builds, lockBudget(perTransaction, most, 0))
        expect(setting % 64).to.equal(0)
        const { slots, slices } = lockBudget(setting, most, 0)
        expect(slots).to.be.at.least(builds)
        expect(slices).to.equal(1)
      }),
    )
  })

  it('is what a full lock table is answered with, never less than twice the present', () => {
    const full = outOfLocksError(lockBudget(64, 100, 0), new Error('out of shared memory'))
    expect(full).to.deep.include({ kind: 'dependency', code: 'database.out_of_locks', retryable: true })
    expect(full.details).to.deep.equal({ setting: 'max_locks_per_transaction', value: 128 })
    expect(full.hint).to.include('max_locks_per_transaction = 128')
    expect(outOfLocksError(lockBudget(10, 20, 0), null).details).to.include({ value: 192 })
  })
})

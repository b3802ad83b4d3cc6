/** The keys and indexes of the tenant schema: what finds a row by, and what there can be only one of. */
import { expect } from 'chai'
import { sharedSchema } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import { readCatalogue, type Index, type Table } from '../support/tenant-catalogue.js'

/**
 * A column that names its own row is called `number`, `code`, `<noun>_number` or `<noun>_code` and is not null.
 * Under the same kind of name stand codes that others gave out, which many rows may share: these.
 */
const sharedCodes =
  /(^|_)(currency|country|state|postal|uom|uqc|hsn|section|module|language|reason|zone|zone_scheme)_code$/

/** Columns that are named like a key and are none, each because it counts or because it is copied from elsewhere. */
const borrowed = {
  counters: [
    'allocation_logs.attempt_number',
    'b2b_additional_charges.sequence_number',
    'document_sequences.next_number',
    'document_sequences.start_number',
    'payments.attempt_number',
    'purchase_orders.amendment_number',
    'warehouse_zones.floor_number',
  ],
  telephones: ['calls.called_number', 'calls.caller_number'],
  copies: [
    'channel_orders.channel_status_code',
    'coupon_usage.coupon_code',
    'customer_ledger.document_number',
    'customer_referrals.referral_code',
    'dealer_credit_ledger.document_number',
    'general_ledger.voucher_number',
    'notifications.event_code',
    'stock_transfer_serials.serial_number',
    'supply_plans.exception_code',
    'vendor_ledger.document_number',
    'warranty_claims.defect_code',
  ],
}

/** Notes and logs: each row is an event of its own, and the same may happen twice. */
const withoutNaturalKey = [
  'allocation_logs',
  'audit_logs',
  'escalation_comments',
  'lead_activities',
  'performance_feedback',
  'product_questions',
]

/** Few rows, or parts that are found through what they belong to: their status needs no index. */
const foundOtherwise = ['companies', 'company_branches', 'holidays', 'picklist_items', 'product_images']

describe('the keys of the tenant schema', () => {
  let tables: Table[]

  before(async () => {
    tables = [...(await readCatalogue(await sharedContext(), await sharedSchema())).values()]
  })

  it('keep numbers and codes unique in the tables that they name', () => {
    const open = tables.flatMap(({ name: table, columns, indexes }) =>
      columns
        .filter(({ name, notNull }) => notNull && /(^|_)(number|code)$/.test(name) && !sharedCodes.test(name))
        .filter(
          ({ name }) => !indexes.some((index) => index.unique && !index.primary && isKeyedBy(index, name)),
        )
        .map(({ name }) => `${table}.${name}`),
    )
    expect(open.sort()).to.deep.equal(Object.values(borrowed).flat().sort())
  })

  it('tell rows apart by more than the id, but for notes and logs', () => {
    const without = tables
      .filter(({ indexes }) => !indexes.some(({ unique, primary }) => unique && !primary))
      .map(({ name }) => name)
    expect(without.sort()).to.deep.equal(withoutNaturalKey)
  })

  it('allow one default and one primary row', () => {
    const many = tables.flatMap(({ name: table, columns, indexes }) =>
      columns
        .filter(({ name, type }) => type === 'boolean' && /^is_(default|primary|base)(_|$)/.test(name))
        .filter(({ name }) => !indexes.some(({ unique, predicate }) => unique && predicate?.includes(name)))
        .map(({ name }) => `${table}.${name}`),
    )
    expect(many).to.deep.equal([])
  })

  it('lead an index for every reference', () => {
    const slow = tables.flatMap(({ name: table, references, indexes }) =>
      references
        .filter(({ columns: [column = ''] }) => !indexes.some((index) => finds(index, column)))
        .map(({ columns }) => `${table}.${columns.join()}`),
    )
    expect(slow).to.deep.equal([])
  })

  it('are part of an index where lists filter by status', () => {
    const slow = tables
      .filter(({ columns }) => columns.some(({ name }) => name === 'status'))
      .filter(({ indexes }) => !indexes.some((index) => speaksOf(index, 'status')))
      .map(({ name }) => name)
    expect(slow.sort()).to.deep.equal(foundOtherwise)
  })

  it('are without indexes that another begins with', () => {
    const needless = tables.flatMap(({ indexes }) =>
      indexes
        .filter((one) => !one.unique && indexes.some((other) => other !== one && covers(other, one)))
        .map(({ name }) => name),
    )
    expect(needless).to.deep.equal([])
  })
})

/** Whether the index finds all rows by this reference: rows without one need not be in it. */
function finds({ columns, predicate }: Index, column: string): boolean {
  return columns[0] === column && (predicate === null || predicate === `(${column} IS NOT NULL)`)
}

/** Whether the column is one of the index's keys, bare or within an expression. */
function isKeyedBy({ keys }: Index, column: string): boolean {
  return new RegExp(`\\b${column}\\b`).test(keys.replace(/ WHERE .*/, ''))
}

/** Whether the column is a key of the index or part of its condition. */
function speaksOf({ keys }: Index, column: string): boolean {
  return new RegExp(`\\b${column}\\b`).test(keys)
}

/** Whether every search in `narrow` can be made in `wide`. */
function covers(wide: Index, narrow: Index): boolean {
  const plain = [...wide.columns, ...narrow.columns].every((column) => column !== null)
  return (
    plain &&
    wide.columns.length > narrow.columns.length &&
    wide.predicate === narrow.predicate &&
    narrow.columns.every((column, place) => column === wide.columns[place])
  )
}

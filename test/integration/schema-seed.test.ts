/** What every new tenant finds in its schema, and that seeding it again adds nothing. */
import { expect } from 'chai'
import { rows, sql, type Sql } from '../../src/database/sql.js'
import { inTenant } from '../../src/database/transaction.js'
import { schemaName, type SchemaName } from '../../src/kernel/ids.js'
import { minorDigits } from '../../src/kernel/money.js'
import { buildSchema } from '../../src/schemas/build.js'
import { seedSchema } from '../../src/schemas/seed.js'
import { rejection } from '../support/errors.js'
import { finished } from '../support/schemas.js'
import { sharedContext } from '../support/server.js'
import type { OpenedContext } from '../../src/context.js'

describe('the seed of a tenant', () => {
  const schema: SchemaName = schemaName('tenant_seeded')
  let ctx: OpenedContext
  let failure: unknown
  let rolesAfterFailure: unknown[]
  let inserted: number

  before(async () => {
    ctx = await sharedContext()
    await finished(buildSchema(ctx, { schema, claim: null }))
    const failing = seedSchema(ctx, schema, () => Promise.reject(new Error('the administrator fails')))
    failure = await rejection(failing)
    rolesAfterFailure = await find(sql`select code from roles`)
    inserted = await seedSchema(ctx, schema, async () => {})
  })

  const find = <Row>(statement: Sql): Promise<Row[]> =>
    inTenant(ctx, schema, ({ db }) => rows<Row>(db, statement))

  it('inserts nothing the second time', async () => {
    expect(inserted).to.be.above(300)
    expect(await seedSchema(ctx, schema, async () => {})).to.equal(0)
  })

  it('is one transaction with what is added to it', () => {
    expect(failure).to.have.property('message', 'the administrator fails')
    expect(rolesAfterFailure).to.deep.equal([])
  })

  it('has the four ERP roles in their order', async () => {
    const roles = await find<{ code: string }>(sql`select code from roles order by rank desc`)
    expect(roles.map(({ code }) => code)).to.deep.equal(['SUPER_ADMIN', 'ADMIN', 'MANAGER', 'USER'])
  })

  it('has permissions for every module of the catalogue, and gives each role fewer than the one above', async () => {
    const permissions = await find<{ code: string; module_code: string; action: string }>(
      sql`select code, module_code, action from permissions`,
    )
    for (const { code, module_code, action } of permissions) expect(code).to.equal(`${module_code}:${action}`)
    const modules = await rows<{ code: string }>(ctx.db, sql`select code from public.modules`)
    expect(new Set(permissions.map((one) => one.module_code))).to.deep.equal(
      new Set(modules.map(({ code }) => code)),
    )
    const granted = await find<{ code: string; count: bigint }>(
      sql`select r.code, count(*) from roles r join role_permissions p on p.role_id = r.id group by r.code, r.rank order by r.rank desc`,
    )
    const counts = granted.map(({ count }) => Number(count))
    expect(counts).to.have.length(4)
    expect(counts[0]).to.equal(permissions.length)
    expect(counts).to.deep.equal(counts.toSorted((a, b) => b - a))
    expect(new Set(counts).size).to.equal(4)
  })

  it('gives nobody below ADMIN anything in the system module', async () => {
    const found = await find(
      sql`select r.code, p.code as permission from roles r join role_permissions g on g.role_id = r.id
          join permissions p on p.id = g.permission_id
          where r.code in ('MANAGER', 'USER') and p.module_code = 'system_admin'`,
    )
    expect(found).to.deep.equal([])
  })

  it('has currencies with the minor digits that the program counts by', async () => {
    const currencies = await find<{ code: string; digits: number }>(
      sql`select code, decimal_places as digits from currencies`,
    )
    const digits = new Map(currencies.map((one) => [one.code, one.digits]))
    expect([...digits.keys()]).to.include.members(['INR', 'USD', 'EUR', 'JPY', 'KWD'])
    expect([digits.get('INR'), digits.get('USD'), digits.get('JPY'), digits.get('KWD')]).to.deep.equal([
      2, 2, 0, 3,
    ])
    const differing = currencies.filter((one) => minorDigits(one.code) !== one.digits)
    expect(differing).to.deep.equal([])
  })

  it('has units, payment terms, leave types and taxes', async () => {
    const found = await find<{ units: bigint; terms: bigint; leaves: bigint; taxes: bigint }>(
      sql`select (select count(*) from units_of_measure) as units, (select count(*) from payment_terms) as terms,
                 (select count(*) from leave_types) as leaves, (select count(*) from tax_configurations) as taxes`,
    )
    for (const [what, count] of Object.entries(found[0] ?? {})) expect(Number(count), what).to.be.above(4)
    const units = await find<{ code: string }>(sql`select uqc_code as code from units_of_measure`)
    expect(units.map(({ code }) => code)).to.include.members(['NOS', 'KGS', 'MTR', 'LTR'])
  })

  it('has a number series for each kind of document, in no year yet', async () => {
    const series = await find<{ document_type: string; next_number: bigint }>(
      sql`select document_type, next_number from document_sequences`,
    )
    expect(series.map((one) => one.document_type)).to.include.members([
      'sales_order',
      'tax_invoice',
      'purchase_order',
    ])
    expect(series.filter((one) => one.next_number !== 1n)).to.deep.equal([])
  })

  it('has a chart of accounts: a tree of the five classes, in which documents can be posted', async () => {
    const accounts = await find<{
      code: string
      class: string
      type: string
      level: number
      group: boolean
      parent: { class: string; level: number; group: boolean } | null
    }>(
      sql`select a.account_code as code, a.account_class as class, a.account_type as type, a.level, a.is_group as group,
                 case when p.id is not null then jsonb_build_object('class', p.account_class, 'level', p.level, 'group', p.is_group) end as parent
          from chart_of_accounts a left join chart_of_accounts p on p.id = a.parent_account_id`,
    )
    expect(accounts.length).to.be.above(60)
    const roots = accounts.filter(({ parent }) => parent === null)
    expect(roots.map((root) => root.class).sort()).to.deep.equal([
      ...['asset', 'equity', 'expense', 'income', 'liability'],
    ])
    const astray = accounts.filter(
      ({ parent, level, class: own }) =>
        parent !== null && !(parent.group && parent.class === own && parent.level + 1 === level),
    )
    expect(astray).to.deep.equal([])
    const types = new Set(accounts.map(({ type }) => type))
    const needed = [
      'bank',
      'cash',
      'receivable',
      'payable',
      'inventory',
      'sales',
      'gst_output',
      'gst_input',
      'round_off',
    ]
    expect([...types]).to.include.members(needed)
  })
})

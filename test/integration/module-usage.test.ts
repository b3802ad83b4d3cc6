/** Rows and bytes of a tenant's tables, gathered by the module that owns each. */
import { expect } from 'chai'
import { execute, rows, sql, verbatim } from '../../src/database/sql.js'
import { showUsage } from '../../src/views/module-usage.js'
import { sharedContext } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'

const schema = 'tenant_usage_a'

describe('the usage of modules', () => {
  let ctx: Context

  before(async () => {
    ctx = await sharedContext()
    await subscribedTenant(ctx, 'usage-a', { modules: ['hr'] })
    await execute(ctx.db, verbatim(`create schema ${schema}`))
    // Two tables of HR, one of CRM, one of nobody.
    for (const [table, count] of Object.entries({ leave_types: 7, employees: 1000, leads: 3, stranger: 2 })) {
      await execute(ctx.db, verbatim(`create table ${schema}.${table} (id int primary key, note text)`))
      await execute(
        ctx.db,
        sql`insert into ${verbatim(`${schema}.${table}`)} select n, repeat('x', 100) from generate_series(1, ${count}::int) n`,
      )
    }
  })
  after(async () => {
    await execute(ctx.db, verbatim(`drop schema ${schema} cascade`))
  })

  it('counts them when that is asked for', async () => {
    const usage = await showUsage(ctx, 'usage-a', true)
    const found = usage.items.map(({ module, subscribed, tables, rows: count }) => ({
      ...{ module, subscribed, tables },
      ...{ count },
    }))
    expect(found.filter(({ tables }) => tables > 0)).to.deep.equal([
      { module: 'crm', subscribed: false, tables: 1, count: 3 },
      { module: 'hr', subscribed: true, tables: 2, count: 1007 },
      { module: null, subscribed: false, tables: 1, count: 2 },
    ])
    expect(usage.items).to.have.length(11)
    expect(usage).to.deep.include({ exact: true, schema })
    expect(usage.total).to.deep.include({ tables: 4, rows: 1012 })
  })

  it('takes the estimates of the database otherwise, and its sizes', async () => {
    await execute(ctx.db, verbatim(`analyze ${schema}.employees`))
    await execute(ctx.db, verbatim(`delete from ${schema}.employees where id > 10`))
    const usage = await showUsage(ctx, 'usage-a', false)
    const hr = usage.items.find(({ module }) => module === 'hr')
    // As it was when it was last analysed; the other table never was.
    expect(hr?.rows).to.be.within(1000, 1007)
    const [size] = await rows<{ bytes: number }>(
      ctx.db,
      sql`select (pg_total_relation_size('tenant_usage_a.employees') + pg_total_relation_size('tenant_usage_a.leave_types'))::float8 as bytes`,
    )
    expect(hr?.bytes).to.equal(size?.bytes)
    expect(usage.total.bytes).to.be.greaterThan(hr?.bytes ?? 0)
  })

  it('of a tenant without a schema is nothing', async () => {
    await subscribedTenant(ctx, 'usage-b')
    const usage = await showUsage(ctx, 'usage-b', true)
    expect(usage.total).to.deep.equal({ tables: 0, rows: 0, bytes: 0 })
    expect(usage.items).to.have.length(10)
  })
})

/** Tenants that are suspended, archived and back: which days are billed, and that one's trouble is nobody else's. */
import { expect } from 'chai'
import { execute, identifier, oneRow, rows, sql } from '../../src/database/sql.js'
import { putAway, unarchiveTenant } from '../../src/tenants/archive.js'
import { findTenant } from '../../src/tenants/find.js'
import { liftSuspension, suspendTenant } from '../../src/tenants/suspend.js'
import { billing, europeanSupplier, type Biller } from '../support/billing.js'
import { add, documentsOf, netLines, parkedOf, releaseAll } from '../support/billing-steps.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Context } from '../../src/kernel/context.js'
import type { TenantId } from '../../src/kernel/ids.js'

/** STARTER 49.00 and CRM 199.00 a month, 248.00 together. */
const crm = { modules: ['crm'], startedOn: '2026-04-05' }

type Tenant = { id: TenantId; subdomain: string }

const suspend = (
  ctx: Context,
  tenant: Tenant,
  how: { cause?: 'billing'; bills: boolean },
): Promise<unknown> =>
  suspendTenant(ctx, tenant, { cause: 'operator', reason: 'test', dryRun: false, ...how })
const resume = (ctx: Context, tenant: Tenant, cause: 'billing' | 'operator' = 'operator'): Promise<unknown> =>
  liftSuspension(ctx, tenant, { cause, reason: null, dryRun: false })

/** `2026-04-20 2026-05-20` */
async function unbilledOf(ctx: Context): Promise<string[]> {
  const found = await rows<{ line: string }>(
    ctx.db,
    sql`select concat_ws(' ', lower(days), upper(days)) as line from public.unbilled_days order by days`,
  )
  return found.map(({ line }) => line)
}

function standing(name: string, test: (ctx: Context, biller: Biller) => Promise<void>): void {
  it(name, () => billing('2026-04-05', test, europeanSupplier))
}

describe('billing: tenants that are suspended, archived and back', () => {
  standing('bills on while an operator has suspended it', async (ctx, { on, bill }) => {
    const acme = await subscribedTenant(ctx, 'acme', crm)
    await bill('2026-04-05')
    await suspend(on('2026-04-20'), acme, { bills: true })
    expect((await bill('2026-05-05')).run).to.deep.include({ invoices: 1, skipped: 0 })
    expect((await documentsOf(ctx)).at(-1)).to.equal('ERP/26/00002 of 2026-05-05 2026-05-05 2026-06-05 24800')
    expect(await unbilledOf(ctx)).to.deep.equal([])
  })

  standing(
    'bills no day of a suspension without bills, and the rest of its period by days',
    async (ctx, { on, bill }) => {
      const acme = await subscribedTenant(ctx, 'acme', crm)
      await bill('2026-04-05')
      await suspend(on('2026-04-20'), acme, { bills: false })
      const skipped = await bill('2026-06-05')
      expect(skipped.run).to.deep.include({ invoices: 0, skipped: 1, parked: 0, status: 'succeeded' })
      expect(skipped.accounts.map(({ tenant, code }) => `${tenant} ${code}`)).to.deep.equal([
        'acme tenant.suspended',
      ])
      await resume(on('2026-06-15'), acme)
      await bill('2026-06-16')
      expect(await unbilledOf(ctx)).to.deep.equal(['2026-04-20 2026-06-15'])
      // 5 June has 30 days, of which 20 are left on the 15th: 199.00 x 20/30 = 132.6666.., 49.00 x 20/30 = 32.6666..
      expect((await netLines(ctx)).slice(2)).to.deep.equal([
        'ERP/26/00002 cycle CRM & Call Center 2026-06-15 2026-07-05 13267',
        'ERP/26/00002 cycle Starter platform fee 2026-06-15 2026-07-05 3267',
      ])
    },
  )

  standing(
    'leaves a gap in the middle of a period out, each piece rounded by itself',
    async (ctx, { on, bill }) => {
      const acme = await subscribedTenant(ctx, 'acme', crm)
      await suspend(on('2026-04-10'), acme, { bills: false })
      await resume(on('2026-04-15'), acme)
      // Suspended and resumed within a day: that day is billed.
      await suspend(on('2026-04-18'), acme, { bills: false })
      await resume(on('2026-04-18'), acme)
      await bill('2026-04-20')
      // 5 of 30 days: 33.1666.. and 8.1666..; 20 of 30: 132.6666.. and 32.6666..
      expect(await netLines(ctx)).to.deep.equal([
        'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-04-10 3317',
        'ERP/26/00001 cycle CRM & Call Center 2026-04-15 2026-05-05 13267',
        'ERP/26/00001 cycle Starter platform fee 2026-04-05 2026-04-10 817',
        'ERP/26/00001 cycle Starter platform fee 2026-04-15 2026-05-05 3267',
      ])
      expect((await bill('2026-04-21')).run).to.deep.include({ invoices: 0, nothing_due: 1 })
    },
  )

  standing(
    'begins and ends the gap where the operator changes his mind about bills',
    async (ctx, { on, bill }) => {
      const acme = await subscribedTenant(ctx, 'acme', crm)
      await suspend(on('2026-04-10'), acme, { bills: true })
      await suspend(on('2026-04-12'), acme, { bills: false })
      await suspend(on('2026-04-15'), acme, { bills: true })
      await bill('2026-04-20')
      expect(await unbilledOf(ctx)).to.deep.equal(['2026-04-12 2026-04-15'])
      // 7 + 20 of 30 days: 46.4333.. and 132.6666..
      expect((await netLines(ctx)).slice(0, 2)).to.deep.equal([
        'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-04-12 4643',
        'ERP/26/00001 cycle CRM & Call Center 2026-04-15 2026-05-05 13267',
      ])
    },
  )

  standing(
    'charges what was added before a suspension by its days, not those of the gap',
    async (ctx, { on, bill }) => {
      const acme = await subscribedTenant(ctx, 'acme', crm)
      await bill('2026-04-05')
      await add(on('2026-04-08'), 'acme', 'finance')
      await suspend(on('2026-04-10'), acme, { bills: false })
      await resume(on('2026-04-25'), acme)
      await bill('2026-05-05')
      // 499.00 x 2/30 = 33.2666.., x 10/30 = 166.3333..
      expect((await netLines(ctx)).slice(2, 4)).to.deep.equal([
        'ERP/26/00002 change Finance & Accounting 2026-04-08 2026-04-10 3327',
        'ERP/26/00002 change Finance & Accounting 2026-04-25 2026-05-05 16633',
      ])
    },
  )

  standing('issues no further invoices to a tenant that billing has suspended', async (ctx, { on, bill }) => {
    const acme = await subscribedTenant(ctx, 'acme', crm)
    await bill('2026-04-05')
    await suspend(on('2026-04-26'), acme, { cause: 'billing', bills: false })
    expect((await bill('2026-05-05')).run).to.deep.include({ invoices: 0, skipped: 1 })
    await resume(on('2026-05-20'), acme, 'billing')
    await bill('2026-05-20')
    // 5 May has 31 days, of which 16 are left: 199.00 x 16/31 = 102.7096.., 49.00 x 16/31 = 25.2903..
    expect((await documentsOf(ctx)).at(-1)).to.equal('ERP/26/00002 of 2026-05-20 2026-05-05 2026-06-05 12800')
  })

  standing('bills no day in the archive', async (ctx, { on, bill }) => {
    const acme = await subscribedTenant(ctx, 'acme', { ...crm, cycle: 'annual' })
    const placed = await findTenant(ctx, 'acme')
    await rows(ctx.db, sql`create schema ${identifier(placed.schema)}`)
    await putAway(on('2026-06-05'), acme, { reason: null, dryRun: false })
    expect((await bill('2026-06-05')).accounts.map(({ code }) => code)).to.deep.equal(['tenant.archived'])
    await unarchiveTenant(on('2026-10-05'), placed, { reason: null, dryRun: false })
    await bill('2026-10-05')
    // Of 365 days 61 before and 182 after: 1910.40 x 61/365 = 319.2723.., x 182/365 = 952.5830..
    expect((await netLines(ctx)).slice(0, 2)).to.deep.equal([
      'ERP/26/00001 cycle CRM & Call Center 2026-04-05 2026-06-05 31927',
      'ERP/26/00001 cycle CRM & Call Center 2026-10-05 2027-04-05 95258',
    ])
  })

  standing(
    'parks the one that the database refuses, and bills everybody else without a gap',
    async (ctx, { bill }) => {
      for (const name of ['anna', 'bert', 'carl', 'dora', 'emil', 'fred', 'gerd'])
        await subscribedTenant(ctx, name, crm)
      await refuseAt(ctx, 'invoices', 'dora')
      const { run } = await bill('2026-04-05')
      expect(run).to.deep.include({ status: 'partial', invoices: 6, invoiced: 6, parked: 1, tenants: 7 })
      expect(await parkedOf(ctx, 'dora')).to.equal('billing.refused')
      await execute(ctx.db, sql`drop trigger refuse_one on public.invoices`)
      await releaseAll(ctx)
      await bill('2026-04-05')
      const numbers = (await documentsOf(ctx)).map((line) => line.split(' ')[0])
      expect(numbers).to.deep.equal([1, 2, 3, 4, 5, 6, 7].map((number) => `ERP/26/0000${number}`))
    },
  )

  standing(
    'parks the one whose changes cannot be applied, and bills everybody else',
    async (ctx, { bill }) => {
      for (const name of ['anna', 'bert', 'carl'])
        await subscribedTenant(ctx, name, { ...crm, trialDays: 14 })
      await refuseAt(ctx, 'subscriptions', 'bert')
      const { run } = await bill('2026-04-19')
      expect(run).to.deep.include({ status: 'partial', invoices: 2, invoiced: 2, parked: 1, tenants: 3 })
      expect(await parkedOf(ctx, 'bert')).to.equal('billing.refused')
    },
  )
})

/** From now on the database takes no row of that tenant there, as a constraint that we know nothing of would not. */
async function refuseAt(ctx: Context, table: 'invoices' | 'subscriptions', subdomain: string): Promise<void> {
  const { id } = await oneRow<{ id: string }>(
    ctx.db,
    sql`select id from public.tenants where subdomain = ${subdomain}`,
  )
  const refusal = `create function pg_temp.refuse_one() returns trigger language plpgsql as $$
    begin
      if new.tenant_id = '${id}' then raise exception 'not this one' using errcode = '23514'; end if;
      return new;
    end $$`
  await ctx.db.raw(refusal)
  await ctx.db.raw(
    `create trigger refuse_one before insert or update on public.${table} for each row execute function pg_temp.refuse_one()`,
  )
}

/** `invoice audit`: a sound book has no finding, and each planted fault is named by its own check and by no other. */
import { expect } from 'chai'
import { auditBook, type AuditedBook, type AuditProgress } from '../../src/billing/audit/audit-book.js'
import { checks } from '../../src/billing/audit/checks.js'
import { execute, rows, sql, verbatim } from '../../src/database/sql.js'
import { subscribeModules } from '../../src/workflows/subscribe-modules.js'
import { billing } from '../support/billing.js'
import { plantedFaults } from '../support/planted-faults.js'
import { soundBook } from '../support/sound-book.js'
import { rejection } from '../support/errors.js'
import { subscribedTenant } from '../support/tenants.js'
import { sharedContext } from '../support/server.js'
import type { Scope } from '../../src/billing/audit/check.js'
import type { SupplierInput } from '../../src/billing/set-supplier.js'
import type { Context } from '../../src/kernel/context.js'

const whole: Scope = { from: null, to: null }

async function audited(ctx: Context, scope = whole, told: AuditProgress[] = []): Promise<AuditedBook> {
  const events = auditBook(ctx, scope)
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
    told.push(next.value)
  }
}

/** What the audit says of the book with the fault in it; the fault is taken back. */
async function withFault(ctx: Context, statements: readonly string[], scope = whole): Promise<AuditedBook> {
  await rows(ctx.db, sql`savepoint fault`)
  // What waits for COMMIT is checked, so that tables can be altered.
  await rows(ctx.db, sql`set constraints all immediate`)
  await rows(ctx.db, sql`set local session_replication_role = replica`)
  for (const statement of statements) {
    // A fault that changes nothing proves nothing.
    const touched = await execute(ctx.db, verbatim(statement))
    if (!statement.startsWith('alter')) expect(touched, statement).to.be.greaterThan(0)
  }
  const result = await audited(ctx, scope)
  await rows(ctx.db, sql`rollback to savepoint fault`)
  return result
}

const german: SupplierInput = {
  ...{ legalName: 'Acme GmbH', addressLine1: 'Hauptstr. 1', country: 'DE', vatId: 'DE136695976' },
}

/** Without bills, from one day to another. */
async function suspended(ctx: Context, tenant: string, from: string, to: string): Promise<void> {
  const at = (day: string) => sql`select set_config('erpmax.now', ${`${day}T12:00:00Z`}, true)`
  await rows(ctx.db, at(from))
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'suspended', suspension_cause = 'operator', suspension_bills = false where subdomain = ${tenant}`,
  )
  await rows(ctx.db, at(to))
  await execute(
    ctx.db,
    sql`update public.tenants set status = 'active', suspension_cause = null where subdomain = ${tenant}`,
  )
}

describe('invoice audit', () => {
  it('has a planted fault for every check', () => {
    expect(Object.keys(plantedFaults)).to.deep.equal(checks.map(({ code }) => code))
  })

  it('finds nothing in a sound book, and each planted fault by its own check alone', () =>
    soundBook(async (ctx) => {
      const told: AuditProgress[] = []
      const { audit, findings } = await audited(ctx, whole, told)
      expect(findings).to.deep.equal([])
      expect(audit).to.deep.include({ sound: true, invoices: 14, lines: 25, credit_notes: 2, payments: 3 })
      expect(told.map(({ check }) => check.code)).to.deep.equal(checks.map(({ code }) => code))
      for (const [code, statements] of Object.entries(plantedFaults)) {
        const { audit: judged, findings: found } = await withFault(ctx, statements)
        expect([...new Set(found.map((one) => one.code))], code).to.deep.equal([code])
        expect(judged.sound, code).to.equal(false)
      }
      expect((await audited(ctx)).findings, 'once all is taken back').to.deep.equal([])
    }))

  it('names the document, what was expected and what was found, in the money of the document', () =>
    soundBook(async (ctx) => {
      const { findings } = await withFault(ctx, plantedFaults['money.paid'] ?? [])
      const common = { rule: 10, severity: 'error', tenant: 'local' }
      expect(findings).to.deep.equal([
        {
          ...{ code: 'money.paid', ...common, document: 'ERP/25-26/00008' },
          ...{ expected: '900.00 INR', found: '900.01 INR' },
        },
      ])
      const { findings: gap } = await withFault(ctx, plantedFaults['number.gap'] ?? [])
      expect(gap.map(({ document, expected }) => [document, expected])).to.deep.equal([
        ['ERP/26-27/00005', 'ERP/26-27/00004'],
      ])
      const { findings: leak } = await withFault(ctx, plantedFaults['leak.days'] ?? [])
      expect(leak.map(({ document, tenant, expected }) => [document, tenant, expected])).to.deep.equal([
        ['STARTER 2026-05-10 to 2026-06-10', 'local', '3,999.00 INR'],
      ])
    }))

  it('finds nothing in what only looks odd: free items, days that do not bill, clamped months, years, other laws', () =>
    billing(
      '2026-01-31',
      async (ctx, { bill, on }) => {
        const abroad = { startedOn: '2026-01-31', timeZone: 'Europe/Berlin' }
        // BI costs nothing by the month, though it does by the year.
        await rows(ctx.db, sql`set local session_replication_role = replica`)
        await execute(
          ctx.db,
          sql`update public.prices set amount_minor = 0 where product_code = 'bi' and currency = 'USD' and cycle = 'monthly'`,
        )
        await rows(ctx.db, sql`set local session_replication_role = origin`)
        await subscribedTenant(ctx, 'german', { ...abroad, country: 'DE', modules: ['crm'] })
        await subscribedTenant(ctx, 'french', { ...abroad, country: 'FR', cycle: 'annual' })
        await subscribedTenant(ctx, 'american', { ...abroad, country: 'US', trialDays: 14, modules: ['bi'] })
        await execute(
          ctx.db,
          sql`update public.tenants set vat_id = 'FR40303265045' where subdomain = 'french'`,
        )
        await bill('2026-01-31')
        await suspended(ctx, 'german', '2026-02-10', '2026-03-10')
        for (const day of ['2026-02-14', '2026-02-28', '2026-03-31', '2026-04-30']) await bill(day)
        const supplies = await rows<{ supply: string }>(
          ctx.db,
          sql`select distinct supply from public.invoices order by 1`,
        )
        expect(supplies.map(({ supply }) => supply)).to.deep.equal([
          ...['domestic', 'out_of_scope', 'reverse_charge'],
        ])
        // Taken since the last run: late, not lost; three days later lost.
        await subscribeModules(on('2026-05-05'), {
          ...{ tenant: 'german', modules: ['hr'], withRequired: false, dryRun: false },
        })
        expect((await audited(ctx)).findings).to.deep.equal([])
        await execute(
          ctx.db,
          sql`update public.subscription_items set created_at = now() - interval '3 days'`,
        )
        const { findings } = await audited(ctx)
        // 26 of the 31 days from 30 April on: 299.00 x 26 / 31 = 250.77.
        expect(findings.map(({ code, document, expected }) => [code, document, expected])).to.deep.equal([
          ['leak.days', 'hr 2026-05-05 to 2026-05-31', '250.77 USD'],
        ])
      },
      german,
    ))

  it('looks at the days of issue it is asked for', () =>
    soundBook(async (ctx) => {
      const march = { from: '2026-03-01', to: '2026-03-31' }
      const { audit } = await audited(ctx, march)
      expect(audit).to.deep.include({ ...march, sound: true, invoices: 6, credit_notes: 2, payments: 3 })
      const fault = plantedFaults['money.status'] ?? []
      expect((await withFault(ctx, fault, march)).findings).to.deep.equal([])
      const february = { from: '2026-02-01', to: '2026-02-28' }
      expect((await withFault(ctx, fault, february)).findings).to.have.length(1)
    }))

  it('refuses days in reverse', async () => {
    const reversed = audited(await sharedContext(), { from: '2026-03-02', to: '2026-03-01' })
    expect(await rejection(reversed)).to.include({ kind: 'usage', code: 'usage.days_reversed' })
  })
})

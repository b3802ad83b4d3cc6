/** Changing a tenant: the control plane and the tenant's own company say the same afterwards, or nothing has changed. */
import { expect } from 'chai'
import { execute, oneRow, rows, sql } from '../../src/database/sql.js'
import { suspendTenant } from '../../src/tenants/suspend.js'
import { updateTenant, type TenantUpdate, type UpdatedTenant } from '../../src/workflows/update-tenant.js'
import { rejection } from '../support/errors.js'
import { sharedContext } from '../support/server.js'
import { activeTenant, subscribe } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { PlacedTenant } from '../../src/tenants/find.js'

describe('tenant update', () => {
  let ctx: OpenedContext
  let tenant: PlacedTenant

  before(async () => {
    ctx = await sharedContext()
    tenant = await activeTenant(ctx, 'updated')
  })

  const update = (
    profile: TenantUpdate['profile'],
    more: Partial<TenantUpdate> = {},
  ): Promise<UpdatedTenant> =>
    updateTenant(ctx, tenant.subdomain, { profile, set: [], unset: [], dryRun: false, ...more })
  const company = (): Promise<Record<string, unknown>> =>
    oneRow(ctx.db, sql`select * from tenant_updated.companies`)
  const written = async (): Promise<unknown> =>
    rows(
      ctx.db,
      sql`select to_jsonb(t)::text as line from public.tenants t where id = ${tenant.id}
          union all select to_jsonb(c)::text from tenant_updated.companies c
          union all select to_jsonb(a)::text from public.audit_log a where tenant_id = ${tenant.id}
          union all select to_jsonb(o)::text from public.outbox o where tenant_id = ${tenant.id} order by 1`,
    )

  it('shows what was and what is, and the company of the tenant follows', async () => {
    const done = await update({ gstin: '27AAPFU0939F1ZV', city: 'Pune', postalCode: '411001', name: 'New' })
    expect(done).to.deep.include({ dry_run: false, changed: true })
    expect(done.before).to.deep.equal({
      ...{
        name: 'Company updated',
        state: null,
        gst_state_code: null,
        gstin: null,
        city: null,
        postal_code: null,
      },
    })
    expect(done.after).to.deep.equal({
      ...{ name: 'New', state: 'MH', gst_state_code: '27', gstin: '27AAPFU0939F1ZV' },
      ...{ city: 'Pune', postal_code: '411001' },
    })
    expect(done.tenant).to.include({ name: 'New', state: 'MH', city: 'Pune', legal_name: 'Company updated' })
    expect(await company()).to.include({
      ...{ name: 'New', legal_name: 'Company updated', state_code: 'MH', gst_state_code: '27', city: 'Pune' },
      ...{
        gstin: '27AAPFU0939F1ZV',
        pan: 'AAPFU0939F',
        gst_registration_type: 'regular',
        postal_code: '411001',
      },
    })
  })

  it('leaves alone what the tenant changed itself and the control plane has not', async () => {
    await execute(
      ctx.db,
      sql`update tenant_updated.companies set name = 'Own name', gst_registration_type = 'composition', city = 'Own city'`,
    )
    await update({ gstin: '29AAGCB7383J1Z4', postalCode: '560001', language: 'hi' })
    expect(await company()).to.include({
      ...{ name: 'Own name', city: 'Own city', gst_registration_type: 'composition', language: 'hi' },
      ...{ state_code: 'KA', gst_state_code: '29', pan: 'AAGCB7383J', postal_code: '560001' },
    })
    await update({ gstin: '' })
    expect(await company()).to.include({
      gstin: null,
      gst_registration_type: 'unregistered',
      state_code: 'KA',
    })
    await update({ country: 'DE', vatId: 'DE136695976', timeZone: 'Europe/Berlin', postalCode: '10115' })
    expect(await company()).to.include({
      ...{
        country_code: 'DE',
        state_code: null,
        gst_state_code: null,
        gst_registration_type: null,
        pan: null,
      },
      ...{ vat_id: 'DE136695976', time_zone: 'Europe/Berlin', postal_code: '10115' },
    })
  })

  it('writes nothing where everything is so already, and nothing in a dry run', async () => {
    const before = await written()
    const same = await update({ country: 'DE', vatId: 'DE136695976' }, { set: [], unset: ['nothing'] })
    expect(same).to.deep.include({ changed: false, before: {}, after: {} })
    const planned = await update({ city: 'Bonn' }, { set: ['a=1'], dryRun: true })
    expect(planned).to.deep.include({ dry_run: true, changed: true })
    expect(planned.after).to.deep.equal({ city: 'Bonn', settings: { a: 1 } })
    expect(planned.tenant).to.include({ city: 'Bonn' })
    expect(await written()).to.deep.equal(before)
  })

  it('keeps settings beside each other, whoever sets them at once', async () => {
    const keys = Array.from({ length: 6 }, (_, index) => `key-${index}`)
    const done = await Promise.all(keys.map((key) => update({}, { set: [`${key}=${key.length}`] })))
    for (const { after } of done) expect(Object.keys(after)).to.deep.equal(['settings'])
    const all = Object.fromEntries(keys.map((key) => [key, 5]))
    expect((await update({}, {})).tenant.settings).to.deep.equal(all)
    const events = await rows<{ payload: { changed: string[] } }>(
      ctx.db,
      sql`select payload from public.outbox where topic = 'tenant.updated' and tenant_id = ${tenant.id}`,
    )
    expect(events.filter(({ payload }) => payload.changed.includes('settings'))).to.have.length(6)
    expect(JSON.stringify(events), 'no value leaves').to.not.include('DE136695976')
  })

  it('changes the currency only while nothing is billed in it, and to one that has prices', async () => {
    expect(await rejection(update({ currency: 'EUR' }))).to.include({
      kind: 'usage',
      code: 'currency.unpriced',
    })
    expect((await update({ currency: 'USD' })).after).to.deep.equal({ currency: 'USD' })
    expect(await company()).to.include({ base_currency_code: 'USD' })
    await subscribe(ctx, tenant.id, { startedOn: '2026-01-01' })
    const code = 'tenant.currency_in_use'
    expect(await rejection(update({ currency: 'INR' }))).to.include({ kind: 'conflict', code })
    expect((await update({ currency: 'USD', city: 'Kiel' })).after).to.deep.equal({ city: 'Kiel' })
  })

  it('refuses a GSTIN that another company of the tenant has, and changes nothing then', async () => {
    await update({ country: 'IN', postalCode: '', timeZone: 'Asia/Kolkata' })
    await execute(
      ctx.db,
      sql`insert into tenant_updated.companies (code, name, legal_name, is_default, country_code, gst_state_code, gstin, pan, gst_registration_type)
          values ('SISTER', 'Sister', 'Sister', false, 'IN', '27', '27AAPFU0939F1ZV', 'AAPFU0939F', 'regular')`,
    )
    const before = await written()
    const error = await rejection(update({ gstin: '27AAPFU0939F1ZV' }))
    expect(error).to.include({ kind: 'conflict', code: 'tenant.gstin_taken' })
    expect(await written()).to.deep.equal(before)
  })

  it('goes on while it is suspended, and without a company in the schema, but not while it is archived', async () => {
    await suspendTenant(ctx, tenant, { cause: 'operator', reason: 'x', bills: true, dryRun: false })
    expect((await update({ city: 'Agra' })).changed).to.equal(true)
    await execute(ctx.db, sql`drop table tenant_updated.companies`)
    expect((await update({ city: 'Delhi' })).tenant.city).to.equal('Delhi')
    await execute(
      ctx.db,
      sql`update public.tenants set status = 'archived', suspension_cause = null where id = ${tenant.id}`,
    )
    expect(await rejection(update({ city: 'Goa' }))).to.include({ kind: 'conflict', code: 'tenant.archived' })
  })
})

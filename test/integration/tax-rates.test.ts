/** Rates of tax and of exchange on file: what is shipped, how a new one closes the old, and what is not possible. */
import { expect } from 'chai'
import { exchangeRateOn, setExchangeRate, type ExchangeRateInput } from '../../src/billing/exchange.js'
import { memberStates } from '../../src/billing/tax/member-states.js'
import { readTaxCodes, readTaxRates } from '../../src/billing/tax/rates-on-file.js'
import { setTaxRate, type TaxRateInput } from '../../src/billing/tax/set-rate.js'
import { taxOf, type TaxRecipient } from '../../src/billing/tax/tax.js'
import { setSupplier } from '../../src/billing/set-supplier.js'
import { requireSupplier } from '../../src/billing/supplier.js'
import { execute, oneRow, rows, sql, type Sql } from '../../src/database/sql.js'
import { transaction } from '../../src/database/transaction.js'
import { completeProfile } from '../../src/tenants/profile.js'
import { reserveTenant } from '../../src/tenants/reserve.js'
import { listExchangeRates } from '../../src/views/exchange-rates.js'
import { listTaxRates } from '../../src/views/tax-rates.js'
import { rejection } from '../support/errors.js'
import { rolledBackAt } from '../support/rolled-back.js'
import type { Context } from '../../src/kernel/context.js'

const noon = '2026-11-21T06:30:00Z'
const page = { limit: 500, cursor: null }

const rate = (ctx: Context, country: string, text: string, more: Partial<TaxRateInput> = {}) =>
  setTaxRate(ctx, { country, rate: text, ...more }, false)
const fx = (ctx: Context, currency: string, text: string, more: Partial<ExchangeRateInput> = {}) =>
  setExchangeRate(ctx, { currency, rate: text, ...more }, false)

async function filed(ctx: Context, country: string): Promise<string[]> {
  const { items } = await listTaxRates(ctx, { country, on: null }, page)
  return items.map(({ code, rate: per, from, to }) => `${code} ${per} ${from} ${to ?? ''}`.trim())
}

async function refusal(ctx: Context, statement: Sql): Promise<unknown> {
  return rejection(transaction(ctx, (inner) => execute(inner.db, statement)))
}

/** Standard rates on 21 November 2026, from ibericode/vat-rates (5abb1e1), checked one by one. */
const europe =
  'AT 20, BE 21, BG 20, CY 19, CZ 21, DE 19, DK 25, EE 24, ES 21, FI 25.5, FR 20, GR 24, HR 25, HU 27, IE 23, IT 22, LT 21, LU 17, LV 21, MT 18, NL 21, PL 23, PT 23, RO 21, SE 25, SI 22, SK 23'

describe('rates of tax on file', () => {
  it('are shipped for India and all 27 member states', () =>
    rolledBackAt(noon, async (ctx) => {
      const { items, module_codes } = await listTaxRates(ctx, { country: null, on: '2026-11-21' }, page)
      const found = items.filter(({ regime }) => regime === 'eu_vat')
      expect(found.map(({ country, rate: per }) => `${country} ${per}`).join(', ')).to.equal(europe)
      expect(found.map(({ country }) => country)).to.deep.equal([...memberStates])
      expect(items.filter(({ regime }) => regime !== 'eu_vat')).to.deep.equal([
        {
          ...{ regime: 'in_gst', country: 'IN', code: '997331', rate: '18', from: '2017-07-01', to: null },
          source: 'Notification 11/2017-CT(Rate), heading 9973',
        },
      ])
      expect(module_codes).to.deep.equal([{ module: null, code: '997331', from: '2017-07-01', to: null }])
    }))

  const dated: [string, string, string][] = [
    ['DE', '2020-06-30', '19'],
    ['DE', '2020-07-01', '16'],
    ['DE', '2020-12-31', '16'],
    ['DE', '2021-01-01', '19'],
    ['EE', '2023-12-31', '20'],
    ['EE', '2025-06-30', '22'],
    ['EE', '2025-07-01', '24'],
    ['FI', '2024-08-31', '24'],
    ['FI', '2024-09-01', '25.5'],
    ['IE', '2021-02-28', '21'],
    ['LU', '2023-12-31', '16'],
    ['RO', '2025-07-31', '19'],
    ['SK', '2024-12-31', '20'],
  ]
  it('have their days', () =>
    rolledBackAt(noon, async (ctx) => {
      for (const [country, on, wanted] of dated) {
        const { items } = await listTaxRates(ctx, { country, on }, page)
        expect(
          items.map((item) => item.rate),
          `${country} ${on}`,
        ).to.deep.equal([wanted])
      }
    }))

  it('come in pages that miss nothing', () =>
    rolledBackAt(noon, async (ctx) => {
      const all = await listTaxRates(ctx, { country: null, on: null }, page)
      const paged = []
      let cursor: string | null = null
      do {
        const part: Awaited<ReturnType<typeof listTaxRates>> = await listTaxRates(
          ctx,
          { country: null, on: null },
          { limit: 7, cursor },
        )
        paged.push(...part.items)
        cursor = part.next_cursor
      } while (cursor !== null)
      expect(paged).to.deep.equal(all.items)
    }))

  it('are closed by the next one', () =>
    rolledBackAt(noon, async (ctx) => {
      const set = await rate(ctx, 'at', '19.50', { from: '2027-01-01', source: 'BGBl.' })
      expect(set).to.deep.include({
        changed: true,
        was: { rate: '20', from: '1984-01-01' },
        tax_rate: {
          ...{ regime: 'eu_vat', country: 'AT', code: 'standard', rate: '19.5' },
          ...{ from: '2027-01-01', to: null, source: 'BGBl.' },
        },
      })
      expect(await filed(ctx, 'AT')).to.deep.equal([
        'standard 20 1984-01-01 2027-01-01',
        'standard 19.5 2027-01-01',
      ])
    }))

  it('set twice are one, set again for the same day corrected, set in between end with the next', () =>
    rolledBackAt(noon, async (ctx) => {
      await rate(ctx, 'AT', '22', { from: '2027-01-01' })
      expect((await rate(ctx, 'AT', '22.0', { from: '2027-01-01' })).changed).to.equal(false)
      expect((await rate(ctx, 'AT', '22', { from: '2027-06-01' })).changed).to.equal(false)
      await rate(ctx, 'AT', '23', { from: '2027-01-01' })
      await rate(ctx, 'AT', '21', { from: '2026-12-01' })
      expect(await filed(ctx, 'AT')).to.deep.equal([
        'standard 20 1984-01-01 2026-12-01',
        'standard 21 2026-12-01 2027-01-01',
        'standard 23 2027-01-01',
      ])
      await rate(ctx, 'AT', '16', { from: '1973-01-01' })
      expect((await filed(ctx, 'AT'))[0]).to.equal('standard 16 1973-01-01 1984-01-01')
    }))

  it('without a day begin today, where the supplier is', () =>
    rolledBackAt('2026-11-21T18:31:00Z', async (ctx) => {
      expect((await rate(ctx, 'US', '8')).tax_rate.from).to.equal('2026-11-21')
      const gstin = '27AAPFU0939F1ZV'
      await setSupplier(ctx, { legalName: 'Acme', addressLine1: '1 MG Road', gstin }, false)
      expect((await rate(ctx, 'CA', '5')).tax_rate.from).to.equal('2026-11-22')
    }))

  it('rehearsed are not written', () =>
    rolledBackAt(noon, async (ctx) => {
      const before = await filed(ctx, 'AT')
      const rehearsed = await setTaxRate(ctx, { country: 'AT', rate: '1', from: '2027-01-01' }, true)
      expect(rehearsed).to.deep.include({ dry_run: true, changed: true })
      expect(await filed(ctx, 'AT')).to.deep.equal(before)
    }))

  it('are audited with what was', () =>
    rolledBackAt(noon, async (ctx) => {
      await rate(ctx, 'AT', '19.5', { from: '2027-01-01' })
      const entry = await oneRow<{ subject: string; before: unknown }>(
        ctx.db,
        sql`select subject, before from public.audit_log where action = 'billing.tax_rate.set'`,
      )
      expect(entry).to.deep.equal({ subject: 'AT standard', before: { rate: '20', from: '1984-01-01' } })
    }))

  const refused: Record<string, [string, string, Partial<TaxRateInput>, string]> = {
    'a country that is none': ['EU', '20', {}, 'tax.country_invalid'],
    'more than 100 per cent': ['AT', '100.0001', {}, 'tax.rate_invalid'],
    'five decimals': ['AT', '1.00001', {}, 'tax.rate_invalid'],
    'a sign': ['AT', '-1', {}, 'tax.rate_invalid'],
    'a comma': ['AT', '19,5', {}, 'tax.rate_invalid'],
    'a day that is none': ['AT', '19', { from: '2027-02-29' }, 'usage.date_invalid'],
    'a code of goods in India': ['IN', '18', { code: '8471' }, 'tax.code_invalid'],
    'a word as a code in India': ['IN', '18', { code: 'standard' }, 'tax.code_invalid'],
    'a SAC abroad': ['DE', '19', { code: '997331' }, 'tax.code_invalid'],
    'modules abroad': ['DE', '19', { modules: ['crm'] }, 'tax.code_invalid'],
    'modules without a code': ['IN', '18', { modules: ['crm'] }, 'tax.code_invalid'],
    'an unknown module': ['IN', '18', { code: '998314', modules: ['crn'] }, 'module.unknown'],
  }
  for (const [what, [country, text, more, code]] of Object.entries(refused)) {
    it(`with ${what} are refused`, () =>
      rolledBackAt(noon, async (ctx) => {
        expect(await rejection(rate(ctx, country, text, more))).to.include({ kind: 'usage', code })
      }))
  }

  it('do not overlap, whoever writes them', () =>
    rolledBackAt(noon, async (ctx) => {
      const insert = (country: string, code: string, regime: string, per: string): Sql =>
        sql`insert into public.tax_rates (regime, country_code, code, rate, validity, source)
            values (${regime}, ${country}, ${code}, ${per}, daterange('2026-01-01', '2026-02-01'), 'psql')`
      expect(await refusal(ctx, insert('AT', 'standard', 'eu_vat', '19'))).to.include({ code: '23P01' })
      expect(await refusal(ctx, insert('US', 'standard', 'other', '-1'))).to.include({ code: '23514' })
      expect(await refusal(ctx, insert('US', '997331', 'in_gst', '18'))).to.include({ code: '23514' })
      expect(await refusal(ctx, insert('IN', 'standard', 'in_gst', '18'))).to.include({ code: '23514' })
      await execute(ctx.db, insert('US', 'standard', 'other', '0'))
    }))
})

describe('the code a module is billed under', () => {
  it('is 997331, until it has one of its own', () =>
    rolledBackAt(noon, async (ctx) => {
      const before = await readTaxCodes(ctx, '2026-11-21')
      expect([before('module', 'crm'), before('platform', 'STARTER')]).to.deep.equal(['997331', '997331'])
      const set = await rate(ctx, 'IN', '18', { code: '998314', modules: ['crm', 'hr'], from: '2026-12-01' })
      expect(set.modules).to.deep.equal(['crm', 'hr'])
      const [last, first] = [await readTaxCodes(ctx, '2026-11-30'), await readTaxCodes(ctx, '2026-12-01')]
      expect(last('module', 'crm')).to.equal('997331')
      expect([first('module', 'crm'), first('module', 'bi'), first('platform', 'crm')]).to.deep.equal([
        '998314',
        '997331',
        '997331',
      ])
      expect((await readTaxCodes(ctx, '2017-06-30'))('module', 'crm')).to.equal(null)
      const again = await rate(ctx, 'IN', '18', { code: '998314', modules: ['crm'], from: '2026-12-01' })
      expect(again).to.deep.include({ changed: false, modules: [] })
    }))

  it('moves on with its days', () =>
    rolledBackAt(noon, async (ctx) => {
      await rate(ctx, 'IN', '18', { code: '998314', modules: ['crm'], from: '2026-12-01' })
      await rate(ctx, 'IN', '18', { code: '998315', modules: ['crm'], from: '2027-01-01' })
      const { module_codes } = await listTaxRates(ctx, { country: 'in', on: null }, page)
      expect(module_codes.slice(1)).to.deep.equal([
        { module: 'crm', code: '998314', from: '2026-12-01', to: '2027-01-01' },
        { module: 'crm', code: '998315', from: '2027-01-01', to: null },
      ])
    }))
})

describe('a tenant in a special economic zone', () => {
  it('is taxed as one from what is stored', () =>
    rolledBackAt(noon, async (ctx) => {
      const gstin = '27AAPFU0939F1ZV'
      await setSupplier(ctx, { legalName: 'Acme', addressLine1: '1 MG Road', gstin }, false)
      const given = { name: 'Zone', state: 'MH', gstTreatment: 'sez' }
      const { id } = await reserveTenant(ctx, 'zone-tax', await completeProfile(given, 'a@zone.test'))
      const recipient = await oneRow<TaxRecipient>(
        ctx.db,
        sql`select country_code, gst_state_code, gstin, vat_id, gst_treatment from public.tenants where id = ${id}`,
      )
      const lines = [{ taxable_minor: 10050n, sac: '997331' }]
      const found = taxOf(await requireSupplier(ctx), recipient, lines, '2026-11-21', await readTaxRates(ctx))
      expect(found.taxes).to.deep.equal([{ head: 'IGST', rate: '18', amount_minor: 1809n }])
      expect(found.supply).to.equal('sez')
      const abroad = sql`update public.tenants set country_code = 'US', gst_state_code = null where id = ${id}`
      expect(await refusal(ctx, abroad)).to.include({ code: '23514' })
    }))
})

describe('rates of exchange', () => {
  it('are found by day: of it, else the latest before, never a later one', () =>
    rolledBackAt(noon, async (ctx) => {
      await fx(ctx, 'USD', '83.2450', { date: '2026-11-18', source: 'RBI' })
      await fx(ctx, 'usd', '84', { date: '2026-11-20', source: 'RBI' })
      await fx(ctx, 'EUR', '90.5', { date: '2026-11-01' })
      const on = async (day: string) => (await exchangeRateOn(ctx, 'USD', 'INR', day))?.rate ?? null
      expect(await on('2026-11-17')).to.equal(null)
      expect(await on('2026-11-18')).to.equal('83.245')
      expect(await on('2026-11-19')).to.equal('83.245')
      expect(await on('2026-11-20')).to.equal('84')
      expect(await on('2027-11-20')).to.equal('84')
      expect(await exchangeRateOn(ctx, 'USD', 'EUR', '2026-11-20')).to.equal(null)
      expect(await exchangeRateOn(ctx, 'EUR', 'INR', '2026-11-20')).to.deep.equal({
        ...{ currency: 'EUR', to_currency: 'INR', rate: '90.5', date: '2026-11-01', source: 'manual' },
      })
    }))

  it('of one day by two sources: the one set last', () =>
    rolledBackAt(noon, async (ctx) => {
      await fx(ctx, 'USD', '83', { source: 'RBI' })
      await fx(ctx, 'USD', '84', { source: 'FBIL' })
      expect((await exchangeRateOn(ctx, 'USD', 'INR', '2026-11-21'))?.source).to.equal('FBIL')
      await fx(ctx, 'USD', '83.5', { source: 'RBI' })
      expect((await exchangeRateOn(ctx, 'USD', 'INR', '2026-11-21'))?.rate).to.equal('83.5')
    }))

  it('set twice are one; another figure replaces that of its day and source, and is audited', () =>
    rolledBackAt(noon, async (ctx) => {
      expect(await fx(ctx, 'USD', '83.20')).to.deep.include({ changed: true, was: null })
      expect(await fx(ctx, 'USD', '83.2')).to.deep.include({ changed: false, was: '83.2' })
      expect(await fx(ctx, 'USD', '83.3')).to.deep.include({ changed: true, was: '83.2' })
      const { items } = await listExchangeRates(ctx, { currency: 'usd', since: null, until: null }, page)
      expect(items).to.have.length(1)
      const entries = await rows<{ before: unknown }>(
        ctx.db,
        sql`select before from public.audit_log where action = 'billing.fx.set' order by at`,
      )
      expect(entries.map(({ before }) => before)).to.deep.equal([null, { rate: '83.2' }])
    }))

  it('are counted in the money of the supplier', () =>
    rolledBackAt(noon, async (ctx) => {
      const german = { legalName: 'Acme', addressLine1: 'Hauptstr. 1', country: 'DE', vatId: 'DE136695976' }
      await setSupplier(ctx, german, false)
      expect((await fx(ctx, 'USD', '0.92')).fx_rate.to_currency).to.equal('EUR')
      expect(await rejection(fx(ctx, 'EUR', '1'))).to.include({ code: 'fx.same_currency' })
    }))

  it('rehearsed are not written', () =>
    rolledBackAt(noon, async (ctx) => {
      await setExchangeRate(ctx, { currency: 'USD', rate: '83' }, true)
      expect(await exchangeRateOn(ctx, 'USD', 'INR', '2026-11-21')).to.equal(null)
    }))

  it('that look upside down are taken with a warning', () =>
    rolledBackAt(noon, async (ctx) => {
      const warned: string[] = []
      const listening = { ...ctx, warn: ({ code }: { code: string }) => void warned.push(code) }
      await fx(listening, 'USD', '83', { date: '2026-11-20' })
      await fx(listening, 'USD', '84')
      expect(warned).to.deep.equal([])
      await fx(listening, 'USD', '0.012')
      expect(warned).to.deep.equal(['fx.large_step'])
    }))

  const refused: Record<string, [string, string, string]> = {
    'of nothing': ['USD', '0', 'fx.rate_invalid'],
    'below nothing': ['USD', '-83', 'fx.rate_invalid'],
    'with an exponent': ['USD', '8e1', 'fx.rate_invalid'],
    'with eleven decimals': ['USD', '0.00000000001', 'fx.rate_invalid'],
    'of money that is none': ['ABC', '1', 'currency.invalid'],
    'of the supplier`s own money': ['INR', '1', 'fx.same_currency'],
  }
  for (const [what, [currency, text, code]] of Object.entries(refused)) {
    it(`${what} are refused`, () =>
      rolledBackAt(noon, async (ctx) => {
        expect(await rejection(fx(ctx, currency, text))).to.include({ kind: 'usage', code })
      }))
  }

  it('are unique by money, day and source, whoever writes them', () =>
    rolledBackAt(noon, async (ctx) => {
      await fx(ctx, 'USD', '83')
      const insert = (currency: string, value: number): Sql =>
        sql`insert into public.fx_rates (currency, to_currency, rate, day, source, operator)
            values (${currency}, 'INR', ${value}, '2026-11-21', 'manual', 'me')`
      expect(await refusal(ctx, insert('USD', 84))).to.include({ code: '23505' })
      expect(await refusal(ctx, insert('INR', 1))).to.include({ code: '23514' })
      expect(await refusal(ctx, insert('EUR', 0))).to.include({ code: '23514' })
    }))
})

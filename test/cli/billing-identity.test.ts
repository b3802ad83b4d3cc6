/** Supplier, tax rates and rates of exchange by the built program: codes, exit codes, two at once, the turn of the year. */
import { expect } from 'chai'
import { Place } from '../support/place.js'
import type { Ran } from '../support/cli.js'

const place = new Place()
const acme = ['--legal-name', 'Acme Private Limited', '--address-line1', '1 MG Road']
const gstin = ['--gstin', '27AAPFU0939F1ZV']

const set = (...args: string[]): Promise<Ran> => place.run(['billing', 'supplier', 'set', ...args, '--json'])
const failure = ({ code, json }: Ran): unknown => [code, json?.error?.code]

describe('the supplier by the built program', () => {
  before(() => place.run(['db', 'start']))
  after(() => place.remove())

  it('is not there at first: exit 6, with the command to type', async () => {
    const ran = await place.here(['billing', 'supplier', 'show', '--json'])
    expect(failure(ran)).to.deep.equal([6, 'billing.supplier_missing'])
    expect(ran.json?.error?.hint).to.match(/^erpmax billing supplier set /)
  })

  it('is asked for before anything is billed or looked at: exit 6, the same command', async () => {
    for (const flags of [[], ['--dry-run'], ['--as-of', '2026-04-01']]) {
      const ran = await place.here(['invoice', 'generate', '--all', ...flags, '--json'])
      expect(failure(ran), flags.join(' ')).to.deep.equal([6, 'billing.supplier_missing'])
      expect(ran.json?.error?.hint).to.match(/^erpmax billing supplier set /)
    }
    expect(await place.query('select 1 from public.billing_runs')).to.have.length(0)
  })

  it('is refused with a wrong GSTIN, with a prefix that does not fit, and audited as refused', async () => {
    for (const wrong of ['22AAAAA0000A1Z5', '29ABCDE1234F2Z5'])
      expect(failure(await set(...acme, '--gstin', wrong)), wrong).to.deep.equal([
        2,
        'supplier.gstin_invalid',
      ])
    expect(failure(await set(...acme, ...gstin, '--prefix', 'ACMEX'))).to.deep.equal([
      2,
      'supplier.prefix_invalid',
    ])
    expect(failure(await set())).to.deep.equal([2, 'usage.missing'])
    const refused = await place.query<{ error_code: string }>(
      `select distinct error_code from public.audit_log where action = 'billing.supplier.set' and outcome = 'refused' order by 1`,
    )
    expect(refused.map(({ error_code }) => error_code)).to.deep.equal([
      'supplier.gstin_invalid',
      'supplier.prefix_invalid',
      'usage.missing',
    ])
  })

  it('set by two at once is set once', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => set(...acme, ...gstin)))
    expect(runs.map(({ code }) => code)).to.deep.equal([0, 0, 0])
    expect(runs.filter(({ json }) => json?.data.changed.length > 0)).to.have.length(1)
    const versions = await place.query('select 1 from public.billing_suppliers')
    expect(versions).to.have.length(1)
  })

  it('numbers its documents by the Indian year: 23:59 and 00:01 of the night to 1 April differ', async () => {
    const numbers: string[] = []
    for (const now of ['2027-03-31T23:59:00+05:30', '2027-04-01T00:01:00+05:30']) {
      const ran = await place.here(['billing', 'supplier', 'show', '--json'], { env: { ERPMAX_NOW: now } })
      numbers.push(ran.json?.data.supplier.first_numbers.invoice)
    }
    expect(numbers).to.deep.equal(['ERP/26-27/00001', 'ERP/27-28/00001'])
  })

  it('reads well, and a dry run says that it is one', async () => {
    const shown = await place.run(['billing', 'supplier', 'show'], { env: { COLUMNS: '80' } })
    expect(shown.stdout).to.include('27AAPFU0939F1ZV').and.to.include('ERP/')
    expect(Math.max(...shown.stdout.split('\n').map((line) => line.length))).to.be.at.most(80)
    const rehearsed = await set('--payment-terms', '30', '--dry-run')
    expect(rehearsed.json?.data).to.deep.include({ dry_run: true, changed: ['payment_terms_days'] })
    const ran = await place.here(['billing', 'supplier', 'show', '--json'])
    expect(ran.json?.data.supplier.payment_terms_days).to.equal(7)
  })

  it('rates are set by two at once without a gap or an overlap', async () => {
    const rates = ['20', '21', '22'].map((rate) => ['tax-rate', 'set', 'AT', rate, '--from', '2027-01-01'])
    const runs = await Promise.all(
      [...rates, ...rates.map(() => ['fx', 'set', 'USD', '83.245'])].map((words) =>
        place.run(['billing', ...words, '--json']),
      ),
    )
    expect(runs.map(({ code }) => code)).to.deep.equal([0, 0, 0, 0, 0, 0])
    const filed = await place.query<{ validity: string }>(
      `select validity::text from public.tax_rates where country_code = 'AT' order by validity`,
    )
    const found = filed.map(({ validity }) => validity)
    // 20 % is what is in force: set last it leaves the old row closed and its own corrected, set first nothing.
    expect(found).to.deep.equal(['[1984-01-01,2027-01-01)', '[2027-01-01,)'])
    expect(await place.query('select 1 from public.fx_rates')).to.have.length(1)
  })

  it('what is no rate, no day or no list of anything is told by exit code', async () => {
    const codes = []
    for (const words of [
      ['tax-rate', 'set', 'AT', 'much'],
      ['tax-rate', 'set', 'AT', '20', '--from', 'soon'],
      ['tax-rate', 'list', '--on', 'today'],
      ['fx', 'set', 'USD', '0'],
      ['fx', 'list', '--currency', 'CHF'],
    ]) {
      const { code, json } = await place.here(['billing', ...words, '--json'])
      codes.push([code, json?.error?.code ?? json?.data.items.length])
    }
    expect(codes).to.deep.equal([
      [2, 'tax.rate_invalid'],
      [2, 'usage.date_invalid'],
      [2, 'usage.date_invalid'],
      [2, 'fx.rate_invalid'],
      [0, 0],
    ])
  })
})

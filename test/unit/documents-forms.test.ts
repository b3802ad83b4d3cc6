/** Documents as web pages (golden files beside the template), as data and as a table. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { csv } from '../../src/billing/documents/csv.js'
import { readLabels } from '../../src/billing/documents/labels.js'
import { renderDocument, type DocumentFormat } from '../../src/billing/documents/render.js'
import { readSample, sampleNames, samplesFolder } from '../support/documents.js'
import type { BillingDocument } from '../../src/billing/document.js'

async function rendered(document: BillingDocument, format: DocumentFormat): Promise<string> {
  return Buffer.from((await renderDocument(document, format)).body).toString('utf8')
}

describe('forms of a document', () => {
  describe('as a web page it is the golden file (UPDATE_GOLDEN=1 writes it)', () => {
    for (const name of sampleNames) {
      it(name, async () => {
        const page = await rendered(readSample(name), 'html')
        const file = path.join(samplesFolder, `${name}.html`)
        if (process.env.UPDATE_GOLDEN) writeFileSync(file, page)
        expect(page).to.equal(readFileSync(file, 'utf8'))
      })
    }
  })

  it('is called by its number and says what it is', async () => {
    const document = readSample('intra-state')
    const facts = await Promise.all(
      (['pdf', 'html', 'json', 'csv', 'inv-01'] as const).map(async (format) => {
        const { file_name, media_type } = await renderDocument(document, format)
        return [file_name, media_type]
      }),
    )
    expect(facts).to.deep.equal([
      ['ERP-26-27-00001.pdf', 'application/pdf'],
      ['ERP-26-27-00001.html', 'text/html; charset=utf-8'],
      ['ERP-26-27-00001.json', 'application/json'],
      ['ERP-26-27-00001.csv', 'text/csv; charset=utf-8'],
      ['ERP-26-27-00001.inv-01.json', 'application/json'],
    ])
  })

  it('prints what customers typed as text, never as markup', async () => {
    const sample = readSample('intra-state')
    const recipient = { ...sample.recipient, name: '<script>alert(1)</script>', address: ['"><b>x'] }
    const page = await rendered({ ...sample, recipient }, 'html')
    expect(page).to.include('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.to.include('<script')
    expect(page).not.to.include('<b>')
  })

  it('says how it is paid by bank while something is open of it, and names the letter of undertaking', async () => {
    const sample = readSample('export-lut')
    const open = await rendered(sample, 'html')
    expect(open).to.include('SWIFT HDFCINBB').and.include('AD270326012345X')
    const receipts = { paid_minor: sample.total_minor, settled_minor: 0n, credited_minor: 0n, open_minor: 0n }
    for (const changes of [
      { receipts },
      { credit_applied_minor: sample.total_minor },
      { void: { reason: 'Twice' } },
      { kind: 'credit_note' } as const,
    ]) {
      const page = await rendered({ ...sample, ...changes }, 'html')
      expect(page, Object.keys(changes)[0]).not.to.include('HDFC').and.not.to.include(sample.pay_url)
    }
  })

  it('links no address that leads elsewhere than to a web page', async () => {
    for (const url of ['javascript:alert(1)', 'javascript://x%0aalert(1)', 'https://x" onclick="alert(1)']) {
      const page = await rendered(readSample('intra-state', { pay_url: url }), 'html')
      expect(page).not.to.include('href=')
    }
  })

  it('has the same labels in every language', async () => {
    const shape = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shape(part)]))
        : Array.isArray(value)
          ? value.length
          : typeof value
    const shapes = await Promise.all(
      (['en', 'hi', 'uk'] as const).map(async (language) => {
        const { currencies: _currencies, subtitles: _subtitles, ...labels } = await readLabels('v1', language)
        return shape(labels)
      }),
    )
    expect(shapes[1]).to.deep.equal(shapes[0])
    expect(shapes[2]).to.deep.equal(shapes[0])
  })

  it('as data has money as every command writes it', async () => {
    const data = JSON.parse(await rendered(readSample('export-lut'), 'json')) as Record<string, unknown>
    expect(data).to.include({ kind: 'invoice', number: 'ERP/26-27/00006', currency: 'USD' })
    expect(data.total).to.deep.equal({ amount_minor: 169_900, currency: 'USD' })
    expect(data.exchange).to.deep.equal({
      rate: '83.2512',
      date: '2026-04-01',
      source: 'RBI reference rate',
      total: { amount_minor: 14_144_379, currency: 'INR' },
    })
    expect((data.lines as unknown[])[1]).to.deep.equal({
      position: 2,
      description: 'Manufacturing',
      sac: '997331',
      period: { from: '2026-04-01', to: '2026-05-01' },
      taxable: { amount_minor: 49_900, currency: 'USD' },
      taxes: [{ head: 'IGST', rate: '0', amount: { amount_minor: 0, currency: 'USD' } }],
    })
    expect(JSON.stringify(data)).not.to.include('_minor":"')
  })

  it('as a table has a row per line, in plain numbers', async () => {
    const [header = '', first = '', second = '', end] = (
      await rendered(readSample('intra-state'), 'csv')
    ).split('\r\n')
    expect(end).to.equal('')
    const row = (line: string): Record<string, string> =>
      Object.fromEntries(header.split(',').map((name, index) => [name, line.split(',')[index] ?? '']))
    expect(row(first.replace('Enterprise tier, platform fee', 'fee'))).to.include({
      number: 'ERP/26-27/00001',
      taxable: '123456.00',
      cgst_rate: '9',
      cgst: '11111.04',
      igst: '',
      total: '145678.08',
      period_from: '2026-04-01',
      period_last_day: '2026-04-30',
      recipient_gstin: '27AAACK4409J1ZK',
      place_of_supply_code: '27',
    })
    // A description with a comma is quoted, so its row has one comma more.
    expect(first).to.include('"Enterprise tier, platform fee"')
    expect(second).to.match(/,100\.50,9,9\.05,9,9\.05,,,,,,,118\.60$/)
  })

  it('as a table runs nothing in a spreadsheet', () => {
    const rows = csv([{ a: '=1+1', b: '+44', c: '-5.00', d: '@x', e: 'say "hi"', f: null, g: '-x' }])
    expect(rows).to.equal(`a,b,c,d,e,f,g\r\n'=1+1,'+44,-5.00,'@x,"say ""hi""",,'-x\r\n`)
  })
})

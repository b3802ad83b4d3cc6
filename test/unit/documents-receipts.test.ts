/** What is added to a document after its issue: receipts and what is open; and commercial credits, which touch no tax. */
import { expect } from 'chai'
import { inv01 } from '../../src/billing/documents/inv-01.js'
import { documentJson } from '../../src/billing/documents/json.js'
import { renderDocument } from '../../src/billing/documents/render.js'
import { thrown } from '../support/errors.js'
import { readPdf, readSample } from '../support/documents.js'
import type { BillingDocument } from '../../src/billing/document.js'

async function textOf(document: BillingDocument): Promise<string> {
  const pages = await readPdf((await renderDocument(document, 'pdf')).body)
  return pages.map(({ text }) => text).join(' ')
}

/** 1,45,796.68 less 5,000.00 of credit: 1,40,796.68 are due. */
const issued = readSample('intra-state')

function paid(paid_minor: bigint, settled_minor: bigint, credited_minor: bigint): BillingDocument {
  const open_minor = 14079668n - paid_minor - settled_minor - credited_minor
  return { ...issued, receipts: { paid_minor, settled_minor, credited_minor, open_minor } }
}

describe('a document after its issue', () => {
  it('says what came in and what is open, below what was due', async () => {
    const text = await textOf(paid(100_000_00n, 10_000_00n, 0n))
    expect(text).to.include(
      'Amount due ₹1,40,796.68 Paid −₹1,00,000.00 Tax withheld and adjustments −₹10,000.00 Balance open ₹30,796.68',
    )
    expect(text).not.to.include('Credit notes')
    expect(text).to.include('Pay online')
  })

  it('asks for no payment where nothing is open', async () => {
    const text = await textOf(paid(14079668n, 0n, 0n))
    expect(text).to.include('Balance open ₹0.00')
    expect(text).not.to.include('Pay online')
  })

  it('says the same in Hindi, Ukrainian, as a page and as data', async () => {
    for (const language of ['hi', 'uk', 'en'] as const) {
      const document = { ...paid(100_00n, 0n, 200_00n), language }
      const [pdf, html] = [await textOf(document), (await renderDocument(document, 'html')).body]
      const amount = language === 'uk' ? /1,40,496,68|1\s40\s496,68/ : /₹1,40,496\.68/
      expect(pdf.replace(/\u00a0/g, ' '), language).to.match(amount)
      expect(
        Buffer.from(html)
          .toString()
          .replace(/\u00a0|&nbsp;/g, ' '),
        language,
      ).to.match(amount)
    }
    expect(documentJson(paid(100_00n, 0n, 200_00n)).receipts).to.deep.equal({
      paid: { amount_minor: 10000, currency: 'INR' },
      settled: { amount_minor: 0, currency: 'INR' },
      credited: { amount_minor: 20000, currency: 'INR' },
      open: { amount_minor: 14049668, currency: 'INR' },
    })
  })

  it('of a commercial credit says that the tax stays, and there is no e-invoice of it', async () => {
    const note = { ...readSample('credit-note'), commercial: true }
    expect(await textOf(note)).to.include(
      'Commercial: the tax charged on the original invoice stays as it is.',
    )
    expect(await textOf({ ...note, commercial: false })).not.to.include('Commercial')
    expect(thrown(() => inv01(note))).to.include({ code: 'einvoice.not_applicable', kind: 'conflict' })
  })
})

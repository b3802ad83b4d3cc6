/** The PDF, read back by another program: everything is in it, on the page, and the same bytes each time. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { renderDocument } from '../../src/billing/documents/render.js'
import { plainAmount } from '../../src/billing/documents/numbers.js'
import { packageRoot } from '../../src/kernel/package-root.js'
import {
  readPdf,
  readSample,
  sampleNames,
  samplesFolder,
  squeezed,
  withLines,
  type PdfPage,
} from '../support/documents.js'
import type { BillingDocument } from '../../src/billing/document.js'

async function pdf(document: BillingDocument): Promise<Uint8Array> {
  return (await renderDocument(document, 'pdf')).body
}

async function pagesOf(document: BillingDocument): Promise<PdfPage[]> {
  return readPdf(await pdf(document))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** By Intl, whose grouping and signs are not ours. */
function figures(minor: bigint, { currency, language }: BillingDocument): string {
  const locale = language === 'uk' ? 'uk-UA' : currency === 'INR' ? 'en-IN' : 'en-US'
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  }).format(plainAmount(minor, currency) as unknown as number)
}

function amountsOf(document: BillingDocument): string[] {
  const amounts = [
    document.taxable_minor,
    document.total_minor,
    ...document.taxes.map((tax) => tax.amount_minor),
    ...document.lines.flatMap((line) => {
      const taxes = line.taxes.map((tax) => tax.amount_minor)
      return [line.taxable_minor, ...taxes, taxes.reduce((sum, tax) => sum + tax, line.taxable_minor)]
    }),
  ]
  if (document.credit_applied_minor > 0n) {
    amounts.push(document.credit_applied_minor, document.total_minor - document.credit_applied_minor)
  }
  return amounts.map((minor) => figures(minor, document))
}

/** Nothing runs over the edge of the paper or into the margin. */
function expectOnPaper(pages: readonly PdfPage[]): void {
  for (const page of pages) {
    for (const piece of page.pieces) {
      expect(piece.x, piece.text).to.be.at.least(41)
      expect(piece.x + piece.width, piece.text).to.be.at.most(page.width - 41)
      expect(piece.y, piece.text).to.be.at.least(41)
      expect(piece.y, piece.text).to.be.at.most(page.height - 41)
    }
  }
}

describe('PDF of a document', () => {
  describe('gives back names, numbers and every amount', () => {
    for (const name of sampleNames) {
      it(name, async () => {
        const document = readSample(name)
        const pages = await pagesOf(document)
        const text = squeezed(pages.map((page) => page.text).join(' '))
        const { supplier, recipient, original, place_of_supply: place } = document
        const facts = [supplier, recipient].flatMap((party) => [
          party.name,
          party.legal_name,
          ...party.address,
          party.gstin,
          party.vat_id,
          party.state?.name,
        ])
        facts.push(document.number, place?.name, place?.code, original?.number, document.endorsement)
        facts.push(...document.lines.flatMap((line) => [line.description, line.sac]))
        facts.push(...amountsOf(document), document.reason, document.void?.reason, document.lut)
        if (!document.void) facts.push(document.payment_details)
        for (const fact of facts) if (fact) expect(text).to.include(squeezed(fact))
        if (name !== 'void') expectOnPaper(pages)
      })
    }
  })

  it('carries the particulars of Rule 46, a real rupee sign and the words', async () => {
    const [page] = await pagesOf(readSample('intra-state'))
    expect(page?.text).to.equal(
      [
        'Erpmax Erpmax Software Private Limited 4th Floor, Sunrise Tower Andheri East Mumbai 400069',
        'State: Maharashtra, code 27 GSTIN: 27AAPFU0939F1ZV Email: billing@erpmax.example',
        'Tax Invoice Original for Recipient',
        'Bill to Koyna Engineering Koyna Engineering Works Private Limited Plot 17, MIDC Phase II Bhosari Pune 411026',
        'State: Maharashtra, code 27 GSTIN: 27AAACK4409J1ZK Email: accounts@koyna.example',
        'Invoice no. ERP/26-27/00001 Date 01 Apr 2026 Due date 08 Apr 2026',
        'Place of supply Maharashtra (27) Tax on reverse charge No',
        '# Description of service SAC Taxable value CGST SGST Amount',
        '1 Enterprise tier, platform fee 01 Apr 2026 – 30 Apr 2026 997331',
        '₹1,23,456.00 ₹11,111.04 9% ₹11,111.04 9% ₹1,45,678.08',
        '2 Sales and CRM 01 Apr 2026 – 30 Apr 2026 997331 ₹100.50 ₹9.05 9% ₹9.05 9% ₹118.60',
        'Amount in words One lakh forty-five thousand seven hundred and ninety-six rupees and sixty-eight paise only',
        'Taxable value ₹1,23,556.50 CGST 9% ₹11,120.09 SGST 9% ₹11,120.09 Total ₹1,45,796.68',
        'Credit applied −₹5,000.00 Amount due ₹1,40,796.68',
        'Bank transfer: HDFC Bank, Fort Branch, Mumbai, account 50100012345678, IFSC HDFC0000060',
        'Pay online: https://billing.erpmax.example/pay/8mQ2vKx4sLw7',
        'Issued electronically under the Information Technology Act, 2000; no signature is required.',
        'ERP/26-27/00001 · Erpmax Page 1 of 1',
      ].join(' '),
    )
  })

  it('of a credit note names the invoice it corrects, with its date, and asks for no payment', async () => {
    const [page] = await pagesOf(readSample('credit-note'))
    expect(page?.text).to.include('Original invoice ERP/26-27/00001 Original invoice date 01 Apr 2026')
    expect(page?.text).to.include('Credit Note')
    expect(page?.text).not.to.match(/Tax Invoice|Amount due|Pay online|Original for Recipient/)
  })

  it('of a void document says so on every page, and asks for no payment', async () => {
    const document = { ...withLines(60, (position) => `Module ${position}`), void: { reason: 'Twice' } }
    const pages = await pagesOf(document)
    expect(pages.length).to.be.greaterThan(1)
    for (const page of pages) expect(page.text).to.match(/\bVOID\b/)
    expect(pages.at(-1)?.text).to.include('Twice')
    expect(pages.flatMap((page) => page.links)).to.deep.equal([])
    expect(pages.at(-1)?.text).not.to.include('Amount due')
  })

  it('of a supply abroad shows the rate, its day and source, and the total in rupees', async () => {
    const [page] = await pagesOf(readSample('export-lut'))
    expect(page?.text).to.include('1 USD = 83.2512 INR, 01 Apr 2026, RBI reference rate')
    expect(page?.text).to.include('Total in INR: ₹1,41,443.79')
    expect(page?.text).to.include('Country of destination United States')
  })

  it('says yes to reverse charge, and unregistered of a consumer', async () => {
    const [european] = await pagesOf(readSample('eu-reverse-charge'))
    expect(european?.text).to.include('Tax on reverse charge Yes')
    const [consumer] = await pagesOf(readSample('union-territory'))
    expect(consumer?.text).to.include('GSTIN: Unregistered')
    expect(consumer?.text).to.match(/CGST UTGST Amount/)
  })

  it('in Hindi reads in the order of its letters', async () => {
    const [page] = await pagesOf(readSample('intra-state-hindi'))
    const text = squeezed(page?.text ?? '')
    for (const words of [
      'कर बीजक',
      'श्री कृष्ण उद्योग प्राइवेट लिमिटेड',
      'शिवाजी मार्ग',
      'रिवर्स चार्ज पर कर नहीं',
      'एक लाख पैंतालीस हज़ार सात सौ छियानवे रुपये और अड़सठ पैसे मात्र',
      'इलेक्ट्रॉनिक रूप से जारी; हस्ताक्षर आवश्यक नहीं है।',
    ]) {
      expect(text).to.include(squeezed(words.normalize('NFC')))
    }
  })

  it('in Hindi reads the same however its letters were typed', async () => {
    const name = 'बड़ी गाड़ियाँ प्राइवेट लिमिटेड'.normalize('NFC')
    // With the letter and its dot as one, as some keyboards give it.
    const typed = name.replaceAll('ड\u093c', '\u095c')
    expect(typed).not.to.equal(name)
    const sample = readSample('intra-state-hindi')
    const [page] = await pagesOf({ ...sample, recipient: { ...sample.recipient, name: typed } })
    expect(squeezed(page?.text ?? '')).to.include(squeezed(name))
  })

  it('is A4, with its fonts inside it and none of those that print the rupee sign wrongly', async () => {
    const bytes = await pdf(readSample('intra-state-hindi'))
    const [page] = await readPdf(bytes)
    expect([page?.width, page?.height]).to.deep.equal([595.28, 841.89])
    const raw = Buffer.from(bytes).toString('latin1')
    expect(raw.match(/\/FontFile2/g)).to.have.length(4)
    expect(raw)
      .to.match(/\+NotoSansDevanagari-Regular/)
      .and.to.match(/\+DejaVuSansCondensed/)
    expect(raw).not.to.match(/Helvetica|Times-|Courier/)
  })

  it('links the address where it is paid', async () => {
    const [page] = await pagesOf(readSample('intra-state'))
    expect(page?.links).to.deep.equal(['https://billing.erpmax.example/pay/8mQ2vKx4sLw7'])
  })

  describe('with many lines', () => {
    for (const count of [1, 2, 11, 12, 13, 40, 60]) {
      it(`${count}: heading and number on every page, the totals beside the last line`, async () => {
        const document = withLines(count, (position) => `Module number ${position} of the list`)
        const pages = await pagesOf(document)
        pages.forEach((page, index) => {
          expect(page.text).to.include('Description of service')
          expect(page.text).to.include('ERP/26-27/00001')
          expect(page.text).to.include(`Page ${index + 1} of ${pages.length}`)
        })
        const all = pages.map((page) => page.text).join(' ')
        const found = [...all.matchAll(/Module number (\d+) of the list/g)].map((match) => Number(match[1]))
        expect(found).to.deep.equal(document.lines.map((line) => line.position))
        expect(pages.at(-1)?.text).to.include(`Module number ${count} of`)
        expect(pages.at(-1)?.text).to.include(`Amount due ${figures(document.total_minor, document)}`)
        expectOnPaper(pages)
      })
    }
    it('60 need several pages', async () => {
      expect(await pagesOf(withLines(60, String))).to.have.length.within(3, 5)
    })
  })

  it('wraps what is long and cuts nothing', async () => {
    const sample = readSample('intra-state')
    const name = 'Consolidated Agricultural Implements and Irrigation Equipment Manufacturing '
      .repeat(4)
      .trim()
    const word = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(2)
    const url = `https://billing.erpmax.example/pay/${'k3J9'.repeat(60)}`
    const document = {
      ...sample,
      supplier: { ...sample.supplier, name, legal_name: word },
      recipient: { ...sample.recipient, name: word, legal_name: name, address: [name, word] },
      lines: sample.lines.map((line) => ({ ...line, description: `${name} ${word}` })),
      endorsement: name,
      pay_url: url,
    }
    const pages = await pagesOf(document)
    const text = squeezed(pages.map((page) => page.text).join(' '))
    for (const long of [name, word, url]) expect(text).to.include(squeezed(long))
    expectOnPaper(pages)
  })

  it('gives amounts of any size room', async () => {
    const document = withLines(2, () => 'Everything')
    const big = 99_99_99_99_99_999_99n
    const lines = document.lines.map((line) => ({
      ...line,
      taxable_minor: big,
      taxes: line.taxes.map((tax) => ({ ...tax, amount_minor: big })),
    }))
    const pages = await pagesOf({ ...document, lines, total_minor: big * 6n })
    expectOnPaper(pages)
    const text = squeezed(pages.map((page) => page.text).join(' '))
    expect(text).to.include('₹99,99,99,99,99,999.99')
  })

  it('carries a line that is longer than a page over to the next', async () => {
    const description = Array.from({ length: 900 }, (_, index) => `word${index}`).join(' ')
    const pages = await pagesOf(withLines(1, () => description))
    expect(pages.length).to.be.greaterThan(1)
    const words = pages.flatMap((page) => page.text.match(/word\d+/g) ?? [])
    expect(words).to.deep.equal(description.split(' '))
    expectOnPaper(pages)
  })

  it('loses no line, whatever their number and length', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 })
    const above = fc.integer({ min: 0, max: 30 })
    await fc.assert(
      fc.asyncProperty(lengths, above, async (all, height) => {
        const document = withLines(all.length, (position) =>
          `<${position}> ${'text '.repeat((all[position - 1] ?? 1) / 5)}`.trim(),
        )
        const address = Array.from({ length: height }, () => 'Street')
        const pages = await pagesOf({ ...document, recipient: { ...document.recipient, address } })
        const text = pages.map((page) => page.text).join(' ')
        const found = [...text.matchAll(/<(\d+)>/g)].map((match) => Number(match[1]))
        expect(found).to.deep.equal(document.lines.map((line) => line.position))
        expectOnPaper(pages)
      }),
      { numRuns: 8 },
    )
  })

  it('leaves no heading without a line below it, wherever the table begins', async () => {
    for (let height = 16; height <= 32; height += 1) {
      const document = withLines(1, () => 'Everything')
      const address = Array.from({ length: height }, () => 'Street')
      const pages = await pagesOf({ ...document, recipient: { ...document.recipient, address } })
      const headed = pages.filter((page) => page.text.includes('Description of service'))
      expect(headed.map((page) => page.text.includes('Everything'))).to.deep.equal([true])
      expectOnPaper(pages)
    }
  })

  describe('is the same bytes for the same document', () => {
    const hindi = readSample('intra-state-hindi')

    it('before and after other documents, and another for another', async () => {
      const before = sha256(await pdf(hindi))
      for (const name of sampleNames) await pdf(readSample(name))
      expect(sha256(await pdf(hindi))).to.equal(before)
      expect(sha256(await pdf({ ...hindi, number: 'ERP/26-27/00012' }))).not.to.equal(before)
    })

    it('in another process, zone and language, on its own', async () => {
      const entry = path.join(packageRoot(), 'build', 'src', 'billing', 'documents', 'render.js')
      const script = `
        import { readFileSync } from 'node:fs'
        import { createHash } from 'node:crypto'
        import { renderDocument } from ${JSON.stringify(entry)}
        const text = readFileSync(${JSON.stringify(path.join(samplesFolder, 'intra-state-hindi.json'))}, 'utf8')
        const sample = JSON.parse(text, (key, value) => (key.endsWith('_minor') ? BigInt(value) : value))
        const { body } = await renderDocument(sample, 'pdf')
        process.stdout.write(createHash('sha256').update(body).digest('hex'))`
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '--eval', script],
        {
          env: { ...process.env, TZ: 'America/Los_Angeles', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' },
        },
      )
      expect(stdout).to.equal(sha256(await pdf(hindi)))
    })
  })
})

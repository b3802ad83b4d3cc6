/** Sample documents of the template, documents of any length, and the text of a PDF as another program reads it. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { packageRoot } from '../../src/kernel/package-root.js'
import type { BillingDocument, DocumentLine } from '../../src/billing/document.js'

export const samplesFolder = path.join(packageRoot(), 'templates', 'invoice', 'v1', 'samples')

export const sampleNames = readdirSync(samplesFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => path.basename(file, '.json'))
  .sort()

export function readSample(name: string, changes: Partial<BillingDocument> = {}): BillingDocument {
  const text = readFileSync(path.join(samplesFolder, `${name}.json`), 'utf8')
  const sample = JSON.parse(text, (key, value: unknown) =>
    key.endsWith('_minor') ? BigInt(value as number) : value,
  ) as BillingDocument
  return { ...sample, ...changes }
}

/** The intra-state sample with that many lines of 1,000.50 each: tax 90.045, so 90.05 twice, on each. */
export function withLines(count: number, describe: (position: number) => string): BillingDocument {
  const lines = Array.from({ length: count }, (_, index): DocumentLine => {
    return {
      position: index + 1,
      description: describe(index + 1),
      sac: '997331',
      period: { from: '2026-04-01', to: '2026-05-01' },
      taxable_minor: 100_050n,
      taxes: [
        { head: 'CGST', rate: '9', amount_minor: 9_005n },
        { head: 'SGST', rate: '9', amount_minor: 9_005n },
      ],
    }
  })
  const times = BigInt(count)
  return readSample('intra-state', {
    lines,
    taxable_minor: 100_050n * times,
    taxes: [
      { head: 'CGST', rate: '9', amount_minor: 9_005n * times },
      { head: 'SGST', rate: '9', amount_minor: 9_005n * times },
    ],
    total_minor: 118_060n * times,
    credit_applied_minor: 0n,
  })
}

export interface PdfPage {
  width: number
  height: number
  pieces: { text: string; x: number; y: number; width: number }[]
  /** The pieces in the order they were printed, one blank between them. */
  text: string
  links: string[]
}

export async function readPdf(pdf: Uint8Array): Promise<PdfPage[]> {
  const task = getDocument({ data: new Uint8Array(pdf), verbosity: 0 })
  const file = await task.promise
  const pages: PdfPage[] = []
  for (let number = 1; number <= file.numPages; number += 1) {
    const page = await file.getPage(number)
    const [, , width = 0, height = 0] = page.view
    const content = await page.getTextContent()
    const pieces = content.items.flatMap((item) =>
      'str' in item && item.str.trim() !== ''
        ? [
            {
              text: item.str,
              x: Number(item.transform[4]),
              y: Number(item.transform[5]),
              width: item.width,
            },
          ]
        : [],
    )
    const notes = (await page.getAnnotations()) as { url?: string }[]
    pages.push({
      width,
      height,
      pieces,
      text: pieces.map((piece) => piece.text).join(' '),
      links: notes.flatMap(({ url }) => (url ? [url] : [])),
    })
  }
  await task.destroy()
  return pages
}

/** Without blanks: readers put some between the letters of Hindi words, and wrapping puts line ends anywhere. */
export function squeezed(text: string): string {
  return text.replace(/\s+/g, '')
}

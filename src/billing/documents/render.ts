/** One entry for every form of a document; what a form needs is loaded when it is asked for. */
import type { BillingDocument } from '../document.js'

export const documentFormats = ['pdf', 'html', 'json', 'csv', 'inv-01'] as const
export type DocumentFormat = (typeof documentFormats)[number]

export interface RenderedDocument {
  body: Uint8Array
  media_type: string
  /** `ERP-26-27-00001.pdf`: the number, fit for any file system. */
  file_name: string
}

/** @throws conflict `einvoice.not_applicable` for `inv-01` where the law knows no e-invoice */
export async function renderDocument(
  document: BillingDocument,
  format: DocumentFormat,
): Promise<RenderedDocument> {
  const name = document.number.replaceAll('/', '-')
  switch (format) {
    case 'pdf': {
      const { pdfDocument } = await import('./pdf.js')
      return {
        body: await pdfDocument(document),
        media_type: 'application/pdf',
        file_name: `${name}.pdf`,
      }
    }
    case 'html': {
      const { htmlDocument } = await import('./html.js')
      return text(await htmlDocument(document), 'text/html; charset=utf-8', `${name}.html`)
    }
    case 'json': {
      const { documentJson } = await import('./json.js')
      return text(printJson(documentJson(document)), 'application/json', `${name}.json`)
    }
    case 'csv': {
      const { csvDocument } = await import('./csv.js')
      return text(csvDocument(document), 'text/csv; charset=utf-8', `${name}.csv`)
    }
    case 'inv-01': {
      const { inv01 } = await import('./inv-01.js')
      return text(printJson(inv01(document)), 'application/json', `${name}.inv-01.json`)
    }
  }
}

function text(content: string, mediaType: string, fileName: string): RenderedDocument {
  return { body: Buffer.from(content, 'utf8'), media_type: mediaType, file_name: fileName }
}

function printJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Pages of a PDF and where the next thing goes on them: breaks pages, and heads and foots each. */
import { fill, type PdfStyle } from './labels.js'
import { Typesetter, type Look } from './pdf-text.js'
import type { DocumentView } from './view.js'

/** A4, in points. */
const pageWidth = 595.28
const pageHeight = 841.89

export class Pages {
  readonly text: Typesetter
  readonly left: number
  readonly width: number
  /** Where the next thing goes. */
  y: number
  private readonly bottom: number

  constructor(
    readonly doc: PDFKit.PDFDocument,
    private readonly view: DocumentView,
    readonly style: PdfStyle,
  ) {
    const { margin, footer } = style.page
    this.text = new Typesetter(doc, style)
    this.left = margin
    this.width = pageWidth - 2 * margin
    this.bottom = pageHeight - margin - footer
    this.y = margin
    this.addPage()
  }

  look(size: keyof PdfStyle['sizes'], facts: Partial<Look> = {}): Look {
    return { size: this.style.sizes[size], colour: this.style.colours.ink, ...facts }
  }

  get room(): number {
    return this.bottom - this.y
  }

  /** The room of a page that has nothing on it but the heading of a continued document. */
  get roomOfPage(): number {
    return this.bottom - this.style.page.margin - this.continuedHeight
  }

  private get continuedHeight(): number {
    return this.style.sizes.body * 2.6
  }

  /** Begins a page where less than `height` is left. @returns whether it did */
  ensure(height: number): boolean {
    if (height <= this.room) return false
    this.addPage()
    this.printContinued()
    return true
  }

  /** Lines of text down the page, over as many pages as they need. */
  flow(lines: readonly string[], look: Look, place: { x: number; width: number; link?: string }): void {
    for (const line of lines) {
      this.ensure(this.text.lineHeight(look))
      this.text.print(line, look, { ...place, y: this.y })
      this.y += this.text.lineHeight(look)
    }
  }

  rule(y: number, colour = this.style.colours.rule, thickness = 0.5): void {
    this.doc
      .lineWidth(thickness)
      .strokeColor(colour)
      .moveTo(this.left, y)
      .lineTo(this.left + this.width, y)
      .stroke()
  }

  private addPage(): void {
    this.doc.addPage()
    this.y = this.style.page.margin
  }

  /** Over everything else, across the page: what lies under it can still be read. */
  private printWatermark(word: string): void {
    const { doc, text } = this
    const wide = text.width(word, { size: 100, weight: 'bold', colour: '' })
    const look: Look = {
      size: Math.min(130, (100 * 520) / wide),
      weight: 'bold',
      colour: this.style.colours.void,
    }
    const width = text.width(word, look)
    doc.save()
    doc.rotate(-38, { origin: [pageWidth / 2, pageHeight / 2] }).fillOpacity(0.16)
    text.print(word, look, {
      x: (pageWidth - width) / 2,
      y: pageHeight / 2 - look.size * 0.7,
      width,
    })
    doc.fillOpacity(1)
    doc.restore()
  }

  private printContinued(): void {
    const { text, view, left, width } = this
    const muted = this.look('body', { colour: this.style.colours.muted })
    const half = width / 2 - 6
    text.print(text.shorten(view.supplier.name, muted, half), muted, { x: left, y: this.y, width: half })
    text.print(`${view.title} ${view.number}`, muted, {
      x: left + width / 2,
      y: this.y,
      width: width / 2,
      align: 'right',
    })
    this.rule(this.y + this.style.sizes.body * 1.7)
    this.y += this.continuedHeight
  }

  /** What each page gets when their number is known. */
  finish(): void {
    const { doc, text, view, left, width } = this
    const { start, count } = doc.bufferedPageRange()
    const look = this.look('small', { colour: this.style.colours.muted })
    const y = pageHeight - this.style.page.margin - look.size * 1.6
    for (let index = 0; index < count; index += 1) {
      doc.switchToPage(start + index)
      if (view.watermark) this.printWatermark(view.watermark)
      this.rule(y - 5)
      const line = text.shorten(`${view.number} · ${view.supplier.name}`, look, width - 110)
      text.print(line, look, { x: left, y, width: width - 110 })
      text.print(fill(view.page, { page: index + 1, pages: count }), look, {
        x: left + width - 105,
        y,
        width: 105,
        align: 'right',
      })
    }
  }
}

/** Sets text on a PDF page: measures, wraps, aligns, and takes each letter from a font that has it. */
import { loadFont, type FontName, type Script, type Weight } from './pdf-fonts.js'
import type { PdfStyle } from './labels.js'

/** How a piece of text looks; sizes in points. */
export interface Look {
  size: number
  weight?: Weight
  colour: string
}

export interface Placing {
  x: number
  /** The upper edge of the line. */
  y: number
  width: number
  align?: 'left' | 'right'
  link?: string
}

interface Run {
  font: FontName
  text: string
}

/** Devanagari with its joiners and the spaces between its words; the rest is DejaVu's. */
const devanagari =
  /[\u0900-\u097f\ua8e0-\ua8ff\u1cd0-\u1cf9](?:[\u0900-\u097f\ua8e0-\ua8ff\u1cd0-\u1cf9\u200c\u200d ]*[\u0900-\u097f\ua8e0-\ua8ff\u1cd0-\u1cf9\u200c\u200d])?/g

/** Where the letters stand on a line, as a part of their size from its upper edge: room for the marks above Hindi letters. */
const baseline = 1.02

export class Typesetter {
  private readonly letters = new Intl.Segmenter('hi', { granularity: 'grapheme' })

  constructor(
    readonly doc: PDFKit.PDFDocument,
    private readonly style: PdfStyle,
  ) {}

  lineHeight(look: Look): number {
    return look.size * this.style.leading
  }

  /** In points. */
  width(text: string, look: Look): number {
    return runsOf(text, look.weight).reduce((sum, run) => sum + this.widthOf(run, look.size), 0)
  }

  /** Breaks at spaces; a word that is wider than the line is broken between letters, so that nothing is cut. */
  wrap(text: string, look: Look, width: number): string[] {
    return text
      .split(/\r\n|[\r\n]/)
      .flatMap((paragraph) => this.wrapParagraph(printable(paragraph), look, width))
  }

  /** One line of it, for what stands in full elsewhere. */
  shorten(text: string, look: Look, width: number): string {
    const [line = '', ...more] = this.wrap(text, look, width - this.width(' …', look))
    return more.length > 0 ? `${line} …` : line
  }

  private wrapParagraph(text: string, look: Look, width: number): string[] {
    const lines: string[] = []
    let line = ''
    for (const word of text.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (this.width(longer, look) <= width) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      line = ''
      for (const { segment } of this.letters.segment(word)) {
        if (line !== '' && this.width(line + segment, look) > width) {
          lines.push(line)
          line = ''
        }
        line += segment
      }
    }
    return [...lines, line]
  }

  /** Prints one line. Wider than its place, it would run over: wrap first. */
  print(text: string, look: Look, at: Placing): void {
    const { doc } = this
    const runs = runsOf(printable(text), look.weight)
    const width = runs.reduce((sum, run) => sum + this.widthOf(run, look.size), 0)
    let x = at.align === 'right' ? at.x + at.width - width : at.x
    if (at.link) doc.link(x, at.y, width, this.lineHeight(look), at.link)
    for (const run of runs) {
      this.use(run.font, look.size)
      doc.fillColor(look.colour).text(run.text, x, at.y + look.size * baseline, {
        lineBreak: false,
        baseline: 'alphabetic',
      })
      x += this.widthOf(run, look.size)
    }
  }

  /** Wraps and prints downwards. @returns the height used */
  printLines(text: string, look: Look, at: Placing): number {
    const lines = this.wrap(text, look, at.width)
    lines.forEach((line, index) => this.print(line, look, { ...at, y: at.y + index * this.lineHeight(look) }))
    return lines.length * this.lineHeight(look)
  }

  private widthOf(run: Run, size: number): number {
    this.use(run.font, size)
    return this.doc.widthOfString(run.text)
  }

  private use(name: FontName, size: number): void {
    // pdfkit takes a parsed font as well, which its types do not say.
    this.doc.registerFont(name, loadFont(name) as unknown as Uint8Array)
    this.doc.font(name, size)
  }
}

function runsOf(text: string, weight: Weight = 'regular'): Run[] {
  const runs: Run[] = []
  const add = (script: Script, part: string): void => {
    if (part !== '') runs.push({ font: `${script}-${weight}`, text: part })
  }
  let from = 0
  for (const match of text.matchAll(devanagari)) {
    add('latin', text.slice(from, match.index))
    add('devanagari', match[0])
    from = match.index + match[0].length
  }
  add('latin', text.slice(from))
  return runs
}

/** Without control characters, which fonts draw as boxes; composed, since fonts have `é` and not its accent alone. */
function printable(text: string): string {
  return text.normalize('NFC').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}

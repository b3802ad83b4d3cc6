/** The document as a PDF on A4: what `view.ts` says, drawn as `templates/invoice/<version>/pdf.json` has it. */
import PDFDocument from 'pdfkit'
import { readLabels, readPdfStyle } from './labels.js'
import { Pages } from './pdf-pages.js'
import { printTable } from './pdf-table.js'
import { viewDocument, type DocumentView, type Fact, type PartyView } from './view.js'
import type { BillingDocument } from '../document.js'
import type { Look } from './pdf-text.js'

/** The same bytes for the same document: its dates are those of the issue, and so is the file's own id. */
export async function pdfDocument(document: BillingDocument): Promise<Uint8Array> {
  const { template, language } = document
  const [labels, style] = await Promise.all([readLabels(template, language), readPdfStyle(template)])
  const view = viewDocument(document, labels)
  const midnight = `${document.issue_date}T00:00:00Z`
  const issued = new Date(midnight)
  const doc = new PDFDocument({
    size: style.page.size,
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    // None to begin with: the built-in ones are read from files beside pdfkit and print the rupee sign wrongly.
    font: null as unknown as string,
    lang: labels.locale,
    displayTitle: true,
    pdfVersion: '1.7',
    info: {
      Title: `${view.title} ${view.number}`,
      Author: document.supplier.legal_name,
      Creator: 'erpmax',
      CreationDate: issued,
      ModDate: issued,
    },
  })
  const chunks: Uint8Array[] = []
  const whole = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  const pages = new Pages(doc, view, style)
  printLetterhead(pages, view)
  printParties(pages, view)
  const summary = summaryOf(pages, view)
  printTable(pages, view, summary.height)
  pages.ensure(summary.height)
  summary.print()
  printNotes(pages, view)
  pages.finish()
  doc.end()
  return whole
}

function printLetterhead(pages: Pages, view: DocumentView): void {
  const { text, left, width } = pages
  const { accent, muted } = pages.style.colours
  const gap = 24
  const leftWidth = width * 0.58 - gap
  const top = pages.y
  const supplier = printParty(pages, view.supplier, {
    x: left,
    y: top,
    width: leftWidth,
    name: pages.look('supplier', { weight: 'bold', colour: accent }),
  })
  const place = { x: left + leftWidth + gap, width: width - leftWidth - gap, align: 'right' as const }
  let y = top
  const title = pages.look('title', { weight: 'bold', colour: accent })
  y += text.printLines(view.title, title, { ...place, y })
  const small = pages.look('body', { colour: muted })
  if (view.subtitle) y += text.printLines(view.subtitle, small, { ...place, y })
  if (view.copy) y += text.printLines(view.copy, pages.look('small', { colour: muted }), { ...place, y })
  pages.y = Math.max(supplier, y) + 9
  pages.rule(pages.y, accent, 1.4)
  pages.y += 14
}

function printParties(pages: Pages, view: DocumentView): void {
  const { text, left, width } = pages
  const gap = 24
  const leftWidth = width * 0.55 - gap
  const top = pages.y
  const caption = pages.look('small', { colour: pages.style.colours.muted })
  const captionHeight = text.printLines(view.recipient.label, caption, { x: left, y: top, width: leftWidth })
  const recipient = printParty(pages, view.recipient, {
    x: left,
    y: top + captionHeight + 1,
    width: leftWidth,
    name: pages.look('name', { weight: 'bold' }),
  })
  const facts = printFacts(pages, view.facts, {
    x: left + leftWidth + gap,
    y: top,
    width: width - leftWidth - gap,
  })
  pages.y = Math.max(recipient, facts) + 16
}

interface Block {
  x: number
  y: number
  width: number
}

/** @returns where it ends */
function printParty(pages: Pages, party: PartyView, at: Block & { name: Look }): number {
  const { text } = pages
  const body = pages.look('body')
  let y = at.y + text.printLines(party.name, at.name, at) + 1
  for (const line of party.lines) y += text.printLines(line, body, { ...at, y })
  const muted = { ...body, colour: pages.style.colours.muted }
  for (const { label, value } of party.facts) {
    const labelWidth = text.width(`${label}: `, muted)
    text.print(`${label}: `, muted, { x: at.x, y, width: labelWidth })
    y += text.printLines(value, body, { x: at.x + labelWidth, y, width: at.width - labelWidth })
  }
  return y
}

/** Labels on the left, values on the right. @returns where it ends */
function printFacts(pages: Pages, facts: readonly Fact[], at: Block): number {
  const { text } = pages
  const value = pages.look('body', { weight: 'bold' })
  const label = pages.look('body', { colour: pages.style.colours.muted })
  const widest = Math.max(0, ...facts.map((fact) => text.width(fact.label, label)))
  const labelWidth = Math.min(widest, at.width * 0.55)
  let { y } = at
  for (const fact of facts) {
    const used = text.printLines(fact.label, label, { x: at.x, y, width: labelWidth })
    const place = { x: at.x + labelWidth + 8, y, width: at.width - labelWidth - 8, align: 'right' as const }
    y += Math.max(used, text.printLines(fact.value, value, place)) + 2
  }
  return y
}

/** Totals on the right, the total in words on the left. */
function summaryOf(pages: Pages, view: DocumentView): { height: number; print: () => void } {
  const { text, left, width, style } = pages
  const { padding } = style.columns
  const totalsWidth = width * 0.44
  const wordsWidth = width - totalsWidth - 24
  const body = pages.look('body')
  const caption = pages.look('small', { colour: style.colours.muted })
  const rowHeight = text.lineHeight(body) + 5
  const words = text.wrap(view.words.value, body, wordsWidth)
  const wordsHeight = text.lineHeight(caption) + words.length * text.lineHeight(body)
  const [before, after] = [12, 14]
  const height = before + Math.max(view.totals.length * rowHeight, wordsHeight) + after
  const print = (): void => {
    const top = pages.y + before
    const x = left + width - totalsWidth
    text.print(view.words.label, caption, { x: left, y: top, width: wordsWidth })
    words.forEach((line, index) => {
      const y = top + text.lineHeight(caption) + index * text.lineHeight(body)
      text.print(line, body, { x: left, y, width: wordsWidth })
    })
    view.totals.forEach((total, index) => {
      const y = top + index * rowHeight
      const last = index === view.totals.length - 1
      const { accent, band, ink, paper } = style.colours
      if (total.strong) pages.doc.rect(x, y, totalsWidth, rowHeight).fill(last ? accent : band)
      const look = pages.look('body', {
        weight: total.strong ? 'bold' : 'regular',
        colour: last ? paper : ink,
      })
      const place = { x: x + padding, y: y + 2, width: totalsWidth - 2 * padding }
      text.print(total.label, look, place)
      text.print(total.value, look, { ...place, align: 'right' })
    })
    pages.y += height
  }
  return { height, print }
}

function printNotes(pages: Pages, view: DocumentView): void {
  const { text, left, width, style } = pages
  const body = pages.look('body')
  const muted = { ...body, colour: style.colours.muted }
  if (view.endorsement) {
    const look = pages.look('body', { weight: 'bold' })
    const lines = text.wrap(view.endorsement, look, width - 20)
    const height = lines.length * text.lineHeight(look) + 10
    pages.ensure(height + 8)
    pages.doc.rect(left, pages.y, width, height).fill(style.colours.band)
    pages.doc.rect(left, pages.y, 3, height).fill(style.colours.accent)
    pages.y += 5
    pages.flow(lines, look, { x: left + 12, width: width - 20 })
    pages.y += 11
  }
  const labelled = ({ label, value }: Fact, look: Look, link?: string): void => {
    pages.ensure(text.lineHeight(look))
    const labelWidth = text.width(`${label}: `, muted)
    text.print(`${label}: `, muted, { x: left, y: pages.y, width: labelWidth })
    const place = { x: left + labelWidth, width: width - labelWidth, ...(link && { link }) }
    pages.flow(text.wrap(value, look, place.width), look, place)
    pages.y += 2
  }
  for (const note of view.notes) labelled(note, body)
  if (view.pay) {
    const look = { ...body, colour: style.colours.accent }
    labelled({ label: view.pay.label, value: view.pay.url }, look, view.pay.url)
  }
  if (view.no_signature) {
    const look = pages.look('small', { colour: style.colours.muted })
    pages.y += 6
    pages.flow(text.wrap(view.no_signature, look, width), look, { x: left, width })
  }
}

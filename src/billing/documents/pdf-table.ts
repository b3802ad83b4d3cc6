/** The lines of a document on its pages: columns as wide as they must be, the heading again on each page. */
import type { Pages } from './pdf-pages.js'
import type { Look } from './pdf-text.js'
import type { ColumnView, DocumentView } from './view.js'

interface Column extends ColumnView {
  x: number
  width: number
}

interface CellLine {
  text: string
  look: Look
}

/** @param after the height of what must stay with the last line */
export function printTable(pages: Pages, view: DocumentView, after: number): void {
  const { columns, cell: look } = layOut(pages, view)
  const heading = columns.map((column) =>
    pages.text.wrap(column.label, headingLook(pages), column.width).map((text) => {
      return { text, look: headingLook(pages) }
    }),
  )
  const rows = view.rows.map((row) =>
    row.map((cell, index) => cellLines(pages, cell, columns[index]?.width ?? 0, look)),
  )
  const head = heightOf(pages, heading)
  /** What must follow on the same page; of a row that no page holds, half a page of it. */
  const needed = rows.map((row, index) => {
    const height = heightOf(pages, row)
    const whole = height + (index === rows.length - 1 ? after : 0)
    return whole <= pages.roomOfPage - head ? whole : Math.min(height, pages.roomOfPage / 2)
  })
  pages.ensure(head + (needed[0] ?? 0))
  printHeading(pages, columns, heading)
  rows.forEach((row, index) => {
    if (pages.ensure(needed[index] ?? 0)) printHeading(pages, columns, heading)
    printRow(pages, columns, row, heading)
  })
}

function headingLook(pages: Pages): Look {
  return pages.look('small', { weight: 'bold', colour: pages.style.colours.accent })
}

function cellLines(
  pages: Pages,
  cell: { text: string; note: string | null },
  width: number,
  main: Look,
): CellLine[] {
  const small = pages.look('small', { colour: pages.style.colours.muted })
  const note = { ...small, size: Math.min(small.size, main.size) }
  return [
    ...pages.text.wrap(cell.text, main, width).map((text) => ({ text, look: main })),
    ...(cell.note === null
      ? []
      : pages.text.wrap(cell.note, note, width).map((text) => ({ text, look: note }))),
  ]
}

interface Layout {
  columns: Column[]
  cell: Look
}

/**
 * Numbers get what their widest needs, the description the rest. Where too little rests, first the headings are
 * wrapped, then the letters get smaller, and only then are numbers wrapped.
 */
function layOut(pages: Pages, view: DocumentView): Layout {
  const { size, colour } = pages.look('table')
  const least = pages.style.columns.description_min
  const attempts = [
    { wanted: wantedWidths(pages, view, { size, colour }, false), cell: { size, colour }, rest: 1.5 * least },
    ...[size, 0.9 * size, 0.8 * size, 0.7 * size].map((smaller) => {
      const cell = { size: smaller, colour }
      return { wanted: wantedWidths(pages, view, cell, true), cell, rest: least }
    }),
  ]
  const fitting = attempts.find(({ wanted, rest }) => pages.width - sum(wanted) >= rest)
  const { wanted, cell } = fitting ?? attempts.at(-1)!
  const numbers = sum(wanted.filter((_, index) => view.columns[index]?.numeric))
  const scale = Math.min(1, (pages.width - least - (sum(wanted) - numbers)) / numbers)
  const widths = wanted.map((width, index) => (view.columns[index]?.numeric ? width * scale : width))
  const { padding } = pages.style.columns
  let x = pages.left
  const columns = view.columns.map((column, index) => {
    const width = column.key === 'description' ? pages.width - sum(widths) : (widths[index] ?? 0)
    const laid = { ...column, x: x + padding, width: width - 2 * padding }
    x += width
    return laid
  })
  return { columns, cell }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0)
}

function wantedWidths(pages: Pages, view: DocumentView, cell: Look, wrapped: boolean): number[] {
  const { text, style } = pages
  const heading = headingLook(pages)
  return view.columns.map(({ key, label }, index) => {
    if (key === 'description') return 0
    const labels = (wrapped ? label.split(' ') : [label]).map((part) => text.width(part, heading))
    const cells = view.rows.map((row) => text.width(row[index]?.text ?? '', cell))
    const fixed = key === 'position' || key === 'sac' ? style.columns[key] : 0
    // A hair more, since the sum of letters is not exactly the sum of words.
    return Math.max(fixed, Math.max(0, ...labels, ...cells) + 2 * style.columns.padding + 0.5)
  })
}

function heightOf(pages: Pages, cells: readonly CellLine[][]): number {
  const heights = cells.map((lines) => lines.reduce((sum, { look }) => sum + pages.text.lineHeight(look), 0))
  return Math.max(0, ...heights) + 2 * pages.style.columns.gap
}

function printHeading(pages: Pages, columns: readonly Column[], heading: readonly CellLine[][]): void {
  const height = heightOf(pages, heading)
  pages.doc.rect(pages.left, pages.y, pages.width, height).fill(pages.style.colours.band)
  printCells(pages, columns, heading, pages.y + pages.style.columns.gap)
  pages.y += height
}

/** A row taller than a page goes on where the next one begins. */
function printRow(
  pages: Pages,
  columns: readonly Column[],
  row: readonly CellLine[][],
  heading: readonly CellLine[][],
): void {
  let rest = row.map((lines) => [...lines])
  while (heightOf(pages, rest) > pages.room && rest.some((lines) => lines.length > 0)) {
    const part = rest.map((lines) => {
      const count = lines.findIndex((_, index) => heightOf(pages, [lines.slice(0, index + 1)]) > pages.room)
      return lines.slice(0, count < 0 ? lines.length : count)
    })
    rest = rest.map((lines, index) => lines.slice(part[index]?.length ?? 0))
    printCells(pages, columns, part, pages.y + pages.style.columns.gap)
    pages.ensure(Infinity)
    printHeading(pages, columns, heading)
  }
  printCells(pages, columns, rest, pages.y + pages.style.columns.gap)
  pages.y += heightOf(pages, rest)
  pages.rule(pages.y)
}

function printCells(pages: Pages, columns: readonly Column[], cells: readonly CellLine[][], y: number): void {
  columns.forEach((column, index) => {
    let top = y
    for (const { text, look } of cells[index] ?? []) {
      const { x, width } = column
      pages.text.print(text, look, { x, width, y: top, align: column.numeric ? 'right' : 'left' })
      top += pages.text.lineHeight(look)
    }
  })
}

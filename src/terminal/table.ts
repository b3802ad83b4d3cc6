/** Tables by cli-table3: no borders, cut to the width there is, never wrapped. */
import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'

export interface Column<Row> {
  title: string
  value(row: Row): string | number | null
  align?: 'left' | 'right'
  /** Columns that give way first where the width does not suffice. */
  flexible?: boolean
  /** Never cut: other commands take what is in it. */
  whole?: boolean
}

const gap = 2
const narrowest = 6

/**
 * @param width columns of the terminal; Infinity where the output is piped
 * @param paintTitle for the first line
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  paintTitle: (title: string) => string = (title) => title,
): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(String(column.value(row) ?? '-'))))
  const widths = fit(
    columns.map((column, index) =>
      Math.max(column.title.length, ...cells.map((line) => displayWidth(line[index] ?? ''))),
    ),
    columns,
    width,
  )
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  }
  const table = new Table({
    head: columns.map((column) => paintTitle(column.title)),
    colWidths: widths.map((columnWidth) => columnWidth + gap),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: {
      ...none,
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap, compact: true },
    wordWrap: false,
  })
  table.push(...cells)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Shrinks the flexible columns, the widest first, then the others, until the line fits. A figure that is cut is another figure. */
function fit(
  natural: readonly number[],
  columns: readonly Pick<Column<never>, 'align' | 'flexible' | 'whole'>[],
  width: number,
): number[] {
  const widths = [...natural]
  const total = (): number => widths.reduce((sum, one) => sum + one + gap, 0) - gap
  const rounds = [
    (index: number) => columns[index]?.flexible === true,
    (index: number) => columns[index]?.whole !== true && columns[index]?.align !== 'right',
  ]
  for (const mayShrink of rounds) {
    while (total() > width) {
      const candidates = widths
        .map((one, index) => ({ one, index }))
        .filter(({ one, index }) => one > narrowest && mayShrink(index))
      const widest = candidates.sort((a, b) => b.one - a.one)[0]
      if (!widest) break
      widths[widest.index] = widest.one - 1
    }
  }
  return widths
}

/** Columns a text takes on the terminal: colours take none, wide East Asian characters and emoji two. */
function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text)
  return (
    plain.length +
    (plain.match(/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/g)
      ?.length ?? 0)
  )
}

/** A line break inside a cell would begin a row of its own. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ')
}

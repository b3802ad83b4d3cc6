/** How a row of the progress tree looks: its sign, its title, beside it how far it is, in the width there is. */
import { DefaultRenderer, type ListrDefaultRendererTask } from 'listr2'
import { cutText } from './format.js'
import { symbolsOf } from './symbols.js'
import type { Row, RowState } from './progress-rows.js'
import type { Terminal } from './terminal.js'

/** The rows by the ids of listr2's tasks, with the tasks that carry their texts. */
export type DrawnRows = Map<string, { row: Row; task: { title?: string } }>

export const showCursor = '\u001B[?25h'

const indentation = 2
const frameMs = 100
/** Columns of the titles: of steps, and of groups below them. */
const titleWidths = [48, 20]
const shortestTitle = 20
/** Parts a row's title from its detail; neither contains it. */
const parting = '\t'

export function rendererOf(drawn: DrawnRows, terminal: Terminal): typeof DefaultRenderer {
  const signs = signsOf(terminal)
  return class extends DefaultRenderer {
    /** listr2 looks at stdout, which may well be piped while this draws on stderr. */
    static override nonTTY = true

    /** The texts are taken from the rows when a frame is drawn, so a table more is not a frame more. */
    override create(options?: Parameters<DefaultRenderer['create']>[0]): string {
      for (const { row, task } of drawn.values()) task.title = `${row.title}${parting}${row.detail()}`
      return super.create(options)
    }

    protected override style(task: ListrDefaultRendererTask): string {
      return signs(drawn.get(task.id)?.row.state ?? 'waiting')
    }

    protected override format(message: string, sign: string, level: number): string[] {
      const [title = '', detail = ''] = message.split(parting)
      // The last column stays free: some terminals wrap when it is written to.
      const width = (process.stderr.columns || 80) - 1 - (level * indentation + 2)
      const ellipsis = symbolsOf(terminal).ellipsis
      const right = cutText(detail, Math.max(0, width - shortestTitle - 2), ellipsis)
      const left = cutText(title, right ? width - right.length - 2 : width, ellipsis)
      const padded = right ? left.padEnd(Math.min(titleWidths[level] ?? 0, width - right.length - 2)) : left
      const line = `${' '.repeat(level * indentation)}${sign} ${padded}`
      return [right ? `${line}  ${terminal.err.dim(right)}` : line]
    }
  }
}

function signsOf(terminal: Terminal): (state: RowState) => string {
  const { err } = terminal
  const symbols = symbolsOf(terminal)
  return (state) => {
    switch (state) {
      case 'waiting':
        return err.dim(symbols.dot)
      case 'running':
        return err.yellow(symbols.spinner[Math.floor(performance.now() / frameMs) % symbols.spinner.length])
      case 'done':
        return err.green(symbols.tick)
      case 'failed':
        return err.red(symbols.cross)
      case 'undone':
        return err.yellow(symbols.undone)
    }
  }
}

/** The few signs beside words: in a terminal that shows Unicode, and in one that does not. */
import type { Terminal } from './terminal.js'

export interface Symbols {
  tick: string
  cross: string
  /** Something that was not begun. */
  dot: string
  /** The line one is on. */
  pointer: string
  undone: string
  ellipsis: string
  /** Names of keys. */
  upDown: string
  enter: string
  spinner: string[]
}

const unicode: Symbols = {
  tick: '✔',
  cross: '✖',
  dot: '·',
  pointer: '❯',
  undone: '←',
  ellipsis: '…',
  upDown: '↑↓',
  enter: '⏎',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
}

const ascii: Symbols = {
  tick: '+',
  cross: 'x',
  dot: '.',
  pointer: '>',
  undone: '<',
  ellipsis: '...',
  upDown: 'up/down',
  enter: 'enter',
  spinner: ['-', '\\', '|', '/'],
}

export function symbolsOf(terminal: Pick<Terminal, 'unicode'>): Symbols {
  return terminal.unicode ? unicode : ascii
}

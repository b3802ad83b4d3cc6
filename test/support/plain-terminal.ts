/** A terminal of 80 columns without colours. */
import { Chalk } from 'chalk'
import type { Terminal } from '../../src/terminal/terminal.js'

const none = new Chalk({ level: 0 })

export const plainTerminal: Terminal = {
  ...{ interactive: false, motion: false, unicode: true },
  ...{ width: 80, errWidth: 80, out: none, err: none },
}

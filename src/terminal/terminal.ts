/** What kind of terminal this is: who is there, how wide it is, whether it shows colour and motion. */
import { Chalk, type ChalkInstance } from 'chalk'

export interface Terminal {
  /** Whether a question may be asked. */
  interactive: boolean
  /** Whether stderr can redraw lines. */
  motion: boolean
  /** Columns of stdout; Infinity where it is piped and COLUMNS says nothing: what is piped is not cut. */
  width: number
  /** Columns of stderr; Infinity where it is piped. */
  errWidth: number
  /** Whether signs beyond ASCII can be expected to show. */
  unicode: boolean
  out: ChalkInstance
  err: ChalkInstance
}

export function detectTerminal(options: { machineReadable: boolean; noInput: boolean }): Terminal {
  const { env, stdin, stdout, stderr } = process
  const dumb = env.TERM === 'dumb'
  const ci = Boolean(env.CI) && env.CI !== 'false'
  return {
    interactive: Boolean(stdin.isTTY && stdout.isTTY) && !ci && !options.machineReadable && !options.noInput,
    motion: Boolean(stderr.isTTY) && !ci && !dumb,
    width: stdout.columns || Number(env.COLUMNS) || Infinity,
    errWidth: (stderr.isTTY && stderr.columns) || Infinity,
    unicode: showsUnicode(env),
    out: painter(Boolean(stdout.isTTY) && !ci && !dumb),
    err: painter(Boolean(stderr.isTTY) && !ci && !dumb),
  }
}

/** Where nothing is said about the locale, UTF-8 it is; the console of Linux has few signs in its font. */
function showsUnicode({ TERM, LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG
  return TERM !== 'linux' && (!locale || /utf-?8/i.test(locale))
}

/** NO_COLOR beats FORCE_COLOR beats what the stream is. */
function painter(terminal: boolean): ChalkInstance {
  const { NO_COLOR: no, FORCE_COLOR: force } = process.env
  if (no !== undefined && no !== '') return new Chalk({ level: 0 })
  if (force !== undefined && force !== '')
    return new Chalk({ level: force === '0' || force === 'false' ? 0 : 1 })
  return new Chalk({ level: terminal ? 1 : 0 })
}

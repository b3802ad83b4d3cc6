/** A terminal of a known size with the built program in it: tmux, where the machine has one. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageRoot } from '../../src/kernel/package-root.js'

const patienceMs = 60_000
/** Each look is a process. */
const pollMs = 100
const settleMs = 100
const scrollback = 200

export function tmuxIsThere(): boolean {
  return spawnSync('tmux', ['-V']).status === 0
}

export interface ScreenOptions {
  columns: number
  rows: number
  env: Record<string, string>
}

/** Closed by `close`; its tmux server is its own. */
export class Screen {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'erpmax-screen-'))

  /** @param command is run by a shell, and after it `exit <code>` is printed */
  constructor(command: string, { columns, rows, env }: ScreenOptions) {
    const { PATH = '' } = process.env
    const settings = { PATH, HOME: this.#folder, LANG: 'C.UTF-8', TERM: 'screen', ...env }
    const bare = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}`)
    const program = `${quoted(process.execPath)} ${quoted(path.join(packageRoot(), 'bin', 'run.js'))}`
    // The shell outlives Ctrl-C and stays, so that the last screen and the state of the terminal can be read.
    const script = `trap : INT; ${program} ${command}; echo "exit $?"; stty -a; exec sleep 600`
    const inner = `env -i ${bare.join(' ')} sh -c ${quoted(script)}`
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), inner)
  }

  /** What is on the screen, lines above it included. */
  text(): string {
    return this.#tmux('capture-pane', '-p', '-S', `-${scrollback}`)
  }

  /** The same with the escape sequences of its colours. */
  raw(): string {
    return this.#tmux('capture-pane', '-p', '-e', '-S', `-${scrollback}`)
  }

  cursorShows(): boolean {
    return this.#tmux('display-message', '-p', '#{cursor_flag}').trim() === '1'
  }

  /** Waits for the text and gives the screen. */
  async shows(wanted: RegExp): Promise<string> {
    const until = performance.now() + patienceMs
    for (;;) {
      const text = this.text()
      if (wanted.test(text)) return text
      if (performance.now() > until) throw new Error(`${wanted} did not come up on\n${text}`)
      await sleep(pollMs)
    }
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text)
  }

  /** Keys by tmux's names: Enter, Down, C-c. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys)
  }

  /** Waits for the question, answers it, and for the answer to be taken. */
  async answer(question: string, ...keys: string[]): Promise<void> {
    await this.shows(new RegExp(`^\\? ${question}`, 'm'))
    // inquirer throws away what was typed before the question stood there.
    await sleep(settleMs)
    for (const key of keys) {
      if (key.startsWith('<')) this.press(key.slice(1, -1))
      else this.type(key)
    }
    this.press('Enter')
  }

  /** Waits for the program's end and gives its exit code. */
  async exitCode(): Promise<number> {
    const text = await this.shows(/^exit \d+$/m)
    return Number(/^exit (\d+)$/m.exec(text)?.[1])
  }

  close(): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server'])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #socket(): string {
    return path.join(this.#folder, 'tmux')
  }

  #tmux(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`)
    return stdout
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

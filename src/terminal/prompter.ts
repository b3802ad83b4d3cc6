/** Asks a person: ordinary questions by inquirer, our own beside them, all on one stream and left in one way. */
import { makeTheme } from '@inquirer/core'
import { createPromptModule } from 'inquirer'
import { ErpmaxError } from '../kernel/errors.js'
import { symbolsOf, type Symbols } from './symbols.js'
import type { ChalkInstance } from 'chalk'
import type { Terminal } from './terminal.js'

export interface Choice<Value> {
  name: string
  value: Value
  /** What the answered question shows; the name where it is left out. */
  short?: string
  /** A line below the list while one is on this choice. */
  description?: string
}

/** Wrong: the message to show; right: true. */
export type Validation = string | true

/** What our own prompts are given beside their questions. */
export interface Looks {
  paint: ChalkInstance
  symbols: Symbols
  theme: Theme
  /** Columns that a line may take. */
  width(): number
  /** Lines on the screen. */
  height(): number
}

type Theme = ReturnType<typeof makeTheme>

interface Streams {
  output: NodeJS.WriteStream
  signal: AbortSignal
}

type CustomPrompt<Value, Config> = (config: Config, streams: Streams) => Promise<Value>

export class Prompter {
  readonly looks: Looks
  /** stderr, so that stdout carries results only; stdout where stderr leads where nobody looks. */
  readonly #output: NodeJS.WriteStream = process.stderr.isTTY ? process.stderr : process.stdout
  readonly #signal: AbortSignal

  /** @param signal leaves the question that is open */
  constructor(terminal: Terminal, signal: AbortSignal) {
    this.#signal = signal
    const paint = process.stderr.isTTY ? terminal.err : terminal.out
    const symbols = symbolsOf(terminal)
    this.looks = {
      paint,
      symbols,
      theme: themeOf(paint, symbols),
      // The last column stays free: some terminals wrap when it is written to.
      width: () => (this.#output.columns || 80) - 1,
      height: () => this.#output.rows || 24,
    }
  }

  /** Writes between the questions. */
  say(text: string): void {
    this.#output.write(`${text}\n`)
  }

  async input(question: {
    message: string
    default?: string
    validate(text: string): Validation | Promise<Validation>
  }): Promise<string> {
    return this.#ordinary({ type: 'input', ...question })
  }

  /** Nothing of what is typed is shown. */
  async secret(question: { message: string; validate(text: string): Validation }): Promise<string> {
    return this.#ordinary({ type: 'password', mask: false, toggleMask: false, ...question })
  }

  async select<Value>(question: {
    message: string
    choices: readonly Choice<Value>[]
    default?: Value
  }): Promise<Value> {
    const pageSize = Math.max(3, Math.min(question.choices.length, this.looks.height() - 6))
    return this.#ordinary({ type: 'select', loop: false, pageSize, ...question })
  }

  /** A list that what is typed narrows down. */
  async search<Value>(question: {
    message: string
    source(typed: string | undefined): readonly Choice<Value>[]
  }): Promise<Value> {
    return this.#ordinary({ type: 'search', pageSize: 8, ...question })
  }

  async custom<Value, Config>(prompt: CustomPrompt<Value, Config>, config: Config): Promise<Value> {
    return this.#untilLeft((signal) => prompt(config, { output: this.#output, signal }))
  }

  async #ordinary<Value>(question: object): Promise<Value> {
    return this.#untilLeft(async (signal) => {
      const prompt = createPromptModule({ output: this.#output, signal })
      const asked = { name: 'value', theme: this.looks.theme, ...question }
      const answers = (await prompt([asked as never])) as { value: Value }
      return answers.value
    })
  }

  /** Ctrl-D closes readline without a word, and the question would stay open for ever: it counts as leaving. */
  async #untilLeft<Value>(ask: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const closed = new AbortController()
    const onPause = (): void => closed.abort(new Error('the input was closed'))
    process.stdin.on('pause', onPause)
    try {
      return await ask(AbortSignal.any([this.#signal, closed.signal]))
    } catch (cause) {
      const left =
        cause instanceof Error && (cause.name === 'ExitPromptError' || cause.name === 'AbortPromptError')
      if (!left) throw cause
      throw new ErpmaxError('interrupted', 'interrupted', 'Stopped before anything was done', { cause })
    } finally {
      process.stdin.off('pause', onPause)
    }
  }
}

/** inquirer colours by what stdout is and shows its own signs; ours follow the stream that is written to. */
function themeOf(paint: ChalkInstance, symbols: Symbols): Theme {
  const keysHelpTip = (keys: [key: string, action: string][]): string =>
    paint.dim(keys.map(([key, action]) => `${nameOfKey(key, symbols)} ${action}`).join(', '))
  return makeTheme({
    prefix: { idle: paint.blue('?'), done: paint.green(symbols.tick) },
    spinner: { interval: 100, frames: symbols.spinner },
    icon: { cursor: symbols.pointer },
    style: {
      answer: (text: string) => paint.cyan(text),
      message: (text: string) => paint.bold(text),
      error: (text: string) => {
        const [first, ...more] = text.split('\n')
        return [
          paint.red(`  ${symbols.cross} ${first}`),
          ...more.map((line) => paint.dim(`    ${line}`)),
        ].join('\n')
      },
      defaultAnswer: (text: string) => paint.dim(`(${text})`),
      help: (text: string) => paint.dim(text),
      highlight: (text: string) => paint.cyan(text),
      description: (text: string) => paint.dim(text),
      disabled: (text: string) => paint.dim(text),
      searchTerm: (text: string) => paint.cyan(text),
      maskedText: '(hidden)',
      keysHelpTip,
    },
  })
}

function nameOfKey(key: string, symbols: Symbols): string {
  return key === '↑↓' ? symbols.upDown : key === '⏎' ? symbols.enter : key
}

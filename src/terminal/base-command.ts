/** What every command shares: flags, context, the JSON envelope, errors and exit codes. */
import { once } from 'node:events'
import { Command, Flags } from '@oclif/core'
import {
  detachedParts,
  readConfig,
  openContext,
  settingFiles,
  type DetachedParts,
  type OpenedContext,
} from '../context.js'
import {
  asInterruption,
  continuedBy,
  errorJson,
  errorText,
  failureOf,
  labelled,
  stackText,
} from './errors.js'
import { exitCode } from './exit-codes.js'
import { auditFailure, type AuditSubject } from './failure-audit.js'
import { jsonText } from './json-text.js'
import { nextPage } from './lists.js'
import { listenForSignals, type Signals } from './signals.js'
import { follow, type ProgressMode } from './progress.js'
import { plainly, plainOutput, plainText } from './plain-text.js'
import { detectTerminal, type Terminal } from './terminal.js'
import type { ErrorKind } from '../kernel/errors.js'
import type { WorkflowEvent } from '../kernel/workflow.js'
import type { Config, SettingFile } from '../kernel/config.js'
import type { Warning } from '../kernel/context.js'
import type { Access } from '../database/open.js'

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = {
    'no-input': Flags.boolean({
      description: 'never ask; a missing answer is an error',
      helpGroup: 'GLOBAL',
    }),
    debug: Flags.boolean({ description: 'show the stack of an error', helpGroup: 'GLOBAL' }),
  }

  #warnings: Warning[] = []
  #context: OpenedContext | undefined
  #config: Config | undefined
  #signals: Signals | undefined
  #terminal: Terminal | undefined
  #audited: AuditSubject | undefined
  #continuation: string | null = null
  /** The tree says itself that it is stopping; a line of ours would end up in its middle. */
  #drawsTree = false

  /** The settings, read once. */
  protected get settings(): Config {
    this.#config ??= readConfig()
    return this.#config
  }

  /** What there is without a database. */
  protected get detached(): DetachedParts {
    return detachedParts(this.settings)
  }

  /** Where settings may come from beside the environment. */
  protected get settingFiles(): SettingFile[] {
    return settingFiles()
  }

  protected get terminal(): Terminal {
    this.#terminal ??= detectTerminal({
      machineReadable: this.jsonEnabled(),
      noInput: this.#asked('--no-input'),
    })
    return this.#terminal
  }

  /** Opens the database once; closed when the command ends. */
  protected async open(
    access: Access,
    { announce = true, ...options }: { migrate?: boolean; announce?: boolean } = {},
  ): Promise<OpenedContext> {
    if (this.#context) return this.#context
    this.#context = await openContext(this.settings, {
      access,
      ...options,
      signal: this.interruption(),
      warn: (warning) => this.note(warning),
    })
    if (announce) this.#announce(this.#context)
    return this.#context
  }

  /** Aborted by SIGINT or SIGTERM, from the first call on; `open` makes it, what needs no database asks for it. */
  protected interruption(): AbortSignal {
    this.#signals ??= listenForSignals((name) => this.#onSignal(name))
    return this.#signals.signal
  }

  /** Runs a workflow to its end, drawn as this terminal allows, and gives its result. */
  protected async follow<Result>(events: AsyncGenerator<WorkflowEvent, Result, void>): Promise<Result> {
    const mode = this.progressMode
    this.#drawsTree = mode === 'tree'
    try {
      return await follow(events, mode, this.terminal, this.#signals?.signal ?? new AbortController().signal)
    } finally {
      this.#drawsTree = false
    }
  }

  protected get progressMode(): ProgressMode {
    if (this.#asked('--ndjson')) return 'ndjson'
    if (this.jsonEnabled()) return 'silent'
    return this.terminal.motion ? 'tree' : 'lines'
  }

  /** Gathers a stream of outcomes; under --ndjson each is a line as it arrives. */
  protected async collect<Outcome extends object>(outcomes: AsyncIterable<Outcome>): Promise<Outcome[]> {
    const all: Outcome[] = []
    for await (const outcome of outcomes) {
      this.streamed({ event: 'outcome', ...outcome })
      all.push(outcome)
    }
    return all
  }

  /** Runs to its end; under --ndjson what comes on the way is a line each, as it comes. */
  protected async stream<Item extends object, Result>(
    event: string,
    items: AsyncGenerator<Item, Result, void>,
  ): Promise<Result> {
    for (;;) {
      const next = await items.next()
      if (next.done) return next.value
      this.streamed({ event, ...next.value })
    }
  }

  /** Under --ndjson a line for what has just happened; else nothing. */
  protected streamed(event: object): void {
    if (this.#asked('--ndjson')) process.stdout.write(jsonText(event, 'line'))
  }

  /** The stream as it is, each of its items a line under --ndjson too. */
  protected async *tapped<Item extends object, Result>(
    items: AsyncGenerator<Item, Result, void>,
  ): AsyncGenerator<Item, Result, void> {
    for (;;) {
      const next = await items.next()
      if (next.done) return next.value
      this.streamed(next.value)
      yield next.value
    }
  }

  /** For what runs until it is told to stop: waits for the signal, whose exit code the command then ends with. */
  protected async untilStopped(): Promise<void> {
    const signal = this.interruption()
    if (!signal.aborted) await once(signal, 'abort')
    process.exitCode = this.#signals?.received() === 'SIGTERM' ? 143 : exitCode('interrupted')
  }

  /** The command has its result, and the result is bad news: it is shown in full and the exit code tells. */
  protected endAs(kind: ErrorKind): void {
    process.exitCode = exitCode(kind)
  }

  /** Prints the result for people and gives it back for JSON. */
  protected report<Result>(result: Result, format: (result: Result, terminal: Terminal) => string): Result {
    this.log(format(plainly(result), this.terminal))
    return result
  }

  /**
   * A list: the table on stdout; on stderr, so that a pipe gets rows alone, what else there is to say,
   * and the command that shows the next page.
   */
  protected reportList<List extends { next_cursor: string | null }>(
    list: List,
    format: (list: List, terminal: Terminal) => string,
    remark: string | null = null,
  ): List {
    this.log(format(plainly(list), this.terminal))
    const more = list.next_cursor === null ? null : `More: ${nextPage(this.id, this.argv, list.next_cursor)}`
    const remarks = [remark, more].filter((line) => line !== null)
    if (!this.jsonEnabled() && remarks.length > 0)
      process.stderr.write(`${remarks.map((line) => this.terminal.err.dim(plainText(line))).join('\n')}\n`)
    return list
  }

  /** Prints each outcome as it comes, and gives the result of all. */
  protected async reportEach<Outcome, Result>(
    outcomes: AsyncGenerator<Outcome, Result, void>,
    format: (outcome: Outcome, terminal: Terminal) => string,
  ): Promise<Result> {
    for (;;) {
      const next = await outcomes.next()
      if (next.done) return next.value
      this.log(format(plainly(next.value), this.terminal))
    }
  }

  /** A warning: in the JSON envelope, and on stderr for people. */
  protected note(warning: Warning): void {
    this.#warnings.push(warning)
    const { err, errWidth } = this.terminal
    if (!this.jsonEnabled())
      process.stderr.write(`${labelled(err.yellow, 'Warning:', plainText(warning.message), errWidth)}\n`)
  }

  /** From here on a failure of this command is written to the audit log under this subject. */
  protected auditFailuresAs(subject: AuditSubject): void {
    this.#audited = subject
  }

  /** An error that leaves something to continue names this command: what was typed does not hold the answers of a dialogue. */
  protected continueWith(command: string): void {
    this.#continuation = command
  }

  /** The last net: a name that was typed goes into texts on other ways than in a result. */
  override log(message = ''): void {
    super.log(plainOutput(message, this.terminal.out.level > 0))
  }

  /** `--ndjson` counts as JSON: the same silence, the same envelope, on one line. */
  override jsonEnabled(): boolean {
    return super.jsonEnabled() || this.#asked('--ndjson')
  }

  override logJson(json: unknown): void {
    if (this.#asked('--ndjson'))
      process.stdout.write(jsonText({ event: 'result', ...(json as object) }, 'line'))
    else process.stdout.write(jsonText(json, 'document'))
  }

  override toSuccessJson(result: unknown): unknown {
    return { ok: true, command: this.id?.replaceAll(':', ' '), data: result, warnings: this.#warnings }
  }

  override async catch(thrown: unknown): Promise<void> {
    const { translated } = await import('../database/sql-errors.js')
    const failure = failureOf(asInterruption(thrown, this.#signals?.received() ?? null), translated)
    const error = continuedBy(failure.error, this.#continuation)
    if (this.#audited && this.#context) await auditFailure(this.#context, this.#audited, error)
    process.exitCode = failure.exitCode
    const { err, errWidth } = this.terminal
    if (this.jsonEnabled())
      this.logJson({ ...errorJson(error, this.id?.replaceAll(':', ' ')), warnings: this.#warnings })
    else process.stderr.write(`${errorText(error, { paint: err.red, columns: errWidth })}\n`)
    if (this.#asked('--debug')) process.stderr.write(`${plainText(stackText(thrown))}\n`)
  }

  override async finally(): Promise<void> {
    await this.#context?.close().catch(() => {})
    this.#signals?.dispose()
  }

  #asked(flag: string): boolean {
    const end = this.argv.indexOf('--')
    const at = this.argv.indexOf(flag)
    return at !== -1 && (end === -1 || at < end)
  }

  #onSignal(name: string): void {
    if (!this.jsonEnabled() && !this.#drawsTree)
      process.stderr.write(`\n${name}: stopping. Once more to stop at once.\n`)
  }

  #announce(ctx: OpenedContext): void {
    if (this.jsonEnabled()) return
    if (ctx.place.kind === 'embedded')
      process.stderr.write(`${this.terminal.err.dim(`Running on ${ctx.place.description}`)}\n`)
    else if (ctx.config.environment === 'production')
      process.stderr.write(`production: ${ctx.place.description}\n`)
  }
}

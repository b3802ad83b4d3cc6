/** Turns anything thrown into the one error shape: oclif's parse errors, prompts left by Ctrl-C, SQL. */
import { ErpmaxError, messageOf } from '../kernel/errors.js'
import { redactUrls } from '../kernel/secret.js'
import { exitCode } from './exit-codes.js'
import { formatHint, hanging } from './format.js'
import { plainText } from './plain-text.js'

export interface Failure {
  error: ErpmaxError
  exitCode: number
}

export function failureOf(thrown: unknown, translate: (error: unknown) => unknown): Failure {
  const error = typed(translate(thrown))
  const signal = error.kind === 'interrupted' && error.details.signal === 'SIGTERM'
  return { error, exitCode: signal ? 143 : exitCode(error.kind) }
}

/** @param command left out where no command was found */
export function errorJson(error: ErpmaxError, command?: string): Record<string, unknown> {
  return {
    ok: false,
    ...(command ? { command } : {}),
    error: {
      code: error.code,
      message: redactUrls(error.message),
      ...(error.hint ? { hint: error.hint } : {}),
      details: error.details,
      retryable: error.retryable,
    },
  }
}

/** @param columns of the stream it is written to; Infinity where that is no terminal */
export function errorText(
  error: ErpmaxError,
  { paint, columns }: { paint: (text: string) => string; columns: number },
): string {
  const lines = [labelled(paint, 'Error:', plainText(redactUrls(error.message)), columns)]
  if (error.hint) lines.push(formatHint(plainText(error.hint), columns))
  return lines.join('\n')
}

/** A word in its colour, and the text beside it and under itself. */
export function labelled(
  paint: (text: string) => string,
  label: string,
  text: string,
  columns: number,
): string {
  const indent = label.length + 1
  // In a log too a line of the text must not pass for one of ours.
  const told = Number.isFinite(columns) ? text : text.replaceAll('\n', `\n${' '.repeat(indent)}`)
  return `${paint(label)} ${hanging(told, indent, columns)}`
}

/** An error that was thrown after a signal came, told as the interruption it is. */
export function asInterruption(thrown: unknown, signal: string | null): unknown {
  if (!signal || (thrown instanceof ErpmaxError && thrown.kind !== 'interrupted')) return thrown
  const known = thrown instanceof ErpmaxError ? thrown : null
  return new ErpmaxError('interrupted', 'interrupted', known?.message ?? 'Interrupted', {
    ...(known?.hint ? { hint: known.hint } : {}),
    details: { ...known?.details, signal },
    cause: thrown,
  })
}

/** What can be continued, or may have been done, with the command that continues it or tells. */
export function continuedBy(error: ErpmaxError, command: string | null): ErpmaxError {
  const { outcome } = error.details
  if (command === null || (outcome !== 'resumable' && outcome !== 'unknown')) return error
  const { kind, code, message, details, retryable } = error
  return new ErpmaxError(kind, code, message, { hint: command, details, retryable, cause: error })
}

/** The stack of an error and of what caused it. */
export function stackText(thrown: unknown): string {
  const lines: string[] = []
  for (let error = thrown; error instanceof Error; error = error.cause)
    lines.push(error.stack ?? error.message)
  return lines.join('\ncaused by ')
}

interface OclifError {
  oclif?: { exit?: number }
  parse?: unknown
  skipOclifErrorHandling?: boolean
}

/** As oclif tells that a flag's own parser refused what it was given. */
const refusedFlag = /^Parsing (--\S+) \n\t([^]*?)(?:\nSee more help with --help)?$/
const helpHint = 'the same command with --help'

/** One line of it: `--limit: expected an integer but received: abc`. Null where it is another error. */
function flagError(thrown: unknown, message: string): ErpmaxError | null {
  const [, flag, said = ''] = refusedFlag.exec(message) ?? []
  if (flag === undefined) return null
  const known = thrown instanceof ErpmaxError ? thrown : null
  const fault = said.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replaceAll(/\s*\n\s*/g, ' ')
  return new ErpmaxError('usage', known?.code ?? 'usage', `${flag}: ${fault}`, {
    hint: known?.hint ?? helpHint,
    details: known?.details ?? {},
    cause: thrown,
  })
}

/** oclif dims what it says of flags, in JSON too, and introduces it. */
function parseText(message: string): string {
  const said = message
    .replace(/\u001b\[[0-9;]*m/g, '')
    .replace(/\nSee more help with --help$/, '')
    .trim()
  const [, faults] = /^The following errors? occurred:\n([^]*)$/.exec(said) ?? []
  return faults === undefined ? said : faults.trim().replaceAll(/\n\s*/g, '; ')
}

function typed(thrown: unknown): ErpmaxError {
  const message = messageOf(thrown)
  const ofFlag = flagError(thrown, message)
  if (ofFlag) return ofFlag
  if (thrown instanceof ErpmaxError) return thrown
  if (thrown instanceof Error && (thrown.name === 'ExitPromptError' || thrown.name === 'AbortPromptError')) {
    return new ErpmaxError('interrupted', 'interrupted', 'Stopped before anything was done', {
      cause: thrown,
    })
  }
  const oclif = (thrown as OclifError | null)?.oclif
  if (oclif && (thrown as OclifError).parse !== undefined) {
    return new ErpmaxError('usage', 'usage', parseText(message), {
      hint: helpHint,
      cause: thrown,
    })
  }
  if (oclif?.exit === 2) return new ErpmaxError('usage', 'usage', message, { cause: thrown })
  return new ErpmaxError('failure', 'unexpected', message || 'an error without a message', {
    hint: 'Run it again with --debug, and report what it prints',
    cause: thrown,
  })
}

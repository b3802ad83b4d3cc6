/** Exit codes of the command-line contract: the one place that knows them. */
import type { ErrorKind } from '../kernel/errors.js'

const byKind: Record<ErrorKind, number> = {
  failure: 1,
  usage: 2,
  partial: 3,
  permission: 4,
  not_found: 5,
  conflict: 6,
  busy: 7,
  declined: 8,
  dependency: 9,
  interrupted: 130,
}

export function exitCode(kind: ErrorKind): number {
  return byKind[kind]
}

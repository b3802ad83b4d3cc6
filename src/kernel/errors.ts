/** The one error class: what went wrong, in words a script (code) and a person (message, hint) can act on. */

/** The kind decides the exit code, and only the base command knows which (see terminal/exit-codes.ts). */
export type ErrorKind =
  | 'usage'
  | 'permission'
  | 'not_found'
  | 'conflict'
  | 'busy'
  | 'declined'
  | 'partial'
  | 'dependency'
  | 'interrupted'
  | 'failure'

export interface ErrorFacts {
  /** The next command to type, or what to change. */
  hint?: string
  /** Machine-readable particulars; never a secret. */
  details?: Record<string, unknown>
  /** True where the same command may succeed later without any change. */
  retryable?: boolean
  cause?: unknown
}

export class ErpmaxError extends Error {
  readonly kind: ErrorKind
  /** Stable and dotted, `tenant.subdomain_taken`: scripts branch on it. */
  readonly code: string
  readonly hint: string | undefined
  readonly details: Record<string, unknown>
  readonly retryable: boolean

  constructor(kind: ErrorKind, code: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'ErpmaxError'
    this.kind = kind
    this.code = code
    this.hint = facts.hint
    this.details = facts.details ?? {}
    this.retryable = facts.retryable ?? (kind === 'busy' || kind === 'dependency')
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return messageOf(thrown.errors[0])
  return thrown instanceof Error ? thrown.message : String(thrown)
}

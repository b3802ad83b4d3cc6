/** Postgres and network errors by what they mean; nothing else in the program reads SQLSTATEs. */
import { ErpmaxError, messageOf } from '../kernel/errors.js'

interface PgError {
  code?: string
  constraint?: string
  detail?: string
  message?: string
}

function parts(error: unknown): PgError {
  return typeof error === 'object' && error !== null ? (error as PgError) : {}
}

/** 23505, of this constraint where one is named. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint: name } = parts(error)
  return code === '23505' && (constraint === undefined || name === constraint)
}

/** Class 23: rows do not fit a key, a reference, a check or a column that wants a value. */
export function isConstraintViolation(error: unknown): boolean {
  return parts(error).code?.startsWith('23') ?? false
}

/** ERX01: every slot for DDL is taken. */
export function isNoFreeSlot(error: unknown): boolean {
  return parts(error).code === 'ERX01'
}

/** 53200: the shared lock table is full. */
export function isOutOfLocks(error: unknown): boolean {
  return parts(error).code === '53200'
}

export function isUndefinedTable(error: unknown): boolean {
  return parts(error).code === '42P01'
}

/** 2BP01: other objects, perhaps of another database, depend on it. */
export function isDependedOn(error: unknown): boolean {
  return parts(error).code === '2BP01'
}

/** 42501: the database user lacks a right. */
export function isPermissionDenied(error: unknown): boolean {
  return parts(error).code === '42501'
}

/** The server is starting up or shutting down. */
export function isStartingUp(error: unknown): boolean {
  return parts(error).code === '57P03'
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** The connection is gone or could not be made: the outcome of what was in flight is unknown. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError)
  const { code, message } = parts(error)
  if (code && networkCodes.has(code)) return true
  // With a SQLSTATE the server has answered: 25P02 speaks of an aborted transaction, not of the connection.
  if (code && /^[0-9A-Z]{5}$/.test(code)) return /^(08|57P0[1-5])/.test(code)
  return /Connection terminated|Connection ended|timeout expired|Client has encountered a connection error|Client was closed|Timeout acquiring a connection|timeout exceeded when trying to connect|Query read timeout|Unable to acquire a connection|aborted/i.test(
    message ?? '',
  )
}

/** Turns what the driver threw into the error a person can act on; typed errors pass through. */
export function translated(error: unknown): unknown {
  if (error instanceof ErpmaxError) return error
  const { code } = parts(error)
  const message = messageOf(error)
  const known = code === undefined ? undefined : byState[code]
  if (known) return known(message, error)
  if (code === '22023' && message.includes('time zone')) {
    return new ErpmaxError('usage', 'tenant.time_zone_invalid', `The database does not know it: ${message}`, {
      hint: "select name from pg_timezone_names, or update the server's time zone data",
      cause: error,
    })
  }
  if (code?.startsWith('28')) {
    return new ErpmaxError(
      'dependency',
      'database.login_refused',
      `The database refused the login: ${message}`,
      {
        hint: 'Check user and password in DATABASE_URL',
        retryable: false,
        cause: error,
      },
    )
  }
  if (isConnectionError(error)) {
    return new ErpmaxError(
      'dependency',
      'database.unreachable',
      `The database cannot be reached: ${message}`,
      {
        hint: 'erpmax doctor',
        cause: error,
      },
    )
  }
  return error
}

const byState: Record<string, (message: string, cause: unknown) => ErpmaxError> = {
  '22021': zeroByte,
  '22P05': zeroByte,
  ERX02: (message, cause) =>
    new ErpmaxError('conflict', 'state.illegal_move', message.replace(/^.* - /s, ''), { cause }),
  ERX03: (message, cause) =>
    new ErpmaxError('conflict', 'book.refused', message.replace(/^.* - /s, ''), { cause }),
  ERX04: (message, cause) =>
    new ErpmaxError('conflict', 'billing.month_closed', message.replace(/^.* - /s, ''), {
      hint: 'erpmax billing close --list',
      cause,
    }),
  ERXP1: (message, cause) =>
    new ErpmaxError('conflict', 'user.last_owner', message.replace(/^.* - /s, ''), { cause }),
  ERXP2: (message, cause) =>
    new ErpmaxError('conflict', 'role.of_another_tenant', message.replace(/^.* - /s, ''), { cause }),
  '53200': (_message, cause) =>
    new ErpmaxError('dependency', 'database.out_of_locks', 'The lock table of the database is full', {
      hint: 'Raise max_locks_per_transaction (erpmax doctor tells the value) and restart the database',
      cause,
    }),
  '53100': (message, cause) =>
    new ErpmaxError('dependency', 'database.disk_full', `The disk of the database is full: ${message}`, {
      hint: 'Free space, then run the same command again',
      cause,
    }),
  '53300': (_message, cause) =>
    new ErpmaxError('dependency', 'database.too_many_connections', 'The database has no connection left', {
      hint: 'Raise max_connections, or run fewer commands at once',
      cause,
    }),
  '42501': (message, cause) =>
    new ErpmaxError('dependency', 'database.permission', `The database user lacks a right: ${message}`, {
      hint: 'Grant it CREATE on the database, or use its owner',
      retryable: false,
      cause,
    }),
  '57014': (_message, cause) =>
    new ErpmaxError(
      'dependency',
      'database.timeout',
      'A statement ran into its time limit or was cancelled',
      { cause },
    ),
  '55P03': (_message, cause) =>
    new ErpmaxError('busy', 'database.locked', 'Another session holds a lock this command needs', {
      hint: 'Run the same command again in a moment',
      cause,
    }),
  '3D000': (message, cause) =>
    new ErpmaxError('dependency', 'database.missing', `The database does not exist: ${message}`, {
      hint: 'Create it, or correct DATABASE_URL',
      retryable: false,
      cause,
    }),
}

/** As a text, and inside a JSON document. */
function zeroByte(_message: string, cause: unknown): ErpmaxError {
  const message = 'A text has a zero byte in it, which no text can hold here'
  return new ErpmaxError('usage', 'text.zero_byte', message, { cause })
}

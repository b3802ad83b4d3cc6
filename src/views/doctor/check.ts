/** What `doctor` says of one thing it looked at. */

export interface Check {
  name: string
  status: 'ok' | 'warning' | 'problem'
  message: string
  /** What to do about it; null where there is nothing to do. */
  hint: string | null
}

export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message, hint: null }
}

export function warning(name: string, message: string, hint: string | null): Check {
  return { name, status: 'warning', message, hint }
}

export function problem(name: string, message: string, hint: string | null): Check {
  return { name, status: 'problem', message, hint }
}

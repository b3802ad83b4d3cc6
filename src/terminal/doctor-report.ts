/** What a person reads from `doctor`: a line a check, in columns, and what to do under it. */
import { hanging } from './format.js'
import type { Check } from '../views/doctor/check.js'
import type { Diagnosis } from '../views/doctor/diagnose.js'
import type { Terminal } from './terminal.js'

/** As wide as the longest name of a check; each line is printed before the next is known. */
const nameWidth = 13
const indent = 2 + nameWidth + 2

export function formatCheckUp(check: Check, { width, out }: Terminal): string {
  const sign = { ok: out.green('✔'), warning: out.yellow('!'), problem: out.red('✖') }[check.status]
  const line = `${sign} ${check.name.padEnd(nameWidth)}  ${hanging(check.message, indent, width)}`
  if (check.hint === null) return line
  const hint = out.cyan(hanging(`→ ${check.hint}`, indent, width))
  return `${line}\n${' '.repeat(indent)}${hint}`
}

export function formatDiagnosis({ checks }: Diagnosis, { out }: Terminal): string {
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length
  const [problems, warnings] = [count('problem'), count('warning')]
  const also = warnings > 0 ? `, ${counted(warnings, 'warning')}` : ''
  const made = ` in ${counted(checks.length, 'check')}.`
  return problems === 0
    ? `\n${out.green('No problem')}${also}${made}`
    : `\n${out.red(counted(problems, 'problem'))}${also}${made}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

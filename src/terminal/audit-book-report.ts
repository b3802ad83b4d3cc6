/** What a person reads from `invoice audit`: each rule that does not hold, with the documents, and the sum. */
import { formatDuration, hanging } from './format.js'
import { symbolsOf } from './symbols.js'
import type { AuditedBook, AuditProgress, CheckResult, Finding } from '../billing/audit/audit-book.js'
import type { Terminal } from './terminal.js'

/** Findings shown of one check. */
const mostShown = 20

export function formatAuditProgress({ check, findings }: AuditProgress): string {
  return `${check.code}${findings > 0 ? `, ${counted(findings, 'finding')}` : ''}`
}

export function formatAudit({ audit, checks, findings }: AuditedBook, terminal: Terminal): string {
  const broken = checks.filter((check) => check.findings > 0)
  const parts = broken.map((check) =>
    formatCheck(
      check,
      findings.filter(({ code }) => code === check.code),
      terminal,
    ),
  )
  return [...parts, tally({ audit, checks }, broken.length, terminal)].join('\n\n')
}

function formatCheck(check: CheckResult, found: readonly Finding[], terminal: Terminal): string {
  const { width, out } = terminal
  const { cross } = symbolsOf(terminal)
  const mark = check.severity === 'warning' ? out.yellow('!') : out.red(cross)
  const heading = [
    `${mark} ${check.code} (rule ${check.rule})`,
    out.dim(`  ${hanging(`${check.what}.`, 2, width)}`),
  ].join('\n')
  const lines = found.slice(0, mostShown).map(({ document, tenant, expected, found: is }) => {
    const whose = tenant === null ? '' : ` (${tenant})`
    return `  ${hanging(`${document}${whose}: expected ${expected}, found ${is}`, 4, width)}`
  })
  const more = check.findings - lines.length
  return [
    heading,
    ...lines,
    ...(more > 0 ? [out.dim(`  and ${more} more; --json lists 100 of each`)] : []),
  ].join('\n')
}

function tally(
  { audit, checks }: Pick<AuditedBook, 'audit' | 'checks'>,
  broken: number,
  { width, out }: Terminal,
): string {
  const of = [
    counted(audit.invoices, 'invoice'),
    counted(audit.lines, 'line'),
    counted(audit.credit_notes, 'credit note'),
    counted(audit.payments, 'payment'),
  ].join(', ')
  const days =
    audit.from === null && audit.to === null
      ? 'the whole book'
      : `issued ${[audit.from && `from ${audit.from}`, audit.to && `to ${audit.to}`].filter(Boolean).join(' ')}`
  const looked = `${of}; ${days}; ${checks.length} checks in ${formatDuration(audit.duration_ms)}`
  const verdict = audit.sound
    ? 'The book is sound'
    : `${counted(audit.findings, 'finding')} by ${counted(broken, 'check')}`
  const paint = audit.sound ? out.green : out.red
  return paint(hanging(`${verdict}: ${looked}.`, 0, width))
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

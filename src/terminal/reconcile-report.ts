/** What a person reads from `tenant reconcile`. */
import { labelled } from './errors.js'
import { formatHint, hanging } from './format.js'
import { symbolsOf } from './symbols.js'
import type { Finding } from '../workflows/reconcile/findings.js'
import type { Reconciled } from '../workflows/reconcile/reconcile.js'
import type { Terminal } from './terminal.js'

/** Names of tables shown of a long list. */
const shownTables = 8

/** Findings shown of a long list. */
const shownFindings = 50

export function formatReconciled(reconciled: Reconciled, terminal: Terminal): string {
  const { items } = reconciled
  const more = items.length - shownFindings
  return [
    ...items.slice(0, shownFindings).map((item) => formatFinding(item, terminal)),
    ...(more > 0 ? [`and ${more} more; --json lists all`] : []),
    tally(reconciled, terminal),
  ].join('\n\n')
}

function formatFinding(item: Finding, terminal: Terminal): string {
  const { width, out } = terminal
  const { tick, cross } = symbolsOf(terminal)
  const heading = hanging(`${item.tenant ?? item.schema ?? 'jobs'}: ${item.kind}`, 2, width)
  const message = `  ${hanging(`${item.message}${named(item.tables)}.`, 2, width)}`
  if (item.fixed) return `${out.green(tick)} ${heading}\n${message}\n  ${out.green('Mended.')}`
  const lines = [`${out.red(cross)} ${heading}`, message]
  if (item.error) lines.push(labelled(out.red, '  Not mended:', item.error.message, width))
  if (item.next !== null) lines.push(formatHint(item.next, width))
  return lines.join('\n')
}

function named(tables: readonly string[]): string {
  if (tables.length === 0) return ''
  const more = tables.length - shownTables
  return `: ${tables.slice(0, shownTables).join(', ')}${more > 0 ? ` and ${more} more; --json lists all` : ''}`
}

function tally({ checked, busy, found, fixed, dry_run, items }: Reconciled, { out }: Terminal): string {
  const looked = `${checked} ${checked === 1 ? 'tenant' : 'tenants'} looked at`
  const others = busy > 0 ? `, ${busy} left out: somebody is working at them` : ''
  if (found === 0) return out.green(`${looked}${others}: rows and schemas agree.`)
  const fixable = items.filter((item) => item.fixable && !item.fixed).length
  const mended = fixed > 0 ? `, ${fixed} mended` : ''
  const can =
    fixable > 0 ? (dry_run ? `, ${fixable} would be mended` : `, ${fixable} can be mended by --fix`) : ''
  return `${looked}${others}: ${found} found${mended}${can}.`
}

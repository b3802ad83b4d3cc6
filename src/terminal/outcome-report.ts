/** What a bulk command says: a line a tenant, and how many went well. */
import { labelled } from './errors.js'
import { formatHint } from './format.js'
import { symbolsOf } from './symbols.js'
import type { Terminal } from './terminal.js'
import type { TenantOutcome } from '../workflows/each-tenant.js'

export function formatOutcome<Result>(
  outcome: TenantOutcome<Result>,
  format: (result: Result) => string,
  terminal: Terminal,
): string {
  const { tick, cross } = symbolsOf(terminal)
  if (outcome.ok) return `${terminal.out.green(tick)} ${outcome.tenant}: ${format(outcome.result as Result)}`
  const { message = '', hint = null } = outcome.error ?? {}
  const line = labelled(terminal.out.red, cross, `${outcome.tenant}: ${message}`, terminal.width)
  return hint === null ? line : `${line}\n${formatHint(hint, terminal.width)}`
}

export function formatTally({
  succeeded,
  failed,
  dry_run,
}: {
  succeeded: number
  failed: number
  dry_run: boolean
}): string {
  const total = succeeded + failed
  if (total === 0) return 'No tenant matches.'
  const tenants = total === 1 ? '1 tenant' : `${total} tenants`
  return `${tenants}: ${succeeded} ${dry_run ? 'would be done' : 'done'}${failed > 0 ? `, ${failed} failed` : ''}`
}

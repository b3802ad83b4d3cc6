/** The end of `tenant reconcile`: what was found, and what of it was mended. */
import { mend } from './mend.js'
import type { Context } from '../../kernel/context.js'
import type { Finding } from './findings.js'
import type { Inspected } from './inspect.js'

export interface Reconciled {
  dry_run: boolean
  items: Finding[]
  next_cursor: null
  /** Tenants that were looked at. */
  checked: number
  /** Tenants that somebody is working at: left out. */
  busy: number
  found: number
  fixed: number
  /** Found and not mended. */
  left: number
}

/** The tenants that `--fix` would touch. */
export function mendable({ found }: Inspected): { subdomain: string }[] {
  const names = found.flatMap(({ finding, fix }) => (fix && finding.tenant ? [finding.tenant] : []))
  return [...new Set(names)].map((subdomain) => ({ subdomain }))
}

/** Yields what it mends. @param fix mends what is safe to mend; with `dryRun` nothing is */
export async function* settle(
  ctx: Context,
  { found, checked, busy }: Inspected,
  { fix, dryRun }: { fix: boolean; dryRun: boolean },
): AsyncGenerator<Finding, Reconciled, void> {
  const items = fix && !dryRun ? yield* mend(ctx, found) : found.map(({ finding }) => finding)
  const fixed = items.filter((item) => item.fixed).length
  return {
    ...{ dry_run: dryRun, items, next_cursor: null, checked, busy },
    ...{ found: items.length, fixed, left: items.length - fixed },
  }
}

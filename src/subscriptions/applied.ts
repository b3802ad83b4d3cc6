/** A change that has happened: how it is written on its row, and what is told of it. */
import { applyChange, type ChangeKind, type ScheduledChange } from './changes.js'
import type { Context } from '../kernel/context.js'
import type { PlainDate } from '../kernel/dates.js'

export interface AppliedChange {
  kind: ChangeKind
  module: string | null
  effective_on: PlainDate
  before: Record<string, unknown>
  after: Record<string, unknown>
}

type Values = Partial<Pick<AppliedChange, 'before' | 'after'>>

/** Scheduled changes that happen, each with the values found on its day. */
export async function settledAll(
  ctx: Pick<Context, 'db'>,
  changes: readonly ScheduledChange[],
  values: (change: ScheduledChange) => Values,
): Promise<AppliedChange[]> {
  const all: AppliedChange[] = []
  for (const change of changes) all.push(await settled(ctx, change, values(change)))
  return all
}

export async function settled(
  ctx: Pick<Context, 'db'>,
  change: ScheduledChange,
  values: Values = {},
): Promise<AppliedChange> {
  const { kind, module_code, effective_on } = change
  const { before, after } = { before: change.before, after: change.after, ...values }
  await applyChange(ctx, change.id, { before, after, effectiveOn: effective_on })
  return { kind, module: module_code, effective_on, before, after }
}

/** One that was not scheduled. */
export function told(
  kind: ChangeKind,
  effective_on: PlainDate,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): AppliedChange {
  return { kind, module: null, effective_on, before, after }
}

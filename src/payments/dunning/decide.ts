/** What dunning does with a tenant today: which stage it enters, what that brings about, which mail goes out. */
import { phaseOf, stageAt, type Schedule, type Stage, type StageKind } from './schedule.js'

export interface Dunned {
  /** Days since the due date of the earliest unpaid invoice; 0: it is due today. */
  late: number
  /** Where its dunning stands; null: it has not begun. */
  attempt: { stage: StageKind; day: number; running: boolean } | null
  tenant: { status: 'active' | 'suspended'; cause: 'billing' | 'operator' | null }
  /** Of the running subscription; null where there is none. */
  subscription: string | null
}

export type Effect = 'past_due' | 'suspended' | 'archived'

export interface Decision {
  stage: Stage
  /** The stage is entered now: otherwise the tenant is in it already. */
  enters: boolean
  /** In their order. A stage that no run came for has its effect all the same. */
  effects: Effect[]
  /** The one mail of today, whatever was missed; who was told the same before is not told again. */
  notice: StageKind | null
}

/** @returns null where no stage has come yet, or everything of it is done */
export function decide(schedule: Schedule, dunned: Dunned): Decision | null {
  const { late, attempt } = dunned
  const stage = stageAt(schedule, late)
  if (!stage) return null
  const enters = attempt === null || isFurther(stage, attempt)
  const effects = effectsOf(schedule, dunned)
  if (!enters && attempt.running && effects.length === 0) return null
  return { stage, enters, effects, notice: noticeOf(stage, enters, effects, dunned) }
}

/** A schedule that was changed since takes nobody back, and nobody twice into what there is one of. */
function isFurther(stage: Stage, attempt: { stage: StageKind; day: number }): boolean {
  const [now, then] = [phaseOf(stage.kind), phaseOf(attempt.stage)]
  return now > then || (now === then && now === 0 && stage.day > attempt.day)
}

/** Whatever should be by now and is not: of stages that were missed too, or undone since. */
function effectsOf(schedule: Schedule, { late, tenant, subscription }: Dunned): Effect[] {
  const due = (kind: StageKind): boolean => schedule.some((stage) => stage.kind === kind && stage.day <= late)
  const effects: Effect[] = []
  if (due('past_due') && subscription === 'active') effects.push('past_due')
  // One by an operator stays as it is.
  if (due('suspended') && tenant.status === 'active') effects.push('suspended')
  if (due('archived')) effects.push('archived')
  return effects
}

function noticeOf(
  { kind }: Stage,
  enters: boolean,
  effects: readonly Effect[],
  { tenant }: Dunned,
): StageKind | null {
  if (effects.includes('archived')) return 'archived'
  if (effects.includes('suspended')) return 'suspended'
  if (!enters) return null
  // It would say that paying opens the account again.
  return kind === 'suspended' && tenant.cause === 'operator' ? 'reminder' : kind
}

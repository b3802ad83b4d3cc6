/** The schedule of dunning and what it makes of a tenant on a day, worked out by hand. */
import { expect } from 'chai'
import { decide, type Decision, type Dunned } from '../../src/payments/dunning/decide.js'
import {
  changedSchedule,
  stageAfter,
  stageAt,
  type Schedule,
  type ScheduleChange,
} from '../../src/payments/dunning/schedule.js'
import { ErpmaxError } from '../../src/kernel/errors.js'

/** Rule 23. */
const usual: Schedule = [
  ...[0, 3, 5, 7].map((day) => ({ day, kind: 'reminder' as const })),
  { day: 1, kind: 'past_due' as const },
  { day: 14, kind: 'suspended' as const },
  { day: 30, kind: 'archived' as const },
].sort((a, b) => a.day - b.day)

const active: Dunned = {
  late: 0,
  attempt: null,
  tenant: { status: 'active', cause: null },
  subscription: 'active',
}

const at = (facts: Partial<Dunned>): Decision | null => decide(usual, { ...active, ...facts })

/** `reminder +3, enters: past_due, archived; mail archived` */
function told(decision: Decision | null): string {
  if (!decision) return 'nothing'
  const { stage, enters, effects, notice } = decision
  return `${stage.kind} +${stage.day}${enters ? ' entered' : ''}: ${effects.join(', ') || '-'}; ${notice ?? 'no mail'}`
}

function written(schedule: Schedule): string {
  return schedule.map(({ kind, day }) => `${kind} ${day}`).join(', ')
}

function refused(change: ScheduleChange): string {
  try {
    return written(changedSchedule(usual, change))
  } catch (error) {
    return error instanceof ErpmaxError ? `${error.kind} ${error.code}` : String(error)
  }
}

describe('dunning', () => {
  it('is in the last stage whose day has come, and knows the next', () => {
    const stages = [-1, 0, 1, 2, 3, 6, 7, 13, 14, 29, 30, 400].map((late) => {
      const [now, next] = [stageAt(usual, late), stageAfter(usual, late)]
      return `${late}: ${now ? now.day : '-'} ${next ? next.day : '-'}`
    })
    expect(stages).to.deep.equal([
      ...['-1: - 0', '0: 0 1', '1: 1 3', '2: 1 3', '3: 3 5', '6: 5 7', '7: 7 14', '13: 7 14'],
      ...['14: 14 30', '29: 14 30', '30: 30 -', '400: 30 -'],
    ])
  })

  it('enters each stage on its day, with one mail', () => {
    expect(told(at({ late: -1 }))).to.equal('nothing')
    expect(told(at({ late: 0 }))).to.equal('reminder +0 entered: -; reminder')
    const reminded = { stage: 'reminder' as const, day: 0, running: true }
    expect(told(at({ late: 1, attempt: reminded }))).to.equal('past_due +1 entered: past_due; past_due')
    const late = { stage: 'past_due' as const, day: 1, running: true }
    const owing = { attempt: late, subscription: 'past_due' }
    expect(told(at({ ...owing, late: 2 }))).to.equal('nothing')
    expect(told(at({ ...owing, late: 3 }))).to.equal('reminder +3 entered: -; reminder')
    expect(told(at({ ...owing, late: 14 }))).to.equal('suspended +14 entered: suspended; suspended')
  })

  it('enters the stage of the day where no run came, with the effects of those before and one mail', () => {
    expect(told(at({ late: 4 }))).to.equal('reminder +3 entered: past_due; reminder')
    expect(told(at({ late: 16 }))).to.equal('suspended +14 entered: past_due, suspended; suspended')
    expect(told(at({ late: 90 }))).to.equal('archived +30 entered: past_due, suspended, archived; archived')
  })

  it('goes on beside a suspension by an operator, and suspends once that is lifted', () => {
    const held = { status: 'suspended', cause: 'operator' } as const
    const owing = { tenant: held, subscription: 'past_due' }
    expect(told(at({ ...owing, late: 14 }))).to.equal('suspended +14 entered: -; reminder')
    const attempt = { stage: 'suspended' as const, day: 14, running: true }
    expect(told(at({ ...owing, late: 15, attempt }))).to.equal('nothing')
    expect(told(at({ ...owing, tenant: active.tenant, late: 16, attempt }))).to.equal(
      'suspended +14: suspended; suspended',
    )
    expect(told(at({ ...owing, late: 30, attempt }))).to.equal('archived +30 entered: archived; archived')
  })

  it('takes nobody back after the schedule was changed', () => {
    const attempt = { stage: 'reminder' as const, day: 7, running: true }
    const owing = { ...active, attempt, subscription: 'past_due', late: 8 }
    const earlier = changedSchedule(usual, { reminders: [4, 6] })
    expect(told(decide(earlier, owing))).to.equal('nothing')
    const sooner = changedSchedule(usual, { reminders: [2], suspended: 5 })
    expect(told(decide(sooner, owing))).to.equal('suspended +5 entered: suspended; suspended')
    const gone = { stage: 'suspended' as const, day: 14, running: true }
    const later = changedSchedule(usual, { reminders: [0, 16], suspended: 20 })
    const suspended = {
      tenant: { status: 'suspended', cause: 'billing' } as const,
      subscription: 'suspended',
    }
    for (const late of [16, 20])
      expect(told(decide(later, { ...suspended, attempt: gone, late }))).to.equal('nothing')
  })

  it('does not mark a trial, or nothing at all, as past due', () => {
    for (const subscription of ['trialing', null])
      expect(told(at({ late: 2, subscription }))).to.equal('past_due +1 entered: -; past_due')
  })

  it('has a schedule in order, a stage a day', () => {
    expect(refused({ reminders: [] })).to.equal('past_due 1, suspended 14, archived 30')
    expect(refused({ suspended: null })).to.equal(
      'reminder 0, past_due 1, reminder 3, reminder 5, reminder 7, archived 30',
    )
    expect(refused({ reminders: [9, 2, 2], archived: null })).to.equal(
      'past_due 1, reminder 2, reminder 9, suspended 14',
    )
    expect(refused({ past_due: 3 })).to.equal('usage dunning.overlap')
    expect(refused({ past_due: 14 })).to.equal('usage dunning.overlap')
    expect(refused({ past_due: 15 })).to.equal('usage dunning.order')
    expect(refused({ suspended: 6 })).to.equal('usage dunning.order')
    expect(refused({ suspended: 31 })).to.equal('usage dunning.order')
    expect(refused({ archived: 10 })).to.equal('usage dunning.order')
    for (const change of [{ past_due: 0 }, { past_due: 1.5 }, { reminders: [-1] }, { archived: 366 }])
      expect(refused(change)).to.equal('usage dunning.day_invalid')
  })
})

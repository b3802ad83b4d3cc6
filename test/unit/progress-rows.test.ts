import { expect } from 'chai'
import { StepRow } from '../../src/terminal/progress-rows.js'

const planned = {
  name: 'schema',
  title: 'Build',
  groups: [
    { name: 'crm', total: 2 },
    { name: 'hr', total: 1 },
  ],
}

function row(options: { aborted?: boolean } = {}): { step: StepRow; at(ms: number): void } {
  let now = 0
  const controller = new AbortController()
  if (options.aborted) controller.abort()
  return { step: new StepRow(planned, () => now, controller.signal), at: (ms) => (now = ms) }
}

function progress(group: string, item: string, done: number, groupDone: number, groupTotal: number) {
  return { event: 'progress', step: 'schema', group, item, done, total: 3, groupDone, groupTotal } as const
}

describe('rows of the progress tree', () => {
  it('count, name what is being built, and end with the time', () => {
    const { step, at } = row()
    step.take({ event: 'step_started', step: 'schema', title: 'Build' })
    at(400)
    step.take(progress('crm', 'leads', 1, 1, 2))
    expect(step.detail()).to.equal(' 1/3  400 ms')
    expect(step.groups.map((group) => [group.state, group.detail()])).to.deep.equal([
      ['running', ' 1/2  leads'],
      ['waiting', ' 0/1'],
    ])
    at(500)
    step.take(progress('crm', 'calls', 2, 2, 2))
    expect([step.groups[0]?.state, step.groups[0]?.detail()]).to.deep.equal(['done', ' 2/2  500 ms'])
    step.take({ event: 'step_done', step: 'schema', duration_ms: 700, note: '3 tables' })
    expect([step.state, step.detail()]).to.deep.equal(['done', '3 tables, 700 ms'])
  })

  it('end all together where everything was there already', async () => {
    const { step } = row()
    step.take({ event: 'step_started', step: 'schema', title: 'Build' })
    step.take({ event: 'step_done', step: 'schema', duration_ms: 5 })
    await Promise.all([step.ended, ...step.groups.map((group) => group.ended)])
    expect(step.groups.map((group) => group.state)).to.deep.equal(['done', 'done'])
  })

  it('say where a failed step stood, and leave what was not begun waiting', async () => {
    const { step, at } = row()
    step.take({ event: 'step_started', step: 'schema', title: 'Build' })
    step.take(progress('crm', 'leads', 1, 1, 2))
    at(900)
    step.take({ event: 'step_failed', step: 'schema', message: 'no' })
    await Promise.all([step.ended, ...step.groups.map((group) => group.ended)])
    expect([step.state, step.detail()]).to.deep.equal(['failed', ' 1/3  900 ms'])
    expect(step.groups.map((group) => group.state)).to.deep.equal(['failed', 'waiting'])
  })

  it('claim no time for a step that failed before it began', () => {
    const { step, at } = row()
    at(900)
    step.take({ event: 'step_failed', step: 'schema', message: 'no' })
    expect(step.detail()).to.equal('')
  })

  it('let nobody wait for a step that never begins', async () => {
    const { step } = row()
    step.settle()
    await Promise.all([step.begun, step.ended])
    expect(step.state).to.equal('waiting')
  })

  it('say that the run is stopping', () => {
    const { step } = row({ aborted: true })
    step.take({ event: 'step_started', step: 'schema', title: 'Build' })
    expect(step.detail()).to.match(/^stopping/)
  })
})

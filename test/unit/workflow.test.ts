/** The runner of workflows: the order of steps and undoings, and which error comes out. */
import { expect } from 'chai'
import {
  runWorkflow,
  silent,
  type Step,
  type WorkflowEvent,
  type WorkflowHooks,
} from '../../src/kernel/workflow.js'
import { rejection } from '../support/errors.js'

interface Run {
  /** What was done, in order. */
  done: string[]
  events: WorkflowEvent[]
  error?: unknown
}

/** Steps that write down what they do; `at` says which of them fails, and how. */
function steps(run: Run, at: Partial<Record<string, Error>> = {}): Step[] {
  const step = (name: string): Step => ({
    name,
    title: name.toUpperCase(),
    run: silent(async () => {
      run.done.push(name)
      if (at[name]) throw at[name]
    }),
    undo: async () => {
      run.done.push(`undo ${name}`)
      if (at[`undo ${name}`]) throw at[`undo ${name}`]
    },
  })
  return [step('first'), step('second'), step('third')]
}

async function play(make: (run: Run) => Step[], hooks: Partial<WorkflowHooks> = {}): Promise<Run> {
  const run: Run = { done: [], events: [] }
  const workflow = runWorkflow(make(run), {
    elapsed: () => 0,
    canUndo: () => true,
    onUndone: () => {},
    checkInterrupted: () => {},
    ...hooks,
  })
  try {
    for await (const event of workflow) run.events.push(event)
  } catch (error) {
    run.error = error
  }
  return run
}

const told = ({ events }: Run): string[] =>
  events.map((event) => ('step' in event ? `${event.event} ${event.step}` : event.event))

describe('a workflow', () => {
  it('runs its steps in order and tells of each', async () => {
    const run = await play((one) => steps(one))
    expect(run.done).to.deep.equal(['first', 'second', 'third'])
    expect(told(run)).to.deep.equal([
      'plan',
      ...['step_started first', 'step_done first'],
      ...['step_started second', 'step_done second'],
      ...['step_started third', 'step_done third'],
    ])
    expect(run.events[0]).to.deep.equal({
      event: 'plan',
      steps: ['first', 'second', 'third'].map((name) => ({ name, title: name.toUpperCase() })),
    })
  })

  it('does nothing before the first event is asked for', () => {
    const run: Run = { done: [], events: [] }
    runWorkflow(steps(run), {
      elapsed: () => 0,
      canUndo: () => true,
      onUndone: () => {},
      checkInterrupted: () => {},
    })
    expect(run.done).to.deep.equal([])
  })

  it('undoes what began, the failed step included, last first, and throws the first error', async () => {
    const failure = new Error('the second step fails')
    const run = await play((one) => steps(one, { second: failure }))
    expect(run.done).to.deep.equal(['first', 'second', 'undo second', 'undo first'])
    expect(run.error).to.equal(failure)
    expect(told(run).slice(3)).to.deep.equal([
      'step_started second',
      'step_failed second',
      ...['step_undoing second', 'step_undone second'],
      ...['step_undoing first', 'step_undone first'],
    ])
  })

  it('passes over steps that cannot be undone', async () => {
    const run = await play((one) => {
      const [first, second, third] = steps(one, { third: new Error('no') }) as [Step, Step, Step]
      return [first, { name: second.name, title: second.title, run: second.run }, third]
    })
    expect(run.done).to.deep.equal(['first', 'second', 'third', 'undo third', 'undo first'])
  })

  it('undoes nothing where that makes no sense, asked with the error', async () => {
    const failure = new Error('the database is gone')
    const asked: unknown[] = []
    const run = await play((one) => steps(one, { second: failure }), {
      canUndo: (error) => {
        asked.push(error)
        return false
      },
    })
    expect(run.done).to.deep.equal(['first', 'second'])
    expect(asked).to.deep.equal([failure])
    expect(run.error).to.equal(failure)
    expect(told(run).at(-1)).to.equal('step_failed second')
  })

  it('stops undoing where an undo fails, tells of it, and throws what came first', async () => {
    const failures = { third: new Error('the third step fails'), 'undo second': new Error('the undo fails') }
    let undone = false
    const run = await play((one) => steps(one, failures), { onUndone: () => (undone = true) })
    expect(run.done).to.deep.equal(['first', 'second', 'third', 'undo third', 'undo second'])
    expect(run.error).to.equal(failures.third)
    expect(undone).to.equal(false)
    expect(told(run).slice(-2)).to.deep.equal(['step_undoing second', 'step_failed second'])
  })

  it('begins no step after it was interrupted, and undoes the others', async () => {
    const interruption = new Error('interrupted')
    let checks = 0
    const run = await play((one) => steps(one), {
      checkInterrupted: () => {
        checks += 1
        if (checks === 3) throw interruption
      },
    })
    expect(run.done).to.deep.equal(['first', 'undo first'])
    expect(run.error).to.equal(interruption)
  })

  it('tells progress as it comes, the note and the time of a step', async () => {
    const progress = { group: 'crm', item: 'leads', done: 1, total: 2, groupDone: 1, groupTotal: 2 }
    let now = 0
    const run = await play(
      (one) => [
        {
          name: 'build',
          title: 'Build',
          groups: [{ name: 'crm', total: 2 }],
          async *run() {
            one.done.push('begun')
            now = 12.4
            yield progress
            return '2 tables'
          },
        },
      ],
      { elapsed: () => now },
    )
    expect(run.events).to.deep.equal([
      { event: 'plan', steps: [{ name: 'build', title: 'Build', groups: [{ name: 'crm', total: 2 }] }] },
      { event: 'step_started', step: 'build', title: 'Build' },
      { event: 'progress', step: 'build', ...progress },
      { event: 'step_done', step: 'build', duration_ms: 12, note: '2 tables' },
    ])
  })

  it('waits for the hook of each event, and fails with it', async () => {
    const heard: string[] = []
    const failure = new Error('the lease is lost')
    const run = await play((one) => steps(one), {
      onEvent: async (event) => {
        heard.push(event.event)
        if (event.event === 'step_done' && event.step === 'second') throw failure
      },
    })
    expect(run.error).to.equal(failure)
    expect(run.done).to.deep.equal(['first', 'second', 'undo second', 'undo first'])
    expect(heard).to.deep.equal(['step_started', 'step_done', 'step_started', 'step_done'])
  })
})

describe('a step without progress', () => {
  it('returns what its work returns, and throws what it throws', async () => {
    expect(await silent(async () => 'a note')().next()).to.deep.equal({ done: true, value: 'a note' })
    const failure = new Error('no')
    expect(await rejection(silent(() => Promise.reject(failure))().next())).to.equal(failure)
  })
})

/** Failpoints: how they are written, and what each of them does. */
import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { failpoints, parseFailpoints, type FailpointAction } from '../../src/kernel/failpoints.js'
import { rejection, thrown } from '../support/errors.js'

describe('failpoints', () => {
  it('are read from a list of name:action', () => {
    expect([...parseFailpoints('create.after_schema:kill,drop.before_commit:error')]).to.deep.equal([
      ['create.after_schema', 'kill'],
      ['drop.before_commit', 'error'],
    ])
    expect(parseFailpoints('').size).to.equal(0)
    expect(parseFailpoints('a:hang,').size).to.equal(1)
  })

  for (const text of ['kill', 'a:', ':kill', 'a:explode', 'a:kill:now', 'a:kill b:hang', 'a:KILL']) {
    it(`have no meaning in "${text}"`, () => {
      expect(thrown(() => parseFailpoints(text))).to.deep.include({
        kind: 'usage',
        code: 'config.failpoint_invalid',
      })
    })
  }

  const done: string[] = []
  const reach = (action: FailpointAction, name = 'here'): Promise<void> => {
    done.length = 0
    return failpoints(new Map([['here', action]]), {
      kill: () => void done.push('kill'),
      interrupt: async () => void done.push('interrupt'),
      disconnect: async () => void done.push('disconnect'),
    })(name)
  }
  const ends = async (promise: Promise<void>): Promise<boolean> =>
    Promise.race([promise.then(() => true), sleep(20, false)])

  it('do nothing elsewhere', async () => {
    for (const action of ['kill', 'hang', 'interrupt', 'disconnect', 'error'] as const) {
      await reach(action, 'there')
      expect(done).to.deep.equal([])
    }
  })

  it('interrupt and disconnect, and go on', async () => {
    await reach('interrupt')
    expect(done).to.deep.equal(['interrupt'])
    await reach('disconnect')
    expect(done).to.deep.equal(['disconnect'])
  })

  it('kill and hang without coming back', async () => {
    expect(await ends(reach('kill'))).to.equal(false)
    expect(done).to.deep.equal(['kill'])
    expect(await ends(reach('hang'))).to.equal(false)
    expect(done).to.deep.equal([])
  })

  it('fail with an error that names them', async () => {
    expect(await rejection(reach('error'))).to.deep.include({ kind: 'failure', code: 'failpoint' })
  })
})

import { expect } from 'chai'
import { withModule, withoutModule } from '../../src/subscriptions/requirements.js'
import type { Module } from '../../src/subscriptions/catalogue.js'

function module(code: string, ...requires: string[]): Module {
  return { code, name: code, summary: '', is_base: code === 'base', requires }
}

const modules = [module('base'), module('a'), module('b', 'a'), module('c', 'b', 'base'), module('d')]

describe('requirements of modules', () => {
  it('what is needed comes along, and what that needs, but not the base', () => {
    expect([...withModule(modules, new Set(['d']), 'c')]).to.have.members(['a', 'b', 'c', 'd'])
  })

  it('what needs it goes too, and what needs that', () => {
    expect([...withoutModule(modules, new Set(['a', 'b', 'c', 'd']), 'a')]).to.have.members(['d'])
  })

  it('leaves what was chosen as it was', () => {
    const chosen = new Set(['a'])
    withModule(modules, chosen, 'c')
    withoutModule(modules, chosen, 'a')
    expect([...chosen]).to.deep.equal(['a'])
  })
})

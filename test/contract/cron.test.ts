/** docs/cron.md, its units and the record of its line: they name commands and flags that exist, and are of one piece. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'

const read = (...names: string[]): string => readFileSync(path.join(packageRoot(), ...names), 'utf8')
const { commands } = JSON.parse(read('oclif.manifest.json')) as {
  commands: Record<string, { flags: Record<string, unknown> }>
}
const guide = read('docs', 'cron.md')
const service = read('docs', 'systemd', 'erpmax-billing.service')
const line = /^30 19 \* \* \* (.*)$/m.exec(guide)?.[1] ?? ''

describe('billing from cron', () => {
  it('the recorded line is the one of the guide', () => {
    expect(line).to.include('erpmax billing run')
    expect(read('docs', 'captures', 'cron.txt')).to.include(line)
  })

  it('the guide and the unit name commands and flags that exist', () => {
    const named = [...`${guide}\n${service}`.matchAll(/erpmax ((?:[a-z]+ ){0,2}[a-z]+)((?: --[a-z-]+)*)/g)]
    const unknown = named.filter(([, words = '', flags = '']) => {
      const name = words.split(' ')
      const command = [3, 2, 1].map((length) => commands[name.slice(0, length).join(':')]).find(Boolean)
      const wanted = flags.split(' --').slice(1)
      return words.startsWith('billing') && !(command && wanted.every((flag) => flag in command.flags))
    })
    expect(named.length).to.be.greaterThan(10)
    expect(unknown.map(([text]) => text)).to.deep.equal([])
  })

  it('nothing secret stands in the unit', () => {
    expect(service).to.not.match(/:\/\/\S+:\S+@|PASSWORD=|DATABASE_URL=/)
    expect(service).to.include('EnvironmentFile=/etc/erpmax/erpmax.env')
  })
})

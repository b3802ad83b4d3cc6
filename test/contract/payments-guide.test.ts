/** docs/payments.md and its unit: they name commands, flags, settings and event types that exist. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'
import { settings } from '../../src/kernel/config.js'
import { razorpayWebhooks } from '../../src/gateways/razorpay-webhooks.js'
import { stripeEventTypes } from '../../src/gateways/stripe-webhooks.js'
import { razorpayEvent, razorpayScenario, type RazorpayEventType } from '../support/providers/events.js'

const read = (...names: string[]): string => readFileSync(path.join(packageRoot(), ...names), 'utf8')
const { commands } = JSON.parse(read('oclif.manifest.json')) as {
  commands: Record<string, { flags: Record<string, { char?: string }> }>
}
const guide = read('docs', 'payments.md')
const service = read('docs', 'systemd', 'erpmax-webhooks.service')

/** Blocks of code, without their indentation. */
const blocks = [...guide.matchAll(/^ *```\w*\n([^]*?)^ *```$/gm)].map(([, block = '']) => block)
const eventsAfter = (heading: string): string[] => {
  const [, block = ''] = new RegExp(`### ${heading}\\n[^]*?\`\`\`\\n([^]*?)\`\`\``).exec(guide) ?? []
  return block.trim().split(/\s+/)
}

/** What is not there: a command, or a flag of it. */
function strange(line: string): string[] {
  const words = line.split(/[\s`,:]+/)
  const name = [4, 3, 2, 1].map((length) => words.slice(0, length).join(':')).find((one) => one in commands)
  if (name === undefined) return [line]
  const wanted = [...line.matchAll(/ --([a-z-]+)/g)].map(([, flag = '']) => flag)
  return wanted.filter((flag) => !(flag in (commands[name]?.flags ?? {}))).map((flag) => `${name} --${flag}`)
}

describe('the guide to taking money', () => {
  it('names commands and flags that exist, in its blocks, its text and its unit', () => {
    const inBlocks = [...`${blocks.join('\n')}\n${service}`.matchAll(/(?:^|env |\* )erpmax ([a-z].*)$/gm)]
    const inText = [...guide.matchAll(/`erpmax ([a-z][^`]*)`/g)]
    const named = [...inBlocks, ...inText].map(([, line = '']) => line)
    expect(named.length).to.be.greaterThan(30)
    expect(named.flatMap(strange)).to.deep.equal([])
  })

  it('names settings that exist', () => {
    const known = settings.map(({ name }) => name as string)
    const named = [...`${guide}\n${service}`.matchAll(/\b((?:ERPMAX|STRIPE|RAZORPAY)_[A-Z_]+)\b/g)]
    const unknown = named
      .map(([, name = '']) => name)
      .filter((name) => !known.includes(name.replace(/_FILE$/, '')))
    expect(unknown).to.deep.equal([])
  })

  it('has every type of event that is understood, and no other', () => {
    expect(eventsAfter('Stripe').toSorted()).to.deep.equal([...stripeEventTypes].toSorted())
    const types = eventsAfter('Razorpay')
    expect(types.length).to.be.greaterThan(10)
    const silent = types.filter((type) => {
      if (type === 'payment.dispute.closed') return false
      const { body } = razorpayEvent(type as RazorpayEventType, razorpayScenario())
      return razorpayWebhooks.read(body).kind === 'nothing'
    })
    expect(silent).to.deep.equal([])
  })

  it('links to files that are there, and nothing secret stands in the unit', () => {
    for (const [, file = ''] of guide.matchAll(/\]\(([^)#]+)\)/g)) expect(read('docs', file)).to.not.equal('')
    expect(service).to.not.match(/:\/\/\S+:\S+@|(KEY|SECRET|PASSWORD)=|DATABASE_URL=/)
    expect(service).to.include('EnvironmentFile=/etc/erpmax/erpmax.env')
    expect(read('README.md')).to.include('docs/payments.md')
  })
})

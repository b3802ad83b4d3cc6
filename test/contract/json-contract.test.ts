/**
 * The JSON contract: flags, arguments and result keys of every command, as checked in. Removing or renaming one is a
 * breaking change. `UPDATE_CONTRACT=1 npm test -- json-contract` writes the file anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'
import { erpmax } from '../support/cli.js'
import { removeServer, throwAwayFolder } from '../support/server.js'

const file = path.join(packageRoot(), 'test', 'contract', 'json-contract.json')
const home = throwAwayFolder()

interface CommandContract {
  args: string[]
  flags: string[]
  result?: string[]
}

/** In this order, on one home: each command is run once so that its result has something in it. */
const runs: string[][] = [
  ['db', 'start'],
  ['tenant', 'create', 'acme', '--name', 'Acme', '--admin-email', 'a@acme.test', '--modules', 'finance'],
  ['tenant', 'check', 'acme'],
  ['tenant', 'list'],
  ['tenant', 'show', 'acme'],
  ['schema', 'provision', 'acme'],
  ['schema', 'verify', 'acme'],
  ['schema', 'tables', '--module', 'hr'],
  ['schema', 'sql'],
  ['module', 'list'],
  ['job', 'list'],
  ['job', 'show', 'LATEST'],
  [
    ...['billing', 'supplier', 'set', '--legal-name', 'Acme', '--address-line1', '1 MG Road'],
    ...['--gstin', '27AAPFU0939F1ZV', '--lut-number', 'AD270326000001B'],
    ...['--lut-from', '2026-04-01', '--lut-to', '2027-03-31'],
  ],
  ['billing', 'supplier', 'show'],
  ['billing', 'tax-rate', 'list'],
  ['billing', 'tax-rate', 'set', 'IN', '12', '--code', '998314', '--module', 'crm'],
  ['billing', 'fx', 'set', 'USD', '83.245'],
  ['billing', 'fx', 'list'],
  ['audit', 'list'],
  ['config', 'show'],
  ['doctor'],
  ['db', 'status'],
  ['db', 'url'],
  ['db', 'migrate'],
  ['db', 'logs', '--lines', '2'],
  ['db', 'stop'],
]

/** `tenant.status`, `items[].code`: every key there is, in order. */
function keysOf(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => keysOf(one, `${prefix}[]`)))]
  if (value === null || typeof value !== 'object') return prefix ? [prefix] : []
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, prefix ? `${prefix}.${key}` : key))
}

describe('the JSON contract', () => {
  after(() => removeServer(home))

  it('is the one that is checked in', async () => {
    const { commands } = JSON.parse(
      readFileSync(path.join(packageRoot(), 'oclif.manifest.json'), 'utf8'),
    ) as {
      commands: Record<string, { args: Record<string, unknown>; flags: Record<string, unknown> }>
    }
    const contract: Record<string, CommandContract> = {}
    for (const [name, { args, flags }] of Object.entries(commands).sort()) {
      contract[name.replaceAll(':', ' ')] = {
        args: Object.keys(args).sort(),
        flags: Object.keys(flags).sort(),
      }
    }
    const env = { ERPMAX_HOME: home, ERPMAX_PG_IDLE: '0' }
    let job = ''
    for (const words of runs) {
      const ran = await erpmax([...words.map((word) => (word === 'LATEST' ? job : word)), '--json'], { env })
      expect(ran.json?.ok, `${words.join(' ')}: ${ran.stdout}${ran.stderr}`).to.equal(true)
      if (words.join(' ') === 'job list') job = String(ran.json?.data.items[0].id)
      const entry = contract[ran.json?.command ?? '']
      if (entry) entry.result = keysOf(ran.json?.data).sort()
    }
    if (process.env.UPDATE_CONTRACT) writeFileSync(file, `${JSON.stringify(contract, null, 1)}\n`)
    expect(contract).to.deep.equal(JSON.parse(readFileSync(file, 'utf8')))
  })
})

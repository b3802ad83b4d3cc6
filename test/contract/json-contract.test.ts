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
  ['audit', 'list'],
  ['config', 'show'],
  ['doctor'],
  ['tenant', 'update', 'acme', '--city', 'Pune'],
  ['tenant', 'suspend', 'acme', '--reason', 'late', '--yes'],
  ['tenant', 'resume', 'acme'],
  ['tenant', 'archive', 'acme', '--yes'],
  ['tenant', 'unarchive', 'acme'],
  ['tenant', 'archive', 'acme', '--yes'],
  ['tenant', 'delete', 'acme', '--now', '--confirm', 'acme'],
  ['tenant', 'history', 'acme'],
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

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
  [
    ...['tenant', 'create', 'acme', '--name', 'Acme', '--admin-email', 'a@acme.test', '--modules', 'finance'],
    ...['--trial-days', '0'],
  ],
  ['tenant', 'check', 'acme'],
  ['tenant', 'list'],
  ['tenant', 'show', 'acme'],
  ['schema', 'provision', 'acme'],
  ['schema', 'verify', 'acme'],
  ['schema', 'repair', 'acme'],
  ['schema', 'tables', '--module', 'hr'],
  ['schema', 'sql'],
  ['module', 'list'],
  ['module', 'show', 'finance'],
  ['module', 'quote', 'acme', '--add', 'crm'],
  ['module', 'subscribe', 'acme', 'crm'],
  ['module', 'check', 'acme', 'crm'],
  ['module', 'unsubscribe', 'acme', 'crm', '--now', '--yes'],
  ['module', 'usage', 'acme'],
  ['module', 'price', 'set', 'hr', '1', '--currency', 'INR', '--cycle', 'monthly', '--from', '2090-01-01'],
  ['module', 'price', 'list', '--module', 'hr'],
  ['plan', 'list'],
  ['plan', 'show', 'STARTER'],
  ['plan', 'set', 'STARTER', '--max-users', '11'],
  ['subscription', 'cancel', 'acme', '--now', '--yes'],
  ['subscription', 'start', 'acme', '--modules', 'finance', '--trial-days', '14'],
  ['subscription', 'extend-trial', 'acme', '--days', '1'],
  ['subscription', 'cancel', 'acme', '--now', '--yes'],
  ['subscription', 'start', 'acme', '--modules', 'finance'],
  ['subscription', 'change', 'acme', '--cycle', 'annual'],
  ['subscription', 'change', 'acme', '--tier', 'PROFESSIONAL'],
  ['subscription', 'cancel', 'acme', '--yes'],
  ['subscription', 'resume', 'acme'],
  ['subscription', 'show', 'acme'],
  ['subscription', 'withdraw', 'acme', 'CHANGE'],
  ['subscription', 'apply', 'acme'],
  ['subscription', 'history', 'acme'],
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
  ['tenant', 'credentials', 'acme'],
  ['feature', 'set', 'acme', 'beta', '--config', '7'],
  ['feature', 'list', 'acme'],
  ['feature', 'unset', 'acme', 'beta'],
  ['usage', 'record', 'acme', '--metric', 'api_calls', '--quantity', '1', '--key', 'k'],
  ['usage', 'show', 'acme'],
  ['usage', 'check', 'acme'],
  ['config', 'show'],
  ['doctor'],
  ['backup', 'create', 'acme', '--output', 'BACKUP'],
  ['backup', 'list'],
  ['backup', 'verify', 'BACKUP'],
  ['backup', 'restore', 'BACKUP', '--as', 'copycat'],
  ['tenant', 'stats'],
  ['tenant', 'reconcile'],
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

  it('is the one that is checked in', async function () {
    this.timeout(300_000)
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
    let change = ''
    const backup = path.join(home, 'acme.erpmax-backup')
    for (const words of runs) {
      const meant: Record<string, string> = { LATEST: job, CHANGE: change, BACKUP: backup }
      const typed = words.map((word) => meant[word] ?? word)
      const ran = await erpmax([...typed, '--json'], { env })
      expect(ran.json?.ok, `${words.join(' ')}: ${ran.stdout}${ran.stderr}`).to.equal(true)
      if (words.join(' ') === 'job list') job = String(ran.json?.data.items[0].id)
      change = String(ran.json?.data?.subscription?.scheduled_changes?.[0]?.id ?? change)
      const entry = contract[ran.json?.command ?? '']
      if (entry) entry.result = keysOf(ran.json?.data).sort()
    }
    if (process.env.UPDATE_CONTRACT) writeFileSync(file, `${JSON.stringify(contract, null, 1)}\n`)
    expect(contract).to.deep.equal(JSON.parse(readFileSync(file, 'utf8')))
  })
})

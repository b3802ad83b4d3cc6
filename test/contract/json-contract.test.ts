/**
 * The JSON contract: flags, arguments and result keys of every command, as checked in. Removing or renaming one is a
 * breaking change. `UPDATE_CONTRACT=1 npm test -- json-contract` writes the file anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'
import { inProcess, manifest, type InProcess } from '../support/in-process.js'
import { queue } from '../support/mail.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import { startRazorpay, type RazorpayStandIn } from '../support/providers/razorpay.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { TestSmtp } from '../support/smtp.js'

const file = path.join(packageRoot(), 'test', 'contract', 'json-contract.json')
const home = throwAwayFolder()

interface CommandContract {
  args: string[]
  flags: string[]
  result?: string[]
}

/**
 * In this order, on one home: each command is run once so that its result has something in it. What begins with `<`
 * goes in by stdin.
 */
const runs: string[][] = [
  ['db', 'start'],
  [
    ...['tenant', 'create', 'acme', '--name', 'Acme', '--admin-email', 'a@acme.test', '--modules', 'finance'],
    ...['--trial-days', '0', '--password-stdin', '<PASSWORD'],
  ],
  [
    ...['billing', 'supplier', 'set', '--legal-name', 'Acme', '--address-line1', '1 MG Road'],
    ...['--gstin', '27AAPFU0939F1ZV'],
  ],
  ['invoice', 'generate', 'acme'],
  ['invoice', 'void', 'INVOICE', '--reason', 'slip', '--yes'],
  ['invoice', 'generate', 'acme'],
  ['invoice', 'credit', 'INVOICE', '--amount', '1', '--reason', 'outage', '--yes'],
  ['payment', 'record', 'INVOICE', '--amount', '1', '--tds', '1', '--tds-section', '194J'],
  ['payment', 'list', 'acme'],
  ['payment', 'show', 'PAYMENT'],
  ['billing', 'close', '--month', '2020-01', '--confirm', '2020-01'],
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
  [
    ...[
      'tenant',
      'create',
      'globex',
      '--name',
      'Globex',
      '--admin-email',
      'g@globex.test',
      '--country',
      'US',
    ],
    ...['--modules', 'finance', '--trial-days', '0'],
  ],
  ['billing', 'run'],
  ['billing', 'status'],
  ['billing', 'dunning', 'show'],
  ['billing', 'dunning', 'set', '--suspended', '20', '--dry-run'],
  ['billing', 'parked', 'list'],
  ['billing', 'parked', 'release', 'globex', '--dry-run'],
  ['billing', 'tax-rate', 'list'],
  ['billing', 'tax-rate', 'set', 'IN', '12', '--code', '998314', '--module', 'crm'],
  ['billing', 'fx', 'set', 'USD', '83.245'],
  ['billing', 'fx', 'list'],
  ['billing', 'parked', 'retry', 'globex'],
  ['billing', 'runs', 'list'],
  ['billing', 'runs', 'show'],
  ['module', 'subscribe', 'acme', 'hr'],
  ['invoice', 'preview', 'acme'],
  ['invoice', 'generate', 'acme'],
  ['module', 'unsubscribe', 'acme', 'hr', '--now', '--yes'],
  ['invoice', 'generate', 'acme'],
  ['credit-note', 'list'],
  ['invoice', 'list'],
  ['invoice', 'show', 'INVOICE'],
  ['invoice', 'export', 'INVOICE', '--output', 'FOLDER'],
  ['invoice', 'send', 'INVOICE'],
  ['credit-note', 'show', 'NOTE'],
  ['credit-note', 'export', 'NOTE', '--output', 'FOLDER'],
  ['statement', 'acme'],
  ['invoice', 'audit'],
  ['billing', 'export', '--month', '2026-04', '--output', 'BOOK'],
  ['audit', 'list'],
  ['tenant', 'credentials', 'acme'],
  ['feature', 'set', 'acme', 'beta', '--config', '7'],
  ['feature', 'list', 'acme'],
  ['feature', 'unset', 'acme', 'beta'],
  ['usage', 'record', 'acme', '--metric', 'api_calls', '--quantity', '1', '--key', 'k'],
  ['usage', 'show', 'acme'],
  ['usage', 'check', 'acme'],
  ['auth', 'login', 'a@acme.test', '--password-stdin', '<PASSWORD'],
  ['auth', 'whoami', '--token-stdin', '<ACCESS'],
  ['auth', 'switch', 'acme', '--token-stdin', '<ACCESS'],
  ['auth', 'refresh', '--token-stdin', '<REFRESH'],
  ['token', 'verify', '--token-stdin', '<ACCESS'],
  ['token', 'revoke', '--token-stdin', '<ACCESS'],
  ['auth', 'logout', '--token-stdin', '<REFRESH'],
  ['token', 'key', 'list'],
  ['token', 'key', 'rotate'],
  ['api-key', 'create', 'acme', '--name', 'sync', '--scope', 'finance:read'],
  ['api-key', 'list', 'acme'],
  ['api-key', 'revoke', 'API_KEY'],
  ['sso-site', 'add', 'acme', '--site', 'https://erp.acme.test'],
  ['sso-site', 'rotate', 'https://erp.acme.test'],
  [
    ...['sso-token', 'issue', '--tenant', 'acme', '--user', 'a@acme.test'],
    ...['--site', 'https://erp.acme.test', '--reason', 'ticket'],
  ],
  ['sso-token', 'inspect', '--token-stdin', '<TOKEN'],
  ['sso-token', 'redeem', '--site', 'https://erp.acme.test', '--token-stdin', '<TOKEN+KEY'],
  ['sso-token', 'list', 'acme'],
  [
    ...['sso-token', 'issue', '--tenant', 'acme', '--user', 'a@acme.test'],
    ...['--site', 'https://erp.acme.test', '--reason', 'ticket'],
  ],
  ['sso-token', 'revoke', '--token-stdin', '<TOKEN'],
  ['sso-site', 'list'],
  ['sso-site', 'remove', 'https://erp.acme.test', '--yes'],
  ['config', 'show'],
  ['doctor'],
  ['backup', 'create', 'acme', '--output', 'BACKUP'],
  ['backup', 'list'],
  ['backup', 'verify', 'BACKUP'],
  ['backup', 'restore', 'BACKUP', '--as', 'copycat'],
  ['db', 'backup', '--output', 'INSTALLATION'],
  ['db', 'restore', 'INSTALLATION', '--dry-run'],
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
  ['mail', 'list'],
  ['mail', 'show', 'MAIL'],
  ['mail', 'send'],
  ['mail', 'retry', '--failed'],
  ['mail', 'test', 'a@acme.test'],
  ['payment', 'providers', 'check'],
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
  let smtp: TestSmtp
  let stripe: StripeStandIn
  let razorpay: RazorpayStandIn

  let program: InProcess

  before(async () => {
    stripe = await startStripe()
    razorpay = await startRazorpay()
    smtp = await TestSmtp.start({ rcpt: (to) => (to === 'nobody@acme.test' ? 550 : 'accept') })
    // Without the webhook secret there is a problem to tell.
    const unset = { RAZORPAY_WEBHOOK_SECRET: '' }
    program = await inProcess(home, null, {
      ...{ SMTP_URL: smtp.url(), ERPMAX_PG_IDLE: '0' },
      ...{ ...stripe.env, ...razorpay.env, ...unset },
    })
  })
  after(async () => {
    program.end()
    await smtp.stop()
    await stripe.close()
    await razorpay.close()
    await removeServer(home)
  })

  it('is the one that is checked in', async () => {
    const contract: Record<string, CommandContract> = {}
    for (const [name, { args, flags }] of Object.entries(manifest).sort()) {
      contract[name.replaceAll(':', ' ')] = {
        args: Object.keys(args).sort(),
        flags: Object.keys(flags).sort(),
      }
    }
    const folder = path.join(home, 'documents/')
    const backup = path.join(home, 'acme.erpmax-backup')
    const meant: Record<string, string> = {
      ...{ BACKUP: backup, INSTALLATION: path.join(home, 'all.erpmax-backup') },
      ...{ FOLDER: folder, BOOK: home, PASSWORD: 'correct horse battery staple' },
    }
    for (const words of runs) {
      if (words.join(' ') === 'mail list') meant.MAIL = await queuedMail()
      const typed = words.filter((word) => !word.startsWith('<')).map((word) => meant[word] ?? word)
      const piped = words.find((word) => word.startsWith('<'))?.slice(1)
      const stdin = piped?.split('+').map((name) => `${meant[name] ?? ''}\n`)
      const ran = await program.typed([...typed, '--json'], stdin?.join(''))
      expect(ran.json?.ok, `${words.join(' ')}: ${ran.stdout}${ran.stderr}`).to.equal(true)
      const data = ran.json?.data
      if (words.join(' ') === 'job list') meant.LATEST = String(data.items[0].id)
      if (words.join(' ') === 'credit-note list') {
        meant.NOTE = String(data.items[0].number)
        meant.INVOICE = String(data.items[0].invoice)
      }
      meant.CHANGE = String(data?.subscription?.scheduled_changes?.[0]?.id ?? meant.CHANGE)
      meant.INVOICE = String(data?.documents?.[0]?.number ?? meant.INVOICE)
      if (typeof data?.access_token === 'string') meant.ACCESS = data.access_token
      if (typeof data?.refresh_token === 'string') meant.REFRESH = data.refresh_token
      meant.API_KEY = String(data?.key?.prefix ?? meant.API_KEY)
      meant.PAYMENT = String(data?.payment?.id ?? meant.PAYMENT)
      if (words[0] === 'sso-site') meant.KEY = String(data.token ?? meant.KEY)
      if (words[0] === 'sso-token') meant.TOKEN = String(data.token ?? meant.TOKEN)
      const entry = contract[ran.json?.command ?? '']
      if (entry) entry.result = keysOf(ran.json?.data).sort()
    }
    if (process.env.UPDATE_CONTRACT) writeFileSync(file, `${JSON.stringify(contract, null, 1)}\n`)
    expect(contract).to.deep.equal(JSON.parse(readFileSync(file, 'utf8')))
  }).timeout(900_000)
})

/** One that the server refuses, so that `mail send` has a problem to tell. */
async function queuedMail(): Promise<string> {
  const ctx = await openThrowAway(home)
  try {
    const attachments = [{ documentKind: 'invoice' as const, documentId: 'none' }]
    await queue(ctx, 'missing@acme.test', { attachments })
    return await queue(ctx, 'nobody@acme.test', { attachments })
  } finally {
    await ctx.close()
  }
}

/** `--dry-run` on every command that has it: the whole database and every file are the same before and after. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'
import { missing, wholeDatabase } from '../support/dump.js'
import { inProcess, type InProcess, type RanHere } from '../support/in-process.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { Place } from '../support/place.js'
import { openThrowAway, throwAwayFolder } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'

const place = new Place(throwAwayFolder())
const files = path.join(place.home, 'files')
const backup = path.join(files, 'acme.erpmax-backup')
const installation = path.join(files, 'all.erpmax-backup')

/** By the name of the command: its words, and the exit code where something is left to do. */
const rehearsals: Record<string, string | [words: string, code: number]> = {
  'backup restore': `${backup}`,
  'billing close': '--month 2026-01',
  'billing dunning set': '--reminders 0,4 --suspended 20 --archived never',
  'billing fx set': 'USD 83.245',
  'billing parked release': 'sleepy',
  'billing parked retry': ['sleepy', 3],
  'billing run': ['', 3],
  'billing supplier set':
    '--legal-name Acme --address-line1 MG-Road --gstin 27AAPFU0939F1ZV --lut-number AD270326000001B --lut-from 2026-04-01 --lut-to 2027-03-31',
  'billing tax-rate set': 'IN 12 --code 998314 --module crm',
  'db migrate': '',
  'db restore': installation,
  'feature set': 'acme beta --config 7',
  'feature unset': 'acme kept',
  'invoice credit': 'INVOICE --amount 1 --reason outage',
  'invoice generate': ['--all', 3],
  'invoice void': 'INVOICE --reason slip',
  'module price set': 'hr 1 --currency INR --cycle monthly --from 2090-01-01',
  'module subscribe': 'globex logistics --with-required',
  'module unsubscribe': 'globex crm --now',
  'payment checkout': 'INVOICE',
  'payment reconcile': '',
  'payment record': 'INVOICE --amount 1',
  'payment refund': 'UTR1 --reason outage',
  'plan set': 'STARTER --max-users 1 --trial-days 3',
  'role create': 'auditor --name Auditor --permissions finance:read',
  'role delete': 'spare',
  'role grant': 'leader crm:write',
  'role revoke': 'leader crm:read',
  'role update': 'leader --name Head',
  'schema drop': 'stored',
  'schema repair': 'acme',
  'subscription apply': '--all',
  'subscription cancel': 'globex --now',
  'subscription change': 'globex --tier PROFESSIONAL --cycle annual --now',
  'subscription extend-trial': 'acme --days 3',
  'subscription resume': 'ending',
  'subscription start': 'ended --modules crm',
  'subscription withdraw': 'initech CHANGE',
  'tenant archive': 'globex',
  'tenant create': 'planned --name Planned --admin-email p@planned.test --modules hr',
  'tenant credentials': 'globex',
  'tenant delete': 'stored --now',
  'tenant reconcile': ['--all --fix', 3],
  'tenant resume': 'sleepy',
  'tenant suspend': 'globex --reason late',
  'tenant unarchive': 'stored',
  'tenant update': 'acme --city Pune --postal-code 411001 --set theme=dark',
  'user disable': 'm@acme.test',
  'user enable': 'away@acme.test',
  'user invite': 'acme new@acme.test --role user',
  'user remove': 'acme m@acme.test',
  'user role': 'acme m@acme.test admin',
  'user transfer-ownership': 'acme m@acme.test',
  'usage record': 'acme --metric api_calls --quantity 7 --key k',
}

/** They change neither tenants nor what these hold, owe or may: they read, make files, or lead the server. */
const without = [
  ...[
    'audit list',
    'backup create',
    'backup list',
    'backup verify',
    'billing dunning show',
    'billing fx list',
    'billing supplier show',
  ],
  ...[
    'billing tax-rate list',
    'config show',
    'db backup',
    'db logs',
    'db start',
    'db status',
    'db stop',
    'db url',
  ],
  ...['doctor', 'feature list', 'job list', 'job show', 'module check', 'module list', 'module price list'],
  ...[
    'module quote',
    'module show',
    'module usage',
    'plan list',
    'plan show',
    'schema provision',
    'schema sql',
  ],
  ...['schema tables', 'schema verify', 'subscription history', 'subscription show', 'tenant check'],
  ...['billing export', 'billing parked list', 'billing runs list', 'billing runs show', 'billing status'],
  ...['credit-note export', 'credit-note list', 'credit-note show', 'statement'],
  ...['invoice audit', 'invoice export', 'invoice list', 'invoice preview', 'invoice send', 'invoice show'],
  ...['mail list', 'mail retry', 'mail send', 'mail show', 'mail test', 'payment list', 'payment show'],
  ...['tenant history', 'tenant list', 'tenant show', 'tenant stats', 'usage check', 'usage show'],
  'payment providers check',
  ...[
    'webhook backfill',
    'webhook dismiss',
    'webhook list',
    'webhook listen',
    'webhook replay',
    'webhook show',
    'webhook status',
  ],
  ...['webhook trigger', 'webhook verify', 'webhook work'],
  ...['access check', 'permission list', 'role list', 'role show', 'user accept', 'user invitations list'],
  ...['user invitations resend', 'user invitations revoke', 'user list', 'user reset-password', 'user show'],
  // Sessions and keys: made, used and ended one by one.
  ...['api-key create', 'api-key list', 'api-key revoke', 'token key list', 'token key rotate'],
  ...[
    'auth login',
    'auth logout',
    'auth refresh',
    'auth switch',
    'auth whoami',
    'token revoke',
    'token verify',
  ],
  // Tokens and keys, which are made, used and ended one by one.
  ...['sso-site add', 'sso-site list', 'sso-site remove', 'sso-site rotate', 'sso-token inspect'],
  ...['sso-token issue', 'sso-token list', 'sso-token redeem', 'sso-token revoke'],
]

describe('--dry-run', function () {
  this.timeout(600_000)
  let change = ''
  let invoice = ''
  let stripe: StripeStandIn
  let program: InProcess

  const run = (command: string, words: string): Promise<RanHere> =>
    program.typed([
      ...command.split(' '),
      ...words.replace('CHANGE', change).replace('INVOICE', invoice).split(' ').filter(Boolean),
      '--json',
    ])

  async function done(command: string, words: string): Promise<RanHere> {
    const ran = await run(command, words)
    expect(ran.code, `${command} ${words}: ${ran.stdout}${ran.stderr}`).to.equal(0)
    return ran
  }

  async function member(email: string): Promise<void> {
    const { json } = await done('user invite', `acme ${email} --role user`)
    const stdin = `${json?.data.token}\nlong-enough-${email}\n`
    const words = ['user', 'accept', '--token-stdin', '--password-stdin', '--name', 'Some', '--json']
    const ran = await program.typed(words, stdin)
    expect(ran.code, ran.stdout).to.equal(0)
  }

  const everything = async (): Promise<Set<string>> =>
    new Set([...(await wholeDatabase(place)), ...filesOf(place.home)])

  async function expectSame(before: ReadonlySet<string>): Promise<void> {
    const after = await everything()
    expect({ gone: missing(before, after), come: missing(after, before) }).to.deep.equal({
      gone: [],
      come: [],
    })
    expect(before.size).to.be.greaterThan(20_000)
  }

  before(async () => {
    mkdirSync(files)
    stripe = await startStripe()
    program = await inProcess(place.home, null, stripe.env)
    const ctx = await openThrowAway(place.home)
    await place.create('acme')
    await done('db backup', `--output ${installation}`)
    await subscribedTenant(ctx, 'globex', { modules: ['crm'], schema: true })
    for (const name of ['ending', 'ended', 'initech', 'sleepy']) await subscribedTenant(ctx, name)
    await subscribedTenant(ctx, 'stored', { schema: true })
    await subscribedTenant(ctx, 'tried', { startedOn: '2026-01-01', trialDays: 14 })
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR' }
    await subscribedTenant(ctx, 'billed', indian)
    await subscribedTenant(ctx, 'paid', indian)
    await ctx.close()
    await done('billing supplier set', '--legal-name Acme --address-line1 MG-Road --gstin 27AAPFU0939F1ZV')
    const { json: generated } = await done('invoice generate', 'billed')
    invoice = String(generated?.data.documents[0].number)
    const paid = await done('invoice generate', 'paid')
    const { number } = paid.json?.data.documents[0] as { number: string }
    const { json: open } = await done('invoice show', number)
    const minor = Number(open?.data.invoice.total.amount_minor)
    await done('payment record', `${number} --amount ${minor / 100} --reference UTR1`)
    for (const name of ['leader', 'spare'])
      await done('role create', `${name} --name Some --permissions crm:read`)
    for (const name of ['m', 'away']) await member(`${name}@acme.test`)
    await done('user disable', 'away@acme.test --yes')
    await place.query(
      `insert into public.parked_accounts (tenant_id, code, reason) select id, 'tax.rule_missing', 'by hand' from public.tenants where subdomain = 'sleepy'`,
    )
    await done('feature set', 'acme kept')
    await done('backup create', `acme --output ${backup}`)
    await done('subscription cancel', 'ending --yes')
    await done('subscription cancel', 'ended --now --yes')
    const { json } = await done('subscription change', 'initech --cycle annual')
    change = String(json?.data.subscription.scheduled_changes[0].id)
    await done('tenant suspend', 'sleepy --reason late --yes')
    await done('tenant archive', 'stored --no-backup --yes')
    await place.query('drop table tenant_acme.leave_types cascade')
  })
  after(async () => {
    program.end()
    await stripe.close()
    await place.remove()
  })

  it('is an option of every command that changes what tenants have, and each is tried here', () => {
    const { commands } = JSON.parse(
      readFileSync(path.join(packageRoot(), 'oclif.manifest.json'), 'utf8'),
    ) as { commands: Record<string, { flags: Record<string, unknown> }> }
    const names = Object.keys(commands).map((name) => name.replaceAll(':', ' '))
    const rehearsing = names.filter((name) => 'dry-run' in (commands[name.replaceAll(' ', ':')]?.flags ?? {}))
    expect(Object.keys(rehearsals)).to.have.members(rehearsing)
    expect(without).to.have.members(names.filter((name) => !rehearsing.includes(name)))
  })

  it('writes nothing: not a row, not a table, not a right, not a file', async () => {
    const before = await everything()
    for (const [command, how] of Object.entries(rehearsals)) {
      const [words, code] = typeof how === 'string' ? [how, 0] : how
      const ran = await run(command, `${words} --dry-run`)
      expect(ran.code, `${command}: ${ran.stdout}${ran.stderr}`).to.equal(code)
      if (command !== 'db migrate') expect(ran.stdout, command).to.match(/"dry_run":\s*true/)
    }
    await expectSame(before)
  })

  it('writes nothing of a refusal either', async () => {
    const before = await everything()
    for (const [command, how] of Object.entries(rehearsals)) {
      if (
        !/^(schema|tenant|module|feature|subscription|usage) /.test(command) ||
        command === 'subscription apply'
      )
        continue
      const [words] = typeof how === 'string' ? [how] : how
      const refused = words.replace(/^\S+/, command === 'tenant create' ? 'www' : 'nobody')
      if (words.startsWith('--') || command === 'module price set') continue
      const ran = await run(command, `${refused} --dry-run`)
      expect(ran.code, `${command}: ${ran.stdout}${ran.stderr}`).to.be.oneOf([2, 5])
    }
    await expectSame(before)
  })
})

/** Names of the home's files; what the server writes of itself is its own. */
function filesOf(home: string): string[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.startsWith('pg18'))
    .map((file) => `file ${file}`)
}

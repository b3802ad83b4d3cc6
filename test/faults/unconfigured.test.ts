/** Without a database nothing pretends to have one; in production nothing from the test bench works. */
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { inProcess, manifest as commands } from '../support/in-process.js'
import { Place } from '../support/place.js'
import { throwAwayFolder } from '../support/server.js'

/** Those that may make the embedded server. */
const creating = ['tenant:create', 'db:start', 'db:migrate', 'db:restore']
/** Those that answer without a database. */
const independent = [
  'schema:sql',
  'schema:tables',
  'config:show',
  'db:status',
  'db:stop',
  'version',
  'doctor',
  'backup:verify',
  'payment:providers:check',
  'webhook:verify',
]

/** Those that want more than a tenant. */
const wanted: Record<string, string[]> = {
  'access:check': ['a@acme.test', 'acme', 'crm:read'],
  'api-key:create': ['acme', '--name', 'sync', '--scope', 'crm:read'],
  'auth:login': ['a@acme.test', '--password-stdin'],
  'auth:logout': ['--token-stdin'],
  'auth:refresh': ['--token-stdin'],
  'auth:switch': ['acme', '--token-stdin'],
  'auth:whoami': ['--token-stdin'],
  'billing:close': ['--list'],
  'billing:dunning:set': ['--suspended', '20'],
  'billing:fx:set': ['USD', '83'],
  'billing:tax-rate:set': ['IN', '18', '--code', '997331'],
  'credit-note:export': ['CN/26-27/00001', '--output', 'never.pdf'],
  'feature:set': ['acme', 'beta'],
  'feature:unset': ['acme', 'beta'],
  'invoice:credit': ['ERP/26-27/00001', '--whole', '--reason', 'late'],
  'invoice:export': ['ERP/26-27/00001', '--output', 'never.pdf'],
  'invoice:generate': ['acme'],
  'invoice:void': ['ERP/26-27/00001', '--reason', 'late'],
  'mail:retry': ['abcd'],
  'module:check': ['acme', 'crm'],
  'module:price:set': ['crm', '1', '--currency', 'USD', '--cycle', 'monthly', '--from', '2090-01-01'],
  'module:unsubscribe': ['acme', 'crm'],
  'payment:refund': ['abcd', '--reason', 'late', '--confirm', 'ERP/26-27/00001'],
  'role:create': ['LEAD', '--name', 'Lead'],
  'role:grant': ['LEAD', 'crm:read'],
  'role:revoke': ['LEAD', 'crm:read'],
  'sso-site:add': ['acme', '--site', 'https://erp.acme.test'],
  'sso-site:remove': ['https://erp.acme.test', '--yes'],
  'sso-site:rotate': ['https://erp.acme.test'],
  'sso-token:inspect': ['--token-stdin'],
  'sso-token:issue': ['--tenant', 'acme', '--user', 'a@acme.test', '--site', 'https://erp.acme.test'],
  'sso-token:redeem': ['--site', 'https://erp.acme.test', '--token-stdin'],
  'sso-token:revoke': ['abcd'],
  'subscription:extend-trial': ['acme', '--days', '1'],
  'subscription:withdraw': ['acme', 'abcd'],
  'tenant:suspend': ['acme', '--reason', 'late'],
  'token:revoke': ['--token-stdin'],
  'token:verify': ['--token-stdin'],
  'user:accept': ['--token-stdin'],
  'user:invitations:resend': ['acme', 'a@acme.test'],
  'user:invitations:revoke': ['acme', 'a@acme.test'],
  'user:invite': ['acme', 'a@acme.test', '--role', 'admin'],
  'user:remove': ['acme', 'a@acme.test'],
  'user:role': ['acme', 'a@acme.test', 'admin'],
  'user:transfer-ownership': ['acme', 'a@acme.test', '--yes'],
  'webhook:backfill': ['--since', '2026-11-20'],
  'webhook:dismiss': ['1f6b2c9e', '--reason', 'done', '--yes'],
  'webhook:replay': ['--failed'],
  'webhook:trigger': ['stripe', 'payment_intent.succeeded', '--invoice', 'ERP/26-27/00001'],
  'usage:record': ['acme', '--metric', 'api_calls', '--quantity', '1', '--key', 'k'],
}

/** What a command cannot do without, filled with something harmless. */
function words(id: string): string[] {
  if (wanted[id]) return [...id.split(':'), ...wanted[id], '--json']
  const { args, flags } = commands[id] ?? { args: {}, flags: {} }
  const named = Object.values(args).some(({ required }) => required)
  return [
    ...id.split(':'),
    ...(named ? ['acme'] : []),
    ...('all' in flags && !named ? ['--all'] : []),
    ...('confirm' in flags ? ['--confirm', 'acme'] : []),
    '--json',
  ]
}

describe('without a database', function () {
  this.timeout(600_000)
  const place = new Place(throwAwayFolder())
  after(() => rmSync(place.home, { recursive: true, force: true }))

  const reading = Object.keys(commands).filter(
    (id) => ![...creating, ...independent].includes(id) && !/^(help|autocomplete)/.test(id),
  )

  it('there are commands to try', () => expect(reading).to.include.members(['schema:verify', 'db:url']))

  it('every reading command says so and makes nothing', async () => {
    expect(await others(reading, {})).to.deep.equal([])
    expect(existsSync(path.join(place.home, 'pg18'))).to.equal(false)
  })

  it('db migrate --dry-run makes nothing either', async () => {
    const ran = await place.run(['db', 'migrate', '--dry-run', '--json'])
    expect(ran.code, ran.stdout).to.equal(9)
    expect(ran.json?.error?.code).to.equal('database.not_configured')
    expect(existsSync(path.join(place.home, 'pg18'))).to.equal(false)
  })

  it('in production no command makes an embedded server by itself', async () => {
    expect(await others([...reading, 'db:start', 'db:migrate'], { ERPMAX_ENV: 'production' })).to.deep.equal(
      [],
    )
    const ran = await place.create('acme', { env: { ERPMAX_ENV: 'production' } })
    expect(ran.code, ran.stdout).to.equal(9)
    expect(ran.json?.error?.code).to.equal('database.not_configured')
    expect(existsSync(path.join(place.home, 'pg18'))).to.equal(false)
  })

  for (const [name, value] of [
    ['ERPMAX_NOW', '2026-03-31T18:30:00Z'],
    ['ERPMAX_FAILPOINT', 'create.after_schema:kill'],
  ] as const) {
    it(`in production ${name} is refused`, async () => {
      const env = {
        ERPMAX_ENV: 'production',
        DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
        [name]: value,
      }
      const ran = await place.create('acme', { env })
      expect(ran.code, ran.stdout).to.equal(2)
      expect(ran.json?.error?.code).to.equal('config.not_in_production')
    })
  }

  it('that answers, the command says which one could not be reached, without the password', async () => {
    const env = { DATABASE_URL: 'postgresql://shop:geheim-geheim@127.0.0.1:1/shop' }
    const ran = await place.create('acme', { env })
    expect(ran.code, ran.stdout).to.equal(9)
    expect(ran.json?.error?.code).to.equal('database.unreachable')
    expect(ran.stdout + ran.stderr).not.to.include('geheim-geheim')
  })

  /** The commands that do anything but exit 9 with `database.not_configured`. */
  async function others(ids: readonly string[], env: Record<string, string>): Promise<string[]> {
    const program = await inProcess(place.home, null, env)
    const wrong: string[] = []
    try {
      for (const id of ids) {
        const { code, stdout, stderr, json } = await program.typed(words(id), 'a secret\n')
        if (code !== 9 || json?.error?.code !== 'database.not_configured')
          wrong.push(`${id}: exit ${code} ${stdout.slice(0, 300)}${stderr.slice(0, 300)}`)
      }
    } finally {
      program.end()
    }
    return wrong
  }
})

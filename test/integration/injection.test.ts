/**
 * Strings that are code elsewhere, in every text argument and flag of every command in the manifest: they are text
 * here. Commands run in this process, on the shared server.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Config } from '@oclif/core'
import { expect } from 'chai'
import fc from 'fast-check'
import { oneRow, sql } from '../../src/database/sql.js'
import { packageRoot } from '../../src/kernel/package-root.js'
import { full } from '../support/place.js'
import { sharedContext, throwAwayFolder } from '../support/server.js'
import { siteOf } from '../support/sso.js'
import { addPeople, subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

interface Described {
  args: Record<string, { required?: boolean; options?: string[] }>
  flags: Record<string, { type: string; required?: boolean; options?: string[] }>
}

const { commands } = JSON.parse(readFileSync(path.join(packageRoot(), 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, Described>
}

/** They lead the server or do not end. */
const left =
  /^(db:(start|stop|restore|migrate)|webhook:(listen|forward|tail)|help|autocomplete|version|commands)/
/** Names of files are the operator's own, and mean files. */
const files = ['output', 'from-file', 'from', 'file']
/** Their bad news is exit 1. */
const judges = ['doctor', 'schema:verify', 'invoice:audit']

const pieces = {
  sql: [
    ...[
      "'; drop table public.tenants; --",
      '" or ""="',
      "' or '1'='1",
      "'); truncate public.users cascade; --",
    ],
    ...[
      '$1',
      '?',
      '??',
      ':name',
      '%',
      '_',
      '\\',
      "\\'",
      "E'\\x27'",
      '; select pg_sleep(30)',
      '/*',
      '*/',
      '--',
    ],
    ...['${process.exit(7)}', '$$; drop schema public cascade; $$', '{"a": 1}', '[]', 'null', 'NaN', '1e999'],
  ],
  log: [
    ...[
      '\n',
      '\r\n',
      '\r',
      '\nError: all is lost',
      '\r\nSet-Cookie: a=b',
      '\r\n\r\nHTTP/1.1 200 OK',
      '\t',
      '\b\b\b',
    ],
    ...[
      '\u001b[2J',
      '\u001b[31mred',
      '\u001b]0;title\u0007',
      '\u001b[8mhidden\u001b[0m',
      '\u009b31m',
      '\u0085',
    ],
    ...['\u202etxt.exe', '\u2028', '\u200b', '\ufeff', '\ud800', '%s%n%x', '%00', '\u007f'],
  ],
  template: [
    ...[
      '{{ 7 | times: 7 }}',
      '{% include "../../../etc/passwd" %}',
      '{{ secrets }}',
      '<%= 7 * 7 %>',
      '#{7*7}',
    ],
    ...[
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '&lt;',
      '$(touch pwned)',
      '`touch pwned`',
      '| touch pwned',
    ],
    ...['; touch pwned', '../../../../etc/passwd', '__proto__', 'constructor', 'toString', '=1+1', '@SUM(1)'],
  ],
}
const any = fc
  .array(fc.constantFrom(...pieces.sql, ...pieces.log, ...pieces.template, 'acme', ' ', 'x'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''))

/** What else a command needs to get anywhere. */
const words: Record<string, string[]> = {
  'billing:close': ['--month', '2020-01'],
  'billing:export': ['--month', '2020-01', '--output', '-'],
  'billing:fx:set': ['USD', '83'],
  'billing:tax-rate:set': ['IN', '18', '--code', '997331'],
  'credit-note:export': ['CN/26-27/00001', '--output', '-'],
  'feature:set': ['inject', 'beta'],
  'feature:unset': ['inject', 'beta'],
  'invoice:credit': ['ERP/26-27/00001', '--whole', '--reason', 'late'],
  'invoice:export': ['ERP/26-27/00001', '--output', '-'],
  'invoice:void': ['ERP/26-27/00001', '--reason', 'late'],
  'module:check': ['inject', 'crm'],
  'module:price:set': ['crm', '1', '--currency', 'USD', '--cycle', 'monthly', '--from', '2090-01-01'],
  'module:quote': ['inject', '--add', 'hr'],
  'module:show': ['crm'],
  'module:subscribe': ['inject', 'hr'],
  'module:unsubscribe': ['inject', 'crm'],
  'payment:record': ['ERP/26-27/00001', '--amount', '1'],
  'plan:set': ['STARTER'],
  'sso-site:add': ['inject', '--site', 'https://inject-2.example.test'],
  'sso-site:remove': ['https://inject.example.test', '--yes'],
  'sso-site:rotate': ['https://inject.example.test'],
  'sso-token:issue': [
    ...['--tenant', 'inject', '--user', 'USER', '--site', 'https://inject.example.test', '--reason', 'why'],
  ],
  'sso-token:redeem': ['--site', 'https://inject.example.test', '--token-stdin'],
  'subscription:extend-trial': ['inject', '--days', '1'],
  'tenant:create': ['inject-new', '--name', 'New', '--admin-email', 'new@inject.test'],
  'tenant:suspend': ['inject', '--reason', 'late'],
  'tenant:update': ['inject', '--city', 'Pune'],
  'usage:record': ['inject', '--metric', 'api_calls', '--quantity', '1', '--key', 'k'],
}
/** What they change is looked at afterwards, so they change it; the others are rehearsed where they can be. */
const inEarnest = ['feature:set', 'tenant:update', 'usage:record', 'sso-token:issue']

interface Ran {
  code: number
  stdout: string
  stderr: string
}

describe('text that is code elsewhere', function () {
  this.timeout(300_000)
  let ctx: OpenedContext
  let tenant: SubscribedTenant
  let config: Config
  let user = ''
  const folder = path.join(throwAwayFolder(), 'deep', 'inside')
  const home = process.cwd()
  const environment = { ...process.env }

  before(async () => {
    ctx = await sharedContext()
    tenant = await subscribedTenant(ctx, 'inject', { modules: ['crm'], schema: true })
    await addPeople(ctx, tenant.id, 'inject', 1)
    await siteOf(ctx, tenant, 'https://inject.example.test')
    const found = await oneRow<{ email: string }>(
      ctx.db,
      sql`select email from public.users u join public.memberships m on m.user_id = u.id where m.tenant_id = ${tenant.id}`,
    )
    user = found.email
    config = await Config.load(packageRoot())
    mkdirSync(folder, { recursive: true })
    process.chdir(folder)
    process.env.ERPMAX_HOME = ctx.config.text('ERPMAX_HOME') ?? ''
    process.env.ERPMAX_PG_IDLE = '600'
    process.env.NO_COLOR = '1'
  })
  after(() => {
    process.chdir(home)
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
    Object.assign(process.env, environment)
  })

  async function run(id: string, argv: readonly string[]): Promise<Ran> {
    const out = { stdout: '', stderr: '' }
    const kept = { stdout: process.stdout.write, stderr: process.stderr.write, code: process.exitCode }
    const take =
      (stream: keyof typeof out) =>
      (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
        out[stream] += Buffer.from(chunk).toString()
        for (const done of more) if (typeof done === 'function') (done as () => void)()
        return true
      }
    process.stdout.write = take('stdout')
    process.stderr.write = take('stderr')
    process.exitCode = 0
    try {
      await config.runCommand(id, [...argv])
      return { code: process.exitCode, ...out }
    } finally {
      process.stdout.write = kept.stdout
      process.stderr.write = kept.stderr
      process.exitCode = kept.code
    }
  }

  /** The command line with the text in one place, the rest as it needs it. */
  function lineOf(id: string, place: string, text: string): string[] {
    const { args, flags } = commands[id] ?? { args: {}, flags: {} }
    const given = (words[id] ?? []).map((word) => (word === 'USER' ? user : word))
    const names = Object.keys(args)
    const optionAt = given.findIndex((word) => word.startsWith('--'))
    const positional = given.slice(0, optionAt === -1 ? undefined : optionAt)
    const options = optionAt === -1 ? [] : given.slice(optionAt)
    if (names.includes(place)) positional[names.indexOf(place)] = text
    for (const [at, name] of names.entries())
      if (positional[at] === undefined && (args[name]?.required || at < names.indexOf(place)))
        positional[at] = name === 'tenant' ? 'inject' : (args[name]?.options?.[0] ?? 'x')
    // One tenant by the argument, or several by the flags.
    const chosen = ['tenant', 'tier', 'module', 'exclude'].includes(place) && 'all' in flags
    const needed = Object.entries(flags).flatMap(([name, flag]) =>
      flag.required && name !== place && !options.includes(`--${name}`)
        ? [`--${name}=${flag.options?.[0] ?? 'x'}`]
        : [],
    )
    const at = options.indexOf(`--${place}`)
    if (at !== -1) options.splice(at, 2)
    const sure = ['yes', ...(inEarnest.includes(id) ? [] : ['dry-run'])].filter((name) => name in flags)
    return [
      ...(chosen && names[0] === 'tenant' ? positional.slice(1) : positional),
      ...(names.includes(place) ? [] : [`--${place}=${text}`]),
      ...[...options, ...needed, ...sure.map((name) => `--${name}`), '--no-input'],
    ]
  }

  const places = Object.entries(commands)
    .filter(([id]) => !left.test(id))
    .flatMap(([id, { args, flags }]) => [
      ...Object.entries(args).map(([name, { options }]) => ({ id, name, options })),
      ...Object.entries(flags)
        .filter(([, { type }]) => type === 'option')
        .map(([name, { options }]) => ({ id, name, options })),
    ])
    .filter(({ name, options }) => !options && !files.includes(name))

  /** Everything that could have been dropped, emptied or renamed. */
  const standing = (): Promise<{ tables: string; tenants: number; routines: number }> =>
    oneRow(
      ctx.db,
      sql`select (select string_agg(c.oid::regclass::text, ',' order by c.oid) from pg_class c
                  where c.relnamespace in ('public'::regnamespace, ${tenant.schema}::regnamespace) and c.relkind in ('r', 'v')) as tables,
                 (select count(*)::int from public.tenants where subdomain = 'inject' and status = 'active') as tenants,
                 (select count(*)::int from pg_proc where pronamespace = 'public'::regnamespace) as routines`,
    )

  /** What a terminal or a log would act upon. */
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

  it('changes nothing, breaks nothing and shows as text, wherever a command takes it', async () => {
    const before = await standing()
    const texts = fc.sample(any, { numRuns: places.length * 2, ...(full ? {} : { seed: 20261121 }) })
    const wrong: string[] = []
    for (const [at, { id, name }] of places.entries()) {
      const text = texts[at] ?? ''
      for (const form of [[], ...(at % 4 === 0 ? [['--json']] : [])]) {
        const argv = [...lineOf(id, name, text), ...form]
        const { code, stdout, stderr } = await run(id, argv)
        const shown = `${id} ${JSON.stringify(argv)}`
        if (code === 1 && !judges.includes(id)) wrong.push(`${shown}: exit 1 ${stdout}${stderr}`)
        const raw = control.exec(stdout) ?? control.exec(stderr)
        if (raw) wrong.push(`${shown}: shows ${JSON.stringify(raw[0])} in ${JSON.stringify(stdout + stderr)}`)
        if (form.length > 0) JSON.parse(stdout)
      }
    }
    expect(places.length).to.be.greaterThan(250)
    expect(wrong.map((one) => one.slice(0, 600)).join('\n')).to.equal('')
    expect(await standing()).to.deep.equal(before)
    expect(readdirSync(folder)).to.deep.equal([])
  })
})

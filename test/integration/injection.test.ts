/**
 * Strings that are code elsewhere, in every text argument, flag and stdin of every command in the manifest: they are
 * text here, and what is kept of them is what was typed. Commands run in this process, on a server of their own.
 */
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { identifier, join, oneRow, rows, sql } from '../../src/database/sql.js'
import { commandLines, keptElsewhere, keptTexts } from '../support/command-lines.js'
import { inProcess, manifest as commands, type InProcess } from '../support/in-process.js'
import { control, injected, oneLiner } from '../support/injected.js'
import { invited, member, peopledTenant } from '../support/people.js'
import { full, times } from '../support/place.js'
import { startStripe, type StripeStandIn } from '../support/providers/stripe.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import { siteOf } from '../support/sso.js'
import type { OpenedContext } from '../../src/context.js'
import type { SubscribedTenant } from '../support/tenants.js'

/** Names of files that are written are the operator's own, and mean files. */
const written = ['output']
/** Their bad news is exit 1. */
const judges = ['doctor', 'schema:verify', 'invoice:audit', 'webhook:verify']
/** What they change is looked at afterwards, so they change it; the others are rehearsed where they can be. */
const inEarnest = ['feature:set', 'tenant:update', 'usage:record', 'sso-token:issue']

interface Place {
  id: string
  /** Of an argument or a flag; `stdin` for what a secret comes in by. */
  name: string
}

const places: Place[] = Object.entries(commands).flatMap(([id, { args, flags }]) => [
  ...Object.entries(args)
    .filter(([, { options }]) => !options)
    .map(([name]) => ({ id, name })),
  ...Object.entries(flags)
    .filter(([name, { type, options }]) => type === 'option' && !options && !written.includes(name))
    .map(([name]) => ({ id, name })),
  ...(Object.keys(flags).some((name) => name.endsWith('-stdin')) ? [{ id, name: 'stdin' }] : []),
])

describe('text that is code elsewhere', function () {
  this.timeout(600_000)
  let ctx: OpenedContext
  let tenant: SubscribedTenant
  let program: InProcess
  let words: Record<string, string>
  let stripe: StripeStandIn
  let fresh = 0
  const home = throwAwayFolder()
  const folder = path.join(throwAwayFolder(), 'deep', 'inside')
  const taken = net.createServer()

  before(async () => {
    ctx = await openThrowAway(home, { ERPMAX_PG_IDLE: '600' })
    tenant = await peopledTenant(ctx, 'inject', { modules: ['crm'] })
    await member(ctx, tenant, 'clerk@inject.test', 'user')
    await invited(ctx, 'inject', 'waiting@inject.test')
    await siteOf(ctx, tenant, 'https://inject.example.test')
    mkdirSync(folder, { recursive: true })
    const file = path.join(folder, '..', 'event.json')
    writeFileSync(file, '{"id": "evt_1", "type": "payment_intent.succeeded"}')
    // Nobody listens where somebody does already.
    await once(taken.listen(0), 'listening')
    stripe = await startStripe()
    program = await inProcess(home, folder, {
      ...{ ...stripe.env, ERPMAX_SSO_SITE_KEY: 'erpsite_none' },
    })
    words = {
      ...{ TENANT: 'inject', USER: 'clerk@inject.test', INVITED: 'waiting@inject.test', FILE: file },
      ...{ SITE: 'https://inject.example.test', TAKEN: String((taken.address() as AddressInfo).port) },
    }
    const supplier = ['--legal-name', 'Muster GmbH', '--address-line1', 'Allee 1', '--city', 'Berlin']
    await done('billing:supplier:set', [...supplier, '--country', 'DE', '--vat-id', 'DE136695976'])
    await done('invoice:generate', ['inject'])
    words.INVOICE = (await oneRow<{ number: string }>(ctx.db, sql`select number from public.invoices`)).number
    await done('payment:record', [words.INVOICE, '--amount', '1', '--reference', 'paid-1'])
    words.PAYMENT = 'paid-1'
    await done('role:create', ['clerk', '--name', 'Clerk'])
    await done('tenant:update', ['inject', '--set', 'theme=dark'])
  })
  after(async () => {
    program?.end()
    taken.close()
    await stripe?.close()
    await ctx?.close()
    await removeServer(home)
  })

  async function done(id: string, argv: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await program.run(id, [...argv, '--no-input'])
    expect(code, `${id}\n${stdout}\n${stderr}`).to.equal(0)
  }

  const said = (word: string): string => {
    if (word === 'NEW') return `new-${(fresh += 1)}`
    if (word === 'MAIL') return `new-${(fresh += 1)}@inject.test`
    return word === 'SITE2'
      ? `https://inject-${(fresh += 1)}.example.test`
      : ((Object.hasOwn(words, word) ? words[word] : null) ?? word)
  }

  /** The command line with the text in one place, the rest as it needs it. */
  function lineOf(id: string, place: string, text: string): string[] {
    const { args, flags } = commands[id] ?? { args: {}, flags: {} }
    const given = (commandLines[id] ?? []).map(said)
    const names = Object.keys(args)
    const optionAt = given.findIndex((word) => word.startsWith('--'))
    const positional = given.slice(0, optionAt === -1 ? undefined : optionAt)
    const options = optionAt === -1 ? [] : given.slice(optionAt)
    const at = names.indexOf(place)
    for (const [index, name] of names.entries())
      if (index < at) positional[index] ??= name === 'tenant' ? 'inject' : (args[name]?.options?.[0] ?? 'x')
    if (at !== -1) positional[at] = text
    const there = options.indexOf(`--${place}`)
    if (there !== -1) options.splice(there, options[there + 1]?.startsWith('--') ? 1 : 2)
    // One tenant by the argument, or several by the flags.
    const chosen = ['tenant', 'tier', 'module', 'exclude', 'from-file'].includes(place) && 'all' in flags
    const byFlag = place in flags
    const more = [
      ...['yes', ...(inEarnest.includes(id) ? [] : ['dry-run'])].filter((name) => name in flags),
      ...(chosen && byFlag && place === 'exclude' ? ['all'] : []),
      ...(place === 'stdin' ? Object.keys(flags).filter((name) => name.endsWith('-stdin')) : []),
    ].filter((name) => !options.includes(`--${name}`))
    return [
      ...(chosen && byFlag && names[0] === 'tenant' ? positional.slice(1) : positional),
      ...(byFlag ? [`--${place}=${text}`] : []),
      ...[...options, ...more.map((name) => `--${name}`), '--no-input'],
    ]
  }

  /** Everything that could have been dropped, emptied or renamed. */
  const standing = (): Promise<object> =>
    oneRow(
      ctx.db,
      sql`select (select string_agg(c.oid::regclass::text, ',' order by c.oid) from pg_class c
                  where c.relnamespace in ('public'::regnamespace, ${tenant.schema}::regnamespace) and c.relkind in ('r', 'v')) as tables,
                 (select count(*)::int from public.tenants where subdomain = 'inject' and status = 'active') as tenants,
                 (select count(*)::int from public.memberships where status = 'active') as members,
                 (select count(*)::int from public.invoices) as invoices, (select count(*)::int from public.payments) as payments,
                 (select count(*)::int from pg_proc where pronamespace = 'public'::regnamespace) as routines,
                 (select count(*)::int from pg_roles) as roles`,
    )

  it('is tried wherever a command takes a text, one that was added today too', () => {
    const commandsOf = new Set(places.map(({ id }) => id))
    expect(
      [...commandsOf].filter((id) => !(id in commandLines)),
      'missing in test/support/command-lines.ts',
    ).to.deep.equal([])
    expect(Object.keys(commandLines).filter((id) => !(id in commands))).to.deep.equal([])
    expect(places.length).to.be.greaterThan(330)
  })

  it('reaches what each command does: without it they do their work, or say what is not there', async function () {
    if (!full) return this.skip()
    const refused: string[] = []
    for (const id of Object.keys(commandLines)) {
      const { code, stdout, stderr } = await program.run(
        id,
        lineOf(id, '', ''),
        'correct horse battery staple',
      )
      if (code !== 0 && !judges.includes(id))
        refused.push(
          `${id} ${code} ${(stdout + stderr).split('\n').find((line) => line.startsWith('Error')) ?? ''}`,
        )
    }
    expect(refused.filter((one) => / (1|2) /.test(one)).join('\n')).to.equal('')
  })

  it('changes nothing, breaks nothing and shows as text', async () => {
    const before = await standing()
    const rounds = times(1, 4)
    const texts = fc.sample(injected, {
      numRuns: places.length * rounds,
      ...(full ? {} : { seed: 20261121 }),
    })
    const wrong: string[] = []
    for (const [at, { id, name }] of Array.from({ length: rounds }, () => places)
      .flat()
      .entries()) {
      // As a system hands it over: half a character is none there.
      const text = Buffer.from(texts[at] ?? '').toString()
      const argv = [...lineOf(id, name, text), ...(at % 4 === 0 ? ['--json'] : [])]
      const { code, stdout, stderr } = await program.run(
        id,
        argv,
        name === 'stdin' ? text : 'correct horse battery',
      )
      const shown = `${id} ${JSON.stringify(argv)}${name === 'stdin' ? ` < ${JSON.stringify(text)}` : ''}`
      if (code === 1 && !judges.includes(id)) wrong.push(`${shown}: exit 1 ${stdout}${stderr}`)
      const raw = control.exec(stdout) ?? control.exec(stderr)
      if (raw) wrong.push(`${shown}: shows ${JSON.stringify(raw[0])} in ${JSON.stringify(stdout + stderr)}`)
      if (at % 4 === 0) JSON.parse(stdout)
    }
    expect(wrong.map((one) => one.slice(0, 600)).join('\n')).to.equal('')
    expect(await standing()).to.deep.equal(before)
    expect(readdirSync(folder)).to.deep.equal([])
  })

  describe('is kept as it was typed', () => {
    const free =
      /^(name|legal-name|note|reason|description|reference|source|city|address-line\d|key|config|set|admin-name)$/
    const known = places
      .filter(({ id, name }) => free.test(name) && name in (commands[id]?.flags ?? {}))
      .map(({ id, name }) => `${id} --${name}`)

    /** The tables in which it is a whole text, in a column or inside a document. */
    async function keptIn(text: string): Promise<string[]> {
      const tables = await rows<{ name: string }>(
        ctx.db,
        sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
      )
      const looks = tables.map(
        ({ name }) =>
          sql`select ${name} as name where exists (
                select from public.${identifier(name)} t, jsonb_path_query(to_jsonb(t), 'lax $.**') as part
                where part = to_jsonb(${text}::text))`,
      )
      const found = await rows<{ name: string }>(ctx.db, join(looks, ' union all '))
      return found.map(({ name }) => name)
    }

    it('wherever a command takes a free text', () => {
      expect(known.filter((one) => !(one in keptTexts) && !keptElsewhere.includes(one))).to.deep.equal([])
      expect(
        [...Object.keys(keptTexts), ...keptElsewhere].filter((one) => !known.includes(one)),
      ).to.deep.equal([])
    })

    for (const [where, line] of Object.entries(keptTexts))
      it(where, async () => {
        const [id = ''] = where.split(' ')
        const [words = '', ...undo] = line.split(' ; ')
        const texts = [`${oneLiner} ${(fresh += 1)}`, ...fc.sample(injected, times(1, 20))]
        for (const [at, typed] of texts.entries()) {
          // As it leaves here: half a character is none. A key has no spaces.
          const whole = Buffer.from(typed).toString()
          const text = where === 'usage:record --key' ? whole.replaceAll(' ', '') : whole
          const argv = words
            .split(' ')
            .map((word) => word.replace('TEXT', () => text).replace('JSON', () => JSON.stringify({ text })))
          const { flags = {} } = commands[id] ?? {}
          const more = ['yes'].filter((name) => name in flags).map((name) => `--${name}`)
          // As one word, so that a text may begin with a hyphen.
          const joined = argv.map(said).reduce<string[]>((all, word) => {
            if (
              all.at(-1)?.startsWith('--') &&
              !all.at(-1)?.includes('=') &&
              !word.startsWith('--') &&
              all.at(-1) !== '--reopen'
            )
              all.push(`${all.pop()}=${word}`)
            else all.push(word)
            return all
          }, [])
          const { code, stdout, stderr } = await program.run(id, [...joined, ...more, '--no-input', '--json'])
          const told = `${id} ${JSON.stringify(joined)}\n${stdout}${stderr}`
          if (at === 0) expect(code, told).to.equal(0)
          expect(code, told).to.be.oneOf([0, 2, 4, 6])
          // Said already, or refused: there is nothing to keep.
          if (code !== 0 || (at > 0 && stdout.includes('"changed": false'))) continue
          expect([...(await keptIn(text)), ...(await keptIn(text.trim()))], told).not.to.deep.equal([])
          for (const one of undo) {
            const [back = '', ...rest] = one.split(' ')
            await done(back, rest.map(said))
          }
        }
      })
  })
})

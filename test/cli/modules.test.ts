/** Modules and prices as people and scripts meet them: the built program, its exit codes, hints that work as printed. */
import { expect } from 'chai'
import { controlPlane } from '../support/dump.js'
import { rejection } from '../support/errors.js'
import { Place, times } from '../support/place.js'
import { Screen, tmuxIsThere } from '../support/screen.js'
import { openThrowAway, throwAwayFolder } from '../support/server.js'
import { subscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'
import type { Envelope } from '../support/cli.js'

const february = '2026-02-10T06:30:00Z'
const april = '2026-04-20T06:30:00Z'

const india = { timeZone: 'Asia/Kolkata' }

describe('modules, by the built program', () => {
  const home = throwAwayFolder()
  const place = new Place(home)
  let ctx: OpenedContext

  before(async () => {
    ctx = await openThrowAway(home)
    await subscribedTenant(ctx, 'acme', { ...india, startedOn: '2026-01-31', modules: ['crm'] })
    await subscribedTenant(ctx, 'globex', { ...india, startedOn: '2026-04-05', modules: ['crm'] })
    await subscribedTenant(ctx, 'initech', { ...india, startedOn: '2026-02-28', tier: 'ENTERPRISE' })
  })
  after(async () => {
    await ctx.close()
    await place.remove()
  })

  async function json(words: string, now: string, code = 0, how: 'here' | 'run' = 'here'): Promise<Envelope> {
    const ran = await place[how]([...words.split(' '), '--json'], { env: { ERPMAX_NOW: now } })
    expect(ran.code, `${words}: ${ran.stdout}${ran.stderr}`).to.equal(code)
    expect(ran.json, ran.stdout).to.not.equal(null)
    return ran.json ?? { ok: false }
  }

  const amounts = ({ data }: Envelope): number[] =>
    data.quote.lines.map((line: { amount_minor: number }) => line.amount_minor)

  it('quotes to the cent, at the day and in the period there is', async () => {
    const { data } = await json('module quote acme --add finance', february)
    expect(data.quote).to.deep.equal({
      lines: [
        {
          ...{ description: 'Finance & Accounting', from: '2026-02-10', to: '2026-02-28' },
          amount_minor: 320_79,
        },
      ],
      now: { amount_minor: 320_79, currency: 'USD' },
      per_period: { amount_minor: 49_00 + 199_00 + 499_00, currency: 'USD' },
    })
    expect(amounts(await json('module quote globex --add finance --remove crm', april))).to.deep.equal([
      -99_50, 249_50,
    ])
    const ten = 'oms_wms,finance,dealer_distribution,field_service,logistics,procurement,crm,hr,bi'
    const all = await json(`module quote initech --add ${ten}`, '2026-02-28T06:30:00Z')
    expect(all.data.quote.now).to.deep.equal({ amount_minor: 2_891_00, currency: 'USD' })
    expect((await json('module quote acme', february, 2)).error?.code).to.equal('usage.modules')
  })

  it('refuses what is incomplete, and the hint works as printed', async () => {
    const { error } = await json('module subscribe acme logistics', february, 6)
    expect(error).to.deep.include({
      code: 'module.requires',
      details: { module: 'logistics', missing: ['oms_wms'] },
    })
    const [program, ...words] = error?.hint?.split(' ') ?? []
    expect(program).to.equal('erpmax')
    const done = await json(words.join(' '), february)
    expect(done.data.modules.map(({ code }: { code: string }) => code)).to.deep.equal([
      'oms_wms',
      'logistics',
    ])
    // 299.00 x 18/28 = 192.214...
    expect(amounts(done)).to.deep.equal([192_21, 192_21])
    const plan = await json('module subscribe globex logistics --with-required --dry-run', april)
    expect(plan.data).to.deep.include({ dry_run: true, changed: true })
  })

  it('refuses a fourth paid module on STARTER, and names the tier that would do', async () => {
    const { error } = await json('module subscribe acme hr', february, 6)
    expect(error).to.deep.include({
      code: 'tier.too_many_modules',
      hint: 'erpmax subscription change acme --tier PROFESSIONAL',
      details: { tier: 'STARTER', limit: 3, asked: 4, tier_that_fits: 'PROFESSIONAL' },
    })
    expect((await json('module quote acme --add hr', february, 6)).error?.code).to.equal(error?.code)
    const [log] = (await json('audit list --action module.subscribe --outcome refused --limit 1', february))
      .data.items
    expect(log).to.include({ subject: 'acme', error_code: 'tier.too_many_modules' })
  })

  it('keeps the base, and what others need', async () => {
    expect((await json('module unsubscribe acme system_admin', february, 6)).error?.code).to.equal(
      'module.base',
    )
    const { error } = await json('module unsubscribe acme oms_wms', february, 6)
    expect(error).to.deep.include({
      code: 'module.required_by',
      details: { module: 'oms_wms', required_by: ['logistics'] },
      hint: 'erpmax module unsubscribe acme oms_wms logistics',
    })
    const both = await json('module unsubscribe acme oms_wms logistics', february)
    expect(both.data).to.deep.include({ on: '2026-02-28', scheduled: true })
    const back = await json('module subscribe acme oms_wms,logistics', february)
    expect(back.data.modules.map(({ outcome }: { outcome: string }) => outcome)).to.deep.equal([
      'kept',
      'kept',
    ])
    expect(amounts(back)).to.deep.equal([])
  })

  it('answers scripts: 0 entitled, 4 not, 5 no such thing, 2 nothing named', async () => {
    expect((await json('module check acme crm', february)).data.check).to.include({
      ...{ entitled: true, reason: 'subscribed' },
      until: null,
    })
    expect((await json('module check acme hr', february, 4)).data.check).to.include({ entitled: false })
    expect((await json('module check acme payroll', february, 5)).error?.code).to.equal('module.unknown')
    expect((await json('module check nobody crm', february, 5)).error?.code).to.equal('tenant.not_found')
    for (const words of ['module subscribe acme', 'module unsubscribe acme'])
      expect((await json(words, february, 2)).error?.code, words).to.equal('usage.modules')
  })

  it('asks before it takes a module away at once', async () => {
    const before = await controlPlane(place, ['audit_log'])
    const refused = await json('module unsubscribe globex crm --now', april, 2)
    expect(refused.error?.code).to.equal('usage.confirmation_missing')
    const tried = await json('module unsubscribe globex crm --now --dry-run', april)
    expect(amounts(tried)).to.deep.equal([-99_50])
    expect(await controlPlane(place, ['audit_log'])).to.deep.equal(before)
    const done = await json('module unsubscribe globex crm --now --yes --reason moved', april)
    expect(done.data.adjustments).to.deep.equal([{ module: 'crm', from: '2026-04-20', to: '2026-05-05' }])
  })

  it('rehearses without writing a row', async () => {
    const before = await controlPlane(place)
    for (const words of [
      'module subscribe initech finance -n',
      'module unsubscribe acme crm -n',
      'module quote initech --add bi',
      'module price set bi 1 --currency USD --cycle monthly --from 2026-05-01 -n',
      'module price set --tier STARTER 1 --currency USD --cycle monthly --from 2026-05-01 -n',
    ])
      await json(words, april)
    expect(await controlPlane(place)).to.deep.equal(before)
  })

  it('by processes at once: one item, and plain SQL cannot make a second', async () => {
    const runs = await Promise.all(
      Array.from({ length: times(3, 8) }, () =>
        json('module subscribe initech procurement', april, 0, 'run'),
      ),
    )
    expect(runs.filter(({ data }) => data.changed)).to.have.length(1)
    const items = await place.query<{ id: string }>(
      `select i.id from subscription_items i join subscriptions s on s.id = i.subscription_id
       join tenants t on t.id = s.tenant_id where t.subdomain = 'initech' and i.product_code = 'procurement'`,
    )
    expect(items).to.have.length(1)
    const again = place.query(
      `insert into subscription_items (subscription_id, kind, product_code, price_id, active)
       select subscription_id, kind, product_code, price_id, daterange('2026-12-31', '2027-01-01') from subscription_items where id = $1`,
      [items[0]?.id],
    )
    expect(await rejection(again)).to.include({ code: '23P01', constraint: 'subscription_items_once' })
  })

  it('sets a price once, by processes at once too', async () => {
    const words = (amount: string): string =>
      `module price set hr ${amount} --currency USD --cycle monthly --from 2026-06-05`
    const same = await Promise.all([1, 2].map(() => json(words('349.00'), april, 0, 'run')))
    expect(same.map(({ data }) => data.changed).sort()).to.deep.equal([false, true])
    const { error } = await json(words('359'), april, 6)
    expect(error?.code).to.equal('price.version_ahead')
    await json(error?.hint?.replace('erpmax ', '') ?? '', april)
    const { items } = (
      await json('module price list --module hr --currency USD --cycle monthly --all', april)
    ).data
    expect(
      items.map(({ price, from, to, state }: Record<string, { amount_minor: number }>) => [
        price?.amount_minor,
        from,
        to,
        state,
      ]),
    ).to.deep.equal([
      [299_00, '2020-01-01', '2026-06-05', 'in_force'],
      [359_00, '2026-06-05', null, 'to_come'],
    ])
    const quoted = await json('module quote initech --add hr', '2026-06-01T06:30:00Z')
    // Period 28 May to 28 June: 299.00 x 27/31 = 260.419...; from the next one on at the new price
    expect(amounts(quoted)).to.deep.equal([260_42])
    expect(quoted.data.quote.per_period.amount_minor).to.equal(499_00 + 299_00 + 359_00)
  })

  it('takes an amount to the digit of its currency, and a tier instead of a module', async () => {
    const set = (words: string, code = 0): Promise<Envelope> =>
      json(`module price set ${words} --cycle monthly --from 2026-06-05`, april, code)
    expect((await set('bi 1.005 --currency USD', 2)).error?.code).to.equal('money.invalid')
    expect((await set('bi 1.5 --currency JPY', 2)).error?.code).to.equal('money.invalid')
    expect((await set('bi 1 --currency DOLLAR', 2)).error?.code).to.equal('currency.invalid')
    expect((await set('bi --currency USD', 2)).error?.code).to.equal('usage')
    expect((await set('bi 1 --tier STARTER --currency USD', 2)).error?.code).to.equal('usage')
    expect(
      (await json('module price set bi 1 --currency USD --cycle monthly --from 2026-02-30', april, 2)).error
        ?.code,
    ).to.equal('usage.date_invalid')
    expect((await set('bi 99.005 --currency KWD')).data.price.price).to.deep.equal({
      ...{ amount_minor: 99_005, currency: 'KWD' },
    })
    expect((await set('59 --tier starter --currency USD')).data.price).to.include({ code: 'STARTER' })
  })

  it('fits 80 columns', async () => {
    for (const words of [
      'module show oms_wms',
      'module check acme hr',
      'module usage acme',
      'module price list --all',
      'module price set bi 1234567.00 --currency INR --cycle annual --from 2027-01-01 -n',
      'module quote acme --add finance --remove crm',
      'module subscribe initech dealer_distribution --with-required -n',
      'module unsubscribe acme crm -n',
    ]) {
      const { stdout } = await place.run(words.split(' '), { env: { COLUMNS: '80', ERPMAX_NOW: april } })
      expect(stdout, words).to.not.equal('')
      for (const line of stdout.split('\n')) expect(line.length, `${words}: ${line}`).to.be.at.most(80)
    }
  })

  it('lets a person choose from those there are, and keeps those they have', async function () {
    if (!tmuxIsThere()) return this.skip()
    const env = { ERPMAX_HOME: home, ERPMAX_ENV: 'test', ERPMAX_PG_IDLE: '0', ERPMAX_NOW: april }
    const screen = new Screen('module subscribe globex', { columns: 80, rows: 24, env })
    try {
      await screen.shows(/\[ \] crm /)
      screen.press('Down', 'Space')
      await screen.shows(/\[x\] finance /)
      screen.press('Enter')
      expect(await screen.exitCode()).to.equal(0)
      expect((await json('module check globex finance', april)).data.check.entitled).to.equal(true)
    } finally {
      screen.close()
    }
    const again = new Screen('module subscribe globex', { columns: 80, rows: 24, env })
    try {
      await again.shows(/\[x\] finance /)
      again.press('Down', 'Space', 'a', 'a')
      await again.shows(/\[x\] finance /)
      again.press('Enter')
      expect(await again.exitCode()).to.equal(8)
    } finally {
      again.close()
    }
  })
})

/** Which invoices are due, with their lines: the amounts are worked out by hand from the list prices. */
import { expect } from 'chai'
import fc from 'fast-check'

import { planInvoices, type DueItem, type DueSubscription } from '../../src/billing/plan.js'
import { PriceBook } from '../../src/billing/price-book.js'
import { addDays, daysBetween } from '../../src/kernel/dates.js'
import type { Cycle } from '../../src/subscriptions/catalogue.js'
import { thrown } from '../support/errors.js'

const always = { from: '2020-01-01', to: null }
const prices = new PriceBook(
  new Map([
    ['module finance USD monthly', [{ ...always, amount_minor: 499_00n }]],
    ['module finance USD annual', [{ ...always, amount_minor: 4790_40n }]],
    [
      'module crm USD monthly',
      [
        { from: '2020-01-01', to: '2026-06-01', amount_minor: 199_00n },
        { from: '2026-06-01', to: null, amount_minor: 209_00n },
      ],
    ],
    ['module system_admin USD monthly', [{ ...always, amount_minor: 0n }]],
    ['platform STARTER USD monthly', [{ ...always, amount_minor: 49_00n }]],
    ['module crm JPY monthly', [{ ...always, amount_minor: 29_999n }]],
    ['module crm KWD monthly', [{ ...always, amount_minor: 61_505n }]],
  ]),
)

function item(code: string, from: string, facts: Partial<DueItem> = {}): DueItem {
  const kind = code === 'STARTER' ? 'platform' : 'module'
  return {
    id: code,
    kind,
    code,
    name: code,
    from,
    to: null,
    late: false,
    charged: [],
    lastPrice: null,
    ...facts,
  }
}

type Facts = Partial<DueSubscription> & { anchor?: string; cycle?: Cycle }

function subscription({ anchor = '2026-01-05', cycle = 'monthly', ...facts }: Facts): DueSubscription {
  return {
    firstDay: anchor,
    terms: [{ cycle, anchor_date: anchor, from: anchor, to: null }],
    unbilled: [],
    released: [],
    currency: 'USD',
    nextBillingOn: '2026-01-05',
    endsOn: null,
    items: [item('STARTER', '2026-01-05'), item('system_admin', '2026-01-05'), item('finance', '2026-01-05')],
    ...facts,
  }
}

function amounts(plan: ReturnType<typeof planInvoices>): [string, string | null, bigint[]][] {
  return plan.invoices.map(({ kind, period, lines }) => [
    kind,
    period?.from ?? null,
    lines.map(({ net }) => net),
  ])
}

describe('what a subscription is due', () => {
  it('is nothing before its day, and the whole period on it', () => {
    expect(planInvoices(subscription({}), '2026-01-04', prices)).to.deep.equal({
      invoices: [],
      nextBillingOn: '2026-01-05',
    })
    const plan = planInvoices(subscription({}), '2026-01-05', prices)
    expect(amounts(plan)).to.deep.equal([['cycle', '2026-01-05', [49_00n, 499_00n]]])
    expect(plan.nextBillingOn).to.equal('2026-02-05')
  })

  it('is each period once, oldest first, after 100 days of silence', () => {
    const plan = planInvoices(subscription({}), '2026-04-15', prices)
    expect(amounts(plan).map(([, from]) => from)).to.deep.equal([
      '2026-01-05',
      '2026-02-05',
      '2026-03-05',
      '2026-04-05',
    ])
    expect(plan.nextBillingOn).to.equal('2026-05-05')
  })

  it('is counted from the anchor: 31 January, 28 February, 31 March', () => {
    const late = subscription({
      anchor: '2026-01-31',
      nextBillingOn: '2026-01-31',
      items: [item('finance', '2026-01-31')],
    })
    const plan = planInvoices(late, '2026-04-30', prices)
    expect(plan.invoices.map(({ period }) => [period?.from, period?.to])).to.deep.equal([
      ['2026-01-31', '2026-02-28'],
      ['2026-02-28', '2026-03-31'],
      ['2026-03-31', '2026-04-30'],
      ['2026-04-30', '2026-05-31'],
    ])
  })

  it('is a year from 29 February to 28 February', () => {
    const annual = subscription({
      ...{ anchor: '2028-02-29', nextBillingOn: '2028-02-29', cycle: 'annual' },
      items: [item('finance', '2028-02-29')],
    })
    const plan = planInvoices(annual, '2028-02-29', prices)
    expect(plan.invoices[0]?.period).to.deep.equal({ from: '2028-02-29', to: '2029-02-28' })
    expect(amounts(plan)[0]?.[2]).to.deep.equal([4790_40n])
  })

  it('is the added days of a period already billed, on an invoice of their own', () => {
    // Finance on 10 February in 31 January to 28 February: 499.00 x 18 / 28 = 320.79
    const added = subscription({
      ...{ anchor: '2026-01-31', nextBillingOn: '2026-02-28' },
      items: [item('STARTER', '2026-01-31'), item('finance', '2026-02-10', { late: true })],
    })
    expect(amounts(planInvoices(added, '2026-02-10', prices))).to.deep.equal([['change', null, [320_79n]]])
  })

  it('is the added days, then the periods that began since', () => {
    const added = subscription({
      ...{ anchor: '2026-01-31', nextBillingOn: '2026-02-28' },
      items: [item('STARTER', '2026-01-31'), item('finance', '2026-02-10', { late: true })],
    })
    expect(amounts(planInvoices(added, '2026-03-01', prices))).to.deep.equal([
      ['change', null, [320_79n]],
      ['cycle', '2026-02-28', [49_00n, 499_00n]],
    ])
  })

  it('is a part of the period for what ended or began in it', () => {
    // 30 days of April from the 5th: finance 10 days 166.33, crm from the 15th 20 days 132.67
    const swapped = subscription({
      nextBillingOn: '2026-04-05',
      items: [item('finance', '2026-01-05', { to: '2026-04-15' }), item('crm', '2026-04-15')],
    })
    expect(amounts(planInvoices(swapped, '2026-04-20', prices))).to.deep.equal([
      ['cycle', '2026-04-05', [166_33n, 132_67n]],
    ])
  })

  it('ends with the subscription', () => {
    const ended = subscription({ endsOn: '2026-02-05' })
    const plan = planInvoices(ended, '2026-04-15', prices)
    expect(amounts(plan).map(([, from]) => from)).to.deep.equal(['2026-01-05'])
    // 10 of 28 days: 49.00 -> 17.50, 499.00 -> 178.21
    const within = planInvoices(
      subscription({ nextBillingOn: '2026-02-05', endsOn: '2026-02-15' }),
      '2026-04-15',
      prices,
    )
    expect(amounts(within)).to.deep.equal([['cycle', '2026-02-05', [17_50n, 178_21n]]])
  })

  it('takes the price of the day each period begins', () => {
    const plan = planInvoices(
      subscription({ nextBillingOn: '2026-05-05', items: [item('crm', '2026-01-05')] }),
      '2026-06-05',
      prices,
    )
    expect(amounts(plan).map(([, , lines]) => lines)).to.deep.equal([[199_00n], [209_00n]])
  })

  it('is rounded in the minor unit of the currency', () => {
    const in10Days = (currency: string): DueSubscription =>
      subscription({ currency, items: [item('crm', '2026-01-05', { to: '2026-01-15' })] })
    // 29,999 x 10 / 31 = 9,677.09...; 61.505 x 10 / 31 = 19.8403...
    expect(amounts(planInvoices(in10Days('JPY'), '2026-01-05', prices))[0]?.[2]).to.deep.equal([9_677n])
    expect(amounts(planInvoices(in10Days('KWD'), '2026-01-05', prices))[0]?.[2]).to.deep.equal([19_840n])
  })

  it('is no invoice where it comes to nothing, and yet the period is over', () => {
    const free = subscription({ items: [item('system_admin', '2026-01-05')] })
    expect(planInvoices(free, '2026-01-05', prices)).to.deep.equal({
      invoices: [],
      nextBillingOn: '2026-02-05',
    })
  })

  it('is not guessed: too many periods, a price that is missing or jumped', () => {
    const code = (work: () => unknown): unknown => (thrown(work) as { code: string }).code
    expect(code(() => planInvoices(subscription({}), '2029-02-01', prices))).to.equal(
      'billing.too_many_periods',
    )
    expect(planInvoices(subscription({}), '2029-01-04', prices).invoices).to.have.length(36)
    const unpriced = subscription({ items: [item('hr', '2026-01-05')] })
    expect(code(() => planInvoices(unpriced, '2026-01-05', prices))).to.equal('price.missing')
    const jumped = subscription({ items: [item('finance', '2026-01-05', { lastPrice: 49_89n })] })
    expect(code(() => planInvoices(jumped, '2026-01-05', prices))).to.equal('billing.price_jump')
    const tenfold = subscription({ items: [item('finance', '2026-01-05', { lastPrice: 49_90n })] })
    expect(planInvoices(tenfold, '2026-01-05', prices).invoices).to.have.length(1)
  })

  it('is not the days that live lines charge, nor those that are not billed', () => {
    // Voided and billed again: February is charged by its own invoice, January is not any more.
    const voided = subscription({
      items: [item('finance', '2026-01-05', { charged: [{ from: '2026-02-05', to: '2026-03-05' }] })],
    })
    expect(amounts(planInvoices(voided, '2026-03-05', prices))).to.deep.equal([
      ['cycle', '2026-01-05', [499_00n]],
      ['cycle', '2026-03-05', [499_00n]],
    ])
    // Archived from 15 January to 10 February: 10 of 31 days 160.97, then 23 of 28 days 409.89
    const away = subscription({
      items: [item('finance', '2026-01-05')],
      unbilled: [{ from: '2026-01-15', to: '2026-02-10' }],
    })
    expect(amounts(planInvoices(away, '2026-02-05', prices))).to.deep.equal([
      ['cycle', '2026-01-05', [160_97n]],
      ['cycle', '2026-02-05', [409_89n]],
    ])
  })

  it('keeps the cycle that days fell into: annual from the 20th, the days before it by the month', () => {
    const turned = subscription({
      terms: [
        { cycle: 'monthly', anchor_date: '2026-01-05', from: '2026-01-05', to: '2026-01-20' },
        { cycle: 'annual', anchor_date: '2026-01-20', from: '2026-01-20', to: null },
      ],
      items: [
        item('finance', '2026-01-05', { to: '2026-01-20' }),
        item('finance', '2026-01-20', { id: 'finance by the year' }),
      ],
    })
    // 499.00 x 15 / 31 = 241.4516
    expect(amounts(planInvoices(turned, '2026-01-21', prices))).to.deep.equal([
      ['cycle', '2026-01-05', [241_45n]],
      ['cycle', '2026-01-20', [4790_40n]],
    ])
    const billed = { ...turned, nextBillingOn: '2026-01-20', firstDay: '2026-01-01' }
    const items = [
      item('crm', '2026-01-10', { to: '2026-01-20', late: true }),
      item('finance', '2026-01-20', { charged: [{ from: '2026-01-20', to: '2027-01-20' }] }),
    ]
    // Added on the 10th, and the cycle changed before a run came: 199.00 x 10 / 31 = 64.19
    expect(amounts(planInvoices({ ...billed, items }, '2026-01-21', prices))).to.deep.equal([
      ['change', null, [64_19n]],
    ])
  })

  it('charges each day of an item once, whenever the runs come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 800 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 }),
        (offset, gaps) => {
          const anchor = addDays('2027-01-01', offset)
          let due = subscription({ anchor, nextBillingOn: anchor, items: [item('finance', anchor)] })
          let charged = anchor
          let today = anchor
          for (const gap of gaps) {
            const plan = planInvoices(due, today, prices)
            for (const line of plan.invoices.flatMap(({ lines }) => lines)) {
              expect(line.period.from).to.equal(charged)
              charged = line.period.to
            }
            expect(plan.nextBillingOn).to.equal(charged)
            expect(daysBetween(today, charged)).to.be.within(1, 31)
            due = { ...due, nextBillingOn: plan.nextBillingOn }
            today = addDays(today, gap)
          }
        },
      ),
    )
  })
})

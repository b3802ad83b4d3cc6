/** What may be subscribed to: known modules, complete, within the tier, priced, with a trial where there is one. */
import { expect } from 'chai'
import fc from 'fast-check'
import { select, tierFor, type SelectionInput } from '../../src/subscriptions/selection.js'
import { catalogue } from '../support/catalogue.js'
import { thrown } from '../support/errors.js'

const choose = (input: Partial<SelectionInput>) =>
  select(catalogue, {
    modules: [],
    tier: 'STARTER',
    cycle: 'monthly',
    currency: 'USD',
    trialDays: null,
    ...input,
  })

const refusal = (input: Partial<SelectionInput>): unknown => thrown(() => choose(input))

describe('a selection', () => {
  it('holds the tier, the base module and what was asked for, in the order of the catalogue', () => {
    const { prices, perPeriod, names } = choose({ modules: ['crm', 'finance'] })
    expect(prices.map(({ kind, code }) => `${kind} ${code}`)).to.deep.equal([
      'platform STARTER',
      'module system_admin',
      'module finance',
      'module crm',
    ])
    expect(perPeriod).to.deep.equal({ amountMinor: 747_00n, currency: 'USD' })
    expect([...names.keys()]).to.deep.equal(['system_admin', 'finance', 'crm'])
  })

  it('takes the prices of its cycle', () => {
    expect(choose({ modules: ['crm'], cycle: 'annual' }).perPeriod.amountMinor).to.equal(2_480_00n)
  })

  it('counts a module once, named twice or being the base', () => {
    const once = choose({ modules: ['crm', 'crm', 'system_admin'] })
    expect(once.prices).to.have.length(3)
  })

  it('does not mind the case of the tier', () => {
    expect(choose({ tier: 'professional' }).tier.code).to.equal('PROFESSIONAL')
  })

  it('sums what it is priced at', () => {
    const free = catalogue.modules.filter(({ requires }) => requires.length === 0).map(({ code }) => code)
    fc.assert(
      fc.property(fc.subarray(free), (modules) => {
        const { prices, perPeriod } = choose({ modules, tier: 'ENTERPRISE' })
        expect(perPeriod.amountMinor).to.equal(
          prices.reduce((sum, { amount_minor: amount }) => sum + amount, 0n),
        )
      }),
    )
  })

  describe('needs', () => {
    it('what its modules require', () => {
      expect(refusal({ modules: ['field_service'] })).to.deep.include({
        kind: 'conflict',
        code: 'module.requires',
        details: { module: 'field_service', missing: ['crm'] },
      })
      expect(choose({ modules: ['field_service', 'crm'] }).prices).to.have.length(4)
    })

    it('modules, tiers and cycles that exist', () => {
      expect(refusal({ modules: ['payroll'] })).to.deep.include({ kind: 'usage', code: 'module.unknown' })
      expect(refusal({ tier: 'GOLD' })).to.deep.include({ kind: 'usage', code: 'tier.unknown' })
      expect(refusal({ cycle: 'weekly' })).to.deep.include({ kind: 'usage', code: 'cycle.unknown' })
    })

    it('a price in its currency', () => {
      expect(refusal({ currency: 'JPY' })).to.deep.include({ kind: 'conflict', code: 'price.missing' })
    })

    it('a tier that is large enough, and names the smallest', () => {
      const four = ['oms_wms', 'finance', 'crm', 'field_service']
      expect(choose({ modules: four.slice(0, 3) }).tier.code).to.equal('STARTER')
      expect(refusal({ modules: four })).to.deep.include({
        kind: 'conflict',
        code: 'tier.too_many_modules',
        details: { tier: 'STARTER', limit: 3, asked: 4, tier_that_fits: 'PROFESSIONAL' },
      })
      expect(refusal({ modules: ['crm'], tier: 'FREE' })).to.have.property('code', 'tier.too_many_modules')
    })
  })

  describe('on FREE', () => {
    it('costs nothing and has no trial', () => {
      const { trialDays, perPeriod } = choose({ tier: 'FREE' })
      expect({ trialDays, perPeriod }).to.deep.equal({
        trialDays: 0,
        perPeriod: { amountMinor: 0n, currency: 'USD' },
      })
      expect(choose({ tier: 'FREE', trialDays: 0 }).trialDays).to.equal(0)
    })

    it('refuses a trial', () => {
      expect(refusal({ tier: 'FREE', trialDays: 14 })).to.deep.include({
        kind: 'conflict',
        code: 'trial.not_in_tier',
      })
    })
  })

  it('has the trial of its tier, or the one asked for', () => {
    expect(choose({}).trialDays).to.equal(14)
    expect(choose({ trialDays: 0 }).trialDays).to.equal(0)
    expect(choose({ trialDays: 365 }).trialDays).to.equal(365)
    for (const trialDays of [-1, 366, 1.5, Number.NaN]) {
      expect(refusal({ trialDays }), String(trialDays)).to.deep.include({
        kind: 'usage',
        code: 'trial.invalid',
      })
    }
  })
})

describe('the tier for so many modules', () => {
  it('is the smallest that takes them', () => {
    const codes = [0, 1, 3, 4, 6, 7, 100].map((count) => tierFor(catalogue, count)?.code)
    expect(codes).to.deep.equal([
      ...['FREE', 'STARTER', 'STARTER', 'PROFESSIONAL', 'PROFESSIONAL', 'ENTERPRISE', 'ENTERPRISE'],
    ])
  })
})

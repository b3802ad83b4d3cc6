/** What may be subscribed to and given up: complete, within the tier, and hints that lead on. */
import { expect } from 'chai'
import { fitModules, type FittedModules, type ModulesChange } from '../../src/subscriptions/fitting.js'
import { catalogue } from '../support/catalogue.js'
import { thrown } from '../support/errors.js'
import type { SubscriptionId, TenantId } from '../../src/kernel/ids.js'
import type { RunningItem, RunningSubscription } from '../../src/subscriptions/running.js'

const today = '2026-04-20'
const periodEnd = '2026-05-05'

interface Held {
  tier?: string
  tierAhead?: string
  /** Codes, or codes with the first day without them: `crm 2026-05-05`. */
  modules?: string[]
}

function subscription({ tier = 'STARTER', modules = [] }: Held): RunningSubscription {
  const items = ['system_admin', ...modules].map((text): RunningItem => {
    const [code = '', to = null] = text.split(' ')
    return { id: code, kind: 'module', code, from: '2026-04-05', to }
  })
  return {
    ...{ id: '' as SubscriptionId, tenant_id: '' as TenantId, status: 'active', tier },
    ...{ cycle: 'monthly', currency: 'USD', started_on: '2026-04-05', trial_ends_on: null },
    ...{ anchor_date: '2026-04-05', next_billing_on: '2026-04-05', cancel_on: null, items },
  }
}

function fit(held: Held, change: Partial<ModulesChange>): FittedModules {
  return fitModules(
    {
      ...{ catalogue, subscription: subscription(held), subdomain: 'acme', today },
      tierAhead: held.tierAhead ?? null,
      command: (add, remove) => `+${add.join(' ')} -${remove.join(' ')}`,
    },
    { add: [], remove: [], removeOn: today, withRequired: false, ...change },
  )
}

const codes = ({ added, kept, removed, unchanged }: FittedModules): Record<string, string[]> => ({
  added: added.map(({ code }) => code),
  kept: kept.map(({ code }) => code),
  removed: removed.map(({ code }) => code),
  unchanged,
})
const none = { added: [], kept: [], removed: [], unchanged: [] }
const refusal = (held: Held, change: Partial<ModulesChange>): unknown => thrown(() => fit(held, change))

describe('modules to add', () => {
  it('are those not held, in the order of the catalogue', () => {
    const fitted = fit({ modules: ['finance'] }, { add: ['crm', 'FINANCE', 'oms_wms', 'system_admin'] })
    expect(codes(fitted)).to.deep.equal({
      ...none,
      added: ['oms_wms', 'crm'],
      unchanged: ['system_admin', 'finance'],
    })
  })

  it('that are to go stay', () => {
    const fitted = fit({ modules: [`crm ${periodEnd}`] }, { add: ['crm'] })
    expect(codes(fitted)).to.deep.equal({ ...none, kept: ['crm'] })
  })

  it('bring what they need, where that is asked for', () => {
    const fitted = fit({}, { add: ['field_service'], withRequired: true })
    expect(codes(fitted)).to.deep.equal({ ...none, added: ['field_service', 'crm'] })
    const held = fit({ modules: ['crm'] }, { add: ['field_service'], withRequired: true })
    expect(codes(held)).to.deep.equal({ ...none, added: ['field_service'] })
    const going = fit({ modules: [`crm ${periodEnd}`] }, { add: ['field_service'], withRequired: true })
    expect(codes(going)).to.deep.equal({ ...none, added: ['field_service'], kept: ['crm'] })
  })

  it('need what they need, for as long as they are held', () => {
    const missing = { kind: 'conflict', code: 'module.requires', hint: '+field_service crm -' }
    expect(refusal({}, { add: ['field_service'] })).to.deep.include({
      ...missing,
      details: { module: 'field_service', missing: ['crm'] },
    })
    expect(refusal({ modules: [`crm ${periodEnd}`] }, { add: ['field_service'] })).to.deep.include(missing)
    expect(codes(fit({ modules: ['crm'] }, { add: ['field_service'] })).added).to.have.length(1)
  })

  it('that need something the tier has no room for lead to the tier first', () => {
    const full = ['finance', 'crm']
    expect(refusal({ modules: full }, { add: ['dealer_distribution'] })).to.deep.include({
      code: 'module.requires',
      hint: 'erpmax subscription change acme --tier PROFESSIONAL',
    })
  })

  it('have to exist', () => {
    expect(refusal({}, { add: ['finanse'] })).to.deep.include({
      kind: 'not_found',
      code: 'module.unknown',
      details: { module: 'finanse', nearest: 'finance' },
    })
  })

  describe('fit the tier', () => {
    const three = ['oms_wms', 'finance', 'crm']
    const tooMany = { kind: 'conflict', code: 'tier.too_many_modules' }

    it('which is named where it would do', () => {
      expect(refusal({ modules: three }, { add: ['field_service'] })).to.deep.include({
        ...tooMany,
        hint: 'erpmax subscription change acme --tier PROFESSIONAL',
        details: { tier: 'STARTER', limit: 3, asked: 4, tier_that_fits: 'PROFESSIONAL' },
      })
      expect(refusal({ tier: 'FREE' }, { add: ['crm'] })).to.deep.include({
        ...tooMany,
        hint: 'erpmax subscription change acme --tier STARTER',
      })
    })

    it('counting what is held to the end of the period', () => {
      const held = { modules: ['oms_wms', 'finance', `crm ${periodEnd}`] }
      expect(refusal(held, { add: ['dealer_distribution'] })).to.deep.include(tooMany)
    })

    it('not what goes the same day', () => {
      const fitted = fit({ modules: three }, { add: ['dealer_distribution'], remove: ['finance'] })
      expect(codes(fitted)).to.deep.include({ added: ['dealer_distribution'], removed: ['finance'] })
      const later = { add: ['dealer_distribution'], remove: ['finance'], removeOn: periodEnd }
      expect(refusal({ modules: three }, later)).to.deep.include(tooMany)
    })

    it('that is to come too, with what stays', () => {
      const held = { tier: 'PROFESSIONAL', tierAhead: 'STARTER', modules: three }
      expect(refusal(held, { add: ['field_service'] })).to.deep.include({
        ...tooMany,
        details: { tier: 'STARTER', limit: 3, asked: 4, tier_that_fits: 'PROFESSIONAL' },
      })
      const going = { ...held, modules: ['oms_wms', 'crm', `finance ${periodEnd}`] }
      expect(codes(fit(going, { add: ['field_service'] })).added).to.have.length(1)
    })

    it('and only what is added is held against it', () => {
      const four = { modules: [...three, 'field_service'] }
      expect(codes(fit(four, { remove: ['oms_wms'] })).removed).to.deep.equal(['oms_wms'])
      expect(codes(fit(four, { add: ['crm'] })).unchanged).to.deep.equal(['crm'])
    })
  })
})

describe('modules to remove', () => {
  it('are those held', () => {
    const fitted = fit({ modules: ['finance', 'crm'] }, { remove: ['crm', 'oms_wms'] })
    expect(codes(fitted)).to.deep.equal({ ...none, removed: ['crm'], unchanged: ['oms_wms'] })
  })

  it('that end no later already stay as they are, a later end comes earlier', () => {
    const held = { modules: [`crm ${periodEnd}`] }
    expect(codes(fit(held, { remove: ['crm'], removeOn: periodEnd }))).to.deep.equal({
      ...none,
      unchanged: ['crm'],
    })
    expect(codes(fit(held, { remove: ['crm'] }))).to.deep.equal({ ...none, removed: ['crm'] })
  })

  it('are never the base', () => {
    expect(refusal({}, { remove: ['system_admin'] })).to.deep.include({
      kind: 'conflict',
      code: 'module.base',
    })
  })

  it('are not needed by what is held longer, or go together', () => {
    const held = { modules: ['crm', 'field_service'] }
    expect(refusal(held, { remove: ['crm'] })).to.deep.include({
      kind: 'conflict',
      code: 'module.required_by',
      details: { module: 'crm', required_by: ['field_service'] },
      hint: '+ -crm field_service',
    })
    expect(codes(fit(held, { remove: ['field_service', 'crm'] })).removed).to.have.length(2)
    const going = { modules: ['crm', `field_service ${periodEnd}`] }
    expect(codes(fit(going, { remove: ['crm'], removeOn: periodEnd })).removed).to.deep.equal(['crm'])
    // Today Field Service would be left without CRM until the period ends.
    expect(refusal(going, { remove: ['crm'] })).to.deep.include({ code: 'module.required_by' })
  })

  it('are not needed by what is added', () => {
    expect(refusal({ modules: ['crm'] }, { add: ['field_service'], remove: ['crm'] })).to.deep.include({
      code: 'module.required_by',
      details: { module: 'crm', required_by: ['field_service'] },
    })
  })
})

/** The catalogue of modules, tiers and prices as plain data, for tests that need no database. */
import type { Catalogue, Cycle, Price } from '../../src/subscriptions/catalogue.js'

const modules = {
  system_admin: { monthly: 0n, requires: [] },
  oms_wms: { monthly: 299_00n, requires: [] },
  finance: { monthly: 499_00n, requires: [] },
  dealer_distribution: { monthly: 399_00n, requires: ['oms_wms'] },
  field_service: { monthly: 199_00n, requires: ['crm'] },
  crm: { monthly: 199_00n, requires: [] },
}

const tiers = {
  FREE: { monthly: 0n, modules: 0, trial: 0 },
  STARTER: { monthly: 49_00n, modules: 3, trial: 14 },
  PROFESSIONAL: { monthly: 199_00n, modules: 6, trial: 14 },
  ENTERPRISE: { monthly: 499_00n, modules: null, trial: 14 },
}

/** Prices in dollars alone; a year costs ten months. */
export const catalogue: Catalogue = {
  modules: Object.entries(modules).map(([code, { requires }]) => ({
    code,
    name: code.toUpperCase(),
    summary: '',
    is_base: code === 'system_admin',
    requires,
  })),
  tiers: Object.entries(tiers).map(([code, tier]) => ({
    code,
    name: code,
    max_paid_modules: tier.modules,
    max_users: null,
    max_storage_gb: null,
    max_api_calls_per_month: null,
    trial_days: tier.trial,
  })),
  prices: [
    ...Object.entries(modules).flatMap(([code, { monthly }]) => both('module', code, monthly)),
    ...Object.entries(tiers).flatMap(([code, { monthly }]) => both('platform', code, monthly)),
  ],
}

function both(kind: Price['kind'], code: string, monthly: bigint): Price[] {
  const price = (cycle: Cycle, amount: bigint): Price => ({
    id: `${code}/${cycle}`,
    kind,
    code,
    currency: 'USD',
    cycle,
    amount_minor: amount,
  })
  return [price('monthly', monthly), price('annual', monthly * 10n)]
}

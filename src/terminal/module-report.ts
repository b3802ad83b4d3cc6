/** What a person reads after `module list`: one price column for each currency, then the tiers. */
import { formatMoney } from '../kernel/money.js'
import { formatTable, type Column } from './table.js'
import type { Cycle } from '../subscriptions/catalogue.js'
import type { ModuleList, ModuleListItem, PriceJson, TierJson } from '../views/modules.js'
import type { Terminal } from './terminal.js'

/** @param cycle whose prices are shown; JSON has all of them */
export function formatModules(list: ModuleList, cycle: Cycle, { width, out }: Terminal): string {
  const all = [...list.items.flatMap((module) => module.prices), ...list.tiers.flatMap((tier) => tier.fees)]
  const currencies = [...new Set(all.map(({ price }) => price.currency))]
  const modules = formatTable<ModuleListItem>(
    list.items,
    [
      { title: 'Module', value: (module) => module.code },
      { title: 'Name', value: (module) => module.name, flexible: true },
      { title: 'Tables', value: (module) => module.tables, align: 'right' },
      ...priceColumns<ModuleListItem>(currencies, cycle, (module) => module.prices),
      { title: 'Needs', value: ({ requires }) => requires.join(', ') || null },
    ],
    width,
    out.bold,
  )
  const tiers = formatTable<TierJson>(
    list.tiers,
    [
      { title: 'Tier', value: (tier) => tier.code },
      ...priceColumns<TierJson>(currencies, cycle, (tier) => tier.fees),
      { title: 'Modules', value: (tier) => limit(tier.max_paid_modules), align: 'right' },
      { title: 'Users', value: (tier) => limit(tier.max_users), align: 'right' },
      { title: 'GB', value: (tier) => limit(tier.max_storage_gb), align: 'right' },
      { title: 'API calls', value: (tier) => limit(tier.max_api_calls_per_month), align: 'right' },
      { title: 'Trial', value: (tier) => (tier.trial_days ? `${tier.trial_days} d` : null), align: 'right' },
    ],
    width,
    out.bold,
  )
  return list.items.length > 0 ? `${modules}\n\n${tiers}` : tiers
}

function priceColumns<Row>(
  currencies: readonly string[],
  cycle: Cycle,
  prices: (row: Row) => PriceJson[],
): Column<Row>[] {
  return currencies.map((currency) => ({
    title: `${currency}/${cycle === 'monthly' ? 'month' : 'year'}`,
    align: 'right',
    value: (row) => {
      const found = prices(row).find((one) => one.cycle === cycle && one.price.currency === currency)
      return found ? amount(found) : null
    },
  }))
}

/** Without the currency, which stands in the column's title. */
function amount({ price }: PriceJson): string {
  return formatMoney({ amountMinor: BigInt(price.amount_minor), currency: price.currency }).replace(
    ` ${price.currency}`,
    '',
  )
}

function limit(most: number | null): string {
  return most === null ? 'no limit' : most.toLocaleString('en-US')
}

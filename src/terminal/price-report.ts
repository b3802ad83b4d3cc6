/** What a person reads of prices: `module price list`, `module price set`, and the prices in `module show`. */
import { formatMoney } from '../kernel/money.js'
import { wrapText } from './format.js'
import { formatTable } from './table.js'
import type { SetPrice } from '../subscriptions/prices.js'
import type { PriceList, PriceListItem } from '../views/prices.js'
import type { Terminal } from './terminal.js'

const words = { past: 'past', in_force: 'in force', to_come: 'to come' }

/** Of one product: which it is, the page around the table says. */
export function formatPriceTable(prices: readonly PriceListItem[], terminal: Terminal): string {
  return table(prices, terminal, false)
}

export function formatPriceList({ items, on }: PriceList, terminal: Terminal): string {
  return items.length > 0 ? table(items, terminal, true) : `No price matches on ${on}.`
}

function table(prices: readonly PriceListItem[], { width, out }: Terminal, named: boolean): string {
  return formatTable<PriceListItem>(
    prices,
    [
      ...(named ? [{ title: 'Product', value: ({ code }: PriceListItem) => code }] : []),
      { title: 'Cycle', value: ({ cycle }) => cycle },
      { title: 'Price', align: 'right', value: money },
      { title: 'From', value: ({ from }) => from },
      { title: 'To', value: ({ to }) => to },
      {
        title: 'State',
        value: ({ state }) => (state === 'in_force' ? out.green(words[state]) : out.dim(words[state])),
      },
    ],
    width,
    out.bold,
  )
}

export function formatSetPrice(set: SetPrice & { dry_run: boolean }, terminal: Terminal): string {
  const { price, before, replaced, subscriptions, changed, dry_run } = set
  const each = price.cycle === 'annual' ? 'a year' : 'a month'
  const what = `${price.code} ${dry_run && changed ? 'would cost' : 'costs'} ${money(price)} ${each}`
  if (!changed) return `${what} from ${price.from} on already.`
  const until =
    before && before.from !== price.from ? `; until then ${money(before)}, from ${before.from} on` : ''
  const lines = [
    `${what} from ${price.from} on${until}.`,
    ...replaced.map(
      (one) => `${money(one)} from ${one.from} on ${dry_run ? 'would go' : 'is gone'}: it had not begun.`,
    ),
    `${subscriptions} running ${subscriptions === 1 ? 'subscription pays' : 'subscriptions pay'} it for periods that begin then or later.`,
    ...(dry_run ? ['Nothing was written.'] : []),
  ]
  return lines.flatMap((line) => wrapText(line, terminal.width)).join('\n')
}

function money({ price }: Pick<PriceListItem, 'price'>): string {
  return formatMoney({ amountMinor: BigInt(price.amount_minor), currency: price.currency })
}

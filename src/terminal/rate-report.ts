/** What a person reads after `billing tax-rate` and `billing fx`. */
import { symbolsOf } from './symbols.js'
import { formatTable } from './table.js'
import type { ExchangeRate, SetExchangeRate } from '../billing/exchange.js'
import type { SetTaxRate, TaxRateJson } from '../billing/tax/set-rate.js'
import type { ExchangeRateList } from '../views/exchange-rates.js'
import type { ModuleTaxCode, TaxRateList } from '../views/tax-rates.js'
import type { Terminal } from './terminal.js'

export function formatTaxRates({ items, module_codes }: TaxRateList, { width, out }: Terminal): string {
  const table = formatTable<TaxRateJson>(
    items,
    [
      { title: 'Country', value: (rate) => rate.country },
      { title: 'Code', value: (rate) => rate.code },
      { title: 'Per cent', value: (rate) => rate.rate, align: 'right' },
      { title: 'From', value: (rate) => rate.from },
      { title: 'Until', value: (rate) => rate.to },
      { title: 'Source', value: (rate) => rate.source, flexible: true },
    ],
    width,
    out.bold,
  )
  const codes = formatTable<ModuleTaxCode>(
    module_codes,
    [
      { title: 'Module', value: (one) => one.module ?? 'all others' },
      { title: 'SAC', value: (one) => one.code },
      { title: 'From', value: (one) => one.from },
      { title: 'Until', value: (one) => one.to },
    ],
    width,
    out.bold,
  )
  return [
    items.length > 0 ? table : 'No rate of tax matches.',
    ...(module_codes.length > 0 ? [codes] : []),
  ].join('\n\n')
}

export function formatSetTaxRate(result: SetTaxRate, terminal: Terminal): string {
  const { changed, dry_run, tax_rate: rate, was, modules } = result
  const until = rate.to ? ` until ${rate.to}` : ''
  const old = was && was.rate !== rate.rate ? `, where it was ${was.rate} %` : ''
  const said = `${rate.country} ${rate.code}: ${rate.rate} % from ${rate.from}${until}${old}`
  const billed = modules.length > 0 ? `Billed under ${rate.code}: ${modules.join(', ')}` : null
  return [line(said, changed, dry_run, terminal), ...(billed ? [billed] : [])].join('\n')
}

export function formatExchangeRates({ items }: ExchangeRateList, { width, out }: Terminal): string {
  if (items.length === 0) return 'No rate of exchange is on file here.'
  return formatTable<ExchangeRate>(
    items,
    [
      { title: 'Date', value: (rate) => rate.date },
      { title: 'One', value: (rate) => rate.currency },
      { title: 'Is worth', value: (rate) => rate.rate, align: 'right' },
      { title: '', value: (rate) => rate.to_currency },
      { title: 'Source', value: (rate) => rate.source, flexible: true },
    ],
    width,
    out.bold,
  )
}

export function formatSetExchangeRate(result: SetExchangeRate, terminal: Terminal): string {
  const { changed, dry_run, fx_rate: rate, was } = result
  const old = was !== null && changed ? `, where it was ${was}` : ''
  const said = `1 ${rate.currency} = ${rate.rate} ${rate.to_currency} on ${rate.date} (${rate.source})${old}`
  return line(said, changed, dry_run, terminal)
}

function line(said: string, changed: boolean, dryRun: boolean, terminal: Terminal): string {
  if (!changed) return `${said}\nIt was so already; nothing was written.`
  return dryRun ? `${said}\nNothing was written.` : `${terminal.out.green(symbolsOf(terminal).tick)} ${said}`
}

/** What a person reads of one module: `module show`, `module check`, `module usage`. */
import { formatBytes, formatFacts } from './format.js'
import { formatPriceTable } from './price-report.js'
import { symbolsOf } from './symbols.js'
import { formatTable } from './table.js'
import type { ModuleCheck } from '../views/module-check.js'
import type { ModuleUsage, ModuleUsageItem } from '../views/module-usage.js'
import type { ShownModule } from '../views/module.js'
import type { Terminal } from './terminal.js'

export function formatModule({ module }: { module: ShownModule }, terminal: Terminal): string {
  const { out, width } = terminal
  const facts = formatFacts(
    [
      ['Name', module.name],
      ['About', module.summary],
      ['Base', module.is_base ? 'belongs to every tenant' : null],
      ['Needs', module.requires.join(', ')],
      ['Needed by', module.required_by.join(', ')],
      ['Tables', module.tables],
      ['Tenants', `${module.tenants} today`],
    ],
    width,
  )
  const prices =
    module.price_history.length > 0 ? formatPriceTable(module.price_history, terminal) : 'no price is on file'
  return `${out.bold(module.code)}\n${facts}\n\n${out.bold('Prices')}\n${prices}`
}

export function formatModuleCheck({ check }: { check: ModuleCheck }, terminal: Terminal): string {
  const { tick, cross } = symbolsOf(terminal)
  const { out } = terminal
  return `${check.entitled ? out.green(tick) : out.red(cross)} ${check.message}`
}

export function formatUsage(usage: ModuleUsage, { width, out }: Terminal): string {
  const total: ModuleUsageItem = { module: 'total', name: null, subscribed: false, ...usage.total }
  const table = formatTable(
    [...usage.items, total],
    [
      { title: 'Module', value: (item) => item.module ?? 'of no module' },
      { title: 'Subscribed', value: (item) => (item === total ? '' : item.subscribed ? 'yes' : 'no') },
      { title: 'Tables', value: (item) => item.tables, align: 'right' },
      {
        title: usage.exact ? 'Rows' : 'Rows, about',
        value: (item) => item.rows.toLocaleString('en-US'),
        align: 'right',
      },
      { title: 'Size', value: (item) => formatBytes(item.bytes), align: 'right' },
    ],
    width,
    out.bold,
  )
  return table
}

/** What a person reads after `billing supplier set` and `billing supplier show`. */
import { formatFacts } from './format.js'
import { symbolsOf } from './symbols.js'
import type { SetSupplier } from '../billing/set-supplier.js'
import type { SupplierJson } from '../billing/supplier.js'
import type { Terminal } from './terminal.js'

export function formatSupplier({ supplier }: { supplier: SupplierJson }, { width, out }: Terminal): string {
  const address = [supplier.address_line1, supplier.address_line2, supplier.postal_code, supplier.city]
  const place = supplier.state ? `${supplier.country}-${supplier.state}` : supplier.country
  const { invoice, credit_note } = supplier.first_numbers
  return formatFacts(
    [
      ['Issued by', out.bold(supplier.legal_name)],
      ['Trades as', supplier.name === supplier.legal_name ? null : supplier.name],
      ['Address', address.filter((part) => part).join(', ')],
      ['Place', `${place}, ${supplier.time_zone}, ${supplier.currency}`],
      ['GST state', supplier.gst_state_code],
      ['GSTIN', supplier.gstin],
      ['VAT id', supplier.vat_id],
      ['E-mail', supplier.email],
      ['Invoices', `first ${invoice}, due after ${supplier.payment_terms_days} days`],
      ['Credit notes', `first ${credit_note}`],
      ['Paid to', supplier.payment_details],
      ...letters(supplier).map((letter): [string, string] => ['LUT', letter]),
      ['Since', supplier.valid_from],
    ],
    width,
  )
}

function letters({ country, luts, lut_in_force }: SupplierJson): string[] {
  if (country !== 'IN') return []
  const none = 'none covers today: exports and supplies to SEZ carry IGST'
  const filed = luts.map(({ number, first_day, last_day }) => {
    const now = number === lut_in_force ? ', in force' : ''
    return `${number}, ${first_day} to ${last_day}${now}`
  })
  return lut_in_force === null ? [...filed, none] : filed
}

export function formatSetSupplier(result: SetSupplier, terminal: Terminal): string {
  const { dry_run, changed, supplier } = result
  const heading =
    changed.length === 0
      ? 'Everything was so already; nothing was written.'
      : dry_run
        ? `Would be written: ${named(changed)}. Nothing was.`
        : `${terminal.out.green(symbolsOf(terminal).tick)} On file: ${named(changed)}.`
  return `${heading}\n\n${formatSupplier({ supplier }, terminal)}`
}

function named(changed: readonly string[]): string {
  const words = changed.map((field) =>
    field === 'luts' ? 'letter of undertaking' : field.replaceAll('_', ' '),
  )
  return words.length > 6 ? `${words.slice(0, 5).join(', ')} and ${words.length - 5} more` : words.join(', ')
}

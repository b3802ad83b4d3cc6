/** `billing supplier show`: who issues the invoices. */
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatSupplier } from '../../../terminal/supplier-report.js'
import { showSupplier } from '../../../views/supplier.js'
import type { SupplierJson } from '../../../billing/supplier.js'

export default class BillingSupplierShow extends BaseCommand {
  static override summary =
    'Show the company that issues the invoices, its numbers and its letters of undertaking.'
  static override description = 'Exits 6 while none is set up; no invoice is issued until then.'
  static override examples = [
    '<%= config.bin %> billing supplier show',
    '<%= config.bin %> billing supplier show --json',
  ]

  async run(): Promise<{ supplier: SupplierJson }> {
    await this.parse(BillingSupplierShow)
    return this.report(await showSupplier(await this.open('use')), formatSupplier)
  }
}

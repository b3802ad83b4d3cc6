/** `billing supplier set`: who issues the invoices, and how they are numbered. */
import { Flags } from '@oclif/core'
import { setSupplier, type SetSupplier } from '../../../billing/set-supplier.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { supplierFlags, toSupplierInput } from '../../../terminal/supplier-flags.js'
import { formatSetSupplier } from '../../../terminal/supplier-report.js'

export default class BillingSupplierSet extends BaseCommand {
  static override summary = 'Set up, or change, the company that issues the invoices.'
  static override description =
    'What is left out stays as it is; an empty text takes it away. A change is a new version from today on: documents keep the particulars they were issued with.'
  static override examples = [
    '<%= config.bin %> billing supplier set --legal-name "Acme Private Limited" --address-line1 "1 MG Road" --city Mumbai --gstin 27AAPFU0939F1ZV --prefix ERP',
    '<%= config.bin %> billing supplier set --lut-number AD270326000001B --lut-from 2026-04-01 --lut-to 2027-03-31',
    '<%= config.bin %> billing supplier set --payment-terms 15 --dry-run',
  ]
  static override flags = {
    ...supplierFlags,
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing' }),
  }

  async run(): Promise<SetSupplier> {
    const { flags } = await this.parse(BillingSupplierSet)
    if (!flags['dry-run'])
      this.auditFailuresAs({
        action: 'billing.supplier.set',
        kind: 'supplier',
        subject: flags['legal-name'] ?? 'supplier',
      })
    const ctx = await this.open('use')
    return this.report(await setSupplier(ctx, toSupplierInput(flags), flags['dry-run']), formatSetSupplier)
  }
}

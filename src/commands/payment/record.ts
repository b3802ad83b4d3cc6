/** `payment record`: mild; severe with a write-off. */
import { Args, Flags } from '@oclif/core'
import { paymentMethods, type PaymentInput } from '../../billing/book/payment-input.js'
import { recordPayment, type RecordedPayment } from '../../billing/book/record-payment.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmByName } from '../../terminal/confirm.js'
import { dayFlag } from '../../terminal/day-flag.js'
import { formatRecorded } from '../../terminal/payment-report.js'

const settling = { helpGroup: 'WHAT SETTLES THE REST' }

export default class PaymentRecord extends BaseCommand {
  static override summary =
    'Record what came in for an invoice, and what settles the rest: tax withheld, charges, rounding.'
  static override description =
    'Amounts are in the currency of the invoice. The reference makes the payment one: recorded again it changes nothing. What is paid too much goes to the credit balance. Works for suspended and archived tenants too; settling every overdue invoice lifts a suspension by billing.'
  static override examples = [
    '<%= config.bin %> payment record ERP/26-27/00042 --amount 49900.00 --reference UTR2026041012345',
    '<%= config.bin %> payment record ERP/26-27/00042 --amount 44910.00 --tds 4990.00 --tds-section 194J',
    '<%= config.bin %> payment record ERP/26-27/00042 --tds 4990.00 --tds-section 194J --tds-certificate QWERTYA',
    '<%= config.bin %> payment record ERP/26-27/00042 --write-off 120.00 --confirm ERP/26-27/00042',
  ]
  static override args = { invoice: Args.string({ description: 'number or id', required: true }) }
  static override flags = {
    amount: Flags.string({ description: 'the money that came in; without it only the rest is settled' }),
    currency: Flags.string({ description: "to be sure: it must be the invoice's" }),
    method: Flags.option({
      description: 'how it came',
      options: paymentMethods,
      default: 'bank_transfer' as const,
    })(),
    'received-on': dayFlag('the day it came in; today where it is left out'),
    reference: Flags.string({ description: 'what the bank or the customer calls it' }),
    tds: Flags.string({ description: 'tax the customer withheld at source (India)', ...settling }),
    'tds-section': Flags.string({
      description: 'under which section: 194J, or 393(1) Sl. 6(iii)',
      ...settling,
    }),
    'tds-certificate': Flags.string({ description: 'number of its certificate (Form 16A)', ...settling }),
    'bank-charges': Flags.string({ description: 'what banks kept', ...settling }),
    'round-off': Flags.string({ description: 'less than one unit of the currency', ...settling }),
    'write-off': Flags.string({
      description: 'what will not come in; needs the number once more',
      ...settling,
    }),
    note: Flags.string({ description: 'for the settlement lines', ...settling }),
    confirm: Flags.string({ description: "with --write-off: the invoice's number once more" }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
  }

  async run(): Promise<RecordedPayment> {
    const { args, flags } = await this.parse(PaymentRecord)
    const dryRun = flags['dry-run']
    const input: PaymentInput = {
      ...{ amount: flags.amount, currency: flags.currency, method: flags.method },
      ...{ receivedOn: flags['received-on'], reference: flags.reference, note: flags.note },
      ...{ tds: flags.tds, tdsSection: flags['tds-section'], tdsCertificate: flags['tds-certificate'] },
      ...{ bankCharges: flags['bank-charges'], roundOff: flags['round-off'], writeOff: flags['write-off'] },
    }
    if (!dryRun) this.auditFailuresAs({ action: 'payment.record', kind: 'invoice', subject: args.invoice })
    const ctx = await this.open('use')
    if (flags['write-off'] !== undefined && !dryRun) {
      const { changed, invoice } = await recordPayment(ctx, args.invoice, input, true)
      const what = `Writing off ${flags['write-off']} ${invoice.total.currency} of ${invoice.number}`
      if (changed) await confirmByName(what, invoice.number, flags.confirm, this.terminal)
    }
    return this.report(await recordPayment(ctx, args.invoice, input, dryRun), formatRecorded)
  }
}

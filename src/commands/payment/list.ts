/** `payment list`: what came in. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { commaList, fieldsFlag, pageFlags, withFields } from '../../terminal/lists.js'
import { formatPayments, paymentFields } from '../../terminal/payment-report.js'
import { listPayments, paymentOrders, paymentStates, type PaymentList as List } from '../../views/payments.js'

export default class PaymentList extends BaseCommand {
  static override summary = 'List payments: of all tenants, of one, or for an invoice.'
  static override examples = [
    '<%= config.bin %> payment list',
    '<%= config.bin %> payment list acme --status succeeded --sort -amount',
    '<%= config.bin %> payment list --invoice ERP/26-27/00042 --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id' }) }
  static override flags = {
    invoice: Flags.string({ description: 'number or id' }),
    status: commaList('states, by comma', paymentStates),
    sort: Flags.string({
      description: 'order; - for descending',
      options: paymentOrders,
      default: '-created_at',
    }),
    fields: fieldsFlag(paymentFields),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { args, flags } = await this.parse(PaymentList)
    const filters = {
      ...{ tenant: args.tenant ?? null, invoice: flags.invoice ?? null, status: flags.status ?? [] },
    }
    const page = { sort: flags.sort, limit: flags.limit, cursor: flags.cursor ?? null }
    const filtered = Object.values(filters).some((part) => part !== null && part.length > 0)
    const list = withFields(await listPayments(await this.open('use'), filters, page), flags.fields)
    return this.reportList(list, (shown, terminal) =>
      formatPayments(shown, { fields: flags.fields, filtered }, terminal),
    )
  }
}

/** `tenant list`: the tenants, filtered and in an order. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { fieldsFlag, pageFlags, withFields } from '../../terminal/lists.js'
import { formatTenants, tenantFields, totalOf } from '../../terminal/tenant-list-report.js'
import { filterFlags } from '../../terminal/tenants-command.js'
import { listTenants, tenantOrders, type TenantList as List } from '../../views/tenants.js'

export default class TenantList extends BaseCommand {
  static override summary = 'List tenants with their state, tier and modules.'
  static override description = 'Deleted tenants are left out unless --status deleted asks for them.'
  static override examples = [
    '<%= config.bin %> tenant list',
    '<%= config.bin %> tenant list --status active,suspended --sort -created --limit 10',
    '<%= config.bin %> tenant list --module finance --search acme',
    '<%= config.bin %> tenant list --fields subdomain,people,created_at --json',
  ]
  static override flags = {
    ...filterFlags,
    search: Flags.string({ description: 'part of the subdomain, a name or the billing e-mail' }),
    sort: Flags.string({
      description: 'order; - for descending',
      options: tenantOrders,
      default: 'subdomain',
    }),
    fields: fieldsFlag(tenantFields),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(TenantList)
    const filters = {
      status: flags.status ?? [],
      tier: flags.tier ?? [],
      module: flags.module ?? [],
      search: flags.search ?? null,
    }
    const page = { sort: flags.sort, limit: flags.limit, cursor: flags.cursor ?? null }
    const ctx = await this.open('use')
    const list = withFields(await listTenants(ctx, filters, page), flags.fields)
    const filtered = Object.values(filters).some((filter) => filter !== null && filter.length > 0)
    return this.reportList(
      list,
      (shown, terminal) => formatTenants(shown, flags.fields, filtered, terminal),
      totalOf(list),
    )
  }
}

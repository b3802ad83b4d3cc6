/** `audit list`: the audit log. */
import { Flags } from '@oclif/core'
import { instantFrom } from '../../kernel/dates.js'
import { auditFields, formatAudit } from '../../terminal/audit-report.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { commaList, fieldsFlag, pageFlags, withFields } from '../../terminal/lists.js'
import { auditOrders, auditOutcomes, listAudit, type AuditList as List } from '../../views/audit.js'

export default class AuditList extends BaseCommand {
  static override summary = 'List the audit log: who did what, when, and what came of it.'
  static override description =
    'Times are UTC. --since and --until take RFC 3339, a day (the whole of it) or an age: 30m, 24h, 7d.'
  static override examples = [
    '<%= config.bin %> audit list',
    '<%= config.bin %> audit list --since 24h --outcome failed,refused',
    '<%= config.bin %> audit list --tenant acme --fields at,operator,action,after --json',
    '<%= config.bin %> audit list --action tenant --since 2026-01-01 --until 2026-01-31 --sort at',
  ]
  static override flags = {
    tenant: Flags.string({ description: 'subdomain or id; may be given again', multiple: true }),
    action: Flags.string({ description: 'such as tenant.create, or tenant for all of them' }),
    outcome: commaList('outcomes, by comma', auditOutcomes),
    operator: Flags.string({ description: 'who acted' }),
    since: Flags.string({ description: 'at this time or later' }),
    until: Flags.string({ description: 'before this time' }),
    sort: Flags.string({ description: 'order; - for descending', options: auditOrders, default: '-at' }),
    fields: fieldsFlag(auditFields),
    ...pageFlags,
  }

  async run(): Promise<List> {
    const { flags } = await this.parse(AuditList)
    const ctx = await this.open('use')
    const now = ctx.clock.now()
    const filters = {
      tenant: flags.tenant ?? [],
      action: flags.action ?? null,
      outcome: flags.outcome ?? [],
      operator: flags.operator ?? null,
      since: flags.since ? instantFrom(flags.since, now, 'beginning') : null,
      until: flags.until ? instantFrom(flags.until, now, 'end') : null,
    }
    const page = { sort: flags.sort, limit: flags.limit, cursor: flags.cursor ?? null }
    const list = withFields(await listAudit(ctx, filters, page), flags.fields)
    return this.reportList(list, (shown, terminal) => formatAudit(shown, flags.fields, terminal))
  }
}

/** `tenant delete`: severe; one or many. */
import { Flags } from '@oclif/core'
import { drain } from '../../kernel/workflow.js'
import { confirmByName } from '../../terminal/confirm.js'
import { selectorFlags, TenantsCommand, tenantArgument } from '../../terminal/tenants-command.js'
import { formatDeleted, formatDeletedLine } from '../../terminal/lifecycle-report.js'
import { findKnownTenant } from '../../tenants/find.js'
import { selectKnownTenants } from '../../views/tenant-selection.js'
import { deleteTenant, type DeletedTenant } from '../../workflows/delete-tenant.js'
import { eachTenant } from '../../workflows/each-tenant.js'
import type { BulkResult } from '../../terminal/tenants-command.js'

export default class TenantDelete extends TenantsCommand {
  static override summary =
    'Delete archived or failed tenants for ever: schema, people and particulars; the name is free again.'
  static override description =
    'Possible 30 days after archiving, or at once with --now. Documents, payments, history and the audit log stay, with a record of the deletion. Interrupted, the same command goes on.'
  static override examples = [
    '<%= config.bin %> tenant delete acme --dry-run',
    '<%= config.bin %> tenant delete acme --confirm acme',
    '<%= config.bin %> tenant delete --status failed --confirm 3',
  ]
  static override args = { tenant: tenantArgument }
  static override flags = {
    now: Flags.boolean({ description: 'without waiting 30 days after archiving', default: false }),
    reason: Flags.string({ description: 'why, for the history' }),
    confirm: Flags.string({ description: 'the same name once more, or the number of several tenants' }),
    'dry-run': Flags.boolean({ char: 'n', description: 'say what would go, delete nothing', default: false }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
    ...selectorFlags,
  }

  async run(): Promise<DeletedTenant | BulkResult<DeletedTenant>> {
    const { args, flags } = await this.parse(TenantDelete)
    const action = 'tenant.delete'
    const dryRun = flags['dry-run']
    const selector = await this.selectorFrom(args.tenant, flags)
    if (args.tenant && !dryRun) this.auditFailuresAs({ action, kind: 'tenant', subject: args.tenant })
    const ctx = await this.open('use')
    const tenants = selector
      ? await selectKnownTenants(ctx, selector)
      : [await findKnownTenant(ctx, args.tenant ?? '')]
    const [one] = tenants
    if (!dryRun && one && tenants.length === 1 && one.status !== 'deleted') {
      // Whoever named it by its id may confirm with that too.
      const given = flags.confirm === one.id ? one.subdomain : flags.confirm
      await confirmByName(`Deleting ${one.subdomain}`, one.subdomain, given, this.terminal)
    }
    if (!dryRun) await this.confirmMany('This deletes', tenants, { confirm: flags.confirm })
    const request = { now: flags.now, reason: flags.reason ?? null, dryRun }
    if (!selector && one)
      return this.report(await this.follow(deleteTenant(ctx, one, request)), formatDeleted)
    const outcomes = eachTenant(ctx, tenants, dryRun ? null : action, (tenant) =>
      drain(deleteTenant(ctx, tenant, request)),
    )
    return this.reportOutcomes(outcomes, formatDeletedLine, dryRun)
  }
}

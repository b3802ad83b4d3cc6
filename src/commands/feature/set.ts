/** `feature set`: switches a flag on, or off, for one tenant or many. */
import { Flags } from '@oclif/core'
import { featureArguments, featureFlags, featureTarget } from '../../terminal/feature-arguments.js'
import { formatFeature } from '../../terminal/feature-report.js'
import { TenantsCommand, type BulkResult } from '../../terminal/tenants-command.js'
import { flagConfig, setFeature, type FeatureResult } from '../../subscriptions/features.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { eachTenant } from '../../workflows/each-tenant.js'

export default class FeatureSet extends TenantsCommand {
  static override summary = 'Switch a feature flag on, or with --off off, for a tenant or for many.'
  static override description =
    'A flag belongs to the tenant, or with --module to a module the tenant is entitled to. Off is not the same as never set: feature unset leaves it to the ERP. The configuration is shown by feature list and kept in the audit log: no secrets in it.'
  static override examples = [
    '<%= config.bin %> feature set acme new-dashboard',
    `<%= config.bin %> feature set acme dialer --module crm --config '{"lines": 4}'`,
    '<%= config.bin %> feature set acme new-dashboard --off',
    '<%= config.bin %> feature set new-dashboard --all --exclude acme --yes',
  ]
  static override args = featureArguments
  static override flags = {
    off: Flags.boolean({ description: 'switch it off', default: false }),
    config: Flags.string({
      aliases: ['value'],
      description: 'JSON for the ERP to read; without it the configuration stays as it is',
      helpValue: '<json>',
    }),
    ...featureFlags,
  }

  async run(): Promise<{ feature: FeatureResult } | BulkResult<FeatureResult>> {
    const { args, flags } = await this.parse(FeatureSet)
    const { tenant, flag, module, selectors } = featureTarget(args, flags)
    const config = flags.config === undefined ? undefined : flagConfig(flags.config)
    const change = { flag, module, enabled: !flags.off, config }
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'feature.set', kind: 'tenant', subject: tenant ?? flag })
    const selector = await this.selectorFrom(tenant ?? undefined, selectors)
    const ctx = await this.open('use')
    if (selector === null) {
      const feature = await setFeature(ctx, tenant ?? '', change, dryRun)
      return this.report({ feature }, (shown) => `${shown.feature.tenant}: ${formatFeature(shown.feature)}`)
    }
    const tenants = await selectTenants(ctx, selector)
    if (!dryRun)
      await this.confirmMany(`This switches ${flag} ${flags.off ? 'off' : 'on'} for`, tenants, flags)
    const outcomes = eachTenant(ctx, tenants, dryRun ? null : 'feature.set', ({ id }) =>
      setFeature(ctx, id, change, dryRun),
    )
    return this.reportOutcomes(outcomes, formatFeature, dryRun)
  }
}

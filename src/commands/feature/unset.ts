/** `feature unset`: takes a flag away from one tenant or many. */
import { featureArguments, featureFlags, featureTarget } from '../../terminal/feature-arguments.js'
import { formatFeature } from '../../terminal/feature-report.js'
import { TenantsCommand, type BulkResult } from '../../terminal/tenants-command.js'
import { unsetFeature, type FeatureResult } from '../../subscriptions/features.js'
import { selectTenants } from '../../views/tenant-selection.js'
import { eachTenant } from '../../workflows/each-tenant.js'

export default class FeatureUnset extends TenantsCommand {
  static override summary = 'Take a feature flag away, so that the default of the ERP holds again.'
  static override examples = [
    '<%= config.bin %> feature unset acme new-dashboard',
    '<%= config.bin %> feature unset acme dialer --module crm',
    '<%= config.bin %> feature unset new-dashboard --all --dry-run',
  ]
  static override args = featureArguments
  static override flags = featureFlags

  async run(): Promise<{ feature: FeatureResult } | BulkResult<FeatureResult>> {
    const { args, flags } = await this.parse(FeatureUnset)
    const { tenant, flag, module, selectors } = featureTarget(args, flags)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'feature.unset', kind: 'tenant', subject: tenant ?? flag })
    const selector = await this.selectorFrom(tenant ?? undefined, selectors)
    const ctx = await this.open('use')
    if (selector === null) {
      const feature = await unsetFeature(ctx, tenant ?? '', { flag, module }, dryRun)
      return this.report({ feature }, (shown) => `${shown.feature.tenant}: ${formatFeature(shown.feature)}`)
    }
    const tenants = await selectTenants(ctx, selector)
    if (!dryRun) await this.confirmMany(`This takes ${flag} away from`, tenants, flags)
    const outcomes = eachTenant(ctx, tenants, dryRun ? null : 'feature.unset', ({ id }) =>
      unsetFeature(ctx, id, { flag, module }, dryRun),
    )
    return this.reportOutcomes(outcomes, formatFeature, dryRun)
  }
}

/** `feature list`: the flags of a tenant. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatFeatures } from '../../terminal/feature-report.js'
import { pageFlags } from '../../terminal/lists.js'
import { listFeatures, type FeatureListItem } from '../../views/features.js'
import type { Page } from '../../database/keyset.js'

export default class FeatureList extends BaseCommand {
  static override summary = 'List the feature flags of a tenant, its own first, then those of its modules.'
  static override description = 'What is not listed is not set: there the default of the ERP holds.'
  static override examples = [
    '<%= config.bin %> feature list acme',
    '<%= config.bin %> feature list acme --module crm --json',
  ]
  static override args = { tenant: Args.string({ description: 'subdomain or id', required: true }) }
  static override flags = {
    module: Flags.string({ char: 'm', description: 'only those of this module' }),
    ...pageFlags,
  }

  async run(): Promise<Page<FeatureListItem>> {
    const { args, flags } = await this.parse(FeatureList)
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listFeatures(await this.open('use'), args.tenant, flags.module ?? null, page)
    return this.reportList(list, (shown, terminal) => formatFeatures(shown, args.tenant, terminal))
  }
}

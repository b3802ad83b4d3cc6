/** `plan set`: a tier's limits, trial and name. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatChangedPlan } from '../../terminal/plan-report.js'
import { dryRunFlag, limitOf } from '../../terminal/subscription-input.js'
import { setTier, type ChangedTier, type TierSettings } from '../../subscriptions/tiers.js'

export default class PlanSet extends BaseCommand {
  static override summary = "Change a tier's limits, its trial or its name."
  static override description =
    'Tenants that are above a new limit keep what they have; a warning names them. Fees are prices: erpmax module price set --tier.'
  static override examples = [
    '<%= config.bin %> plan set STARTER --max-users 15',
    '<%= config.bin %> plan set ENTERPRISE --max-storage-gb none --dry-run',
    '<%= config.bin %> plan set PROFESSIONAL --max-modules 7 --trial-days 30 --name Professional',
  ]
  static override args = { tier: Args.string({ description: 'code of the tier', required: true }) }
  static override flags = {
    'max-modules': Flags.string({ description: 'paid modules at most, or none', helpValue: '<n|none>' }),
    'max-users': Flags.string({ description: 'users at most, or none', helpValue: '<n|none>' }),
    'max-storage-gb': Flags.string({ description: 'storage in GB at most, or none', helpValue: '<n|none>' }),
    'max-api-calls': Flags.string({
      description: 'API calls a month at most, or none',
      helpValue: '<n|none>',
    }),
    'trial-days': Flags.integer({ description: 'days before the first charge; 0: no trial' }),
    name: Flags.string({ description: 'name that people read' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ChangedTier> {
    const { args, flags } = await this.parse(PlanSet)
    const dryRun = flags['dry-run']
    const ctx = await this.open('use')
    if (!dryRun) this.auditFailuresAs({ action: 'plan.set', kind: 'tier', subject: args.tier.toUpperCase() })
    const wanted = {
      max_paid_modules: limitOf('max-modules', flags['max-modules']),
      max_users: limitOf('max-users', flags['max-users']),
      max_storage_gb: limitOf('max-storage-gb', flags['max-storage-gb']),
      max_api_calls_per_month: limitOf('max-api-calls', flags['max-api-calls']),
      trial_days: flags['trial-days'],
      name: flags.name?.trim(),
    }
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
    return this.report(
      await setTier(ctx, args.tier, Object.fromEntries(given) as Partial<TierSettings>, dryRun),
      formatChangedPlan,
    )
  }
}

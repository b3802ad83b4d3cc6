/** `billing dunning set`: other days for the stages of dunning, or a stage left out. */
import { Flags } from '@oclif/core'
import { setSchedule, type SetSchedule } from '../../../payments/dunning/set-schedule.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { daysOf, stageDayOf } from '../../../terminal/dunning-input.js'
import { formatSetSchedule } from '../../../terminal/dunning-report.js'

export default class BillingDunningSet extends BaseCommand {
  static override summary =
    'Change on which days after the due date tenants are reminded, suspended, archived.'
  static override description =
    'What is not given stays as it is. Nobody is taken back to an earlier stage, and no notice goes out twice. The result says whom the next run would move; see it first with --dry-run.'
  static override examples = [
    '<%= config.bin %> billing dunning set --reminders 0,3,7,10 --suspended 21 --archived 45 --dry-run',
    '<%= config.bin %> billing dunning set --archived never',
    '<%= config.bin %> billing dunning set --reminders none --past-due 2',
  ]
  static override flags = {
    reminders: Flags.string({
      description: 'days of the reminders by comma, 0 the due date; or none',
      helpValue: '<days|none>',
    }),
    'past-due': Flags.integer({ description: 'the subscription is past due' }),
    suspended: Flags.string({ description: 'the tenant is suspended, or never', helpValue: '<day|never>' }),
    archived: Flags.string({
      description: 'the subscription ends and the tenant is archived, or never',
      helpValue: '<day|never>',
    }),
    'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
  }

  async run(): Promise<SetSchedule> {
    const { flags } = await this.parse(BillingDunningSet)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'billing.dunning.set', kind: 'dunning', subject: 'schedule' })
    const change = {
      reminders: daysOf('reminders', flags.reminders),
      past_due: flags['past-due'],
      suspended: stageDayOf('suspended', flags.suspended),
      archived: stageDayOf('archived', flags.archived),
    }
    return this.report(await setSchedule(await this.open('use'), change, dryRun), formatSetSchedule)
  }
}

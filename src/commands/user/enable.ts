/** `user enable`: a disabled account is open again. */
import { setUserStatus, type ChangedStatus } from '../../people/set-status.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { dryRunFlag } from '../../terminal/subscription-input.js'
import { asFlag, userArg } from '../../terminal/user-flags.js'
import { formatStatus } from '../../terminal/user-report.js'

export default class UserEnable extends BaseCommand {
  static override summary = 'Enable a disabled account again, with the roles it had.'
  static override examples = [
    '<%= config.bin %> user enable asha@acme.test',
    '<%= config.bin %> user enable asha@acme.test --dry-run --json',
  ]
  static override args = { user: userArg }
  static override flags = { as: asFlag, 'dry-run': dryRunFlag }

  async run(): Promise<ChangedStatus> {
    const { args, flags } = await this.parse(UserEnable)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'user.enable', kind: 'user', subject: args.user })
    const ctx = await this.open('use')
    const change = { user: args.user, reason: null, as: flags.as ?? null, dryRun }
    return this.report(await setUserStatus(ctx, { ...change, to: 'active' }), formatStatus)
  }
}
